/** Generated passwords: what they are made of, what must not be in them, and that they are drawn evenly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unicodePwd } from "../../../../providers/ad/password/set.ts";
import { type CharacterSet, characters, forbiddenParts, generate, problemOf } from "../../../../providers/core/password.ts";

const sets: CharacterSet[] = ["upper", "lower", "digits", "signs"];
const anySets = fc.subarray(sets, { minLength: 3 });
const name = fc.oneof(
  fc.constantFrom("Ada Lovelace", "Zoë Ångström-Müller", "O'Neil, Jr.", "Li Xu", "abc def ghi", "An 234 Io"),
  fc.string({ maxLength: 20 }),
);
const owner = fc.record({
  login: fc.oneof(fc.constantFrom("alovelace", "ab", "xyz"), fc.string({ maxLength: 20 })),
  names: fc.array(name, { maxLength: 4 }),
});

describe("generated passwords", () => {
  it("keep the rules, the domain's policy, and the person's names out, whoever it is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 127 }),
        anySets,
        owner,
        fc.option(fc.record({ length: fc.integer({ min: 0, max: 30 }), complex: fc.boolean() }), { nil: undefined }),
        (length, some, who, policy) => {
          const rules = { length, sets: some };
          const password = generate(rules, who, policy);
          expect(problemOf(password, rules, who, policy)).toBeUndefined();
          expect(password).toHaveLength(Math.max(length, policy?.length ?? 0));
          const all = some.map((set) => characters[set]).join("");
          expect([...password].every((one) => all.includes(one))).toBe(true);
          for (const set of some) expect([...password].some((one) => characters[set].includes(one))).toBe(true);
          for (const part of who.login.length >= 3 ? [who.login.toLowerCase()] : []) expect(password.toLowerCase()).not.toContain(part);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("have no character that is taken for another, and none that a shell, a spreadsheet or XML would mind in front", () => {
    const all = Object.values(characters).join("");
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toMatch(/[Il1|O0o'"`\\<>]/u);
    for (let i = 0; i < 200; i++) expect(generate({ length: 12, sets }, { login: "", names: [] })).toMatch(/^[A-Za-z2-9]/u);
  });

  it("are drawn alike from all characters: in the second place each comes about as often", () => {
    const counts = new Map<string, number>();
    const runs = 30_000;
    for (let i = 0; i < runs; i++) {
      const letter = generate({ length: 12, sets: ["upper", "lower", "digits"] }, { login: "", names: [] }).charAt(1);
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const letters = characters.upper.length + characters.lower.length + characters.digits.length;
    expect(counts.size).toBe(letters);
    // digits are a little likelier, as a draw without one is thrown away
    for (const [letter, count] of counts) expect(count / (runs / letters), letter).toBeGreaterThan(0.7);
    for (const [letter, count] of counts) expect(count / (runs / letters), letter).toBeLessThan(1.5);
  });

  it("ends with an error, and not never, where chance always gives the same", () => {
    expect(() => generate({ length: 12, sets }, { login: "x", names: [] }, undefined, () => 0)).toThrow(/chance/u);
  });

  it("knows the parts that AD's complexity rule looks for", () => {
    expect(forbiddenParts({ login: "zang", names: ["Zoë Ångström-Müller", "Li Xu", "O'Neil"] }).sort()).toEqual(
      ["zang", "zoë", "zoe", "ångström", "angstrom", "müller", "muller", "neil"].sort(),
    );
    const rules = { length: 12, sets };
    expect(problemOf("Aa2!Aa2!zangA", rules, { login: "ZANG", names: [] })).toMatch(/login/u);
    expect(problemOf("Aa2!muller22A", rules, { login: "", names: ["Müller"] })).toMatch(/name/u);
    expect(problemOf("Aa2!Aa2!", rules, { login: "", names: [] })).toMatch(/short/u);
    expect(problemOf("Aa2!Aa2!Aa2!", rules, { login: "", names: [] }, { length: 14, complex: true })).toMatch(/short/u);
    expect(problemOf("=Aa2!Aa2!Aa2!", rules, { login: "", names: [] })).toMatch(/sign/u);
  });

  it("are sent in double quotes as UTF-16LE", () => {
    expect(unicodePwd("Ab2!").toString("hex")).toBe("2200410062003200210022 00".replace(" ", ""));
  });
});

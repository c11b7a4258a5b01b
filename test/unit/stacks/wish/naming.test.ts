import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as naming from "../../../../stacks/wish/naming.ts";

const { loginStem, placed } = naming;
const logins = (wishes: Parameters<typeof naming.logins>[0], taken: Iterable<string>, rule: Parameters<typeof naming.logins>[2]) =>
  naming.logins(wishes, taken, rule, "Halo");
const commonNames = (wishes: Parameters<typeof naming.commonNames>[0], occupied: readonly string[]) =>
  naming.commonNames(wishes, () => occupied, "Halo");

const number = { longest: 20, taken: "number" } as const;
const names = (map: Map<string, { name: string } | { problem: string }>) =>
  Object.fromEntries([...map].map(([key, one]) => [key, "name" in one ? one.name : one.problem]));

describe("logins", () => {
  test.each([
    ["SO'Neil", "soneil"],
    ["é.Łukasz", "e.lukasz"],
    ['a/\\[]:;|=,+*?<>@"b c', "abc"],
    ["dotted..", "dotted"],
    ["😀", ""],
    ["ŻÓŁĆ ßæ", "zolcssae"],
  ])("%s → %s", (text, stem) => expect(loginStem(text)).toBe(stem));
  test("the lower key gets the plain name, the others numbers; taken names count in any case", () => {
    const wishes = ["9", "10", "11"].map((key) => ({ key, text: "asmith" }));
    expect(names(logins(wishes, ["ASmith2"], number))).toEqual({ 9: "asmith", 10: "asmith3", 11: "asmith4" });
  });
  test("cuts the stem so that the number fits in the longest", () => {
    expect(
      names(
        logins(
          [
            { key: "1", text: "abcdefghij" },
            { key: "2", text: "abcdefghijk" },
          ],
          [],
          { longest: 8, taken: "number" },
        ),
      ),
    ).toEqual({ 1: "abcdefgh", 2: "abcdefg2" });
  });
  test("parks where the rule says so, and where nothing is left of a name", () => {
    const named = names(
      logins(
        [
          { key: "1", text: "bob" },
          { key: "2", text: "محمد" },
        ],
        ["bob"],
        { longest: 20, taken: "park" },
      ),
    );
    expect(named["1"]).toContain("the login bob is taken");
    expect(named["2"]).toContain("no login can be made of");
  });
  test("an account that was lost comes back under its old login", () => {
    expect(
      names(
        logins(
          [
            { key: "1", text: "bob" },
            { key: "2", text: "new", before: "bob" },
          ],
          [],
          number,
        ),
      ),
    ).toEqual({ 1: "bob2", 2: "bob" });
  });
  test("never too long, never twice, never taken", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-c.]{1,6}$/u), { maxLength: 30 }),
        fc.array(fc.stringMatching(/^[a-cA-C]{1,3}$/u)),
        fc.integer({ min: 2, max: 5 }),
        (texts, taken, longest) => {
          const made = Object.values(
            names(
              logins(
                texts.map((text, index) => ({ key: String(index), text })),
                taken,
                { longest, taken: "number" },
              ),
            ),
          ).filter((name) => !name.includes(" "));
          expect(new Set(made).size).toBe(made.length);
          for (const name of made) {
            expect(name.length).toBeLessThanOrEqual(longest);
            expect(taken.map((one) => one.toLowerCase())).not.toContain(name);
          }
        },
      ),
    );
  });
});

describe("common names", () => {
  const occupied = [placed("main", "Ada Example"), placed("main", "Ada Example (2)"), placed("lab", "Ada Example")];
  test("the first free number within the place, in order of the key", () => {
    const wishes = [
      { key: "1", base: "Ada Example", place: "main" },
      { key: "2", base: "ada example", place: "main" },
      { key: "3", base: "Ada Example", place: "harbour" },
    ];
    expect(names(commonNames(wishes, occupied))).toEqual({ 1: "Ada Example (3)", 2: "ada example (4)", 3: "Ada Example" });
  });
  test("an existing account keeps its number; one that moves or is renamed gets the first free name", () => {
    const wishes = [
      { key: "1", base: "Ada Example", place: "main", current: { name: "Ada Example (2)", place: "main" } },
      { key: "2", base: "Ada Other", place: "main", current: { name: "Ada Example", place: "main" } },
      { key: "3", base: "Ada Example", place: "main", current: { name: "Ada Example", place: "lab" } },
    ];
    expect(names(commonNames(wishes, occupied))).toEqual({ 1: "Ada Example (2)", 2: "Ada Other", 3: "Ada Example (3)" });
  });
  test("a change of case is a rename of the same account, not a second person", () => {
    expect(
      names(
        commonNames(
          [{ key: "1", base: "Ada McExample", place: "main", current: { name: "Ada Mcexample", place: "main" } }],
          [placed("main", "Ada Mcexample")],
        ),
      ),
    ).toEqual({ 1: "Ada McExample" });
  });
  test("64 characters is AD's limit: more is parked with a sentence, never cut", () => {
    const named = names(
      commonNames(
        [
          { key: "1", base: "x".repeat(300), place: "main" },
          { key: "2", base: "y".repeat(64), place: "main" },
          { key: "3", base: "", place: "main" },
        ],
        [],
      ),
    );
    expect(named["1"]).toContain("300 characters");
    expect(named["2"]).toBe("y".repeat(64));
    expect(named["3"]).toContain("would be empty");
  });
});

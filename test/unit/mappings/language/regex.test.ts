/** Regular expressions of the mapping files: JavaScript's meaning, in linear time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsWildcard } from "../../../../base/wildcard.ts";
import { jsonPaths } from "../../../../mappings/language/json-path.ts";
import { NotLinearError, regex } from "../../../../mappings/language/regex.ts";

/** Milliseconds; the slowest of what is tried here takes JavaScript's own expressions hours. */
const soon = 2_000;
function quickly<T>(work: () => T): T {
  const begun = performance.now();
  const result = work();
  expect(performance.now() - begun).toBeLessThan(soon);
  return result;
}
const long = `${"a".repeat(60)}!`;

describe("security-14: no value of a record makes a pattern take forever", () => {
  test.each(["^(\\w+\\s?)*$", "^(a|a)*$", "^(a+)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])("matches: %s", (pattern) => {
    expect(quickly(() => regex(pattern).test(long))).toBe(false);
    expect(quickly(() => regex(pattern).test("aaa"))).toBe(new RegExp(pattern, "iu").test("aaa"));
  });

  test("wildcards of protected accounts and of computers", () => {
    expect(quickly(() => fitsWildcard("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a".repeat(64)))).toBe(false);
    expect(quickly(() => fitsWildcard(`${"*a".repeat(30)}*`, "a".repeat(64)))).toBe(true);
  });

  test("match and search in a JSON path, whose pattern may come with the answer", () => {
    const data = {
      rows: [
        { name: long, like: "^(a+)+$" },
        { name: "aaa", like: "(a+)+" },
      ],
    };
    const named = (path: string) => jsonPaths.query(path, data).values();
    expect(quickly(() => named("$.rows[?match(@.name, '(a+)+')].name"))).toEqual(["aaa"]);
    expect(quickly(() => named("$.rows[?search(@.name, @.like)].name"))).toEqual(["aaa"]);
    expect(named("$.rows[?search(@.name, '(')].name")).toEqual([]);
    expect(named("$.rows[?match(@.name, 'aa')].name")).toEqual([]);
    expect(named("$.rows[?search(@.missing, 'a')].name")).toEqual([]);
  });

  test("of a value its first 4,000 characters are looked at", () => {
    expect(regex("b").test(`${"a".repeat(3_999)}b`)).toBe(true);
    expect(regex("b").test(`${"a".repeat(4_000)}b`)).toBe(false);
    const begun = performance.now();
    for (let at = 0; at < 100; at++) regex("^(a|b|ab)*c$").test("ab".repeat(1_000_000) + at);
    expect(performance.now() - begun).toBeLessThan(soon);
  });

  test("what cannot be had in linear time is refused when it is read", () => {
    for (const pattern of ["(?=x)", "(?!x)", "(?<=x)y", "(?<!x)y", "(a)\\1", "(?<n>a)\\k<n>", "a{2,2000}"])
      expect(() => regex(pattern), pattern).toThrow(NotLinearError);
    for (const pattern of ["(", "x{", "[b-a]", "\\-", "*"]) expect(() => regex(pattern), pattern).toThrow(SyntaxError);
  });
});

describe("a pattern means what it means in JavaScript", () => {
  const letter = fc.constantFrom(..."abAB19 .-_@äÖßé\n");
  const text = fc.array(letter, { maxLength: 12 }).map((all) => all.join(""));
  const one = fc.constantFrom(
    "a",
    "B",
    "1",
    "ä",
    "\\.",
    ".",
    "\\d",
    "\\w",
    "\\s",
    "\\D",
    "[ab]",
    "[^a1]",
    "[a-z]",
    "\\p{L}",
    "\\u00e4",
    "\\b",
    " ",
    "@",
  );
  const piece = fc
    .tuple(one, fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "*?"))
    .map(([what, often]) => (what === "\\b" ? what : what + often));
  const sequence = fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => all.join(""));
  const grouped = fc
    .tuple(sequence, fc.array(sequence, { maxLength: 2 }), fc.constantFrom("(", "(?:", "(?<name>"))
    .map(([first, more, open]) => `${open}${[first, ...more].join("|")})`);
  const pattern = fc
    .tuple(fc.constantFrom("", "^"), fc.oneof(sequence, grouped), fc.constantFrom("", sequence), fc.constantFrom("", "$"))
    .map(([begin, middle, , end]) => begin + middle + end);

  test("found or not, in any text", () => {
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        expect(regex(source).test(value), JSON.stringify([source, value])).toBe(new RegExp(source, "iu").test(value));
      }),
      { numRuns: 3_000 },
    );
  });

  test("a wildcard means what the expression meant", () => {
    const stars = fc.array(fc.constantFrom("a", "b", "*", "?", "."), { maxLength: 8 }).map((all) => all.join(""));
    const names = fc.array(fc.constantFrom("a", "b", ".", "*"), { maxLength: 8 }).map((all) => all.join(""));
    const meant = (source: string, every: string) =>
      new RegExp(
        `^${source
          .replace(/[.+^${}()|[\]\\]/gu, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", every)}$`,
        "su",
      );
    fc.assert(
      fc.property(stars, names, (source, name) => {
        expect(fitsWildcard(source, name, { one: true })).toBe(meant(source, ".").test(name));
        expect(fitsWildcard(source, name)).toBe(meant(source, "\\?").test(name));
      }),
      { numRuns: 3_000 },
    );
  });
});

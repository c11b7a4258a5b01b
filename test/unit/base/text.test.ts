import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { few, fold, mistakes, nearest, same, sameNames } from "../../../base/text.ts";

describe("names", () => {
  it("are the same whatever their case, the blanks around them and the way an accent is typed", () => {
    expect(same("Café", "  CAFE\u0301 ")).toBe(true);
    expect(same("Café", "Cafe")).toBe(false);
    expect(same("GG-A", "GG A")).toBe(false);
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (name) => fold(name.normalize("NFD")) === fold(` ${name.normalize("NFC")} `)));
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (name) => fold(fold(name)) === fold(name)));
  });

  it("of two lists are the same in whatever order, and not when one has more", () => {
    expect(sameNames(["a", "B"], ["b", "A"])).toBe(true);
    expect(sameNames(["a", "b"], ["a", "c"])).toBe(false);
    expect(sameNames(["a"], ["a", "b"])).toBe(false);
  });

  it("are counted out up to five", () => {
    expect(few([])).toBe("");
    expect(few(["a", "b"])).toBe("a, b");
    expect(few(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d, e and 1 more");
  });
});

describe("what was probably meant", () => {
  it.each([
    ["titel", ["title", "site_name"], "title"],
    ["emailAdress", ["emailaddress", "email2"], "emailaddress"],
    ["SITE-NAME", ["site_name"], "site_name"],
    ["site", ["site_name", "site_id"], "site_id"],
    ["departmetns", ["department", "departments"], "departments"],
    ["abc", ["xyz"], undefined],
    ["", ["a"], "a"],
    ["x", [], undefined],
  ])("is found for %s", (word, known, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it("may be as far away as is asked for", () => {
    expect(nearest("abcdef", ["uvwxyz"])).toBe(undefined);
    expect(nearest("abcdef", ["uvwxyz", "abwxyz"], Number.POSITIVE_INFINITY)).toBe("abwxyz");
    expect(nearest("SPE_X9", ["SPE_E3"], 2)).toBe("SPE_E3");
  });

  it("counts a letter wrong, missing or too many, and two swapped, as one mistake each", () => {
    expect(mistakes("title", "title")).toBe(0);
    expect(mistakes("titel", "title")).toBe(1);
    expect(mistakes("itlte", "title")).toBe(2);
    expect(mistakes("tittle", "title")).toBe(1);
    expect(mistakes("titlx", "title")).toBe(1);
    expect(mistakes("", "abc")).toBe(3);
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => mistakes(a, b) <= Math.max(a.length, b.length) && mistakes(a, a) === 0));
  });
});

/** Rules of AD that are checked while planning (reports R20). */
import { describe, expect, test } from "vitest";
import { lengthProblem, loginProblem, placeProblem } from "../../../../providers/ad/values/rules.ts";

const base = "DC=corp,DC=example,DC=com";

describe("reports R20: places", () => {
  test.each([
    [`OU=${"x".repeat(64)},${base}`, undefined],
    [`OU=${"x".repeat(65)},${base}`, `expected at most 64 characters after OU=, found 65: "${"x".repeat(60)}…"`],
    [`OU=😀${"x".repeat(63)},${base}`, expect.stringContaining("found 65")],
    [`OU=Sales,OU=${"y".repeat(80)},${base}`, expect.stringContaining("found 80")],
    [
      `OU=Sales,CN=Users,${base}`,
      "expected an organizational unit below another or below the domain, found OU=Sales in a container (CN=…)",
    ],
    [`CN=Users,${base}`, undefined],
    [`XX=Sales,${base}`, "expected OU=, CN= or DC= before each name of a place, found XX="],
    [`OU=,${base}`, "expected a name after OU=, found nothing"],
    [`OU=a\\0Ab,${base}`, 'expected a name of one line, found "a\\nb"'],
    ["no name", undefined],
  ])("%s", (dn, problem) => expect(placeProblem(dn)).toEqual(problem));
});

test("reports R20: lengths in UTF-16 units, and logins", () => {
  expect(lengthProblem("title", "x".repeat(128))).toBeUndefined();
  expect(lengthProblem("title", "x".repeat(129))).toBe(`expected at most 128 characters, found 129: "${"x".repeat(60)}…"`);
  expect(loginProblem("a".repeat(21), 20)).toContain("has 21 characters");
  expect(loginProblem("a:b", 20)).toContain("has a character");
  expect(loginProblem("a.", 20)).toBe("ends in a dot");
  expect(loginProblem("a", 20)).toBeUndefined();
});

/** The smallest helpers. */
import { expect, it } from "vitest";
import { defined } from "../../../base/defined.ts";
import { RefusedError, summed, UnreachableError } from "../../../base/errors.ts";

it("a key whose value is undefined is no key; the others keep their order, and null, false and nothing are values", () => {
  const made = defined({ b: 1, a: undefined, d: null, c: false, e: "" });
  expect(Object.entries(made)).toEqual([
    ["b", 1],
    ["d", null],
    ["c", false],
    ["e", ""],
  ]);
});

it("several errors are the first, and how many more there are like it; what is no refusal stays as it is", () => {
  const [one, other] = [new RefusedError("no rights", "50"), new RefusedError("no such user", "32")];
  expect(summed([])).toBeUndefined();
  expect(summed([one])).toBe(one);
  expect(summed([one, other, other])).toMatchObject({
    name: "RefusedError",
    message: "no rights (and 2 more like it)",
    code: "50",
    cause: one,
  });
  const gone = new UnreachableError("no answer");
  expect(summed([gone, one])).toBe(gone);
});

import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { digestOf } from "../../../base/digest.ts";

/** Word for word what a digest is: the JSON of the value whose objects were made anew with sorted keys. */
function plainly(value: unknown): string {
  const sorted = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(sorted);
    if (one === null || typeof one !== "object") return one;
    const entries = Object.entries(one).filter(([, each]) => each !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, each]) => [key, sorted(each)]));
  };
  return `sha256:${createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex")}`;
}

const keys = fc.oneof(fc.string(), fc.nat(200).map(String), fc.constantFrom("a", "b", "01", "-1", "4294967295", "ü", "😀"));
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.constant(undefined), fc.dictionary(keys, tie("value")), fc.array(tie("value"))),
})).value;

it("is the digest of the sorted JSON, whatever the keys and their order", () => {
  fc.assert(
    fc.property(fc.dictionary(keys, values), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(digestOf(value)).toBe(plainly(value));
      expect(digestOf(turned)).toBe(plainly(value));
    }),
  );
});

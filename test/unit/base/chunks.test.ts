/** Lists in parts. */
import { expect, test } from "vitest";
import { chunks } from "../../../base/chunks.ts";

test.each([
  [[], []],
  [[1], [[1]]],
  [[1, 2], [[1, 2]]],
  [
    [1, 2, 3, 4, 5],
    [[1, 2], [3, 4], [5]],
  ],
])("%j in twos is %j", (all, parts) => {
  expect(chunks(all, 2)).toEqual(parts);
});

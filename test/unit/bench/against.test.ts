/** How two revisions are held against each other. */
import { expect, test } from "vitest";
import { lineOf } from "../../../bench/against.ts";
import type { Reading } from "../../../bench/figures.ts";

const seconds = (value: number, cpu: number): Reading => ({ figure: "drift", value, unit: "s", cpu });

test("each turn is held against its neighbour, so that a slow minute of the machine hits both", () => {
  const line = lineOf(
    { here: [seconds(2, 1), seconds(4.2, 1.2), seconds(2, 1)], there: [seconds(2, 1), seconds(4, 1), seconds(1, 1)] },
    200,
    "abc",
  );
  expect(line).toEqual({
    ...{ bench: "haloform-against/1", against: "abc", people: 200, figure: "drift" },
    ...{ value: 2, other: 2, unit: "s", ratio: 1.05, most: 1.05, ok: true, cpu: 1, otherCpu: 1 },
    turns: [
      [2, 2],
      [4.2, 4],
      [2, 1],
    ],
  });
  expect(lineOf({ here: [seconds(2.2, 1)], there: [seconds(2, 1)] }, 200, "abc")).toMatchObject({ ratio: 1.1, ok: false });
});

test("of memory the worst turn counts, and what is nothing in both is no more", () => {
  const memory = (value: number): Reading => ({ figure: "peak-memory", value, unit: "MiB" });
  expect(lineOf({ here: [memory(100), memory(90)], there: [memory(80), memory(100)] }, 40, "abc")).toMatchObject({ ratio: 1, ok: true });
  const calls = (value: number): Reading => ({ figure: "calls-preview", system: "graph", value, unit: "calls" });
  expect(lineOf({ here: [calls(0)], there: [calls(0)] }, 40, "abc")).toMatchObject({ system: "graph", ok: true });
});

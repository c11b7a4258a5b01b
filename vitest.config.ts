import { defineConfig } from "vitest/config";
import { Durations, LongestFirst } from "./test/durations.ts";

/** A machine that stalls for a minute is not a bug of ours: CI tries such a test once more, and says so. */
const retry = process.env["CI"] ? 1 : 0;
/** Makes what the files of a run share. */
const globalSetup = "test/setup.ts";
/** Two files at a time, the quick kind first: an end-to-end test has processes of its own. */
const maxWorkers = 2;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", ...(process.env["HALOFORM_DURATIONS"] === "1" ? [new Durations()] : [])],
    maxWorkers,
    projects: [
      {
        test: {
          ...{ name: "unit", globalSetup, include: ["test/unit/**/*.test.ts"], retry, maxWorkers, sequence: { groupOrder: 0 } },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...{ name: "contract", globalSetup, include: ["test/contract/**/*.test.ts"], retry, maxWorkers, sequence: { groupOrder: 1 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...{ name: "e2e", globalSetup, include: ["test/e2e/**/*.test.ts"], retry, maxWorkers, sequence: { groupOrder: 1 } },
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});

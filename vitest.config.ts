import { defineConfig } from "vitest/config";

/** A machine that stalls for a minute is not a bug of ours: CI tries such a test once more, and says so. */
const retry = process.env["CI"] ? 1 : 0;

export default defineConfig({
  test: {
    projects: [
      // One kind after the other: an end-to-end test has processes of its own, and two at a time fill a small machine.
      { test: { name: "unit", retry, include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "contract",
          retry,
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          retry,
        },
      },
    ],
  },
});

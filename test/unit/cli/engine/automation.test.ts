/** A25: tasks that follow one another: a schedule starts runs, and the stages of a leaver fall due by their dates. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Values } from "../../../../base/json.ts";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import { dueAt, stagesOf } from "../../../../stacks/people/stages.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const day = (number: number): Date => new Date(Date.UTC(2026, 0, 1 + number, 8));

test("A25: stages come one after the other on their days, each once its day has come and never before", () => {
  const { leaver } = safetyFile.parse({
    leaver: {
      disable: "at once",
      strip: "after 7 days",
      move: { to: "OU=Leavers,DC=corp,DC=example,DC=com", after: "14 days" },
      delete: "after 90 days",
    },
  });
  const stages = stagesOf(leaver, day(0).toISOString());
  const dueOn = (number: number): string[] => [...dueAt(stages, day(number))].sort();
  expect([0, 6, 7, 13, 14, 89, 90].map(dueOn)).toEqual([
    ["disable"],
    ["disable"],
    ["disable", "strip"],
    ["disable", "strip"],
    ["disable", "move", "strip"],
    ["disable", "move", "strip"],
    ["delete", "disable", "move", "strip"],
  ]);
});

test("A25: the schedules of CI start runs by themselves: drift every night, up every working morning", () => {
  const crons = (file: string): string[] => {
    const { on } = parse(readFileSync(join(root, ".github", "workflows", file), "utf8")) as { on: Values };
    return (on["schedule"] as { cron: string }[]).map((one) => one.cron);
  };
  expect(crons("drift.yml")).toEqual([expect.stringMatching(/^\d+ \d+ \* \* \*$/u)]);
  expect(crons("up.yml")).toEqual([expect.stringMatching(/^\d+ \d+ \* \* 1-5$/u)]);
});

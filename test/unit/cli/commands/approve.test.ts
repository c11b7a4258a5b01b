/** Plans that were made at a terminal do not stay: security-11. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sweepPlans } from "../../../../cli/commands/approve.ts";

const plans = mkdtempSync(join(tmpdir(), "haloform-plans-"));
afterAll(() => rmSync(plans, { recursive: true, force: true }));

test("security-11: a plan that has expired is removed at the next run, one that may still be applied is not", () => {
  const now = new Date("2027-01-10T08:00:00Z");
  const made = (name: string, text?: string, since = now): string => {
    const folder = join(plans, name);
    mkdirSync(folder);
    if (text !== undefined) writeFileSync(join(folder, "plan.json"), text);
    utimesSync(folder, since, since);
    return folder;
  };
  const old = made("plan-old", JSON.stringify({ expires: "2027-01-10T07:59:59Z" }));
  const open = made("plan-open", JSON.stringify({ expires: "2027-01-10T08:00:01Z" }));
  const making = made("plan-making");
  const cutOff = made("plan-cut-off", '{"expires": "20', new Date("2027-01-02T08:00:00Z"));
  sweepPlans(plans, now);
  expect([old, open, making, cutOff].map((folder) => existsSync(folder))).toEqual([false, true, true, false]);
});

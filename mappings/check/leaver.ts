/** What `leaver` of safety.yaml must be beyond its shape: stages in an order that can be undone until the last. No I/O. */
import { dnProblem } from "../language/dn.ts";
import { adFile } from "../schema/ad.ts";
import type { SafetyFile } from "../schema/safety.ts";
import { found } from "../text/issues.ts";
import type { Check } from "./check.ts";

export function checkLeaver(check: Check, { leaver }: SafetyFile): void {
  const { disable, strip, move, delete: gone } = leaver;
  if (disable === null)
    check.report(
      ["leaver", "disable"],
      "expected at once or a number of days, found never; who may keep an account goes into protected.people",
    );
  if (gone !== null && gone < 1)
    check.report(
      ["leaver", "delete"],
      'expected never, or at least "after 1 day", found at once; a deletion comes after a time in which it can be undone',
    );
  const others = [
    ["disable", disable],
    ["strip", strip],
    ["move", move?.after ?? null],
  ] as const;
  for (const [name, days] of others) {
    if (gone !== null && days !== null && days >= gone && gone > 0)
      check.report(["leaver", "delete"], `expected more days than ${name} (${days}), found ${gone}; the account would be deleted before`);
  }
  if (move === undefined) return;
  const problem = dnProblem(move.to);
  if (problem)
    check.report(
      ["leaver", "move", "to"],
      `expected a distinguishedName such as OU=Leavers,DC=corp,DC=example,DC=com, found ${found(move.to)}; ${problem}`,
    );
  else if (!/^\s*ou\s*=/iu.test(move.to))
    check.report(["leaver", "move", "to"], `expected an organizational unit (OU=…), found ${found(move.to)}`);
  if (!check.of(adFile)) check.report(["leaver", "move"], "expected nothing here, found a place in AD; there is no ad.yaml", "key");
}

/** mappings/safety.yaml: what may be lost, what is never touched, and what happens to leavers. */
import { type Check, checkOnce } from "../check/check.ts";
import { checkAllowed } from "../check/groups.ts";
import { checkKey, checkTemplate } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { dnProblem } from "../language/dn.ts";
import { GUARDED_GROUPS } from "../language/names.ts";
import { adFile } from "../schema/ad.ts";
import { type SafetyFile, safetyFile } from "../schema/safety.ts";
import { found } from "../text/issues.ts";

export const safety = defineFile({
  name: "safety",
  key: "safety",
  schema: safetyFile,
  check: checkSafety,
  introduction: "What may be lost and what is never touched. Without this file the defaults count.",
  afterword: `Always protected, listed or not: ${GUARDED_GROUPS.join(", ")}.`,
  whenMissing: { means: "the defaults suit you", defaults: true },
  rules: {},
});

function checkSafety(check: Check, file: SafetyFile): void {
  checkLeaver(check, file);
  for (const [name, limit] of Object.entries(file.limits)) {
    if (limit.most === undefined && limit.share === undefined)
      check.report(["limits", name], "expected most or share, found neither, which would be no limit");
  }
  for (const [index, key] of file.protected.people.entries()) checkKey(check, key, ["protected", "people", index]);
  checkOnce(check, ["protected", "groups"], file.protected.groups, "group");
  checkAllowed(check, file);
}

/** Stages in an order that can be undone until the last. */
function checkLeaver(check: Check, { leaver }: SafetyFile): void {
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
  for (const [name, days] of Object.entries({ disable, strip, move: move?.after ?? null }))
    if (gone !== null && days !== null && days >= gone && gone > 0)
      check.report(["leaver", "delete"], `expected more days than ${name} (${days}), found ${gone}; the account would be deleted before`);
  if (leaver.successor !== undefined)
    checkTemplate(check, leaver.successor, ["leaver", "successor"], { differs: "which would be the same for everybody" });
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

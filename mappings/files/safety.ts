/** mappings/safety.yaml: what may be lost, what is never touched, and what happens to leavers. */
import { type Check, checkOnce, isWritten } from "../check/check.ts";
import { checkAllowed } from "../check/groups.ts";
import { checkField, checkKey, checkTemplate } from "../check/language.ts";
import { checkLeaverMailbox } from "../check/mailboxes.ts";
import { defineFile } from "../define.ts";
import { dnProblem } from "../language/dn.ts";
import { GUARDED_GROUPS } from "../language/names.ts";
import { looserSafety } from "../overrides/looser.ts";
import { adFile } from "../schema/ad.ts";
import { filesFile } from "../schema/files.ts";
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
  rules: { "leaver.mailbox.remove.for": { leavers: true } },
  client: { sums: ["protected.people", "protected.accounts", "protected.groups"], looser: looserSafety },
});

function checkSafety(check: Check, file: SafetyFile): void {
  checkLeaver(check, file);
  checkFolder(check, file.leaver.folder);
  checkLeaverMailbox(check, file.leaver.mailbox);
  for (const [name, limit] of Object.entries(file.limits)) {
    if (limit.most === undefined && !isWritten(check, ["limits", name, "share"]) && limit.share === undefined)
      check.report(["limits", name], "expected most or share, found neither, which would be no limit");
    if (limit.per !== undefined) checkField(check, limit.per, ["limits", name, "per"]);
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
      'expected at once or a time such as "2 days", found never; who may keep an account goes into protected.people',
    );
  if (gone !== null && gone < 1)
    check.report(
      ["leaver", "delete"],
      'expected never, or at least "1 day", found at once; a deletion comes after a time in which it can be undone',
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

/** Home folders are deleted from the archive only, and some time after they came there. */
function checkFolder(check: Check, { archive, delete: remove }: SafetyFile["leaver"]["folder"]): void {
  const path = ["leaver", "folder"];
  if (archive === null && remove === null) return;
  if (!check.of(filesFile)) check.report(path, "expected nothing here, found what becomes of home folders; there is no files.yaml", "key");
  if (remove === null) return;
  if (archive === null)
    check.report([...path, "delete"], "expected archive too, found only delete; folders are deleted from the archive only");
  else if (remove <= archive) check.report([...path, "delete"], `expected more days than archive (${archive}), found ${remove}`);
}

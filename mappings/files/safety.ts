/** mappings/safety.yaml: what may be lost, what is never touched, and what happens to leavers. */
import { type Check, checkOnce } from "../check/check.ts";
import { checkAllowed } from "../check/groups.ts";
import { checkKey } from "../check/language.ts";
import { checkLeaver } from "../check/leaver.ts";
import { defineFile } from "../define.ts";
import { GUARDED_GROUPS } from "../language/names.ts";
import { type SafetyFile, safetyFile } from "../schema/safety.ts";

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

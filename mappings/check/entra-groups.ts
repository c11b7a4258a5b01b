/** What entra.yaml's groups and applications must be beyond their shape. No I/O. */
import { groupsOf } from "../language/condition.ts";
import type { EntraFile } from "../schema/entra.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkDays, checkNamesOnce, checkOnce, checkSku, placed } from "./check.ts";
import { checkCircles, checkGroupLine } from "./groups.ts";
import { checkCondition } from "./language.ts";

type Group = EntraFile["groups"][number];

export function checkCloudGroups(check: Check, { groups }: EntraFile): void {
  for (const [index, group] of groups.entries()) checkCloudGroup(check, group, ["groups", index]);
  checkNamesOnce(check, "groups", groups, "group");
  checkCircles(check, groups, "for", (group) => (group.for ? groupsOf(group.for, "entraGroup") : []));
  checkCircles(check, groups, "contains");
}

function checkCloudGroup(check: Check, group: Group, path: Path): void {
  checkGroupLine(check, group, path);
  checkCondition(check, group.owners, [...path, "owners"]);
  checkWho(check, group, path);
  checkKind(check, group, path);
  for (const field of ["contains", "mayContain"] as const)
    for (const [index, id] of (group[field]?.ids ?? []).entries())
      if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(id.trim()))
        check.report([...path, field, "ids", index], `expected the object id of a device or a service principal, found ${found(id)}`);
  const licences = group.licences ?? [];
  for (const [index, { sku, without }] of licences.entries()) checkSku(check, sku, without, [...path, "licences", index]);
  const skus = licences.map(({ sku }) => sku);
  checkOnce(check, [...path, "licences"], skus, "licence", (index) => [index, "sku"]);
}

/** Members, or a rule that makes them: never both, never neither. */
function checkWho(check: Check, group: Group, path: Path): void {
  if (group.rule !== undefined) {
    for (const field of ["for", "contains", "may", "mayContain", "starts", "ends"] as const)
      if (group[field] !== undefined)
        check.report(
          [...path, field],
          `expected only rule, by which Entra ID fills the group, found ${field} beside it; keep one of the two`,
        );
    return;
  }
  if (group.ruleState !== undefined) check.report([...path, "ruleState"], "expected rule beside ruleState, found none");
  if (!group.for && !group.contains)
    check.report(
      path,
      "expected for, contains or rule (who belongs in the group), found none; write for: {} for everybody, contains: {} for nobody",
    );
}

function checkKind(check: Check, group: Group, path: Path): void {
  if (group.visibility !== undefined && group.kind !== "microsoft365")
    check.report([...path, "visibility"], "expected kind: microsoft365 beside visibility, which no other group has");
  if (group.kind === "microsoft365")
    for (const field of ["contains", "mayContain"] as const)
      for (const index of (group[field]?.groups ?? []).keys())
        check.report([...path, field, "groups", index], "expected no group inside a Microsoft 365 group: it holds people only");
  // ASCII without @()\\[]";:.<>, and blanks, as Graph wants it.
  if (group.mailNickname !== undefined && !/^[!#-'*+\-/-9=?A-Z^-~]{1,64}$/u.test(group.mailNickname))
    check.report([...path, "mailNickname"], `expected letters, digits and - only, found ${found(group.mailNickname)}`);
}

export function checkApplications(check: Check, { applications }: EntraFile): void {
  for (const [line, path] of placed(applications, "applications")) {
    if ((line.name === undefined) === (line.appId === undefined))
      check.report(path, `expected either name or appId of the application, found ${line.name === undefined ? "neither" : "both"}`);
    checkCondition(check, line.for, [...path, "for"]);
    if (!line.for && line.groups.length === 0)
      check.report(path, "expected for or groups (who is assigned to the application), found neither; write for: {} for everybody");
    checkOnce(check, [...path, "groups"], line.groups, "group");
    checkDays(check, line, path);
  }
  const roles = applications.map((line) => `${line.appId ?? line.name ?? ""}: ${line.role ?? "default access"}`);
  checkOnce(check, ["applications"], roles, "role of an application");
}

/** What entra.yaml's groups and applications must be beyond their shape. No I/O. */

import { fold } from "../../base/text.ts";
import type { EntraFile } from "../schema/all.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { checkGroupName } from "./ad-groups.ts";
import { type Check, checkCondition, checkOnce } from "./check.ts";

type Group = EntraFile["groups"][number];
type Application = EntraFile["applications"][number];

export function checkCloudGroups(check: Check, entra: EntraFile): void {
  for (const [index, group] of entra.groups.entries()) checkCloudGroup(check, group, ["groups", index]);
  checkOnce(
    check,
    "entra",
    entra.groups.map((group, index) => ({ name: group.name, path: ["groups", index, "name"] })),
    "group",
  );
  checkCircles(check, entra);
  for (const [index, line] of entra.applications.entries()) checkApplication(check, line, ["applications", index]);
  checkOnce(
    check,
    "entra",
    entra.applications.map((line, index) => ({
      name: `${line.appId ?? line.name ?? ""}: ${line.role ?? "default access"}`,
      path: ["applications", index],
    })),
    "role of an application",
  );
}

function checkCloudGroup(check: Check, group: Group, path: Path): void {
  checkGroupName(check, group.name, [...path, "name"]);
  for (const field of ["members", "may", "owners"] as const) checkCondition(check, group[field], [...path, field]);
  checkWho(check, group, path);
  checkKind(check, group, path);
  for (const field of ["contains", "mayContain"] as const) checkContents(check, group, field, [...path, field]);
  const licences = group.licences ?? [];
  for (const [index, { sku, without }] of licences.entries()) {
    if (!/^[A-Za-z0-9_.-]+$/u.test(sku))
      check.report([...path, "licences", index, "sku"], `expected a skuPartNumber such as SPE_E3, found ${found(sku)}`);
    checkOnce(
      check,
      "entra",
      without.map((name, plan) => ({ name, path: [...path, "licences", index, "without", plan] })),
      "service plan",
    );
  }
  checkOnce(
    check,
    "entra",
    licences.map(({ sku }, index) => ({ name: sku, path: [...path, "licences", index, "sku"] })),
    "licence",
  );
  checkDays(check, group, path);
}

/** Members, or a rule that makes them: never both, never neither. */
function checkWho(check: Check, group: Group, path: Path): void {
  if (group.rule !== undefined) {
    for (const field of ["members", "contains", "may", "mayContain", "from", "until"] as const)
      if (group[field] !== undefined)
        check.report(
          [...path, field],
          `expected only rule, by which Entra ID fills the group, found ${field} beside it; keep one of the two`,
        );
  } else {
    if (group.ruleState !== undefined) check.report([...path, "ruleState"], "expected rule beside ruleState, found none");
    if (!group.members && !group.contains)
      check.report(
        path,
        "expected members, contains or rule (who belongs in the group), found none; write members: {} for everybody, contains: {} for nobody",
      );
  }
  for (const field of ["may", "mayContain"] as const)
    if (group[field] && group.mode === "additive")
      check.report([...path, field], `expected mode: exact beside ${field}, found additive, in which everybody may be a member anyway`);
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

function checkContents(check: Check, group: Group, field: "contains" | "mayContain", path: Path): void {
  const contents = group[field];
  for (const [index, name] of (contents?.groups ?? []).entries())
    if (fold(name) === fold(group.name)) check.report([...path, "groups", index], `expected another group, found ${found(name)} itself`);
  for (const [index, id] of (contents?.ids ?? []).entries())
    if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(id.trim()))
      check.report([...path, "ids", index], `expected the object id of a device or a service principal, found ${found(id)}`);
  for (const kind of ["groups", "ids"] as const)
    checkOnce(
      check,
      "entra",
      (contents?.[kind] ?? []).map((name, index) => ({ name, path: [...path, kind, index] })),
      "member",
    );
}

/** Groups that contain each other have no use; each circle is told once. */
function checkCircles(check: Check, { groups }: EntraFile): void {
  const names = groups.map((group) => fold(group.name));
  const done = new Set<number>();
  const visit = (index: number, trail: number[]): void => {
    const group = groups[index];
    if (!group || done.has(index)) return;
    const from = trail.indexOf(index);
    if (from >= 0) {
      const circle = [...trail.slice(from), index].map((each) => groups[each]?.name ?? "");
      // a group that contains itself has been told already
      if (circle.length > 2)
        check.report(
          ["groups", trail[from] ?? index, "contains"],
          `expected groups that do not contain each other in a circle, found ${circle.join(" → ")}`,
        );
      return;
    }
    for (const name of group.contains?.groups ?? []) visit(names.indexOf(fold(name)), [...trail, index]);
    done.add(index);
  };
  for (const index of groups.keys()) visit(index, []);
}

function checkApplication(check: Check, line: Application, path: Path): void {
  if ((line.name === undefined) === (line.appId === undefined))
    check.report(path, `expected either name or appId of the application, found ${line.name === undefined ? "neither" : "both"}`);
  checkCondition(check, line.for, [...path, "for"]);
  if (!line.for && line.groups.length === 0)
    check.report(path, "expected for or groups (who is assigned to the application), found neither; write for: {} for everybody");
  checkOnce(
    check,
    "entra",
    line.groups.map((name, index) => ({ name, path: [...path, "groups", index] })),
    "group",
  );
  checkDays(check, line, path);
}

function checkDays(check: Check, { from, until }: { from?: string | undefined; until?: string | undefined }, path: Path): void {
  if (from !== undefined && until !== undefined && from > until)
    check.report([...path, "until"], `expected a day not before from (${from}), found ${until}`);
}

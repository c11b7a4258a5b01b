/** What groups must be beyond their shape, in AD and in Entra ID alike; groups that must not be touched. No I/O. */
import { fold, same } from "../../base/text.ts";
import { fitsGroupName } from "../../base/wildcard.ts";
import { GUARDED_GROUPS, PRIMARY_GROUPS } from "../language/names.ts";
import type { AdFile } from "../schema/ad.ts";
import type { EntraFile } from "../schema/entra.ts";
import { type SafetyFile, safetyFile } from "../schema/safety.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkDays, checkOnce, placed } from "./check.ts";
import { checkCondition } from "./language.ts";

/** A group's line, of either system. */
type GroupLine = AdFile["groups"][number] | EntraFile["groups"][number];

/** `keyOf`: under what a member counts as named twice; the name itself when left out. */
export function checkGroupLine(
  check: Check,
  group: GroupLine,
  path: Path,
  keyOf: (kind: string, name: string) => string = (_, name) => name,
): void {
  checkGroupName(check, group.name, [...path, "name"]);
  for (const field of ["for", "may"] as const) checkCondition(check, group[field], [...path, field]);
  for (const field of ["may", "mayContain"] as const)
    if (group[field] && group.mode === "additive")
      check.report([...path, field], `expected mode: exact beside ${field}, found additive, in which everybody may be a member anyway`);
  for (const field of ["contains", "mayContain"] as const)
    for (const [kind, names] of Object.entries<string[]>(group[field] ?? {})) {
      const here = [...path, field, kind];
      for (const [index, name] of names.entries())
        if (kind === "groups" && same(name, group.name))
          check.report([...here, index], `expected another group, found ${found(name)} itself`);
      const keys = names.map((name) => keyOf(kind, name));
      checkOnce(check, here, keys, "member");
    }
  checkDays(check, group, path);
}

/** Groups that lead to each other have no answer (for) or no use (contains); each circle is told once. */
export function checkCircles<G extends GroupLine>(
  check: Check,
  groups: readonly G[],
  field: "for" | "contains",
  next: (group: G) => readonly string[] = (group) => group.contains?.groups ?? [],
): void {
  const names = groups.map((group) => fold(group.name));
  const done = new Set<number>();
  const visit = (index: number, trail: number[]): void => {
    const group = groups[index];
    if (!group || done.has(index)) return;
    const from = trail.indexOf(index);
    if (from >= 0) {
      const circle = [...trail.slice(from), index].map((each) => groups[each]?.name ?? "");
      const words = field === "for" ? "ask for each other" : "contain each other";
      // A group that contains itself has been told already.
      if (field === "for" || circle.length > 2)
        check.report(
          ["groups", trail[from] ?? index, field],
          `expected groups that do not ${words} in a circle, found ${circle.join(" → ")}`,
        );
      return;
    }
    for (const name of next(group)) visit(names.indexOf(fold(name)), [...trail, index]);
    done.add(index);
  };
  for (const index of groups.keys()) visit(index, []);
}

/** Whether safety.yaml lets a mapping fill a group that AD protects. */
export function isAllowed(check: Check, name: string): boolean {
  return check.of(safetyFile)?.protected.allow.some((each) => same(each, name)) ?? false;
}

/** A group that may be changed: neither AD nor safety.yaml protects it, or safety.yaml names it under `allow`. */
export function checkGroupName(check: Check, name: string, path: Path): void {
  const listed = listedAt(check, check.of(safetyFile), name);
  const guarded = GUARDED_GROUPS.some((each) => same(each, name)) && !isAllowed(check, name);
  if (listed) check.report(path, `expected a group that is not protected, found ${found(name)}, which ${listed} protects`);
  else if (guarded || PRIMARY_GROUPS.some((each) => same(each, name)))
    check.report(path, `expected a group that is not protected, found ${found(name)}, which is always protected`);
}

/** safety.yaml's `protected.allow`. */
export function checkAllowed(check: Check, safety: SafetyFile): void {
  const { allow } = safety.protected;
  for (const [name, path] of placed(allow, "protected", "allow")) {
    const listed = listedAt(check, safety, name);
    if (listed) check.report(path, `expected a group that protected.groups does not name, found ${found(name)}, which ${listed} protects`);
    if (PRIMARY_GROUPS.some((each) => same(each, name)))
      check.report(path, `expected a group whose members are listed in it, found ${found(name)}, which holds primary members`);
  }
  checkOnce(check, ["protected", "allow"], allow, "group");
}

/** Where safety.yaml protects a group. */
function listedAt(check: Check, safety: SafetyFile | undefined, name: string): string | undefined {
  const listed = safety?.protected.groups.findIndex((each) => fitsGroupName(each, name)) ?? -1;
  return listed < 0 ? undefined : check.at(["protected", "groups", listed], safetyFile);
}

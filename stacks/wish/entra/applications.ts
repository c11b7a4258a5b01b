/** Roles of enterprise applications, and who should have them. */

import type { Values } from "../../../base/json.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { findRole } from "../../../providers/entra/app/find.ts";
import { applicationKey } from "../../../providers/entra/app/inputs.ts";
import { closedNow } from "../../decide/groups.ts";
import { because, type Scene, want } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import { flag, part, textOf } from "../../model/values.ts";
import { membersOf } from "../members.ts";
import { type CloudGroups, willHaveEntra } from "./refs.ts";

type Application = EntraFile["applications"][number];

/** What a line is called in plans and in the state: `Timesheets: Approver`. */
const nameOf = (line: Application): string => `${line.name ?? line.appId}: ${line.role ?? "default access"}`;

/** Adds the entra:AppAssignment resources. What cannot be told is parked. */
export function applications(scene: Scene, groups: CloudGroups): void {
  const named = new Set<string>();
  for (const [index, line] of (scene.mappings.entra?.applications ?? []).entries()) {
    const found = findRole(scene.all("entra:AppAssignment"), applicationKey(line), line.role ?? "");
    if ("problem" in found) parked(scene, line, found.problem);
    else if (named.has(found.live.id))
      parked(
        scene,
        line,
        `${scene.at("entra", "applications", index)} names this role a second time: put its conditions together with any`,
      );
    else add(scene, groups, line, index, found.live);
    if ("live" in found) named.add(found.live.id);
  }
}

function parked(scene: Scene, line: Application, reason: string): void {
  scene.parked.push({ key: nameOf(line), name: nameOf(line), where: "mapping", reason });
}

function add(scene: Scene, groups: CloudGroups, line: Application, index: number, live: Live): void {
  const name = nameOf(line);
  const at = (...path: (string | number)[]): Because => because(scene.at("entra", "applications", index, ...path));
  const closed = closedNow(line, scene.world.now);
  const { members: now } = live.values;
  const condition = line.for;
  const wished = membersOf(scene, {
    system: "entra",
    group: name,
    mode: line.mode,
    rule: at("for").rule,
    note: [line.because, closed].filter((text) => text).join("; ") || undefined,
    exact: at("mode").rule,
    verdict: (subject) => (closed || !condition ? { holds: false, fields: [] } : scene.decisions.verdict(condition, subject)),
    hasAccount: (subject) => willHaveEntra(scene, subject),
    live: groups.membersOf((Array.isArray(now) ? now : []).map((one) => textOf(part(one)["id"]))),
    before: scene.previous("entra:AppAssignment", name)?.inputs["members"],
    others: groupsOf(scene, groups, line, at),
  });
  if (!flag(live.values["required"]))
    scene.notes.push(
      `The application ${textOf(live.values["application"])} asks for no assignment (appRoleAssignmentRequired is off): people without one may sign in as well`,
    );
  const inputs: Values = {
    name,
    application: applicationKey(line),
    role: (line.role ?? "").trim(),
    mode: line.mode,
    members: wished.members,
  };
  want(scene, {
    type: "entra:AppAssignment",
    name,
    inputs,
    because: {
      "": line.because === undefined ? at() : { ...at(), note: line.because },
      mode: at("mode"),
      members: at("for"),
      ...wished.because,
    },
    live,
  });
}

/** The groups that are assigned, by ref. What does not exist is parked; the rest goes on. */
function groupsOf(
  scene: Scene,
  groups: CloudGroups,
  line: Application,
  at: (...path: (string | number)[]) => Because,
): Map<string, Because> {
  const found = new Map<string, Because>();
  for (const [position, group] of line.groups.entries()) {
    const ref = groups.refOf(group);
    const why = at("groups", position);
    if (ref !== undefined) found.set(ref, why);
    else parked(scene, line, `the Entra group ${group} (${why.rule}) does not exist or is there twice: create it, or add it to groups`);
  }
  return found;
}

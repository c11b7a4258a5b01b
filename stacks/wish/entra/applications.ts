/** Roles of enterprise applications, and who should have them. */

import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { applicationKey, findRole } from "../../../providers/entra/app/read.ts";
import { type Scene, want } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import { flag, parts, textOf } from "../../model/values.ts";
import { parkThing, refsIn } from "../groups.ts";
import { membersOf } from "../members.ts";
import type { CloudGroups } from "./refs.ts";

const type = "entra:AppAssignment";
type Application = EntraFile["applications"][number];

/** What a line is called in plans and in the state: `Timesheets: Approver`. */
const nameOf = (line: Application): string => `${line.name ?? line.appId}: ${line.role ?? "default access"}`;

/** Adds the entra:AppAssignment resources. What cannot be told is parked. */
export function applications(scene: Scene, groups: CloudGroups): void {
  const named = new Set<string>();
  for (const [index, line] of (scene.mappings.entra?.applications ?? []).entries()) {
    const found = findRole(scene.all(type), applicationKey(line), line.role ?? "");
    const place = scene.at("entra", "applications", index);
    const twice = `${place} names this role a second time: put its conditions together with any`;
    const problem = "problem" in found ? found.problem : named.has(found.live.id) ? twice : undefined;
    if (problem !== undefined) parkThing(scene, nameOf(line), problem);
    else if ("live" in found) add(scene, groups, line, index, found.live);
    if ("live" in found) named.add(found.live.id);
  }
}

function add(scene: Scene, groups: CloudGroups, line: Application, index: number, live: Live): void {
  const name = nameOf(line);
  const at = (...path: (string | number)[]): Because => ({ rule: scene.at("entra", "applications", index, ...path) });
  const missing = (_kind: string, group: string, { rule }: Because): void =>
    parkThing(scene, name, `the Entra group ${group} (${rule}) does not exist or is there twice: create it, or add it to groups`);
  const wished = membersOf(scene, {
    ...{ type, name, line, at },
    live: groups.membersOf(parts(live.values["members"]).map((one) => textOf(one["id"]))),
    others: () => refsIn({ groups: line.groups }, at, { groups: groups.refOf }, missing),
  });
  if (!flag(live.values["required"]))
    scene.notes.push(
      `The application ${textOf(live.values["application"])} asks for no assignment (appRoleAssignmentRequired is off): people without one may sign in as well`,
    );
  want(scene, {
    ...{ type, name },
    inputs: { name, application: applicationKey(line), role: (line.role ?? "").trim(), mode: line.mode, members: wished.members },
    because: {
      "": line.because === undefined ? at() : { ...at(), note: line.because },
      mode: at("mode"),
      members: at("for"),
      ...wished.because,
    },
    live,
  });
}

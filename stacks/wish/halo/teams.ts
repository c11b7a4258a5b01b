/** Roles, teams and change advisory boards of Halo as they should be: what they are, and who is in them. */
import { defined } from "../../../base/defined.ts";
import type { Json, Values } from "../../../base/json.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { haloNumber } from "../../match/halo-users.ts";
import { forEach, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { textOf, textsOf } from "../../model/values.ts";
import { foundBy, parkThing, refusesAdministrator, refusesTwice } from "../groups.ts";
import { guardOf, type LiveMember, membersOf } from "../members.ts";

/** A team or a board on its way to a resource. */
interface Making {
  scene: Scene;
  type: "halo:Team" | "halo:ChangeAdvisoryBoard";
  /** Where its lines are in halo.yaml, and what one is called in sentences. */
  section: "teams" | "boards";
  noun: string;
}

/** Adds halo:Team for each team of the mapping, before the agents who may be put in it. */
export function teams(scene: Scene): void {
  const making: Making = { scene, type: "halo:Team", section: "teams", noun: "team" };
  for (const [index, line] of (scene.mappings.halo?.teams ?? []).entries()) {
    const { name, department, mode } = line;
    const inputs: Values = { name, ...defined({ department }), mode };
    if (isOne(making, name)) add(making, index, { ...line, as: "agent" }, inputs, "members");
  }
}

/** Adds halo:ChangeAdvisoryBoard for each board, after the agents who are on it. */
export function boards(scene: Scene): void {
  const making: Making = { scene, type: "halo:ChangeAdvisoryBoard", section: "boards", noun: "change advisory board" };
  for (const [index, line] of (scene.mappings.halo?.boards ?? []).entries()) {
    const { name, as, mode, allMustApprove, approvalsNeeded } = line;
    const inputs: Values = { name, as, mode, ...defined({ allMustApprove, approvalsNeeded }) };
    const place = scene.at("halo", "boards", index, "name");
    if (!isOne(making, name)) continue;
    if (line.create || foundBy(scene, making.type, name).length > 0) add(making, index, line, inputs, `${as}s`);
    else parkThing(scene, name, `Halo has no change advisory board ${name}, and ${place} says create: false: create it, or let haloform`);
  }
}

/** Two of one name are left to a human. */
function isOne({ scene, type, noun }: Making, name: string): boolean {
  const { length } = foundBy(scene, type, name);
  if (length > 1) parkThing(scene, name, `Halo has ${length} ${noun}s called ${name}: rename all but one`);
  return length < 2;
}

/** Whether this run leaves the person with an agent. */
function willBeAgent(scene: Scene, subject: Subject): boolean {
  if (subject.accounts.halo !== undefined) return true;
  if (subject.parkedIn.has("halo") || scene.decisions.agents(subject).length === 0) return false;
  return scene.wished("halo:Agent", personName(subject.key)) !== undefined;
}

type Line = Pick<HaloFile["boards"][number], "name" | "mode" | "as" | "others"> & { for?: HaloFile["boards"][number]["for"] | undefined };

/** `field`: where the live object has its members. */
function add({ scene, type, section }: Making, index: number, line: Line, settings: Values, field: string): void {
  const at = (input: string): Because => ({ rule: scene.at("halo", section, index, input) });
  const { name, as } = line;
  const [live] = foundBy(scene, type, name);
  const wished =
    line.for &&
    membersOf(scene, {
      ...{ type, name, line, at },
      hasAccount: (subject) =>
        as === "agent" ? willBeAgent(scene, subject) : subject.record !== undefined && haloNumber(scene.mappings, subject) !== undefined,
      isKnown: (subject) => (as === "user" ? haloNumber(scene.mappings, subject) : subject.accounts.halo) !== undefined,
      live: live && liveRefs(scene, as, live, field),
    });
  const inputs: Values = { ...settings, ...(wished ? { members: wished.members } : {}) };
  want(scene, { type, name, inputs, because: { "": at("name"), ...forEach(inputs, at), ...wished?.because }, live });
}

/** People by key, others by id; agents that are programs are nobody's to put in or to take out. */
function liveRefs(scene: Scene, as: "agent" | "user", live: Live, field: string): LiveMember[] {
  const people = new Map(scene.subjects.map((one) => [as === "agent" ? one.accounts.halo : haloNumber(scene.mappings, one), one.key]));
  const ids = textsOf(live.values[field]);
  const listed = as === "user" ? ids : ids.filter((id) => scene.byId("halo:Agent").get(id)?.values["isapiagent"] !== true);
  return listed.map((id) => ({
    ref: people.has(id) ? `person:${people.get(id)}` : `id:${id}`,
    ...(as === "agent" ? { account: id } : {}),
    ...guardOf(as === "agent" ? scene.byId("halo:Agent").get(id) : undefined),
  }));
}

/** Adds halo:Role for every role that the mapping describes. */
export function roles(scene: Scene): void {
  const twice = refusesTwice(scene, "role", "keep one");
  for (const [index, { name, notes, permissions }] of (scene.mappings.halo?.roles ?? []).entries()) {
    const place = scene.at("halo", "roles", index);
    if (twice(place, name)) continue;
    const [live, ...more] = foundBy(scene, "halo:Role", name);
    if (refusesAdministrator(scene, place, [name, textOf(live?.values["name"])])) continue;
    if (more.length > 0) {
      parkThing(scene, name, `${more.length + 1} Halo roles are called ${name}: rename all but one`, "matching");
      continue;
    }
    const sorted = Object.entries(permissions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const given = permissions && sorted.map(([type, value]): Json => ({ type, value }));
    const inputs: Values = { name, ...defined({ notes, permissions: given }) };
    const each = forEach(inputs, (input) => ({ rule: scene.at("halo", "roles", index, input) }));
    want(scene, { type: "halo:Role", name, inputs, because: { "": { rule: place }, ...each }, live });
  }
}

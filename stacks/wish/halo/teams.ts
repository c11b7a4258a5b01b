/** Teams and change advisory boards of Halo as they should be: what they are, and who is in them. */
import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { personName, type Scene, want } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { textOf, textsOf } from "../../model/values.ts";
import { membersOf, type Wished } from "../members.ts";

type Kind = "teams" | "boards";
const typeOf = { teams: "halo:Team", boards: "halo:ChangeAdvisoryBoard" } as const;
const words = { teams: "team", boards: "change advisory board" } as const;

/** Adds halo:Team for each team of the mapping, before the agents who may be put in it. */
export function teams(scene: Scene): void {
  each(scene, "teams", (index, live) => {
    const team = scene.mappings.halo?.teams[index];
    if (!team) return;
    const wished = team.members && members(scene, "teams", index, team.members, team.mode, "agent", live);
    const inputs: Values = {
      name: team.name,
      ...(team.department === undefined ? {} : { department: team.department }),
      mode: team.mode,
      ...(wished ? { members: wished.members } : {}),
    };
    add(scene, "teams", index, inputs, wished, live);
  });
}

/** Adds halo:ChangeAdvisoryBoard for each board, after the agents who are on it. */
export function boards(scene: Scene): void {
  each(scene, "boards", (index, live) => {
    const board = scene.mappings.halo?.boards[index];
    if (!board) return;
    if (!live && !board.create) {
      const place = scene.at("halo", "boards", index, "name");
      parkName(
        scene,
        board.name,
        `Halo has no change advisory board ${board.name}, and ${place} says create: false: create it, or let haloform`,
      );
      return;
    }
    const wished = members(scene, "boards", index, board.members, board.mode, board.as, live);
    const inputs: Values = {
      name: board.name,
      as: board.as,
      mode: board.mode,
      ...(board.allMustApprove === undefined ? {} : { allMustApprove: board.allMustApprove }),
      ...(board.approvalsNeeded === undefined ? {} : { approvalsNeeded: board.approvalsNeeded }),
      members: wished.members,
    };
    add(scene, "boards", index, inputs, wished, live);
  });
}

/** Finds each by the id in the state, else by its name; two of one name are left to a human. */
function each(scene: Scene, kind: Kind, make: (index: number, live: Live | undefined) => void): void {
  const type = typeOf[kind];
  const byName = new Map<string, Live[]>();
  for (const live of scene.all(type)) {
    const name = fold(textOf(live.values["name"]));
    byName.set(name, [...(byName.get(name) ?? []), live]);
  }
  for (const [index, { name }] of (scene.mappings.halo?.[kind] ?? []).entries()) {
    const known = scene.previous(type, name);
    const byState = known && scene.byId(type).get(known.id);
    const candidates = byState ? [byState] : (byName.get(fold(name)) ?? []);
    if (candidates.length > 1) parkName(scene, name, `Halo has ${candidates.length} ${words[kind]}s called ${name}: rename all but one`);
    else make(index, candidates[0]);
  }
}

function parkName(scene: Scene, name: string, reason: string): void {
  scene.parked.push({ key: name, name, where: "mapping", reason });
}

/** Whether this run leaves the person with an agent. */
function willBeAgent(scene: Scene, subject: Subject): boolean {
  if (subject.accounts.halo !== undefined) return true;
  if (subject.parkedIn.has("halo") || scene.decisions.agents(subject).length === 0) return false;
  return scene.resources.some((one) => one.type === "halo:Agent" && one.name === personName(subject.key));
}

function members(
  scene: Scene,
  kind: Kind,
  index: number,
  condition: HaloFile["boards"][number]["members"],
  mode: "exact" | "additive",
  as: "agent" | "user",
  live: Live | undefined,
): Wished {
  const name = scene.mappings.halo?.[kind][index]?.name ?? "";
  const people =
    as === "agent"
      ? new Map(scene.subjects.flatMap(({ key, accounts }) => (accounts.halo === undefined ? [] : [[accounts.halo, key]])))
      : new Map(scene.subjects.map(({ key }) => [key, key]));
  const apis = new Set(scene.all("halo:Agent").flatMap((one) => (one.values["isapiagent"] === true ? [one.id] : [])));
  const listed = textsOf(live?.values[kind === "teams" ? "members" : `${as}s`]).filter((id) => as === "user" || !apis.has(id));
  return membersOf(scene, {
    system: "halo",
    group: name,
    mode,
    rule: scene.at("halo", kind, index, "members"),
    exact: scene.at("halo", kind, index, "mode"),
    verdict: (subject) => scene.decisions.verdict(condition, subject),
    hasAccount: (subject) => (as === "agent" ? willBeAgent(scene, subject) : subject.record !== undefined),
    live: listed.map((id) => {
      const key = people.get(id);
      return { ref: key === undefined ? `id:${id}` : `person:${key}`, protected: false };
    }),
    before: scene.previous(typeOf[kind], name)?.inputs["members"],
  });
}

function add(scene: Scene, kind: Kind, index: number, inputs: Values, wished: Wished | undefined, live: Live | undefined): void {
  const type = typeOf[kind];
  const name = textOf(inputs["name"]);
  const at = (field: string): Because => ({ rule: scene.at("halo", kind, index, field) });
  want(scene, {
    type,
    name,
    inputs,
    because: { "": at("name"), ...Object.fromEntries(Object.keys(inputs).map((field) => [field, at(field)])), ...wished?.because },
    live,
  });
}

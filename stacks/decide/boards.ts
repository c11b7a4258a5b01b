/** Whom the teams and change advisory boards of mappings/halo.yaml concern. */
import type { HaloFile } from "../../mappings/schema/all.ts";
import type { Known } from "../model/decisions.ts";
import type { Scene } from "../model/scene.ts";
import { textsOf } from "../model/values.ts";

/** Whether any team or board has members to compare: then it must be known of everybody who they are in Halo. */
export function readsMembers(halo: HaloFile | undefined): boolean {
  return halo !== undefined && (halo.teams.some((team) => team.members !== undefined) || halo.boards.length > 0);
}

/** Whether a team or board asks, or asked, for somebody: then an agent who cannot be told apart must be seen by a human. */
export function boardsConcern({ mappings, decisions, world }: Scene): (person: Known) => boolean {
  const { teams = [], boards = [] } = mappings.halo ?? {};
  const asking = [...teams, ...boards.filter((board) => board.as === "agent")].map(({ members }) => members);
  const before = new Set(
    world.previous.flatMap((one) =>
      one.type === "halo:Team" || one.type === "halo:ChangeAdvisoryBoard" ? textsOf(one.inputs["members"]) : [],
    ),
  );
  return (person) => asking.some((members) => members && decisions.verdict(members, person).holds) || before.has(`person:${person.key}`);
}

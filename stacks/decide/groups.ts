/** Who is wanted in which group of mappings/ad.yaml, by the conditions alone (groups may ask for other groups); whom Halo's teams and boards concern. */

import { fold } from "../../base/text.ts";
import { type Facts, groupsOf } from "../../mappings/language/condition.ts";
import type { AdFile, HaloFile, Mappings } from "../../mappings/schema/all.ts";
import type { Dated, Decisions, Known } from "../model/decisions.ts";
import type { Scene } from "../model/scene.ts";
import { textsOf } from "../model/values.ts";

/** Facts in which the groups are still to be entered. */
export interface Entered extends Facts {
  groups: Set<string>;
  unsure: Set<string>;
}

/**
 * Enters into the facts the groups that people are wanted in, in the order in which the groups ask for each other. Returns
 * sentences about those that ask for each other in a circle.
 */
export function joinGroups(
  mappings: Mappings,
  people: readonly Known[],
  facts: ReadonlyMap<string, Entered>,
  members: Decisions["members"],
): string[] {
  const groups = mappings.ad?.groups ?? [];
  const { order, problems } = ordered(groups, mappings);
  for (const group of order) {
    const decide = members(group, group.for);
    for (const person of people) {
      const known = facts.get(person.key);
      if (!known) continue;
      const verdict = decide(person);
      if (verdict.holds) known.groups.add(group.name);
      if (verdict.unsure) known.unsure.add(group.name);
    }
  }
  return problems;
}

/** Why a line with `starts` and `ends` asks for nobody today (UTC); undefined = it does. */
export function closedNow(group: Dated, now: Date): string | undefined {
  const today = now.toISOString().slice(0, 10);
  if (group.starts !== undefined && today < group.starts) return `begins on ${group.starts}`;
  if (group.ends !== undefined && today > group.ends) return `ended on ${group.ends}`;
  return undefined;
}

type Group = AdFile["groups"][number];

/** The groups such that each comes after those it asks for. */
function ordered(groups: readonly Group[], mappings: Mappings): { order: Group[]; problems: string[] } {
  const byName = Map.groupBy([...groups.keys()], (index) => fold(groups[index]?.name ?? ""));
  const order: Group[] = [];
  const problems: string[] = [];
  const state = new Map<number, "open" | "done">();
  const visit = (index: number, path: string[]): void => {
    const group = groups[index];
    if (!group || state.get(index) === "done") return;
    if (state.get(index) === "open") {
      problems.push(
        `the groups ${[...path, group.name].join(" → ")} ask for each other in a circle (${mappings.at(["ad", "groups", index, "for"])}): break it`,
      );
      return;
    }
    state.set(index, "open");
    for (const name of group.for ? groupsOf(group.for) : [])
      for (const next of byName.get(fold(name)) ?? []) visit(next, [...path, group.name]);
    state.set(index, "done");
    order.push(group);
  };
  for (const index of groups.keys()) visit(index, []);
  return { order, problems };
}

/** Whether any team or board has members to compare: then it must be known of everybody who they are in Halo. */
export function readsMembers(halo: HaloFile | undefined): boolean {
  return halo !== undefined && (halo.teams.some((team) => team.for !== undefined) || halo.boards.length > 0);
}

/** Whether a team or board asks, or asked, for somebody: then an agent who cannot be told apart must be seen by a human. */
export function boardsConcern({ mappings, decisions, world }: Scene): (person: Known) => boolean {
  const { teams = [], boards = [] } = mappings.halo ?? {};
  const asking = [...teams, ...boards.filter((board) => board.as === "agent")].map((line) => line.for);
  const before = new Set(
    world.previous.flatMap((one) =>
      one.type === "halo:Team" || one.type === "halo:ChangeAdvisoryBoard" ? textsOf(one.inputs["members"]) : [],
    ),
  );
  return (person) =>
    asking.some((condition) => condition && decisions.verdict(condition, person).holds) || before.has(`person:${person.key}`);
}

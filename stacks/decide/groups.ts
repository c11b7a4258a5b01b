/** Who is in which group that conditions ask for, by the conditions alone where the mapping says it (groups may ask for other groups); whom Halo's teams and boards concern. */
import type { Json } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";
import { type Facts, groupsOf } from "../../mappings/language/condition.ts";
import { rulesOf } from "../../mappings/rules.ts";
import type { Condition, HaloFile, Mappings } from "../../mappings/schema/all.ts";
import type { Path } from "../../mappings/text/document.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Dated, Decisions, Known } from "../model/decisions.ts";
import type { Scene } from "../model/scene.ts";
import { textsOf } from "../model/values.ts";

/** Facts in which the groups are still to be entered. */
export interface Entered extends Facts {
  groups: ReadonlySet<string>;
  unsure: ReadonlySet<string>;
  entraGroups: ReadonlySet<string>;
  unsureEntra: ReadonlySet<string>;
}

/** Of which thousands are in none: only who is in one has a set of their own. */
export const noGroups: ReadonlySet<string> = new Set();

function enter(facts: Entered, where: "groups" | "unsure" | "entraGroups" | "unsureEntra", name: string): void {
  const known = facts[where];
  if (known === noGroups) facts[where] = new Set([name]);
  else (known as Set<string>).add(name);
}

/** A group of ad.yaml or entra.yaml, as far as conditions are about it. */
interface Group extends Dated {
  name: string;
  for?: Condition | undefined;
  may?: Condition | undefined;
  mode: "exact" | "additive";
  /** For `Mappings.at`. */
  path: Path;
  /** Where it is entered: by which word conditions ask for it. */
  by: "group" | "entraGroup";
}

/** What deciding who is in a group needs. */
export interface Membership {
  mappings: Mappings;
  people: readonly Known[];
  facts: ReadonlyMap<string, Entered>;
  /** The groups that Entra ID has of a name; the members by their Graph ids. */
  inEntra(name: string): readonly Live[];
}

/** A group of Entra ID that conditions ask for, and that cannot be told: how many there are of that name. */
export interface UnknownGroup {
  name: string;
  count: number;
}

/**
 * Enters into the facts the groups that people are wanted in, in the order in which the groups ask for each other, and before
 * that those of Entra ID that entra.yaml does not name, as they are. Returns sentences about those that ask for each other in a
 * circle, and the groups of Entra ID that cannot be told.
 */
export function joinGroups(
  given: Membership,
  decide: Pick<Decisions, "verdict" | "members">,
): { problems: string[]; unknown: UnknownGroup[] } {
  const { mappings } = given;
  const asked = new Map(rulesOf(mappings).flatMap(({ condition }) => groupsOf(condition, "entraGroup").map((name) => [fold(name), name])));
  const own = (mappings.entra?.groups ?? []).map((group, index) => ({
    ...group,
    path: ["entra", "groups", index],
    by: "entraGroup" as const,
  }));
  const managed = own.filter((group) => group.rule === undefined && asked.has(fold(group.name)));
  const others = [...asked].flatMap(([key, name]) => (managed.some((group) => fold(group.name) === key) ? [] : [name]));
  const unknown = others.flatMap((name) => enterAsItIs(given, name));
  const inAd = (mappings.ad?.groups ?? []).map((group, index) => ({ ...group, path: ["ad", "groups", index], by: "group" as const }));
  const { order, problems } = ordered([...inAd, ...managed], mappings);
  for (const group of order) enterAsWished(given, decide, group);
  return { problems, unknown };
}

/** A group that the mapping does not say who is in: as Entra ID has it, or as it was read with the people. */
function enterAsItIs({ mappings, people, facts, inEntra }: Membership, name: string): UnknownGroup[] {
  const live = inEntra(name);
  const members = new Set(textsOf(live[0]?.values["members"]));
  // Without entra.yaml groups are read with the people, or reading them has failed.
  const isKnown = live.length === 1 || !mappings.entra;
  for (const { key, accounts, record } of people) {
    const known = facts.get(key);
    if (!known) continue;
    if (!isKnown) enter(known, "unsureEntra", name);
    else if (mappings.entra ? accounts.entra !== undefined && members.has(accounts.entra) : has(record?.fields["groups"], name))
      enter(known, "entraGroups", name);
  }
  return isKnown ? [] : [{ name, count: live.length }];
}

const has = (groups: Json | undefined, name: string): boolean => textsOf(groups).some((one) => same(one, name));

/** Whoever the condition holds for; and who is in already, where that person stays. */
function enterAsWished(
  { people, facts, inEntra }: Membership,
  { verdict, members }: Pick<Decisions, "verdict" | "members">,
  group: Group,
): void {
  const decide = members(group, group.for);
  const there = new Set(group.by === "entraGroup" ? inEntra(group.name).flatMap((live) => textsOf(live.values["members"])) : []);
  for (const person of people) {
    const { holds, unsure } = decide(person);
    const isThere = there.size > 0 && person.accounts.entra !== undefined && there.has(person.accounts.entra);
    // Most people are in few of the groups.
    if (!holds && !unsure && !isThere) continue;
    const known = facts.get(person.key);
    if (!known) continue;
    const stays = isThere && (group.mode === "additive" || (group.may !== undefined && verdict(group.may, person).holds));
    if (holds || stays) enter(known, group.by === "group" ? "groups" : "entraGroups", group.name);
    if (unsure) enter(known, group.by === "group" ? "unsure" : "unsureEntra", group.name);
  }
}

/** Why a line with `starts` and `ends` asks for nobody today (in people.zone); undefined = it does. */
export function closedNow(group: Dated, today: string): string | undefined {
  if (group.starts !== undefined && today < group.starts) return `begins on ${group.starts}`;
  if (hasEnded(group, today)) return `ended on ${group.ends}`;
  return undefined;
}

/** Whether the last day of a line is over. */
export const hasEnded = ({ ends }: Dated, today: string): boolean => ends !== undefined && today > ends;

/** The groups such that each comes after those it asks for. */
function ordered(groups: readonly Group[], mappings: Mappings): { order: Group[]; problems: string[] } {
  const keyOf = (by: Group["by"], name: string): string => `${by} ${fold(name)}`;
  const byName = Map.groupBy([...groups.keys()], (index) => keyOf(groups[index]?.by ?? "group", groups[index]?.name ?? ""));
  const order: Group[] = [];
  const problems: string[] = [];
  const state = new Map<number, "open" | "done">();
  const visit = (index: number, path: string[]): void => {
    const group = groups[index];
    if (!group || state.get(index) === "done") return;
    if (state.get(index) === "open") {
      problems.push(
        `the groups ${[...path, group.name].join(" → ")} ask for each other in a circle (${mappings.at([...group.path, "for"])}): break it`,
      );
      return;
    }
    state.set(index, "open");
    for (const by of ["group", "entraGroup"] as const)
      for (const name of groupsOf(group.for ?? {}, by))
        for (const next of byName.get(keyOf(by, name)) ?? []) visit(next, [...path, group.name]);
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

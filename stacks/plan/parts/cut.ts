/** A plan cut into parts by the rules of mappings/approvals.yaml (docs/decisions/0123). Pure. */

import { digestOf } from "../../../base/digest.ts";
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import type { Facts } from "../../../mappings/language/condition.ts";
import type { Kind } from "../../../mappings/schema/approvals.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Plan, PlanPart } from "../../model/plan.ts";
import { remembered } from "../../model/remembered.ts";
import type { DesiredResource, Person, PreviousResource } from "../../model/types.ts";
import { compareKeys, peopleAmong, textOf, textsOf } from "../../model/values.ts";
import type { Within } from "../../model/within.ts";
import { withinOf } from "../within.ts";
import { worldKey } from "../world.ts";
import { type Approvers, approversOf } from "./approvers.ts";
import { effectsOf, isSum, kindsOf, movedIn } from "./kinds.ts";
import { barredFrom, type Decided, decided, type Need, needOf, type Rules, strictest } from "./rules.ts";
import { carrierKey, type Placed, together } from "./together.ts";

/** The plan as far as it is made. */
export type Uncut = Pick<
  Plan,
  "stack" | "made" | "expires" | "world" | "targets" | "only" | "drift" | "emergency" | "people" | "shared"
> & {
  summary: Pick<Plan["summary"], "adopted" | "raised">;
};

export interface Cutting {
  rules: Rules;
  wish: { resources: readonly DesiredResource[]; people: readonly Person[]; facts(key: string): Facts | undefined };
  previous: readonly PreviousResource[];
  /** What is there of each resource, in the shape of the wish. */
  was: ReadonlyMap<string, Values | undefined>;
  live: { readonly [type: string]: readonly Live[] };
}

/** What goes together, with what is asked of approvers. */
interface Unit {
  changes: readonly Placed[];
  kinds: Kind[];
  decided: Decided[];
  /** By which names those could approve who gain by it. */
  gain: string[];
}

/** The first of these that fits names a part. */
const words: readonly (readonly [Kind, string])[] = [
  ["limitRaised", "limits"],
  ["privileged", "privileged"],
  ["deletion", "deletions"],
  ["joiner", "joiners"],
  ["leaver", "leavers"],
  ["mover", "movers"],
  ["expired", "expired"],
  ["drift", "drift"],
  ["adoption", "adopted"],
  ["broadening", "more"],
  ["narrowing", "less"],
  ["details", "details"],
  ["mappingChanged", "mappings"],
];

/** The parts of a plan: every change is in one of them. Also of a plan that only takes over what is there, or changes which limits and mappings count. */
export function partsOf(plan: Uncut, given: Cutting): PlanPart[] {
  const { rules, wish, was, previous } = given;
  // By a name that is only given up now somebody can still sign.
  const names = [
    ...wish.resources.flatMap((one) => [one, { ...one, inputs: was.get(worldKey(one)) ?? {} }]),
    ...previous.map((one) => ({ ...one, person: textOf(one.inputs["person"]) })),
  ];
  const approvers = approversOf(rules.file, wish.people, names, given.live);
  const units = unitsOf(plan, given, approvers);
  const cut = [
    ...Map.groupBy(
      units.map((unit) => ({ unit, ...needsOf(unit, rules, approvers) })),
      keyOf,
    ).values(),
  ].map((alike) => {
    const kinds = words.flatMap(([kind]) => (alike.some(({ unit }) => unit.kinds.includes(kind)) ? [kind] : []));
    const { needs, rule } = alike[0] as (typeof alike)[number];
    const changes = alike.flatMap(({ unit }) => unit.changes);
    return {
      word: wordOf(kinds),
      rule,
      because: sortedOnce(alike.flatMap(({ because }) => because)),
      needs: { ...needs, never: sortedOnce(alike.flatMap((one) => one.needs.never)) },
      kinds,
      people: [...new Set(changes.flatMap(({ of }) => of?.key ?? []))].sort(compareKeys),
      changes: changes.map(({ of, index }) => (of ? { person: of.key, index } : { index })),
    };
  });
  const order = (word: string): number => words.findIndex(([, one]) => one === word);
  const counts = new Map<string, number>();
  return cut
    .sort((a, b) => order(a.word) - order(b.word))
    .map(({ word, ...part }) => {
      const number = (counts.get(word) ?? 0) + 1;
      counts.set(word, number);
      const body = { id: `${word}-${number}`, ...part };
      return { ...body, digest: partDigest(plan, body) };
    });
}

const wordOf = (kinds: readonly Kind[]): string => words.find(([kind]) => kinds.includes(kind))?.[1] ?? "details";
const sortedOnce = (all: readonly string[]): string[] => [...new Set(all)].sort();

/** Over all that the plan rests on and the part itself, changes and reasons included. */
export function partDigest(plan: Omit<Uncut, "summary">, part: Omit<PlanPart, "digest">): string {
  const { stack, made, expires, world, targets, only, drift, emergency } = plan;
  const { people, shared } = contentOf(plan, [part]);
  return digestOf({ format: "haloform.part/1", stack, made, expires, world, targets, only, drift, emergency, part, people, shared });
}

/** What some parts of a plan change, as a plan has it. */
export function contentOf<P extends Pick<Plan, "people" | "shared">>(
  { people, shared }: P,
  parts: readonly Pick<PlanPart, "changes">[],
): Pick<Plan, "people" | "shared"> {
  const chosen = new Set(parts.flatMap(({ changes }) => changes.map(({ person, index }) => `${index} ${person ?? ""}`)));
  const isIn = (person: string) => (_: unknown, index: number) => chosen.has(`${index} ${person}`);
  return {
    people: people.map((one) => ({ ...one, changes: one.changes.filter(isIn(one.key)) })).filter(({ changes }) => changes.length > 0),
    shared: shared.filter(isIn("")),
  };
}

/** Whether the parts are what their digests say. */
export const partsSealed = (plan: Plan): boolean => (plan.parts ?? []).every(({ digest, ...part }) => partDigest(plan, part) === digest);

function unitsOf(plan: Uncut, given: Cutting, approvers: Approvers): Unit[] {
  const { rules, wish, previous } = given;
  const wished = new Map(wish.resources.map((one) => [worldKey(one), one]));
  const before = new Map(previous.map((one) => [worldKey(one), one]));
  const owned = ownersIn(given);
  const moved = remembered((key: string) => {
    const [resource, previous] = [wished.get(key), before.get(key)];
    return resource && previous ? movedIn(resource, previous) : new Set<string>();
  });
  const ofPlan: Kind[] = rules.mappingChanged ? ["mappingChanged"] : [];
  const decide = (asked: Parameters<typeof decided>[1]): Decided[] => decided(rules, asked, wish.facts, approvers);
  const alone = (...its: Kind[]): Unit => {
    const kinds = [...new Set([...its, ...ofPlan])];
    return { changes: [], kinds, decided: decide({ kinds }), gain: [] };
  };
  // Whoever approves it sees nothing else that the mapping files do.
  if (plan.only === "limits") return [{ ...alone("limitRaised"), kinds: ["limitRaised"], decided: decide({ kinds: ["limitRaised"] }) }];
  const gainers = gainersOf(given, approvers);
  const units = together(plan, wished).map((changes): Unit => {
    const kinds = new Set<Kind>(ofPlan);
    const all: Decided[] = [];
    const gain: string[] = [];
    for (const { change, of } of changes) {
      // How many come and go: each of them is a change of its own.
      if (isSum(change) && changes.length > 1) continue;
      const key = carrierKey(change);
      const resource = wished.get(key);
      const its = kindsOf(change, of, { resource, previous: before.get(key), moved: () => moved(key) });
      for (const kind of its) kinds.add(kind);
      const owners = owned(key, resource, before.get(key)).flatMap((one) => approvers.address(one) ?? []);
      all.push(...decide({ kinds: [...its, ...ofPlan], system: change.system, person: of?.key, owners }));
      if (effectsOf(change).gives) gain.push(...gainersBy(change, of?.key, resource, gainers));
    }
    return { changes, kinds: [...kinds], decided: all, gain: sortedOnce(gain) };
  });
  // What changes nothing else decides which limits and which mapping files count from now on, whatever it takes over.
  const raise: Kind[] = units.length === 0 && plan.summary.raised ? ["limitRaised"] : [];
  const adopted: Kind[] = plan.summary.adopted > 0 ? ["adoption"] : [];
  if (raise.length + adopted.length > 0) units.push(alone(...raise, ...adopted));
  if (units.length === 0 && rules.mappingChanged) return [alone("mappingChanged")];
  return units;
}

/** Who has more by a change, by the names with which they could approve: the person whom it is about; of what many share, all who are in it, by whatever group, or have it. */
function gainersBy(
  { type, fields }: Placed["change"],
  person: string | undefined,
  resource: DesiredResource | undefined,
  { approvers, within, agents }: Gainers,
): string[] {
  if (person !== undefined) return approvers.names(person);
  const named = fields.flatMap(({ path, after }) => (after === null ? [] : path.split(".").slice(1).join(".")));
  const own = resource && isGroupType(resource.type) ? [`group:${resource.name}`] : textsOf(resource?.inputs["members"]);
  const inside = within().of(resource?.type ?? type, [...named, ...own]);
  const name = type === "halo:Role" ? textOf(resource?.inputs["name"]) : "";
  return [...[...inside].flatMap(approvers.namesOf), ...(name === "" ? [] : agents(name))];
}

/** How it is told who gains by what many share. */
interface Gainers {
  approvers: Approvers;
  within(): Within;
  /** By which names those could approve who have a role of Halo, or are to have it. */
  agents(role: string): string[];
}

const isGroupType = (type: string): boolean => type === "ad:Group" || type === "entra:Group";

function gainersOf({ wish, live, previous }: Cutting, approvers: Approvers): Gainers {
  let within: Within | undefined;
  return {
    approvers,
    within: () => (within ??= withinOf({ wish, live, previous }, "then")),
    // Agents have roles of Halo by name.
    agents: (role) => {
      const has = (values: Values): boolean => textsOf(values["roles"]).some((one) => same(one, role));
      const wished = wish.resources.filter(({ type, inputs }) => type === "halo:Agent" && has(inputs));
      const there = (live["halo:Agent"] ?? []).filter(({ values }) => has(values));
      return [
        ...wished.flatMap(({ person }) => (person === undefined ? [] : approvers.names(person))),
        ...there.flatMap(({ id }) => approvers.namesOf(`agent:${id}`)),
      ];
    },
  };
}

/** Keys of the people who own a group now: whom a plan would make its owner has no say yet. */
function ownersIn({ was, wish, live }: Cutting): (key: string, resource?: DesiredResource, previous?: PreviousResource) => string[] {
  const found = remembered((type: string) => new Map((live[type] ?? []).map((one) => [one.id, one.values])));
  return (key, resource, previous) => {
    const named = ["owners", "managedBy"].flatMap((field) => peopleAmong(was.get(key)?.[field]));
    const [type = ""] = key.split("::");
    if (named.length > 0 || (type !== "ad:Group" && type !== "entra:Group")) return named;
    const values = found(type).get(previous?.id ?? resource?.adopt ?? "");
    const ids = new Set([...textsOf(values?.["owners"]), ...textsOf(values?.["managerId"])].map(fold));
    const system = type === "ad:Group" ? "ad" : "entra";
    return ids.size === 0 ? [] : wish.people.flatMap((one) => (ids.has(fold(one.accounts[system] ?? "")) ? [one.key] : []));
  };
}

interface Asked {
  unit: Unit;
  rule: string;
  because: string[];
  needs: PlanPart["needs"];
}

/** What all of its lines ask together; where nobody is left who may, those of `otherwise` are asked. */
function needsOf({ decided: all, gain, kinds }: Unit, rules: Rules, approvers: Approvers): Omit<Asked, "unit"> {
  const never = sortedOnce(gain);
  const notes: string[] = [];
  const canBeMet = ({ approvers: count, of }: Need): boolean => of.filter((one) => !never.includes(one)).length >= count;
  const asked = all.map((one): Need & { rule: string } => {
    if (canBeMet(one)) return one;
    const { of, approvers: count } = needOf(rules.file.otherwise, {}, approvers);
    notes.push(`${one.rule} names nobody here who may approve it: whoever approves what no line covers is asked`);
    return { approvers: one.approvers === 2 ? 2 : count, of, rule: one.rule };
  });
  const [first = { approvers: 0 as const, of: [] }, ...also] = strictest(asked);
  const decisive = asked.find((one) => one.approvers === first.approvers && one.of.join() === first.of.join());
  const said = [...new Map(all.map((one) => [`${one.rule} ${sortedOnce(one.kinds).join()}`, one])).values()].map(
    ({ rule, kinds: of, approvers: count }) => `${of.map((kind) => titles[kind]).join(", ")}: ${count === 0 ? "nobody" : count} by ${rule}`,
  );
  const changed =
    rules.changed && kinds.includes("mappingChanged") ? ["mappings/approvals.yaml itself is not the one that was last applied"] : [];
  return {
    rule: decisive?.rule ?? rules.at([]),
    because: sortedOnce([...said, ...notes, ...changed]),
    needs: {
      ...{ approvers: first.approvers, of: first.of, never },
      ...(also.length > 0 ? { also: also.map(({ approvers: count, of }) => ({ approvers: count, of })) } : {}),
    },
  };
}

/** Kinds in words. */
export const titles: { readonly [kind in Kind]: string } = {
  joiner: "joiner",
  mover: "mover",
  leaver: "leaver",
  expired: "expired",
  drift: "drift put back",
  adoption: "adoption",
  broadening: "broadening",
  narrowing: "narrowing",
  details: "details",
  privileged: "privileged",
  deletion: "deletion",
  limitRaised: "limit raised",
  mappingChanged: "mapping changed",
};

/** Alike parts are one: of one kind, by the same line, for the same approvers, of whom the same may not. */
function keyOf({ unit, rule, needs }: Asked): string {
  const { never: _never, ...rest } = needs;
  return JSON.stringify([wordOf(unit.kinds), rule, rest, sortedOnce(barredFrom(needs))]);
}

/**
 * Who would lose and gain what by a plan, by name: what is lost twice in a day is lost once. What counts is declared by the types,
 * field by field (providers/core/access.ts); the plan's counts, the ledger and the shares all follow from it. Pure.
 */

import { shortDigest } from "../../base/digest.ts";
import type { Json } from "../../base/json.ts";
import { type CountedAs, type Counts, type FieldAccess, type GivenAs, givenAs, isGain, type TakenAs } from "../../providers/core/access.ts";
import { factsOf, groupBy } from "../../providers/registry.ts";
import type { Plan, PlanChange, PlanField } from "../model/plan.ts";
import type { Amount, Loss, Tally } from "../model/types.ts";
import { peopleAmong } from "../model/values.ts";
import { classes } from "./classes.ts";

/** What a field of a change means: of somebody's place in a group, what the group's members mean. */
export function accessOf(type: string, path: string): { access: FieldAccess | undefined; entry: string } {
  const group = groupBy(type);
  const [field = "", ...entry] = group && path === "member of" ? ["members", path] : path.split(".");
  const all: { readonly [field: string]: FieldAccess } = (group ?? factsOf(type))?.access ?? {};
  return { access: Object.hasOwn(all, field) ? all[field] : undefined, entry: entry.join(".") };
}

/** Whether a field of a change takes from somebody and gives, and as what that is counted; no `counts`: as nothing. */
export function effectOf(
  { type, op }: Pick<PlanChange, "type" | "op">,
  field: PlanField,
): { takes: boolean; gives: boolean; counts: Counts | undefined } {
  const { access, entry } = accessOf(type, field.path);
  const [before, after] = [(field.live ?? field.before) as Json, field.after as Json];
  const effect = access?.effect(before, after, entry) ?? "neither";
  return {
    // What is only just made was nobody's to lose.
    takes: op !== "create" && (effect === "takes" || effect === "both"),
    gives: effect === "gives" || effect === "both",
    counts: access?.counts(after, entry),
  };
}

/** What a field of a change means to somebody's access: as what it counts, and which of that it takes and gives. Undefined: nothing. */
export function meaningOf(change: PlanChange, field: PlanField): { counts: Counts; takes?: TakenAs; gives?: GivenAs } | undefined {
  const { takes, gives, counts } = effectOf(change, field);
  if (!(takes || gives) || !counts) return undefined;
  return {
    counts,
    ...(takes ? { takes: counts.takes } : {}),
    ...(gives && counts.gives ? { gives: change.privileged ? "privileged" : counts.gives } : {}),
  };
}

/** What a field of a change takes and gives. `who`: the key of the person whom the change is about; "" = nobody. */
function ofField(who: string, change: PlanChange, field: PlanField): Amount[] {
  const { system, type, resource } = change;
  const amount = (as: CountedAs, loser: string, path: string, people: number): Amount => {
    const [person = loser === who ? who : ""] = peopleAmong(loser);
    const name = shortDigest([...(isGain(as) ? ["+"] : []), type, resource, loser, path], 12);
    return { as, system, name, people, ...(person === "" ? {} : { person }) };
  };
  if (field.loses) return field.loses.map((loser) => amount("licences", loser, field.path, 1));
  const meaning = meaningOf(change, field);
  if (!meaning) return [];
  const { counts, takes, gives } = meaning;
  const { entry } = accessOf(type, field.path);
  const path = classes[counts.takes].whole ? "" : field.path;
  const people = counts.takes === "memberships" ? 1 : (change.reaches ?? 1);
  const loser = entry.startsWith("person:") ? entry : who;
  // A group in a group: everybody in it, each by themselves; one with nobody in it is a change all the same.
  const all = counts.takes === "memberships" && (field.inside?.length ?? 0) > 0 ? (field.inside ?? []) : [loser];
  return [takes, gives].flatMap((as) => (as ? all.map((one) => amount(as, one, path, people)) : []));
}

/** Everything that a plan takes and gives, each once. */
export function countedIn(plan: Pick<Plan, "people" | "shared">): Amount[] {
  const of = (who: string, changes: readonly PlanChange[]): Amount[] =>
    changes.flatMap((change) => change.fields.flatMap((field) => ofField(who, change, field)));
  const all = new Map<string, Amount>();
  for (const one of [...plan.people.flatMap(({ key, changes }) => of(key, changes)), ...of("", plan.shared)]) {
    const key = keyOf(one);
    const known = all.get(key);
    if (known === undefined || known.people < one.people) all.set(key, one);
  }
  return [...all.values()];
}

const keyOf = ({ as, name }: Pick<Amount, "as" | "name">): string => `${as} ${name}`;

/** How much of each a plan takes and gives; what older plans did not know is there only where it is more than nothing. */
export function summaryOf(counted: readonly Amount[]): Pick<Plan["summary"], "losses" | "gains"> {
  const count = (as: CountedAs): number => counted.reduce((sum, one) => (one.as === as ? sum + one.people : sum), 0);
  const some = <K extends CountedAs>(...kinds: readonly K[]): { [as in K]?: number } =>
    Object.fromEntries(kinds.map((as) => [as, count(as)] as const).filter(([, number]) => number > 0)) as { [as in K]?: number };
  const gains = some(...givenAs);
  return {
    losses: {
      ...{ disabled: count("disabled"), memberships: count("memberships"), licences: count("licences") },
      ...some("deleted", "folders", "lockedOut", "rules", "mailboxes"),
    },
    ...(Object.keys(gains).length > 0 ? { gains } : {}),
  };
}

/** Amounts as the ledger keeps them: alike ones together, by names that say nobody's. */
export function tallied(counted: readonly Amount[]): Tally[] {
  const alike = Map.groupBy(counted, ({ as, system, people, per }) => JSON.stringify([as, system, people, per]));
  return [...alike.values()].map((all) => {
    const { as, system, people, per } = all[0] as Amount;
    return {
      ...{ as, ...(system === undefined ? {} : { system }), ...(per ? { per } : {}), ...(people === 1 ? {} : { each: people }) },
      of: all.flatMap(({ name }) => name ?? []),
    };
  });
}

/** The same the other way round. */
export function amountsOf({ counted }: Pick<Loss, "counted">): Amount[] {
  return counted.flatMap(({ as, system, per, each = 1, of = [], count = 0 }) => {
    const one = { as, ...(system === undefined ? {} : { system }), ...(per ? { per } : {}) };
    return [...of.map((name): Amount => ({ ...one, name, people: each })), ...(count > 0 ? [{ ...one, people: count }] : [])];
  });
}

/**
 * What earlier runs took and gave without what is counted elsewhere: by the plan at hand (a killed run had counted what it did not get
 * to), or by another of those runs. What has no name counts as it is.
 */
export function apart(recent: readonly Loss[], now: readonly Amount[]): Amount[] {
  const seen = new Set(now.map(keyOf));
  // Of one that was counted for more people at one time than at another, the most counts.
  const most = recent.flatMap(amountsOf).sort((a, b) => b.people - a.people);
  return most.filter((one) => {
    if (one.name === undefined) return true;
    const key = keyOf(one);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

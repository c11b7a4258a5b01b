/** How much there is of what may be lost, before a plan: what a share is a share of, in each system by itself. Pure. */
import type { Json, Values } from "../../base/json.ts";
import type { FieldAccess } from "../../providers/core/access.ts";
import { factsOf } from "../../providers/registry.ts";
import type { DesiredResource, Loss } from "../model/types.ts";
import { peopleAmong, textsOf } from "../model/values.ts";
import type { Within } from "../model/within.ts";
import type { Held } from "./classes.ts";
import type { ValueOf } from "./per.ts";
import { worldKey } from "./world.ts";

/** `accounts ad` → 240; `accounts ad site_name=<digest>` → 12. */
export interface Population {
  readonly [of: string]: number;
}

export const populationKey = (of: Held, system: string, field?: string, value?: string): string =>
  field === undefined ? `${of} ${system}` : `${of} ${system} ${field}=${value}`;

/** What a value of such a field is counted among, where it is what there is of something. */
const among: { readonly [as: string]: Held } = {
  disabled: "accounts",
  memberships: "memberships",
  licences: "licences",
  folders: "folders",
};

/**
 * `fields`: of records, by whose values limits hold as well. `within`: who is in which group now, asked for where a group is in one: as
 * many places as it has people in it are lost with it (counted.ts), so there are as many.
 */
export function populationOf(
  resources: readonly DesiredResource[],
  was: ReadonlyMap<string, Values | undefined>,
  fields: readonly string[],
  by: ValueOf,
  within?: () => Within,
): Population {
  const sums: { [of: string]: number } = {};
  const people = new Map<string, Set<string>>();
  const add = (of: Held, system: string, count: number, person: string | undefined): void => {
    const keys = [populationKey(of, system)];
    if (person !== undefined) keys.push(...fields.map((field) => populationKey(of, system, field, by(person, field).digest)));
    for (const key of keys) sums[key] = (sums[key] ?? 0) + count;
  };
  for (const one of resources) {
    const now = was.get(worldKey(one));
    const facts = factsOf(one.type);
    if (!now || !facts) continue;
    const { system } = facts;
    if (one.person !== undefined) people.set(system, (people.get(system) ?? new Set()).add(one.person));
    for (const [field, { heldAs, held }] of Object.entries(facts.access as { readonly [field: string]: FieldAccess })) {
      const value = now[field] ?? null;
      const of = among[heldAs ?? ""];
      const count = of === undefined ? 0 : held(value);
      if (of === undefined || count === 0) continue;
      // Of a group, each member is somebody's place.
      const members = one.person === undefined ? peopleAmong(value) : [];
      const inside = insideOf(one.type, one.person === undefined && of === "memberships" ? value : null, within);
      for (const each of [of, ...(of === "folders" ? [] : ["access" as const])]) {
        add(each, system, count - members.length - inside.groups + inside.others, one.person);
        for (const member of [...members, ...inside.people]) add(each, system, 1, member);
      }
    }
  }
  for (const [system, all] of people) {
    // A system without accounts of its own has as many as it has people's things.
    const each: Held[] = sums[populationKey("accounts", system)] === undefined ? ["people", "accounts"] : ["people"];
    for (const person of all) for (const of of each) add(of, system, 1, person);
  }
  return sums;
}

/** Everybody in the groups among its members, as often as each is lost with one of them; `groups`: how many those are. */
function insideOf(type: string, value: Json, within: (() => Within) | undefined): { groups: number; others: number; people: string[] } {
  const refs = textsOf(value).filter((one) => /^(?:group|id|dn):/u.test(one));
  const groups = within && refs.length > 0 ? refs.filter((one) => within().isGroup(type, one)) : [];
  // One with nobody in it is a place all the same.
  const all = groups.flatMap((one) => {
    const inside = [...(within?.().of(type, [one]) ?? [])];
    return inside.length > 0 ? inside : [one];
  });
  const people = peopleAmong(all);
  return { groups: groups.length, others: all.length - people.length, people };
}

/** The least there was in the last 24 hours: a share of what a run has added would let more be lost by two runs than by one. */
export function leastOf(now: Population, recent: readonly Pick<Loss, "population">[]): Population {
  const least: { [of: string]: number } = { ...now };
  for (const { population = {} } of recent)
    for (const [of, count] of Object.entries(population)) least[of] = Math.min(least[of] ?? count, count);
  return least;
}

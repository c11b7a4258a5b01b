/**
 * Whom this very run gets to know: accounts and memory that the state has not. The next run would ask whether somebody new is one
 * of them, when that one has a second account already; so it is asked now. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { defined } from "../../base/defined.ts";
import { directories } from "../../providers/systems.ts";
import { remembered } from "../model/remembered.ts";
import { personName, type Scene, type World } from "../model/scene.ts";
import type { Memory, PreviousResource, System } from "../model/types.ts";
import { managedBefore } from "../people/roster.ts";
import { membersKnown } from "./known.ts";

/** What the next run will know besides the state and the memory of the last one. */
interface Met {
  previous: readonly PreviousResource[];
  people: Memory["people"];
  /** How many wishes have been made to know it. */
  looks: number;
}

/**
 * What one look came to know and the next does not (an account that is not made after all), the next run will not know either. Looks
 * that go on contradicting each other must end: from this one on nothing is forgotten.
 */
const mostLooks = 4;

/** The world as the next run finds it, for questions about who is who. */
export function withMet(world: World): World {
  const { met, memory, previous } = world;
  if (!met) return world;
  const { format, source } = memory ?? { format: "haloform.memory/1" as const, source: { count: 0, filled: {} } };
  return { ...world, previous: [...previous, ...met.previous], memory: { format, source, people: { ...met.people, ...memory?.people } } };
}

/**
 * What a wish comes to know more than state and memory do, of people who are not here by their own record and of those nobody knew;
 * undefined where it was made knowing just that.
 */
export function metIn(scene: Scene, later: Memory): Met | undefined {
  const { world } = scene;
  const { memory } = world;
  const looks = (world.met?.looks ?? 0) + 1;
  const kept = looks >= mostLooks ? world.met : undefined;
  const managed = managedBefore(world.previous);
  const met = new Set(kept?.previous.map(({ type, name }) => `${type}::${name}`));
  const placesIn = remembered((system: System) => membersKnown(world.previous, system));
  let owners: ReadonlySet<string | undefined> | undefined;
  /** Whether somebody has a resource of their own. */
  const hasOwn = (key: string): boolean => {
    owners ??= new Set(scene.resources.map(({ person }) => person));
    return owners.has(key);
  };
  const more: Met & { previous: PreviousResource[] } = { previous: [...(kept?.previous ?? [])], people: { ...kept?.people }, looks };
  for (const { key, stage, record, accounts } of scene.subjects) {
    const known = later.people[key];
    if (known === undefined || (stage === "active" && managed.has(key))) continue;
    // Since when somebody has left is known from the next run on: until then they are who leaves only now.
    if (memory?.people[key] === undefined) more.people[key] = { name: known.name, ...defined({ addresses: known.addresses }) };
    // Of who is gone and had a place in a group, and nothing else, the account is forgotten together with the place.
    const isInPlace = (system: System): boolean => accounts[system] !== undefined && placesIn(system).get(key) === accounts[system];
    if (!record && directories.some(({ name }) => isInPlace(name)) && !hasOwn(key)) continue;
    const name = personName(key);
    for (const { name: system, accounts: of } of directories) {
      const account = accounts[system];
      if (account === undefined || scene.previous(of.type, name) || met.has(`${of.type}::${name}`)) continue;
      // What an account of somebody who is here says now is written over by their record.
      const id = stage === "active" ? "" : account;
      more.previous.push({ type: of.type, name, id, inputs: {}, outputs: {} });
    }
  }
  const { previous = [], people = {} } = world.met ?? {};
  return isDeepStrictEqual([more.previous, more.people], [previous, people]) ? undefined : more;
}

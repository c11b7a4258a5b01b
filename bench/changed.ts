/** A few people of many who have changed since the last run. */
import { type Applied, type BenchWorld, resourcesOf } from "./world.ts";

export const few = 20;
let titles = 0;

/** Gives a few people another title in Halo, the same in every world, and plans and applies that. */
export async function changed(at: BenchWorld, count = few): Promise<Applied> {
  const people = remember(at);
  titles += 1;
  for (let index = 0; index < count; index += 1) {
    const id = people[Math.floor((index * people.length) / count)];
    await at.sandbox.control("POST", "/hand", { halo: { table: "users", id, set: { title: `Title ${titles}` } } });
  }
  const applied = await at.apply(`changed-${titles}`);
  await at.sandbox.control("POST", "/settle");
  return applied;
}

/** Of each world, as they were found first: in shards the state's file has none of them. */
const titled = new WeakMap<BenchWorld, readonly number[]>();

/** Whom it is about: asked for before the state lies in shards. */
export function remember(at: BenchWorld): readonly number[] {
  const people = titled.get(at) ?? peopleIn(at);
  titled.set(at, people);
  return people;
}

function peopleIn({ home }: BenchWorld): readonly number[] {
  const known = resourcesOf(home).flatMap(({ inputs }) => {
    const { person, attributes } = inputs as { person?: string; attributes?: { title?: string } };
    return person !== undefined && attributes?.title ? [Number(person)] : [];
  });
  return [...new Set(known)].sort((a, b) => a - b);
}

/**
 * Reading 10,000 people of Halo with their custom fields, devices and software, and making what the mappings say of them, beside the bare requests: the same pages by the same
 * library (ky) in the same process, their bodies read to the end and thrown away.
 */
import { join } from "node:path";
import type { Bench } from "./figures.ts";
import { measure } from "./measure.ts";
import { here } from "./tree.ts";
import { type BenchWorld, world } from "./world.ts";

export const haloPeople = 10_000;

/** A page for each 100, one more that proves the end, and the definitions of the custom fields. */
const mostForUsers = 105;

interface Loop {
  value: number;
  floor: number;
  parts: { [part: string]: number };
  requests: number;
  /** Those of them for people and their custom fields. */
  users: number;
  found: number;
}

/** Runs a tree's own loop in its world. */
export async function loop(at: BenchWorld, repeat: number, tree = here): Promise<Loop> {
  const script = join(tree.folder, "bench", "halo-loop.ts");
  const { out } = await measure([script, "--repeat", String(repeat), ...at.options], at.env, [0], tree.folder);
  return JSON.parse(out) as Loop;
}

export async function haloRead({ say, print, repeat }: Bench): Promise<void> {
  say(`${haloPeople} people: reading Halo, and the same requests bare`);
  const at = await world(haloPeople, { emptied: false });
  try {
    const { value, floor, parts, requests, users, found } = await loop(at, repeat);
    if (users > mostForUsers) throw new Error(`${users} requests for ${haloPeople} people: more than ${mostForUsers}`);
    const note = `${requests} requests, ${users} of them for people, ${found} records; median of ${repeat}, each beside its own floor`;
    print({ people: haloPeople, figure: "halo-read", value, unit: "s", floor, budget: 1.5, parts, note });
  } finally {
    await at.stop();
  }
}

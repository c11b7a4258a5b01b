/** The figures of Active Directory alone: mappings/ad.yaml, and neither Entra ID nor agents. */
import { join } from "node:path";
import { parallel } from "../cli/automation.ts";
import { type Figure, type line, median } from "./figures.ts";
import { bare, facts, floorOf } from "./floors.ts";
import type { Measured } from "./measure.ts";
import { type BenchWorld, world } from "./world.ts";

export interface Bench {
  say(text: string): void;
  print(figure: Parameters<typeof line>[0]): void;
  wants(...names: Figure[]): boolean;
  repeat: number;
}

/** How many members of the largest group change. */
const moved = 50;

interface Done {
  up: Measured;
  done: { [op: string]: number };
}

/** preview, and up of what it showed. */
async function apply(here: BenchWorld, name: string): Promise<Done> {
  const plan = join(here.home, name);
  const first = await here.run(["preview", "--out", plan, "--json"]);
  const { digest } = JSON.parse(first.out) as { digest: string };
  const up = await here.run(["up", "--plan", plan, "--approve", digest, "--json"]);
  return { up, ...(JSON.parse(up.out) as { done: Done["done"] }) };
}

/** A first up of an empty AD, and in the same turn what it is held against. `here` is left as the up has made it. */
interface Turn extends Done {
  floorUp: Measured;
  writes: Awaited<ReturnType<typeof bare>> | undefined;
}

async function firstUp(people: number, here: BenchWorld, { say, wants }: Bench): Promise<Turn> {
  say("haloform: first preview and up");
  const done = await apply(here, "first");
  const { resources, engine } = floorOf(here);
  say(`engine floor: first up of ${resources.length} resources`);
  const floorUp = await engine("up");
  if (!wants("ad-first-up")) return { ...done, floorUp, writes: undefined };
  say("bare writes: a fresh sandbox of the same size");
  const fresh = await world(people, { emptied: true, adOnly: true });
  try {
    return { ...done, floorUp, writes: await bare("writes", fresh) };
  } finally {
    await fresh.stop();
  }
}

export async function activeDirectory(people: number, bench: Bench): Promise<void> {
  const { say, print, wants, repeat } = bench;
  const turns: Turn[] = [];
  const count = wants("ad-first-up") ? repeat : 1;
  for (let turn = 1; turn <= count; turn += 1) {
    say(`${people} people, Active Directory alone: a sandbox whose AD has none of their accounts, ${turn} of ${count}`);
    const here = await world(people, { emptied: true, adOnly: true });
    try {
      turns.push(await firstUp(people, here, bench));
      if (turn < count) continue;
      printFirstUp(people, turns, print);
      if (wants("ad-drift")) await drift(people, here, bench);
      if (wants("ad-members")) await members(people, here, bench);
    } finally {
      await here.stop();
    }
  }
}

/** Each turn is held against its own floor, as the machine is at that time; the one in the middle is shown. */
function printFirstUp(people: number, turns: readonly Turn[], print: Bench["print"]): void {
  const ratios = turns.flatMap(({ up, floorUp, writes, done }) => {
    if (!writes) return [];
    const floor = writes.seconds + floorUp.wall;
    return [{ up, floorUp, writes, done, floor, ratio: up.wall / floor }];
  });
  const one = ratios.sort((a, b) => a.ratio - b.ratio)[Math.floor(ratios.length / 2)];
  if (!one) return;
  print({
    ...{ people, figure: "ad-first-up", value: one.up.wall, unit: "s", budget: 1.5, floor: one.floor },
    ...{ cpu: one.up.cpu ?? 0, floorCpu: one.floorUp.cpu ?? 0 },
    parts: { bareWrites: one.writes.seconds, engine: one.floorUp.wall },
    writes: one.writes.done,
    done: one.done,
    note: `the up command alone; up to ${parallel} operations at a time; the middle one of ${ratios.map(({ ratio }) => ratio.toFixed(2)).join(", ")}`,
  });
}

async function drift(people: number, here: BenchWorld, { say, print, repeat }: Bench): Promise<void> {
  const { resources, engine } = floorOf(here);
  const [drifts, refreshes, reads]: [Measured[], Measured[], number[]] = [[], [], []];
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`drift, and its floor: ${turn} of ${repeat}`);
    drifts.push(await here.run(["drift"]));
    refreshes.push(await engine("refresh"));
    reads.push((await bare("users", here)).seconds);
  }
  const [mine, least] = [facts(drifts), facts(refreshes)];
  print({
    ...{ people, figure: "ad-drift", value: mine.seconds, unit: "s", budget: 2 },
    floor: least.seconds + median(reads),
    ...{ cpu: mine.cpu, floorCpu: least.cpu },
    parts: { refresh: least.seconds, pagedRead: median(reads) },
    note: `${resources.length} resources; haloform reads Halo and the groups as well`,
  });
}

/** Takes members out of the largest group by hand, has haloform put them back, and counts what it sent. */
async function members(people: number, here: BenchWorld, { say, print }: Bench): Promise<void> {
  type Directory = { [dn: string]: { member?: string[] } };
  const { ad } = (await here.sandbox.control("GET", "/snapshot")) as { ad: Directory };
  const [dn, { member = [] }] = Object.entries(ad).reduce((most, one) =>
    (one[1].member?.length ?? 0) > (most[1].member?.length ?? 0) ? one : most,
  );
  say(`a group of ${member.length} members changed by ${moved}`);
  await here.sandbox.control("POST", "/hand", { ad: { dn, remove: { member: member.slice(0, moved) } } });
  const log = async (): Promise<{ op: string; values?: number }[]> =>
    ((await here.sandbox.control("GET", "/log")) as { ldap: { op: string; values?: number }[] }).ldap;
  const before = (await log()).length;
  await apply(here, "members");
  const writes = (await log()).slice(before).filter((one) => !["bind", "search"].includes(one.op));
  const values = writes.reduce((sum, one) => sum + (one.values ?? 0), 0);
  const given = { people, figure: "ad-members", unit: "calls" } as const;
  const note = `a group of ${member.length} members, ${moved} of them put back`;
  print({ ...given, system: "writes", value: writes.length, floor: 1, budget: 1, note });
  print({ ...given, system: "values", value: values, floor: moved, budget: moved, note });
}

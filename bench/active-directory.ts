/** The figures of Active Directory alone: mappings/ad.yaml, and neither Entra ID nor agents. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { parallel } from "../cli/engine/automation.ts";
import { drift } from "./drift.ts";
import type { Bench } from "./figures.ts";
import { bare, type Engine, facts, floorOf } from "./floors.ts";
import type { Measured } from "./measure.ts";
import { type Applied, type BenchWorld, world } from "./world.ts";

/** How many members of the largest group change. */
const moved = 50;

/** A first up, and in the same turn what it is held against. */
interface Turn extends Applied {
  floorUp: Measured;
  writes: Awaited<ReturnType<typeof bare>>;
}

/** The floor of a first `up` that was done: the engine's own, and bare writes in a fresh sandbox. */
async function floorsOf(people: number, engine: Engine, { say }: Bench): Promise<Pick<Turn, "floorUp" | "writes">> {
  say("engine floor: first up");
  const floorUp = await engine("up");
  say("bare writes: a fresh sandbox of the same size");
  const fresh = await world(people, { emptied: true, adOnly: true });
  try {
    return { floorUp, writes: await bare("writes", fresh) };
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
      say("haloform: first preview and up");
      const done = await here.apply("first");
      const { resources, engine } = floorOf(here);
      if (wants("ad-first-up")) turns.push({ ...done, ...(await floorsOf(people, engine, bench)) });
      else if (wants("ad-drift", "ad-unchanged", "ad-change-all")) await engine("up");
      if (turn < count) continue;
      if (wants("ad-first-up")) printFirstUp(people, turns, print);
      const note = `${resources.length} resources; haloform reads Halo and the groups as well`;
      await drift({ people, figure: "ad-drift", read: "users", part: "pagedRead", note }, here, engine, bench);
      if (wants("ad-unchanged")) await printUnchanged(people, here, engine, bench);
      if (wants("ad-change-all")) await printChangeAll(people, here, engine, bench);
      if (wants("ad-members")) await printMembers(people, here, bench);
    } finally {
      await here.stop();
    }
  }
}

/** Each turn is held against its own floor, as the machine is at that time; the one in the middle is shown. */
function printFirstUp(people: number, turns: readonly Turn[], print: Bench["print"]): void {
  const held = turns.map((turn) => ({ ...turn, floor: turn.writes.seconds + turn.floorUp.wall }));
  const ratios = held.map((turn) => ({ ...turn, ratio: turn.up.wall / turn.floor })).sort((a, b) => a.ratio - b.ratio);
  const one = ratios[Math.floor(ratios.length / 2)];
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

/** Previews in which nothing changes, and the engine's, in turns. */
async function printUnchanged(people: number, here: BenchWorld, engine: Engine, { say, print, repeat }: Bench): Promise<void> {
  const [mine, floors]: [Measured[], Measured[]] = [[], []];
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`preview of an unchanged domain, and its floor: ${turn} of ${repeat}`);
    mine.push(await here.run(["preview", "--detailed-exitcode"]));
    floors.push(await engine("preview"));
  }
  const [own, least] = [facts(mine), facts(floors)];
  const given = { people, figure: "ad-unchanged", value: own.seconds, unit: "s", floor: least.seconds, budget: 0.35 } as const;
  print({ ...given, cpu: own.cpu, floorCpu: least.cpu, note: "the floor is the engine's preview" });
}

/** Every account gets another company: the `up` alone, beside the engine's own of as many resources of which none changes. */
async function printChangeAll(people: number, here: BenchWorld, engine: Engine, { say, print }: Bench): Promise<void> {
  say("an attribute of every account changed, and the engine's floor");
  const file = join(here.home, "mappings", "ad.yaml");
  const content = parse(readFileSync(file, "utf8")) as { attributes: { staff: Record<string, unknown> } };
  content.attributes.staff["company"] = "Northwind Ferries Holding";
  writeFileSync(file, stringify(content));
  const { up, done } = await here.apply("all", [0, 4]);
  const floor = await engine("up");
  const given = { people, figure: "ad-change-all", value: up.wall, unit: "s", floor: floor.wall } as const;
  print({ ...given, cpu: up.cpu ?? 0, floorCpu: floor.cpu ?? 0, done, note: "the floor writes to no directory" });
}

/** Takes members out of the largest group by hand, has haloform put them back, and counts what it sent. */
export async function members(here: BenchWorld): Promise<{ size: number; writes: number; values: number }> {
  type Directory = { [dn: string]: { member?: string[] } };
  const { ad } = (await here.sandbox.control("GET", "/snapshot")) as { ad: Directory };
  const [dn, { member = [] }] = Object.entries(ad).reduce((most, one) =>
    (one[1].member?.length ?? 0) > (most[1].member?.length ?? 0) ? one : most,
  );
  await here.sandbox.control("POST", "/hand", { ad: { dn, remove: { member: member.slice(0, moved) } } });
  const log = async (): Promise<{ op: string; values?: number }[]> =>
    ((await here.sandbox.control("GET", "/log")) as { ldap: { op: string; values?: number }[] }).ldap;
  const before = (await log()).length;
  await here.apply(`members-${before}`);
  const writes = (await log()).slice(before).filter((one) => !["bind", "search"].includes(one.op));
  return { size: member.length, writes: writes.length, values: writes.reduce((sum, one) => sum + (one.values ?? 0), 0) };
}

async function printMembers(people: number, here: BenchWorld, { say, print }: Bench): Promise<void> {
  say(`the largest group changed by ${moved} members`);
  const { size, writes, values } = await members(here);
  const given = { people, figure: "ad-members", unit: "calls" } as const;
  const note = `a group of ${size} members, ${moved} of them put back`;
  print({ ...given, system: "writes", value: writes, floor: 1, budget: 1, note });
  print({ ...given, system: "values", value: values, floor: moved, budget: moved, note });
}

/** The figures of a whole company: Active Directory, Entra ID and agents. */
import { parallel } from "../cli/engine/automation.ts";
import { changed, few } from "./changed.ts";
import { drift } from "./drift.ts";
import { type Bench, pages } from "./figures.ts";
import { bare, type Engine, facts, floorOf } from "./floors.ts";
import type { Measured } from "./measure.ts";
import { type Applied, type BenchWorld, world } from "./world.ts";

/** Shards of a state. */
const count = 16;

/** A first `up`, and the engine's own. */
interface First extends Applied {
  floorUp: Measured;
}

/** What still waits would be done by one revision or floor and not by the other. Throws where anything does. */
export function allDone(first: Applied): Applied {
  if (first.pending.length > 0)
    throw new Error(`${first.pending.length} changes of the first up are pending; the figures would not be of the same work.`);
  return first;
}

export async function company(people: number, bench: Bench): Promise<void> {
  const { say, print, wants } = bench;
  say(`${people} people: a sandbox whose AD has none of their accounts`);
  const here = await world(people, { emptied: true });
  try {
    say("haloform: first preview and up");
    const applied = allDone(await here.apply("plan"));
    await here.sandbox.control("POST", "/settle");
    const { resources, engine } = floorOf(here);
    say(`engine floor: first up of ${resources.length} resources`);
    const first: First = { ...applied, floorUp: await engine("up") };
    const note = `${resources.length} resources, the whole state file`;
    const bytes = here.stateBytes() / resources.length;
    print({ people, figure: "state-per-resource", value: bytes, unit: "bytes", floor: 0, budget: 2048, note });
    if (wants("preview-unchanged", "calls-preview", "peak-memory")) await previews(people, here, engine, resources.length, first, bench);
    if (wants("preview-changed", "up-changed")) await changes(people, here, engine, resources.length, bench);
    if (wants("preview-shards", "up-shards")) await shards(people, here, bench);
    await drift({ people, figure: "drift", read: "reads", part: "reads" }, here, engine, bench);
    if (wants("first-up")) await printFirstUp(people, first, bench);
  } finally {
    await here.stop();
  }
}

/** Previews of an unchanged world and the engine's, in turns. */
async function previews(people: number, here: BenchWorld, engine: Engine, resources: number, first: First, bench: Bench): Promise<void> {
  const { say, print, repeat } = bench;
  const [mine, floors]: [Measured[], Measured[]] = [[], []];
  const before = await here.calls();
  let calls = before;
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`preview of an unchanged world, and its floor: ${turn} of ${repeat}`);
    mine.push(await here.run(["preview", "--detailed-exitcode"]));
    if (turn === 1) calls = await here.calls();
    floors.push(await engine("preview"));
  }
  const [own, least] = [facts(mine), facts(floors)];
  print({
    ...{ people, figure: "preview-unchanged", value: own.seconds, unit: "s", floor: least.seconds, budget: 0.35 },
    ...{ cpu: own.cpu, floorCpu: least.cpu, note: `${resources} resources` },
  });
  for (const [system, needed] of Object.entries(pages(people))) {
    const key = system as keyof typeof calls;
    const value = calls[key] - before[key];
    print({ people, figure: "calls-preview", system, value, unit: "calls", floor: needed, budget: needed + 5 });
  }
  print({
    ...{ people, figure: "peak-memory", unit: "MiB", note: "command, engine and provider: each process's own peak, added up" },
    ...{ value: Math.max(own.memory, first.up.memory ?? 0), floor: Math.max(least.memory, first.floorUp.memory ?? 0) },
  });
}

/** A few people who have changed among all of them, and the engine's own with none, in turns. */
async function changes(people: number, here: BenchWorld, engine: Engine, resources: number, { say, print, repeat }: Bench): Promise<void> {
  const turns: { own: Applied; floor: { preview: Measured; up: Measured } }[] = [];
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`${few} people changed, and the floor: ${turn} of ${repeat}`);
    turns.push({ own: await changed(here), floor: { preview: await engine("preview"), up: await engine("up") } });
  }
  for (const what of ["preview", "up"] as const) {
    const [own, least] = [facts(turns.map((one) => one.own[what])), facts(turns.map((one) => one.floor[what]))];
    print({
      ...{ people, figure: `${what}-changed`, value: own.seconds, unit: "s", floor: least.seconds, budget: 1 },
      ...{ cpu: own.cpu, floorCpu: least.cpu, note: `${few} people changed; the floor: ${resources} resources, of which none changes` },
    });
  }
}

/** A few people who have changed, with the state in one and in 16 shards, in turns. */
async function shards(people: number, here: BenchWorld, { say, print, repeat }: Bench): Promise<void> {
  const lay = async (setting: { count: number } | undefined): Promise<void> => {
    here.configure("haloform:shards", setting);
    await here.run(["shards", "set"]);
  };
  const turns: { one: Applied; many: Applied }[] = [];
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`${few} people changed, with the state in one and in ${count} shards: ${turn} of ${repeat}`);
    await lay(undefined);
    const one = await changed(here);
    await lay({ count });
    turns.push({ one, many: await changed(here) });
  }
  await lay(undefined);
  for (const what of ["preview", "up"] as const) {
    const [many, one] = [facts(turns.map((turn) => turn.many[what])), facts(turns.map((turn) => turn.one[what]))];
    print({
      ...{ people, figure: `${what}-shards`, value: many.seconds, unit: "s", floor: one.seconds },
      ...{ cpu: many.cpu, floorCpu: one.cpu, note: `${few} people changed; the floor: the same with the state in one` },
    });
  }
}

/** Beside bare writes in a fresh sandbox of the same size, and the engine's own. */
async function printFirstUp(people: number, { up, floorUp, done }: First, { say, print }: Bench): Promise<void> {
  say("bare writes: a fresh sandbox of the same size");
  const fresh = await world(people, { emptied: true });
  try {
    const writes = await bare("writes", fresh);
    print({
      ...{ people, figure: "first-up", value: up.wall, unit: "s", floor: writes.seconds + floorUp.wall, budget: 2 },
      ...{ cpu: up.cpu ?? 0, floorCpu: floorUp.cpu ?? 0 },
      ...{ parts: { bareWrites: writes.seconds, engine: floorUp.wall }, writes: writes.done, done },
      note: `the up command alone; up to ${parallel} operations at a time; limits of HaloITSM and Graph lifted (they are not what is measured)`,
    });
  } finally {
    await fresh.stop();
  }
}

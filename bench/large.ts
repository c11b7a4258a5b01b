/** A state in 16 shards at a size and at twice that: what grows how, and what the change of a few costs. Hours at 50,000; asked for by name. */
import { changed, remember } from "./changed.ts";
import { type Bench, pages } from "./figures.ts";
import type { Measured } from "./measure.ts";
import { type BenchWorld, world } from "./world.ts";

const shards = 16;
/** People who change of the larger one. */
const some = 100;
/** MiB of all processes. */
const mostMemory = 4096;
/** Of the time at a size, that at twice the size. */
const linear = 2.2;

interface Sized {
  preview: Measured;
  people: number;
}

export async function large(people: number, bench: Bench): Promise<void> {
  const small = await inShards(people, bench, (here) => unchanged(people, here, bench));
  await inShards(2 * people, bench, async (here) => {
    const twice = await unchanged(2 * people, here, bench);
    printTwice(small, twice, bench);
    if (bench.wants("large-changed")) await printChanged(twice, here, bench);
    return twice;
  });
}

async function inShards<T>(people: number, { say }: Bench, work: (here: BenchWorld) => Promise<T>): Promise<T> {
  say(`${people} people in ${shards} shards: a first preview and up, which takes over what is there`);
  const here = await world(people, { emptied: false });
  try {
    await here.apply("first", [0, 4]);
    await here.sandbox.control("POST", "/settle");
    remember(here);
    here.configure("haloform:shards", { count: shards });
    await here.run(["shards", "set"]);
    return await work(here);
  } finally {
    await here.stop();
  }
}

/** A preview in which nothing changes: its requests and its memory. */
async function unchanged(people: number, here: BenchWorld, { say, print }: Bench): Promise<Sized> {
  say(`${people} people: a preview in which nothing changes`);
  const before = await here.calls();
  const preview = await here.run(["preview", "--detailed-exitcode"]);
  const calls = await here.calls();
  for (const [system, needed] of Object.entries(pages(people))) {
    const key = system as keyof typeof calls;
    const value = calls[key] - before[key];
    print({ people, figure: "large-calls", system, value, unit: "calls", floor: needed, budget: needed + 5 });
  }
  const { memory = 0 } = preview;
  print({ people, figure: "large-memory", value: memory, unit: "MiB", floor: 0, budget: mostMemory, note: "all processes, added up" });
  return { preview, people };
}

function printTwice(small: Sized, { preview, people }: Sized, { print }: Bench): void {
  print({
    ...{ people, figure: "large-unchanged", value: preview.wall, unit: "s", floor: small.preview.wall, budget: linear },
    ...{ cpu: preview.cpu ?? 0, floorCpu: small.preview.cpu ?? 0, note: `the floor is the same of ${small.people} people` },
  });
}

async function printChanged({ preview, people }: Sized, here: BenchWorld, { say, print }: Bench): Promise<void> {
  say(`${people} people, of whom ${some} have changed`);
  const { preview: own, up } = await changed(here, some);
  const given = { people, figure: "large-changed", unit: "s", floor: preview.wall } as const;
  const note = `${some} people changed; the floor is the preview in which nothing changes`;
  print({ ...given, system: "preview", value: own.wall, budget: 1.3, cpu: own.cpu ?? 0, floorCpu: preview.cpu ?? 0, note });
  print({ ...given, system: "up", value: up.wall, cpu: up.cpu ?? 0, floorCpu: preview.cpu ?? 0, note });
}

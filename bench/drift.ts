/** Drift, beside the engine's refresh and a bare read, in turns: for the whole company and for Active Directory alone. */
import { type Bench, type Figure, median } from "./figures.ts";
import { bare, type Engine, facts } from "./floors.ts";
import type { Measured } from "./measure.ts";
import type { BenchWorld } from "./world.ts";

interface Given {
  people: number;
  figure: Extract<Figure, "drift" | "ad-drift">;
  /** The bare read that belongs to the floor, and what it is called among the floor's parts. */
  read: "reads" | "users";
  part: string;
  note?: string;
}

export async function drift({ read, part, ...given }: Given, here: BenchWorld, engine: Engine, bench: Bench): Promise<void> {
  const { say, print, wants, repeat } = bench;
  if (!wants(given.figure)) return;
  const [drifts, refreshes, reads]: [Measured[], Measured[], number[]] = [[], [], []];
  for (let turn = 1; turn <= repeat; turn += 1) {
    say(`drift, and its floor: ${turn} of ${repeat}`);
    drifts.push(await here.run(["drift"]));
    refreshes.push(await engine("refresh"));
    reads.push((await bare(read, here)).seconds);
  }
  const [mine, least, seconds] = [facts(drifts), facts(refreshes), median(reads)];
  print({
    ...given,
    ...{ value: mine.seconds, unit: "s", floor: least.seconds + seconds, budget: 2 },
    ...{ cpu: mine.cpu, floorCpu: least.cpu, parts: { refresh: least.seconds, [part]: seconds } },
  });
}

/**
 * `npm run bench -- --against REV`: every figure of this checkout beside the same of another revision. Both run in turns (this
 * one, that one, that one, this one), each in a world of its own on this checkout's sandbox, so that a busy machine hits both.
 */
import { members } from "./active-directory.ts";
import { changed } from "./changed.ts";
import { allDone } from "./company.ts";
import { type Bench, type Figure, median, type Reading, round } from "./figures.ts";
import { callsOfLicences, callsOfPreview, usual } from "./graph.ts";
import { haloPeople, loop } from "./halo-read.ts";
import type { Measured } from "./measure.ts";
import { checkOut, here, type Tree } from "./tree.ts";
import { type BenchWorld, resourcesOf, type WorldOptions, world } from "./world.ts";

/** Figures that are measured in one kind of world. */
interface Scene {
  figures: readonly Figure[];
  options: WorldOptions;
  /** A size of its own. */
  people?: number;
  /** Those that a world gives once: with them every turn has worlds of its own. */
  once: readonly Figure[];
  /** What a world begins with. */
  begin?: (at: BenchWorld) => Promise<Reading[]>;
  /** Measured one after the other, each in all worlds before the next. */
  steps: { figures: readonly Figure[]; run(at: BenchWorld, tree: Tree): Promise<Reading[]> }[];
}

const seconds = (figure: Figure, { wall, cpu }: Measured): Reading => ({
  figure,
  value: wall,
  unit: "s",
  ...(cpu === undefined ? {} : { cpu }),
});
const memory = (value: number | undefined): Reading[] => (value === undefined ? [] : [{ figure: "peak-memory", value, unit: "MiB" }]);

const whole: Scene = {
  figures: [
    ...(["preview-unchanged", "preview-changed", "up-changed", "first-up", "drift"] as const),
    ...(["calls-preview", "state-per-resource", "peak-memory"] as const),
  ],
  options: { emptied: true },
  once: ["first-up"],
  async begin(at) {
    const { up } = allDone(await at.apply("first"));
    await at.sandbox.control("POST", "/settle");
    const bytes = at.stateBytes() / resourcesOf(at.home).length;
    return [seconds("first-up", up), { figure: "state-per-resource", value: bytes, unit: "bytes" }, ...memory(up.memory)];
  },
  steps: [
    {
      figures: ["preview-unchanged", "calls-preview", "peak-memory"],
      async run(at) {
        const before = await at.calls();
        const preview = await at.run(["preview", "--detailed-exitcode"]);
        const calls = Object.entries(await at.calls()).map(
          ([system, count]): Reading => ({
            ...{ figure: "calls-preview", system, unit: "calls" },
            value: count - before[system as keyof typeof before],
          }),
        );
        return [seconds("preview-unchanged", preview), ...calls, ...memory(preview.memory)];
      },
    },
    { figures: ["drift"], run: async (at) => [seconds("drift", await at.run(["drift"]))] },
    {
      figures: ["preview-changed", "up-changed"],
      async run(at) {
        const { preview, up } = await changed(at);
        return [seconds("preview-changed", preview), seconds("up-changed", up)];
      },
    },
  ],
};

const activeDirectory: Scene = {
  figures: ["ad-first-up", "ad-drift", "ad-members"],
  options: { emptied: true, adOnly: true },
  once: ["ad-first-up"],
  begin: async (at) => [seconds("ad-first-up", (await at.apply("first")).up)],
  steps: [
    { figures: ["ad-drift"], run: async (at) => [seconds("ad-drift", await at.run(["drift"]))] },
    {
      figures: ["ad-members"],
      async run(at) {
        const { writes, values } = await members(at);
        const reading = (system: string, value: number): Reading => ({ figure: "ad-members", system, value, unit: "calls" });
        return [reading("writes", writes), reading("values", values)];
      },
    },
  ],
};

/** A figure that is measured alone. */
const single = (figure: Figure, people: number, unit: Reading["unit"], run: (at: BenchWorld, tree: Tree) => Promise<number>): Scene => ({
  ...{ figures: [figure], options: { emptied: false }, people, once: [] },
  steps: [{ figures: [figure], run: async (at, tree) => [{ figure, value: await run(at, tree), unit }] }],
});

const scenes: readonly Scene[] = [
  whole,
  activeDirectory,
  single("graph-preview", usual.many, "calls", callsOfPreview),
  { ...single("graph-licences", usual.licensed, "calls", async (at) => (await callsOfLicences(at)).up), once: ["graph-licences"] },
  single("halo-read", haloPeople, "s", async (at, tree) => (await loop(at, 1, tree)).value),
];

/** The most that a figure may be of the other revision's. */
const most = 1.05;

/** Readings of one figure: this checkout's and the other's, a turn each. */
interface Turns {
  here: Reading[];
  there: Reading[];
}

/** Prints one line a figure. Returns how many are more than 1.05 times the other revision's. */
export async function against(revision: string, sizes: readonly number[], bench: Bench, print: (line: object) => void): Promise<number> {
  const other = checkOut(revision, bench.say);
  const stop = (): void => {
    other.remove();
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  let over = 0;
  try {
    for (const scene of scenes.filter(({ figures }) => bench.wants(...figures))) {
      for (const people of scene.people === undefined ? sizes : [scene.people]) {
        for (const one of await inTurns(scene, people, other, bench)) {
          const line = lineOf(one, people, other.name);
          if (!line || !bench.wants(line.figure)) continue;
          if (!line.ok) over += 1;
          print(line);
        }
      }
    }
  } finally {
    other.remove();
  }
  return over;
}

/** Every step in both trees before the next, as often as the bench repeats. */
async function inTurns(scene: Scene, people: number, other: Tree, { say, wants, repeat }: Bench): Promise<Turns[]> {
  const all = new Map<string, Turns>();
  const note = (tree: Tree, readings: readonly Reading[]): void => {
    for (const reading of readings) {
      const key = `${reading.figure} ${reading.system ?? ""}`;
      const one = all.get(key) ?? { here: [], there: [] };
      one[tree === here ? "here" : "there"].push(reading);
      all.set(key, one);
    }
  };
  const worlds = new Map<Tree, BenchWorld>();
  const stop = async (): Promise<void> => {
    for (const at of worlds.values()) await at.stop();
    worlds.clear();
  };
  try {
    for (let turn = 0; turn < repeat; turn += 1) {
      say(`${people} people, ${scene.figures.filter((one) => wants(one)).join(", ")}: turn ${turn + 1} of ${repeat}`);
      const trees = turn % 2 === 0 ? [here, other] : [other, here];
      if (wants(...scene.once)) await stop();
      for (const tree of trees.filter((one) => !worlds.has(one))) {
        say(`${tree.name}: a world`);
        const at = await world(people, { ...scene.options, tree });
        worlds.set(tree, at);
        if (scene.begin) note(tree, await scene.begin(at));
      }
      for (const { figures, run } of scene.steps.filter((step) => wants(...step.figures))) {
        for (const tree of trees) {
          say(`${tree.name}: ${figures.join(", ")}`);
          const at = worlds.get(tree);
          if (at) note(tree, await run(at, tree));
        }
      }
    }
    return [...all.values()];
  } finally {
    await stop();
  }
}

/** The medians of both, and that of the turns' ratios: each turn is held against its own neighbour. Of memory, the worst of all turns. */
export function lineOf({ here: mine, there }: Turns, people: number, name: string) {
  const [first] = mine;
  if (!first) return undefined;
  const { figure, system, unit } = first;
  const values = (of: readonly Reading[]): number[] => of.map((one) => one.value);
  const cpu = (of: readonly Reading[]): number[] => of.flatMap((one) => one.cpu ?? []);
  const middle = figure === "peak-memory" ? (all: number[]) => Math.max(...all) : median;
  const turns = mine.map((one, turn): [number, number] => [one.value, there[turn]?.value ?? Number.NaN]);
  const [value, other] = [middle(values(mine)), middle(values(there))];
  const ratio = figure === "peak-memory" ? value / other : median(turns.map(([one, neighbour]) => one / neighbour));
  return {
    ...{ bench: "haloform-against/1" as const, against: name, people, figure },
    ...(system === undefined ? {} : { system }),
    ...{ value: round(value), other: round(other), unit, ratio: round(ratio), most, ok: !(round(ratio) > most) },
    ...(cpu(mine).length > 0 ? { cpu: round(median(cpu(mine))), otherCpu: round(median(cpu(there))) } : {}),
    turns: turns.map((turn) => turn.map(round)),
  };
}

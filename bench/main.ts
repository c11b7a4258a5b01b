/**
 * `npm run bench [-- --people 1000,5000] [--only preview-unchanged,first-up,…] [--repeat 3] [--against REV]`: one JSON line a
 * figure on stdout, each beside its floor, or the other revision's, measured in the same run; what is going on, on stderr. Exit
 * code 1 when a figure is over its budget. Every time is the median of the repetitions, both in turn, so that a busy machine
 * hits both.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parallel } from "../cli/engine/automation.ts";
import { keepCompiled } from "../engine/cache.ts";
import { findEngine } from "../engine/find.ts";
import { activeDirectory } from "./active-directory.ts";
import { against } from "./against.ts";
import { drift } from "./drift.ts";
import { type Figure, figures, line, pages } from "./figures.ts";
import { bare, facts, floorOf } from "./floors.ts";
import { graph } from "./graph.ts";
import { haloRead } from "./halo-read.ts";
import type { Measured } from "./measure.ts";
import { world } from "./world.ts";

const usage = `usage: npm run bench -- [--people 1000,5000] [--only ${figures.join(",")}] [--repeat 3] [--against REV]`;
const help = `${usage}

  --people   how many people, a size each
  --only     these figures and no others (docs/scale.md says what each is)
  --repeat   how often each is measured; the median counts
  --against  beside the same figures of another revision instead of floors: it is checked out into a temporary folder, both are
             measured in turns, and each line has both values and their ratio; over its budget is what takes more than 1.05
             times as much
`;
const { values } = parseArgs({
  options: {
    people: { type: "string", default: "1000,5000" },
    only: { type: "string", default: figures.join(",") },
    repeat: { type: "string", default: "3" },
    against: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const sizes = values.people.split(",").map(Number);
const only = new Set(values.only.split(","));
const repeat = Number(values.repeat);
if (
  sizes.some((size) => !Number.isInteger(size) || size < 40) ||
  !(repeat >= 1) ||
  [...only].some((name) => !(figures as readonly string[]).includes(name))
) {
  process.stderr.write(`${usage}\n`);
  process.exit(64);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const wants = (...names: Figure[]): boolean => names.some((name) => only.has(name));
let over = 0;
const print = (figure: Parameters<typeof line>[0]): void => {
  if (!only.has(figure.figure)) return;
  const text = line(figure);
  if (!text.ok) over += 1;
  process.stdout.write(`${JSON.stringify(text)}\n`);
};

async function size(people: number): Promise<void> {
  say(`${people} people: a sandbox whose AD has none of their accounts`);
  const here = await world(people, { emptied: true });
  try {
    const plan = join(here.home, "plan");
    say("haloform: first preview");
    const first = await here.run(["preview", "--out", plan, "--json"]);
    const { digest } = JSON.parse(first.out) as { digest: string };
    say("haloform: first up");
    const up = await here.run(["up", "--plan", plan, "--approve", digest, "--json"]);
    const { done, pending } = JSON.parse(up.out) as { done: { [op: string]: number }; pending: unknown[] };
    if (pending.length > 0)
      throw new Error(`${pending.length} changes of the first up are pending; the figures would not be of the same work.`);
    await here.sandbox.control("POST", "/settle");
    const { resources, engine } = floorOf(here);
    say(`engine floor: first up of ${resources.length} resources`);
    const floorUp = await engine("up");

    print({
      people,
      figure: "state-per-resource",
      value: here.stateBytes() / resources.length,
      unit: "bytes",
      floor: 0,
      budget: 2048,
      note: `${resources.length} resources, the whole state file`,
    });
    const previews: Measured[] = [];
    const floors: Measured[] = [];
    let calls = await here.calls();
    for (let turn = 1; turn <= repeat && wants("preview-unchanged", "calls-preview", "peak-memory"); turn += 1) {
      say(`preview of an unchanged world, and its floor: ${turn} of ${repeat}`);
      previews.push(await here.run(["preview", "--detailed-exitcode"]));
      if (turn === 1) calls = difference(await here.calls(), calls);
      floors.push(await engine("preview"));
    }
    if (previews.length > 0) {
      const [mine, least] = [facts(previews), facts(floors)];
      const cpu = { cpu: mine.cpu, floorCpu: least.cpu };
      print({
        people,
        figure: "preview-unchanged",
        value: mine.seconds,
        unit: "s",
        floor: least.seconds,
        budget: 1.5,
        ...cpu,
        note: `${resources.length} resources`,
      });
      for (const [system, needed] of Object.entries(pages(people)))
        print({
          people,
          figure: "calls-preview",
          system,
          value: calls[system as keyof typeof calls],
          unit: "calls",
          floor: needed,
          budget: needed + 5,
        });
      const memory = { value: Math.max(mine.memory, up.memory ?? 0), floor: Math.max(least.memory, floorUp.memory ?? 0) };
      print({
        people,
        figure: "peak-memory",
        ...memory,
        unit: "MiB",
        note: "command, engine and provider: each process's own peak, added up",
      });
    }
    await drift({ people, figure: "drift", read: "reads", part: "reads" }, here, engine, { say, print, wants, repeat });
    if (wants("first-up")) {
      say("bare writes: a fresh sandbox of the same size");
      const fresh = await world(people, { emptied: true });
      try {
        const writes = await bare("writes", fresh);
        const note = `the up command alone; up to ${parallel} operations at a time; limits of HaloITSM and Graph lifted (they are not what is measured)`;
        const cpu = { cpu: up.cpu ?? 0, floorCpu: floorUp.cpu ?? 0 };
        const parts = { bareWrites: writes.seconds, engine: floorUp.wall };
        print({
          people,
          figure: "first-up",
          value: up.wall,
          unit: "s",
          floor: writes.seconds + floorUp.wall,
          budget: 2,
          ...cpu,
          parts,
          writes: writes.done,
          done,
          note,
        });
      } finally {
        await fresh.stop();
      }
    }
  } finally {
    await here.stop();
  }
}

function difference<T extends { [system: string]: number }>(after: T, before: T): T {
  return Object.fromEntries(Object.entries(after).map(([system, count]) => [system, count - (before[system] ?? 0)])) as T;
}

// For all alike: the floor and the bare loops inherit it.
keepCompiled();
await findEngine(say);
if (values.against !== undefined) {
  const write = (text: object): void => void process.stdout.write(`${JSON.stringify(text)}\n`);
  process.exit((await against(values.against, sizes, { say, print, wants, repeat }, write)) > 0 ? 1 : 0);
}
const others = figures.filter((name) => !/^(?:ad|graph|halo)-/u.test(name));
for (const people of sizes) {
  if (wants(...others)) await size(people);
  if (wants("ad-first-up", "ad-drift", "ad-members")) await activeDirectory(people, { say, print, wants, repeat });
}
if (wants("graph-preview", "graph-licences")) await graph({ say, print, wants, repeat });
if (wants("halo-read")) await haloRead({ say, print, wants, repeat });
process.exit(over > 0 ? 1 : 0);

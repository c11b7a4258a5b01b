/**
 * `npm run bench [-- --people 1000,5000] [--only preview-unchanged,first-up,…] [--repeat 3] [--against REV]`: one JSON line a
 * figure on stdout, each beside its floor, or the other revision's, measured in the same run; what is going on, on stderr. Exit
 * code 1 when a figure is over its budget. Every time is the median of the repetitions, both in turn, so that a busy machine
 * hits both.
 */
import { parseArgs } from "node:util";
import { keepCompiled } from "../engine/cache.ts";
import { findEngine } from "../engine/find.ts";
import { activeDirectory } from "./active-directory.ts";
import { against } from "./against.ts";
import { check } from "./check.ts";
import { company } from "./company.ts";
import { type Bench, type Figure, figures, line, usualFigures } from "./figures.ts";
import { graph } from "./graph.ts";
import { haloRead } from "./halo-read.ts";
import { large } from "./large.ts";
import { members } from "./members.ts";

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
    only: { type: "string", default: usualFigures.join(",") },
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
const print: Bench["print"] = (figure) => {
  if (!only.has(figure.figure)) return;
  const text = line(figure);
  if (!text.ok) over += 1;
  process.stdout.write(`${JSON.stringify(text)}\n`);
};
const bench: Bench = { say, print, wants, repeat };

// For all alike: the floor and the bare loops inherit it.
keepCompiled();
await findEngine(say);
if (values.against !== undefined) {
  const write = (text: object): void => void process.stdout.write(`${JSON.stringify(text)}\n`);
  process.exit((await against(values.against, sizes, bench, write)) > 0 ? 1 : 0);
}
const others = figures.filter((name) => !/^(?:(?:ad|graph|halo|large|members)-|check$)/u.test(name));
for (const people of sizes) {
  if (wants(...others)) await company(people, bench);
  if (wants("large-unchanged", "large-changed", "large-calls", "large-memory")) await large(people, bench);
  if (wants("ad-first-up", "ad-unchanged", "ad-change-all", "ad-drift", "ad-members")) await activeDirectory(people, bench);
}
if (wants("members-memory")) await members(bench);
if (wants("graph-preview", "graph-licences")) await graph(bench);
if (wants("halo-read")) await haloRead(bench);
if (wants("check")) await check(bench);
process.exit(over > 0 ? 1 : 0);

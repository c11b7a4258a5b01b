/**
 * The process of bench/check.ts: `node bench/check-loop.ts --from FILE --repeat 3 --config-file FILE --mappings FOLDER` prints one JSON
 * line { value, floor, lines, warnings, people }, seconds; medians of turns that come after one that is not counted.
 */
import { parseArgs } from "node:util";
import { openProject } from "../cli/engine/project.ts";
import { readCapture } from "../sources/capture.ts";
import { checkedDraft, readDraft } from "../stacks/check/draft.ts";
import { median } from "./figures.ts";

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "" },
    "config-file": { type: "string" },
    mappings: { type: "string" },
    repeat: { type: "string", default: "3" },
  },
});
const { from } = values;
const project = openProject({ stack: "bench", configFile: values["config-file"], mappings: values.mappings });
const { stack, config, home, folder } = project;
const nothing = (): void => undefined;

const seconds = async <T>(work: () => T | Promise<T>): Promise<[number, T]> => {
  const begun = performance.now();
  const made = await work();
  return [(performance.now() - begun) / 1000, made];
};
const check = async () =>
  checkedDraft(await readDraft({ project: folder, stack, config, home, now: new Date(), from, say: nothing, onWait: nothing }));

const all: number[] = [];
const floors: number[] = [];
let found = { people: 0, lines: 0, warnings: 0 };
for (let turn = 0; turn <= Number(values.repeat); turn += 1) {
  const [floor] = await seconds(() => readCapture(from, "halo.users"));
  const [value, { people, lines, warnings }] = await seconds(check);
  found = { people, lines: lines.length, warnings: warnings.length };
  if (turn === 0) continue;
  all.push(value);
  floors.push(floor);
}
process.stdout.write(`${JSON.stringify({ value: median(all), floor: median(floors), ...found })}\n`, () => process.exit(0));

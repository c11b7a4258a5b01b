/** How many requests Graph gets: for a preview of 10,000 people, and for a thousand changes of licences. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Bench } from "./active-directory.ts";
import { type BenchWorld, world } from "./world.ts";

/** People of the preview, and of the change of licences (everybody who has one gets a service plan less). */
const usual = { many: 10_000, licensed: 1100 };
/** A service plan that both licences of the sample organisation have. */
const plan = "YAMMER_ENTERPRISE";

const graphCalls = async (here: BenchWorld): Promise<number> => (await here.calls()).graph;

/** Preview and up; the requests that each of them sent to Graph. */
async function apply(here: BenchWorld, name: string): Promise<{ preview: number; up: number }> {
  const folder = join(here.home, name);
  const before = await graphCalls(here);
  const preview = await here.run(["preview", "--out", folder, "--json"]);
  const { digest } = JSON.parse(preview.out) as { digest: string };
  const between = await graphCalls(here);
  await here.run(["up", "--plan", folder, "--approve", digest, "--json"], [0, 4]);
  return { preview: between - before, up: (await graphCalls(here)) - between };
}

async function preview({ say, print }: Bench, many: number): Promise<void> {
  say(`${many} people: the requests of one preview to Graph`);
  const here = await world(many, { emptied: false });
  try {
    const before = await graphCalls(here);
    await here.run(["preview"]);
    const value = (await graphCalls(here)) - before;
    print({ people: many, figure: "graph-preview", value, unit: "calls", floor: Math.ceil(many / 999), budget: 40 });
  } finally {
    await here.stop();
  }
}

async function licences({ say, print }: Bench, licensed: number): Promise<void> {
  say(`${licensed} people: the requests of a change of all licences to Graph`);
  const here = await world(licensed, { emptied: false });
  try {
    await apply(here, "first");
    await here.sandbox.control("POST", "/settle");
    const file = join(here.home, "mappings", "entra.yaml");
    const content = parse(readFileSync(file, "utf8")) as { licences: { without?: string[] }[] };
    for (const one of content.licences) one.without = [plan];
    writeFileSync(file, stringify(content));
    type Log = { graph: { path: string; status: number; inner?: true }[] };
    const logged = async (): Promise<Log["graph"]> => ((await here.sandbox.control("GET", "/log")) as Log).graph;
    const changes = async (): Promise<number> =>
      (await logged()).filter((one) => one.path.endsWith("/assignLicense") && one.status === 200).length;
    const seen = (await logged()).length;
    const made = await changes();
    const { preview, up: value } = await apply(here, "licences");
    const done = (await changes()) - made;
    const floor = Math.ceil(done / 20);
    const batches = (await logged()).slice(seen).filter((one) => one.path.toLowerCase().endsWith("/$batch")).length;
    const note = `${done} changes of licences; the up alone, with its own reading of everything; its preview took ${preview} more; ${batches} of the requests are batches`;
    print({ people: licensed, figure: "graph-licences", value, unit: "calls", floor, budget: floor + 30, note });
  } finally {
    await here.stop();
  }
}

export async function graph(bench: Bench, sizes = usual): Promise<void> {
  if (bench.wants("graph-preview")) await preview(bench, sizes.many);
  if (bench.wants("graph-licences")) await licences(bench, sizes.licensed);
}

/** How many requests Graph gets: for a preview of 10,000 people, and for a thousand changes of licences. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Bench } from "./figures.ts";
import { type BenchWorld, world } from "./world.ts";

/** People of the preview, and of the change of licences (everybody who has one gets a service plan less). */
export const usual = { many: 10_000, licensed: 1100 };
/** A service plan that both licences of the sample organisation have. */
const plan = "YAMMER_ENTERPRISE";

const graphCalls = async (here: BenchWorld): Promise<number> => (await here.calls()).graph;

/** The requests of one preview. */
export async function callsOfPreview(here: BenchWorld): Promise<number> {
  const before = await graphCalls(here);
  await here.run(["preview"]);
  return (await graphCalls(here)) - before;
}

/** Everybody who has a licence gets a service plan less: the requests of the preview and of the up, and what they changed. */
export async function callsOfLicences(here: BenchWorld): Promise<{ preview: number; up: number; done: number; batches: number }> {
  await here.apply("first", [0, 4]);
  await here.sandbox.control("POST", "/settle");
  const file = join(here.home, "mappings", "entra.yaml");
  const content = parse(readFileSync(file, "utf8")) as { licences: { every: { without?: string[] }[] } };
  for (const one of content.licences.every) one.without = [plan];
  writeFileSync(file, stringify(content));
  type Log = { graph: { path: string; status: number; inner?: true }[] };
  const logged = async (): Promise<Log["graph"]> => ((await here.sandbox.control("GET", "/log")) as Log).graph;
  const changes = async (): Promise<number> =>
    (await logged()).filter((one) => one.path.endsWith("/assignLicense") && one.status === 200).length;
  const seen = (await logged()).length;
  const made = await changes();
  const before = await graphCalls(here);
  const folder = join(here.home, "licences");
  const { digest } = JSON.parse((await here.run(["preview", "--out", folder, "--json"])).out) as { digest: string };
  const between = await graphCalls(here);
  await here.run(["up", "--plan", folder, "--approve", digest, "--json"], [0, 4]);
  const up = (await graphCalls(here)) - between;
  const batches = (await logged()).slice(seen).filter((one) => one.path.toLowerCase().endsWith("/$batch")).length;
  return { preview: between - before, up, done: (await changes()) - made, batches };
}

async function preview({ say, print }: Bench, many: number): Promise<void> {
  say(`${many} people: the requests of one preview to Graph`);
  const here = await world(many, { emptied: false });
  try {
    const value = await callsOfPreview(here);
    print({ people: many, figure: "graph-preview", value, unit: "calls", floor: Math.ceil(many / 999), budget: 40 });
  } finally {
    await here.stop();
  }
}

async function licences({ say, print }: Bench, licensed: number): Promise<void> {
  say(`${licensed} people: the requests of a change of all licences to Graph`);
  const here = await world(licensed, { emptied: false });
  try {
    const { preview, up: value, done, batches } = await callsOfLicences(here);
    const floor = Math.ceil(done / 20);
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

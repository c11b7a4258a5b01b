/**
 * The process of bench/halo-read.ts: `node bench/halo-loop.ts --repeat 3 --config-file FILE --mappings FOLDER` prints one JSON
 * line { value, floor, parts: { read, map }, requests, users, found }, seconds; medians of turns that come after one that is not counted.
 */
import { parseArgs } from "node:util";
import ky from "ky";
import { fetchTrusting } from "../base/certificates.ts";
import { openProject } from "../cli/engine/project.ts";
import { haloClient } from "../clients/halo/shared.ts";
import { useSettings } from "../providers/systems.ts";
import { readFeeds } from "../sources/halo/feeds.ts";
import { readPeople } from "../sources/halo/people.ts";
import { mappingsFor } from "../stacks/read/checked.ts";
import { wish } from "../stacks/wish/wish.ts";
import { median } from "./figures.ts";

const { values } = parseArgs({
  options: { "config-file": { type: "string" }, mappings: { type: "string" }, repeat: { type: "string", default: "3" } },
});
const project = openProject({ stack: "bench", configFile: values["config-file"], mappings: values.mappings });
const mappings = await mappingsFor(project.folder, project.stack, project.config);
useSettings(project.config);
const client = await haloClient();

/** The requests that a read makes, seen once by listening to it: their addresses and headers. */
const asked: { url: string; headers: Headers }[] = [];
const real = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = input instanceof Request ? input : new Request(input, init);
  if (request.method === "GET" && /\/api\/(?!authinfo)/u.test(request.url)) asked.push({ url: request.url, headers: request.headers });
  return real(input, init);
};
/** With every custom field, and what Halo says besides: devices of all types, the software that is there. */
const types = (await client.rows("AssetType")).map((row) => String(row["name"]));
const software = (await client.list("SoftwareLicence", "licences")).rows.slice(0, 3).map((row) => String(row["name"]));
const need = { assets: { types, fields: ["key_field"] }, software, tickets: [], ticketFields: [] };
const read = async () => {
  const { records } = await readPeople(client, { fields: mappings.fields, everyCustom: true });
  return (await readFeeds(client, need, records)).records;
};
asked.length = 0;
await read();
globalThis.fetch = real;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
};
const trusting = fetchTrusting(project.config.halo?.ca);
const bare = async (): Promise<void> => {
  for (const { url, headers } of asked) {
    const how = { retry: 0, timeout: false, throwHttpErrors: false, redirect: "manual", cache: "no-store" } as const;
    const answer = await ky(url, { headers, fetch: trusting, ...how });
    await answer.arrayBuffer();
  }
};
let found = 0;
let map = 0;
const mine = async (): Promise<void> => {
  const records = await read();
  found = records.length;
  const begun = performance.now();
  const trust = { verdict: "trusted" as const, doubts: [], memory: undefined };
  wish({ now: new Date(), stack: "bench", mappings, records, trust, previous: [], memory: undefined, live: {} });
  map = (performance.now() - begun) / 1000;
};
const floors: number[] = [];
const all: number[] = [];
const maps: number[] = [];
for (let turn = 0; turn <= Number(values.repeat); turn += 1) {
  const [floor, value] = [await seconds(bare), await seconds(mine)];
  if (turn === 0) continue;
  floors.push(floor);
  all.push(value);
  maps.push(map);
}
const [value, floor] = [median(all), median(floors)];
const users = asked.filter(({ url }) => /\/api\/(?:Users|FieldInfo)\b/iu.test(url)).length;
const line = { value, floor, parts: { read: value - median(maps), map: median(maps) }, requests: asked.length, users, found };
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));

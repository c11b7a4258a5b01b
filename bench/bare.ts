/**
 * The bare work, as a process of its own: the same bulk reads, or the same writes as a first `up`, through the same clients
 * and nothing else (`users`: one paged read of AD's users). `node bench/bare.ts reads|users|writes --config-file FILE --mappings FOLDER` prints one JSON line:
 * { seconds, done: { kind: count } }. What is needed to know the work (the plan) is not in the time.
 */
import { parseArgs } from "node:util";
import { openProject, type Project } from "../cli/engine/project.ts";
import { silent } from "../cli/say.ts";
import { haloClient } from "../clients/halo/shared.ts";
import { isPerson, userAttributes } from "../providers/ad/reads.ts";
import { client as adClient } from "../providers/ad/wire/shared.ts";
import { listsOf } from "../providers/core/lists.ts";
import { definition, types } from "../providers/registry.ts";
import { readPeople } from "../sources/halo/people.ts";
import { type Prepared, prepare } from "../stacks/prepare.ts";
import { parseExport } from "../stacks/read/previous.ts";
import { write } from "./writes.ts";

const { values, positionals } = parseArgs({
  options: { "config-file": { type: "string" }, mappings: { type: "string" } },
  allowPositionals: true,
});

async function prepared(project: Project): Promise<Prepared> {
  return prepare({
    project: project.folder,
    stack: project.stack,
    config: project.config,
    now: new Date(),
    previous: parseExport({}),
    mode: "haloform",
    say: silent.say,
  });
}

/** Everything a preview reads, all systems at once. */
async function reads(known: Prepared): Promise<{ [what: string]: number }> {
  const done: { [what: string]: number } = {};
  const people = async (): Promise<void> => {
    done["people"] = (await readPeople(await haloClient(), { fields: known.mappings.fields })).records.length;
  };
  // What else a preview looks up (deleted accounts, devices) is no resource type, and left out of the floor.
  const listed = Object.keys(known.live).filter((type) => types.some((one) => one === type));
  const lists = listsOf(listed, async (type, others) => {
    const one = definition(type);
    return one.list(await one.client(), known.run.asked[type], others);
  });
  const count = async (type: string): Promise<void> => {
    done[type] = (await lists(type))?.length ?? 0;
  };
  await Promise.all([people(), ...listed.map(count)]);
  return done;
}

/** All users of AD, in pages: the least that a drift of AD can read. */
async function users(): Promise<{ [what: string]: number }> {
  const found = await (await adClient()).search({ filter: isPerson, attributes: userAttributes });
  return { "ad:User": found.length };
}

const project = openProject({ stack: "bench", configFile: values["config-file"], mappings: values.mappings });
const known = await prepared(project);
const begun = performance.now();
const work: { [what: string]: () => Promise<{ [what: string]: number }> } = {
  reads: () => reads(known),
  users,
  writes: () => write(known),
};
const done = await (work[positionals[0] ?? ""] ?? work["reads"])?.();
const seconds = (performance.now() - begun) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, done })}\n`, () => process.exit(0));

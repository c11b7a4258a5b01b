/** `haloform source pull assets | software`: Halo's devices and software in a file (S3). Changes nothing in any system. */
import { resolve } from "node:path";
import { haloClient } from "../../../clients/halo/shared.ts";
import { rowsOfAssets, writeAssets } from "../../../sources/asset-file.ts";
import { readAssets } from "../../../sources/halo/assets.ts";
import { ownersOf } from "../../../sources/halo/owners.ts";
import { readAllSoftware } from "../../../sources/halo/software-list.ts";
import { rowsOfSoftware, writeSoftware } from "../../../sources/software-file.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { opened, type Pulled, readAll, type SourceOptions, sourcePull } from "./source.ts";

export interface ThingsOptions extends SourceOptions {
  out: string;
  /** Asset types by name, kinds of software by Halo's number; none: all. */
  type?: string[] | undefined;
  /** Customers by name or number; none: all. */
  client?: string[] | undefined;
  /** What is switched off too. */
  inactive?: boolean | undefined;
}

type Pull = (project: Project, options: ThingsOptions & { systems: boolean }) => Promise<Pulled>;

/** What `source pull NAME` does, and what it has written then. Throws UsageError where options are about something else. */
export function pullOf(
  name: string | undefined,
  { type, client, inactive, systems }: Partial<ThingsOptions> & { systems?: boolean },
): [Pull, string] {
  const pulls: { readonly [name: string]: Pull } = { assets: assetsPull, software: softwarePull };
  const things = name === undefined ? undefined : pulls[name];
  if (!things && (type || client || inactive))
    throw new UsageError("--type, --client and --inactive go with `source pull assets` and `source pull software`.");
  if (things && systems) throw new UsageError(`--systems goes with a source of people, not with ${name}.`);
  return things && name ? [things, name] : [sourcePull, "records"];
}

/** Assets with their type's fields and whose they are, as JSON or (by the file's name) CSV. Throws Refusal where the list is not whole. */
export async function assetsPull(project: Project, { out, now, voice, type, client, inactive }: ThingsOptions): Promise<Pulled> {
  const people = await peopleOfHalo(project, { now, voice });
  voice.say("Reading assets");
  const wanted = { inactive, clients: client ?? [], word: "--type" };
  const read = await readAssets(await haloClient(), type ?? [], ["of the type"], ownersOf(people.records), wanted);
  refuseParts("assets", [...people.doubts, ...read.doubts]);
  writeAssets(out, rowsOfAssets(read.assets, people.records), now);
  return { records: read.assets.length, file: resolve(out) };
}

/** Software with its counts and who has it, likewise. */
export async function softwarePull(project: Project, { out, now, voice, type, client, inactive }: ThingsOptions): Promise<Pulled> {
  const odd = type?.find((one) => !/^\d+$/u.test(one));
  if (odd !== undefined)
    throw new UsageError(
      `--type ${odd}: of software expected Halo's number of the kind, as the column "type" of \`source pull software\` shows it.`,
    );
  const people = await peopleOfHalo(project, { now, voice });
  voice.say("Reading software");
  const read = await readAllSoftware(await haloClient(), { types: type, clients: client, inactive });
  refuseParts("software", [...people.doubts, ...read.doubts]);
  writeSoftware(out, rowsOfSoftware(read.software, people.records), now);
  return { records: read.software.length, file: resolve(out) };
}

/** Whoever may have something: names and numbers of Halo's users. */
async function peopleOfHalo(project: Project, options: SourceOptions) {
  const { mappings } = await opened(project, "halo.users");
  options.voice.say("Reading people");
  const { records, read } = await readAll(project, { ...mappings, fields: ["name"] }, "halo.users", options.voice);
  return { records, doubts: read.doubts };
}

/** A list with a gap in it looks like a whole one in every other program. */
function refuseParts(what: string, doubts: readonly string[]): void {
  if (doubts.length === 0) return;
  throw new Refusal([`the list of ${what} is not whole, so nothing is written: ${doubts.join("; ")}`]);
}

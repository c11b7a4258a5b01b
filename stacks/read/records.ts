/** The records of people, from wherever people.yaml says they come: Halo's users, or a source of sources.yaml. */
import { join } from "node:path";
import { defined } from "../../base/defined.ts";
import { ConfigurationError } from "../../base/errors.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { entraSettings } from "../../clients/graph/settings.ts";
import { haloSettings } from "../../clients/halo/settings.ts";
import { haloClient, useHaloOptions } from "../../clients/halo/shared.ts";
import { feedsOf } from "../../mappings/language/feeds.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { everyOf } from "../../mappings/schema/incremental.ts";
import { readCapture } from "../../sources/capture.ts";
import { askEntraUser, type EntraNeed, type EntraRead, readEntraPeople } from "../../sources/entra/people.ts";
import { rememberEntraPeople } from "../../sources/entra/remembered.ts";
import { keptPeople } from "../../sources/entra/remembered-file.ts";
import { readFile } from "../../sources/file/read.ts";
import { keptDetails } from "../../sources/halo/details-file.ts";
import { type Feeds, readFeeds } from "../../sources/halo/feeds.ts";
import { askUser, readPeople } from "../../sources/halo/people.ts";
import { remembering } from "../../sources/halo/remembered.ts";
import type { AskOne, ReadReport, SourceAnswers } from "../../sources/record.ts";
import { askRest, readRest } from "../../sources/rest/read.ts";
import type { SourceRecord } from "../model/types.ts";
import { groupsOfPeople } from "./asks.ts";
import type { Read } from "./lists.ts";

export interface Records {
  /** `halo.users`, `hr`. */
  name: string;
  /** What people call it: HaloITSM, the source hr. */
  called: string;
  records: SourceRecord[];
  read: ReadReport;
  /** Asks the source for one record; absent where it cannot be asked (files, captures). */
  ask?: AskOne;
  /** Halo's assets, software and tickets, where a condition asks for them. */
  feeds?: Feeds;
  /** Of a capture: when it was made, UTC ISO 8601, and what the systems held then, where it says. */
  captured?: string;
  systems?: Read;
  /** The first answers as they came; none of a capture. */
  answers?: SourceAnswers;
  /** Halo's custom fields that were asked for. */
  custom?: string[];
  /** With people.incremental: how it was read (`told`: the plan says so), and why that is off. */
  incremental?: { line: string; off: string | undefined; told?: true };
}

export interface RecordsOptions {
  stack: string;
  /** The mappings folder: files of sources lie in it. */
  folder: string;
  /** Where this machine keeps stored logins. */
  home: string;
  onWait?: (seconds: number) => void;
  /** A file of `haloform source pull`, instead of asking the source. */
  from?: string;
  /** Every field that costs no call of its own, not only those that a mapping names. */
  every?: boolean;
  /** How `people.incremental` is used: as it is set, or anew after reading everything (`--full`); left out, it is not. */
  remember?: { anew: boolean; now: Date };
}

/** What a person calls a source. */
export function calledSource(name: string): string {
  if (name === "entra.users") return "Entra ID";
  return name === "halo.users" ? "HaloITSM" : `the source ${name}`;
}

/** Where `haloform source login` stores a source's refresh token. */
export function tokenFile(home: string, stack: string, name: string): string {
  return join(home, "sources", `${stack}-${name}.token`);
}

/** Certificate authorities that sources name, for base/certificates.ts. */
export function authoritiesOf(mappings: Pick<Mappings, "sources">): string[] {
  return Object.values(mappings.sources ?? {}).flatMap((source) => (source.kind === "rest" && source.ca !== undefined ? [source.ca] : []));
}

/** Reads all of them. Throws ConfigurationError, RefusedError, UnreachableError. */
export async function readRecords(mappings: Mappings, options: RecordsOptions): Promise<Records> {
  const name = mappings.people.source;
  const called = calledSource(name);
  if (options.from !== undefined) {
    const { records, read, at, feeds, systems } = readCapture(options.from, name);
    const found = { records: records as SourceRecord[], read: { ...read, recordCount: read.recordCount } };
    return {
      name,
      called: `${called} as captured on ${at}`,
      captured: at,
      ...found,
      ...defined({ feeds: feeds as Feeds | undefined, systems }),
    };
  }
  if (name === "halo.users") {
    useHaloOptions(defined({ onWait: options.onWait }));
    return { name, called, ...(await readHalo(mappings, options)) };
  }
  if (name === "entra.users") {
    const need = {
      fields: mappings.fields,
      every: options.every ?? false,
      ...groupsOfPeople(mappings),
      external: mappings.people.external,
    };
    const { entra } = await import("../../clients/graph/shared.ts");
    const client = await entra();
    return { name, called, ...(await readEntra(client, mappings, need, options)), ask: askEntraUser(client, need.external) };
  }
  const source = mappings.sources?.[name];
  if (!source) throw new ConfigurationError(`Could not read people: there is no source ${name} in sources.yaml.`);
  if (source.kind !== "rest") return { name, called, ...readFile(name, source, options.folder) };
  const token = tokenFile(options.home, options.stack, name);
  const how = { name, tokenFile: token, ...defined({ onWait: options.onWait }) };
  return { name, called, ...(await readRest(source, how)), ...defined({ ask: askRest(source, how) }) };
}

/** People of Entra ID: all of them, or by what changed since an earlier read where people.incremental allows it. */
async function readEntra(
  client: EntraClient,
  { people }: Pick<Mappings, "people">,
  need: EntraNeed,
  { home, stack, remember }: RecordsOptions,
): Promise<EntraRead & Pick<Records, "incremental">> {
  if (!people.incremental || !remember) return readEntraPeople(client, need);
  const settings = await entraSettings.given();
  const file = keptPeople.place(home, stack);
  const { keep, line, off, ...found } = await rememberEntraPeople(client, need, {
    before: keptPeople.load(file),
    every: everyOf(people.incremental.full),
    anew: remember.anew,
    of: [settings?.tenantId ?? null, settings?.clientId ?? null, client.base],
    now: remember.now,
  });
  if (keep) keptPeople.save(file, keep);
  return { ...found, incremental: { line, off, told: true } };
}

/** People of Halo and what else Halo says of them, with details of earlier reads where people.incremental allows it. */
async function readHalo(
  mappings: Pick<Mappings, "people" | "fields" | "named">,
  { home, stack, remember, every }: RecordsOptions,
): Promise<Omit<Records, "name" | "called">> {
  const { fields, named } = mappings;
  const { incremental } = mappings.people;
  const need = feedsOf(mappings);
  const real = await haloClient();
  if (!incremental || !remember) {
    const people = await readPeople(real, { fields, named, ...defined({ everyCustom: every }) });
    return { ...people, ask: askUser(real), ...(need ? await readFeeds(real, need, people.records, mappings.people.key) : {}) };
  }
  const at = await haloSettings.given();
  const file = keptDetails.place(home, stack);
  const { client, end } = remembering(real, {
    before: keptDetails.load(file),
    every: everyOf(incremental.full),
    anew: remember.anew,
    of: [at?.resourceServer ?? null, at?.clientId ?? null, at?.scope ?? null, at?.tenant ?? null, need ?? null],
    fields,
    ticketFields: need?.ticketFields ?? [],
    now: remember.now,
  });
  const people = await readPeople(client, { fields, named });
  const found = need ? await readFeeds(client, need, people.records, mappings.people.key) : undefined;
  const reports = Object.values(found?.feeds.reports ?? {});
  const { keep, off, line } = end(people.read.complete && reports.every((one) => one.doubts.length === 0));
  if (keep) keptDetails.save(file, keep);
  return { ...people, ...found, ask: askUser(real), incremental: { line, off } };
}

/**
 * The I/O end of the way through the code: reads the source, the live systems and the last run, and hands them to the pure
 * middle. Used by the command line and by the stock Pulumi program alike.
 */
import { resolve } from "node:path";
import { type Calls, calls, callsSince } from "../base/calls.ts";
import { defined } from "../base/defined.ts";
import { homeOf } from "../base/home.ts";
import { taken } from "../base/notes.ts";
import { haloClient } from "../clients/halo/shared.ts";
import type { Mappings } from "../mappings/schema/all.ts";
import type { Live } from "../providers/core/definition.ts";
import type { Run } from "../providers/core/run.ts";
import { vaultFolder } from "../providers/core/vault.ts";
import type { GroupsAsked } from "../providers/entra/group/inputs.ts";
import { directories, type StackConfig, useSettings } from "../providers/systems.ts";
import { readPhotos } from "../sources/photos/index.ts";
import { deviceType } from "./model/kinds.ts";
import type { Plan } from "./model/plan.ts";
import { sourceName } from "./model/source-name.ts";
import type { SourceRecord } from "./model/types.ts";
import { believed } from "./people/believed.ts";
import { withTickets } from "./plan/tickets.ts";
import { type Bound, type World as PlannedWorld, resourcesOf, worldOf } from "./plan/world.ts";
import { askedBy, readSystems } from "./read/asks.ts";
import { mappingsFor } from "./read/checked.ts";
import { readDuties } from "./read/duties.ts";
import { readElsewhere } from "./read/elsewhere.ts";
import { groupsOfLeavers, mailboxesAsked, readMailboxes } from "./read/entra.ts";
import { readIdentities, settingsParts } from "./read/identities.ts";
import { type Read, readLists, reread } from "./read/lists.ts";
import { askForMissing, type Hidden } from "./read/missing.ts";
import type { Previous } from "./read/previous.ts";
import { programParts } from "./read/programs.ts";
import { authoritiesOf, calledSource, type Records, readRecords } from "./read/records.ts";
import { doubtedIn } from "./read/targets.ts";
import { versionHere } from "./read/version.ts";
import { runOf } from "./register/run.ts";
import { withDuties } from "./wish/duties.ts";
import { settledWish } from "./wish/settled.ts";
import { photosAsked, type Wish, type World, withPhotos } from "./wish/wish.ts";

export interface PrepareOptions {
  /** The project's folder: Pulumi.yaml and the mappings folder are in it. */
  project: string;
  stack: string;
  config: StackConfig;
  now: Date;
  /** A promise is awaited only after everything has been read: the engine and the systems work at the same time. */
  previous: Previous | Promise<Previous>;
  mode: Run["mode"];
  /** Told what is being done, a short sentence each. */
  say?: (line: string) => void;
  /** Told that Halo's rolling window is used up and how many seconds are left. */
  onWait?: (seconds: number) => void;
  /** A file of `haloform source pull`, instead of asking the source. */
  from?: string;
  /** `--full`: people.incremental begins anew with reading everything. */
  full?: boolean;
}

export interface Prepared {
  mappings: Mappings;
  source: Plan["source"];
  records: readonly SourceRecord[];
  wish: Wish;
  live: { [type: string]: Live[] };
  /** What the wish was made from, besides what is live: who an account is (stacks/inventory) is looked for in the same world. */
  given: Omit<World, "live">;
  run: Run;
  world: PlannedWorld;
  /** Whether there are commands (mappings/scripts.yaml), or were in the last run: then what is due is noted. */
  commands: boolean;
  calls: Calls;
}

/** Reads everything and computes the wish. Throws ConfigurationError, UnreachableError, MappingError. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { config, now, project, stack, say = () => undefined } = options;
  const last = Promise.resolve(options.previous);
  // Whatever fails first is what is said; the other failure must not end the process unhandled.
  last.catch(() => undefined);
  const before = { ...calls };
  const mappings = await mappingsFor(project, stack, config);
  useSettings(config, authoritiesOf(mappings));

  say(`Reading people from ${calledSource(mappings.people.source)}`);
  const reading = readRecords(mappings, {
    stack,
    folder: resolve(project, config.mappings),
    home: homeOf(project),
    ...defined({ from: options.from, onWait: options.onWait }),
    remember: { anew: options.full ?? false, now },
  });
  let asked: { [type: string]: unknown } = askedBy(mappings);
  const listing = readLists(mappings, asked, config.ad?.bind);
  const [people, lists, bound] = await Promise.all([reading, listing, readBound(mappings, options, listing)]);
  for (const line of taken()) say(line);
  if (people.incremental) say(people.incremental.line);
  const previous = await last;
  const noted = mappings.scripts ? await previous.noted?.() : undefined;
  const given = {
    ...believed(people, mappings, previous.memory, now, lists.beside[deviceType]),
    ...{ now, stack, mappings, previous: previous.resources, memory: previous.memory, ...defined({ noted }) },
  };
  let read = lists;
  const doubtedTargets = await doubtedIn({ all: lists.all, asked, previous: previous.resources, mappings, now });
  const wished = { ...given, doubtedTargets, hidden: new Map([...(await hiddenPeople(people, given, say)), ...(given.hidden ?? [])]) };
  let settled = settledWish(wished, read);
  say(`Read ${people.records.length} people from ${people.called}${countsOf(mappings, settled.live)}`);

  const more = await groupsOfLeavers(mappings, settled.wish.people, settled.live["entra:Group"] ?? []);
  if (more.length > 0) {
    say(`Reading ${more.length} more Entra groups that leavers are in`);
    const known = asked["entra:Group"] as GroupsAsked;
    asked = { ...asked, "entra:Group": { ...known, members: [...new Set([...known.members, ...more])] } };
    read = await reread(read, "entra:Group", asked["entra:Group"], mappings, config.ad?.bind);
  }
  const elsewhere = await readElsewhere(mappings, settled.wish.newNames ?? []);
  if (Object.values(elsewhere.lists).some((all) => all.length > 0)) read = { ...read, beside: { ...read.beside, ...elsewhere.lists } };
  // Neither asks for what the other found: one wish is made of both.
  if (read !== lists) settled = settledWish(wished, read);

  const inEntra = mailboxesAsked(mappings, settled.wish.people, previous.resources, settled.wish.resources);
  if (inEntra.mailboxes.length + inEntra.replies.length > 0) {
    say(`Reading ${inEntra.mailboxes.length} mailboxes and ${inEntra.replies.length} automatic replies`);
    const { live, exchange, asked: more } = await readMailboxes(inEntra);
    asked = { ...asked, ...more };
    settled = settledWish({ ...wished, ...defined({ exchange }) }, { ...read, all: { ...read.all, ...live } });
  }

  settled = { ...settled, wish: withDuties(settled.wish, settled.live, await readDuties(mappings, settled.wish)) };

  const photos = photosAsked(settled.wish).map((one) => one.request);
  if (photos.length > 0) say(`Reading ${photos.length} ${photos.length === 1 ? "photo" : "photos"}`);
  const { found, bytes } = await readPhotos(photos, { project, halo: haloClient });
  const withPhotosRead = withPhotos(settled.wish, found);
  const { line, off, told } = people.incremental ?? {};
  const howRead = [off, told && line].filter((one) => one !== undefined);
  settled = { ...settled, wish: { ...withPhotosRead, notes: [...howRead, ...elsewhere.unread, ...withPhotosRead.notes] } };

  const run = runOf({
    ...{ stack, now, mode: options.mode, mappings, settled, previous: previous.resources, asked, bytes, programs: bound.programs },
    // Both processes of a run speak with the same domain controller: another one has not heard of the last writes yet.
    settings: config.ad ? { ...config, ad: (await import("../providers/ad/wire/shared.ts")).pinned(config.ad) } : config,
    spent: people.name === "halo.users" || mappings.halo || mappings.haloUsers ? (await haloClient()).spent() : [],
    vault: vaultFolder(project, stack),
  });
  const { live } = settled;
  return {
    ...withWorld({ bound, previous, run, trust: given.trust, wish: settled.wish, live, mappings, stack }),
    mappings,
    source: sourceOf(people, given.trust, doubtedTargets),
    records: given.records,
    live,
    given: wished,
    run,
    commands: mappings.scripts !== undefined || previous.resources.some((one) => one.type === "script:Run"),
    calls: callsSince(before),
  };
}

/** The wish with its tickets, and the world of both: what is approved is also what is written in tickets. */
function withWorld(made: Parameters<typeof worldOf>[0] & Omit<Parameters<typeof withTickets>[0], "was">): Pick<Prepared, "wish" | "world"> {
  const before = resourcesOf(made);
  const wish = withTickets({ ...made, was: before.was });
  return { wish, world: worldOf({ ...made, wish }, before) };
}

/** What a plan rests on besides what is wished and there. The systems say which ones they are while their lists are read. */
async function readBound(mappings: Mappings, { config, project, from }: PrepareOptions, lists: Promise<Read>): Promise<Bound> {
  const [targets, programs, haloform] = await Promise.all([
    readIdentities(mappings, config, lists, from),
    programParts(mappings, project),
    versionHere(),
  ]);
  return { mappings: mappings.digest, settings: settingsParts(mappings, config), targets, programs, haloform };
}

/** How people were read, and every doubt about what was read. */
function sourceOf(people: Records, trust: World["trust"], targets: ReadonlyMap<string, string>): Prepared["source"] {
  const ofTargets = [...targets.values()];
  return {
    ...{ name: people.name, records: people.records.length, trust: trust.verdict, doubts: [...trust.doubts, ...ofTargets] },
    ...defined({ targets: ofTargets.length > 0 ? ofTargets : undefined }),
  };
}

/** Who is missing in a believed list and is not gone, where the source can be asked. */
async function hiddenPeople(people: Records, given: Omit<World, "live">, say: (line: string) => void): Promise<Hidden> {
  const { ask, called } = people;
  if (!ask || given.trust.verdict !== "trusted") return new Map();
  const { records, memory, mappings } = given;
  const counted: typeof ask = async (id) => {
    if (asked === 0) say(`Asking ${called} for people who are missing in its list`);
    asked += 1;
    return ask(id);
  };
  let asked = 0;
  return askForMissing({ records, memory, mappings, called: sourceName(mappings.people.source), ask: counted });
}

/** How much was read of each directory that is managed, as a sentence goes on. */
function countsOf(mappings: Mappings, live: { [type: string]: Live[] }): string {
  const managed = readSystems(mappings);
  const read = directories.filter(({ name }) => managed.has(name));
  return read.map(({ accounts: { type, counted } }) => `, ${live[type]?.length ?? 0} ${counted}`).join("");
}

/**
 * The I/O end of the way through the code: reads the source, the live systems and the last run, and hands them to the pure
 * middle. Used by the command line and by the stock Pulumi program alike.
 */
import { basename, resolve } from "node:path";
import { type Calls, calls, callsSince } from "../base/calls.ts";
import { trustCertificates } from "../base/certificates.ts";
import { RefusedError } from "../base/errors.ts";
import { homeOf } from "../base/home.ts";
import type { Values } from "../base/json.ts";
import { taken } from "../base/notes.ts";
import { provideSettings, type StackConfig } from "../base/settings.ts";
import { haloClient } from "../clients/halo/shared.ts";
import { loadMappings } from "../mappings/load.ts";
import type { Mappings } from "../mappings/schema/all.ts";
import { MappingError } from "../mappings/text/errors.ts";
import type { Live } from "../providers/core/definition.ts";
import { type PasswordRules, passphrase } from "../providers/core/password-rules.ts";
import { operationKey, type Run } from "../providers/core/run.ts";
import { vaultFolder } from "../providers/core/vault.ts";
import { definition } from "../providers/registry.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../sources/halo/fields.ts";
import { readPhotos } from "../sources/photos/index.ts";
import { judge, judgeFeeds } from "../sources/trust.ts";
import { connectionType, skuType } from "./model/kinds.ts";
import type { SourceRecord } from "./model/types.ts";
import { withJoiners } from "./people/joiners.ts";
import { withTickets } from "./plan/tickets.ts";
import { type WorldParts, worldOf } from "./plan/world.ts";
import { askedBy } from "./read/asks.ts";
import { devices, type MailboxRead, mailboxesAsked, photoAccounts, readMailboxes } from "./read/entra.ts";
import type { Previous } from "./read/previous.ts";
import { protect, protectInCloud } from "./read/protected.ts";
import { putBack, renamedUnits, wishedBack } from "./read/put-back.ts";
import { authoritiesOf, calledSource, readRecords } from "./read/records.ts";
import { asksConnections } from "./wish/halo/licences.ts";
import { type Wish, wish, withPhotos } from "./wish/wish.ts";

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
  source: { name: string; records: number; trust: "trusted" | "doubted" | "refused"; doubts: string[] };
  records: readonly SourceRecord[];
  wish: Wish;
  live: { [type: string]: Live[] };
  run: Run;
  world: WorldParts;
  /** Whether there are commands (mappings/scripts.yaml), or were in the last run: then what is due is noted. */
  commands: boolean;
  calls: Calls;
}

/** Loads and checks the mapping files against the settings. No system is asked. Throws MappingError (exit 64). */
export async function mappingsFor(project: string, stack: string, config: StackConfig): Promise<Mappings> {
  const folder = resolve(project, config.mappings);
  const mappings = await loadMappings(folder, { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS], label: basename(folder) });
  for (const system of ["ad", "entra", "files"] as const) {
    if (mappings[system] && !config[system]) {
      throw new MappingError([
        `${basename(folder)}/${system}.yaml:1:1 ${system}: Pulumi.${stack}.yaml has no haloform:${system} settings; add them, or take the file away if ${system} is not to be managed`,
      ]);
    }
  }
  if (mappings.people.from === "entra.users" && !config.entra)
    throw new MappingError([
      `${mappings.at(["people", "people", "from"])} people.from: entra.users needs haloform:entra settings, and Pulumi.${stack}.yaml has none; add them`,
    ]);
  const { files } = mappings;
  const acl = files?.homes.findIndex((line) => line.acl !== undefined) ?? -1;
  if (files?.leaver.archive !== undefined && !config.files?.archive)
    throw new MappingError([
      `${mappings.at(["files", "leaver", "archive"])} leaver.archive: haloform:files of Pulumi.${stack}.yaml has no archive; add the folder`,
    ]);
  if (acl >= 0 && !config.files?.share)
    throw new MappingError([
      `${mappings.at(["files", "homes", acl, "acl"])} homes[${acl}].acl: haloform:files of Pulumi.${stack}.yaml has no share; add //server/share`,
    ]);
  const shown = (["ad", "entra"] as const).find((system) => mappings[system]?.passwords?.handover === "output");
  if (shown !== undefined && passphrase() === undefined) {
    throw new MappingError([
      `${mappings.at([shown, "passwords", "handover"])} passwords.handover: output needs PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE), and it is empty: an empty passphrase encrypts nothing; set one, or hand passwords over to a command`,
    ]);
  }
  return mappings;
}

/** What the provider process is told of the section `passwords`. */
function rulesFor(
  { project, stack }: PrepareOptions,
  given: Omit<NonNullable<NonNullable<Mappings["ad"]>["passwords"]>, "rotate">,
): PasswordRules {
  const { length, sets, mustChange, handover } = given;
  return { length, sets, mustChange, handover, ...(handover === "output" ? { vault: vaultFolder(project, stack) } : {}) };
}

/** Reads everything and computes the wish. Throws ConfigurationError, UnreachableError, MappingError. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { config, now, say = () => undefined } = options;
  const last = Promise.resolve(options.previous);
  // Whatever fails first is what is said; the other failure must not end the process unhandled.
  last.catch(() => undefined);
  const before = { ...calls };
  const mappings = await mappingsFor(options.project, options.stack, config);
  trustCertificates(config, authoritiesOf(mappings));
  provideSettings(config);

  const systems = (["ad", "entra", "halo"] as const).filter((system) => mappings[system] || (system === "halo" && mappings.haloUsers));
  const asked: { [type: string]: unknown } = askedBy(mappings);

  say(`Reading people from ${calledSource(mappings.people.from)}`);
  const reading = readRecords(mappings, {
    stack: options.stack,
    folder: resolve(options.project, config.mappings),
    home: homeOf(options.project),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.onWait ? { onWait: options.onWait } : {}),
    remember: { anew: options.full ?? false, now },
  });
  // All types at once: a client lets reads share calls and lists (Graph's rounds, AD's members from its users).
  const listing = Object.entries(asked).map(async ([type, wanted]): Promise<[string, Live[]]> => {
    const one = definition(type);
    return [type, await one.list(await one.client(), wanted)];
  });
  const [people, owned, ...lists] = await Promise.all([reading, devices(mappings), ...listing]);
  for (const line of taken()) say(line);
  if (people.incremental) say(people.incremental.line);
  const previous = await last;
  // The whole list is what the provider works with; the middle looks at those that live and at deleted ones apart.
  const all = Object.fromEntries(lists) as { [type: string]: Live[] };
  Object.assign(all, photoAccounts(mappings, all));
  if (all["ad:User"]) all["ad:User"] = protect(all["ad:User"], mappings.safety.protected.accounts, config.ad?.bind);
  for (const type of ["entra:User", "entra:Licence"])
    if (all[type]) all[type] = protectInCloud(all[type], mappings.safety.protected.accounts);
  let renamed = renamedUnits(previous.resources, all);
  let settled = putBack(all, renamed);
  let live = apartFromDeleted(settled);
  const skus = { ...(await tenantSkus(mappings)), ...(await entraConnections(mappings)) };
  say(
    `Read ${people.records.length} people from ${people.called}${systems.map((system) => `, ${live[accountsOf[system]]?.length ?? 0} ${names[system]}`).join("")}`,
  );

  const feeds = people.feeds ? judgeFeeds(people.feeds.reports, previous.memory?.source.feeds, mappings.trust) : undefined;
  const joined = withJoiners(people, mappings, feeds?.doubted ?? [], feeds?.sentences ?? [], now);
  const verdict = judge({
    records: joined.records,
    read: joined.read,
    memory: previous.memory?.source,
    trust: mappings.trust,
    fields: mappings.fields,
  });
  if (feeds && verdict.memory) verdict.memory = { ...verdict.memory, feeds: feeds.memory };
  const noted = mappings.scripts ? await previous.noted?.() : undefined;
  let mailboxes: MailboxRead | undefined;
  const wishFor = (lists: { [type: string]: Live[] }): Wish =>
    wish({
      now,
      stack: options.stack,
      ...(noted ? { noted } : {}),
      mappings,
      records: joined.records,
      ...(feeds ? { feeds: { doubted: feeds.doubted, sentences: [...feeds.sentences, ...joined.notes] } } : {}),
      trust: verdict,
      previous: previous.resources,
      memory: previous.memory,
      live: { ...lists, ...skus, ...owned },
      ...(mailboxes?.exchange ? { exchange: mailboxes.exchange } : {}),
    });
  let wished = wishFor(live);
  for (let kept = wishedBack(renamed, wished.resources); kept.length < renamed.length; kept = wishedBack(renamed, wished.resources)) {
    renamed = kept;
    settled = putBack(all, renamed);
    live = apartFromDeleted(settled);
    wished = wishFor(live);
  }

  const inEntra = mailboxesAsked(mappings, wished.people, previous.resources);
  if (inEntra.mailboxes.length + inEntra.replies.length > 0) {
    say(`Reading ${inEntra.mailboxes.length} mailboxes and ${inEntra.replies.length} automatic replies`);
    mailboxes = await readMailboxes(inEntra);
    Object.assign(asked, mailboxes.asked);
    settled = { ...settled, ...mailboxes.live };
    live = { ...live, ...mailboxes.live };
    wished = wishFor(live);
  }

  const photos = wished.refused.length > 0 ? [] : (wished.asked ?? []);
  if (photos.length > 0) say(`Reading ${photos.length} ${photos.length === 1 ? "photo" : "photos"}`);
  const read = await readPhotos(
    photos.map((one) => one.request),
    { project: options.project, halo: haloClient },
  );
  wished = withPhotos({ ...wished, asked: photos }, read.found);
  if (people.incremental?.off !== undefined) wished = { ...wished, notes: [people.incremental.off, ...wished.notes] };

  const known = (system: "ad" | "entra" | "halo"): Record<string, string> =>
    Object.fromEntries(
      wished.people.flatMap((person) => (person.accounts[system] === undefined ? [] : [[person.key, person.accounts[system]]])),
    );
  const run: Run = {
    format: "haloform.run/1",
    stack: options.stack,
    owner: process.pid,
    made: now.toISOString(),
    mode: options.mode,
    // Both processes of a run speak with the same domain controller: another one has not heard of the last writes yet.
    settings: config.ad ? { ...config, ad: await (await import("../providers/ad/wire/shared.ts")).pinned(config.ad) } : config,
    live: settled,
    people: {
      ad: { ...known("ad"), ...namedObjects(wished, previous, live) },
      entra: { ...known("entra"), ...namedCloudGroups(wished, previous, live) },
      halo: known("halo"),
    },
    adopt: Object.fromEntries(
      wished.resources.flatMap((one) => (one.adopt === undefined ? [] : [[operationKey(definition(one.type), one.inputs), one.adopt]])),
    ),
    spent: people.name === "halo.users" || mappings.halo || mappings.haloUsers ? (await haloClient()).spent() : [],
    asked: asked as Run["asked"],
    bytes: read.bytes,
    ...(mappings.ad?.passwords ? { passwords: rulesFor(options, mappings.ad.passwords) } : {}),
    ...(mappings.entra?.passwords ? { cloudPasswords: rulesFor(options, mappings.entra.passwords) } : {}),
    ...(wished.secrets && Object.keys(wished.secrets).length > 0 ? { secrets: wished.secrets } : {}),
  };
  const place = (before?: WorldParts): WorldParts =>
    worldOf({ mappings: mappings.digest, wish: wished, previous, run, trust: verdict }, before);
  let world = place();
  const ticketed = withTickets({ mappings, stack: options.stack, wish: wished, was: world.was, previous, live });
  // The world is made again where there are tickets: what is approved is also what is written in them.
  if (ticketed !== wished) {
    wished = ticketed;
    world = place(world);
  }
  return {
    mappings,
    source: { name: people.name, records: people.records.length, trust: verdict.verdict, doubts: verdict.doubts },
    records: joined.records,
    wish: wished,
    live,
    run,
    world,
    commands: mappings.scripts !== undefined || previous.resources.some((one) => one.type === "script:Run"),
    calls: callsSince(before),
  };
}

/** What the tenant owns, which reading the users has read too: no call of its own. */
async function tenantSkus(mappings: Mappings): Promise<{ [type: string]: Live[] }> {
  if ((mappings.entra?.licences.length ?? 0) === 0) return {};
  const { catalogueOf, skuLives } = await import("../providers/entra/licence/skus.ts");
  const { entra } = await import("../clients/graph/shared.ts");
  return { [skuType]: skuLives(await catalogueOf(await entra())) };
}

/** Halo's own connections to Entra ID, asked for only where the mapping writes what they could write too. A Halo that does not show them has none. */
async function entraConnections(mappings: Mappings): Promise<{ [type: string]: Live[] }> {
  if (!asksConnections(mappings)) return {};
  const { readConnections } = await import("../providers/halo/entra-import.ts");
  try {
    const found = await readConnections(await haloClient());
    return { [connectionType]: found.map((one) => ({ id: String(one.id), values: one as unknown as Values })) };
  } catch (error) {
    if (error instanceof RefusedError) return {};
    throw error;
  }
}

/** Deleted accounts come in the list of accounts, so that the state's ids find them; here they are a list of their own. */
function apartFromDeleted(all: { [type: string]: Live[] }): { [type: string]: Live[] } {
  const lists = { ...all };
  for (const system of ["ad", "entra"]) {
    const users = all[`${system}:User`];
    if (!users) continue;
    lists[`${system}:Deleted`] = users.filter((one) => one.values["deleted"] === true);
    lists[`${system}:User`] = users.filter((one) => one.values["deleted"] !== true);
  }
  return lists;
}

/** The ids of the groups and contacts of the mapping that exist, by the keys under which members name them. */
function namedObjects(wished: Wish, previous: Previous, live: { [type: string]: Live[] }): Record<string, string> {
  const kinds = { "ad:Group": "group", "ad:Contact": "contact" } as const;
  const before = new Map(previous.resources.map((one) => [`${one.type}::${one.name}`, one.id]));
  const there = new Set([...(live["ad:Group"] ?? []), ...(live["ad:Contact"] ?? [])].map((one) => one.id));
  return Object.fromEntries(
    wished.resources.flatMap((one) => {
      const kind = kinds[one.type as keyof typeof kinds];
      const id = kind && (one.adopt ?? before.get(`${one.type}::${one.name}`));
      return id !== undefined && there.has(id) ? [[`${kind}:${String(one.inputs["name"])}`, id]] : [];
    }),
  );
}

/** The ids of the cloud groups of the mapping that exist, by the keys under which members and applications name them. */
function namedCloudGroups(wished: Wish, previous: Previous, live: { [type: string]: Live[] }): Record<string, string> {
  const before = new Map(previous.resources.flatMap((one) => (one.type === "entra:Group" ? [[one.name, one.id]] : [])));
  const there = new Set((live["entra:Group"] ?? []).map((one) => one.id));
  return Object.fromEntries(
    wished.resources.flatMap((one) => {
      const id = one.type === "entra:Group" ? (one.adopt ?? before.get(one.name)) : undefined;
      return id !== undefined && there.has(id) ? [[`group:${one.name}`, id]] : [];
    }),
  );
}

const accountsOf = { ad: "ad:User", entra: "entra:Licence", halo: "halo:Agent" } as const;
const names = { ad: "accounts in Active Directory", entra: "in Entra ID", halo: "Halo agents" } as const;

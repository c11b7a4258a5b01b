/**
 * The I/O end of the way through the code: reads the source, the live systems and the last run, and hands them to the pure
 * middle. Used by the command line and by the stock Pulumi program alike.
 */
import { basename, resolve } from "node:path";
import { haloClient } from "../clients/halo/shared.ts";
import { MappingError } from "../mappings/errors.ts";
import { loadMappings } from "../mappings/load.ts";
import { unitOf } from "../mappings/schema/ad-groups.ts";
import type { Mappings } from "../mappings/schema.ts";
import { type Calls, calls, callsSince } from "../providers/core/calls.ts";
import { trustCertificates } from "../providers/core/certificates.ts";
import type { Definition, Live, Values } from "../providers/core/definition.ts";
import { taken } from "../providers/core/notes.ts";
import { type PasswordRules, passphrase } from "../providers/core/password-rules.ts";
import { adoptionKey, type Run } from "../providers/core/run.ts";
import { provideSettings, type StackConfig } from "../providers/core/settings.ts";
import { vaultFolder } from "../providers/core/vault.ts";
import { definition } from "../providers/index.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../sources/halo/fields.ts";
import { readPhotos } from "../sources/photos/index.ts";
import { judge } from "../sources/trust.ts";
import { homeDepths } from "./desired-files.ts";
import { typesOf } from "./kinds.ts";
import { lyncAttribute } from "./leaving.ts";
import type { Previous } from "./previous.ts";
import { protect } from "./protected.ts";
import { putBack, renamedUnits, wishedBack } from "./put-back.ts";
import { authoritiesOf, calledSource, homeFor, readRecords } from "./records.ts";
import type { SourceRecord } from "./types.ts";
import { type Wish, wish, withPhotos } from "./wish.ts";
import { type WorldParts, worldOf } from "./world.ts";

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
}

export interface Prepared {
  mappings: Mappings;
  source: { name: string; records: number; trust: "trusted" | "doubted" | "refused"; doubts: string[] };
  records: readonly SourceRecord[];
  wish: Wish;
  live: { [type: string]: Live[] };
  run: Run;
  world: WorldParts;
  definitions: ReadonlyMap<string, Definition>;
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
  if (mappings.ad?.passwords?.handover === "output" && passphrase() === undefined) {
    throw new MappingError([
      `${mappings.at(["ad", "passwords", "handover"])} passwords.handover: output needs PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE), and it is empty: an empty passphrase encrypts nothing; set one, or hand passwords over to a command`,
    ]);
  }
  return mappings;
}

/** What the provider process is told of the section `passwords`. */
function rulesFor({ project, stack }: PrepareOptions, given: NonNullable<NonNullable<Mappings["ad"]>["passwords"]>): PasswordRules {
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

  const systems = (["ad", "entra", "halo"] as const).filter((system) => mappings[system]);
  const attributes = attributesFor(mappings);
  const definitions = new Map<string, Definition>();
  for (const type of Object.values(typesOf).flat()) definitions.set(type, await definition(type));

  say(`Reading people from ${calledSource(mappings.people.from)}`);
  const reading = readRecords(mappings, {
    stack: options.stack,
    folder: resolve(options.project, config.mappings),
    home: homeFor(options.project),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.onWait ? { onWait: options.onWait } : {}),
  });
  // All types at once: a client lets reads share calls and lists (Graph's rounds, AD's members from its users).
  const listing = [...systems, ...(mappings.files ? (["files"] as const) : [])].flatMap((system) =>
    typesOf[system]
      .filter((type) => isAsked(type, mappings))
      .map(async (type): Promise<[string, Live[]]> => {
        const one = definitions.get(type) as Definition;
        return [type, await one.list(await one.client(), { attributes: attributes[type] ?? [] })];
      }),
  );
  const [people, ...lists] = await Promise.all([reading, ...listing]);
  for (const line of taken()) say(line);
  const previous = await last;
  // The whole list is what the provider works with; the middle looks at those that live and at deleted ones apart.
  const all = Object.fromEntries(lists) as { [type: string]: Live[] };
  if (all["ad:User"]) all["ad:User"] = protect(all["ad:User"], mappings.safety.protected.accounts, config.ad?.bind);
  let renamed = renamedUnits(previous.resources, all);
  let settled = putBack(all, renamed);
  let live = apartFromDeleted(settled);
  say(
    `Read ${people.records.length} people from ${people.called}${systems.map((system) => `, ${live[accountsOf[system]]?.length ?? 0} ${names[system]}`).join("")}`,
  );

  const verdict = judge({
    records: people.records,
    read: people.read,
    memory: previous.memory?.source,
    trust: mappings.trust,
    fields: mappings.fields,
  });
  const noted = mappings.scripts ? await previous.noted?.() : undefined;
  const wishFor = (lists: { [type: string]: Live[] }): Wish =>
    wish({
      now,
      stack: options.stack,
      ...(noted ? { noted } : {}),
      mappings,
      records: people.records,
      trust: verdict,
      previous: previous.resources,
      memory: previous.memory,
      live: lists,
    });
  let wished = wishFor(live);
  for (let kept = wishedBack(renamed, wished.resources); kept.length < renamed.length; kept = wishedBack(renamed, wished.resources)) {
    renamed = kept;
    settled = putBack(all, renamed);
    live = apartFromDeleted(settled);
    wished = wishFor(live);
  }

  const asked = wished.refused.length > 0 ? [] : (wished.asked ?? []);
  if (asked.length > 0) say(`Reading ${asked.length} ${asked.length === 1 ? "photo" : "photos"}`);
  const read = await readPhotos(
    asked.map((one) => one.request),
    { project: options.project, halo: haloClient },
  );
  wished = withPhotos({ ...wished, asked }, read.found);

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
    settings: config.ad ? { ...config, ad: await (await import("../providers/ad/shared.ts")).pinned(config.ad) } : config,
    live: settled,
    people: { ad: { ...known("ad"), ...namedObjects(wished, previous, live) }, entra: known("entra"), halo: known("halo") },
    adopt: Object.fromEntries(
      wished.resources.flatMap((one) => (one.adopt === undefined ? [] : [[adoptionKey(one.type, one.inputs as Values), one.adopt]])),
    ),
    spent: people.name === "halo.users" || mappings.halo ? (await haloClient()).spent() : [],
    attributes,
    bytes: read.bytes,
    ...(mappings.ad?.passwords ? { passwords: rulesFor(options, mappings.ad.passwords) } : {}),
    ...(wished.secrets && Object.keys(wished.secrets).length > 0 ? { secrets: wished.secrets } : {}),
  };
  return {
    mappings,
    source: { name: people.name, records: people.records.length, trust: verdict.verdict, doubts: verdict.doubts },
    records: people.records,
    wish: wished,
    live,
    run,
    world: worldOf({ mappings: mappings.digest, wish: wished, previous, run, definitions, trust: verdict }),
    definitions,
    commands: mappings.scripts !== undefined || previous.resources.some((one) => one.type === "script:Run"),
    calls: callsSince(before),
  };
}

/** Deleted accounts come in the list of accounts, so that the state's ids find them; here they are a list of their own. */
function apartFromDeleted(all: { [type: string]: Live[] }): { [type: string]: Live[] } {
  const users = all["ad:User"];
  if (!users) return all;
  const deleted = users.filter((one) => one.values["deleted"] === true);
  return { ...all, "ad:User": users.filter((one) => one.values["deleted"] !== true), "ad:Deleted": deleted };
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

/** What each type is read with besides its own: what the mappings match, compare and manage. */
export function attributesFor(mappings: Mappings): Record<string, string[]> {
  return {
    "ad:User": [...mappings.adAttributes, ...(mappings.safety.leaver.lync === "off" ? [lyncAttribute] : [])],
    "ad:OrganizationalUnit": unitAttributes(mappings),
    "ad:Contact": (mappings.ad?.contacts ?? []).flatMap((contact) => Object.keys(contact.attributes)),
    "entra:Licence": [...mappings.people.match.entra],
    "entra:Group": (mappings.entra?.groups ?? []).map((group) => group.name),
    ...(mappings.files ? { "files:HomeFolder": homeDepths(mappings.files) } : {}),
  };
}

/** Whether a type has to be read at all: contacts and computers are where the mapping names some. */
export function isAsked(type: string, mappings: Mappings): boolean {
  if (type === "ad:Contact") return (mappings.ad?.contacts.length ?? 0) > 0;
  // Photos are large: up to 100 KB for each account.
  if (type === "ad:Photo") return (mappings.ad?.photos.length ?? 0) > 0;
  return type !== "ad:Computer" || (mappings.ad?.computers.length ?? 0) > 0;
}

/** What is read of organizational units besides their names: what the mapping manages, and no more. */
function unitAttributes(mappings: Mappings): string[] {
  const units = (mappings.ad?.ous ?? []).map(unitOf);
  return [
    ...(units.some((one) => one.description !== undefined) ? ["description"] : []),
    ...(units.some((one) => one.managedBy !== undefined) ? ["managedBy"] : []),
    ...(units.some((one) => one.protectedFromDeletion !== undefined) ? ["nTSecurityDescriptor"] : []),
  ];
}

const accountsOf = { ad: "ad:User", entra: "entra:Licence", halo: "halo:Agent" } as const;
const names = { ad: "accounts in Active Directory", entra: "in Entra ID", halo: "Halo agents" } as const;

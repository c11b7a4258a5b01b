/**
 * The I/O end of the way through the code: reads the source, the live systems and the last run, and hands them to the pure
 * middle. Used by the command line and by the stock Pulumi program alike.
 */
import { basename, resolve } from "node:path";
import { haloClient, useHaloOptions } from "../clients/halo/shared.ts";
import { MappingError } from "../mappings/errors.ts";
import { loadMappings } from "../mappings/load.ts";
import type { Mappings } from "../mappings/schema.ts";
import { type Calls, calls, callsSince } from "../providers/core/calls.ts";
import { trustCertificates } from "../providers/core/certificates.ts";
import type { Definition, Live, Values } from "../providers/core/definition.ts";
import { adoptionKey, type Run } from "../providers/core/run.ts";
import { provideSettings, type StackConfig } from "../providers/core/settings.ts";
import { definition } from "../providers/index.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../sources/halo/fields.ts";
import { readPeople } from "../sources/halo/index.ts";
import { judge } from "../sources/trust.ts";
import { typesOf } from "./kinds.ts";
import type { Previous } from "./previous.ts";
import type { SourceRecord } from "./types.ts";
import { type Wish, wish } from "./wish.ts";
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
  calls: Calls;
}

/** Loads and checks the mapping files against the settings. No system is asked. Throws MappingError (exit 64). */
export async function mappingsFor(project: string, stack: string, config: StackConfig): Promise<Mappings> {
  const folder = resolve(project, config.mappings);
  const mappings = await loadMappings(folder, { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS], label: basename(folder) });
  for (const system of ["ad", "entra"] as const) {
    if (mappings[system] && !config[system]) {
      throw new MappingError([
        `${basename(folder)}/${system}.yaml:1:1 ${system}: Pulumi.${stack}.yaml has no haloform:${system} settings; add them, or take the file away if ${system} is not to be managed`,
      ]);
    }
  }
  return mappings;
}

/** Reads everything and computes the wish. Throws ConfigurationError, UnreachableError, MappingError. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { config, now, say = () => undefined } = options;
  const last = Promise.resolve(options.previous);
  // Whatever fails first is what is said; the other failure must not end the process unhandled.
  last.catch(() => undefined);
  const before = { ...calls };
  const mappings = await mappingsFor(options.project, options.stack, config);
  trustCertificates(config);
  provideSettings(config);

  const systems = (["ad", "entra", "halo"] as const).filter((system) => mappings[system]);
  const attributes: Record<string, string[]> = {
    "ad:User": [...mappings.adAttributes],
    "entra:Licence": [...mappings.people.match.entra],
    "entra:Group": (mappings.entra?.groups ?? []).map((group) => group.name),
  };
  const definitions = new Map<string, Definition>();
  for (const type of Object.values(typesOf).flat()) definitions.set(type, await definition(type));

  say("Reading people from HaloITSM");
  useHaloOptions(options.onWait ? { onWait: options.onWait } : {});
  const halo = await haloClient();
  const reading = readPeople(halo, { fields: mappings.fields });
  // All types at once: a client lets reads share calls and lists (Graph's rounds, AD's members from its users).
  const listing = systems.flatMap((system) =>
    typesOf[system].map(async (type): Promise<[string, Live[]]> => {
      const one = definitions.get(type) as Definition;
      return [type, await one.list(await one.client(), { attributes: attributes[type] ?? [] })];
    }),
  );
  const [people, ...lists] = await Promise.all([reading, ...listing]);
  const previous = await last;
  const live = Object.fromEntries(lists) as { [type: string]: Live[] };
  say(
    `Read ${people.records.length} people from HaloITSM${systems.map((system) => `, ${live[accountsOf[system]]?.length ?? 0} ${names[system]}`).join("")}`,
  );

  const verdict = judge({
    records: people.records,
    read: people.read,
    memory: previous.memory?.source,
    trust: mappings.trust,
    fields: mappings.fields,
  });
  const wished = wish({
    now,
    mappings,
    records: people.records,
    trust: verdict,
    previous: previous.resources,
    memory: previous.memory,
    live,
  });

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
    settings: config,
    live,
    people: { ad: known("ad"), entra: known("entra"), halo: known("halo") },
    adopt: Object.fromEntries(
      wished.resources.flatMap((one) => (one.adopt === undefined ? [] : [[adoptionKey(one.type, one.inputs as Values), one.adopt]])),
    ),
    spent: halo.spent(),
    attributes,
  };
  return {
    mappings,
    source: { name: "halo.users", records: people.records.length, trust: verdict.verdict, doubts: verdict.doubts },
    records: people.records,
    wish: wished,
    live,
    run,
    world: worldOf({ mappings: mappings.digest, wish: wished, previous, run, definitions, trust: verdict }),
    definitions,
    calls: callsSince(before),
  };
}

const accountsOf = { ad: "ad:User", entra: "entra:Licence", halo: "halo:Agent" } as const;
const names = { ad: "accounts in Active Directory", entra: "in Entra ID", halo: "Halo agents" } as const;

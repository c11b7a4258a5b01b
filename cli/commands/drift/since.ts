/**
 * `haloform drift --since last`: drift in Active Directory and Entra ID at the price of what changed there (changes.ts). Neither
 * Halo nor the other systems are asked.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { calls, callsSince } from "../../../base/calls.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Home } from "../../../base/home.ts";
import { writePrivate } from "../../../base/private-file.ts";
import { entra } from "../../../clients/graph/shared.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { client as adClient } from "../../../providers/ad/wire/shared.ts";
import type { Run } from "../../../providers/core/run.ts";
import { definition, typesOf } from "../../../providers/registry.ts";
import { useSettings } from "../../../providers/systems.ts";
import type { Memory, PreviousResource } from "../../../stacks/model/types.ts";
import { wantedIn } from "../../../stacks/plan/held.ts";
import { askedBy } from "../../../stacks/read/asks.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import type { Previous } from "../../../stacks/read/previous.ts";
import { authoritiesOf } from "../../../stacks/read/records.ts";
import type { Drift } from "../../answers/drift.ts";
import { openToRead } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { adFeed } from "./ad.ts";
import { type Feed, type Given, type How, type Looked, look } from "./changes.ts";
import { entraFeed } from "./entra.ts";
import type { Somebody } from "./inbox.ts";
import { withCauses } from "./tolerate.ts";

type SystemName = "ad" | "entra";

export interface DriftOptions {
  now: Date;
  voice: Voice;
  how?: How;
  /** Here nothing is known of people (cli/ledger/syncs.ts). */
  syncing?: unknown;
  /** Which systems; left out: Active Directory where the stack has it, else Entra ID. */
  systems?: readonly SystemName[] | undefined;
}

/** Throws ConfigurationError where the stack has no such system, and what reading throws. */
export async function drift(project: Project, options: DriftOptions): Promise<{ code: number; drift: Drift }> {
  const { config } = project;
  const { voice, now, how = "last" } = options;
  const before = { ...calls };
  const systems = systemsOf(project, options);
  const stack = await openToRead(project, voice);
  const mappings = await mappingsFor(project.folder, project.stack, config);
  useSettings(config, authoritiesOf(mappings));
  const previous = await stack.previous();
  const notes: string[] = [];
  const { asked, appliedOf, lookIn } = lookingOf(project, mappings, previous, now);

  const lookAt = async <P extends object>(feed: Feed<P>, types: readonly string[]): Promise<Looked> => {
    const text = keptPlace(project, feed.name) ?? (await stack.tags())[feed.oldTag];
    const looked = await lookIn(feed, types, { text, how, notes, say: voice.say });
    if (looked.kept !== (text ?? "")) keepPlace(project, feed.name, looked.kept, notes);
    return looked;
  };
  const parts: Looked[] = [];
  if (systems.includes("ad")) parts.push(await lookAt(adFeed(await adClient()), asked("ad")));
  const inEntra = systems.includes("entra") ? [...new Set(appliedOf(asked("entra")).map((one) => one.type))] : [];
  if (inEntra.length > 0) parts.push(await lookAt(entraFeed(await entra(), config.entra?.tenantId ?? ""), inEntra));
  const all = parts.flatMap((one) => one.found);
  const given = { applied: previous.resources, people: peopleOf(previous.memory), now };
  const { odd, ...seen } = await withCauses(project, all, given);
  const sum = (of: (one: Looked) => number): number => parts.reduce((total, one) => total + of(one), 0);
  // The later of two moments would hide what one of them still has from before.
  const [last] = parts.flatMap((one) => one.last ?? []).sort();
  return {
    code: seen.found.length > 0 ? exit.changes : exit.done,
    drift: {
      format: "haloform.drift/1",
      ...seen,
      waiting: 0,
      checked: sum((one) => one.checked),
      doubts: odd,
      calls: callsSince(before),
      since: {
        ...(last === undefined ? {} : { last }),
        changed: sum((one) => one.changed ?? 0),
        looked: sum((one) => one.read.length),
        systems: [...systems],
        notes,
      },
    },
  };
}

const peopleOf = (memory: Memory | undefined): Somebody[] =>
  Object.entries(memory?.people ?? {}).map(([key, { name, key: recordKey, leaverSince }]) => ({
    ...{ key, name, recordKey, hasLeft: leaverSince !== undefined },
  }));

function systemsOf({ config, stack }: Project, { systems }: DriftOptions): readonly SystemName[] {
  if (!config.ad && !config.entra)
    throw new ConfigurationError(
      `Could not look for drift since the last time: Pulumi.${stack}.yaml has neither haloform:ad nor haloform:entra settings, and only Active Directory and Entra ID can say what changed; leave --since out.`,
    );
  const asked = systems ?? (config.ad ? (["ad"] as const) : (["entra"] as const));
  const unset = asked.find((system) => !config[system]);
  if (unset)
    throw new ConfigurationError(
      `Could not look for drift since the last time: Pulumi.${stack}.yaml has no haloform:${unset} settings; leave ${unset} out of --systems.`,
    );
  return asked;
}

const placeFile = ({ home, stack }: Home, feed: string): string =>
  join(home, "drift", `${stack}.${feed.toLowerCase().replaceAll(" ", "-")}.json`);

function keptPlace(project: Project, feed: string): string | undefined {
  const file = placeFile(project, feed);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** A place that cannot be kept costs the next run a full read, not this one its result. */
function keepPlace(project: Project, feed: string, value: string, notes: string[]): void {
  const file = placeFile(project, feed);
  try {
    writePrivate(file, value);
  } catch (error) {
    notes.push(
      `Could not keep the place to go on from in ${file} (${String((error as Error).message).split("\n")[0]}); the next one reads everything.`,
    );
  }
}

/** How Active Directory and Entra ID are looked at: of what was applied there, the types that the mappings ask for. */
export function lookingOf(project: Project, mappings: Mappings, previous: Previous, now: Date) {
  const { memory } = previous;
  const resources = wantedIn(previous);
  const wanted = askedBy(mappings);
  const asked = (system: SystemName): string[] => typesOf(system).filter((type) => wanted[type] !== undefined);
  const appliedOf = (types: readonly string[]): PreviousResource[] => resources.filter((one) => types.includes(one.type));
  const run = runOf(project, appliedOf([...asked("ad"), ...asked("entra")]), now, wanted as Run["asked"]);
  const lookIn = <P extends object>(feed: Feed<P>, types: readonly string[], how: Pick<Given, "text" | "how" | "notes" | "say">) =>
    look(feed, { applied: appliedOf(types), definitions: new Map(types.map((type) => [type, definition(type)])), run, memory, ...how });
  return { wanted, asked, appliedOf, lookIn };
}

/** What comparing needs of a run: whose account is which, as the state knows it. */
export function runOf(
  project: Pick<Project, "stack" | "config">,
  applied: readonly PreviousResource[],
  now: Date,
  asked: Run["asked"],
): Run {
  const names: { readonly [type: string]: string } = { "ad:Group": "group", "ad:Contact": "contact" };
  const others = applied.flatMap(({ type, id, inputs }) => (names[type] ? [[`${names[type]}:${String(inputs["name"])}`, id]] : []));
  const people = (...types: string[]) =>
    applied.flatMap(({ type, id, inputs }) =>
      types.includes(type) && typeof inputs["person"] === "string" ? [[inputs["person"], id]] : [],
    );
  return {
    format: "haloform.run/1",
    stack: project.stack,
    owner: process.pid,
    made: now.toISOString(),
    mode: "haloform",
    settings: project.config,
    live: {},
    people: {
      ad: Object.fromEntries([...others, ...people("ad:User")]),
      entra: Object.fromEntries(people("entra:Licence", "entra:User")),
      halo: {},
    },
    adopt: {},
    spent: [],
    asked,
  };
}

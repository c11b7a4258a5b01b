/**
 * `haloform drift --since last`: drift in Active Directory (and Entra ID, see drift-entra.ts) at the price of what changed there. The domain controller says which
 * objects changed since a cookie (DirSync); of the resources only those are looked at that may differ because of it. Finds what
 * `haloform drift` finds there; reads everything, and says why, where the cookie or the right to use it is missing. Neither
 * Halo nor the other systems are asked. Decided in docs/decisions/0019.
 */
import { z } from "zod";
import { calls, callsSince } from "../../../base/calls.ts";
import { trustCertificates } from "../../../base/certificates.ts";
import { ConfigurationError, RefusedError } from "../../../base/errors.ts";
import { provideSettings } from "../../../base/settings.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { sameDn } from "../../../providers/ad/values/dn.ts";
import { type Changes, changesSince, positionNow } from "../../../providers/ad/wire/dirsync.ts";
import type { Session } from "../../../providers/ad/wire/session.ts";
import { client as adClient } from "../../../providers/ad/wire/shared.ts";
import { makeContext } from "../../../providers/core/context.ts";
import type { Definition, Live } from "../../../providers/core/definition.ts";
import type { Run } from "../../../providers/core/run.ts";
import { definition, typesOf } from "../../../providers/registry.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import { mappingsFor } from "../../../stacks/prepare.ts";
import { askedBy } from "../../../stacks/read/asks.ts";
import { putBack, renamedUnits } from "../../../stacks/read/put-back.ts";
import { authoritiesOf } from "../../../stacks/read/records.ts";
import { openStack } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { type Drift, driftOf } from "./drift.ts";
import { entraTag, type How, lookEntra } from "./entra.ts";

/** Where the last one ended: a stack tag, so that it is with the state and survives a runner that keeps nothing. */
const tag = "haloform:drift";
const placeSchema = z.object({
  /** UTC ISO 8601: before the cookie was given. */
  at: z.iso.datetime(),
  base: z.string(),
  cookie: z.string().min(1),
  /** Resources that differed then: nobody need have touched them again. */
  found: z.array(z.string()),
});
export type Place = z.infer<typeof placeSchema>;

/** Resources that differ, of which the tag keeps the names; with more of them the next run reads everything. */
const mostFound = 300;
/** Objects of a type that are read one by one; more are read as a list. */
const mostSingle = 250;
/** Clocks of two machines may differ by so much (ms). */
const clocks = 15 * 60_000;

export interface DriftOptions {
  now: Date;
  voice: Voice;
  /** `full`: read everything and go on from there; `from-now`: only note where to go on from. */
  how?: How;
  /** Which systems; left out: Active Directory where the stack has it, else Entra ID. */
  systems?: readonly ("ad" | "entra")[];
}

export async function drift(project: Project, options: DriftOptions): Promise<{ code: number; drift: Drift }> {
  const { config } = project;
  const { how = "last" } = options;
  const before = { ...calls };
  if (!config.ad && !config.entra)
    throw new ConfigurationError(
      `Could not look for drift since the last time: Pulumi.${project.stack}.yaml has neither haloform:ad nor haloform:entra settings, and only Active Directory and Entra ID can say what changed; leave --since out.`,
    );
  const systems = options.systems ?? (config.ad ? (["ad"] as const) : (["entra"] as const));
  const unset = systems.find((system) => !config[system]);
  if (unset)
    throw new ConfigurationError(
      `Could not look for drift since the last time: Pulumi.${project.stack}.yaml has no haloform:${unset} settings; leave ${unset} out of --systems.`,
    );
  const stack = await openStack(project, options.voice.say);
  const mappings = await mappingsFor(project.folder, project.stack, config);
  trustCertificates(config, authoritiesOf(mappings));
  provideSettings(config);
  const previous = await stack.previous();
  const notes: string[] = [];
  const wanted = askedBy(mappings);
  const asked = (system: "ad" | "entra"): string[] => typesOf(system).filter((type) => wanted[type] !== undefined);
  const appliedOf = (types: readonly string[]): PreviousResource[] => previous.resources.filter((one) => types.includes(one.type));
  const definitionsOf = (types: readonly string[]) => new Map(types.map((type) => [type, definition(type)] as const));
  const run = runOf(project, appliedOf([...asked("ad"), ...asked("entra")]), options.now, wanted as Run["asked"]);

  const inAd = async (): Promise<Part> => {
    const [text, session] = await Promise.all([stack.tag(tag), adClient()]);
    const applied = appliedOf(asked("ad"));
    const place = how === "last" ? readPlace(text, session.base, notes) : undefined;
    const now = { at: options.now.toISOString(), base: session.base };
    if (how === "from-now") {
      await keepPlace(stack, text, await positionOf(session, notes), [], now, notes);
      return { found: [], checked: 0, looked: 0, changed: 0, last: undefined };
    }
    const definitions = definitionsOf(asked("ad"));
    const { found, cookie, changes, read } = await look({ session, applied, definitions, run, place, notes, say: options.voice.say });
    await keepPlace(stack, text, cookie, found, now, notes);
    const changed = changes ? changes.changed.size + changes.deleted.size : 0;
    return { found, checked: applied.length, looked: read.length, changed, last: changes && place?.at };
  };
  const inEntra = async (tenant: string): Promise<Part> => {
    const applied = appliedOf(asked("entra"));
    if (applied.length === 0) return { found: [], checked: 0, looked: 0, changed: 0, last: undefined };
    const definitions = definitionsOf(asked("entra"));
    const [text, client] = await Promise.all([stack.tag(entraTag), entra()]);
    const looked = await lookEntra({ client, tenant, applied, definitions, run, text, how, notes, say: options.voice.say });
    if (looked.kept !== (text ?? "")) await setTag(stack, entraTag, looked.kept, notes);
    const changed = looked.changes ? looked.changes.changed.size + looked.changes.removed.size : 0;
    return { found: looked.found, checked: applied.length, looked: looked.looked, changed, last: looked.last };
  };
  const parts = [
    ...(systems.includes("ad") ? [await inAd()] : []),
    ...(systems.includes("entra") ? [await inEntra(config.entra?.tenantId ?? "")] : []),
  ];
  const found = parts.flatMap((one) => one.found);
  const sum = (key: "checked" | "looked" | "changed"): number => parts.reduce((total, one) => total + one[key], 0);
  // The later of two moments would hide what one of them still has from before.
  const [last] = parts.flatMap((one) => (one.last === undefined ? [] : [one.last])).sort();
  return {
    code: found.length > 0 ? exit.changes : exit.done,
    drift: {
      format: "haloform.drift/1",
      found,
      waiting: 0,
      checked: sum("checked"),
      doubts: [],
      calls: callsSince(before),
      since: { ...(last === undefined ? {} : { last }), changed: sum("changed"), looked: sum("looked"), systems: [...systems], notes },
    },
  };
}

/** What one system gave. */
interface Part {
  found: Drift["found"];
  checked: number;
  looked: number;
  changed: number;
  /** When the last one was, where only changes were read. */
  last: string | undefined;
}

export interface Given {
  session: Session;
  /** Resources of AD as they were applied. */
  applied: readonly PreviousResource[];
  /** Of the types that are compared. */
  definitions: ReadonlyMap<string, Definition>;
  run: Run;
  /** Where the last one ended; without it everything is read. */
  place: Place | undefined;
  /** Why everything was read goes here. */
  notes: string[];
  say(line: string): void;
}

export interface Looked {
  found: Drift["found"];
  /** Where the next one goes on; undefined where the account may not ask. */
  cookie: string | undefined;
  /** undefined: everything was read. */
  changes: Changes | undefined;
  read: readonly PreviousResource[];
}

/** Compares what may have changed since `place`, or everything, with what was applied. */
export async function look({ session, applied, definitions, run, place, notes, say }: Given): Promise<Looked> {
  const reader = readerOf(session, definitions, run.asked);
  const changes = place && (await changesOf(session, place, notes));
  say(changes ? `Read the changes of Active Directory since ${place.at}` : "Reading Active Directory in full");
  const cookie = changes?.cookie ?? (await positionOf(session, notes));
  const looked = changes ? await suspects(session, applied, changes, place) : undefined;
  if (changes && looked === undefined) notes.push("An organizational unit or container was renamed or moved, so everything was read.");
  const read = looked ?? applied;
  const lists = looked === undefined ? await reader.everything() : await reader.only(looked);
  // As in every plan: a unit that somebody renamed is one finding, not one for each object in it.
  const live = putBack(lists, renamedUnits(applied, lists));
  const byId = new Map(Object.entries(live).flatMap(([type, all]) => all.map((one) => [`${type} ${one.id}`, one] as const)));
  const context = makeContext({ ...run, live }, async () => []);
  return {
    found: read.flatMap((one) => driftOf(one, byId.get(`${one.type} ${one.id}`), { live }, context)),
    cookie,
    changes,
    read,
  };
}

function readPlace(text: string | undefined, base: string, notes: string[]): Place | undefined {
  if (text === undefined || text === "") {
    notes.push("There is no earlier `drift --since last` to go on from, so everything was read; the next one reads only what changed.");
    return undefined;
  }
  try {
    const place = placeSchema.parse(JSON.parse(text));
    if (sameDn(place.base, base)) return place;
    notes.push(`The last one was for ${place.base}, so everything was read.`);
  } catch {
    notes.push(`The stack tag ${tag} cannot be read, so everything was read.`);
  }
  return undefined;
}

async function changesOf(session: Session, place: Place, notes: string[]): Promise<Changes | undefined> {
  try {
    return await changesSince(session, place.cookie);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    notes.push(`${error.message} Everything was read instead.`);
    return undefined;
  }
}

/** Asked before the lists are read: what changes meanwhile is looked at once more the next time. */
async function positionOf(session: Session, notes: string[]): Promise<string | undefined> {
  try {
    return await positionNow(session);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    notes.push(
      `${error.message} Delegate "Replicating Directory Changes" on ${session.base} to haloform's account; until then every drift reads everything.`,
    );
    return undefined;
  }
}

/** The resources that may differ from what was applied; undefined: all of them may. */
async function suspects(
  session: Session,
  applied: readonly PreviousResource[],
  changes: Changes,
  place: Place,
): Promise<PreviousResource[] | undefined> {
  if (await movesOthers(session, applied, changes)) return undefined;
  const found = new Set(place.found);
  const since = Date.parse(place.at) - clocks;
  // A name that a mapping wrote as dn:… means another object, or none, once somebody is renamed, made or deleted.
  const named = changes.renamed.size + changes.deleted.size + changes.changed.size > 0;
  return applied.filter((one) => {
    if (changes.changed.has(one.id) || changes.deleted.has(one.id) || found.has(worldKey(one))) return true;
    // The state itself is newer than the cookie: a run adopted it, or applied another wish.
    if (one.modified === undefined || !(Date.parse(one.modified) < since)) return true;
    // Links to a deleted object vanish without a change of the objects that had them.
    if (changes.deleted.size > 0 && idsIn(one).some((id) => changes.deleted.has(id))) return true;
    return named && JSON.stringify(one.inputs).includes('"dn:');
  });
}

/** Ids of the objects that a resource's references mean. */
function idsIn(one: PreviousResource): string[] {
  const computed = z.object({ resolved: z.record(z.string(), z.string()) }).safeParse(one.outputs["computed"]);
  return computed.success ? Object.values(computed.data.resolved) : [];
}

const leaves = new Set(["ad:User", "ad:Photo", "ad:Group", "ad:Contact", "ad:Computer"]);

/** Whether something that others lie in got another name or place: theirs changes without them. */
async function movesOthers(session: Session, applied: readonly PreviousResource[], changes: Changes): Promise<boolean> {
  const types = new Map(applied.map((one) => [one.id, one.type]));
  const unknown = [...changes.renamed].filter((id) => !leaves.has(types.get(id) ?? ""));
  if (unknown.length > mostSingle) return true;
  for (const id of unknown) {
    const entry = await session.read(`<GUID=${id}>`, ["objectClass"]);
    const classes = (entry?.attributes["objectClass"] ?? []).map((name) => String(name).toLowerCase());
    if (entry === undefined || !classes.some((name) => name === "group" || name === "person")) return true;
  }
  return false;
}

function readerOf(session: Session, definitions: ReadonlyMap<string, Definition>, asked: Run["asked"]) {
  const types = [...definitions.keys()];
  const list = async (type: string): Promise<[string, Live[]]> => {
    const all = (await definitions.get(type)?.list(session, asked[type])) ?? [];
    // Deleted accounts come in the list, too.
    return [type, all.filter((one) => one.values["deleted"] !== true)];
  };
  return {
    everything: async (): Promise<{ [type: string]: Live[] }> => Object.fromEntries(await Promise.all(types.map(list))),
    /** Single objects where they are few, and nothing is about deleted ones (lists know how those are shown). */
    async only(wanted: readonly PreviousResource[]): Promise<{ [type: string]: Live[] }> {
      const live: { [type: string]: Live[] } = Object.fromEntries(types.map((type) => [type, []]));
      for (const type of types) {
        const its = wanted.filter((one) => one.type === type);
        const one = definitions.get(type);
        if (its.length === 0 || one === undefined) continue;
        const single = its.length <= mostSingle && its.every((each) => each.inputs["deleted"] !== true);
        if (!single) live[type] = (await list(type))[1];
        else
          for (let at = 0; at < its.length; at += 16) {
            const some = await Promise.all(its.slice(at, at + 16).map((each) => one.get(session, each.id, asked[type])));
            live[type]?.push(...some.filter((each) => each !== undefined));
          }
      }
      return live;
    },
  };
}

/** A tag that cannot be written costs the next run a full read, not this one its result. */
async function keepPlace(
  stack: { setTag(name: string, value: string): Promise<void> },
  text: string | undefined,
  cookie: string | undefined,
  found: Drift["found"],
  place: Pick<Place, "at" | "base">,
  notes: string[],
): Promise<void> {
  const kept =
    cookie === undefined || found.length > mostFound
      ? ""
      : JSON.stringify({ ...place, cookie, found: found.map(({ type, resource }) => worldKey({ type, name: resource })) });
  if (kept !== (text ?? "")) await setTag(stack, tag, kept, notes);
}

async function setTag(
  stack: { setTag(name: string, value: string): Promise<void> },
  name: string,
  value: string,
  notes: string[],
): Promise<void> {
  try {
    await stack.setTag(name, value);
  } catch (error) {
    notes.push(
      `Could not keep the place to go on from in the stack tag ${name} (${String((error as Error).message).split("\n")[0]}); the next one reads everything.`,
    );
  }
}

/** What comparing needs of a run: whose account is which, as the state knows it. */
export function runOf(
  project: Pick<Project, "stack" | "config">,
  applied: readonly PreviousResource[],
  now: Date,
  asked: Run["asked"],
): Run {
  const names = { "ad:Group": "group", "ad:Contact": "contact" } as const;
  const others = applied.flatMap(({ type, id, inputs }) =>
    type in names ? [[`${names[type as keyof typeof names]}:${String(inputs["name"])}`, id]] : [],
  );
  const people = applied.flatMap(({ type, id, inputs }) =>
    type === "ad:User" && typeof inputs["person"] === "string" ? [[inputs["person"], id]] : [],
  );
  const cloud = applied.flatMap(({ type, id, inputs }) =>
    (type === "entra:Licence" || type === "entra:User") && typeof inputs["person"] === "string" ? [[inputs["person"], id]] : [],
  );
  return {
    format: "haloform.run/1",
    stack: project.stack,
    owner: process.pid,
    made: now.toISOString(),
    mode: "haloform",
    settings: project.config,
    live: {},
    people: { ad: Object.fromEntries([...others, ...people]), entra: Object.fromEntries(cloud), halo: {} },
    adopt: {},
    spent: [],
    asked,
  };
}

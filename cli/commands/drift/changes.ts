/**
 * Drift at the price of what changed: a system that can say which objects changed since a place (a cookie of Active Directory,
 * links of Graph) is asked that, and of the resources only those are looked at that may differ because of it. Finds what a
 * full look finds; reads everything, and says why, where the place is missing or no longer good.
 */

import { z } from "zod";
import { chunks } from "../../../base/chunks.ts";
import { defined } from "../../../base/defined.ts";
import { makeContext } from "../../../providers/core/context.ts";
import type { Definition, Live } from "../../../providers/core/definition.ts";
import { listsOf } from "../../../providers/core/lists.ts";
import type { Run } from "../../../providers/core/run.ts";
import type { Memory, PreviousResource } from "../../../stacks/model/types.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Drift } from "../../answers/drift.ts";
import { changedByHand } from "./compare.ts";

/** What a system says of the time since a place. */
export interface Changes<Position> {
  /** Ids of objects that changed or were made. */
  changed: ReadonlySet<string>;
  /** Ids of objects that are gone. */
  gone: ReadonlySet<string>;
  /** Ids of objects that got another name or place, where the system says so. */
  renamed?: ReadonlySet<string>;
  /** Where to go on the next time. */
  position: Position;
}

/** Resources as they were applied. */
type Applied = readonly PreviousResource[];
type Lists = { [type: string]: Live[] };

/** A system that can say what changed in it. */
export interface Feed<Position extends object> {
  /** `Active Directory` */
  name: string;
  /** How its notes speak: `of` follows `drift --since last`, `everything` is what is read without a place; what --from-now says. */
  words: { of: string; everything: string; fromNow?: string };
  /** Stack tag in which earlier versions kept the place; it is of the machine now, as looking writes nothing where the state is. */
  oldTag: string;
  /** Which domain or tenant a place is of, by its name in the place; and what a person calls one. */
  domain: { field: string; value: string; is(value: string): boolean; called(value: string): string };
  position: z.ZodType<Position>;
  /** The place to go on from, asked without reading anything; undefined where haloform's account may not ask, which is noted. */
  now(notes: string[]): Promise<Position | undefined>;
  since(position: Position): Promise<Changes<Position>>;
  /** Whether `since` failed because the place is no longer good. */
  isLost(error: unknown): error is Error;
  /** Which resources may differ besides those that changed or are gone; undefined: all of them, which is noted. */
  affected(changes: Changes<Position>, applied: Applied, notes: string[]): Promise<((one: PreviousResource) => boolean) | undefined>;
  client(definition: Definition): Promise<unknown>;
  /** Up to how many objects of a type are read one by one; more are read as a list. */
  mostSingle(type: string): number;
  /** The lists as they are compared. */
  settled(lists: Lists, applied: Applied): Lists;
}

/** Resources that differ, of which the place keeps the names; with more of them the next run reads everything. */
const mostFound = 300;
/** Clocks of two machines may differ by so much (ms). */
const clocks = 15 * 60_000;
/** Single objects asked for at a time. */
const together = 20;

/** `full`: read everything and go on from there; `from-now`: only note where to go on from. */
export type How = "last" | "full" | "from-now";

export interface Given {
  /** Resources of the system as they were applied. */
  applied: Applied;
  /** Of the types that are compared. */
  definitions: ReadonlyMap<string, Definition>;
  run: Run;
  /** Who is known, by the last run. */
  memory?: Memory | undefined;
  /** The place that was kept. */
  text: string | undefined;
  how: How;
  /** Why everything was read goes here. */
  notes: string[];
  say(line: string): void;
}

export interface Looked {
  found: Drift["found"];
  /** The place to be kept from now on; "" = the next one reads everything. */
  kept: string;
  /** What was compared. */
  checked: number;
  /** What was looked at of it. */
  read: Applied;
  /** How many objects had changed; undefined: everything was read. */
  changed: number | undefined;
  /** When the last one was, where only changes were read. */
  last: string | undefined;
  /** Ids of changed objects that are nobody's of the state. */
  others: readonly string[];
}

interface Place<Position> {
  /** UTC ISO 8601: before the position was given. */
  at: string;
  position: Position;
  /** Resources that differed then: nobody need have touched them again. */
  found: ReadonlySet<string>;
}

/** Compares what may have changed since the last time, or everything, with what was applied. */
export async function look<P extends object>(feed: Feed<P>, given: Given): Promise<Looked> {
  const { applied, run, how, notes, say } = given;
  const place = how === "last" ? readPlace(feed, given.text, notes) : undefined;
  const changes = place && (await changesOf(feed, place, notes));
  // Asked before the lists are read: what changes meanwhile is looked at once more the next time.
  const position = changes?.position ?? (await feed.now(notes));
  const keep = (found: Drift["found"]): string =>
    position === undefined || found.length > mostFound
      ? ""
      : JSON.stringify({
          ...{ at: run.made, [feed.domain.field]: feed.domain.value, ...position },
          found: found.map(({ type, resource }) => worldKey({ type, name: resource })),
        });
  if (how === "from-now") {
    if (feed.words.fromNow !== undefined) notes.push(feed.words.fromNow);
    return { found: [], kept: keep([]), checked: 0, read: [], changed: undefined, last: undefined, others: [] };
  }
  say(changes && place ? `Read the changes of ${feed.name} since ${place.at}` : `Reading ${feed.name} in full`);
  const suspected = changes && place && (await suspects(feed, changes, place, given));
  const live = feed.settled(await wantedLists(feed, given, suspected), applied);
  const read = suspected ?? applied;
  const context = makeContext({ ...run, live }, async () => []);
  const people = Object.entries(given.memory?.people ?? {}).map(([key, { name, key: recordKey }]) => ({
    key,
    name,
    ...defined({ recordKey }),
  }));
  const found = changedByHand(read, { live }, context, people);
  return {
    ...{ found, kept: keep(found), checked: applied.length, read },
    changed: changes && changes.changed.size + changes.gone.size,
    last: changes && place?.at,
    others: [...(changes?.changed ?? [])].filter((id) => !applied.some((one) => one.id === id)),
  };
}

function readPlace<P extends object>({ domain, position, words }: Feed<P>, text: string | undefined, notes: string[]) {
  if (text === undefined || text === "") {
    notes.push(
      `There is no earlier \`drift --since last\`${words.of} to go on from, so everything was read; the next one reads only what changed.`,
    );
    return undefined;
  }
  try {
    const kept: unknown = JSON.parse(text);
    const { at, found } = z.object({ at: z.iso.datetime(), found: z.array(z.string()) }).parse(kept);
    const { [domain.field]: of } = z.object({ [domain.field]: z.string() }).parse(kept);
    const place: Place<P> = { at, position: position.parse(kept), found: new Set(found) };
    if (domain.is(String(of))) return place;
    notes.push(`The last one was for ${domain.called(String(of))}, so ${words.everything} was read.`);
  } catch {
    notes.push(`The place that was kept cannot be read, so ${words.everything} was read.`);
  }
  return undefined;
}

async function changesOf<P extends object>(feed: Feed<P>, { position }: Place<P>, notes: string[]) {
  try {
    return await feed.since(position);
  } catch (error) {
    if (!feed.isLost(error)) throw error;
    notes.push(`${error.message} ${feed.words.everything.replace("e", "E")} was read instead.`);
    return undefined;
  }
}

/** The resources that may differ from what was applied; undefined: all of them may. */
async function suspects<P extends object>(feed: Feed<P>, changes: Changes<P>, place: Place<P>, { applied, notes }: Given) {
  const affected = await feed.affected(changes, applied, notes);
  if (!affected) return undefined;
  const since = Date.parse(place.at) - clocks;
  return applied.filter(
    (one) =>
      changes.changed.has(one.id) ||
      changes.gone.has(one.id) ||
      place.found.has(worldKey(one)) ||
      // The state itself is newer than the place: a run adopted it, or applied another wish.
      !(one.modified !== undefined && Date.parse(one.modified) < since) ||
      affected(one),
  );
}

/** The objects of `wanted`, by type; all there are where it is undefined. */
async function wantedLists<P extends object>(feed: Feed<P>, { definitions, run }: Given, wanted: Applied | undefined): Promise<Lists> {
  const read = async (type: string, others: (type: string) => Promise<readonly Live[]> | undefined): Promise<Live[]> => {
    const one = definitions.get(type);
    const its = wanted?.filter((each) => each.type === type);
    if (one === undefined || its?.length === 0) return [];
    const client = await feed.client(one);
    // Whoever is deleted is shown as such by the list alone.
    if (its && its.length <= feed.mostSingle(type) && its.every((each) => each.inputs["deleted"] !== true)) {
      const live: Live[] = [];
      for (const some of chunks(its, together)) {
        const found = await Promise.all(some.map((each) => one.get(client, each.id, run.asked[type])));
        live.push(...found.filter((each) => each !== undefined));
      }
      return live;
    }
    // A list of some would be taken for the list of all.
    const listed = await one.list(client, run.asked[type], wanted ? undefined : others);
    return listed.filter((each) => each.values["deleted"] !== true);
  };
  const lists = listsOf(definitions.keys(), read);
  return Object.fromEntries(await Promise.all([...definitions.keys()].map(async (type) => [type, (await lists(type)) ?? []])));
}

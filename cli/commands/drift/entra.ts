/**
 * The half of `haloform drift --since last` that looks at Entra ID: Graph says which users and groups changed since a link
 * (delta queries); of the resources only those are looked at that may differ because of it. Types that Graph has no changes
 * of (mailboxes, photos, application roles) are read as ever. Decided in docs/decisions/0022.
 */
import { z } from "zod";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { makeContext } from "../../../providers/core/context.ts";
import type { Definition, Live } from "../../../providers/core/definition.ts";
import type { Run } from "../../../providers/core/run.ts";
import {
  changesSince,
  type DeltaChanges,
  DeltaExpired,
  type DeltaLinks,
  type DeltaTable,
  linksNow,
} from "../../../providers/entra/delta.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import { type Drift, driftOf } from "./drift.ts";

/** Where the last one ended, in a stack tag of its own. */
export const entraTag = "haloform:drift-entra";
const placeSchema = z.object({
  /** UTC ISO 8601: before the links were given. */
  at: z.iso.datetime(),
  /** The tenant the links are of. */
  tenant: z.string(),
  users: z.string().optional(),
  groups: z.string().optional(),
  /** Resources that differed then: nobody need have touched them again. */
  found: z.array(z.string()),
});
export type EntraPlace = z.infer<typeof placeSchema>;

/** Of which table's changes a type's are; others are always read. */
const tracked: { readonly [type: string]: DeltaTable } = { "entra:User": "users", "entra:Licence": "users", "entra:Group": "groups" };
const mostFound = 300;
/** Objects of a type that are read one by one; more are read as a list. */
const mostSingle = 50;
const clocks = 15 * 60_000;

export type How = "last" | "full" | "from-now";

export interface Given {
  client: EntraClient;
  tenant: string;
  /** Resources of Entra ID as they were applied. */
  applied: readonly PreviousResource[];
  definitions: ReadonlyMap<string, Definition>;
  run: Run;
  /** What the tag holds. */
  text: string | undefined;
  how: How;
  notes: string[];
  say(line: string): void;
}

export interface Looked {
  found: Drift["found"];
  /** What the tag is to hold from now on; "" = the next one reads everything. */
  kept: string;
  /** undefined: everything was read. */
  changes: DeltaChanges | undefined;
  last: string | undefined;
  looked: number;
}

/** Compares what may have changed since the last time, or everything, with what was applied. */
export async function lookEntra(given: Given): Promise<Looked> {
  const { client, applied, run, notes, how, say } = given;
  const at = run.made;
  const place = how === "last" ? readPlace(given) : undefined;
  const changes = place && (await changesOf(client, place, notes));
  // Asked before anything is read: what changes meanwhile is looked at once more the next time.
  const links = changes?.links ?? (await linksNow(client));
  if (how === "from-now") {
    notes.push("Entra ID was not compared; the next `drift --since last` looks at what changes from now on.");
    return { found: [], kept: keep(links, given.tenant, at, []), changes: undefined, last: undefined, looked: 0 };
  }
  say(changes && place ? `Read the changes of Entra ID since ${place.at}` : "Reading Entra ID in full");
  const read = changes && place ? suspects(applied, changes, place) : applied;
  const live = await readerOf(given)(read, changes === undefined);
  const byId = new Map(Object.entries(live).flatMap(([type, all]) => all.map((one) => [`${type} ${one.id}`, one] as const)));
  const context = makeContext({ ...run, live }, async () => []);
  const found = read.flatMap((one) => driftOf(one, byId.get(`${one.type} ${one.id}`), { live }, context));
  return { found, kept: keep(links, given.tenant, at, found), changes, last: changes && place?.at, looked: read.length };
}

function keep(links: DeltaLinks, tenant: string, at: string, found: Drift["found"]): string {
  if (found.length > mostFound) return "";
  return JSON.stringify({
    at,
    tenant,
    ...links,
    found: found.map(({ type, resource }) => worldKey({ type, name: resource })),
  } satisfies EntraPlace);
}

function readPlace({ text, tenant, notes }: Given): EntraPlace | undefined {
  if (text === undefined || text === "") {
    notes.push(
      "There is no earlier `drift --since last` of Entra ID to go on from, so everything was read; the next one reads only what changed.",
    );
    return undefined;
  }
  try {
    const place = placeSchema.parse(JSON.parse(text));
    if (place.tenant === tenant) return place;
    notes.push(`The last one was for the tenant ${place.tenant}, so everything in Entra ID was read.`);
  } catch {
    notes.push(`The stack tag ${entraTag} cannot be read, so everything in Entra ID was read.`);
  }
  return undefined;
}

async function changesOf(client: EntraClient, place: EntraPlace, notes: string[]): Promise<DeltaChanges | undefined> {
  try {
    const { users, groups } = place;
    return await changesSince(client, { ...(users === undefined ? {} : { users }), ...(groups === undefined ? {} : { groups }) });
  } catch (error) {
    if (!(error instanceof DeltaExpired)) throw error;
    notes.push(`${error.message} Everything in Entra ID was read instead.`);
    return undefined;
  }
}

/** The resources that may differ from what was applied. */
export function suspects(
  applied: readonly PreviousResource[],
  changes: Pick<DeltaChanges, "changed" | "removed">,
  place: Pick<EntraPlace, "at" | "found">,
): PreviousResource[] {
  const found = new Set(place.found);
  const since = Date.parse(place.at) - clocks;
  return applied.filter((one) => {
    if (!(one.type in tracked)) return true;
    if (changes.changed.has(one.id) || changes.removed.has(one.id) || found.has(worldKey(one))) return true;
    // The state itself is newer than the links: a run adopted it, or applied another wish.
    if (one.modified === undefined || !(Date.parse(one.modified) < since)) return true;
    // A member who is deleted leaves groups without a change of theirs, in the end.
    return changes.removed.size > 0 && [...changes.removed.keys()].some((id) => JSON.stringify(one.outputs["computed"] ?? {}).includes(id));
  });
}

function readerOf({ definitions, run, applied }: Given) {
  return async (wanted: readonly PreviousResource[], all: boolean): Promise<{ [type: string]: Live[] }> => {
    const live: { [type: string]: Live[] } = {};
    for (const [type, one] of definitions) {
      if (!applied.some((each) => each.type === type)) continue;
      const its = wanted.filter((each) => each.type === type);
      live[type] = [];
      if (its.length === 0) continue;
      const client = await one.client();
      // Whoever is deleted is shown as such by the list alone.
      const single = !all && type in tracked && its.length <= mostSingle && its.every((each) => each.inputs["deleted"] !== true);
      const read = single
        ? (await Promise.all(its.map((each) => one.get(client, each.id, run.asked[type])))).filter((each) => each !== undefined)
        : (await one.list(client, run.asked[type])).filter((each) => each.values["deleted"] !== true);
      live[type] = read;
    }
    return live;
  };
}

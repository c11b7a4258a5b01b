/**
 * People of Entra ID by what changed since an earlier read (`people.incremental`; H11). Graph's changes only say of whom something
 * changed: they are then asked for one by one, as a whole read would see them, so that nothing hangs on the pieces in which changes
 * come. Whether the changes tell everything is not believed but proved: a whole read is held against what they made of the earlier one.
 */
import type { Json } from "../../base/json.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { graphError } from "../../clients/graph/errors.ts";
import { query, segment } from "../../clients/graph/odata.ts";
import { changesSince, type DeltaChanges, DeltaExpired, type DeltaLinks, linksNow } from "../../providers/entra/delta.ts";
import { digestOf, type EarlierOptions, itIsTime, whyFull, whyOff } from "../earlier.ts";
import { groupsOf, isAskedFor } from "./groups.ts";
import { askedOf, type EntraNeed, type EntraRead, readWhole, reportOf, type WholeRead } from "./people.ts";
import type { PeopleFile } from "./remembered-file.ts";
import { asksManager, type EntraPeople, type EntraRow, entraRows } from "./rows.ts";

export interface Remembered extends EntraRead {
  /** What is to be kept; undefined: leave the file. */
  keep: PeopleFile | undefined;
  /** How was read, as a sentence, and why remembering is off. */
  line: string;
  off: string | undefined;
}

/** An earlier read, brought up to date by the changes since. */
interface Advanced extends EntraPeople {
  links: DeltaLinks;
  removed: ReadonlySet<string>;
  /** How many users changed or went. */
  changes: number;
}

/** Why the changes are of no use this time; then everything is read. */
class ReadWhole extends Error {}

const expired = "Entra ID has lost the place in its changes (it keeps it for seven days)";

/** Reads people by their changes where that can be, else whole. Throws as `readWhole`. */
export async function rememberEntraPeople(client: EntraClient, need: EntraNeed, options: EarlierOptions<PeopleFile>): Promise<Remembered> {
  const { before, now } = options;
  const of = digestOf([options.of, askedOf(need), need.groups, (need.patterns ?? []).map(({ source }) => source)]);
  let why = whyFull(options, of);
  // When it is only time for a whole read, what the changes made of the earlier one is held against it.
  const useful = before && (why === undefined || why === itIsTime) ? before : undefined;
  let advanced: Advanced | undefined;
  try {
    advanced = useful && (await advance(client, need, useful));
  } catch (error) {
    if (!(error instanceof DeltaExpired || error instanceof ReadWhole)) throw error;
    why = error instanceof DeltaExpired ? expired : error.message;
  }
  if (advanced && before && why === undefined) {
    const { users, groups, links, removed, changes } = advanced;
    const line = `People of Entra ID by what changed since the last read: ${changes} changed or gone of ${users.size} (everything was last read on ${before.full})`;
    const read = reportOf({ ...visible(advanced), doubts: [], pages: 1, first: [...users.values()].slice(0, 3) as Json[] }, need);
    const kept = { links, users: [...users.values()], groups: [...groups], removed: [...removed] };
    return { ...read, keep: { of, full: before.full, runs: before.runs + 1, ...kept }, line, off: undefined };
  }
  const links = advanced?.links ?? (await linksNow(client, tablesOf(need)));
  const whole = await readWhole(client, need);
  const unlike = advanced && (await differing(client, advanced, whole));
  const off = whyOff(options, of, unlike && `Entra ID's changes do not tell everything (${unlike})`);
  const line = `All people of Entra ID were read: ${why}${advanced && !unlike ? "; what was remembered was right" : ""}`;
  const kept =
    off === undefined ? { links, users: [...whole.users.values()], groups: [...whole.groups] } : { off, links: {}, users: [], groups: [] };
  // A read that is doubted teaches nothing.
  const keep = whole.doubts.length > 0 ? undefined : { of, full: now.toISOString(), runs: 0, removed: [], ...kept };
  return { ...reportOf(whole, need), keep, line, off };
}

const asksGroups = ({ groups, patterns = [] }: EntraNeed): boolean => groups.length + patterns.length > 0;

/** Which changes are asked for: of what a whole read would see, and nothing else. */
function tablesOf(need: EntraNeed): { users: string[]; groups?: string[] } {
  const { select, expand } = askedOf(need);
  const users = [...select.filter((name) => name !== "id"), ...(expand === undefined ? [] : ["manager"])];
  return asksGroups(need) ? { users, groups: ["displayName", "members"] } : { users };
}

/** @throws DeltaExpired; ReadWhole where a whole read costs less. */
async function advance(client: EntraClient, need: EntraNeed, before: PeopleFile): Promise<Advanced> {
  const { users: fromUsers, groups: fromGroups } = before.links;
  if (fromUsers === undefined || (asksGroups(need) && fromGroups === undefined))
    throw new ReadWhole("there is no earlier read on this machine");
  const [changed, inGroups] = await Promise.all([
    changesSince(client, { users: fromUsers }),
    fromGroups === undefined ? undefined : changesSince(client, { groups: fromGroups }),
  ]);
  const users = new Map(before.users.map((one) => [one.id, one]));
  const removed = new Set([...before.removed, ...changed.removed.keys()]);
  for (const id of changed.removed.keys()) users.delete(id);
  // Twenty users are asked for in a call, a thousand are read in one.
  if (changed.changed.size > 20 * (1 + Math.ceil(users.size / 999)))
    throw new ReadWhole(`${changed.changed.size} people have changed, which a whole read tells in fewer calls`);
  const come: string[] = [];
  for (const [id, row] of await usersById(client, need, [...changed.changed])) {
    if (row && !users.has(id)) come.push(id);
    if (row) users.set(id, row);
    else users.delete(id);
    if (row) removed.delete(id);
    else removed.add(id);
  }
  // A call for each of these.
  if (asksManager(need.fields) && come.length > 10)
    throw new ReadWhole(`${come.length} people are new, which a whole read tells in fewer calls`);
  const reports = asksManager(need.fields) ? await reportsOf(client, come, users) : [];
  for (const [id, row] of await usersById(client, need, reports)) if (row) users.set(id, row);
  const links = { ...changed.links, ...inGroups?.links };
  const changes = changed.changed.size + changed.removed.size;
  const stale = inGroups !== undefined && (come.length > 0 || (await concerns(client, need, before.groups, inGroups)));
  const doubts: string[] = [];
  const groups = stale ? await groupsOf(client, need, doubts) : before.groups;
  if (doubts.length > 0) throw new ReadWhole(doubts.join("; "));
  return { users, groups, links, removed, changes };
}

/** Of people who are new or restored, whose managers they are and were not when those were read: a restored one is so without a change of theirs. */
async function reportsOf(client: EntraClient, come: readonly string[], users: EntraPeople["users"]): Promise<string[]> {
  const what = "read whose managers people are who are new in Entra ID";
  const lists = await Promise.all(
    come.map(async (id) => {
      const rows = await client.list(`/users/${segment(id)}/directReports`, ["id"], { what });
      return rows.map((row) => String((row as { id?: unknown }).id)).filter((report) => users.get(report)?.manager?.id !== id);
    }),
  );
  return [...new Set(lists.flat())].filter((id) => users.has(id));
}

/** Each as a whole read would give it; undefined of who is gone meanwhile. */
async function usersById(
  client: EntraClient,
  need: EntraNeed,
  ids: readonly string[],
): Promise<(readonly [string, EntraRow | undefined])[]> {
  const asked = query(askedOf(need));
  const what = "read people who have changed in Entra ID";
  return Promise.all(
    ids.map(async (id) => {
      const path = `/users/${segment(id)}${asked}`;
      const answer = await client.read(path, what);
      if (answer.status === 404) return [id, undefined] as const;
      if (answer.status >= 400) throw graphError(what, "GET", path, answer);
      const [row] = entraRows([answer.body], (line) => {
        throw new ReadWhole(line);
      });
      return [id, row] as const;
    }),
  );
}

/** Whether a change of groups is about those that are asked for: one of them, or one that has such a name now. */
async function concerns(client: EntraClient, need: EntraNeed, known: EntraPeople["groups"], changes: DeltaChanges): Promise<boolean> {
  const ids = new Set(known.map(({ id }) => id));
  const others = [...changes.changed].filter((id) => !ids.has(id));
  if (others.length < changes.changed.size || [...changes.removed.keys()].some((id) => ids.has(id))) return true;
  const what = "read the names of groups that have changed";
  const names = await Promise.all(
    others.map(async (id) => {
      const path = `/groups/${segment(id)}${query({ select: ["id", "displayName"] })}`;
      const answer = await client.read(path, what);
      if (answer.status >= 400 && answer.status !== 404) throw graphError(what, "GET", path, answer);
      return String((answer.body as { displayName?: unknown } | null | undefined)?.displayName ?? "");
    }),
  );
  return names.some((name) => isAskedFor(name, need));
}

/** A deleted user is nobody's manager, and is again when restored: Graph says so of the report only when it is read. */
function visible({ users, groups, removed }: Advanced): EntraPeople {
  const seen = (one: EntraRow): EntraRow => (one.manager && removed.has(one.manager.id) ? { ...one, manager: null } : one);
  return { users: new Map([...users].map(([id, one]) => [id, seen(one)])), groups };
}

/** What a whole read shows that the changes did not tell, and that did not change while it was read; undefined: nothing. */
async function differing(client: EntraClient, advanced: Advanced, whole: WholeRead): Promise<string | undefined> {
  if (whole.doubts.length > 0) return undefined;
  const { changed, removed } = await changesSince(client, advanced.links);
  const meanwhile = (id: string): boolean => changed.has(id) || removed.has(id);
  const told = visible(advanced);
  const unlike = [...new Set([...told.users.keys(), ...whole.users.keys()])]
    .filter((id) => !meanwhile(id))
    .flatMap((id) => {
      const field = differs(told.users.get(id), whole.users.get(id));
      return field === undefined ? [] : [`${field} of ${id}`];
    });
  const members = (of: EntraPeople, id: string): string =>
    JSON.stringify([...(of.groups.find((one) => one.id === id)?.members ?? [])].sort());
  for (const { id, name } of whole.groups)
    if (!meanwhile(id) && members(told, id) !== members(whole, id)) unlike.push(`the members of ${name}`);
  const [first] = unlike;
  return first && `${first}${unlike.length > 1 ? ` and ${unlike.length - 1} more` : ""}`;
}

/** The first property by which they differ; an empty value is none. */
function differs(one: EntraRow | undefined, other: EntraRow | undefined): string | undefined {
  if (!one || !other) return one === other ? undefined : "being there";
  const [a, b]: { readonly [name: string]: unknown }[] = [one, other];
  const canonical = (value: unknown): string => JSON.stringify(value ?? null);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].find((name) => canonical(a?.[name]) !== canonical(b?.[name]));
}

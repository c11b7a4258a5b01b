/**
 * Two input objects of a resource → the fields that differ, for the plan. json-diff-ts finds where they differ (arrays
 * as keyed sets); this file turns that into rows that a person reads and that lose nothing.
 */
import { diff, type IChange } from "json-diff-ts";
import { isObject, type Json, type Values } from "../../base/json.ts";
import { compareTexts } from "../model/values.ts";

/** One difference. `null` = absent. For a member of a set, the path is `set.member`. */
export interface Difference {
  path: string;
  before: Json;
  after: Json;
}

/** Used where `sets` does not name the key of a set of objects. */
const usualKeys = ["sku", "type", "name", "id"] as const;

/** Set path → what names an entry. */
type Sets = ReadonlyMap<string, (entry: Json) => string>;

/**
 * The fields in which `after` differs from `before`, ordered by path (code units, so that a digest over them is stable).
 *
 * - Objects are walked: `attributes.title`. A set shows one entry a member added, removed or (keyed) changed:
 *   `members.person:41`, `skus.SPE_E3`. Any other array is one value.
 * - A key that is new (or everything, when `before` is undefined) is walked in the same way with `before: null`; a new
 *   empty set or object is one entry (`members`, null → []), because undefined (not managed) is not [] (managed, empty).
 * - A key that is gone is one entry with its whole value: it is no longer managed, its members are not lost.
 * - null and absent are the same. The order of a set is not a difference.
 * @param options.sets paths of arrays that are sets: `members` (of text), `of.roles`, `skus:sku` (of objects, known by their `sku`). A
 *   set of objects without a named key is keyed by `sku`, `type`, `name` or `id`, the first its entries have.
 */
export function differences(before: Values | undefined, after: Values, options: { sets: readonly string[] }): Difference[] {
  const sets: Sets = new Map(options.sets.map(parseSet));
  const rows: Difference[] = [];
  // A group of thousands is compared here: the library would make an object for each member on both sides.
  const [old, now] = withoutSets(before ?? {}, after, sets, rows);
  // A Map with a catch-all: with plain keys the library would look paths such as `constructor` up on the prototype.
  const embeddedObjKeys = new Map<string | RegExp, string | ((entry: Json) => string)>([...sets, [/^/u, "$index"]]);
  walk(diff(old, now, { embeddedObjKeys }), "", old, now, sets, rows);
  return rows.sort((a, b) => compareTexts(a.path, b.path));
}

/** Both without the sets that both can have, of which the rows are added. */
function withoutSets(before: Values, after: Values, sets: Sets, rows: Difference[]): [Values, Values] {
  let [old, now] = [before, after];
  for (const [path, name] of sets) {
    const steps = path.split(".");
    const [a, b] = [parentAt(old, steps), parentAt(now, steps)];
    const key = steps.at(-1) ?? "";
    const [was, is] = [a && own(a, key), b && own(b, key)];
    if (!Array.isArray(is) || was === undefined || !(was === null || Array.isArray(was))) continue;
    entries(path, was, is, name, rows);
    [old, now] = [without(old, steps), without(now, steps)];
  }
  return [old, now];
}

function parentAt(values: Values, [step = "", ...rest]: readonly string[]): Values | undefined {
  if (rest.length === 0) return values;
  const inner = own(values, step);
  return isObject(inner) ? parentAt(inner, rest) : undefined;
}

function without(values: Values, [step = "", ...rest]: readonly string[]): Values {
  const { [step]: inner, ...others } = values;
  return rest.length > 0 && isObject(inner) ? { ...values, [step]: without(inner, rest) } : others;
}

function parseSet(text: string): [string, (entry: Json) => string] {
  const colon = text.indexOf(":");
  const path = colon < 0 ? text : text.slice(0, colon);
  const key = colon < 0 ? undefined : text.slice(colon + 1);
  return [path, (entry) => `=${entryKey(entry, key)}`];
}

/** The name of a set's entry; the whole entry as JSON where it has none, so that nothing is folded into one. */
function entryKey(entry: Json, key: string | undefined): string {
  if (typeof entry === "string") return entry;
  if (isObject(entry)) {
    const name = key === undefined ? usualKeys.map((each) => own(entry, each)).find((each) => each !== null) : own(entry, key);
    if (name !== undefined && name !== null) return typeof name === "string" ? name : JSON.stringify(name);
  }
  return JSON.stringify(entry);
}

/** The entries of a set, each by its own path (`roles.Approver`); undefined of what is no set. `sets`: as of `differences`. */
export function entriesOf(path: string, value: Json, { sets }: { sets: readonly string[] }): [path: string, entry: Json][] | undefined {
  const name = sets.map(parseSet).find(([set]) => set === path)?.[1];
  return name && Array.isArray(value) ? value.map((entry) => [`${path}.${name(entry).slice(1)}`, entry]) : undefined;
}

/** The set that a path is an entry of, and what names the entry there; undefined: of none. `sets`: as of `differences`. */
export function entryOf(path: string, { sets }: { sets: readonly string[] }): { set: string; name: string } | undefined {
  const set = sets.map((one) => parseSet(one)[0]).find((one) => path.startsWith(`${one}.`));
  return set === undefined ? undefined : { set, name: path.slice(set.length + 1) };
}

/** `changes` only says where to look; the values come from the two objects themselves. */
function walk(changes: readonly IChange[], path: string, before: Values, after: Values, sets: Sets, rows: Difference[]): void {
  const nested = new Map<string, IChange[] | undefined>();
  for (const change of changes) nested.set(change.key, change.changes);
  for (const [key, inner] of nested) {
    const at = path === "" ? key : `${path}.${key}`;
    const old = own(before, key);
    const now = own(after, key);
    const name = sets.get(at);
    if (name !== undefined && Array.isArray(now) && (old === null || Array.isArray(old))) entries(at, old, now, name, rows);
    else if (isObject(old) && isObject(now) && inner !== undefined) walk(inner, at, old, now, sets, rows);
    else if (old === null && now !== null) added(at, now, sets, rows);
    else if (old !== now) rows.push({ path: at, before: old, after: now });
  }
}

/** A value that was not there: its leaves, each from nothing. */
function added(path: string, value: Json, sets: Sets, rows: Difference[]): void {
  const name = sets.get(path);
  if (name !== undefined && Array.isArray(value)) {
    entries(path, null, value, name, rows);
    return;
  }
  const leaves = isObject(value) ? Object.entries(value).filter(([, each]) => each !== null) : [];
  if (leaves.length === 0) rows.push({ path, before: null, after: value });
  for (const [key, each] of leaves) added(`${path}.${key}`, each, sets, rows);
}

function entries(path: string, before: Json[] | null, after: Json[], name: (entry: Json) => string, rows: Difference[]): void {
  const old = new Map((before ?? []).map((entry) => [name(entry), entry]));
  const now = new Map(after.map((entry) => [name(entry), entry]));
  if (before === null && now.size === 0) rows.push({ path, before: null, after });
  for (const [key, entry] of old) {
    const next = now.get(key);
    if (next === undefined) rows.push({ path: `${path}.${key.slice(1)}`, before: entry, after: null });
    else if (entry !== next && diff({ entry }, { entry: next }).length > 0)
      rows.push({ path: `${path}.${key.slice(1)}`, before: entry, after: next });
  }
  for (const [key, entry] of now) if (!old.has(key)) rows.push({ path: `${path}.${key.slice(1)}`, before: null, after: entry });
}

function own(object: Values, key: string): Json {
  return Object.hasOwn(object, key) ? (object[key] ?? null) : null;
}

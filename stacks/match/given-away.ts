/** Whose record is whose by its key, and which keys were given to somebody else. Pure. */
import type { World } from "../model/scene.ts";
import { byEach, textOf } from "../model/values.ts";
import type { Row } from "../people/roster.ts";
import { isCalled } from "./likeness.ts";
import { sharesForm, wordsOf } from "./names.ts";
import { addressesOf, type Trace } from "./traces.ts";

export interface ByKey {
  /** Key of a record → the earlier key under which its person is known, by the memory. */
  again: ReadonlyMap<string, string>;
  /** Key of a record → somebody else who is known under it. */
  given: ReadonlyMap<string, Trace>;
}

interface Asked {
  rows: readonly Row[];
  managed: ReadonlySet<string>;
  traceOf(key: string): Trace;
  /** Whether the mapping says that the record of a key is the one known under it. */
  isConfirmed(key: string): boolean;
}

/**
 * A record is another human's than the one known under its key where no word of a name and no address is left, where its address is
 * that of somebody else who is known and called so and whose own record has it no more, or where the address known is in the
 * record of somebody else who is called so. Looked for only where anything about who is who has changed.
 */
export function knownByKey({ memory, mappings: { people } }: World, { rows, managed, traceOf, isConfirmed }: Asked): ByKey {
  const names = memory?.people ?? {};
  const again = new Map(Object.entries(names).flatMap(([was, { key }]) => (key === undefined ? [] : [[key, was]])));
  const given = new Map<string, Trace>();
  const candidates = (row: Row): string[] =>
    [again.get(row.key), managed.has(row.key) ? row.key : undefined].filter(
      (key) => key !== undefined && names[key] !== undefined,
    ) as string[];
  const isQuiet = rows.every((row) => names[candidates(row)[0] ?? ""]?.name === row.name) && rows.length === managed.size;
  if (isQuiet) return { again, given };

  const addresses = new Map(rows.map((row) => [row, addressesOf(people, row.record).addresses]));
  const mine = (row: Row | undefined): ReadonlySet<string> => (row && addresses.get(row)) ?? new Set();
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const current = new Map([...again].map(([key, was]) => [was, byKey.get(key)]));
  const known = byEach([...managed].map(traceOf), (trace) => [...trace.addresses]);
  const rowsBy = byEach(rows, (row) => [...mine(row)]);
  const isElse = (row: Row, trace: Trace): boolean => {
    if ([...mine(row)].some((one) => trace.addresses.has(one))) return false;
    const { firstname = "", surname = "", name = "" } = row.record.fields;
    const words = wordsOf(textOf(name), textOf(firstname), textOf(surname));
    const called = wordsOf(...trace.names);
    if (words.size > 0 && called.size > 0 && !sharesForm(words, called)) return true;
    const hasLost = (other: Trace, one: string): boolean => !mine(current.get(other.key) ?? byKey.get(other.key)).has(one);
    if ([...mine(row)].some((one) => known.get(one)?.some((other) => isCalled(row, other) && hasLost(other, one)))) return true;
    return [...trace.addresses].some((one) => rowsBy.get(one)?.some((other) => other !== row && isCalled(other, trace)));
  };
  for (const row of rows) {
    const all = candidates(row);
    const right = all.find((key) => isConfirmed(key) || !isElse(row, traceOf(key)));
    if (right !== again.get(row.key)) again.delete(row.key);
    const own = all.at(-1);
    if (right === undefined && own !== undefined) given.set(row.key, traceOf(own));
  }
  return { again, given };
}

/** Whose record is whose by its key, and which keys were given to somebody else. Pure. */
import type { World } from "../model/scene.ts";
import { byEach, textOf } from "../model/values.ts";
import type { Row } from "../people/roster.ts";
import { firstWords } from "./likeness.ts";
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
  /** Records that are nobody's row: several of one key, and those that people.for leaves aside. */
  aside: readonly Row[];
  managed: ReadonlySet<string>;
  /** Of those, who was so before this run: what the run itself finds under a key, it finds by the record of that key. */
  before: ReadonlySet<string>;
  traceOf(key: string): Trace;
  /** Whether the mapping says that the record of a key is the one known under another, or is not. */
  isOne(key: string, was: string): boolean;
  isOther(key: string, was: string): boolean;
}

/**
 * A record is another human's than the one known under its key where neither a first name nor an address is left, where its address is
 * that of somebody else who is known by this first name and whose own record has it no more (though both are known by it, as families
 * are, unless the first name fits both), or where it has another address and the one known is in the record of somebody else of that first name. Looked for only where anything about who is who has changed.
 */
export function knownByKey(
  { memory, mappings: { people } }: World,
  { rows, aside, managed, before, traceOf, isOne, isOther }: Asked,
): ByKey {
  const names = memory?.people ?? {};
  const again = new Map(Object.entries(names).flatMap(([was, { key }]) => (key === undefined || isOther(key, was) ? [] : [[key, was]])));
  const given = new Map<string, Trace>();
  const candidates = (row: Row): string[] =>
    [again.get(row.key), before.has(row.key) ? row.key : undefined].filter(
      (key) => key !== undefined && names[key] !== undefined,
    ) as string[];
  const renamed = new Set(
    rows.filter((row) => {
      const [key] = candidates(row);
      return key !== undefined && names[key]?.name !== row.name;
    }),
  );
  if (renamed.size === 0) return { again, given };

  const addresses = new Map([...rows, ...aside].map((row) => [row, addressesOf(people, row.record).addresses]));
  const mine = (row: Row | undefined): ReadonlySet<string> => (row && addresses.get(row)) ?? new Set();
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const others = Map.groupBy(aside, (row) => row.key);
  const current = new Map([...again].map(([key, was]) => [was, byKey.get(key)]));
  const known = byEach([...managed].map(traceOf), (trace) => [...trace.addresses]);
  const rowsBy = byEach(rows, (row) => [...mine(row)]);
  const hasLost = (other: Trace, one: string): boolean => {
    const row = current.get(other.key) ?? byKey.get(other.key);
    const all = row ? [row] : (others.get(other.key) ?? []);
    return all.every((each) => mine(each).size > 0 && !mine(each).has(one));
  };
  const isElse = (row: Row, trace: Trace): boolean => {
    if (isOther(row.key, trace.key)) return true;
    // An address that two are known by is whose first name it stands with, where the other one's record has it no more.
    const lost = [...mine(row)].filter((one) => known.get(one)?.some((other) => mayBe(row, other) && hasLost(other, one)));
    // Asked about the record itself: what spoke against it then may be written over by now, and an address alone is no answer.
    const isAsked = trace.likes.includes(row.key);
    if ([...mine(row)].some((one) => trace.addresses.has(one) && (mayBe(row, trace) || !(isAsked || lost.includes(one))))) return false;
    // Nobody has said yet whether another record, which is here, is the one who is known. Of a leaver's own record the first run did not ask either.
    if (
      row.inactive === false &&
      trace.likes.some((key) => key !== row.key && byKey.get(key)?.inactive === false && !isOther(key, trace.key))
    )
      return true;
    const words = firstOf(row);
    const called = wordsOf(...trace.names);
    if (words.size > 0 && called.size > 0 && !sharesForm(words, called)) return true;
    if (lost.length > 0) return true;
    // Of records that were merged the inactive ones are theirs too.
    const isApart = (other: Row): boolean => row.key === trace.key || other.inactive === false;
    return (
      mine(row).size > 0 && [...trace.addresses].some((one) => rowsBy.get(one)?.some((other) => isApart(other) && mayBe(other, trace)))
    );
  };
  const judge = (row: Row): void => {
    const all = candidates(row);
    const right = all.find((key) => isOne(key, key) || !isElse(row, traceOf(key)));
    if (right !== again.get(row.key)) again.delete(row.key);
    const own = all.at(-1);
    if (right === undefined && own !== undefined) given.set(row.key, traceOf(own));
  };
  renamed.forEach(judge);
  // Namesakes are looked at where keys have moved; of a record that says that somebody has left who had left before, nothing hangs on it.
  // Neither of one who would have left, and was kept because others were asked about.
  // But of a record that was found to be somebody else's, it is looked at again.
  const hasLeft = ({ key, inactive }: Row): boolean => {
    const { likes } = traceOf(key);
    return inactive !== false && !likes.includes(key) && (names[key]?.leaverSince !== undefined || likes.length > 0);
  };
  if (given.size > 0) rows.filter((row) => !renamed.has(row) && !hasLeft(row)).forEach(judge);
  return { again, given };
}

/** Who marries keeps the first name; of a family only that tells who it is. */
function firstOf(row: Row): Set<string> {
  const { fields } = row.record;
  const first = firstWords(row);
  return first.size > 0 ? first : wordsOf(textOf(fields["name"]), textOf(fields["surname"]));
}

const mayBe = (row: Row, { names }: Trace): boolean => sharesForm(firstOf(row), wordsOf(...names));

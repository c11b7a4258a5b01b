/**
 * The same human under another key: rehired, merged, renumbered, with lost zeros; and another human under a key that was given
 * away again. A person keeps the key under which haloform knew them first, whatever the record's is now, so that accounts,
 * memberships and memory stay whose they are (docs/decisions/0061). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { few } from "../../base/text.ts";
import { directories } from "../../providers/systems.ts";
import type { Ground, World } from "../model/scene.ts";
import { called, compareKeys } from "../model/values.ts";
import { managedBefore, type Roster, type Row } from "../people/roster.ts";
import { type Cases, casesOf, type Stuck } from "./cases.ts";
import { knownByKey } from "./given-away.ts";
import { type Likely, likenesses } from "./likeness.ts";
import { withMet } from "./met.ts";
import { type Trace, tracesOf, withRow } from "./traces.ts";

export interface Again extends Cases {
  /** Each row under the key by which its person is known. */
  roster: Roster;
  notes: string[];
}

export function sameHumans(read: Roster, now: World): Again {
  const world = withMet(now);
  const { mappings, memory } = world;
  const { newKey } = mappings.people;
  const rows = new Map(read.rows.map((row) => [row.key, row]));
  const managed = managedBefore(world.previous);
  const remembered = memory?.people ?? {};
  const traceOf = tracesOf(world);
  const laterKeys = new Map(Object.entries(remembered).flatMap(([was, { key }]) => (key === undefined ? [] : [[key, was] as const])));
  /** Somebody known before is meant by the key of the record that was theirs last, too, unless that one is somebody's own. */
  const knownAs = (said: string | number | undefined): string => {
    const key = String(said);
    return managed.has(key) || Object.hasOwn(remembered, key) ? key : (laterKeys.get(key) ?? key);
  };
  const says = (list: readonly { person: string | number; was?: string | number; isNot?: string | number }[]) => {
    const pairs = new Set(list.map((one) => `${one.person}\u0000${knownAs(one.was ?? one.isNot)}`));
    return (key: string, was: string): boolean => pairs.has(`${key}\u0000${was}`);
  };
  const isOne = says(newKey.same);
  const isOther = says(newKey.different);
  const aside = [...read.duplicated.values(), ...read.excluded.values()].flat();
  const before = managedBefore(now.previous);
  const { again, given } = knownByKey(world, { rows: read.rows, aside, managed, before, traceOf, isOne, isOther });
  const isMoved = (key: string): boolean => given.has(key) || again.has(key);
  const isVacant = (key: string): boolean =>
    isMoved(key) || (!read.duplicated.has(key) && !read.excluded.has(key) && rows.get(key)?.inactive !== false);
  const isFree = (key: string): boolean => rows.has(key) && (!managed.has(key) || isMoved(key));
  const known = new KnownAs(rows);
  for (const [key, was] of again) if (key !== was && isFree(key) && isVacant(was)) known.put(key, was);
  const stuck: Stuck[] = [];
  for (const { person, was: earlier } of newKey.same) {
    const row = rows.get(String(person));
    const was = knownAs(earlier);
    const isKnown = managed.has(was) || rows.has(was) || Object.hasOwn(remembered, was);
    if (!row || row.key === was || remembered[was]?.key === row.key || !isKnown) continue;
    const isHere = !isVacant(was) || known.isHere(was);
    if (!isHere && (isFree(row.key) || !traceOf(row.key).isOn)) known.put(row.key, was);
    const now = known.was(row.key);
    if (now !== was && row.inactive === false) stuck.push({ row, own: traceOf(row.key), trace: traceOf(was), isHere, now });
  }

  const former = [...new Set([...managed, ...Object.keys(remembered)])].filter((key) => isVacant(key) && !known.isHere(key));
  // Whoever was asked about stays asked about, whatever has become theirs meanwhile.
  const asked = new Set(former.flatMap((key) => remembered[key]?.likes ?? []));
  const isNew = ({ key, inactive }: Row): boolean => inactive === false && (isFree(key) || asked.has(key)) && !known.has(key);
  const newcomers = read.rows.filter(isNew);
  const traces = former
    .sort(compareKeys)
    .map((key) => withRow(traceOf(key), known.rowOf(key, isMoved(key) ? undefined : rows.get(key)), mappings.people))
    .map((trace) => {
      // Of the record of their own key, nobody else's is a later one.
      const ended = trace.likes.filter((key) => key !== trace.key && rows.get(key)?.inactive !== false && !isOther(key, trace.key));
      return { ...trace, ended: new Map(ended.map((key) => [key, rows.get(key)])) };
    });
  const likely = former.length === 0 ? [] : likenesses(world, newcomers, traces, isOther);
  const notes = newKey.decide === "automatic" && world.trust.verdict === "trusted" ? takenOver(likely, known) : [];
  const open = likely.filter(({ row, trace }) => !known.has(row.key) && !known.isHere(trace.key));
  const astray = new Map<string, Trace>([...given].filter(([key]) => managed.has(key) && !known.has(key)));
  const isHere = (was: string): boolean => known.isHere(was);
  return { ...casesOf(world, { open, given: astray, stuck, traces, rows, isHere }), roster: moved(read, known, astray), notes };
}

/** Whether two looks ask the same of a human, and know everybody under the same key. */
export const asksTheSame = (one: Again, other: Again): boolean => isDeepStrictEqual(said(one), said(other));

const said = ({ cases, waiting, likes, notes, roster }: Again): unknown => [
  ...[cases, waiting, likes, notes],
  roster.rows.map(({ key, recordKey }) => [key, recordKey]),
];

/** Whose records are known under another key than their own. */
class KnownAs {
  readonly #rows: ReadonlyMap<string, Row>;
  readonly #was = new Map<string, string>();
  readonly #now = new Map<string, string>();
  /** Records of people who are here by another one. */
  readonly #old = new Set<string>();

  constructor(rows: ReadonlyMap<string, Row>) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#was.size;
  }

  has(key: string): boolean {
    return this.#was.has(key);
  }

  was(key: string): string | undefined {
    return this.#was.get(key);
  }

  /** Whether somebody known under a key is here by the record of another. */
  isHere(was: string): boolean {
    return this.#rows.get(this.#now.get(was) ?? "")?.inactive === false;
  }

  /** The record of somebody known under a key. */
  rowOf(was: string, own: Row | undefined): Row | undefined {
    const now = this.#now.get(was);
    return now === undefined ? own : this.#rows.get(now);
  }

  isOld(key: string): boolean {
    return this.#old.has(key) || this.#now.has(key);
  }

  /** A record of somebody who is here goes before one of somebody who has left. */
  put(key: string, was: string): void {
    if (this.#was.has(key) || this.isHere(was)) return;
    const before = this.#now.get(was);
    if (before !== undefined) {
      this.#was.delete(before);
      this.#old.add(before);
    }
    this.#was.set(key, was);
    this.#now.set(was, key);
  }
}

/** Takes over where nothing else can be meant; sentences about it. */
function takenOver(likely: readonly Likely[], known: KnownAs): string[] {
  // A namesake with another address does not come into question.
  const all = likely.filter((one) => one.stays);
  const isOnly = (pick: (one: Likely) => string, one: Likely): boolean => all.filter((each) => pick(each) === pick(one)).length === 1;
  const certain = all.filter((one) => one.sure && isOnly(({ row }) => row.key, one) && isOnly(({ trace }) => trace.key, one));
  for (const { row, trace } of certain) known.put(row.key, trace.key);
  if (certain.length === 0) return [];
  const names = certain.map(({ row, trace, by }) => `${called(row)}, before ${trace.key}, by ${by}`).sort();
  const who = certain.length === 1 ? "1 person is" : `${certain.length} people are`;
  return [`${who} known again under another key, and keep what they have: ${few(names)}`];
}

/** Rows under the keys by which their people are known; a row that means somebody else, or whose person is here by another, is none. */
function moved(read: Roster, known: KnownAs, given: ReadonlyMap<string, unknown>): Roster {
  if (known.size + given.size === 0) return read;
  const rows = read.rows.flatMap((row): Row[] => {
    const was = known.was(row.key);
    if (was !== undefined) return [{ ...row, key: was, recordKey: row.key }];
    return given.has(row.key) || known.isOld(row.key) ? [] : [row];
  });
  return { ...read, rows: rows.sort((a, b) => compareKeys(a.key, b.key)) };
}

/** Leaves to a human whether somebody is somebody known before: one case, whatever the systems. Once accounts have been found. */
export function parkLookalikes(ground: Ground, cases: Again["cases"]): void {
  /** Namesakes with an account of their own: there is nothing to ask, later either. */
  const settled = new Set<string>();
  for (const [key, { reason, always }] of cases) {
    const subject = ground.byKey.get(key);
    if (!subject) continue;
    if (!always && Object.keys(subject.accounts).length > 0) {
      settled.add(key);
      continue;
    }
    // Somebody who is here by another record goes on: what is asked is whose the record of their earlier key is.
    if (subject.recordKey === undefined || subject.recordKey === key) {
      for (const { name } of directories) subject.parkedIn.add(name);
      if (subject.stage !== "leaver") subject.keep ??= { rule: ground.at("people", "people", "newKey"), note: `parked: ${reason}` };
    }
    ground.parked.push({ key, name: subject.name, reason, where: "matching" });
  }
  for (const one of ground.subjects) if (one.likes) one.likes = one.likes.filter((key) => !settled.has(key));
}

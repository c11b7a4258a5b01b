/** What a human is asked where somebody may be somebody known before, and who waits for the answer. Pure. */
import type { World } from "../model/scene.ts";
import { sourceName } from "../model/source-name.ts";
import { called } from "../model/values.ts";
import type { Row } from "../people/roster.ts";
import type { Likely } from "./likeness.ts";
import type { Trace } from "./traces.ts";

export interface Cases {
  /** Key → why a human must decide who this is. `always`: also where the person has an account of their own. */
  cases: ReadonlyMap<string, { reason: string; always: boolean }>;
  /** Those known before who may be here under another key: key → what is waited for. They keep what they have. */
  waiting: ReadonlyMap<string, string>;
  /** Key → the keys of the records that may be theirs: kept until it is decided, whatever becomes of the values that said so. */
  likes: ReadonlyMap<string, string[]>;
}

/** Who is one person by a line of `newKey.same`, and cannot be made one. */
export interface Stuck {
  row: Row;
  /** What is known under the record's own key, and under the earlier one. */
  own: Trace;
  trace: Trace;
  /** Whether the earlier key has a record of somebody who is here. */
  isHere: boolean;
  /** As whom the record is known, if as anybody. */
  now: string | undefined;
}

interface Asked {
  open: readonly Likely[];
  /** Key of a record → somebody else who is known under it. */
  given: ReadonlyMap<string, Trace>;
  /** Everybody who may be here under another key. */
  traces: readonly Trace[];
  stuck: readonly Stuck[];
  rows: ReadonlyMap<string, Row>;
  /** Whether somebody known under a key is here by the record of another. */
  isHere(was: string): boolean;
}

export function casesOf(world: World, { open, given, stuck, traces, rows, isHere: isKnownHere }: Asked): Cases {
  const { mappings, memory } = world;
  const source = sourceName(mappings.people.source);
  const cases = new Map<string, { reason: string; always: boolean }>();
  const waiting = new Map<string, string>();
  /** Somebody known before who leaves only now, and may be here under another key, keeps everything until it is decided. */
  const waits = (key: string, who: string): void => {
    if (memory?.people[key]?.leaverSince === undefined) waiting.set(key, `may be ${who}: keeps everything until that is decided`);
  };
  // The record of a key says that whoever has it has left: nobody asks whose it is.
  const astray = [...given].flatMap(([key, trace]) => {
    const row = rows.get(key);
    return row?.inactive === false ? [{ key, trace, row }] : [];
  });
  for (const { trace } of astray) if (!isKnownHere(trace.key)) waits(trace.key, "here under another key");
  // Somebody who has left by their own record is disabled for no more than a name; whoever was kept so far is kept.
  for (const { row, trace, sure, asked, stays } of open)
    if (sure || asked || (stays && trace.row?.inactive !== true)) waits(trace.key, called(row));
  const place = mappings.at(["people", "people", "newKey"]);
  const said = (all: readonly Likely[]): string =>
    all
      .map(({ trace, by }) => {
        const gone = trace.row?.inactive === true ? `inactive in ${source}` : `gone from ${source}`;
        const meanwhile = waiting.has(trace.key) ? "who keeps everything until then" : "who is a leaver all the same";
        return `${called(trace)}, ${gone}, by ${by}${labelOf(trace)}, ${meanwhile}`;
      })
      .sort()
      .join("; ");
  const byRow = Map.groupBy(open, ({ row }) => row.key);
  for (const [key, all] of byRow) {
    const [first] = all;
    if (given.has(key) || !first) continue;
    cases.set(key, {
      always: all.some((one) => one.stays),
      reason: `looks like ${said(all)}; no second account is made until it is said under people.newKey (${place}): write ${pair(key, "was", first.trace.key)} in same if they are one person, who then takes the account over, or ${pair(key, "isNot", first.trace.key)} in different if not`,
    });
  }
  for (const { key, trace, row } of astray) {
    const likely = byRow.get(key) ?? [];
    const looks = likely.length === 0 ? "" : `; ${row.name} looks like ${said(likely)}`;
    cases.set(key, {
      always: true,
      reason: `the record ${key} of ${source} is ${row.name} now, and what is known under this key is ${trace.name}'s${labelOf(trace)}${looks}: nothing is given from one to the other; give ${row.name} a key of their own in ${source}, or write who they are under people.newKey.same (${place}): ${pair(key, "was", (likely[0] ?? { trace }).trace.key)}`,
    });
  }
  for (const { row, own, trace, isHere, now } of stuck) {
    if (!isHere) waits(trace.key, called(row));
    const why =
      now !== undefined
        ? `${row.key} is known as ${now}: write ${pair(row.key, "isNot", now)} in different too, or take the line out`
        : isHere
          ? `each has a record of somebody who is here: correct ${source}, or take the line out`
          : `each has accounts of their own: ${own.name}${labelOf(own)} and ${trace.name}${labelOf(trace)}: nothing is done with either; delete what ${row.key} has where ${trace.key} is to go on with theirs, or turn it off by hand; take the line out where ${row.key} is to go on and ${trace.key} has left`;
    cases.set(row.key, { always: true, reason: `people.newKey.same (${place}) says that ${row.key} is ${trace.key}, and ${why}` });
  }
  const pairs = Map.groupBy(open, ({ trace }) => trace.key);
  /** Whether it is asked whose the record of the person's own key is: until it is theirs again, or somebody answers. */
  const isOwnAsked = ({ key, likes: before }: Trace): boolean => (rows.has(key) ? given.has(key) : before.includes(key));
  const likes = traces.map((trace): [string, string[]] => {
    const others = [...(pairs.get(trace.key) ?? []).map(({ row }) => row.key), ...(trace.ended?.keys() ?? [])];
    return [trace.key, isOwnAsked(trace) ? [trace.key, ...others] : others];
  });
  return { cases, waiting, likes: new Map(likes.filter(([, all]) => all.length > 0)) };
}

const labelOf = ({ label }: Trace): string => (label === undefined ? "" : ` (${label})`);

/** A line as it is written: the key of the record, and the other. */
const pair = (key: string, word: "was" | "isNot", other: string): string =>
  `{ person: ${JSON.stringify(key)}, ${word}: ${JSON.stringify(other)} }`;

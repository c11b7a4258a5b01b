/**
 * May this read of the source be believed? Pure. A doubted read removes nothing from anybody; a refused one makes no plan.
 */
import { isEmpty } from "../mappings/language/empty.ts";
import { LEFT } from "../mappings/language/left.ts";
import type { ReadReport, SourceMemory, SourceRecord } from "./record.ts";

interface TrustRules {
  /** Per cent of the records of the last good read that may be missing. */
  shrink: number;
  /** Per cent of a field's filled values that may become empty. */
  emptied: number;
  onDoubt: "hold" | "refuse";
}

export interface TrustQuestion {
  records: readonly SourceRecord[];
  read: ReadReport;
  /** What the last trusted read left; undefined on the first run. */
  memory: SourceMemory | undefined;
  trust: TrustRules;
  /** Fields that the mapping uses. */
  fields: readonly string[];
  /** What else is wrong, in plain sentences; about `inactive` it says more than shares do (stacks/people/left.ts). */
  more?: readonly string[];
}

export interface Trust {
  verdict: "trusted" | "doubted" | "refused";
  /** Plain sentences with numbers; empty when trusted. */
  doubts: string[];
  /** For the next run: renewed by a trusted read only, else as it was. */
  memory: SourceMemory | undefined;
  /** Fields that lost so many of their values that the read is doubted; absent = none. */
  emptied?: readonly string[];
}

/** Without these nobody can be recognised or named: empty for everybody is never true. */
const essential = new Set(["firstname", "surname", "emailaddress"]);

/** Sentences shown about duplicate ids; the rest is counted. */
const examples = 3;

export function judge({ records, read, memory, trust, fields, more = [] }: TrustQuestion): Trust {
  if (records.length === 0) {
    const doubts = [
      `The source gave no people at all (${read.rows} rows on ${read.pages} ${read.pages === 1 ? "page" : "pages"}); nothing is planned`,
      ...read.doubts,
    ];
    return { verdict: "refused", doubts, memory };
  }
  const filled = countFilled(records, fields);
  const lost = emptied(records.length, filled, memory, trust);
  const doubts = [
    ...read.doubts,
    ...countsThatDoNotAddUp(read),
    ...duplicates(records),
    ...shrunk(records.length, memory, trust),
    ...lost.map(({ says }) => says),
    ...more,
  ];
  if (doubts.length === 0) return { verdict: "trusted", doubts, memory: { count: records.length, filled } };
  const verdict = trust.onDoubt === "refuse" ? "refused" : "doubted";
  return { verdict, doubts, memory, ...(lost.length > 0 ? { emptied: lost.map(({ field }) => field) } : {}) };
}

export interface FeedTrust {
  /** Feeds whose read is doubted. */
  doubted: string[];
  /** One a doubted feed, for people to read. */
  sentences: string[];
  /** Counts for the next run: renewed for trusted feeds only. */
  memory: { [feed: string]: number };
}

/** So many must be missing before a share of them says anything: two tickets of three closed is an ordinary day. */
const fewest = 5;

/** How the read of a feed went. */
export interface FeedRead {
  count: number;
  doubts: readonly string[];
  /** The same by type or name, so that a large one does not hide a small one that is gone. */
  parts?: { readonly [part: string]: number } | undefined;
  /** Fields that conditions ask → how many rows have a value. */
  filled?: { readonly [field: string]: number } | undefined;
  /** So small a share of change (per cent) is not remembered: it changes by itself, hour by hour. */
  coarse?: number;
}

/** What sentences call a feed. */
const feedCalled = (feed: string): string => (feed === "devices" ? "devices of Intune and Entra ID" : `Halo's ${feed}`);

/** Each further feed by itself: what is missing from a doubted one takes nothing from anybody. */
export function judgeFeeds(
  reports: { readonly [feed: string]: FeedRead | undefined },
  memory: { readonly [feed: string]: number } | undefined,
  { shrink, emptied: most }: Pick<TrustRules, "shrink" | "emptied">,
): FeedTrust {
  const judged: FeedTrust = { doubted: [], sentences: [], memory: {} };
  const past = (key: string): number | undefined => (memory && Object.hasOwn(memory, key) ? memory[key] : undefined);
  for (const [feed, report] of Object.entries(reports)) {
    if (!report) continue;
    const counts: [key: string, what: string, count: number][] = [
      [feed, "", report.count],
      ...Object.entries(report.parts ?? {}).map(([part, count]): [string, string, number] => [`${feed}/${part}`, `${part}: `, count]),
    ];
    const fields = Object.entries(report.filled ?? {}).map(([field, count]): [string, string, number] => [
      `${feed}.${field}`,
      field,
      count,
    ]);
    const doubts = [...report.doubts];
    if (doubts.length === 0) doubts.push(...counts.flatMap(([key, what, count]) => shrunkFeed(what, count, past(key), shrink)).slice(0, 1));
    if (doubts.length === 0)
      doubts.push(...fields.flatMap(([key, field, count]) => emptiedFeed(field, count, report.count, past(key), past(feed), most)));
    if (doubts.length > 0) {
      judged.doubted.push(feed);
      judged.sentences.push(
        `The read of ${feedCalled(feed)} is doubted, so nothing that depends on it is taken from anybody: ${doubts.join("; ")}`,
      );
    }
    for (const [key, , count] of [...counts, ...fields]) {
      const before = past(key);
      const same = before !== undefined && Math.abs(count - before) * 100 <= before * (report.coarse ?? 0);
      const kept = doubts.length > 0 || same ? before : count;
      if (kept !== undefined) judged.memory[key] = kept;
    }
  }
  return judged;
}

function shrunkFeed(what: string, count: number, before: number | undefined, shrink: number): string[] {
  const missing = before === undefined ? 0 : before - count;
  if (before === undefined || missing < fewest || (missing / before) * 100 <= shrink) return [];
  return [
    `${what}${count} instead of the ${before} of the last good read, more than the ${shrink} % of trust.shrink are missing; if that is right, raise it for one run`,
  ];
}

function emptiedFeed(
  field: string,
  now: number,
  count: number,
  had: number | undefined,
  before: number | undefined,
  most: number,
): string[] {
  if (had === undefined || before === undefined || had < fewest || count === 0 || before === 0) return [];
  const fall = (1 - now / count / (had / before)) * 100;
  if (fall <= most) return [];
  return [
    `${field} is filled for ${now} of ${count}, at the last good read for ${had} of ${before}: a fall by ${perCent(fall)}, more than the ${most} % of trust.emptied`,
  ];
}

function isFilled(record: SourceRecord, field: string): boolean {
  return Object.hasOwn(record.fields, field) && !isEmpty(record.fields[field]);
}

/** Field → records that have a value, in the order of the names, so that equal reads leave equal memories. */
function countFilled(records: readonly SourceRecord[], fields: readonly string[]): SourceMemory["filled"] {
  const names = [...new Set(fields)].sort();
  return Object.fromEntries(names.map((field) => [field, records.filter((record) => isFilled(record, field)).length]));
}

function countsThatDoNotAddUp(read: ReadReport): string[] {
  if (read.doubts.length > 0) return [];
  if (read.recordCount !== undefined && read.recordCount !== read.rows)
    return [`The source says it has ${read.recordCount} records but gave ${read.rows}`];
  return read.complete ? [] : [`The read is incomplete: ${read.rows} rows on ${read.pages} pages`];
}

function duplicates(records: readonly SourceRecord[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { ref } of records) {
    if (seen.has(ref)) twice.add(ref);
    seen.add(ref);
  }
  if (twice.size === 0) return [];
  const some = [...twice].slice(0, examples).join(", ");
  return [`${twice.size} ${twice.size === 1 ? "id is" : "ids are"} there more than once: ${some}${twice.size > examples ? ", …" : ""}`];
}

function shrunk(count: number, memory: SourceMemory | undefined, trust: TrustRules): string[] {
  if (!memory || memory.count === 0) return [];
  const missing = ((memory.count - count) / memory.count) * 100;
  if (missing <= trust.shrink) return [];
  return [
    `${count} people instead of the ${memory.count} of the last good read: ${perCent(missing)} are missing, more than the ${trust.shrink} % of trust.shrink; if that is right, raise it for one run`,
  ];
}

function emptied(
  count: number,
  filled: SourceMemory["filled"],
  memory: SourceMemory | undefined,
  trust: TrustRules,
): { field: string; says: string }[] {
  const doubts: { field: string; says: string }[] = [];
  for (const [field, now] of Object.entries(filled)) {
    if (field === LEFT) continue;
    const before = memory && Object.hasOwn(memory.filled, field) ? (memory.filled[field] ?? 0) : 0;
    // Shares, not numbers: fewer people have fewer values without any column being emptied.
    const share = memory && memory.count > 0 && before > 0 ? (1 - now / count / (before / memory.count)) * 100 : 0;
    if (share > trust.emptied) {
      const says = `${field} is filled for ${now} of ${count} people, at the last good read for ${before} of ${memory?.count ?? 0}: a fall by ${perCent(share)}, more than the ${trust.emptied} % of trust.emptied`;
      doubts.push({ field, says });
    } else if (now === 0 && essential.has(field)) {
      doubts.push({ field, says: `${field} is empty for all ${count} people, and the mapping uses it` });
    }
  }
  return doubts;
}

/** A figure that never hides that a limit was passed: one decimal below ten. */
export function perCent(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

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
  const doubts = [
    ...read.doubts,
    ...countsThatDoNotAddUp(read),
    ...duplicates(records),
    ...shrunk(records.length, memory, trust),
    ...emptied(records.length, filled, memory, trust),
    ...more,
  ];
  if (doubts.length === 0) return { verdict: "trusted", doubts, memory: { count: records.length, filled } };
  return { verdict: trust.onDoubt === "refuse" ? "refused" : "doubted", doubts, memory };
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

/** Each of Halo's further feeds by itself: what is missing from a doubted one takes nothing from anybody. */
export function judgeFeeds(
  reports: { readonly [feed: string]: { count: number; doubts: readonly string[] } | undefined },
  memory: { readonly [feed: string]: number } | undefined,
  { shrink }: Pick<TrustRules, "shrink">,
): FeedTrust {
  const judged: FeedTrust = { doubted: [], sentences: [], memory: {} };
  for (const [feed, report] of Object.entries(reports)) {
    if (!report) continue;
    const before = memory && Object.hasOwn(memory, feed) ? memory[feed] : undefined;
    const doubts = [...report.doubts];
    const missing = before === undefined ? 0 : before - report.count;
    if (doubts.length === 0 && before !== undefined && missing >= fewest && (missing / before) * 100 > shrink)
      doubts.push(
        `${report.count} instead of the ${before} of the last good read, more than the ${shrink} % of trust.shrink are missing; if that is right, raise it for one run`,
      );
    if (doubts.length > 0) {
      judged.doubted.push(feed);
      judged.sentences.push(
        `The read of Halo's ${feed} is doubted, so nothing that depends on it is taken from anybody: ${doubts.join("; ")}`,
      );
      if (before !== undefined) judged.memory[feed] = before;
    } else judged.memory[feed] = report.count;
  }
  return judged;
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

function emptied(count: number, filled: SourceMemory["filled"], memory: SourceMemory | undefined, trust: TrustRules): string[] {
  const doubts: string[] = [];
  for (const [field, now] of Object.entries(filled)) {
    if (field === LEFT) continue;
    const before = memory && Object.hasOwn(memory.filled, field) ? (memory.filled[field] ?? 0) : 0;
    // Shares, not numbers: fewer people have fewer values without any column being emptied.
    const share = memory && memory.count > 0 && before > 0 ? (1 - now / count / (before / memory.count)) * 100 : 0;
    if (share > trust.emptied) {
      doubts.push(
        `${field} is filled for ${now} of ${count} people, at the last good read for ${before} of ${memory?.count ?? 0}: a fall by ${perCent(share)}, more than the ${trust.emptied} % of trust.emptied`,
      );
    } else if (now === 0 && essential.has(field)) {
      doubts.push(`${field} is empty for all ${count} people, and the mapping uses it`);
    }
  }
  return doubts;
}

/** A figure that never hides that a limit was passed: one decimal below ten. */
export function perCent(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/**
 * The journal of a stack: what runs took away, which commands are due, which approvals are used up, which record is the newest,
 * who has stopped it. Entries are only added, each with the digest of the one before; what has become old is summed up by a first entry. It lies in a
 * stack tag beside the state, which every backend has, and is written under the stack's lock only (docs/decisions/0095). Pure.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { digestOf } from "../../base/digest.ts";
import { readAs } from "../../base/json.ts";
import type { Loss, Noted } from "../../stacks/model/types.ts";
import { nameless, kept as withRoom } from "../../stacks/plan/kept.ts";
import { clocks } from "../clock.ts";
import { lossSchema } from "./loss-schema.ts";
import { type EmergencyUsed, emergencySchema, liftedSchema, reviewedSchema, type Stop, stoppedSchema, stopSchema } from "./said-schema.ts";

/** The stack tag that it lies in. */
export const journalTag = "haloform:journal";

export const dueSchema = z.array(z.object({ person: z.string(), script: z.string(), event: z.string(), at: z.string(), id: z.string() }));
const usedSchema = z.object({
  /** The plan's digest. */
  plan: z.string(),
  /** When it was applied, and when the plan expires: so long it must be remembered. UTC ISO 8601. */
  at: z.string(),
  expires: z.string(),
  /** Only this of it (`3/16`), where it is applied by several jobs (docs/decisions/0177). */
  share: z.string().optional(),
});

/** What people were told last of what waits or went wrong (cli/messages): by no machine twice. */
export const toldSchema = z.object({
  /** Of that message: the same for every attempt. */
  id: z.string(),
  /** UTC ISO 8601. */
  at: z.string(),
  /** Ids of what waits, is parked, doubted or refused. */
  standing: z.array(z.string()),
  /** Id of what the run itself failed by; absent: it did not. */
  trouble: z.string().optional(),
  /** The plan that waits: which moment and which world it was made for, and until when it may be applied. */
  plan: z.object({ made: z.string(), world: z.string(), expires: z.string() }).optional(),
  /** Channel → why it could not be told, and when. */
  open: z.record(z.string(), z.string()).optional(),
});
export type Told = z.infer<typeof toldSchema>;

/** What came before: of tags of earlier versions, or of entries that have become old. */
const baseSchema = z.object({
  event: z.literal("base"),
  /** The digest of the newest entry that it sums up: the next one follows that. */
  upTo: z.string().optional(),
  losses: z.array(lossSchema),
  due: dueSchema,
  used: z.array(usedSchema),
  record: z.string().optional(),
  limits: z.unknown().optional(),
  stops: z.array(stopSchema).optional(),
  emergencies: z.array(emergencySchema).optional(),
  rules: z.unknown().optional(),
  told: toldSchema.optional(),
});
const runSchema = z.object({
  plan: z.string(),
  /** Commands that are due from now on; absent: as before. */
  due: dueSchema.optional(),
  /** Digest of its entry in the run record. */
  record: z.string(),
  /** Limits that count from now on; absent: as before. */
  limits: z.unknown().optional(),
  /** Rules of approval and mapping files that were applied as a whole (cli/ledger/rules.ts); absent: as before. */
  rules: z.unknown().optional(),
});
/** A run begins: what it may take. */
const beginSchema = runSchema.extend({
  event: z.literal("begin"),
  /** Absent: the plan changes nothing, and may be applied again. */
  expires: z.string().optional(),
  /** Which of several jobs that apply the plan: `3/16`. */
  share: z.string().optional(),
  losses: lossSchema.optional(),
  emergency: emergencySchema.optional(),
});
/** It has ended, however it did. */
const endSchema = runSchema.extend({ event: z.literal("end") });
const toldEventSchema = z.object({ event: z.literal("told"), told: toldSchema });
const stampSchema = z.object({
  seq: z.number().int(),
  /** UTC ISO 8601. */
  at: z.string(),
  /** Digest of the entry before; empty for the first ever. */
  previous: z.string(),
  /** Digest of everything else in this entry. */
  digest: z.string(),
});
const eventSchema = z.discriminatedUnion("event", [
  baseSchema,
  beginSchema,
  endSchema,
  toldEventSchema,
  stoppedSchema,
  liftedSchema,
  reviewedSchema,
]);
const entrySchema = z.intersection(stampSchema, eventSchema);

/** What a signature says (cli/ledger/signature.ts). */
const signedSchema = z.strictObject({
  format: z.literal("haloform.signed/1"),
  stack: z.string(),
  /** One more with each signature: an older one shows. */
  serial: z.number().int(),
  at: z.string(),
  /** Digest of the state (stacks/model/state-digest.ts). */
  state: z.string(),
  /** The digest is of the state without the passwords that wait: they are encrypted to recipients, and who reads one takes it out. */
  apart: z.literal("passwords").optional(),
  /** Digest of the journal's newest entry. */
  journal: z.string(),
  /** Digest of the run record's newest entry; empty where there is none. */
  record: z.string(),
  /** A run is under way, which will write the state: the digest of its plan. */
  running: z.string().optional(),
  /** Id of the key. */
  key: z.string(),
  signature: z.string(),
});
const journalSchema = z.strictObject({
  format: z.literal("haloform.journal/1"),
  entries: z.array(entrySchema).min(1),
  signed: signedSchema.optional(),
});

export type JournalEvent = z.infer<typeof eventSchema>;
export type Signed = z.infer<typeof signedSchema>;
export type Journal = z.infer<typeof journalSchema>;
type Used = z.infer<typeof usedSchema>;
type Entry = Journal["entries"][number];
interface Entries {
  entries: readonly Entry[];
}

/** What the journal comes to. */
export interface Known {
  losses: Loss[];
  due: Noted[];
  used: Used[];
  /** Digest of the run record's newest entry. */
  record?: string | undefined;
  /** What the last run was allowed. */
  limits?: unknown;
  /** The lifted ones too, as long as there is room. */
  stops: Stop[];
  /** Those that somebody has looked at too, as long as there is room. */
  emergencies: EmergencyUsed[];
  /** Rules of approval and mapping files, as they were last applied as a whole. */
  rules?: unknown;
  told?: Told | undefined;
}

const day = 24 * 60 * 60 * 1000;
/** So long an entry is remembered at least: an approval may last a week. */
const kept = 8 * day;
/** So long a loss is remembered by name; after that only its counts are. */
const named = 2 * day;
/** Entries that there are before the older ones are summed up, and how many stay as they are. */
const [many, few] = [40, 10] as const;
/** So many stops that were lifted, and emergencies that were looked at, are remembered. */
const remembered = 50;
/** A tag is an argument of a program: Linux takes 128 KiB. */
const longest = 100_000;
const short = 8_000;

/** What all entries together say; without a journal that is nothing. */
export function known({ entries }: Entries = { entries: [] }): Known {
  let all: Known = { losses: [], due: [], used: [], stops: [], emergencies: [] };
  for (const entry of entries) {
    if (entry.event === "base") {
      const { losses, due, used, record, limits, rules, told, stops = [], emergencies = [] } = entry;
      all = { losses: [...losses], due, used: [...used], ...defined({ record, limits, rules, told }), stops, emergencies };
      continue;
    }
    if (entry.event === "told") {
      all.told = entry.told;
      continue;
    }
    if (entry.event === "stop") all.stops = [...all.stops, entry.stop];
    if (entry.event === "go") all.stops = all.stops.map((one) => (entry.of.includes(one.id) ? { ...one, lifted: entry.lift } : one));
    if (entry.event === "review")
      all.emergencies = all.emergencies.map((one) => (one.id === entry.of ? { ...one, review: entry.review } : one));
    if (entry.event === "stop" || entry.event === "go" || entry.event === "review") continue;
    all.due = entry.due ?? all.due;
    all.record = entry.record;
    all.limits = entry.limits ?? all.limits;
    all.rules = entry.rules ?? all.rules;
    if (entry.event === "end") continue;
    if (entry.losses) all.losses.push(entry.losses);
    if (entry.emergency) all.emergencies = [...all.emergencies, entry.emergency];
    if (entry.expires !== undefined)
      all.used.push({ plan: entry.plan, at: entry.at, expires: entry.expires, ...defined({ share: entry.share }) });
  }
  return all;
}

/**
 * The journal with one entry more; without a signature, as that was of what it said before. What a tag cannot hold loses the names of
 * losses, first those of before: their counts stay, so that rather too much is counted.
 */
export function appended(journal: Entries | undefined, event: JournalEvent, at: Date): Journal {
  const entries = journal?.entries ?? [];
  const before = entries.length < many ? entries : summed(entries, few, named);
  const made = withOne(before, event, at);
  if (!isTooLong(made)) return made;
  const shorter = withOne(summed(entries, 0, 0), event, at);
  if (!isTooLong(shorter) || event.event !== "begin" || !event.losses) return shorter;
  return withOne(summed(entries, 0, 0), { ...event, losses: withoutNames(event.losses) }, at);
}

const withoutNames = (loss: Loss): Loss => ({ ...loss, counted: loss.counted.map(nameless) });

function withOne(entries: readonly Entry[], event: JournalEvent, at: Date): Journal {
  const last = entries.at(-1);
  const body = { seq: (last?.seq ?? 0) + 1, at: at.toISOString(), previous: followed(last), ...event };
  return { format: "haloform.journal/1", entries: [...entries, { ...body, digest: digestOf(body) } as Entry] };
}

/** The digest that the next entry follows. */
const followed = (entry: Entry | undefined): string => (entry?.event === "base" ? (entry.upTo ?? entry.digest) : (entry?.digest ?? ""));

/**
 * All but the newest few as one; of losses older than `names` only the counts. How old something is is told by the newest entry that
 * is there already, never by the clock of whoever writes: one that is ahead forgets nothing.
 */
function summed(entries: readonly Entry[], few: number, names: number): readonly Entry[] {
  const older = few === 0 ? entries : entries.slice(0, -few);
  const [last, end] = [entries.at(-1), older.at(-1)];
  if (!last || !end) return entries;
  const age = (at: string): number => Date.parse(last.at) - Date.parse(at);
  const all = known({ entries: older });
  const losses = all.losses
    .flatMap((loss) => (age(loss.at) > kept ? [] : [age(loss.at) < names ? loss : withoutNames(loss)]))
    .reduce<Loss[]>(withRoom, []);
  const used = all.used.filter((one) => !(age(one.at) > kept && age(one.expires) > 0));
  const stops = withoutOld(all.stops, (one) => one.lifted !== undefined);
  const emergencies = withoutOld(all.emergencies, (one) => one.review !== undefined);
  const { record, limits, rules, told } = all;
  const sum = { losses, due: all.due, used, ...defined({ record, limits, rules, told, stops, emergencies }) };
  const body = { seq: end.seq, at: end.at, previous: end.previous, event: "base" as const, upTo: followed(end), ...sum };
  return [{ ...body, digest: digestOf(body) }, ...entries.slice(older.length)];
}

/** Those that are open, and of the others the newest; undefined where there are none. */
function withoutOld<T>(all: readonly T[], isOver: (one: T) => boolean): T[] | undefined {
  const over = new Set(all.filter(isOver).slice(-remembered));
  const rest = all.filter((one) => !isOver(one) || over.has(one));
  return rest.length > 0 ? rest : undefined;
}

/** Whether each entry follows the one before, and is as it was written. */
export function isWhole({ entries }: Entries): boolean {
  return entries.every(({ digest, ...body }, index) => {
    const before = entries[index - 1];
    return digestOf(body) === digest && (!before || (body.previous === followed(before) && body.seq === before.seq + 1));
  });
}

/** Entries that were written later than it is now: by another clock than this one. */
export function future({ entries }: Entries, now: Date): string | undefined {
  return entries.findLast(({ at }) => Date.parse(at) > now.getTime() + clocks)?.at;
}

/** The digest of the newest entry. */
export const headOf = ({ entries }: Entries): string => entries.at(-1)?.digest ?? "";

/** As a tag has it: JSON, compressed where it is long. */
export function written(journal: Journal): string {
  const text = JSON.stringify(journal);
  if (text.length <= short) return text;
  return `deflate:${deflateRawSync(text).toString("base64")}`;
}

const isTooLong = (journal: Journal): boolean => written(journal).length > longest;

/** What a tag says; undefined where that is no journal. */
export function readJournal(text: string): Journal | undefined {
  try {
    const plain = text.startsWith("deflate:")
      ? inflateRawSync(Buffer.from(text.slice("deflate:".length), "base64"), { maxOutputLength: 64 * 1024 * 1024 }).toString("utf8")
      : text;
    return readAs(journalSchema, plain);
  } catch {
    return undefined;
  }
}

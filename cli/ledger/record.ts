/**
 * The run record: what every `up` was asked to do, by whom, and what came of it; and beside it, in a file of its own, the log of
 * everything that was read (syncs.ts). One line of JSON an event, appended and never changed; each carries the digest of the one
 * before it, so that a line that was changed or taken out shows; with production's key each is signed, too. Values of people stand in it (that is what it is for), secrets
 * never do: it is made from the plan and the outcomes, which hold none.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import { fits, type PrivateKey, type PublicKey, signed } from "../../base/ed25519.ts";
import type { Home } from "../../base/home.ts";
import { readAs } from "../../base/json.ts";
import { fieldSchema } from "../../stacks/model/plan.ts";
import { evidenceSchema } from "../approval/evidence.ts";
import { takeOver } from "../engine/held-file.ts";

const changeSchema = z.object({
  type: z.string(),
  resource: z.string(),
  label: z.string(),
  op: z.string(),
  /** The operation that carries the change, as `outcomes` name it: of a membership that of its group. */
  operation: z.string().optional(),
  fields: z.array(fieldSchema),
});
const saidSchema = z.object({ who: z.string(), reason: z.string() });

const beginSchema = z.object({
  event: z.literal("begin"),
  plan: z.string(),
  /** Whose approvals were verified; absent where the settings named no approvers. */
  approvals: z.array(evidenceSchema).optional(),
  /** Which parts of the plan it applied; absent where it was not cut. */
  parts: z.array(z.object({ id: z.string(), digest: z.string() })).optional(),
  /** The record is a new one, as `--new-record` said: the digest that the stack remembered of the one before. */
  instead: z.string().optional(),
  /** When the plan was made, UTC ISO 8601. */
  made: z.string(),
  summary: z.record(z.string(), z.unknown()),
  people: z.array(z.object({ key: z.string(), name: z.string(), event: z.string(), changes: z.array(changeSchema) })),
  shared: z.array(changeSchema),
});
const endSchema = z.object({
  event: z.literal("end"),
  plan: z.string(),
  /** Exit code of the command. */
  code: z.number().int(),
  done: z.record(z.string(), z.number().int()),
  parked: z.array(saidSchema),
  pending: z.array(saidSchema),
  /** Each operation and its result: `ad:User::41` → done, parked, pending, broken. */
  outcomes: z.array(z.object({ key: z.string(), op: z.string(), result: z.string(), message: z.string().optional() })),
  failure: z.string().optional(),
});
const syncSchema = z.object({
  event: z.literal("sync"),
  /** `preview`, `drift`, `source pull` … */
  command: z.string(),
  /** How long it took. */
  seconds: z.number(),
  /** What was read; absent where it did not come to that. */
  read: z
    .object({
      /** Where people came from, and how many records. */
      source: z.string(),
      records: z.number().int(),
      /** A capture, instead of asking. */
      from: z.string().optional(),
      /** Accounts of each directory. */
      accounts: z.record(z.string(), z.number().int()),
      /** Requests. */
      calls: z.record(z.string(), z.number().int()),
    })
    .optional(),
  /** What came of it, counted: changes, joiners, what was changed by hand. */
  found: z.record(z.string(), z.number().int()),
  result: z.enum(["done", "doubted", "refused", "failed", "parked"]),
  /** Exit code of the command. */
  code: z.number().int(),
  /** Why it is doubted, refused or failed; the first few sentences, cut. */
  said: z.array(z.string()),
});
const stampSchema = z.object({
  format: z.literal("haloform.record/1"),
  /** 1, 2, 3, …: a gap is a line taken out. */
  seq: z.number().int(),
  /** UTC ISO 8601. */
  at: z.string(),
  stack: z.string(),
  /** `ada@build-3`, or the workflow's actor and run: as the environment claims, nobody has verified it. */
  by: z.string(),
  /** Digest of the line before; empty for the first. */
  previous: z.string(),
  /** Id of the key that signs this line; absent where there was none. */
  key: z.string().optional(),
  /** Digest of everything else in this line but the signature. */
  digest: z.string(),
  /** Of the digest. */
  signature: z.string().optional(),
});
const entrySchema = z.intersection(stampSchema, z.union([beginSchema, endSchema, syncSchema]));

export type Entry = z.infer<typeof entrySchema>;
export type Begin = z.infer<typeof beginSchema>;
export type End = z.infer<typeof endSchema>;
export type Sync = z.infer<typeof syncSchema>;

/** `<home>/history/<stack>.jsonl`, or in the folder HALOFORM_HISTORY names (a runner's own disk is gone after the job). */
export function recordFile(project: Home): string {
  return join(process.env["HALOFORM_HISTORY"] || join(project.home, "history"), `${project.stack}.jsonl`);
}

/** Puts an entry at the end of the chain. Pure. */
export function chained(last: Pick<Entry, "seq" | "digest"> | undefined, event: Begin | End | Sync, stamp: Stamp): Entry {
  const { key } = stamp;
  const body = {
    format: "haloform.record/1" as const,
    seq: (last?.seq ?? 0) + 1,
    at: stamp.at.toISOString(),
    stack: stamp.stack,
    by: stamp.by,
    previous: last?.digest ?? "",
    ...event,
    ...(key ? { key: key.id } : {}),
  };
  const digest = digestOf(body);
  return { ...body, digest, ...(key ? { signature: signed(key, said(digest)) } : {}) } as Entry;
}

const said = (digest: string): string => `haloform.record/1 ${digest}`;

/** Whether one of the keys has signed it. */
export function isSignedBy({ key: id, digest, signature }: Entry, keys: readonly PublicKey[]): boolean {
  const key = keys.find((one) => one.id === id);
  return key !== undefined && signature !== undefined && fits(key, said(digest), signature);
}

/** Signed with a key that is known, and not so. One that was taken out of the settings is vouched for by what follows. */
const isForged = (entry: Entry, keys: readonly PublicKey[]): boolean =>
  entry.key === undefined
    ? entry.signature !== undefined
    : entry.signature === undefined || (keys.some(({ id }) => id === entry.key) && !isSignedBy(entry, keys));

/**
 * What is wrong with a chain, a sentence each; none = it is whole. `head`: the digest the stack remembers. `isTail`: what came
 * before the first entry was thrown away on purpose. `keys`: those of the settings; then nothing but what production has signed follows
 * the newest that is remembered, and only one, which a kill left there. Pure.
 */
export function broken(entries: readonly Entry[], head: string | undefined, isTail = false, keys: readonly PublicKey[] = []): string[] {
  const wrong: string[] = [];
  let last: Entry | undefined;
  for (const entry of entries) {
    const { digest, signature: _signature, ...body } = entry;
    if (digestOf(body) !== digest || isForged(entry, keys))
      wrong.push(`record ${entry.seq} of ${entry.at} was changed after it was written`);
    if (last ? entry.previous !== last.digest || entry.seq !== last.seq + 1 : entry.previous !== "" && !isTail)
      wrong.push(`between record ${last?.seq ?? 0} and record ${entry.seq} something was taken out or put in`);
    last = entry;
  }
  const newest = entries.findIndex((entry) => entry.digest === head);
  if (head !== undefined && newest < 0)
    wrong.push("the newest record that the stack remembers is not here: records were taken away, or are kept on another machine");
  const more = entries.slice(newest + 1);
  if (keys.length > 0 && newest >= 0 && (more.length > 1 || more.some((entry) => !isSignedBy(entry, keys))))
    wrong.push("what follows the newest record that the stack remembers is not production's");
  return wrong;
}

/** Who writes, when, and with which key. */
export interface Stamp {
  at: Date;
  stack: string;
  by: string;
  key?: PrivateKey | undefined;
}

/** All entries of the file. A last line that a kill cut is left out (`cut`). Throws where another line is not ours. */
export function readRecords(file: string): { entries: Entry[]; cut: boolean } {
  if (!existsSync(file)) return { entries: [], cut: false };
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const last = index === lines.length - 1;
    const entry = readAs(entrySchema, line);
    if (entry) entries.push(entry);
    else if (last) return { entries, cut: true };
    else
      throw new Error(`${file}:${index + 1} is not a line of a run record (haloform.record/1): it was changed by hand; restore the file.`);
  }
  return { entries, cut: false };
}

/**
 * Appends an event; returns its entry. One writer at a time, also over processes. Only the end of the file is read. `keep`: a file that
 * has grown to so many bytes becomes `older`, in place of the one that was, and the chain goes on in a new one.
 */
export function appendRecord(file: string, event: Begin | End | Sync, stamp: Stamp, keep?: { most: number; older: string }): Entry {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const unlock = lock(`${file}.lock`);
  try {
    if (keep && existsSync(file) && statSync(file).size >= keep.most && lastEntry(file)) renameSync(file, keep.older);
    const entry = chained(lastEntry(file) ?? (keep && lastEntry(keep.older)), event, stamp);
    appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
    return entry;
  } finally {
    unlock();
  }
}

/** The newest entry, to chain another to. A line that a kill cut was never written (nobody was told of it) and is removed. */
function lastEntry(file: string): Entry | undefined {
  if (!existsSync(file)) return undefined;
  const { text, from } = lastLine(file);
  if (text === "") return undefined;
  const entry = readAs(entrySchema, text);
  const ended = text.endsWith("\n");
  if (!entry && ended)
    throw new Error(`${file}: its last line is not a line of a run record (haloform.record/1): it was changed by hand; restore the file.`);
  if (!entry) {
    truncateSync(file, from);
    return lastEntry(file);
  }
  if (!ended) appendFileSync(file, "\n");
  return entry;
}

const block = 1024 * 1024;

/** The last line of a file with its end (if it has one), and where it begins; read from behind. */
function lastLine(file: string): { text: string; from: number } {
  const handle = openSync(file, "r");
  try {
    let from = statSync(file).size;
    let read = Buffer.alloc(0);
    while (from > 0) {
      const length = Math.min(block, from);
      const part = Buffer.alloc(length);
      readSync(handle, part, 0, length, from - length);
      read = Buffer.concat([part, read]);
      from -= length;
      // The end of the line before; the very last byte is this line's own end.
      const end = read.lastIndexOf("\n", -2);
      if (read.length > 1 && end >= 0) return { text: read.subarray(end + 1).toString("utf8"), from: from + end + 1 };
    }
    return { text: read.toString("utf8"), from: 0 };
  } finally {
    closeSync(handle);
  }
}

/** Who runs this: the person on their machine, or the workflow and whom it runs for. */
export function actor(): string {
  const { GITHUB_ACTOR: who, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return who ? `${who} by ${repository ?? "a workflow"} run ${run ?? ""}`.trim() : `${userInfo().username}@${hostname()}`;
}

const patience = 10_000;

/** One writer at a time. What a process that has surely ended holds is taken over (docs/decisions/0094). */
function lock(path: string): () => void {
  const until = Date.now() + patience;
  while (!takeOver(path)) {
    if (Date.now() > until)
      throw new Error(`Could not write the run record: ${path} is held by another run; remove it if no haloform runs, here or elsewhere.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  return () => rmSync(path, { force: true });
}

/**
 * The log of syncs: what every command read, from where, how much, what it found and how it ended; also what was refused or failed.
 * It is of this machine (`<home>/history`), apart from the record of what was applied: whoever only looks needs no right to write
 * there, and a preview of every few minutes does not make that one long. Two files of at most `most` bytes each are kept.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Calls } from "../../base/calls.ts";
import { oneLine } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import type { Live } from "../../providers/core/definition.ts";
import { mask, secretsOf } from "../../providers/core/mask.ts";
import { directories } from "../../providers/systems.ts";
import { endingOf, exit } from "../exit.ts";
import type { Voice } from "../say.ts";
import { actor, appendRecord, type Entry, readRecords, type Sync } from "./record.ts";

/** A month of previews every five minutes. */
const most = 8 * 1024 * 1024;
/** Sentences that are kept of a run, and letters of each. */
const sentences = 5;
const letters = 300;

const fileOf = ({ home, stack }: Home): string => join(home, "history", `${stack}.syncs.jsonl`);
const olderOf = ({ home, stack }: Home): string => join(home, "history", `${stack}.syncs.older.jsonl`);

/** What is noted while a command reads. */
export interface Syncing {
  /** What was read, as soon as it is known: also a run that is refused then tells of it. */
  read(facts: NonNullable<Sync["read"]>, doubts?: readonly string[]): void;
  /** Another record has what became of this run: nothing is noted here. */
  leave(): void;
}

/** What came of a command that did not throw. */
export interface Came {
  code?: number | undefined;
  found: Sync["found"];
  /** Why what was read is doubted. */
  doubts?: readonly string[] | undefined;
  read?: Sync["read"];
}

/**
 * Does the work and notes it, whatever becomes of it. A log that cannot be written stops nothing, and is said. `came`: left out where
 * there is nothing to count.
 */
export async function synced<T>(
  project: Home,
  { command, now, voice }: { command: string; now: Date; voice: Voice },
  work: (syncing: Syncing) => Promise<T>,
  came: (result: T) => Came = () => ({ found: {} }),
): Promise<T> {
  const started = performance.now();
  let isLeft = false;
  let read: Sync["read"];
  let doubts: readonly string[] = [];
  const note = (event: Omit<Sync, "event" | "command" | "seconds" | "read">): void => {
    if (isLeft) return;
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const all = {
      event: "sync" as const,
      command,
      seconds,
      ...(read ? { read } : {}),
      ...event,
      said: event.said.slice(0, sentences).map(brief),
    };
    try {
      appendRecord(fileOf(project), all, { at: now, stack: project.stack, by: actor() }, { most, older: olderOf(project) });
    } catch (error) {
      voice.tell(`This run is not in the log of syncs (haloform history): ${oneLine((error as Error).message)}`);
    }
  };
  const syncing: Syncing = {
    read(facts, found = []) {
      read = facts;
      doubts = found;
    },
    leave: () => void (isLeft = true),
  };
  try {
    const result = await work(syncing);
    const { code = exit.done, found, doubts: more = doubts, read: facts } = came(result);
    read ??= facts;
    note({ found, result: resultOf(code, more.length > 0), code, said: [...more] });
    return result;
  } catch (error) {
    const { code, lines } = endingOf(error);
    note({ found: {}, result: code === exit.refused ? "refused" : "failed", code, said: [...lines, ...doubts] });
    throw error;
  }
}

function resultOf(code: number, isDoubted: boolean): Sync["result"] {
  if (code === exit.refused) return "refused";
  if (code === exit.failed || code === exit.usage) return "failed";
  if (code === exit.parked) return "parked";
  return isDoubted ? "doubted" : "done";
}

const brief = (text: string): string => {
  const clean = oneLine(mask(text, secretsOf(process.env)));
  return clean.length > letters ? `${clean.slice(0, letters - 1)}…` : clean;
};

/** What a plan's read is in the log. */
export function readFacts(
  { source, live, calls }: { source: { name: string; records: number }; live: { readonly [type: string]: readonly Live[] }; calls: Calls },
  from?: string,
): NonNullable<Sync["read"]> {
  const accounts = directories.flatMap(({ name, accounts: { type } }): [string, number][] => {
    const all = live[type];
    return all ? [[name, all.length]] : [];
  });
  return {
    ...{ source: source.name, records: source.records, accounts: Object.fromEntries(accounts), calls: { ...calls } },
    ...(from === undefined ? {} : { from }),
  };
}

/** All that is kept, the oldest first. Throws where a line is not ours. */
export function readSyncs(place: Home): { entries: Entry[]; isTail: boolean } {
  const isTail = existsSync(olderOf(place));
  const older = isTail ? readRecords(olderOf(place)).entries : [];
  return { entries: [...older, ...readRecords(fileOf(place)).entries], isTail };
}

/** The run record of a stack, as a run goes on with it: where the state is signed, only if it is whole and ends with what the stack remembers. */
import { existsSync, renameSync } from "node:fs";
import { oneLine } from "../../base/errors.ts";
import { Refusal } from "../exit.ts";
import { bring } from "./carried.ts";
import type { Ledger } from "./ledger.ts";
import { actor, appendRecord, type Begin, broken, type End, readRecords, recordFile } from "./record.ts";
import { isSigned, type Place } from "./shelf.ts";
import { keysOf, ownKey } from "./signature.ts";

export interface RecordOf {
  /** Throws Refusal where it was changed, cut, removed or made anew. */
  check(): void;
  /** Returns the digest of the new entry. The first of a run throws as `check` does. */
  add(event: Begin | End, at: Date): string;
}

/** `newRecord`: one that is not as it should be is put aside, and a new one begins, which says so. */
export function recordOf(place: Place, ledger: Pick<Ledger, "known">, newRecord: boolean): RecordOf {
  const file = recordFile(place);
  const keys = keysOf(place.config);
  const { record: head } = ledger.known;
  const wrong = (): string | undefined => {
    // Whose state nobody signs may lose the record without an end to the work: `haloform history` says it.
    if (keys.length === 0) return undefined;
    try {
      return broken(readRecords(file).entries, head, false, keys)[0];
    } catch (error) {
      return oneLine((error as Error).message);
    }
  };
  /** As `check`; why a new one is to begin, undefined where this one goes on. */
  const doubted = (): string | undefined => {
    const why = wrong();
    if (why !== undefined && !newRecord)
      throw new Refusal([
        `the run record ${file} is not whole: ${why}. Nothing was changed: put it back, or begin a new one with \`haloform up --new-record\`, which says so.`,
      ]);
    return why;
  };
  return {
    check: () => void doubted(),
    add(event, at) {
      const stamp = { at, stack: place.stack, by: actor(), key: keys.length > 0 ? ownKey() : undefined };
      if (event.event === "end" || doubted() === undefined) return appendRecord(file, event, stamp).digest;
      if (existsSync(file)) renameSync(file, `${file}.${at.toISOString().replaceAll(":", "")}.aside`);
      return appendRecord(file, { ...event, instead: head ?? "none" }, stamp).digest;
    },
  };
}

/** Before a run asks any system: throws Refusal where it could not sign what it writes, or the record is not whole, here or where it was carried. */
export async function refuseUnsignable(place: Place, ledger: Ledger, newRecord: boolean): Promise<void> {
  if (!isSigned(place)) return;
  ledger.refuseWithoutKey("up");
  await bring(place, ledger);
  recordOf(place, ledger, newRecord).check();
}

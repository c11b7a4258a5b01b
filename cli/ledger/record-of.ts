/** The run record of a stack, as a run goes on with it: only where its newest entry is the one that the stack remembers. */
import type { Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";
import type { Ledger } from "./ledger.ts";
import { actor, appendRecord, type Begin, type End, type Entry, isSignedBy, recordFile } from "./record.ts";
import { keysOf, ownKey } from "./signature.ts";

type Place = Pick<Project, "home" | "stack"> & { config: Pick<Project["config"], "keys"> };

/**
 * `add` returns the digest of the entry. Where the state is signed, it throws Refusal at the beginning of a run whose record was cut,
 * removed or made anew; `newRecord` begins a new one, which says so.
 */
export function recordOf(project: Place, ledger: Pick<Ledger, "known">, newRecord: boolean): { add(event: Begin | End, at: Date): string } {
  const file = recordFile(project);
  const keys = keysOf(project.config);
  const { record: head } = ledger.known;
  const isHead = (last: Entry | undefined): boolean =>
    head === undefined || last?.digest === head || (last !== undefined && last.previous === head && isSignedBy(last, keys));
  return {
    add(event, at) {
      const stamp = { at, stack: project.stack, by: actor(), key: keys.length > 0 ? ownKey() : undefined };
      return appendRecord(file, event, stamp, undefined, (last) => {
        if (keys.length === 0 || event.event === "end" || isHead(last)) return event;
        if (newRecord && head !== undefined) return { ...event, instead: head };
        throw new Refusal([
          `the run record ${file} does not end with what the stack remembers: it was cut, removed, made anew, or is kept on another machine; nothing was changed. Put it back, or begin a new one with \`haloform up --new-record\`, which says so.`,
        ]);
      }).digest;
    },
  };
}

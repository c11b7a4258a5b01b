/** What most commands begin with: the stack's state and all systems, read side by side. Changes nothing. */

import { type Prepared, prepare } from "../../stacks/prepare.ts";
import type { Previous } from "../../stacks/read/previous.ts";
import { Refusal } from "../exit.ts";
import { isSigned } from "../ledger/shelf.ts";
import { readFacts, type Syncing } from "../ledger/syncs.ts";
import type { Voice } from "../say.ts";
import type { Readable } from "./opened.ts";
import type { Project } from "./project.ts";

export interface Everything<S extends Readable> {
  stack: S;
  /** The state of the last run. */
  previous: Previous;
  prepared: Prepared;
}

export interface EverythingOptions {
  /** The moment that dates in the mappings are held against. */
  now: Date;
  voice: Voice;
  /** Records captured by `source pull`, instead of asking the source. */
  from?: string | undefined;
  /** Read everything, and let people.incremental begin anew. */
  full?: boolean | undefined;
  /** Notes what was read (cli/ledger/syncs.ts). */
  syncing?: Syncing | undefined;
}

/**
 * Reads everything as a preview would, the systems while the engine starts. What fails first is said at once: a state that
 * cannot be opened does not wait for the reading. `opening`: the stack, opened as far as the caller needs it.
 * Throws Refusal where nothing can be said of this source, and what openStack and prepare throw.
 */
export async function readEverything<S extends Readable>(
  project: Project,
  { now, voice, from, full, syncing }: EverythingOptions,
  opening: Promise<S>,
): Promise<Everything<S>> {
  const last = opening.then((opened) => opened.previous());
  // What is not believed is refused before any system is asked.
  if (isSigned(project)) await last;
  const reading = prepare({
    project: project.folder,
    stack: project.stack,
    config: project.config,
    now,
    previous: last,
    mode: "haloform",
    say: voice.say,
    onWait: voice.wait,
    ...(from === undefined ? {} : { from }),
    ...(full ? { full } : {}),
  });
  const [stack, previous, prepared] = await Promise.all([opening, last, reading]);
  syncing?.read(readFacts(prepared, from), prepared.source.doubts);
  if (prepared.wish.refused.length > 0) throw new Refusal(prepared.wish.refused);
  return { stack, previous, prepared };
}

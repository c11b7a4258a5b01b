/**
 * Commands that are due (mappings/scripts.yaml): a stack tag, written before a run and cleared after it. An account that a
 * killed run made is merely adopted by the next one, which could not tell that its person has just joined.
 */
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import type { Outcome } from "../../providers/core/run.ts";
import type { Noted } from "../../stacks/model/types.ts";
import type { Opened, Readable } from "./opened.ts";

const tag = "haloform:commands";
const list = z.array(z.object({ person: z.string(), script: z.string(), event: z.string(), at: z.string(), id: z.string() }));

/** What was due when the last run began and has not run since. A note that cannot be read is an error: people would be forgotten. */
export async function readNoted(stack: Pick<Readable, "tag">): Promise<Noted[]> {
  const text = await stack.tag(tag);
  if (text === undefined || text === "") return [];
  const noted = readAs(list, text);
  if (noted) return noted;
  throw new Error(
    `Could not read which commands are due (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken: commands that were still to run are then forgotten.`,
  );
}

export interface Note {
  /** Takes out what has run. Called when the run has ended, however it did. */
  settle(outcomes: readonly Outcome[]): Promise<void>;
  /** Puts back what was noted before: the run never began. */
  takeBack(): Promise<void>;
}

/** Notes what a run is about to do. Nothing is written where nothing was due and nothing is. */
export async function noteDue(stack: Pick<Opened, "tag" | "setTag">, due: readonly Noted[], commands: boolean): Promise<Note> {
  if (!commands) return { settle: async () => undefined, takeBack: async () => undefined };
  const before = await readNoted(stack);
  let now = JSON.stringify(before);
  const write = async (noted: readonly Noted[]): Promise<void> => {
    const text = JSON.stringify(noted);
    if (text !== now) await stack.setTag(tag, text);
    now = text;
  };
  await write(due);
  return {
    settle(outcomes) {
      const ran = new Set(outcomes.flatMap((one) => (one.op === "run" && one.result === "done" && one.of ? [one.of.id] : [])));
      return write(due.filter((one) => !ran.has(one.id)));
    },
    takeBack: () => write(before),
  };
}

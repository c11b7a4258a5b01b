/**
 * What an earlier read of people left on this machine (`people.incremental`), and when everything is read all the same. People's data: readable
 * by this user alone, and never in git.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../base/private-file.ts";
import type { Every } from "../mappings/schema/incremental.ts";

/** What stands in every such file, beside what was read. */
export const earlier = {
  /** Digest of where was read and what was asked for. */
  of: z.string(),
  /** When everything was last read, UTC ISO 8601. */
  full: z.iso.datetime(),
  /** Reads since then. */
  runs: z.number().int().min(0),
  /** Why nothing is remembered until `--full`: a full read showed that what is compared does not tell of every change. */
  off: z.string().optional(),
};
type Earlier = z.infer<z.ZodObject<typeof earlier>>;

/** The file of one kind of read; `name`: in its path and its format. */
export function keptIn<T extends Earlier>(name: string, schema: z.ZodType<T>) {
  const format = `haloform.${name}/1`;
  const file = z.intersection(z.object({ format: z.literal(format) }), schema);
  return {
    /** Where a stack's is below haloform's home. */
    place: (home: string, stack: string): string => join(home, "sources", `${stack}-${name}.json`),
    /** What was kept; undefined when there is nothing, or nothing that can be used: then everything is read. */
    load(path: string): T | undefined {
      try {
        return file.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
      } catch {
        return undefined;
      }
    },
    /** Writes in one step, 0600. What cannot be written (a full disk) is only read again. */
    save(path: string, content: T): void {
      try {
        writePrivate(path, JSON.stringify({ format, ...content }));
      } catch {
        // The next run reads everything: slower, never wrong.
      }
    },
  };
}

/** How an earlier read is used. */
export interface EarlierOptions<T extends Earlier> {
  before: T | undefined;
  every: Every;
  /** `--full`: read everything, and begin anew. */
  anew: boolean;
  /** Where is read, and what for, as any JSON. */
  of: unknown;
  now: Date;
}

export const digestOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 27);

/** The one reason for which what was remembered is held against what is read. */
export const itIsTime = "it is time for it (people.incremental.full)";

/** Why everything is read; undefined: what changed is enough. `of`: the digest of where is read and what is asked for now. */
export function whyFull(
  { before, every, anew, now }: Pick<EarlierOptions<Earlier>, "before" | "every" | "anew" | "now">,
  of: string,
): string | undefined {
  if (anew) return "--full";
  if (!before) return "there is no earlier read on this machine";
  if (before.of !== of) return "the settings, or what the mappings ask for, have changed";
  if (before.off !== undefined) return "people.incremental is off until --full";
  const age = now.getTime() - Date.parse(before.full);
  // `up` sees the moment of its plan, a little before the last read; more than a day is a clock that was wrong.
  if (age < -86_400_000) return "the last full read lies in the future";
  return ("runs" in every ? before.runs + 1 >= every.runs : age >= every.milliseconds) ? itIsTime : undefined;
}

/** Why nothing is remembered from now on: `unlike` was found just now, or an earlier read found something and nobody has begun anew. */
export function whyOff(
  { before, anew }: Pick<EarlierOptions<Earlier>, "before" | "anew">,
  of: string,
  unlike?: string,
): string | undefined {
  if (unlike !== undefined)
    return `${unlike}: people.incremental is off, everything is read every time, until a run with --full begins anew; take the setting away if this comes again`;
  return anew || before?.of !== of ? undefined : before.off;
}

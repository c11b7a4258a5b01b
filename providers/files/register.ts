/**
 * Which folder is whose: `.haloform/homes.jsonl` in the root of the homes, out of the people's reach, one line a change, the
 * last line of an id holds. It is what a lost state is found again by, and the journal of moves (decision 0017).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { appendPrivate, writePrivate } from "../../base/private-file.ts";
import { own, refusal } from "./paths.ts";

const place = z.enum(["homes", "archive"]);
const at = z.object({ place, path: z.string() });
export type Spot = z.infer<typeof at>;

const entry = z.object({
  id: z.string(),
  person: z.string(),
  ...at.shape,
  /** Windows rights as they were last set. */
  acl: z.array(z.string()).optional(),
  /**
   * A move that is under way. copying: the folder is where it was, perhaps with a part of a copy at the new place; taken: it
   * is aside, beside its old place; placed: it is at the new place, the old one is to be removed.
   */
  moving: z.object({ to: at, step: z.enum(["copying", "taken", "placed"]) }).optional(),
});
export type Entry = z.infer<typeof entry>;

const line = z.union([entry, z.object({ id: z.string(), gone: z.literal(true) })]);

export interface Register {
  /** By id. */
  readonly entries: ReadonlyMap<string, Entry>;
  of(person: string): Entry | undefined;
  /** Written through to the disk before it returns. */
  write(entry: Entry): void;
  remove(id: string): void;
}

/** Reads the register of a root; an empty one where there is none. A line that was cut by a kill is left out. */
export function readRegister(root: string): Register {
  const file = join(root, own, "homes.jsonl");
  const entries = new Map<string, Entry>();
  let lines = 0;
  // A cut last line has no end: the next one must not become a part of it.
  let cut = false;
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8");
    cut = text !== "" && !text.endsWith("\n");
    for (const one of text.split("\n")) {
      if (one === "") continue;
      lines += 1;
      const parsed = line.safeParse(json(one));
      if (!parsed.success) continue;
      if ("gone" in parsed.data) entries.delete(parsed.data.id);
      else entries.set(parsed.data.id, parsed.data);
    }
  }
  const append = (value: object): void => {
    try {
      if (lines > 100 + 4 * entries.size) {
        writePrivate(file, [...entries.values()].map((one) => `${JSON.stringify(one)}\n`).join(""));
        lines = entries.size;
        cut = false;
      }
      appendPrivate(file, `${cut ? "\n" : ""}${JSON.stringify(value)}\n`);
      cut = false;
      lines += 1;
    } catch (error) {
      // A full disk may have taken a part of the line.
      cut = true;
      throw refusal("write down whose folder is whose in", file, error);
    }
  };
  return {
    entries,
    of: (person) => [...entries.values()].findLast((one) => one.person === person),
    write(value) {
      append(value);
      entries.set(value.id, value);
    },
    remove(id) {
      append({ id, gone: true });
      entries.delete(id);
    },
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What came of the operations of a run: the provider process writes a line for each into the run folder, the command line reads them. */
import { appendFileSync, closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** One line of `provider.jsonl`: what an operation came to. */
const outcomeSchema = z.object({
  type: z.string(),
  /** operationKey. */
  key: z.string(),
  /** Whose it is. */
  person: z.string().optional(),
  op: z.enum(["create", "adopt", "update", "link", "run"]),
  result: z.enum(["done", "parked", "pending", "broken"]),
  message: z.string().optional(),
  /** What was noticed and mended on the way (base/notes.ts). */
  notes: z.array(z.string()).optional(),
  calls: z.object({ halo: z.number(), graph: z.number(), ldap: z.number() }),
  ms: z.number(),
  /** Of what is done rather than there: which it was (`id` of its inputs), by what name, and what it said. */
  of: z.object({ id: z.string(), name: z.string(), said: z.string() }).optional(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const fileOf = (folder: string): string => join(folder, "provider.jsonl");

/** Appends one outcome; synchronous, because the engine may end this process at any time. */
export function appendOutcome(folder: string | undefined, outcome: Outcome): void {
  if (!folder) return;
  if (outcomes?.folder !== folder) {
    if (!existsSync(folder)) return;
    if (outcomes) closeSync(outcomes.file);
    outcomes = { folder, file: openSync(fileOf(folder), "a", 0o600) };
  }
  appendFileSync(outcomes.file, `${JSON.stringify(outcome)}\n`);
}
/** Kept open: thousands of outcomes are written in a run. */
let outcomes: { folder: string; file: number } | undefined;

/** All outcomes so far. */
export function readOutcomes(folder: string): Outcome[] {
  return outcomesIn(folder)();
}

/** Each call gives the outcomes that came since the one before; a half-written last line (a killed provider) is left out. */
export function outcomesIn(folder: string): () => Outcome[] {
  let at = 0;
  let begun = Buffer.alloc(0);
  return () => {
    const read = Buffer.concat([begun, readFrom(fileOf(folder), at)]);
    at += read.length - begun.length;
    const end = read.lastIndexOf("\n") + 1;
    begun = Buffer.from(read.subarray(end));
    const lines = read.subarray(0, end).toString("utf8").split("\n");
    return lines.flatMap((line) => {
      try {
        return [outcomeSchema.parse(JSON.parse(line))];
      } catch {
        // a line cut by a kill says nothing that the next run would not see in the systems themselves
        return [];
      }
    });
  };
}

function readFrom(path: string, start: number): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let at = start; ; ) {
      const chunk = Buffer.allocUnsafe(1 << 16);
      const length = readSync(file, chunk, 0, chunk.length, at);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(file);
  }
}

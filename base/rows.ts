/** Rows from outside: those that are not what is expected are counted and said, never dropped without a word. */
import type { z } from "zod";
import { noteOnce } from "./notes.ts";

/** `2 rows of Halo's roles were not understood: id: …` */
export const notUnderstood = (count: number, what: string, why: string): string =>
  `${count} ${count === 1 ? "row" : "rows"} of ${what} ${count === 1 ? "was" : "were"} not understood: ${why}`;

/** Why a row is not what the schema expects, in a few words; what the row holds is not shown. */
export function reason({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`.replace(/^: /u, "");
}

/**
 * The rows that are what the schema expects. Those that are not are counted, and said with the reason of the first.
 * @param what whose rows, for the sentence: `Halo's roles`
 * @param say is told the sentence; left out, it goes into the notes of the run
 */
export function rowsOf<T>(schema: z.ZodType<T>, rows: readonly unknown[], what: string, say: (line: string) => void = noteOnce): T[] {
  const found: T[] = [];
  let first: z.ZodError | undefined;
  for (const row of rows) {
    const read = schema.safeParse(row);
    if (read.success) found.push(read.data);
    else first ??= read.error;
  }
  if (first) say(notUnderstood(rows.length - found.length, what, reason(first)));
  return found;
}

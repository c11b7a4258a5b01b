/** Rows from outside: those that are not what is expected are counted and said, never dropped without a word. */
import type { z } from "zod";
import { noteOnce } from "./notes.ts";

/** Numbers and GUIDs; any other text may be more than an id. */
const isId = /^(?:\d{1,19}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})$/iu;

/** `2 rows of Halo's roles were not understood: name: … (the first is 17)`. `example`: the first such row, of which the id alone is told. */
export function notUnderstood(count: number, what: string, why: string, example?: unknown): string {
  const id = typeof example === "object" && example !== null && "id" in example ? example.id : undefined;
  const first = isId.test(String(id)) ? ` (the first is ${String(id)})` : "";
  return `${count} ${count === 1 ? "row" : "rows"} of ${what} ${count === 1 ? "was" : "were"} not understood: ${why}${first}`;
}

/** Why a row is not what the schema expects, in a few words; what the row holds is not shown. */
export function reason({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`.replace(/^: /u, "");
}

/**
 * The rows that are what the schema expects. Those that are not are counted, and said with the reason and the id of the first.
 * @param what whose rows, for the sentence: `Halo's roles`
 * @param say is told the sentence; left out, it goes into the notes of the run
 */
export function rowsOf<T>(schema: z.ZodType<T>, rows: readonly unknown[], what: string, say: (line: string) => void = noteOnce): T[] {
  return rowsBy((row) => schema.safeParse(row), rows, what, say);
}

/** Sentences about rows that `keptRowsOf` could not keep. */
let lost: string[] = [];

/** Those since the last time, which are forgotten by this: whose row was lost looks gone, so that such a list is not believed. */
export function lostRows(): string[] {
  const all = lost;
  lost = [];
  return all;
}

/**
 * The same where a row must not look gone because of a field of it that it can do without: that one is left out, counted and said.
 * A row that cannot do without it (an id) is counted and said as a row, and `lostRows` tells of it.
 */
export function keptRowsOf<T>(schema: z.ZodType<T>, rows: readonly unknown[], what: string, say: (line: string) => void = noteOnce): T[] {
  const misread = new Misread();
  const found = rowsBy(
    (row) => readKept(schema, row, misread),
    rows,
    what,
    (line) => {
      lost.push(line);
      say(line);
    },
  );
  for (const { line } of misread.lines(what)) say(line);
  return found;
}

function rowsBy<T>(
  readRow: (row: unknown) => z.ZodSafeParseResult<T>,
  rows: readonly unknown[],
  what: string,
  say: (line: string) => void,
): T[] {
  const found: T[] = [];
  let first: { error: z.ZodError; row: unknown } | undefined;
  for (const row of rows) {
    const read = readRow(row);
    if (read.success) found.push(read.data);
    else first ??= { error: read.error, row };
  }
  if (first) say(notUnderstood(rows.length - found.length, what, reason(first.error), first.row));
  return found;
}

function readKept<T>(schema: z.ZodType<T>, row: unknown, misread: Misread): z.ZodSafeParseResult<T> {
  const read = schema.safeParse(row);
  if (read.success || typeof row !== "object" || row === null) return read;
  const odd = new Set(read.error.issues.map(({ path: [name] }) => String(name)));
  const kept = schema.safeParse(Object.fromEntries(Object.entries(row).filter(([name]) => !odd.has(name))));
  if (!kept.success) return read;
  for (const name of odd) misread.add(name, "id" in row ? String(row.id) : "?");
  return kept;
}

/** Values that are there and are not of their field's type, counted by field: such a field only looks empty. */
export class Misread {
  readonly #fields = new Map<string, { count: number; first: string; last: string }>();

  /** @param whose the id of the record, which counts once a field */
  add(field: string, whose: string): void {
    const known = this.#fields.get(field);
    if (known?.last === whose) return;
    this.#fields.set(field, { count: (known?.count ?? 0) + 1, first: known?.first ?? whose, last: whose });
  }

  /** A sentence a field: `2 values of title of Halo's users were not understood (the first is of 101)`. */
  lines(what: string): { field: string; line: string }[] {
    return [...this.#fields].map(([field, { count, first }]) => ({
      field,
      line: `${count} ${count === 1 ? "value" : "values"} of ${field} of ${what} ${count === 1 ? "was" : "were"} not understood (the first is of ${first})`,
    }));
  }
}

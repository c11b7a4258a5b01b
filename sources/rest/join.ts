/** Several endpoints make one record a person: joined on the column that is unique to them. Pure. */
import type { Json } from "../../base/json.ts";
import type { SourceRecord } from "../record.ts";
import type { Row } from "./select.ts";

export interface Part {
  /** The endpoint's name. */
  name: string;
  rows: readonly Row[];
  /** What stands before its columns' names. */
  prefix: string;
}

/** An id as text: 18, 18.0 and "18" are the same person. */
export function keyOf(value: Json | undefined): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (text === "") return undefined;
  return /^-?\d+\.0+$/u.test(text) ? text.slice(0, text.indexOf(".")) : text;
}

/**
 * The first part gives the people; a row of another part adds its columns to the person with the same key. The first of a
 * column's values counts. What does not fit is said in `doubts`: rows without a key, a key twice within one endpoint.
 */
export function join(source: string, parts: readonly Part[], unique: string): { records: SourceRecord[]; doubts: string[] } {
  const [first, ...others] = parts;
  const doubts: string[] = [];
  if (!first) return { records: [], doubts };
  const records = new Map<string, SourceRecord>();
  const twice: SourceRecord[] = [];
  for (const [key, row] of keyed(first, unique, doubts)) {
    const record: SourceRecord = { ref: `${source}.${first.name} ${key}`, fields: { ...row, [unique]: key } };
    if (records.has(key)) twice.push(record);
    else records.set(key, record);
  }
  for (const part of others) merge(part, records, unique, doubts);
  // The trust gate and the pure middle judge ids that come twice; they must see both.
  return { records: [...records.values(), ...twice], doubts };
}

/** The rows that have a key, with it. */
function keyed({ name, rows, prefix }: Part, unique: string, doubts: string[]): [key: string, row: Row][] {
  const found = rows.flatMap((row): [string, Row][] => {
    const key = keyOf(row[prefix + unique]);
    return key === undefined ? [] : [[key, row]];
  });
  const keyless = rows.length - found.length;
  if (keyless > 0) doubts.push(`${keyless} row(s) of ${name} have no ${unique}`);
  return found;
}

function merge(part: Part, records: Map<string, SourceRecord>, unique: string, doubts: string[]): void {
  const rows = keyed(part, unique, doubts);
  for (const [key, row] of rows) {
    const record = records.get(key);
    if (record) record.fields = { ...row, ...record.fields };
  }
  const double = rows.length - new Set(rows.map(([key]) => key)).size;
  if (double > 0) doubts.push(`${double} row(s) of ${part.name} name somebody a second time`);
}

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
  for (const row of first.rows) {
    const key = keyOf(row[first.prefix + unique]);
    if (key === undefined) continue;
    const record: SourceRecord = { ref: `${source}.${first.name} ${key}`, fields: { ...row, [unique]: key } };
    if (records.has(key)) twice.push(record);
    else records.set(key, record);
  }
  const keyless = first.rows.filter((row) => keyOf(row[first.prefix + unique]) === undefined).length;
  if (keyless > 0) doubts.push(`${keyless} row(s) of ${first.name} have no ${unique}`);
  for (const part of others) doubts.push(...merge(part, records, unique));
  // The trust gate and the pure middle judge ids that come twice; they must see both.
  return { records: [...records.values(), ...twice], doubts };
}

function merge(part: Part, records: Map<string, SourceRecord>, unique: string): string[] {
  const seen = new Set<string>();
  let double = 0;
  let keyless = 0;
  for (const row of part.rows) {
    const key = keyOf(row[part.prefix + unique]);
    if (key === undefined) {
      keyless += 1;
      continue;
    }
    if (seen.has(key)) double += 1;
    seen.add(key);
    const record = records.get(key);
    if (record) record.fields = { ...row, ...record.fields };
  }
  return [
    ...(keyless > 0 ? [`${keyless} row(s) of ${part.name} have no ${unique}`] : []),
    ...(double > 0 ? [`${double} row(s) of ${part.name} name somebody a second time`] : []),
  ];
}

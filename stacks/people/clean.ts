/** No control character and no mark that turns text round comes out of a record: taken out here, for every system. Pure. */
import { oneLineOf } from "../../base/clean.ts";
import type { Json } from "../../base/json.ts";
import { few } from "../../base/text.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { SourceRecord } from "../model/types.ts";
import { called, nameOf, textOf } from "../model/values.ts";

export interface Cleaned {
  records: SourceRecord[];
  /** One sentence that names people and fields, of those that a mapping uses. */
  notes: string[];
}

export function cleaned(records: readonly SourceRecord[], { people, fields }: Pick<Mappings, "people" | "fields">): Cleaned {
  const used = new Set([...fields, "name", "firstname", "surname"]);
  const found: string[] = [];
  const all = records.map((record) => {
    if (areClean(record.fields)) return record;
    const odd = Object.entries(record.fields).filter(([, value]) => !isClean(value));
    const made = { ...record, fields: { ...record.fields, ...Object.fromEntries(odd.map(([field, value]) => [field, clean(value)])) } };
    const shown = odd.flatMap(([field]) => (used.has(field) ? [field] : []));
    const key = textOf(made.fields[people.key]);
    if (shown.length > 0) found.push(`${shown.sort().join(", ")} of ${called({ key, name: nameOf(made.fields, key) })}`);
    return made;
  });
  if (found.length === 0) return { records: all, notes: [] };
  return {
    records: all,
    notes: [
      `Control characters, ends of lines and marks that turn text round are taken out, and written nowhere: ${few(found.sort(), 10)}`,
    ],
  };
}

/** Nearly all are: no list is made of the fields of ten thousand records. */
function areClean(fields: SourceRecord["fields"]): boolean {
  for (const name in fields) if (!isClean(fields[name] ?? null)) return false;
  return true;
}

function isClean(value: Json): boolean {
  if (typeof value === "string") return oneLineOf(value) === value || oneLineOf(value) === value.trim();
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isClean);
}

function clean(value: Json): Json {
  if (typeof value === "string") return oneLineOf(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clean);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]));
}

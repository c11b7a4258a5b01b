/** No control character and no mark that turns text round or is not to be seen comes out of a record: taken out here, for every system. Pure. */
import { hiddenIn, isPlainText, lookAlikesIn, oneLineOf } from "../../base/clean.ts";
import type { Json } from "../../base/json.ts";
import { few } from "../../base/text.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { SourceRecord } from "../model/types.ts";
import { calledIn } from "../model/values.ts";

export interface Cleaned {
  records: SourceRecord[];
  /** A sentence each for what was taken out and what looks like something else, with people and fields, of those that a mapping uses. */
  notes: string[];
}

/** Fields of one person: `firstname of Ada Example (41) (U+200B zero width space)`. */
const sentence = (fields: readonly [string, readonly string[]][], who: string): string =>
  `${fields
    .map(([field]) => field)
    .sort()
    .join(", ")} of ${who} (${[...new Set(fields.flatMap(([, said]) => said))].sort().join(", ")})`;

export function cleaned(records: readonly SourceRecord[], { people, fields }: Pick<Mappings, "people" | "fields">): Cleaned {
  const used = new Set([...fields, "name", "firstname", "surname"]);
  const whose = (record: SourceRecord): string => calledIn(record.fields, people.key);
  const taken: string[] = [];
  const alike: string[] = [];
  const all = records.map((record) => {
    if (arePlain(record.fields)) return record;
    const odd = Object.entries(record.fields).filter(([, value]) => !isPlain(value));
    const unclean = odd.filter(([, value]) => !isClean(value));
    const made =
      unclean.length === 0
        ? record
        : { ...record, fields: { ...record.fields, ...Object.fromEntries(unclean.map(([field, value]) => [field, clean(value)])) } };
    const saidOf = (what: (text: string) => string[], entries: readonly [string, Json][]): [string, string[]][] =>
      entries.flatMap(([field, value]): [string, string[]][] => {
        const found = used.has(field) ? textsIn(value).flatMap(what) : [];
        return found.length > 0 ? [[field, found]] : [];
      });
    const out = saidOf(hiddenIn, unclean);
    const twins = saidOf(
      lookAlikesIn,
      odd.map(([field]) => [field, made.fields[field] ?? ""]),
    );
    if (out.length + twins.length === 0) return made;
    const who = whose(made);
    if (out.length > 0) taken.push(sentence(out, who));
    if (twins.length > 0) alike.push(sentence(twins, who));
    return made;
  });
  const notes = [
    ...said("Hidden characters and ends of lines are taken out, and written nowhere", taken),
    ...said("Letters of another alphabet stand among Latin ones, and look like them; correct them where that is a mistake", alike),
    ...said(
      "A spreadsheet has taken these for numbers; format the column as text and export it again",
      mangled(all, new Set([people.key, ...used]), whose),
    ),
  ];
  return { records: all, notes };
}

/** A number as a spreadsheet shows a long one: its last digits are lost. */
const shortened = /^\d(?:[.,]\d+)?E\+?\d{2,3}$/iu;

/**
 * Values that a spreadsheet has changed by taking them for numbers, of fields that a mapping uses: `1.23457E+11`, and digits that are
 * shorter than the others of a field whose values are padded with zeros to one length.
 */
function mangled(records: readonly SourceRecord[], used: ReadonlySet<string>, whose: (record: SourceRecord) => string): string[] {
  const found: string[] = [];
  for (const field of used) {
    const texts = records.flatMap((record) => {
      const value = record.fields[field];
      return typeof value === "string" && /^\s*\d/u.test(value) ? [{ record, text: value.trim() }] : [];
    });
    const padded = texts.filter(({ text }) => /^0\d+$/u.test(text)).map(({ text }) => text.length);
    const [length = 0] = padded;
    // Telephone numbers begin with zeros too, and are of many lengths.
    const isPadded = padded.length > 1 && length > 2 && padded.every((one) => one === length);
    for (const { record, text } of texts) {
      const short = shortened.test(text);
      if (short || (isPadded && text.length < length && /^[1-9]\d*$/u.test(text)))
        found.push(`${field} of ${whose(record)} is ${text}${short ? "" : `, where others have ${length} digits`}`);
    }
  }
  return found;
}

const said = (what: string, found: string[]): string[] => (found.length === 0 ? [] : [`${what}: ${few(found.sort(), 10)}`]);

/** Every text in a value, in lists and objects too. */
function textsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Nothing in it is hidden or of another alphabet. */
const isPlain = (value: Json): boolean =>
  typeof value === "string" ? isPlainText(value) : typeof value !== "object" || value === null || Object.values(value).every(isPlain);

/** Nearly all are: no list is made of the fields of ten thousand records. */
function arePlain(fields: SourceRecord["fields"]): boolean {
  for (const name in fields) if (!isPlain(fields[name] ?? null)) return false;
  return true;
}

function isClean(value: Json): boolean {
  // Plain blanks at the ends are taken away where a field is read.
  if (typeof value === "string") return oneLineOf(value) === value || oneLineOf(value) === value.replace(/^ +| +$/gu, "");
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isClean);
}

function clean(value: Json): Json {
  if (typeof value === "string") return oneLineOf(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clean);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]));
}

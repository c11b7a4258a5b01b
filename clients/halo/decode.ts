/**
 * What Halo sends, read tolerantly: ids come as `18`, `18.0` or `"18"`, flags as true, 1 or "true", unset dates as
 * 1899 or 1900, lists as arrays or envelopes.
 */
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { noteOnce } from "../../base/notes.ts";
import { notUnderstood, reason } from "../../base/rows.ts";

/** One record as it came. */
export type Row = { [key: string]: unknown };

const numeric = (pattern: RegExp) => z.union([z.number(), z.string().trim().regex(pattern).transform(Number)]);

/** A whole number, also as 18.0 or as text. */
export const integer = numeric(/^-?\d+(?:\.0+)?$/u).refine(Number.isSafeInteger, "a whole number");

/** A number, also as text. */
export const decimal = numeric(/^-?\d+(?:\.\d+)?$/u);

/** true or false, also as 1, 0 or text. */
export const flag = z.union([
  z.boolean(),
  z.literal([0, 1]).transform(Boolean),
  z.stringbool({ truthy: ["true", "1", "yes"], falsy: ["false", "0", "no"] }),
]);

/** Text; a number or a flag becomes its text. Blank text stays as it is. */
export const text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

/** What `text` and `integer` make of a value, undefined for what is neither: by hand where it is plain, as most of what ten thousand rows hold. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : text.safeParse(value).data);
export const integerOf = (value: unknown): number | undefined =>
  typeof value === "string" && !/^\s*-?\d/u.test(value) ? undefined : integer.safeParse(value).data;

/** The same where there may be none: "", false, 0. Halo leaves out what is empty. */
export const optionalText = text.nullish().transform((value) => value ?? "");
export const optionalFlag = flag.nullish().transform((value) => value ?? false);
export const optionalNumber = integer.nullish().transform((value) => value ?? 0);

/** An id in text form: Halo's role ids are text, the others whole numbers. */
export const idText = z.union([integer.transform(String), z.string().trim().min(1)]);

/** A row of a list of names, with whatever else it holds. */
export const namedRow = z.looseObject({ id: integer, name: text });

/** A date as Halo wrote it. Fails for the years up to 1900, by which Halo means "no date". */
export const instant = z.string().refine((value) => /^\d{4}-/u.test(value) && Number(value.slice(0, 4)) > 1900, "a date after 1900");

/** The value as an object with named values, or undefined. By hand: a schema would copy every row of ten thousand. */
export function asRow(value: unknown): Row | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : undefined;
}

/** The rows of an array. */
function asRows(value: unknown, path: string): Row[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows = value.map(asRow).filter((one) => one !== undefined);
  if (rows.length < value.length) noteOnce(notUnderstood(value.length - rows.length, `/${path}`, "no object with names and values"));
  return rows;
}

/** One record as the schema expects it; undefined where there is none. @throws RefusedError where it is something else. */
export function rowOf<T>(schema: z.ZodType<T>, row: Row | undefined, what: string): T | undefined {
  if (!row) return undefined;
  const read = schema.safeParse(row);
  if (read.success) return read.data;
  throw new RefusedError(
    `Could not read ${what}: HaloITSM's answer was not understood (${reason(read.error)}); try again, and report it if it stays so`,
    "not-understood",
  );
}

/** Under which names an envelope of `/Agent` may hold its rows. The declared name comes first: there are other arrays beside it. */
function wrappers(path: string, key?: string): string[] {
  const name = path.toLowerCase();
  return [...(key === undefined ? [] : [key]), `${name}s`, name, "results"];
}

/** The rows of a list answer: a bare array, or an envelope with them under `key` or the path's own name. undefined = neither. */
export function rowsIn(answer: unknown, path: string, key?: string): Row[] | undefined {
  const bare = asRows(answer, path);
  if (bare) return bare;
  const envelope = asRow(answer);
  if (!envelope) return undefined;
  for (const name of wrappers(path, key)) {
    const rows = asRows(envelope[name], path);
    if (rows) return rows;
  }
  return undefined;
}

/** The one record of an answer to a GET by id or a POST: an object, an array of one, or an envelope of either. */
export function recordOf(answer: unknown, path: string): Row | undefined {
  if (Array.isArray(answer)) return asRow(answer[0]);
  const object = asRow(answer);
  if (!object || "id" in object) return object;
  for (const name of wrappers(path)) {
    if (Array.isArray(object[name])) return asRow(object[name][0]);
    const inner = asRow(object[name]);
    if (inner) return inner;
  }
  return Object.keys(object).length === 0 ? undefined : object;
}

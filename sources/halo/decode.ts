/** One person of Halo as a flat record: known fields by type, custom fields as `custom.CFName`. Nothing here does I/O. */
import type { z } from "zod";
import type { Json } from "../../base/json.ts";
import type { Misread } from "../../base/rows.ts";
import { type CustomField, choicesIn, customRows, hasOptions } from "../../clients/halo/custom-fields.ts";
import { decimal, flag, instant, integer, type Row, text, textOf } from "../../clients/halo/decode.ts";
import { type FieldType, typeOf } from "./fields.ts";

/** The type of custom fields that hold a date. */
const dateType = 4;

const schemas: { readonly [type in FieldType]: z.ZodType<Json> } = { text, integer, decimal, flag, date: instant };

/** The field's value; undefined for null, blank text, "no date" and for what is not of the field's type. */
export function decodeField(field: string, value: unknown): Json | undefined {
  if (value === null || value === undefined || (typeof value === "string" && value.trim() === "")) return undefined;
  const type = typeOf(field);
  // Most values are text or whole numbers of fields of just that type: a schema for each would cost more than the reading.
  if (typeof value === "string" && type === "text") return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && type === "integer") return value;
  if (typeof value === "boolean" && type === "flag") return value;
  return schemas[type].safeParse(value).data;
}

/** Text that means nothing: blank, or a date of the years up to 1900, by which Halo says that there is none. */
export const isNothing = (value: string): boolean => value.trim() === "" || /^(?:1899|1900|0001)-\d\d-\d\d/u.test(value);

/** Whether a value says anything at all: then one that is of no use is one that is not understood. */
export const isSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && !(typeof value === "string" && isNothing(value));

/** A date without a time of day, as custom fields of dates are answered: `2026-11-30T00:00:00`, with or without Z (recorded). */
const dayAlone = /^(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?Z?$/u;

/** The wanted custom fields of a row that have a value, and how many of them the row names at all. */
export function decodeCustom(
  row: Row,
  wanted: readonly CustomField[],
  misread?: Misread,
): { fields: { [name: string]: Json }; named: number } {
  const fields: { [name: string]: Json } = {};
  if (wanted.length === 0) return { fields, named: 0 };
  const whose = String(row["id"]);
  const rows = customRows(row, misread && (() => misread.add("customfields", whose)));
  if (!rows && isSomething(row["customfields"])) misread?.add("customfields", whose);
  let named = 0;
  for (const held of rows ?? []) {
    const { id, type, value, display } = held;
    const field = wanted.find((one) => one.id === id);
    if (!field) continue;
    named++;
    const choices = choicesIn(held, field);
    if (choices) {
      if (choices.length > 0) fields[`custom.${field.name}`] = choices;
      continue;
    }
    const shown = (field.options || hasOptions(type)) && display?.trim() ? display : value;
    const plain = typeof shown === "boolean" || typeof shown === "number" ? shown : textOf(shown);
    if (plain === undefined && isSomething(shown)) misread?.add(`custom.${field.name}`, whose);
    if (plain === undefined || (typeof plain === "string" && isNothing(plain))) continue;
    fields[`custom.${field.name}`] = typeof plain === "string" && type === dateType ? plain.replace(dayAlone, "$1") : plain;
  }
  return { fields, named };
}

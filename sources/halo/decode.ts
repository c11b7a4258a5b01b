/** One person of Halo as a flat record: known fields by type, custom fields as `custom.CFName`. Nothing here does I/O. */
import { z } from "zod";
import type { Json } from "../../base/json.ts";
import type { Row } from "../../clients/halo/decode.ts";
import { asRow, decimal, flag, instant, integer, text } from "../../clients/halo/decode.ts";
import { DATE_FIELDS, DECIMAL_FIELDS, FLAG_FIELDS, INTEGER_FIELDS } from "./fields.ts";

/** A custom field that the mapping names: `name` as the mapping writes it, `id` as Halo knows it. */
export interface CustomField {
  id: number;
  name: string;
  /** Its value is an option's id, and what people read is in `display`. */
  options: boolean;
}

/** Fields that are not text. */
const typed: ReadonlySet<string> = new Set([...INTEGER_FIELDS, ...DECIMAL_FIELDS, ...FLAG_FIELDS, ...DATE_FIELDS]);

/** The field's value; undefined for null, blank text, "no date" and for what is not of the field's type. */
export function decodeField(field: string, value: unknown): Json | undefined {
  if (value === null || value === undefined || (typeof value === "string" && value.trim() === "")) return undefined;
  // Most values are text or whole numbers of fields of just that type: a schema for each would cost more than the reading.
  if (typeof value === "string" && !typed.has(field)) return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && INTEGER_FIELDS.has(field)) return value;
  if (typeof value === "boolean" && FLAG_FIELDS.has(field)) return value;
  const schema: z.ZodType<Json> = INTEGER_FIELDS.has(field)
    ? integer
    : DECIMAL_FIELDS.has(field)
      ? decimal
      : FLAG_FIELDS.has(field)
        ? flag
        : DATE_FIELDS.has(field)
          ? instant
          : text;
  const read = schema.safeParse(value);
  return read.success ? read.data : undefined;
}

const customRow = z.object({
  id: integer,
  type: integer.nullish().catch(undefined),
  value: z.unknown(),
  display: z.string().nullish().catch(undefined),
});

/** Types of custom fields that offer options: single and multiple selection. */
const optionTypes = new Set([2, 3]);

/** Is a field's value an option's id? By its definition's or its own type. */
export function hasOptions(definition: Row): boolean {
  const type = integer.safeParse(definition["type"]);
  return type.success && optionTypes.has(type.data);
}

/** The wanted custom fields of a row that have a value, and which of them the row names at all. */
export function decodeCustom(row: Row, wanted: readonly CustomField[]): { fields: { [name: string]: Json }; named: number } {
  const fields: { [name: string]: Json } = {};
  let named = 0;
  const list = Array.isArray(row["customfields"]) ? row["customfields"] : [];
  for (const item of list) {
    const read = customRow.safeParse(asRow(item));
    if (!read.success) continue;
    const field = wanted.find((one) => one.id === read.data.id);
    if (!field) continue;
    named++;
    const { value, display, type } = read.data;
    const options = field.options || (typeof type === "number" && optionTypes.has(type));
    const shown = options && display?.trim() ? display : value;
    const plain = typeof shown === "boolean" || typeof shown === "number" ? shown : text.safeParse(shown).data;
    if (plain === undefined || (typeof plain === "string" && (plain.trim() === "" || /^(?:1899|1900)-\d\d-\d\d/u.test(plain)))) continue;
    fields[`custom.${field.name}`] = plain;
  }
  return { fields, named };
}

/** Halo's placeholder of a site or customer, which is nobody. */
export function isGeneralUser(row: Row): boolean {
  return typeof row["name"] === "string" && row["name"].trim().toLowerCase() === "general user";
}

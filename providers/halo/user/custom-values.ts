/** Custom fields of Halo users: by name, their options by label, and the whole array that is written. */
import { z } from "zod";
import { ConfigurationError, RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { asRow, integer, text } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import type { HaloLists } from "../place/rows.ts";
import { bareName } from "./fields.ts";

/** Definitions of custom fields of end users (1 ticket, 2 client, 3 site, 4 user, 5 asset). */
const userFields = 4;
/** Types of fields that offer options: single and multiple selection. */
const optionTypes = new Set([2, 3]);

export interface CustomDefinition {
  id: number;
  name: string;
  /** Its value is an option's id. undefined: free text. */
  options: { id: number; name: string }[] | undefined;
}

const definition = z.object({ id: integer, name: text, type: integer.nullish().catch(undefined), values: z.unknown() });
const option = z.object({ id: integer, name: text });

const known = new WeakMap<HaloLists, Promise<CustomDefinition[]>>();

function definitions(halo: HaloLists): Promise<CustomDefinition[]> {
  const found = known.get(halo);
  if (found) return found;
  const reading = halo.rows("FieldInfo", { typeid: userFields }).then((rows) => rows.flatMap((row) => definitionOf(row) ?? []));
  known.set(halo, reading);
  reading.catch(() => known.delete(halo));
  return reading;
}

function definitionOf(row: Row): CustomDefinition | undefined {
  const read = definition.safeParse(row);
  if (!read.success) return undefined;
  const { id, name, type, values } = read.data;
  const options = (Array.isArray(values) ? values : []).flatMap((one: unknown) => option.safeParse(one).data ?? []);
  return { id, name, options: typeof type === "number" && optionTypes.has(type) ? options : undefined };
}

/**
 * The definitions of these names (`CFName`; `CF` may be left out), in one call, none for none.
 * @throws ConfigurationError for a name that Halo does not have, with the nearest it has.
 */
export async function customNamed(halo: HaloLists, names: readonly string[]): Promise<Map<string, CustomDefinition>> {
  if (names.length === 0) return new Map();
  const all = await definitions(halo);
  return new Map(
    names.map((name) => {
      const found = all.find((one) => same(one.name, name)) ?? all.find((one) => bareName(one.name) === bareName(name));
      if (found) return [name, found];
      throw new ConfigurationError(
        `Write users of HaloITSM: mappings/halo-users.yaml names custom.${name}, but Halo has no such custom field for users${suggestion(
          `custom.${name}`,
          all.map((one) => `custom.${one.name}`),
        )}; correct the mapping or make the field in Halo`,
      );
    }),
  );
}

const held = z.looseObject({ id: integer, value: z.unknown(), display: text.nullish().catch(undefined) });

/** The rows of `customfields`, or undefined where the record has none of them (a list that keeps them back). */
export function customRows(row: Row): z.infer<typeof held>[] | undefined {
  const list = row["customfields"];
  return Array.isArray(list) ? list.flatMap((one: unknown) => held.safeParse(asRow(one)).data ?? []) : undefined;
}

/** What people read in a field of a record: of an option its label. "" when empty. */
export function customText(rows: readonly z.infer<typeof held>[], field: CustomDefinition): string {
  const row = rows.find((one) => one.id === field.id);
  const value = text.safeParse(row?.value).data?.trim() ?? "";
  if (!field.options || value === "") return value;
  return row?.display?.trim() || (field.options.find((one) => String(one.id) === value)?.name ?? value);
}

/** The whole array to write, others' values as they are; undefined when nothing differs. @throws RefusedError for an option that is not there. */
export function customChange(
  rows: readonly z.infer<typeof held>[],
  wished: { readonly [name: string]: string },
  fields: ReadonlyMap<string, CustomDefinition>,
): Row[] | undefined {
  const next = new Map<number, unknown>(rows.map((one) => [one.id, one.value]));
  let differs = false;
  for (const [name, value] of Object.entries(wished)) {
    const field = fields.get(name);
    if (!field || customText(rows, field) === value) continue;
    differs = true;
    next.set(field.id, value === "" || !field.options ? value : optionOf(field, field.options, value));
  }
  if (!differs) return undefined;
  return [...next].map(([id, value]) => ({ id, value: value ?? "" }));
}

function optionOf(field: CustomDefinition, options: NonNullable<CustomDefinition["options"]>, value: string): number {
  const found = options.find((one) => same(one.name, value));
  if (found) return found.id;
  throw new RefusedError(
    `Could not write custom.${field.name}: it has no option "${value}"${suggestion(
      value,
      options.map((one) => one.name),
    )}; add the option in Halo, or correct the record or mappings/halo-users.yaml`,
    "unknown-option",
  );
}

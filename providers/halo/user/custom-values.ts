/** Values of custom fields of Halo's users: of an option its label, and the whole array that is written. */
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import { type CustomField, type CustomRow, customFields } from "../../../clients/halo/custom-fields.ts";
import { type Row, text } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import type { Halo } from "../record.ts";

/** The definitions of these names, in one call, none for none. @throws ConfigurationError for a name that Halo does not have. */
export const customNamed = (halo: Pick<Halo, "rows">, names: readonly string[]): Promise<Map<string, CustomField>> =>
  customFields(halo, names, "Write users of HaloITSM: mappings/halo-users.yaml");

/** What people read in a field of a record: of an option its label. "" when empty. */
export function customText(rows: readonly CustomRow[], field: CustomField): string {
  const row = rows.find((one) => one.id === field.id);
  const value = text.safeParse(row?.value).data?.trim() ?? "";
  if (!field.options || value === "") return value;
  return row?.display?.trim() || (field.options.find((one) => String(one.id) === value)?.name ?? value);
}

/** The whole array to write, others' values as they are; undefined when nothing differs. @throws RefusedError for an option that is not there. */
export function customChange(
  rows: readonly CustomRow[],
  wished: { readonly [name: string]: string },
  fields: ReadonlyMap<string, CustomField>,
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

function optionOf(field: CustomField, options: NonNullable<CustomField["options"]>, value: string): number {
  const found = options.find((one) => same(one.name, value));
  if (found) return found.id;
  const known = options.map((one) => one.name);
  throw new RefusedError(
    `Could not write custom.${field.name}: it has no option "${value}"${suggestion(value, known)}; add the option in Halo, or correct the record or mappings/halo-users.yaml`,
    "unknown-option",
  );
}

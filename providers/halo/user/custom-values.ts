/** Values of custom fields of Halo's users: of an option its label, of a date the day, and what is written of them. */
import { ConfigurationError, RefusedError } from "../../../base/errors.ts";
import { type CustomField, type CustomRow, choicesIn, customFields } from "../../../clients/halo/custom-fields.ts";
import { type Row, text } from "../../../clients/halo/decode.ts";
import { areSame, chosen } from "../choices.ts";
import type { Halo } from "../record.ts";

/**
 * The definitions of these names, in one call, none for none.
 * @throws ConfigurationError for a name that Halo does not have, and for a field that cannot be written
 */
export async function customNamed(halo: Pick<Halo, "rows">, names: readonly string[]): Promise<Map<string, CustomField>> {
  const found = await customFields(halo, names, "Write users of HaloITSM: mappings/halo-users.yaml");
  for (const [name, { fixed }] of found)
    if (fixed !== undefined)
      throw new ConfigurationError(
        `Write users of HaloITSM: mappings/halo-users.yaml gives custom.${name} a value, but that field is ${fixed}; take it out of the mapping`,
      );
  return found;
}

/** `2026-11-30` of `2026-11-30T14:45:16Z`; undefined for what is no date. Halo answers a day with a time, with or without Z. */
const dayOf = (value: string): string | undefined => /^(\d{4}-\d\d-\d\d)(?:[T ].*)?$/u.exec(value.trim())?.[1];

/** What people read in a field of a record: of an option its label, of several all of them with commas between. "" when empty. */
export function customText(rows: readonly CustomRow[], field: CustomField): string {
  const row = rows.find((one) => one.id === field.id);
  if (row && field.isList) return (choicesIn(row, field) ?? []).join(", ");
  const value = text.safeParse(row?.value).data?.trim() ?? "";
  // Years up to 1900 are Halo's "no date".
  if (field.isDate) return Number(value.slice(0, 4)) > 1900 ? (dayOf(value) ?? value) : "";
  if (!field.options || value === "") return value;
  return row?.display?.trim() || (field.options.find((one) => String(one.id) === value)?.name ?? value);
}

/** Whether a field holds what is wished: of a date the day counts, of options which they are, in any case. */
export function isAsWished(live: string, wished: string, { isDate, isList }: { isDate?: boolean; isList?: boolean }): boolean {
  if (isList) return areSame(live, wished);
  return live === wished || (isDate === true && live !== "" && live === dayOf(wished));
}

/** How what a field holds is compared with a wish. An option is found by its label in any case, and so it is compared. */
export const comparedAs = ({ isDate, isList, options }: CustomField): { isDate: boolean; isList: boolean } => ({
  isDate: isDate === true,
  isList: isList === true || options !== undefined,
});

/**
 * The rows to write: those that differ alone, as fields that are not sent keep their values (recorded: a ministry's production and a
 * university's post only what they mean); undefined when nothing differs. @throws RefusedError for an option that is not there
 */
export function customChange(
  rows: readonly CustomRow[],
  wished: { readonly [name: string]: string },
  fields: ReadonlyMap<string, CustomField>,
): Row[] | undefined {
  const changed: Row[] = [];
  for (const [name, value] of Object.entries(wished)) {
    const field = fields.get(name);
    if (!field || isAsWished(customText(rows, field), value, comparedAs(field))) continue;
    const row = rows.find((one) => one.id === field.id);
    if (row?.isencrypted || row?.value_is_password_id)
      throw new RefusedError(
        `Could not write custom.${field.name}: Halo keeps its value as a secret; take it out of mappings/halo-users.yaml`,
        "encrypted",
      );
    changed.push({ id: field.id, value: written(field, value) });
  }
  return changed.length > 0 ? changed : undefined;
}

function written(field: CustomField, value: string): unknown {
  const what = `Could not write custom.${field.name}:`;
  if (field.options || field.isList) {
    const mend = "add the option in Halo, or correct the record or mappings/halo-users.yaml";
    return chosen(value, field.options ?? [], field.isList === true, `${what} it`, mend);
  }
  if (field.isDate && value !== "" && dayOf(value) === undefined)
    throw new RefusedError(`${what} "${value}" is no date; give it as 2026-11-30`, "no-date");
  return value;
}

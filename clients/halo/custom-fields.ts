/** Custom fields: what is defined for users, and the rows of `customfields` in a record. */

import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import { fold, same } from "../../base/text.ts";
import { once } from "../http/once.ts";
import type { HaloClient } from "./client.ts";
import { flag, integer, type Row, text } from "./decode.ts";
import { suggestion } from "./nearest.ts";

type Rows = Pick<HaloClient, "rows">;

/** Definitions of custom fields of end users (1 ticket, 2 client, 3 site, 4 user, 5 asset). */
const ofUsers = 4;
/** The type of fields of which several options may be chosen. */
const several = 3;
const date = 4;
/** Text that is only shown (HTML). Types as recorded of a ministry's and a university's HaloITSM: 0 text, 1 memo, 2 one of, 3 many of. */
const shown = 10;
/** Types of fields that offer options: single and multiple selection. */
const optionTypes = new Set([2, several]);

export interface CustomField {
  id: number;
  name: string;
  /** Its value is an option's id. undefined: free text. */
  options: { id: number; name: string }[] | undefined;
  /** Several options may be chosen. */
  isList?: true;
  /** A day: Halo gives it with a time, and its `display` in the tenant's own order. */
  isDate?: true;
  /** Why it is never written: what it is. */
  fixed?: string;
}

const type = integer.nullish().catch(undefined);
const option = z.object({ id: integer, name: text });
const definition = z.object({
  id: integer,
  name: text,
  type,
  values: z.unknown().optional(),
  calculation: text.nullish().catch(undefined),
  isencrypted: flag.nullish().catch(undefined),
  table_id: integer.nullish().catch(undefined),
});

/** What Halo computes, keeps secret or holds in rows of its own is not a text to be written. */
function fixedOf({ type: kind, calculation, isencrypted, table_id }: z.infer<typeof definition>): string | undefined {
  if (kind === shown) return "only shown";
  if (!["", "0"].includes(calculation?.trim() ?? "")) return "calculated by Halo";
  if (isencrypted) return "encrypted";
  return (table_id ?? 0) > 0 ? "a table" : undefined;
}

const defined = once(async (halo: Rows): Promise<CustomField[]> => {
  // Options come only where they are asked for (`includevalues`, in Halo's contracts since 2024; a ministry's client asks so too).
  const rows = rowsOf(definition, await halo.rows("FieldInfo", { typeid: ofUsers, includevalues: true }), "Halo's custom fields for users");
  return rows
    .map((row) => ({ row, fixed: fixedOf(row) }))
    .map(({ row: { id, name, type: kind, values }, fixed }) => ({
      id,
      name,
      ...(kind === several ? { isList: true as const } : {}),
      ...(kind === date ? { isDate: true as const } : {}),
      ...(fixed === undefined ? {} : { fixed }),
      options: hasOptions(kind) ? rowsOf(option, Array.isArray(values) ? values : [], `the options of ${name}`) : undefined,
    }));
});

/** Whether the value of a field of this type is an option's id. */
export function hasOptions(kind: number | null | undefined): boolean {
  return typeof kind === "number" && optionTypes.has(kind);
}

/** What a field of several choices holds, label by label; undefined for a field of one value. */
export function choicesIn(row: CustomRow, field?: CustomField): string[] | undefined {
  if (row.type !== several && !field?.isList) return undefined;
  const { options = [] } = field ?? {};
  const labelOf = (one: unknown): string => {
    const { id, name } = (typeof one === "object" && one !== null ? one : { id: one }) as { id?: unknown; name?: unknown };
    const key = text.safeParse(id).data?.trim() ?? "";
    return text.safeParse(name).data?.trim() || (options.find((each) => String(each.id) === key)?.name ?? key);
  };
  const labels = row.display?.trim()
    ? labelsIn(
        row.display,
        options.map(({ name }) => name),
      )
    : (Array.isArray(row.value) ? row.value : (text.safeParse(row.value).data ?? "").split(",")).map(labelOf);
  return labels.filter((one) => one !== "");
}

/** Labels with commas between them; one that has a comma itself is known by the options there are. */
export function labelsIn(shown: string, options: readonly string[]): string[] {
  if (shown.trim() === "") return [];
  const begins = options.filter((name) => same(shown.slice(0, name.length), name) && /^\s*(?:,|$)/u.test(shown.slice(name.length)));
  const [longest = shown.split(",", 1)[0] ?? shown] = begins.sort((a, b) => b.length - a.length);
  const rest = shown.slice(longest.length).replace(/^\s*,\s*/u, "");
  return [longest.trim(), ...labelsIn(rest, options)];
}

/** A custom field's name as it is compared: Halo's own `CF` before it may be left out. */
export function bareName(name: string): string {
  return fold(name).replace(/^cf/u, "");
}

/** The one of this name; one that has it with its `CF` comes first. */
export function namedField<T>(all: readonly T[], name: string, nameOf: (one: T) => string): T | undefined {
  return all.find((one) => same(nameOf(one), name)) ?? all.find((one) => bareName(nameOf(one)) === bareName(name));
}

/**
 * The definitions of these names (`CFName`), in one call, none for none.
 * @param who begins the sentence about a name that Halo does not have: `Read people from HaloITSM: mappings/ad.yaml:12`
 * @throws ConfigurationError for such a name, with the nearest that Halo has
 */
export async function customFields(
  halo: Rows,
  names: readonly string[],
  who: string | ((name: string) => string),
): Promise<Map<string, CustomField>> {
  if (names.length === 0) return new Map();
  const all = await defined(halo);
  return new Map(
    names.map((name) => {
      const found = namedField(all, name, (one) => one.name);
      if (found) return [name, found];
      const known = all.map((one) => `custom.${one.name}`);
      throw new ConfigurationError(
        `${typeof who === "string" ? who : who(name)} names custom.${name}, but Halo has no such custom field for users${suggestion(`custom.${name}`, known)}; correct the mapping or make the field in Halo`,
      );
    }),
  );
}

/** The definitions of all custom fields of users. */
export const everyCustomField = (halo: Rows): Promise<CustomField[]> => defined(halo);

const held = z.object({
  id: integer,
  name: text.nullish(),
  type,
  value: z.unknown().optional(),
  display: text.nullish().catch(undefined),
  /** Its value is the number of a secret. */
  isencrypted: flag.nullish().catch(undefined),
  value_is_password_id: flag.nullish().catch(undefined),
});
/** One custom field of a record. */
export type CustomRow = z.infer<typeof held>;

/**
 * The rows of `customfields`, or undefined where the record has none of them (a list that keeps them back).
 * @param say is told of those that are not understood; left out, it goes into the notes of the run
 */
export function customRows(row: Row, say?: (line: string) => void): CustomRow[] | undefined {
  const list = row["customfields"];
  return Array.isArray(list) ? rowsOf(held, list, "custom fields of a record", say) : undefined;
}

/** Users of Graph as rows, and rows as flat records of people (docs/sources.md). Pure. */
import { z } from "zod";
import type { Json } from "../../base/json.ts";
import { rowsOf } from "../../base/rows.ts";
import { ENTRA_FIELDS, MANAGER_FIELDS } from "../../mappings/language/entra-fields.ts";
import type { SourceRecord } from "../record.ts";

const text = z.string().nullish();
const texts = z.array(z.string()).nullish();
const flag = z.boolean().nullish();
const parts = z.record(z.string(), z.string().nullable()).nullish();

/** By Graph's own names; what was not asked for is not there. */
const properties: { [property: string]: z.ZodType<Json | undefined> } = Object.fromEntries(
  [...ENTRA_FIELDS].flatMap(([name, { kind, from }]): [string, z.ZodType<Json | undefined>][] => {
    if (from === null) return [];
    if (from !== undefined) return [[from, parts]];
    return [[name, kind === "flag" ? flag : kind === "texts" ? texts : text]];
  }),
);
const user = z.object({
  ...properties,
  id: z.string().min(1),
  accountEnabled: z.boolean(),
  userType: text,
  displayName: text,
  givenName: text,
  mail: text,
  userPrincipalName: text,
  manager: z.object({ id: z.string() }).nullish(),
});
export type EntraRow = z.infer<typeof user>;

/** The row; undefined for what is not understood: no id, no accountEnabled, or a property of another kind than the CSDL's. */
export const entraRow = (row: unknown): EntraRow | undefined => user.safeParse(row).data;

/** The rows that are understood. `say` is told how many are not, and what is odd in the first. */
export const entraRows = (rows: readonly unknown[], say: (line: string) => void): EntraRow[] => rowsOf(user, rows, "/users", say);

/** A group that the mapping asks for, with who is in it. */
export interface EntraGroup {
  id: string;
  name: string;
  members: string[];
}

/** What a read found: everybody by id, guests too. */
export interface EntraPeople {
  users: ReadonlyMap<string, EntraRow>;
  groups: readonly EntraGroup[];
}

/** One record a person, in the order of the rows. */
export function recordsOf(
  { users, groups }: EntraPeople,
  { fields, external }: { fields: readonly string[]; external: boolean },
): SourceRecord[] {
  const groupsOf = new Map<string, string[]>();
  for (const { name, members } of groups) for (const id of members) groupsOf.set(id, [...(groupsOf.get(id) ?? []), name]);
  const chains = fields.includes("managers");
  return [...users.values()]
    .filter((one) => external || one.userType !== "Guest")
    .map((one) => ({
      ref: `entra.users ${one.id}`,
      fields: fieldsOf(one, groupsOf.get(one.id) ?? [], chains ? managersOf(users, one) : []),
    }));
}

/** From the person's own manager upwards; a circle ends where it closes. */
function managersOf(users: EntraPeople["users"], person: EntraRow): string[] {
  const found: string[] = [];
  for (
    let next = person.manager?.id;
    next !== undefined && next !== person.id && !found.includes(next);
    next = users.get(next)?.manager?.id
  )
    found.push(next);
  return found;
}

/** Graph's names, and those by which haloform knows a person anywhere. Empty values are left out. */
function fieldsOf(one: EntraRow, groups: readonly string[], managers: readonly string[]): SourceRecord["fields"] {
  const fields: { [name: string]: Json } = { accountEnabled: one.accountEnabled, inactive: !one.accountEnabled };
  const put = (name: string, value: unknown): void => {
    const given = typeof value === "string" ? value.trim() : value;
    if (typeof given === "boolean" || (typeof given === "string" && given !== "")) fields[name] = given;
    else if (Array.isArray(given) && given.length > 0) fields[name] = given as string[];
  };
  const row: { readonly [property: string]: unknown } = one;
  for (const [name, { from }] of ENTRA_FIELDS) {
    if (from === null) continue;
    put(name, from === undefined ? row[name] : (row[from] as { [part: string]: unknown } | null | undefined)?.[name]);
  }
  put("name", one.displayName);
  put("firstname", one.givenName);
  put("emailaddress", one.mail ?? (one.userType === "Guest" ? undefined : one.userPrincipalName));
  put("manager", one.manager?.id);
  put("managers", managers);
  put("groups", [...groups].sort());
  return fields;
}

/** Whether anything of the mapping asks who the manager is. */
export const asksManager = (fields: readonly string[]): boolean => fields.some((name) => MANAGER_FIELDS.includes(name));

/** Users of Halo in bulk and one by one, and what they must be written with to become as wished. */

import pLimit from "p-limit";
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { note } from "../../../base/notes.ts";
import { rowsOf } from "../../../base/rows.ts";
import { same } from "../../../base/text.ts";
import { type CustomField, customRows } from "../../../clients/halo/custom-fields.ts";
import { integer, namedRow, optionalFlag, optionalText, type Row, text } from "../../../clients/halo/decode.ts";
import { everyUser, isGeneralUser, notListed } from "../../../clients/halo/users.ts";
import { once } from "../../../clients/http/once.ts";
import type { Live } from "../../core/definition.ts";
import { rolesChange } from "../agent/change.ts";
import { lookUp } from "../named.ts";
import { siteName, siteNamed, whole } from "../place/rows.ts";
import { type HaloLists, reader } from "../record.ts";
import { comparedAs, customChange, customNamed, customText } from "./custom-values.ts";
import { departmentChange, departmentOf } from "./departments.ts";
import { customPrefix, departmentField, detailedFields, listedFields } from "./fields.ts";
import type { UserInputs } from "./inputs.ts";

const userSchema = z.looseObject({
  id: integer,
  name: optionalText,
  client_name: optionalText,
  site_name: optionalText,
  inactive: optionalFlag,
  isserviceaccount: optionalFlag,
  role_list: optionalText,
  roles: z.array(z.looseObject({ id: integer, name: optionalText })).nullish(),
});
export type User = z.infer<typeof userSchema>;

/** Details asked for at the same time; the limit is a rolling window, so more gains nothing. */
const abreast = 4;

/** Users of a list, whole or narrowed by a search. @throws UnreachableError where it is not complete: one that was missed would be made twice. */
export async function readUsers(
  halo: Pick<HaloLists, "list">,
  narrowed: Record<string, string | boolean> = {},
  decode = rowsOf,
): Promise<User[]> {
  return decode(userSchema, await whole(halo, "Users", "users", { ...everyUser, ...narrowed }), "Halo's users");
}

/** A field as text; the Entra id has another name in lists (facts: 3.1). */
export function fieldOf(user: User, field: string): string {
  if (field === departmentField) return departmentOf(user);
  const value = field === "azureoid" ? (user["azureoid"] ?? user["azure_id"]) : user[field];
  return (text.safeParse(value).data ?? "").trim();
}

/** What of a user is read: names of fields, `custom.CFName`, `roles`. */
interface Asked {
  fields: string[];
  custom: ReadonlyMap<string, CustomField>;
  roles: boolean;
}

async function askedOf(halo: HaloLists, attributes: readonly string[]): Promise<Asked> {
  const custom = attributes.filter((one) => one.startsWith(customPrefix)).map((one) => one.slice(customPrefix.length));
  return {
    fields: attributes.filter((one) => listedFields.includes(one) || detailedFields.includes(one)),
    custom: await customNamed(halo, [...new Set(custom)]),
    roles: attributes.includes("roles"),
  };
}

/** All users but the pseudo-contacts: ⌈N/100⌉ calls, one more for custom fields; one a person where lists keep something back. */
export async function listUsers(halo: HaloLists, attributes: readonly string[] = []): Promise<Live[]> {
  const asked = await askedOf(halo, attributes);
  const ids = [...asked.custom.values()].map((one) => one.id);
  const users = (await readUsers(halo, ids.length > 0 ? { include_custom_fields: ids.join(",") } : {})).filter(
    (user) => !isGeneralUser(user),
  );
  const why = await costly(halo, users, asked);
  if (why === undefined) return users.map((user) => liveUser(user, asked));
  note(`${why}: ${users.length} calls`);
  const limit = pLimit(abreast);
  return Promise.all(users.map((user) => limit(async () => liveUser((await readUser(halo, String(user.id))) ?? user, asked))));
}

/** Why list rows are not enough; undefined when they are. */
async function costly(halo: HaloLists, users: readonly User[], asked: Asked): Promise<string | undefined> {
  if (users.length === 0) return undefined;
  const rows = users.map((user): Row => ({ ...user, azureoid: user["azureoid"] ?? user["azure_id"] }));
  const named = asked.fields.filter((field) => detailedFields.includes(field) || field === "azureoid");
  const kept = await notListed(halo, rows, named);
  const dear = kept.filter((field) => field !== "azureoid");
  if (dear.length > 0) return `${dear.join(", ")} of Halo's users cost one call a person`;
  if (kept.length > 0) return "This Halo does not give the Entra id in lists: it costs one call a person";
  if (asked.custom.size > 0 && users.every((user) => customRows(user) === undefined))
    return "This Halo does not give custom fields in lists: they cost one call a person";
  return undefined;
}

/** One user with everything; undefined when there is none. */
export const readUser = reader("Users", "user", userSchema);

export async function getUser(halo: HaloLists, id: string, attributes: readonly string[] = []): Promise<Live | undefined> {
  const [user, asked] = [await readUser(halo, id), await askedOf(halo, attributes)];
  return user && liveUser(user, asked);
}

/** `Client/Site` of a user. */
export const siteOf = ({ client_name, site_name }: User): string => siteName({ client_name, name: site_name });

function liveUser(user: User, asked: Asked): Live {
  const rows = customRows(user) ?? [];
  const values: Values = {
    name: user.name.trim(),
    site: siteOf(user),
    enabled: !user.inactive,
    protected: user.isserviceaccount,
    fields: Object.fromEntries([...new Set([...asked.fields, "azureoid"])].map((field) => [field, fieldOf(user, field)])),
    custom: Object.fromEntries([...asked.custom].map(([name, field]) => [name, customText(rows, field)])),
    // How a wish is compared with what is there (isAsWished): by the day, or by which choices they are.
    dates: [...asked.custom].flatMap(([name, field]) => (comparedAs(field).isDate ? [name] : [])),
    lists: [...asked.custom].flatMap(([name, field]) => (comparedAs(field).isList ? [name] : [])),
  };
  if (asked.roles) values["roles"] = rolesOf(user);
  return { id: String(user.id), values };
}

/** Names of the user's roles: the rows of the details, else the comma separated list. */
function rolesOf(user: User): string[] {
  const names = user.roles ? user.roles.map((role) => role.name) : user.role_list.split(",");
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))].sort();
}

/**
 * The fields of a POST /Users (without the id), empty when the user is as wished. `user` must have been read with details;
 * undefined = a new one, with everything. `roles` are whole: what others put there is written back as it was.
 */
export async function userChange(halo: HaloLists, user: User | undefined, inputs: UserInputs, partly: boolean): Promise<Row> {
  const change: Row = {};
  if (inputs.name !== undefined && user?.name.trim() !== inputs.name) change["name"] = inputs.name;
  for (const [field, value] of Object.entries(inputs.fields)) {
    const now = user ? fieldOf(user, field) : "";
    if (now === value || (field === departmentField && same(now, value))) continue;
    if (field === departmentField)
      Object.assign(change, await departmentChange(halo, user, value, partly, `the user of person ${inputs.person}`));
    else change[field] = value;
  }
  if (inputs.enabled !== undefined && (user?.inactive ?? false) === inputs.enabled) change["inactive"] = !inputs.enabled;
  if (inputs.site !== undefined && !(user && same(siteOf(user), inputs.site))) change["site_id"] = (await siteNamed(halo, inputs.site)).id;
  const names = Object.keys(inputs.custom);
  if (names.length > 0) {
    const rows = user ? customRows(user) : [];
    if (!rows) throw keptBack(inputs, "custom fields");
    const custom = customChange(rows, inputs.custom, await customNamed(halo, names));
    if (custom) change["customfields"] = custom;
  }
  if (inputs.roles !== undefined) {
    if (user && !user.roles) throw keptBack(inputs, "roles");
    const roles = {
      have: user?.roles ?? [],
      wished: inputs.roles,
      owned: inputs.of?.roles ?? [],
      nameOf: (role: { name: string }) => role.name,
      keep: ({ id }: { id: number }) => ({ id }),
      add: async (name: string) => ({ id: (await lookUp(halo, userRoles, name, roleWords)).id }),
    };
    Object.assign(change, await rolesChange(roles, partly && user !== undefined));
  }
  return change;
}

/** Writing arrays back that were never given would take everything away. */
function keptBack(inputs: UserInputs, what: string): RefusedError {
  return new RefusedError(
    `Could not read the user of person ${inputs.person}: Halo gives no ${what} in its details; let the Halo application log in as an Administrator`,
    "no-details",
  );
}

/** Roles of users (of the portal). One call a process. */
const userRoles = once(async (halo: HaloLists) => rowsOf(namedRow, await halo.rows("UserRoles"), "Halo's user roles"));
const roleWords = { what: "user role", mend: "correct mappings/halo-users.yaml or make the role in Halo" };

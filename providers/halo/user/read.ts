/** Users of Halo in bulk and one by one, and what they must be written with to become as wished. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { note } from "../../../base/notes.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { flag, integer, text } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import type { Live } from "../../core/definition.ts";
import { type HaloLists, siteName, siteNamed, whole } from "../place/rows.ts";
import { type CustomDefinition, customChange, customNamed, customRows, customText } from "./custom-values.ts";
import { customPrefix, detailedFields, listedFields } from "./fields.ts";
import type { UserInputs } from "./inputs.ts";

const optionalText = text.nullish().transform((value) => value ?? "");
const optionalFlag = flag.nullish().transform((value) => value ?? false);

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

export const parseUser = (row: Row): User => userSchema.parse(row);

/** A field as text; the Entra id has another name in lists (facts: 3.1). */
export function fieldOf(user: User, field: string): string {
  const value = field === "azureoid" ? (user["azureoid"] ?? user["azure_id"]) : user[field];
  return (text.safeParse(value).data ?? "").trim();
}

/** Halo's placeholder of a site or client, which is nobody. */
const isGeneral = (user: User): boolean => same(user.name, "General User");

/** What of a user is read: names of fields, `custom.CFName`, `roles`. */
interface Asked {
  fields: string[];
  custom: ReadonlyMap<string, CustomDefinition>;
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
  const rows = await whole(halo, "Users", "users", {
    includeserviceaccount: true,
    includenonserviceaccount: true,
    ...(ids.length > 0 ? { include_custom_fields: ids.join(",") } : {}),
  });
  const users = rows.flatMap((row) => userSchema.safeParse(row).data ?? []).filter((user) => !isGeneral(user));
  const why = costly(users, asked);
  if (why === undefined) return users.map((user) => liveUser(user, asked));
  note(`${why}: ${users.length} calls`);
  const details: Live[] = [];
  for (let at = 0; at < users.length; at += 4)
    details.push(
      ...(await Promise.all(users.slice(at, at + 4).map(async (user) => liveUser((await readUser(halo, String(user.id))) ?? user, asked)))),
    );
  return details;
}

/** Why list rows are not enough; undefined when they are. */
function costly(users: readonly User[], asked: Asked): string | undefined {
  const dear = asked.fields.filter((field) => detailedFields.includes(field));
  if (dear.length > 0) return `${dear.join(", ")} of Halo's users cost one call a person`;
  if (users.length === 0) return undefined;
  if (asked.fields.includes("azureoid") && users.every((user) => user["azure_id"] === undefined && user["azureoid"] === undefined))
    return "This Halo does not give the Entra id in lists: it costs one call a person";
  if (asked.custom.size > 0 && users.every((user) => customRows(user) === undefined))
    return "This Halo does not give custom fields in lists: they cost one call a person";
  return undefined;
}

/** One user with everything; undefined when there is none. */
export async function readUser(halo: HaloLists, id: string): Promise<User | undefined> {
  const row = await halo.get("Users", id, { includedetails: true });
  return row && parseUser(row);
}

export async function getUser(halo: HaloLists, id: string, attributes: readonly string[] = []): Promise<Live | undefined> {
  const [user, asked] = [await readUser(halo, id), await askedOf(halo, attributes)];
  return user && liveUser(user, asked);
}

function liveUser(user: User, asked: Asked): Live {
  const rows = customRows(user) ?? [];
  const values: Values = {
    name: user.name.trim(),
    site: siteName({ client_name: user.client_name, name: user.site_name }),
    enabled: !user.inactive,
    protected: user.isserviceaccount,
    fields: Object.fromEntries([...new Set([...asked.fields, "azureoid"])].map((field) => [field, fieldOf(user, field)])),
    custom: Object.fromEntries([...asked.custom].map(([name, field]) => [name, customText(rows, field)])),
  };
  if (asked.roles) values["roles"] = rolesOf(user);
  return { id: String(user.id), values };
}

/** Names of the user's roles: the rows of the details, else the comma separated list. */
export function rolesOf(user: User): string[] {
  const names = user.roles ? user.roles.map((role) => role.name) : user.role_list.split(",");
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))].sort();
}

/**
 * The fields of a POST /Users (without the id), empty when the user is as wished. `user` must have been read with details;
 * undefined = a new one, with everything. Arrays are whole: what others put there is written back as it was.
 */
export async function userChange(halo: HaloLists, user: User | undefined, inputs: UserInputs): Promise<Row> {
  const change: Row = {};
  if (inputs.name !== undefined && user?.name.trim() !== inputs.name) change["name"] = inputs.name;
  for (const [field, value] of Object.entries(inputs.fields)) if ((user ? fieldOf(user, field) : "") !== value) change[field] = value;
  if (inputs.enabled !== undefined && (user?.inactive ?? false) === inputs.enabled) change["inactive"] = !inputs.enabled;
  if (inputs.site !== undefined && !(user && same(siteName({ client_name: user.client_name, name: user.site_name }), inputs.site)))
    change["site_id"] = (await siteNamed(halo, inputs.site)).id;
  const names = Object.keys(inputs.custom);
  if (names.length > 0) {
    const rows = user ? customRows(user) : [];
    if (!rows) throw keptBack(inputs, "custom fields");
    const custom = customChange(rows, inputs.custom, await customNamed(halo, names));
    if (custom) change["customfields"] = custom;
  }
  const roles = inputs.roles === undefined ? undefined : await roleChange(halo, user, inputs);
  if (roles) change["roles"] = roles;
  return change;
}

/** Writing arrays back that were never given would take everything away. */
function keptBack(inputs: UserInputs, what: string): RefusedError {
  return new RefusedError(
    `Could not read the user of person ${inputs.person}: Halo gives no ${what} in its details; let the Halo application log in as an Administrator`,
    "no-details",
  );
}

async function roleChange(halo: HaloLists, user: User | undefined, inputs: UserInputs): Promise<Row[] | undefined> {
  const wished = inputs.roles ?? [];
  const owned = inputs.of?.roles ?? [];
  if (!user && wished.length === 0) return undefined;
  if (user && !user.roles) throw keptBack(inputs, "roles");
  const have = user?.roles ?? [];
  const staying = have.filter((role) => wished.some((name) => same(name, role.name)) || !owned.some((name) => same(name, role.name)));
  const missing = wished.filter((name) => !have.some((role) => same(role.name, name)));
  if (staying.length === have.length && missing.length === 0) return undefined;
  return [...staying.map(({ id }) => ({ id })), ...(await Promise.all(missing.map(async (name) => ({ id: await roleId(halo, name) }))))];
}

const userRoles = new WeakMap<HaloLists, Promise<{ id: number; name: string }[]>>();
const roleSchema = z.object({ id: integer, name: text });

/** The id of a role of users. One call a process. @throws RefusedError with the nearest right name. */
async function roleId(halo: HaloLists, name: string): Promise<number> {
  const reading = userRoles.get(halo) ?? halo.rows("UserRoles").then((rows) => rows.flatMap((row) => roleSchema.safeParse(row).data ?? []));
  userRoles.set(halo, reading);
  reading.catch(() => userRoles.delete(halo));
  const all = await reading;
  const found = all.filter((one) => same(one.name, name));
  const [one] = found;
  if (one && found.length === 1) return one.id;
  throw new RefusedError(
    one
      ? `Could not use the user role "${name}": Halo has ${found.length} of that name; rename all but one in Halo`
      : `Could not find the user role "${name}" in Halo${suggestion(
          name,
          all.map((each) => each.name),
        )}; correct mappings/halo-users.yaml or make the role in Halo`,
    one ? "ambiguous" : "unknown-name",
  );
}

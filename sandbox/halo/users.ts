/** Users: one by id, what list rows have besides, their roles, and what a POST makes of a record. */
import { isObject, type Row } from "../web/json.ts";
import { choice } from "./choices.ts";
import type { Saved } from "./records.ts";
import { type HaloState, initials, nextId, text } from "./state.ts";

/** Roles of users (of the portal); each server has its own. */
const roles = new WeakMap<HaloState, Row[]>();
export function userRoles(state: HaloState): Row[] {
  const known = roles.get(state) ?? ["User", "Approver", "Site manager"].map((name, index) => ({ id: index + 1, name, notes: "" }));
  roles.set(state, known);
  return known;
}

const links = (user: Row): Row[] => (Array.isArray(user["roles"]) ? (user["roles"] as Row[]) : []);

/** Custom fields that have a value: answers have no others (recorded). */
export const filled = (user: Row): Row[] =>
  (Array.isArray(user["customfields"]) ? (user["customfields"] as Row[]) : []).filter((field) => text(field["value"]) !== "");

/** The Entra id has another name in lists; roles are there as text. */
export const listed = (user: Row): Row => ({
  azure_id: text(user["azureoid"]),
  role_list: links(user)
    .map((role) => text(role["name"]))
    .join(", "),
});

/** GET /Users/{id}: arrays and what only details have come with `includedetails=true`. */
export function oneUser(state: HaloState, id: number, details: boolean): Row | undefined {
  const user = state.users.get(id);
  if (!user) return undefined;
  const { roles: _roles, customfields: _fields, departments, email2, email3, manager_email, azureoid, ...plain } = user;
  if (!details) return { ...plain, ...listed(user) };
  return {
    ...plain,
    ...listed(user),
    ...{ email2: email2 ?? "", email3: email3 ?? "", manager_email: manager_email ?? "", azureoid: azureoid ?? "" },
    roles: links(user),
    customfields: filled(user),
    departments: departments ?? [],
    // Of somebody made before there were rows, as it was written.
    ...(departments === undefined ? {} : { department: (departments as Row[]).map((one) => text(one["department_name"])).join(", ") }),
  };
}

const single = 2;
const several = 3;
const date = 4;
/** Only shown, computed, or kept as a secret: what is sent for it counts for nothing. */
const isFixed = (field: Row): boolean => field["type"] === 10 || text(field["calculation"]) !== "" || field["isencrypted"] === true;

/** What becomes of a row that is sent; undefined: the field is empty then. A day gets a time, and a display in another order. */
function customRow(field: Row, value: unknown, complain: (what: string) => void): Row | undefined {
  const { id, name, label, type } = field;
  const row = (held: unknown, display: string): Row => ({ id, name, label, type, usage: 4, value: held, display });
  if (type === single || type === several) {
    const held = choice(field, type === several, value, complain);
    return held && row(held.value, held.display);
  }
  if (text(value) === "") return undefined;
  if (type === date) {
    const [year, month, day] = text(value).slice(0, 10).split("-");
    return row(/T/u.test(text(value)) ? value : `${text(value)}T00:00:00`, `${day}/${month}/${year}`);
  }
  return row(value, text(value));
}

/** The rows that are there with those that are sent in their places: fields that are not sent keep their values, and what is empty has no row. */
function customSaved(state: HaloState, before: readonly Row[], given: readonly Row[], complain: (what: string) => void): Row[] {
  const rows = new Map(before.map((row) => [row["id"], row]));
  for (const one of given) {
    const field = state.fields.find((known) => known["id"] === one["id"] && known["typeid"] === 4);
    if (!field) complain(`an entry of customfields names no field of users by its id (${JSON.stringify(one)})`);
    else if (isFixed(field)) complain(`${text(field["name"])} cannot be written`);
    else {
      const row = customRow(field, one["value"], complain);
      if (row) rows.set(field["id"], row);
      else rows.delete(field["id"]);
    }
  }
  return [...rows.values()];
}

function rolesGiven(state: HaloState, given: unknown, complain: (what: string) => void): Row[] {
  return (Array.isArray(given) ? given : []).flatMap((entry: unknown) => {
    const role = isObject(entry) ? userRoles(state).find((known) => known["id"] === entry["id"]) : undefined;
    if (!role) complain(`an entry of roles names no role of users by its id (${JSON.stringify(entry)})`);
    return role ? [{ id: role["id"], name: role["name"] }] : [];
  });
}

/** Departments as `UserDepartment` of the contracts: each by the number of one that there is. The array replaces what was there. */
function departmentsGiven(state: HaloState, user: Row, given: readonly unknown[], complain: (what: string) => void): Row[] {
  return given.filter(isObject).flatMap((row, index) => {
    const team = [...state.teams.values()].find((one) => one["department_id"] === row["department_id"]);
    if (!team) complain(`there is no department ${JSON.stringify(row["department_id"])}`);
    const own = { ...row, id: row["id"] ?? Number(user["id"]) * 100 + index + 1, user_id: user["id"] };
    return team ? [{ is_manager: false, ...own, department_name: team["department_name"] }] : [];
  });
}

/** What the server makes itself: writing it is no mistake that Halo would tell. */
const computed = ["new_password", "department", "role_list", "azure_id", "site_id_int", "site_name", "client_id", "client_name", "use"];

/**
 * Creates (no id) or updates (the fields present) a user; roles replace, custom fields do not. A user always has a site that exists, and the site
 * decides the client. A second user of the same name, address or Entra id is made without a word, as Halo does.
 */
export function saveUser(state: HaloState, given: Row, complain: (what: string) => void = () => undefined): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.users.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The user you are trying to update does not exist" };
  if ((!before || "name" in given) && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the user" };
  const site = state.sites.get(Number(given["site_id"] ?? before?.["site_id"] ?? 0));
  if (!site) return { status: 400, text: "A site must be selected for the user" };
  const { customfields, roles: wished, add_roles, ...rest } = given;
  const plain = Object.fromEntries(Object.entries(rest).filter(([key]) => !computed.includes(key)));
  const blank: Row = {
    title: "",
    emailaddress: "",
    phonenumber: "",
    login: "",
    inactive: false,
    isserviceaccount: false,
    customfields: [],
  };
  const user: Row = { ...(before ?? blank), ...plain, id: before ? id : nextId(state.users), use: "user" };
  Object.assign(user, {
    site_id: site["id"],
    site_id_int: site["id"],
    site_name: site["name"],
    client_id: site["client_id"],
    client_name: site["client_name"],
    initials: initials(text(user["name"])),
  });
  if (Array.isArray(customfields))
    user["customfields"] = customSaved(state, (before?.["customfields"] as Row[] | undefined) ?? [], customfields as Row[], complain);
  if (Array.isArray(rest["departments"])) user["departments"] = departmentsGiven(state, user, rest["departments"], complain);
  if (wished !== undefined) user["roles"] = rolesGiven(state, wished, complain);
  if (add_roles !== undefined) user["roles"] = [...links(user), ...rolesGiven(state, add_roles, complain)];
  state.users.set(Number(user["id"]), user);
  return { row: oneUser(state, Number(user["id"]), true) ?? user };
}

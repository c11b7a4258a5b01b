/** Assets and their types: list rows carry fields and a user's name only when asked, and never the users' ids. */
import type { Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { choice } from "./choices.ts";
import { flag, listPlain } from "./lists.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

const whole = (value: string | null): number | undefined => (value !== null && /^\d+$/u.test(value) ? Number(value) : undefined);
const usersOf = (row: Row): Row[] => (Array.isArray(row["users"]) ? (row["users"] as Row[]) : []);

/** Names as the state has them now: people are renamed, types too. */
function shown(state: HaloState, row: Row): Row {
  const { users: _users, fields: _fields, ...plain } = row;
  return { ...plain, assettype_name: text(state.assetTypes.get(Number(row["assettype_id"]))?.["name"]), use: "asset" };
}

/** GET /Asset: by `assettype_id` and `user_id`; a page holds 50 rows at most, whatever was asked for. */
export function listAssets(state: HaloState, call: Call): Reply {
  const [type, user] = [whole(call.query.get("assettype_id")), whole(call.query.get("user_id"))];
  const [fields, names] = [flag(call, "includeassetfields", false), flag(call, "includeuser", false)];
  const rows = [...state.assets.values()]
    .filter((row) => type === undefined || row["assettype_id"] === type)
    .filter((row) => user === undefined || usersOf(row).some((one) => one["id"] === user))
    .map((row) => ({
      ...shown(state, row),
      ...(fields ? { fields: row["fields"] } : {}),
      ...(names
        ? {
            username: usersOf(row)
              .map((one) => text(state.users.get(Number(one["id"]))?.["name"]))
              .join(", "),
          }
        : {}),
    }));
  const size = Number(call.query.get("page_size") ?? "50");
  if (size > 50) call.query.set("page_size", "50");
  return listPlain(rows, "assets", call);
}

/** GET /Asset/{id}: users and fields only with `includedetails=true`. */
export function oneAsset(state: HaloState, id: number, details: boolean): Row | undefined {
  const row = state.assets.get(id);
  if (!row) return undefined;
  const users = usersOf(row).flatMap((one): Row[] => {
    const user = state.users.get(Number(one["id"]));
    return user ? [user] : [];
  });
  return {
    ...shown(state, row),
    ...(details ? { fields: row["fields"], users: users.map((one) => ({ id: one["id"], name: one["name"] })) } : {}),
  };
}

/** GET /AssetType/{id}: its fields, and what each offers (`field_list`, as the contract has it). */
export function oneAssetType(state: HaloState, id: number): Row | undefined {
  const type = state.assetTypes.get(id);
  if (!type) return undefined;
  const fields = (type["fields"] as Row[] | undefined) ?? [];
  return {
    ...type,
    fields: fields.map(({ values: _values, several: _several, ...field }) => field),
    field_list: fields.map(({ id: number, name, values = [] }) => ({ id: number, name, values })),
  };
}

/** POST /Asset: client, site and type must exist; `fields` and `users` replace what was there; a field of another type is ignored. */
export function saveAsset(state: HaloState, given: Row, complain: (what: string) => void): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.assets.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The asset you are trying to update does not exist" };
  const asset: Row = { inactive: false, users: [], fields: [], ...before };
  for (const name of ["inventory_number", "assettype_id", "client_id", "site_id", "inactive"])
    if (given[name] !== undefined) asset[name] = given[name];
  const type = state.assetTypes.get(Number(asset["assettype_id"]));
  if (!type) return { status: 400, text: "An Asset Type must be selected" };
  if (!state.clients.has(Number(asset["client_id"]))) return { status: 400, text: "A Customer must be selected for the Asset" };
  const site = state.sites.get(Number(asset["site_id"] ?? 0));
  if (!before && !site) return { status: 400, text: "A Site must be selected for the Asset" };
  if (site) asset["site_name"] = site["name"];
  if (Array.isArray(given["users"])) {
    if ((given["users"] as Row[]).some((one) => !state.users.has(Number(one["id"]))))
      return { status: 400, text: "A User of the Asset does not exist" };
    asset["users"] = (given["users"] as Row[]).map((one) => ({ id: one["id"] }));
  }
  const known = (type["fields"] as Row[] | undefined) ?? [];
  if (Array.isArray(given["fields"]))
    asset["fields"] = (given["fields"] as Row[]).flatMap((one) => {
      const found = known.find((each) => each["id"] === one["id"]);
      if (!found) complain(`the type ${text(type["name"])} has no field ${text(one["id"])}`);
      if (!found) return [];
      const given = one["value"];
      const held = Array.isArray(found["values"])
        ? choice(found, found["several"] === true, given, complain)
        : { value: text(given), display: text(given) };
      return held ? [{ id: one["id"], name: found["name"], ...held }] : [];
    });
  asset["id"] = before ? id : nextId(state.assets);
  // Derived from the type's key field, or the number.
  const key = (asset["fields"] as Row[]).find((one) => one["name"] === type["keyfield_name"]);
  asset["key_field"] = text(key?.["value"]) || text(asset["inventory_number"]);
  state.assets.set(Number(asset["id"]), asset);
  return { row: shown(state, asset) };
}

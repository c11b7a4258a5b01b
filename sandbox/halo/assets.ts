/** Assets and their types: list rows carry fields and a user's name only when asked, and never the users' ids. */
import type { Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { flag, listPlain } from "./lists.ts";
import { type HaloState, text } from "./state.ts";

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

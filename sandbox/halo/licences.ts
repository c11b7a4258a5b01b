/** Software licences, who they are linked to, and Halo's own connections to Entra ID. Strict: a link to nobody is refused. */
import type { Row } from "../web/json.ts";
import type { Call } from "../web/server.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

const whole = (value: string | null): number | undefined => (value !== null && /^\d+$/u.test(value) ? Number(value) : undefined);

/** What Halo computes of a licence: how many are linked, and how many are left. */
function shown(state: HaloState, row: Row): Row {
  const links = [...state.links.values()].filter((link) => Number(link["licence_id"]) === row["id"]);
  const used = links.length;
  const byUsers = links.filter((link) => Number(link["user_id"] ?? 0) > 0).length;
  return { ...row, licences_in_use: used, licences_in_use_user: byUsers, licences_available: Number(row["count"]) - used };
}

/** GET /SoftwareLicence: by client where one is asked for; inactive ones only with `includeinactive`. */
export function listLicences(state: HaloState, call: Call): Row[] {
  const client = whole(call.query.get("client_id"));
  const inactive = call.query.get("includeinactive")?.toLowerCase() === "true";
  return [...state.licences.values()]
    .filter((row) => (client === undefined || row["client_id"] === client) && (inactive || row["is_active"] !== false))
    .map((row) => shown(state, row));
}

export function oneLicence(state: HaloState, id: number): Row | undefined {
  const row = state.licences.get(id);
  return row && shown(state, row);
}

/** POST /SoftwareLicence: the record, and links to users by `new_software.new_users`. Numbers that Halo computes are not written. */
export function saveLicence(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.licences.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The licence you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the licence" };
  const client = state.clients.get(Number(given["client_id"] ?? before?.["client_id"] ?? 0));
  if (!client) return { status: 400, text: "A customer must be selected for the licence" };
  const { new_software: software, licences_in_use: _used, licences_available: _left, ...plain } = given;
  const users = ((software as Row | undefined)?.["new_users"] as Row[] | undefined) ?? [];
  const strangers = users.filter((user) => !state.users.has(Number(user["id"])));
  if (strangers.length > 0) return { status: 400, text: "A user you are trying to assign the licence to does not exist" };
  const licence: Row = {
    type: 0,
    count: 0,
    is_active: true,
    azure_connection_id: 0,
    ...before,
    ...plain,
    id: before ? id : nextId(state.licences),
  };
  licence["client_name"] = client["name"];
  state.licences.set(Number(licence["id"]), licence);
  for (const user of users) link(state, licence, Number(user["id"]));
  return { row: shown(state, licence) };
}

/** One link a user and licence, however often it is asked for. */
export function link(state: HaloState, licence: Row, user: number): void {
  const known = [...state.links.values()].some((one) => one["licence_id"] === licence["id"] && one["user_id"] === user);
  if (known) return;
  const id = nextId(state.links);
  // Keys of a recorded row (a production instance of 2.236): cost, version and the like are others' work, and lost where a row comes without them.
  state.links.set(id, {
    ...{ id, licence_id: licence["id"], licence_name: licence["name"], name: licence["name"], user_id: user, count: 1 },
    ...{ cost: 12.5, version: "1.0", install_date: "2026-01-05T00:00:00", role_id: 0, moduleid: 0, licence_required: true },
  });
}

/** GET /AssetSoftware: by licence or user. */
export function listLinks(state: HaloState, call: Call): Row[] {
  const licence = whole(call.query.get("licence_id"));
  const user = whole(call.query.get("user_id"));
  return [...state.links.values()].filter(
    (row) => (licence === undefined || row["licence_id"] === licence) && (user === undefined || row["user_id"] === user),
  );
}

/** A user's `software`, as its details show it. */
const softwareOf = (state: HaloState, user: number): Row[] => [...state.links.values()].filter((row) => row["user_id"] === user);

/** A POST of a user with `software`: links that are left out are gone, kept ones are what is sent of them; rows without an id are new. */
function saveSoftware(state: HaloState, user: number, given: unknown): void {
  if (!Array.isArray(given)) return;
  const kept = new Map((given as Row[]).map((row) => [Number(row["id"] ?? 0), row]));
  for (const row of softwareOf(state, user)) {
    const sent = kept.get(Number(row["id"]));
    if (sent) state.links.set(Number(row["id"]), { ...sent, user_id: user });
    else state.links.delete(Number(row["id"]));
  }
  for (const row of given as Row[]) {
    const licence = state.licences.get(Number(row["licence_id"] ?? 0));
    if (!row["id"] && licence) link(state, licence, user);
  }
}

type Save = (state: HaloState, row: Row, complain: (what: string) => void) => Saved;

/** What saves a user, and their `software` with it. */
export function withSoftware(save: Save): Save {
  return (state, { software, _remove_license_id: gone, ...row }, complain) => {
    const saved = save(state, row, complain);
    if (!("row" in saved)) return saved;
    const user = Number(saved.row["id"]);
    saveSoftware(state, user, software);
    if (typeof gone === "number")
      for (const one of softwareOf(state, user)) if (Number(one["licence_id"]) === gone) state.links.delete(Number(one["id"]));
    return saved;
  };
}

/** GET /azureadconnection/{id}: the field mappings only with `includedetails=true`. */
export function oneConnection(state: HaloState, id: number, details: boolean): Row | undefined {
  const row = state.connections.find((one) => one["id"] === id);
  return row && (details ? row : connectionRow(row));
}

export function connectionRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith("mappings_")));
}

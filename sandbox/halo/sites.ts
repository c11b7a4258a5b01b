/** Sites: list rows, one by id, and what a POST makes of a record. */
import { isObject, type Row } from "../web/json.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

/** List rows do not have the address, nor notes unless they are asked for. */
export function siteRows(state: HaloState, notes: boolean): Row[] {
  return [...state.sites.values()].map(({ delivery_address: _address, notes: said, ...row }) =>
    notes ? { ...row, notes: said ?? "" } : row,
  );
}

export const oneSite = (state: HaloState, id: number, details: boolean): Row | undefined => {
  const site = state.sites.get(id);
  if (!site || details) return site && { notes: "", delivery_address: null, ...site };
  const { delivery_address: _address, ...row } = site;
  return row;
};

/** Creates (no id) or updates a site. Its client must exist; a second of the same name is made without a word. */
export function saveSite(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.sites.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The site you are trying to update does not exist" };
  if ((!before || "name" in given) && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the site" };
  const client = state.clients.get(Number(given["client_id"] ?? before?.["client_id"] ?? 0));
  if (!client) return { status: 400, text: "A customer must be selected for the site" };
  const { client_name: _client, clientsite_name: _both, delivery_address, ...plain } = given;
  const site: Row = {
    inactive: false,
    notes: "",
    phonenumber: "",
    timezone: "",
    ref: "",
    ...before,
    ...plain,
    id: before ? id : nextId(state.sites),
  };
  Object.assign(site, {
    client_id: client["id"],
    client_name: client["name"],
    clientsite_name: `${text(client["name"])}/${text(site["name"])}`,
  });
  if (isObject(delivery_address)) site["delivery_address"] = { id: Number(site["id"]) * 10 + 1, ...delivery_address };
  state.sites.set(Number(site["id"]), site);
  return { row: site };
}

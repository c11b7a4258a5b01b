/** Clients (organisations): list rows, one by id, and what a POST makes of a record. */
import type { Row } from "../web/json.ts";
import type { Saved } from "./records.ts";
import { saveSite } from "./sites.ts";
import { type HaloState, nextId, text } from "./state.ts";

/** `website` and `notes` are not in every list. */
export function clientRows(state: HaloState, notes: boolean): Row[] {
  return [...state.clients.values()].map(({ website: _website, notes: said, ...row }) => (notes ? { ...row, notes: said ?? "" } : row));
}

export const oneClient = (state: HaloState, id: number): Row | undefined => {
  const client = state.clients.get(id);
  return client && { notes: "", website: "", ref: "", ...client };
};

/** Creates (no id) or updates a client; a new one gets its first site. A second of the same name is made without a word. */
export function saveClient(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.clients.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The customer you are trying to update does not exist" };
  if ((!before || "name" in given) && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the customer" };
  const { newclient_sitename, main_site_name: _name, ...plain } = given;
  const fresh: Row = { inactive: false, toplevel_id: 1, toplevel_name: "Customers", colour: "#ffffff", notes: "", website: "", ref: "" };
  const client: Row = { ...(before ?? fresh), ...plain, id: before ? id : nextId(state.clients) };
  state.clients.set(Number(client["id"]), client);
  if (!before) {
    const site = saveSite(state, { name: text(newclient_sitename) || "Main", client_id: client["id"] });
    if ("row" in site) Object.assign(client, { main_site_id: site.row["id"], main_site_name: site.row["name"] });
  }
  return { row: client };
}

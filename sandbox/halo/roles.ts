/** Agents' roles: what a POST makes of a record. */
import { randomUUID } from "node:crypto";
import type { Row } from "../web/json.ts";
import type { Saved } from "./records.ts";
import { type HaloState, text } from "./state.ts";

/** A role's id is text; `id_int` is its number. */
export function saveRole(state: HaloState, given: Row): Saved {
  const id = text(given["id"]);
  const before = id && id !== "0" ? state.roles.get(id) : undefined;
  if (id && id !== "0" && !before) return { status: 404, text: "The role you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the role" };
  const number = 1 + Math.max(0, ...[...state.roles.values()].map((role) => Number(role["id_int"])));
  const role: Row = { notes: "", claims: [], is_integration: false, id_int: number, ...before, ...given, id: before ? id : randomUUID() };
  role["normalizedName"] = text(role["name"]).toUpperCase();
  role["concurrencyStamp"] = randomUUID();
  state.roles.set(String(role["id"]), role);
  return { row: role };
}

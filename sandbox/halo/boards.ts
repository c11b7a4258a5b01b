/** Change advisory boards (CAB): lists with and without members, one by id, and what a POST makes of a record. */
import { randomUUID } from "node:crypto";
import { isObject, type Row } from "../web/json.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

const without = ({ members: _members, roles: _roles, ...board }: Row): Row => board;

/** GET /CAB: `members` only with `includemembers=true`. */
export function listBoards(state: HaloState, members: boolean): Row[] {
  return [...state.boards.values()].map((board) => (members ? board : without(board)));
}

/** GET /CAB/{id}: `members` only with `includedetails=true`. */
export function oneBoard(state: HaloState, id: number, details: boolean): Row | undefined {
  const board = state.boards.get(id);
  return board && (details ? board : without(board));
}

/** Members replace as a whole. A row without an id is a new place; an agent or user who does not exist is refused. */
function membersOf(state: HaloState, board: Row, given: unknown): Row[] | string {
  const before = new Map(((board["members"] as Row[] | undefined) ?? []).map((row) => [Number(row["id"]), row]));
  const rows: Row[] = [];
  let next =
    1 +
    Math.max(
      Number(board["id"]) * 100,
      ...[...state.boards.values()].flatMap((one) => ((one["members"] as Row[] | undefined) ?? []).map((row) => Number(row["id"]))),
    );
  for (const entry of Array.isArray(given) ? given : []) {
    if (!isObject(entry)) continue;
    const id = Number(entry["id"] ?? 0);
    const row: Row = { type: 0, is_mandatory: false, agent_id: 0, user_id: 0, emailaddress: "", ...before.get(id), ...entry };
    const agent = Number(row["agent_id"]) > 0 ? state.agents.get(Number(row["agent_id"])) : undefined;
    const user = Number(row["user_id"]) > 0 ? state.users.get(Number(row["user_id"])) : undefined;
    if (Number(row["agent_id"]) > 0 && !agent) return "An agent of the members does not exist";
    if (Number(row["user_id"]) > 0 && !user) return "A user of the members does not exist";
    if (!agent && !user && text(row["emailaddress"]) === "") return "A member must be an agent, a user or an address";
    rows.push({
      ...row,
      id: id > 0 ? id : next++,
      cab_id: board["id"],
      member_name: text(user?.["name"] ?? agent?.["name"] ?? row["member_name"]),
      emailaddress: text(user?.["emailaddress"] ?? agent?.["email"] ?? row["emailaddress"]),
    });
  }
  return rows;
}

export function saveBoard(state: HaloState, given: Row): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.boards.get(id) : undefined;
  if (id > 0 && !before) return { status: 404, text: "The CAB you are trying to update does not exist" };
  if (!before && !text(given["name"]).trim()) return { status: 400, text: "A name must be entered for the CAB" };
  const { members, ...plain } = given;
  const blank: Row = { all_must_approve: false, approvals_needed: 1, rejection_threshold: 1, members: [], roles: [], guid: randomUUID() };
  const board: Row = { ...(before ?? blank), ...plain, id: before ? id : nextId(state.boards) };
  if (members !== undefined) {
    const rows = membersOf(state, board, members);
    if (typeof rows === "string") return { status: 400, text: rows };
    board["members"] = rows;
  }
  state.boards.set(Number(board["id"]), board);
  return { row: board };
}

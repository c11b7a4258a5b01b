/** Soft-deleted Microsoft 365 groups: listed, and restored with members and owners. Security groups are gone for good. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page, refuseIfAsked } from "./context.ts";
import { type GraphState, join } from "./state.ts";

const kept = new WeakMap<GraphState, Map<string, { row: Row; members: string[] }>>();

export function deletedGroups(state: GraphState): Map<string, { row: Row; members: string[] }> {
  const map = kept.get(state) ?? new Map<string, { row: Row; members: string[] }>();
  kept.set(state, map);
  return map;
}

/** Keeps what a restore gives back, where there is a bin for it. */
export function bury(state: GraphState, row: Row): void {
  if (!((row["groupTypes"] as string[] | undefined) ?? []).includes("Unified")) return;
  const id = String(row["id"]);
  deletedGroups(state).set(id, { row: { ...row, deletedDateTime: new Date().toISOString() }, members: state.members.of(id) });
}

export function listDeletedGroups(call: GraphContext): Reply {
  const rows = [...deletedGroups(call.state).values()].map(({ row }) => row);
  return page(call, "group", "/directory/deletedItems/microsoft.graph.group", rows);
}

/** The answer where the id is that of a deleted group; undefined = it is something else. */
export function restoreGroup(call: GraphContext): Reply | undefined {
  const { state } = call;
  const id = (call.parameters["id"] ?? "").toLowerCase();
  const gone = deletedGroups(state).get(id);
  if (!gone) return undefined;
  refuseIfAsked(call, gone.row);
  deletedGroups(state).delete(id);
  const { deletedDateTime: _gone, ...row } = gone.row;
  state.groups.put(id, row);
  for (const member of gone.members) if (state.users.current.has(member) || state.groups.current.has(member)) join(state, id, member);
  return { status: 200, body: { "@odata.type": "#microsoft.graph.group", id } };
}

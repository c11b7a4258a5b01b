/** Soft-deleted users: listed, restored within 30 days, removed for good. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { privilegedKey } from "./accounts.ts";
import { type GraphContext, page, refuseIfAsked } from "./context.ts";
import { bad, conflict, denied, notFound, Refused, texts } from "./errors.ts";
import { type GraphState, restoreUser } from "./state.ts";

const month = 30 * 24 * 60 * 60 * 1000;

/** Under the name of a deleted user stands its id, so that somebody else can have the name. */
function shown(row: Row): Row {
  const { userPrincipalName, id } = row;
  return { ...row, userPrincipalName: `${String(id).replaceAll("-", "")}${String(userPrincipalName)}` };
}

/** What a month ago was deleted is gone for good. */
function sweep(state: GraphState, now: number): void {
  for (const [id, { row }] of state.deleted) if (Date.parse(String(row["deletedDateTime"])) < now - month) state.deleted.delete(id);
}

export function listDeleted(call: GraphContext): Reply {
  sweep(call.state, call.now());
  const rows = [...call.state.deleted.values()].map(({ row }) => shown(row));
  return page(call, "user", "/directory/deletedItems/microsoft.graph.user", rows);
}

function goneOf(call: GraphContext): Row {
  sweep(call.state, call.now());
  const id = (call.parameters["id"] ?? "").toLowerCase();
  const row = call.state.deleted.get(id)?.row;
  if (!row) throw new Refused(notFound(id));
  refuseIfAsked(call, row);
  if (row[privilegedKey] === true) throw new Refused(denied());
  return row;
}

/** Comes back as it went, with its groups and licences; not where somebody has its name by now. */
export function restoreDeleted(call: GraphContext): Reply {
  const row = goneOf(call);
  if (call.body !== "" && call.body !== "{}") call.complain("POST restore of a user takes no body");
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  if (call.state.byName.has(String(row["userPrincipalName"]).toLowerCase())) throw new Refused(conflict("userPrincipalName"));
  restoreUser(call.state, String(row["id"]));
  return {
    status: 200,
    body: { "@odata.context": `${call.base}/$metadata#directoryObjects/$entity`, "@odata.type": "#microsoft.graph.user", id: row["id"] },
  };
}

export function removeDeleted(call: GraphContext): Reply {
  call.state.deleted.delete(String(goneOf(call)["id"]));
  return { status: 204 };
}

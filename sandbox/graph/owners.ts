/** Owners of groups: read, add one, remove one; the last person who owns a Microsoft 365 group stays. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, groupOf, page, refuseIfAsked } from "./context.ts";
import { bad, notFound, Refused, texts } from "./errors.ts";
import { idIn } from "./members.ts";
import type { GraphState } from "./state.ts";

const kept = new WeakMap<GraphState, Map<string, string[]>>();

/** Id of a group or an application → ids of its owners. */
export function ownersOf(state: GraphState): Map<string, string[]> {
  const map = kept.get(state) ?? new Map<string, string[]>();
  kept.set(state, map);
  return map;
}

/** Most owners of a group. */
const most = 100;
/** Most objects of a relationship that come with `$expand`; nothing says that there are more. */
const mostExpanded = 20;

/** A list, with the owners of each where `$expand` asks for them. */
export function expanded(given: GraphContext, list: (call: GraphContext) => Reply): Reply {
  const query = new URLSearchParams(given.query);
  const isExpanded = query.get("$expand") === "owners($select=id)";
  if (isExpanded) query.delete("$expand");
  const reply = list({ ...given, query });
  const body = reply.body as Row;
  if (!isExpanded || !Array.isArray(body["value"])) return reply;
  const next = body["@odata.nextLink"];
  const more = typeof next === "string" ? { "@odata.nextLink": `${next}&$expand=${encodeURIComponent("owners($select=id)")}` } : {};
  const users = given.state.users.seen();
  const owners = (row: Row): Row[] =>
    (ownersOf(given.state).get(String(row["id"])) ?? []).map((id) => ({
      "@odata.type": `#microsoft.graph.${users.has(id) ? "user" : "servicePrincipal"}`,
      id,
    }));
  const value = (body["value"] as Row[]).map((row) => ({ ...row, owners: owners(row).slice(0, mostExpanded) }));
  return { ...reply, body: { ...body, ...more, value } };
}

function writable(call: GraphContext): Row {
  const group = groupOf(call);
  refuseIfAsked(call, group);
  if (group["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  return group;
}

export function listOwners(call: GraphContext): Reply {
  const id = String(groupOf(call)["id"]);
  const users = call.state.users.seen();
  const rows = (ownersOf(call.state).get(id) ?? []).map((owner) => users.get(owner) ?? { id: owner, $type: "servicePrincipal" });
  return page(call, "directoryObject", `/groups/${id}/owners`, rows, { typed: (row) => String(row["$type"] ?? "user") });
}

/** Owners of an application. */
export function listApplicationOwners(call: GraphContext): Reply {
  const id = call.parameters["id"] ?? "";
  const users = call.state.users.seen();
  const rows = (ownersOf(call.state).get(id) ?? []).map((owner) => users.get(owner) ?? { id: owner, $type: "servicePrincipal" });
  return page(call, "directoryObject", `/applications/${id}/owners`, rows, { typed: (row) => String(row["$type"] ?? "user") });
}

export function addOwner(call: GraphContext): Reply {
  const id = String(writable(call)["id"]);
  const owner = idIn(bodyOf(call, undefined)["@odata.id"]);
  const owners = ownersOf(call.state).get(id) ?? [];
  if (!call.state.users.seen().has(owner)) throw new Refused(notFound(owner));
  if (owners.includes(owner)) throw new Refused(bad(texts.already.replace("'members'", "'owners'")));
  if (owners.length >= most) throw new Refused(bad(`The group has reached the limit of ${most} owners.`));
  ownersOf(call.state).set(id, [...owners, owner]);
  return { status: 204 };
}

export function removeOwner(call: GraphContext): Reply {
  const group = writable(call);
  const id = String(group["id"]);
  const owner = (call.parameters["member"] ?? "").toLowerCase();
  const owners = ownersOf(call.state).get(id) ?? [];
  if (!owners.includes(owner))
    throw new Refused(call.state.users.current.has(owner) ? bad(texts.gone.replace("'members'", "'owners'")) : notFound(owner));
  const people = owners.filter((one) => call.state.users.current.has(one));
  if ((group["groupTypes"] as string[]).includes("Unified") && people.length === 1 && people[0] === owner)
    throw new Refused(bad("The group must have at least one owner, hence this owner cannot be removed."));
  ownersOf(call.state).set(
    id,
    owners.filter((one) => one !== owner),
  );
  return { status: 204 };
}

/** Members of groups: read, add one, add up to 20 at once (all or nothing), remove. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, groupOf, page, refuseIfAsked, userOf } from "./context.ts";
import { bad, denied, malformed, notFound, Refused, texts } from "./errors.ts";
import { join, leave } from "./state.ts";

/** Most members in one `members@odata.bind`. */
const most = 20;
const link = /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|users|groups)(?:\/|\(')([\da-f-]{36})(?:'\))?$/iu;

/** The id in a link such as `https://graph.microsoft.com/v1.0/directoryObjects/{id}`. */
export function idIn(reference: unknown): string {
  const id = typeof reference === "string" ? link.exec(reference)?.[1] : undefined;
  if (id === undefined) throw new Refused(malformed(`Invalid URL '${String(reference)}' in the reference.`));
  return id.toLowerCase();
}

/** Ids of `members@odata.bind`; none when it is absent. */
export function boundIds(call: GraphContext, bound: unknown): string[] {
  if (bound === undefined) return [];
  if (!Array.isArray(bound)) throw new Refused(malformed("'members@odata.bind' must be an array of URLs."));
  if (bound.length > most) {
    call.complain(`members@odata.bind with ${bound.length} members, at most ${most}`);
    throw new Refused(bad(`The number of references in 'members' (${bound.length}) exceeds the limit of ${most}.`));
  }
  const ids = bound.map(idIn);
  if (new Set(ids).size < ids.length) throw new Refused(bad("Request contains a property with duplicate values."));
  return ids;
}

function writable(call: GraphContext, group: Row): void {
  refuseIfAsked(call, group);
  if (group["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  if ((group["groupTypes"] as string[]).includes("DynamicMembership")) throw new Refused(bad(texts.dynamic));
  guarded(call, group);
}

/** What only Exchange may change (400), and what needs the highest of rights (403). */
export function guarded(call: GraphContext, group: Row): void {
  const unified = (group["groupTypes"] as string[]).includes("Unified");
  if (group["mailEnabled"] === true && !unified)
    throw new Refused(bad("Cannot Update a mail-enabled security groups and or distribution list."));
  if (group["isAssignableToRole"] === true && !call.app.roles.includes("RoleManagement.ReadWrite.Directory")) throw new Refused(denied());
}

/** Adds all or, when one is a member already or does not exist, none. `seen`: the group must have been there for a while. */
export function addMembers(call: GraphContext, group: Row, ids: readonly string[], seen: boolean): void {
  const { state } = call;
  const id = String(group["id"]);
  if (seen) writable(call, group);
  for (const member of ids) {
    const there = state.users.seen().has(member) || state.groups.seen().has(member);
    if (!there)
      throw new Refused(state.users.current.has(member) || state.groups.current.has(member) ? bad(texts.reference) : notFound(member));
    if (state.members.has(id, member)) throw new Refused(bad(texts.already));
    if (state.groups.current.has(member) && (group["groupTypes"] as string[]).includes("Unified"))
      throw new Refused(bad("The specified object of type 'Group' cannot be a member of a Microsoft 365 group."));
  }
  for (const member of ids) join(state, id, member);
}

/** The group of a member write: one that was just made is not known everywhere yet, which has its own text. */
function target(call: GraphContext): Row {
  const id = (call.parameters["id"] ?? "").toLowerCase();
  if (call.state.groups.current.has(id) && !call.state.groups.seen().has(id)) throw new Refused(bad(texts.reference));
  return groupOf(call);
}

export function listMembers(call: GraphContext): Reply {
  const group = groupOf(call);
  const { state } = call;
  const users = state.users.seen();
  const groups = state.groups.seen();
  const rows = state.members
    .seen(String(group["id"]))
    .map((id) => users.get(id) ?? groups.get(id))
    .filter((row) => row !== undefined);
  return page(call, "directoryObject", `/groups/${String(group["id"])}/members`, rows, {
    typed: (row) => (users.has(String(row["id"])) ? "user" : "group"),
  });
}

/** What a user is a direct member of. */
export function listMemberships(call: GraphContext): Reply {
  const id = String(userOf(call)["id"]);
  const rows = [...call.state.groups.seen()].flatMap(([group, row]) => (call.state.members.seen(group).includes(id) ? [row] : []));
  return page(call, "directoryObject", `/users/${id}/memberOf`, rows, { typed: () => "group" });
}

export function addMember(call: GraphContext): Reply {
  const group = target(call);
  const body = bodyOf(call, undefined);
  addMembers(call, group, [idIn(body["@odata.id"])], true);
  return { status: 204 };
}

export function removeMember(call: GraphContext): Reply {
  const group = target(call);
  writable(call, group);
  const member = (call.parameters["member"] ?? "").toLowerCase();
  const { state } = call;
  if (!state.members.has(String(group["id"]), member))
    throw new Refused(state.users.current.has(member) ? bad(texts.gone) : notFound(member));
  leave(state, String(group["id"]), member);
  return { status: 204 };
}

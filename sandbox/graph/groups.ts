/** Groups: list, one, create (also by uniqueName), change and delete. Members are in members.ts. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, groupOf, one, page, refuseIfAsked } from "./context.ts";
import { bury } from "./deleted-groups.ts";
import { checkRule, follow } from "./dynamic.ts";
import { bad, conflict, problem, Refused, texts } from "./errors.ts";
import { processed } from "./group-licences.ts";
import { addMembers, boundIds, guarded } from "./members.ts";
import { expanded } from "./owners.ts";
import { blankGroup, type GraphState, given } from "./state.ts";
import { filtered } from "./users.ts";

const filterable = new Set(
  "id assignedLicenses createdDateTime description displayName groupTypes mail mailEnabled mailNickname onPremisesSyncEnabled proxyAddresses securityEnabled uniqueName".split(
    " ",
  ),
);
const readOnly = new Set(
  "id createdDateTime onPremisesSyncEnabled proxyAddresses mail assignedLicenses renewedDateTime securityIdentifier".split(" "),
);

export const listGroups = (call: GraphContext): Reply =>
  expanded(call, (plain) => page(plain, "group", "/groups", filtered(plain, "group", [...plain.state.groups.seen().values()], filterable)));

export function getGroup(call: GraphContext): Reply {
  const row = groupOf(call);
  const reply = one(call, "group", call.state.groups.seen().get(String(row["id"])) ?? row);
  processed(call, row);
  return reply;
}

const kinds = new Set(["Unified", "DynamicMembership"]);

/** What a group may be when it is made (`made`), and become later. */
function sortOf(group: Row, body: Row, made: boolean): void {
  const types = (group["groupTypes"] as string[] | undefined) ?? [];
  const odd = types.find((type) => !kinds.has(type));
  if (odd !== undefined) throw new Refused(bad(texts.invalid("groupTypes", "Group")));
  const unified = types.includes("Unified");
  const dynamic = types.includes("DynamicMembership");
  if (unified && group["mailEnabled"] !== true) throw new Refused(bad(texts.invalid("mailEnabled", "Group")));
  if (dynamic && !group["membershipRule"]) throw new Refused(bad(texts.required("membershipRule", "Group")));
  if (!dynamic && body["membershipRule"]) throw new Refused(bad("A membershipRule needs the group type DynamicMembership."));
  if (body["membershipRule"] !== undefined) checkRule(body["membershipRule"]);
  const state = body["membershipRuleProcessingState"];
  if (state !== undefined && state !== "On" && state !== "Paused")
    throw new Refused(bad(texts.invalid("membershipRuleProcessingState", "Group")));
  const { visibility } = body;
  if (visibility !== undefined && !["Public", "Private", ...(made ? ["HiddenMembership"] : [])].includes(String(visibility)))
    throw new Refused(bad(texts.invalid("visibility", "Group")));
  if (visibility === "HiddenMembership" && !unified) throw new Refused(bad(texts.invalid("visibility", "Group")));
  if (!made && body["isAssignableToRole"] !== undefined) throw new Refused(bad("Property 'isAssignableToRole' cannot be changed."));
  if (made && group["isAssignableToRole"] === true && dynamic) throw new Refused(bad(texts.invalid("isAssignableToRole", "Group")));
}

const named = (state: GraphState, name: unknown): Row | undefined =>
  [...state.groups.current.values()].find((row) => row["uniqueName"] === name);

function checked(body: Row): void {
  for (const [name, value] of Object.entries(body)) {
    if (readOnly.has(name)) throw new Refused(bad(`Property '${name}' is read-only and cannot be set.`));
    if (value === "" || (value === null && name !== "description" && !name.includes("@")))
      throw new Refused(bad(texts.invalid(name, "Group")));
  }
  const { displayName, mailNickname } = body;
  if (typeof displayName === "string" && displayName.length > 256) throw new Refused(bad(texts.invalid("displayName", "Group")));
  // ASCII without @()\[]";:.<>, and blanks, at most 64 (facts 5.1).
  if (mailNickname !== undefined && !/^[!#-'*+\-/-9=?A-Z^-~]{1,64}$/u.test(String(mailNickname)))
    throw new Refused(bad(texts.invalid("mailNickname", "Group")));
}

function created(call: GraphContext, body: Row): Reply {
  for (const name of ["displayName", "mailEnabled", "mailNickname", "securityEnabled"])
    if (body[name] === undefined || body[name] === null) throw new Refused(bad(texts.required(name, "Group")));
  checked(body);
  const { uniqueName } = body;
  if (uniqueName !== undefined && named(call.state, uniqueName)) throw new Refused(conflict("uniqueName"));
  if (body["mailEnabled"] === true && !((body["groupTypes"] as string[] | undefined) ?? []).includes("Unified"))
    throw new Refused(
      problem(
        400,
        "Request_BadRequest",
        "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
      ),
    );
  sortOf(body, body, true);
  const members = boundIds(call, body["members@odata.bind"]);
  const plain = Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes("@")));
  const row = blankGroup(call.state, plain);
  refuseIfAsked(call, row);
  call.state.groups.put(String(row["id"]), row);
  addMembers(call, row, members, false);
  follow(call.state, row);
  return one(call, "group", row, 201);
}

/** Required: displayName, mailEnabled, mailNickname, securityEnabled. A second group of the same displayName is made without a word. */
export function createGroup(call: GraphContext): Reply {
  return created(call, bodyOf(call, "group"));
}

/** 204. By uniqueName with `Prefer: create-if-missing` it makes the group when there is none: 201. */
export function patchGroup(call: GraphContext): Reply {
  const body = bodyOf(call, "group");
  const missing = call.alternate === "uniqueName" && named(call.state, call.parameters["id"]) === undefined;
  if (missing && (call.headers["prefer"] ?? "").includes("create-if-missing"))
    return created(call, { ...body, uniqueName: call.parameters["id"] });
  const row = groupOf(call);
  refuseIfAsked(call, row);
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  if (body["uniqueName"] !== undefined && body["uniqueName"] !== row["uniqueName"])
    throw new Refused(bad("Property 'uniqueName' is immutable and cannot be changed."));
  checked(body);
  const members = boundIds(call, body["members@odata.bind"]);
  const plain = Object.entries(body).filter(([name]) => !name.includes("@"));
  guarded(call, row);
  sortOf({ ...row, ...Object.fromEntries(plain) }, body, false);
  if (members.length > 0) addMembers(call, row, members, true);
  if (plain.length > 0) {
    const next = { ...row, ...Object.fromEntries(plain) };
    call.state.groups.put(String(row["id"]), next);
    follow(call.state, next);
  }
  return { status: 204 };
}

export function deleteGroup(call: GraphContext): Reply {
  const row = groupOf(call);
  refuseIfAsked(call, row);
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  if (given(row).length > 0)
    throw new Refused(bad("The group cannot be deleted because it has licenses assigned; remove all licenses first."));
  bury(call.state, row);
  call.state.members.drop(String(row["id"]));
  call.state.groups.put(String(row["id"]), undefined);
  return { status: 204 };
}

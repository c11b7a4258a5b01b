/** Groups: list, one, create (also by uniqueName), change and delete. Members are in members.ts. */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, groupOf, one, page, refuseIfAsked } from "./context.ts";
import { bad, conflict, problem, Refused, texts } from "./errors.ts";
import { addMembers, boundIds } from "./members.ts";
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

export function listGroups(call: GraphContext): Reply {
  return page(call, "group", "/groups", filtered(call, "group", [...call.state.groups.seen().values()], filterable));
}

export function getGroup(call: GraphContext): Reply {
  const row = groupOf(call);
  return one(call, "group", call.state.groups.seen().get(String(row["id"])) ?? row);
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
  const members = boundIds(call, body["members@odata.bind"]);
  const plain = Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes("@")));
  const row = blankGroup(call.state, plain);
  refuseIfAsked(call, row);
  call.state.groups.put(String(row["id"]), row);
  addMembers(call, row, members, false);
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
  if (members.length > 0) addMembers(call, row, members, true);
  const plain = Object.entries(body).filter(([name]) => !name.includes("@"));
  if (plain.length > 0) call.state.groups.put(String(row["id"]), { ...row, ...Object.fromEntries(plain) });
  return { status: 204 };
}

export function deleteGroup(call: GraphContext): Reply {
  const row = groupOf(call);
  refuseIfAsked(call, row);
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  if (given(row).length > 0)
    throw new Refused(bad("The group cannot be deleted because it has licenses assigned; remove all licenses first."));
  call.state.members.drop(String(row["id"]));
  call.state.groups.put(String(row["id"]), undefined);
  return { status: 204 };
}

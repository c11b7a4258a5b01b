/** Users: list, one, PATCH with the rules for synced ones, and delete. */
import { isObject, type Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { checkName, expanded, passwordKey, passwordOf, refusePrivileged, withoutExpand } from "./accounts.ts";
import { bodyOf, type GraphContext, one, page, refuseIfAsked, userOf } from "./context.ts";
import { bad, conflict, denied, Refused, texts } from "./errors.ts";
import { parseFilter } from "./filter.ts";
import { deleteUser, putUser } from "./state.ts";
import { view } from "./views.ts";

const filterable = new Set(
  "id accountEnabled assignedLicenses createdDateTime department displayName employeeId employeeType givenName jobTitle mail mailNickname onPremisesImmutableId onPremisesSyncEnabled otherMails proxyAddresses surname usageLocation userPrincipalName userType".split(
    " ",
  ),
);

/** What AD masters in a synced user (facts 3.4: no complete list is published, so all of the profile). */
const mastered = new Set(
  (
    "accountEnabled businessPhones city companyName country department displayName employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType faxNumber givenName jobTitle mail mailNickname mobilePhone officeLocation " +
    "onPremisesDistinguishedName onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName " +
    "otherMails passwordProfile postalCode preferredLanguage proxyAddresses state streetAddress surname userPrincipalName"
  ).split(" "),
);

/** Computed by the service, for anybody. */
const readOnly = new Set(
  "id assignedLicenses assignedPlans licenseAssignmentStates createdDateTime deletedDateTime proxyAddresses provisionedPlans onPremisesSyncEnabled onPremisesLastSyncDateTime".split(
    " ",
  ),
);
const never = new Set(["displayName", "userPrincipalName", "mailNickname", "usageLocation", "accountEnabled"]);
const longest: Record<string, number> = {
  displayName: 256,
  givenName: 64,
  surname: 64,
  jobTitle: 128,
  department: 64,
  companyName: 64,
  mailNickname: 64,
  employeeId: 16,
  mobilePhone: 64,
  officeLocation: 128,
  city: 128,
  state: 128,
  country: 128,
  postalCode: 40,
  faxNumber: 64,
};

function filtered(call: GraphContext, type: "user" | "group", rows: Row[], allowed: ReadonlySet<string>): Row[] {
  const filter = call.query.get("$filter");
  if (filter === null) return rows;
  const advanced = call.headers["consistencylevel"]?.toLowerCase() === "eventual" && call.query.get("$count") === "true";
  const resource = type === "user" ? "User" : "Group";
  const exists = (name: string): boolean => call.csdl === undefined || call.csdl.property(type, name) !== undefined;
  return rows.filter(
    parseFilter(filter, { allowed, exists, resource, advanced, value: (row, name) => view(call.state, type, row, [name])[name] }),
  );
}

export { filtered };

/** What User.ReadBasic.All shows of a user; everything else is null then, or an empty list: no error tells. */
const basic = new Set(["id", "displayName", "givenName", "surname", "mail", "userPrincipalName"]);
const whole = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

/** A permission of its own, whoever else may be read (resources/user of Graph's documentation). Refused in words, as in $select of anything forbidden. */
const leaveDate = "employeeLeaveDateTime";

function refuseLeaveDate({ app, query }: GraphContext): void {
  const asked = query.get("$select")?.split(",").includes(leaveDate) ?? false;
  if (asked && !app.roles.some((role) => /^User-LifeCycleInfo\.Read(?:Write)?\.All$/u.test(role))) throw new Refused(denied());
}

/** Setting it needs the wider one (update user, in Graph's documentation). */
function refuseSettingLeaveDate({ app }: GraphContext, body: Row): void {
  if (leaveDate in body && !app.roles.includes("User-LifeCycleInfo.ReadWrite.All")) throw new Refused(denied());
}

/** A user as an application of few rights sees it. */
function seenBy({ app }: GraphContext, row: Row): Row {
  if (whole.some((role) => app.roles.includes(role))) return row;
  const hidden = (name: string, value: unknown): unknown =>
    basic.has(name) || name.startsWith("@") ? value : Array.isArray(value) ? [] : null;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hidden(name, value)]));
}

export function listUsers(given: GraphContext): Reply {
  refuseLeaveDate(given);
  const reply = usersOf(withSignIns(given));
  const body = reply.body as Row | undefined;
  if (!body || !Array.isArray(body["value"])) return reply;
  return { ...reply, body: { ...body, value: (body["value"] as Row[]).map((row) => seenBy(given, row)) } };
}

/** signInActivity needs a permission of its own, and makes pages smaller (Graph's documentation of "List users"). */
function withSignIns(given: GraphContext): GraphContext {
  if (!(given.query.get("$select") ?? "").split(",").includes("signInActivity")) return given;
  if (!given.app.roles.includes("AuditLog.Read.All")) throw new Refused(denied());
  if (Number(given.query.get("$top") ?? "100") > 500) given.query.set("$top", "500");
  return given;
}

function usersOf(given: GraphContext): Reply {
  const { call, manager } = withoutExpand(given);
  const reply = page(call, "user", "/users", filtered(call, "user", [...call.state.users.seen().values()], filterable));
  const body = reply.body as Row | undefined;
  if (!manager || !body || !Array.isArray(body["value"])) return reply;
  const next = body["@odata.nextLink"];
  const more = typeof next === "string" ? { "@odata.nextLink": `${next}&$expand=${given.query.get("$expand") ?? ""}` } : {};
  return { ...reply, body: { ...body, ...more, value: (body["value"] as Row[]).map((row) => expanded(call, row)) } };
}

export function getUser(given: GraphContext): Reply {
  refuseLeaveDate(given);
  const { call, manager } = withoutExpand(given);
  const row = call.state.users.seen().get(String(userOf(call)["id"]));
  const reply = one(call, "user", row ?? {});
  return { ...reply, body: seenBy(given, manager ? expanded(call, reply.body as Row) : (reply.body as Row)) };
}

export function checked(call: GraphContext, body: Row): void {
  refuseSettingLeaveDate(call, body);
  for (const [name, value] of Object.entries(body)) {
    if (readOnly.has(name)) throw new Refused(bad(`Property '${name}' is read-only and cannot be set.`));
    if (value === "" || (value === null && never.has(name))) throw new Refused(bad(texts.invalid(name, "User")));
    if (typeof value === "string" && value.length > (longest[name] ?? 1024)) throw new Refused(bad(texts.invalid(name, "User")));
  }
  const location = body["usageLocation"];
  if (location !== undefined && !/^[A-Z]{2}$/u.test(String(location))) throw new Refused(bad(texts.invalid("usageLocation", "User")));
  const phones = body["businessPhones"];
  if (Array.isArray(phones) && phones.length > 1) throw new Refused(bad(texts.invalid("businessPhones", "User")));
  const name = body["userPrincipalName"];
  if (name !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/u.test(String(name)))
    throw new Refused(bad(texts.invalid("userPrincipalName", "User")));
  const holder = call.state.byName.get(String(name).toLowerCase());
  if (name !== undefined && holder !== undefined && holder !== call.parameters["id"]) throw new Refused(conflict("userPrincipalName"));
}

export function patchUser(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  const body = bodyOf(call, "user");
  call.parameters["id"] = String(row["id"]);
  if (row["onPremisesSyncEnabled"] === true && Object.keys(body).some((name) => mastered.has(name))) throw new Refused(bad(texts.synced));
  refusePrivileged(row, Object.keys(body));
  if ("passwordProfile" in body && !call.app.roles.includes("User-PasswordProfile.ReadWrite.All")) throw new Refused(denied());
  checked(call, body);
  if (body["userPrincipalName"] !== undefined) checkName(call, body["userPrincipalName"], String(row["id"]));
  const { passwordProfile, onPremisesExtensionAttributes: extension, ...plain } = body;
  const nested = isObject(extension)
    ? { onPremisesExtensionAttributes: { ...(row["onPremisesExtensionAttributes"] as Row | undefined), ...extension } }
    : {};
  putUser(call.state, {
    ...row,
    ...plain,
    ...nested,
    ...(passwordProfile === undefined ? {} : { [passwordKey]: passwordOf(passwordProfile) }),
  });
  return { status: 204 };
}

/** Soft delete; of a synced user it is undone by the next sync, so it is refused here. */
export function removeUser(call: GraphContext): Reply {
  const row = userOf(call);
  refuseIfAsked(call, row);
  if (row["onPremisesSyncEnabled"] === true) throw new Refused(bad(texts.synced));
  refusePrivileged(row, ["accountEnabled"]);
  deleteUser(call.state, String(row["id"]));
  return { status: 204 };
}

/** Enterprise applications of the tenant, and who is assigned to their roles. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, page } from "./context.ts";
import { bad, notFound, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";

/** The role of an application without roles. */
const none = "00000000-0000-0000-0000-000000000000";

interface Applications {
  principals: Row[];
  /** Service principal → its assignments. */
  assigned: Map<string, Row[]>;
}
const kept = new WeakMap<GraphState, Applications>();

const role = (app: string, value: string, displayName: string, types = ["User"]): Row => ({
  id: guidOf("appRole", app, value),
  value,
  displayName,
  description: displayName,
  isEnabled: true,
  allowedMemberTypes: types,
});
const principal = (name: string, appRoles: Row[], required: boolean): Row => ({
  id: guidOf("enterprise", name),
  appId: guidOf("enterprise app", name),
  displayName: name,
  accountEnabled: true,
  servicePrincipalType: "Application",
  appRoleAssignmentRequired: required,
  appRoles,
});

/** Northwind's: timesheets with roles, and a wiki for which it is enough to be assigned. */
export function enterprise(state: GraphState): Applications {
  const known = kept.get(state);
  if (known) return known;
  const roles = [
    role("Timesheets", "User", "Books hours"),
    role("Timesheets", "Approver", "Approves hours"),
    role("Timesheets", "Sync", "Reads all", ["Application"]),
  ];
  const made: Applications = {
    principals: [principal("Timesheets", roles, true), principal("Harbour Wiki", [], false)],
    assigned: new Map(),
  };
  kept.set(state, made);
  return made;
}

function principalOf(call: GraphContext): Row {
  const key = (call.parameters["id"] ?? "").toLowerCase();
  const row = enterprise(call.state).principals.find((one) => one["id"] === key);
  if (!row) throw new Refused(notFound(key));
  return row;
}

export function listAssigned(call: GraphContext): Reply {
  const id = String(principalOf(call)["id"]);
  return page(call, "appRoleAssignment", `/servicePrincipals/${id}/appRoleAssignedTo`, enterprise(call.state).assigned.get(id) ?? []);
}

/** 201. Refused: unknown principals and roles, another resource than that of the path, and the same a second time. */
export function assignRole(call: GraphContext): Reply {
  const { state } = call;
  const app = principalOf(call);
  const id = String(app["id"]);
  const body = bodyOf(call, "appRoleAssignment");
  for (const name of ["principalId", "resourceId", "appRoleId"])
    if (typeof body[name] !== "string")
      throw new Refused(bad(`A value is required for property '${name}' of resource 'AppRoleAssignment'.`));
  if (body["resourceId"] !== id) throw new Refused(bad("The resourceId of the assignment is not the service principal of the path."));
  const roles = (app["appRoles"] as Row[]).filter((one) => (one["allowedMemberTypes"] as string[]).includes("User"));
  const wanted = String(body["appRoleId"]).toLowerCase();
  if (wanted === none ? roles.length > 0 : !roles.some((one) => one["id"] === wanted))
    throw new Refused(bad("Permission being assigned was not found on application"));
  const member = String(body["principalId"]).toLowerCase();
  const user = state.users.seen().get(member);
  const group = state.groups.seen().get(member);
  if (!user && !group) throw new Refused(notFound(member));
  const before = enterprise(state).assigned.get(id) ?? [];
  if (before.some((one) => one["principalId"] === member && one["appRoleId"] === wanted))
    throw new Refused(bad("Permission being assigned already exists on the object"));
  const row: Row = {
    id: Buffer.from(`${member}${wanted}`).toString("base64url"),
    appRoleId: wanted,
    principalId: member,
    principalType: user ? "User" : "Group",
    principalDisplayName: (user ?? group)?.["displayName"] ?? null,
    resourceId: id,
    resourceDisplayName: app["displayName"],
    createdDateTime: new Date(call.now()).toISOString(),
  };
  enterprise(state).assigned.set(id, [...before, row]);
  return { status: 201, body: { "@odata.context": `${call.base}/$metadata#appRoleAssignments/$entity`, ...row } };
}

export function unassignRole(call: GraphContext): Reply {
  const id = String(principalOf(call)["id"]);
  const key = call.parameters["assignment"] ?? "";
  const before = enterprise(call.state).assigned.get(id) ?? [];
  if (!before.some((one) => one["id"] === key)) throw new Refused(notFound(key));
  enterprise(call.state).assigned.set(
    id,
    before.filter((one) => one["id"] !== key),
  );
  return { status: 204 };
}

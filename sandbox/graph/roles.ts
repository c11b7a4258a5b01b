/** Roles of Entra ID: who holds one, and who may take one up; and who may become a member or an owner of a group (PIM for Groups). Read only. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page } from "./context.ts";
import { bad, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";

interface Roles {
  roleAssignments: Row[];
  roleEligibilitySchedules: Row[];
  ofGroups: Row[];
}
const kept = new WeakMap<GraphState, Roles>();
const rolesOf = (state: GraphState): Roles => {
  const roles = kept.get(state) ?? { roleAssignments: [], roleEligibilitySchedules: [], ofGroups: [] };
  kept.set(state, roles);
  return roles;
};

/** Gives a role to a user or a group (by id) as an administrator does by hand; `eligible`: to be taken up when it is needed. */
export function giveRole(state: GraphState, principal: string, role: string, { eligible = false } = {}): void {
  const list = eligible ? "roleEligibilitySchedules" : "roleAssignments";
  rolesOf(state)[list].push({
    ...{ id: guidOf(list, `${principal} ${role}`), principalId: principal, roleDefinitionId: guidOf("roleDefinition", role) },
    ...{ directoryScopeId: "/", $role: role },
  });
}

/** Lets a user or a group (by id) take up a place in a group, as an administrator does in Privileged Identity Management. */
export function makeEligible(state: GraphState, group: string, principal: string, as: "member" | "owner" = "member"): void {
  const id = `${group}_${as}_${guidOf("eligible", `${group} ${principal} ${as}`)}`;
  rolesOf(state).ofGroups.push({
    ...{ id, eligibilityScheduleId: id, groupId: group, principalId: principal, accessId: as, memberType: "direct" },
    ...{ startDateTime: "2026-01-01T00:00:00Z", endDateTime: null },
  });
}

/** GET of who may take up a place in a group: only of one group or one principal. */
export function listEligible(call: GraphContext): Reply {
  const path = "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances";
  const filter = call.query.get("$filter") ?? "";
  const asked = /^(groupId|principalId) eq '([^']+)'$/u.exec(filter);
  if (!asked) throw new Refused(bad("The required parameter groupId or principalId is missing in $filter."));
  if (call.query.has("$top")) call.complain(`GET ${path} does not take $top`);
  const rows = rolesOf(call.state).ofGroups.filter((row) => row[asked[1] ?? ""] === asked[2]);
  const query = new URLSearchParams([...call.query].filter(([name]) => name !== "$filter"));
  const reply = page({ ...call, query }, "privilegedAccessGroupEligibilityScheduleInstance", path, rows);
  const next = (reply.body as Row)["@odata.nextLink"];
  if (typeof next === "string") (reply.body as Row)["@odata.nextLink"] = `${next}&$filter=${encodeURIComponent(filter)}`;
  return reply;
}

/** GET of either list; both take $expand of the definition. */
export const listRoles =
  (list: Exclude<keyof Roles, "ofGroups">) =>
  (call: GraphContext): Reply => {
    const expand = call.query.get("$expand");
    const rows = rolesOf(call.state)[list];
    if (expand !== null && !/^roleDefinition(?:\(\$select=displayName\))?$/u.test(expand))
      call.complain(`GET ${list} does not take ${expand}`);
    if (call.query.has("$top")) call.complain(`GET ${list} does not take $top`);
    const query = new URLSearchParams([...call.query].filter(([name]) => name !== "$expand"));
    const type = list === "roleAssignments" ? "unifiedRoleAssignment" : "unifiedRoleEligibilitySchedule";
    const reply = page({ ...call, query }, type, `/roleManagement/directory/${list}`, rows);
    const byId = new Map(rows.map((row) => [row["id"], row["$role"]]));
    const shown = (reply.body as { value: Row[] }).value;
    if (expand !== null) for (const row of shown) row["roleDefinition"] = { displayName: byId.get(row["id"]) };
    return reply;
  };

/** Roles of Entra ID: who holds one, and who may take one up. Read only. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page } from "./context.ts";
import type { GraphState } from "./state.ts";

interface Roles {
  roleAssignments: Row[];
  roleEligibilitySchedules: Row[];
}
const kept = new WeakMap<GraphState, Roles>();
const rolesOf = (state: GraphState): Roles => {
  const roles = kept.get(state) ?? { roleAssignments: [], roleEligibilitySchedules: [] };
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

/** GET of either list; both take $expand of the definition. */
export const listRoles =
  (list: keyof Roles) =>
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

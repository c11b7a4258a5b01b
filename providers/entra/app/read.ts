/** Enterprise applications and who is assigned to their roles: one call for the applications, then their lists side by side. */
import { z } from "zod";
import { chunks } from "../../../base/chunks.ts";
import { order } from "../../../base/order.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import { same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { literal, segment } from "../../../clients/graph/odata.ts";
import type { Live } from "../../core/definition.ts";

/** The role of an application that has none (or whose roles do not matter). */
const defaultRole = "00000000-0000-0000-0000-000000000000";
/** Most names in one `in (…)` of a filter. */
const most = 15;

const text = z.string().nullish();
const principalSchema = z.object({
  id: z.string().min(1),
  appId: text,
  displayName: text,
  appRoles: z
    .array(
      z.object({
        id: z.string(),
        value: text,
        displayName: text,
        isEnabled: z.boolean().nullish(),
        allowedMemberTypes: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
  appRoleAssignmentRequired: z.boolean().nullish(),
});
const assignmentSchema = z.object({ id: z.string().min(1), appRoleId: z.string(), principalId: z.string(), principalType: text });
export const applicationProperties = Object.keys(principalSchema.shape);
export const assignmentProperties = Object.keys(assignmentSchema.shape);
type Principal = z.infer<typeof principalSchema>;
type Assignment = z.infer<typeof assignmentSchema>;

/** One role of one application. The id is that of the service principal and of the role. */
export const appValues = z.looseObject({
  application: z.string(),
  appId: z.string(),
  /** Names by which a mapping may call the role; none = default access. */
  roles: z.array(z.string()),
  /** The application has roles for people, so that default access is not among them. */
  hasRoles: z.boolean().default(false),
  /** Without an assignment nobody gets in. */
  required: z.boolean().default(false),
  /** People and groups; what an application was given itself is not shown, and never touched. */
  members: z.array(z.object({ id: z.string(), assignment: z.string() })),
});

/** The service principal and the role of an id. */
export function partsOf(id: string): { principal: string; role: string } {
  const [principal = "", role = ""] = id.split("/");
  return { principal, role };
}

function livesOf(principal: Principal, assignments: readonly Assignment[]): Live[] {
  const roles = (principal.appRoles ?? []).filter((role) => role.isEnabled !== false && (role.allowedMemberTypes ?? []).includes("User"));
  const one = (id: string, ...names: readonly (string | null | undefined)[]): Live => ({
    id: `${principal.id}/${id}`,
    values: {
      application: principal.displayName ?? "",
      appId: (principal.appId ?? "").toLowerCase(),
      roles: [...new Set(names.flatMap((name) => name || []))],
      hasRoles: roles.length > 0,
      required: principal.appRoleAssignmentRequired === true,
      members: assignments
        .filter((each) => each.appRoleId.toLowerCase() === id.toLowerCase() && each.principalType !== "ServicePrincipal")
        .map((each) => ({ id: each.principalId, assignment: each.id }))
        .sort((a, b) => order(a.id, b.id)),
    },
  });
  return [one(defaultRole), ...roles.map((role) => one(role.id, role.value, role.displayName))];
}

async function withAssignments(client: EntraClient, rows: readonly unknown[]): Promise<Live[]> {
  const principals = new Map(keptRowsOf(principalSchema, rows, "Entra ID's applications").map((one) => [one.id, one]));
  const lists = [...principals.values()].map(async (one) => {
    const what = `read who is assigned to the application ${one.displayName ?? one.id}`;
    const assigned = await client.list(`/servicePrincipals/${segment(one.id)}/appRoleAssignedTo`, assignmentProperties, { what });
    return livesOf(one, keptRowsOf(assignmentSchema, assigned, "who is assigned to applications"));
  });
  return (await Promise.all(lists)).flat().sort((a, b) => order(a.id, b.id));
}

/** How `list` is asked for an application of the mapping. */
export function applicationKey(application: { name?: string | undefined; appId?: string | undefined }): string {
  return application.appId === undefined ? `name:${application.name ?? ""}` : `appId:${application.appId.toLowerCase()}`;
}

/** The roles of the applications asked for (`applicationKey`), with who has them. */
export async function listAssignments(client: EntraClient, keys: readonly string[]): Promise<Live[]> {
  const filtersBy = (kind: "name" | "appId", property: string): string[] => {
    const asked = keys.filter((key) => key.startsWith(`${kind}:`)).map((key) => literal(key.slice(kind.length + 1)));
    return chunks([...new Set(asked)], most).map((some) => `${property} in (${some.join(",")})`);
  };
  const filters = [...filtersBy("appId", "appId"), ...filtersBy("name", "displayName")];
  const found = await Promise.all(
    filters.map((filter) => client.list("/servicePrincipals", applicationProperties, { filter, what: "read applications" })),
  );
  return withAssignments(client, found.flat());
}

/** One role with who has it; undefined when the application or the role is gone. */
export async function getAssignments(client: EntraClient, id: string): Promise<Live | undefined> {
  const { principal } = partsOf(id);
  const row = await client.get(`/servicePrincipals/${segment(principal)}`, applicationProperties, `read the application ${principal}`);
  return row === undefined ? undefined : (await withAssignments(client, [row])).find((one) => one.id === id);
}

/** The live role, or why it cannot be told. `application` as in `applicationKey`; `role` "" = default access. */
export function findRole(live: readonly Live[], application: string, role: string): { live: Live } | { problem: string } {
  const called = application.replace(/^(?:name|appId):/u, "");
  const mine = live
    .map((one) => ({ one, values: appValues.parse(one.values) }))
    .filter(({ values }) => same(application.startsWith("appId:") ? values.appId : values.application, called));
  const ids = new Set(mine.map(({ one }) => one.id.split("/")[0]));
  if (ids.size === 0) return { problem: `there is no application ${called} in the tenant: add it there, or correct the name` };
  if (ids.size > 1) return { problem: `${ids.size} applications are called ${called}: name the one by its appId` };
  const names = mine.flatMap(({ values }) => values.roles.slice(0, 1));
  if (role === "") {
    const none = mine.find(({ values }) => values.roles.length === 0);
    if (none && !none.values.hasRoles) return { live: none.one };
    return { problem: `the application ${called} has roles, of which one must be named: ${names.join(", ")}` };
  }
  // By its value first: names are for people, and two roles may share one.
  const by = (index: number): typeof mine => mine.filter(({ values }) => same(values.roles[index] ?? "", role));
  const [found, another] = by(0).length > 0 ? by(0) : by(1);
  if (found && another) return { problem: `two roles of the application ${called} are called ${role}: name it by its value` };
  if (found) return { live: found.one };
  return {
    problem: `the application ${called} has no role ${role}${names.length > 0 ? `; name one that it has: ${names.join(", ")}` : "; leave role out for default access"}`,
  };
}

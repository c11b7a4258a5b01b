/** What the mapping needs in Entra ID beyond reading, and whether the app has it: permissions by its role assignments, seats by the tenant's licences. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { literal, query, segment } from "../../../clients/graph/odata.ts";
import { type Feature, type Operation, operations, wider } from "../../../clients/graph/permissions.ts";
import { type Check, checks as checksOf, few } from "../../core/check.ts";
import { catalogueOf } from "../licence/skus.ts";

/** What the mapping does in Entra ID, without the mapping's own types. */
export interface EntraNeeds {
  skus: readonly { sku: string; without: readonly string[] }[];
  usageLocation: boolean;
  /** Cloud groups are managed. */
  groups: boolean;
  /** Path of a list → what a preview reads of each object there; left out: the id alone is asked for. */
  reads?: { readonly [path: string]: readonly string[] };
  /** People come from there, and nothing is managed there: the tenant's licences are not read. */
  peopleOnly?: true;
  /** What else of permissions.ts is turned on. */
  uses?: readonly Feature[];
}

/** Whether the mapping does this at all. */
export function wanted({ uses }: Operation, { skus, usageLocation, groups, peopleOnly, uses: others = [] }: EntraNeeds): boolean {
  const licences = skus.length > 0;
  const does: { readonly [F in Feature]?: boolean } = {
    licences,
    usageLocation: licences && usageLocation,
    groups,
    tenant: !peopleOnly,
    roles: !peopleOnly,
  };
  return uses === undefined || uses.some((one) => does[one] === true || others.includes(one));
}

const { ok, warn, bad } = checksOf("Entra");
/** Microsoft Graph's own application, the same in every tenant. */
const graphApp = "00000003-0000-0000-c000-000000000000";

export const rows = <T extends z.ZodType>(row: T) => z.object({ value: z.array(row) });
export const text = z.string().nullish();
const principals = rows(
  z.object({ id: z.string(), displayName: text, appRoles: z.array(z.object({ id: z.string(), value: text })).nullish() }),
);
const assignments = z.array(z.object({ appRoleId: z.string(), resourceId: z.string() }));

/** What Graph gives, or undefined when it refuses this one thing; a token that cannot be had still throws. */
export async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}

/** The service principal of an application; undefined where it may not be seen. */
export async function principalOf(client: EntraClient, appId: string, what: string, more: readonly string[] = []) {
  const path = `/servicePrincipals${query({ filter: `appId eq ${literal(appId)}`, select: ["id", "displayName", ...more] })}`;
  return principals.safeParse(await tried(() => client.get(path, [], what))).data?.value[0];
}

/** Writing is not tried: what the app was granted tells. */
export async function permissionChecks(client: EntraClient, principal: string | undefined, needs: EntraNeeds): Promise<Check[]> {
  const needed = operations.filter((one) => one.needed === "write" && wanted(one, needs));
  if (needed.length === 0) return [];
  const permissions = [...new Set(needed.map((one) => one.permission))];
  const granted = principal === undefined ? undefined : await grantedTo(client, principal);
  if (granted === undefined) {
    return [
      warn(
        `cannot tell whether it may write, as the app's own permissions may not be read (needed: ${permissions.join(", ")})`,
        "Compare them in the app registration, or give the app the application permission Application.Read.All.",
      ),
    ];
  }
  const doing = (isMeant: (permission: string) => boolean): string =>
    needed.flatMap(({ permission, operation }) => (isMeant(permission) ? [operation] : [])).join(", ");
  const may = doing((permission) => holding(granted, permission));
  const missing = permissions.filter((permission) => !holding(granted, permission));
  return [
    ...(may === "" ? [] : [ok(`may ${may}`)]),
    ...missing.map((permission) =>
      bad(
        `may not ${doing((one) => one === permission)}: ${permission} is missing`,
        `To apply plans, give the app the application permission ${permission} with admin consent; preview and drift work without it.`,
      ),
    ),
  ];
}

/** Whether a permission was granted, itself or by a wider one. */
export const holding = (granted: ReadonlySet<string>, permission: string): boolean =>
  [permission, ...(wider[permission] ?? [])].some((one) => granted.has(one));

/** Names of the Graph permissions an app was granted; undefined when that may not be read. */
export async function grantedTo(client: EntraClient, principal: string): Promise<Set<string> | undefined> {
  const path = `/servicePrincipals/${segment(principal)}/appRoleAssignments`;
  const rows = await tried(() => client.list(path, ["appRoleId", "resourceId"], { what: "read the app's permissions" }));
  const given = assignments.safeParse(rows);
  const graph = await principalOf(client, graphApp, "read Graph's permissions", ["appRoles"]);
  if (!given.success || !graph?.appRoles) return undefined;
  const names = new Map(graph.appRoles.map((role) => [role.id, role.value ?? ""]));
  return new Set(given.data.filter((one) => one.resourceId === graph.id).map((one) => names.get(one.appRoleId) ?? ""));
}

/** SKUs and plans that the tenant does not own, and seats. */
export async function seatChecks(client: EntraClient, needs: EntraNeeds): Promise<Check[]> {
  if (needs.skus.length === 0) return [];
  const catalogue = await tried(() => catalogueOf.again(client));
  // Refused: that was said already by the reads.
  if (!catalogue) return [];
  const checks: Check[] = [];
  const free: string[] = [];
  for (const name of new Set(needs.skus.map((one) => one.sku))) {
    try {
      const sku = catalogue.sku(name);
      for (const plan of needs.skus.filter((one) => one.sku === name).flatMap((one) => one.without)) catalogue.planId(sku, plan);
      if (sku.owned > sku.used) free.push(`${sku.name} ${sku.owned - sku.used} of ${sku.owned}`);
      else
        checks.push(
          warn(
            `${sku.name} has no free seat (owned ${sku.owned}, used ${sku.used})`,
            "Buy or free some before somebody else needs one; those who have it keep it.",
          ),
        );
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      checks.push(bad(error.message, "Correct the name in mappings/entra.yaml, or buy the licence."));
    }
  }
  return free.length > 0 ? [ok(`free seats: ${few(free, 10)}`), ...checks] : checks;
}

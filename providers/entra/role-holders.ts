/**
 * Who holds a role of Entra ID, and who may take one up, or a place in a group that holds one (Privileged Identity Management). Read only:
 * haloform gives no roles.
 */
import { z } from "zod";
import { order } from "../../base/order.ts";
import { keptRowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { literal, query } from "../../clients/graph/odata.ts";
import type { Live } from "../core/definition.ts";
import { readRows, rowsOr } from "./send.ts";

const rowSchema = z.object({
  principalId: z.string().min(1),
  roleDefinition: z.object({ displayName: z.string().nullish() }).nullish(),
});

/**
 * Id of a user, a group or an application → the roles it holds (`roles`) and may take up (`eligible`), by name. The two lists share
 * a call. undefined: the application may not read that. Eligible ones need Entra ID P2: without it there are none.
 */
export async function readRoleHolders(client: EntraClient): Promise<Live[] | undefined> {
  const [held, eligible] = await Promise.all([rowsOf(client, "roleAssignments"), rowsOf(client, "roleEligibilitySchedules")]);
  if (!held) return undefined;
  const all = [...held.map((row) => ({ ...row, as: "roles" })), ...(eligible ?? []).map((row) => ({ ...row, as: "eligible" }))];
  return [...Map.groupBy(all, (row) => row.principalId)].map(([id, rows]) => {
    const names = (as: string): string[] => [
      ...new Set(rows.flatMap((row) => (row.as === as ? [row.roleDefinition?.displayName || "that has no name"] : []))),
    ];
    return { id, values: { roles: names("roles").sort(order), eligible: names("eligible").sort(order) } };
  });
}

const eligibleSchema = z.object({ principalId: z.string().min(1), accessId: z.string().nullish() });

/**
 * Id of a user, a group or an application → names of the groups of which it may make itself a member or an owner (`places`). Graph is
 * asked of each group, 20 a call. undefined: the application may not read that; a tenant that has no such thing has nobody.
 */
export async function readEligible(client: EntraClient, groups: readonly { id: string; name: string }[]): Promise<Live[] | undefined> {
  const ofGroup = async ({ id, name }: (typeof groups)[number]) => {
    const what = `read who may take up a place in the group ${name}`;
    const list = "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances";
    const path = `${list}${query({ select: ["id", "principalId", "accessId"], filter: `groupId eq ${literal(id)}` })}`;
    const rows = await rowsOr(client, path, what, ({ status, body }) =>
      isUnlicensed(body) || status === 404 ? "nothing" : status === 400 || status === 403 ? "unreadable" : undefined,
    );
    if (rows === "nothing") return [];
    if (rows === "unreadable") return undefined;
    return keptRowsOf(eligibleSchema, rows, "who may take up a place in a group").map(({ principalId }) => ({
      id: principalId,
      group: name,
    }));
  };
  return whoOf("places", await Promise.all(groups.map(ofGroup)));
}

/** Id → the groups that were found for it, under `field`; undefined where those of any group could not be read. */
function whoOf(field: "places" | "owns", all: readonly (readonly { id: string; group: string }[] | undefined)[]): Live[] | undefined {
  if (all.includes(undefined)) return undefined;
  const byId = Map.groupBy(
    all.flatMap((rows) => rows ?? []),
    (row) => row.id,
  );
  return [...byId].map(([id, rows]) => ({ id, values: { [field]: [...new Set(rows.map(({ group }) => group))].sort(order) } }));
}

const ownerSchema = z.object({ id: z.string().min(1) });

/**
 * Id of a user or an application → names of the groups that it owns (`owns`), of these: an owner may make itself a member. 20 a call.
 * undefined: the application may not read that.
 */
export async function readOwners(client: EntraClient, groups: readonly { id: string; name: string }[]): Promise<Live[] | undefined> {
  const ofGroup = async ({ id, name }: (typeof groups)[number]) => {
    const path = `/groups/${encodeURIComponent(id)}/owners${query({ select: ["id"] })}`;
    const rows = await rowsOr(client, path, `read who owns the group ${name}`, ({ status }) =>
      status === 404 ? "nothing" : status === 403 ? "unreadable" : undefined,
    );
    if (rows === "nothing") return [];
    if (rows === "unreadable") return undefined;
    return keptRowsOf(ownerSchema, rows, "who owns a group").map((row) => ({ id: row.id, group: name }));
  };
  return whoOf("owns", await Promise.all(groups.map(ofGroup)));
}

const refusal = z.object({ error: z.object({ code: z.string() }) });

/** Where the tenant has no licence for it, nobody can have been made eligible. */
const isUnlicensed = (body: unknown): boolean => refusal.safeParse(body).data?.error.code === "AadPremiumLicenseRequired";

/** All rows; undefined where Graph says that it may not be read, or that the tenant has no such thing. */
async function rowsOf(client: EntraClient, list: "roleAssignments" | "roleEligibilitySchedules") {
  const what = "read who holds a role of Entra ID";
  const path = `/roleManagement/directory/${list}${query({ select: ["id", "principalId"], expand: "roleDefinition($select=displayName)" })}`;
  const rows = await readRows(client, path, what, list === "roleEligibilitySchedules" ? [400, 403, 404] : [403]);
  return rows && keptRowsOf(rowSchema, rows, "Entra ID's role assignments");
}

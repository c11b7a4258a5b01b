/** Who holds a role of Entra ID, and who may take one up (Privileged Identity Management). Read only: haloform gives no roles. */
import { z } from "zod";
import { order } from "../../base/order.ts";
import { keptRowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { query } from "../../clients/graph/odata.ts";
import type { Live } from "../core/definition.ts";
import { readRows } from "./send.ts";

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

/** All rows; undefined where Graph says that it may not be read, or that the tenant has no such thing. */
async function rowsOf(client: EntraClient, list: "roleAssignments" | "roleEligibilitySchedules") {
  const what = "read who holds a role of Entra ID";
  const path = `/roleManagement/directory/${list}${query({ select: ["id", "principalId"], expand: "roleDefinition($select=displayName)" })}`;
  const rows = await readRows(client, path, what, list === "roleEligibilitySchedules" ? [400, 403, 404] : [403]);
  return rows && keptRowsOf(rowSchema, rows, "Entra ID's role assignments");
}

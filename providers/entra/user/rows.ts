/** The bulk read of users as Graph gives them, shared by the types that are made of it: licences and accounts. */
import type { EntraClient } from "../../../clients/graph/client.ts";

/** A name that a type asks for besides properties: it comes with every user in the same pages ($expand). */
export const managerField = "manager";
export const expandManager = "manager($select=id)";

const underWay = new WeakMap<EntraClient, Map<string, Promise<unknown[]>>>();

/** ⌈N/999⌉ calls however many ask at the same time for the same. A read that has ended is made anew. */
export function userRows(client: EntraClient, select: readonly string[], manager: boolean): Promise<unknown[]> {
  const reads = underWay.get(client) ?? new Map<string, Promise<unknown[]>>();
  underWay.set(client, reads);
  const key = `${manager} ${[...select].sort().join()}`;
  const known = reads.get(key);
  if (known) return known;
  const read = client
    .list("/users", select, { what: "read users", ...(manager ? { expand: expandManager } : {}) })
    .finally(() => reads.delete(key));
  reads.set(key, read);
  return read;
}

/** Requests made by this process, by protocol. One page or one batch is one request. Clients add to it. */
export const calls = { halo: 0, graph: 0, ldap: 0 };
export type Calls = typeof calls;

export function callsSince(before: Calls): Calls {
  return { halo: calls.halo - before.halo, graph: calls.graph - before.graph, ldap: calls.ldap - before.ldap };
}

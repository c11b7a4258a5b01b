/** Requests made by this process, by protocol. One page or one batch is one request. Clients add to it. */
export const calls = { halo: 0, graph: 0, ldap: 0 };
export type Calls = typeof calls;

/** All of them together. */
export function sumOfCalls(all: readonly Calls[]): Calls {
  const sum = (system: keyof Calls): number => all.reduce((total, one) => total + one[system], 0);
  return { halo: sum("halo"), graph: sum("graph"), ldap: sum("ldap") };
}

export function callsSince(before: Calls): Calls {
  return { halo: calls.halo - before.halo, graph: calls.graph - before.graph, ldap: calls.ldap - before.ldap };
}

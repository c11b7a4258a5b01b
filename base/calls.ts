/** Requests made by this process, by protocol. One page or one batch is one request. Clients add to it; what each is called: providers/systems.ts. */
export const calls = { halo: 0, graph: 0, ldap: 0 };
export type Calls = typeof calls;

const each = (count: (counter: keyof Calls) => number): Calls => ({ halo: count("halo"), graph: count("graph"), ldap: count("ldap") });

/** Each of them, in the order in which they are told. */
export const countsOf = (all: Calls): [counter: keyof Calls, count: number][] => [
  ["halo", all.halo],
  ["graph", all.graph],
  ["ldap", all.ldap],
];

/** All of them together. */
export const sumOfCalls = (all: readonly Calls[]): Calls => each((counter) => all.reduce((total, one) => total + one[counter], 0));

export const callsSince = (before: Calls): Calls => each((counter) => calls[counter] - before[counter]);

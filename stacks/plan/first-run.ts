/** A first run of a stack whose state is signed has nothing to be held against: it may take half of what any other may. Pure. */
import type { Limit, Limits } from "./limits.ts";

/** Half of each number of each limit, rounded down; what is absent stays no limit. */
export function halved(limits: Limits): Limits {
  const half = (one: Limit): Limit =>
    Object.fromEntries(
      Object.entries(one).map(([name, value]) => [name, typeof value === "number" ? Math.floor(value / 2) : value]),
    ) as unknown as Limit;
  return Object.fromEntries(Object.entries(limits).map(([name, one]) => [name, half(one)])) as { [name in keyof Limits]: Limit };
}

/** A first run of a stack whose state is signed has nothing to be held against: it may take half of what any other may. Pure. */
import { defined } from "../../base/defined.ts";
import { type Limits, limitsBy } from "./limits.ts";

/** Half of each number of each limit, rounded down; what is absent stays no limit. */
export function halved(limits: Limits): Limits {
  const half = (value: number | undefined) => value && Math.floor(value / 2);
  return limitsBy(limits, ({ most, share, below, per }) => ({
    ...defined({ most: half(most), share: half(share) }),
    ...{ below: Math.floor(below / 2), per },
  }));
}

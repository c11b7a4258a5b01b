/** A first run of a stack whose state is signed has nothing to be held against: it may take half of what any other may. Pure. */
import type { SafetyFile } from "../../mappings/schema/all.ts";

type Limits = SafetyFile["limits"];

/** Half of each number of each limit, rounded down; what is not set stays so. */
export function halved(limits: Limits): Limits {
  return Object.fromEntries(
    Object.entries(limits).map(([kind, limit]) => [
      kind,
      Object.fromEntries(Object.entries(limit).map(([name, value]) => [name, typeof value === "number" ? Math.floor(value / 2) : value])),
    ]),
  ) as Limits;
}

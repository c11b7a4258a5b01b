/** What the ledger of the last 24 hours keeps: as much as has room where it lies, and nothing that counts less for it. Pure. */
import type { Loss, Tally } from "../model/types.ts";
import type { Population } from "./population.ts";

/** A stack tag is an argument of a command line, of which Linux takes 131,072 bytes (MAX_ARG_STRLEN). */
const room = 100_000;

/** The ledger with one more run. Where it is too long, the most names of one class go first, and are then only counted. */
export function kept(before: readonly Loss[], loss: Loss): Loss[] {
  const all = [...before.map((one) => ({ ...one, ...withoutRepeated(one.population, loss.population) })), loss].map((one) => ({
    ...one,
    counted: [...one.counted],
  }));
  let length = JSON.stringify(all).length;
  const byLength = all
    .flatMap(({ counted }) => counted.map((tally, at) => ({ counted, at, tally, names: tally.of?.length ?? 0 })))
    .filter(({ names }) => names > 0)
    .sort((a, b) => Number(b.tally.as === "gained") - Number(a.tally.as === "gained") || b.names - a.names);
  for (const { counted, at, tally } of byLength) {
    if (length <= room) break;
    counted[at] = nameless(tally);
    length = JSON.stringify(all).length;
  }
  return all;
}

/** What an earlier run found is only of use where it is less than what a later one did, which is remembered for longer. */
function withoutRepeated(earlier: Population | undefined, later: Population = {}): Pick<Loss, "population"> {
  if (earlier === undefined) return {};
  return {
    population: Object.fromEntries(Object.entries(earlier).filter(([of, count]) => count < (later[of] ?? Number.POSITIVE_INFINITY))),
  };
}

/** As many as before, and nobody knows which: they count as they are, also where they are counted once more. */
export function nameless({ of = [], each = 1, count = 0, ...tally }: Tally): Tally {
  return { ...tally, count: count + of.length * each };
}

/** The wish as if renamed units had their names back already. Pure. */

import type { Lists, Read } from "../read/lists.ts";
import { asCalledNow, placesNow, stuckUnits } from "../read/protected-units.ts";
import { putBack, renamedUnits, wishedBack } from "../read/put-back.ts";
import { type Wish, type World, wish } from "./wish.ts";

export interface Settled {
  wish: Wish;
  /** What there is, once the units have their names back. */
  all: Lists;
  /** The same, deleted accounts apart from those that live. */
  live: Lists;
}

/** Makes the wish; units that no mapping asks for any more keep the names that they have. */
export function settledWish(given: Omit<World, "live">, { all, beside }: Read): Settled {
  const stuck = stuckUnits(given.previous, all);
  const previous = asCalledNow(given.previous, stuck);
  const mappings = placesNow(given.mappings, stuck);
  for (let renamed = renamedUnits(previous, all); ; ) {
    const settled = putBack(all, renamed);
    const live = apartFromDeleted(settled);
    const wished = asLeft(
      given.previous,
      stuck.length > 0,
    )(wish({ ...given, mappings, previous, ...(stuck.length > 0 ? { stuck } : {}), live: { ...live, ...beside } }));
    const kept = wishedBack(renamed, wished.resources);
    if (kept.length === renamed.length) return { wish: wished, all: settled, live };
    renamed = kept;
  }
}

/** What nobody looks at stays in the state as the last run left it, under the names of before. */
function asLeft(previous: World["previous"], isRenamed: boolean): (wished: Wish) => Wish {
  if (!isRenamed) return (wished) => wished;
  const before = new Map(previous.map((one) => [`${one.type} ${one.name}`, one.inputs]));
  return (wished) => ({
    ...wished,
    resources: wished.resources.map((one) =>
      one.untouched ? { ...one, inputs: before.get(`${one.type} ${one.name}`) ?? one.inputs } : one,
    ),
  });
}

/** Deleted accounts come in the list of accounts, so that the state's ids find them; here they are a list of their own. */
export function apartFromDeleted(all: Lists): Lists {
  const lists = { ...all };
  for (const system of ["ad", "entra"]) {
    const users = all[`${system}:User`];
    if (!users) continue;
    lists[`${system}:Deleted`] = users.filter((one) => one.values["deleted"] === true);
    lists[`${system}:User`] = users.filter((one) => one.values["deleted"] !== true);
  }
  return lists;
}

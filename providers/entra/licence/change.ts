/** What has to be done to a user's licences, by names; pure, so that the plan counts seats as the run takes them. */
import { same, sameNames } from "../../../base/text.ts";
import type { Live } from "../../core/definition.ts";
import { userValues } from "../user/list.ts";
import type { LicenceInputs } from "./inputs.ts";

export interface LicenceChange {
  /** Assigned, or assigned again with other plans switched off. */
  add: { sku: string; without: string[] }[];
  /** Part numbers taken away. */
  remove: string[];
  /** Those of `add` that need a seat the user does not hold yet. */
  seats: string[];
  /** Those of `remove` whose seat comes free: not those that a group gives too, or that gave nothing. */
  freed: string[];
  /** Set before the licences. */
  usageLocation?: string;
}

/** From a user as it is to what is wished. Only direct assignments of SKUs in `of` are ever taken away. */
export function licenceChange(
  live: Live,
  wished: Pick<LicenceInputs, "skus" | "of" | "usageLocation" | "through" | "leaving">,
): LicenceChange {
  const user = userValues.parse(live.values);
  const { direct } = user;
  const inherited = user.inherited.filter((one) => one.error === undefined);
  const add = wished.skus.filter(({ sku, without }) => {
    if (inherited.some((one) => same(one.sku, sku)) && !wished.leaving?.some((one) => same(one, sku))) return false;
    const held = direct.find((one) => same(one.sku, sku));
    if (!held && wished.through?.some((one) => same(one, sku))) return false;
    return !held || held.error !== undefined || !sameNames(held.without, without);
  });
  const removed = direct.filter(
    (one) => wished.of.some((owned) => same(owned, one.sku)) && !wished.skus.some(({ sku }) => same(sku, one.sku)),
  );
  // Who has it through a group has its seat already.
  const seated = [...direct.filter((one) => one.error === undefined), ...inherited];
  const seats = add.filter(({ sku }) => !seated.some((one) => same(one.sku, sku))).map(({ sku }) => sku);
  const freed = removed
    .filter((one) => one.error === undefined && !inherited.some((through) => same(through.sku, one.sku)))
    .map(({ sku }) => sku);
  const usageLocation = wished.usageLocation !== undefined && !user.usageLocation ? { usageLocation: wished.usageLocation } : {};
  return { add, remove: removed.map((one) => one.sku), seats, freed, ...usageLocation };
}

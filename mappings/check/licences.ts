/** Licences of entra.yaml beyond their shape: `with` and prices. No I/O: what the tenant owns is looked at when planning. */
import { guess, same } from "../../base/text.ts";
import type { EntraFile } from "../schema/entra.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOnce } from "./check.ts";

/** `with` says which plans are on, `without` which are off: one of the two. */
export function checkWith(check: Check, licence: EntraFile["licences"][number], path: (string | number)[]): void {
  if (licence.with === undefined) return;
  if (licence.without.length > 0) check.report([...path, "with"], "expected with or without, found both");
  if (licence.with.length === 0)
    check.report([...path, "with"], "expected the service plans to have, found none: a licence without any gives nothing");
  checkOnce(check, [...path, "with"], licence.with, "service plan");
}

/** A price for a SKU that nobody gets by this file is a slip. */
export function checkPrices(check: Check, entra: EntraFile): void {
  const known = entra.licences.map((licence) => licence.sku);
  for (const sku of Object.keys(entra.prices ?? {}))
    if (!known.some((name) => same(name, sku)))
      check.report(["prices", sku], `expected a SKU that licences name, found ${found(sku)}${guess(sku, known)}`, "key");
}

/** entra:Licence: inputs and outputs, and their canonical order. */
import { z } from "zod";
import type { Json } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import { same } from "../../../base/text.ts";
import type { Effect } from "../../core/access.ts";

const name = z.string().trim().min(1);

export const licenceInputs = z.strictObject({
  /** Key of the Halo record. */
  person: name,
  /** Two letters (ISO 3166-1), set where the account has none. */
  usageLocation: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/u, "two letters, as in GB (ISO 3166-1)")
    .exactOptional(),
  /** What the person should have, by part number, with the names of the service plans switched off. */
  skus: z.array(z.object({ sku: name, without: z.array(name).default([]) })).transform(canonicalSkus),
  /** The part numbers the mapping owns: only direct assignments of these are ever removed. */
  of: z.array(name).transform(canonicalNames),
  /** Those of `skus` that a managed group gives, now or once this run has put the person in: never assigned directly. */
  through: z.array(name).transform(canonicalNames).exactOptional(),
  /** Those of `skus` that a managed group gives now and will not when this run has ended: assigned directly before. */
  leaving: z.array(name).transform(canonicalNames).exactOptional(),
});
export type LicenceInputs = z.infer<typeof licenceInputs>;

export const licenceOutputs = z.object({
  userPrincipalName: z.string(),
  /** Part numbers that come through a licensing group. */
  inherited: z.array(z.string()),
});
export type LicenceOutputs = z.infer<typeof licenceOutputs>;

/** Sorted, each name once; names differing in case only are one. */
export function canonicalNames(names: readonly string[]): string[] {
  if (names.length < 2) return [...names];
  const seen = new Set<string>();
  return names.toSorted(order).filter((one) => {
    const isNew = !seen.has(one.toLowerCase());
    seen.add(one.toLowerCase());
    return isNew;
  });
}

/** Sorted, each SKU once: of two entries, a plan stays off only where both switch it off (each entitles to its plans). */
export function canonicalSkus(skus: readonly { sku: string; without: string[] }[]): { sku: string; without: string[] }[] {
  const [only] = skus;
  if (skus.length < 2) return only ? [{ sku: only.sku, without: canonicalNames(only.without) }] : [];
  const bySku = Map.groupBy(skus, (one) => one.sku.toLowerCase());
  const merged = [...bySku.values()].map((entries) => ({
    sku: canonicalNames(entries.map((one) => one.sku))[0] ?? "",
    without: canonicalNames(entries.flatMap((one) => one.without)).filter((plan) =>
      entries.every((one) => one.without.some((other) => same(other, plan))),
    ),
  }));
  return merged.sort((a, b) => order(a.sku, b.sku));
}

/** What one gains or loses where a licence stays and its service plans change: those that are switched off take. */
export function plansOf(before: Json, after: Json): Effect {
  const offIn = (value: Json): string[] =>
    value !== null && typeof value === "object" && !Array.isArray(value) && Array.isArray(value["without"])
      ? canonicalNames(value["without"].map(String))
      : [];
  const [was, is] = [offIn(before), offIn(after)];
  const isOff = (all: readonly string[], plan: string): boolean => all.some((one) => same(one, plan));
  const takes = is.some((plan) => !isOff(was, plan));
  const gives = was.some((plan) => !isOff(is, plan));
  return takes ? (gives ? "both" : "takes") : gives ? "gives" : "neither";
}

/** Part numbers and plan names, as people write them, and the ids Graph wants: from the tenant's own /subscribedSkus. */
import { z } from "zod";
import { RefusedError } from "../core/errors.ts";
import type { EntraClient } from "./client.ts";

const units = z.object({ enabled: z.coerce.number().catch(0), warning: z.coerce.number().catch(0) });
const skuSchema = z.object({
  skuId: z.string().transform((id) => id.toLowerCase()),
  skuPartNumber: z.string(),
  capabilityStatus: z.string().catch("Enabled"),
  consumedUnits: z.coerce.number().catch(0),
  prepaidUnits: units.nullish(),
  servicePlans: z.array(z.object({ servicePlanId: z.string().transform((id) => id.toLowerCase()), servicePlanName: z.string() })).catch([]),
});

export interface Sku {
  id: string;
  name: string;
  /** Seats that may be used: bought and in the grace period. */
  owned: number;
  used: number;
  plans: readonly { id: string; name: string }[];
}

export interface Catalogue {
  skus: readonly Sku[];
  /** By part number, without regard to case. Throws RefusedError with the nearest right name. */
  sku(name: string): Sku;
  /** Part number of an id; the id itself when the tenant does not own it (any more). */
  skuName(id: string): string;
  /** Id of a plan of a SKU. Throws RefusedError with the nearest right name. */
  planId(sku: Sku, name: string): string;
  planName(id: string): string;
}

export function makeCatalogue(rows: readonly unknown[]): Catalogue {
  const skus = rows.map((row): Sku => {
    const one = skuSchema.parse(row);
    const usable = one.capabilityStatus === "Enabled" || one.capabilityStatus === "Warning";
    return {
      id: one.skuId,
      name: one.skuPartNumber,
      owned: usable ? (one.prepaidUnits?.enabled ?? 0) + (one.prepaidUnits?.warning ?? 0) : 0,
      used: one.consumedUnits,
      plans: one.servicePlans.map((plan) => ({ id: plan.servicePlanId, name: plan.servicePlanName })),
    };
  });
  const byName = new Map(skus.map((one) => [one.name.toLowerCase(), one]));
  const byId = new Map(skus.map((one) => [one.id, one]));
  const plans = new Map(skus.flatMap((one) => one.plans.map((plan) => [plan.id, plan.name] as const)));
  return {
    skus,
    sku(name) {
      const found = byName.get(name.toLowerCase());
      if (found) return found;
      throw new RefusedError(
        `The tenant owns no licence ${name}${hint(
          name,
          skus.map((one) => one.name),
        )}`,
        "UnknownSku",
      );
    },
    skuName: (id) => byId.get(id.toLowerCase())?.name ?? id.toLowerCase(),
    planId(sku, name) {
      const found = sku.plans.find((plan) => same(plan.name, name));
      if (found) return found.id;
      throw new RefusedError(
        `${sku.name} has no service plan ${name}${hint(
          name,
          sku.plans.map((plan) => plan.name),
        )}`,
        "UnknownServicePlan",
      );
    },
    planName: (id) => plans.get(id.toLowerCase()) ?? id.toLowerCase(),
  };
}

const catalogues = new WeakMap<EntraClient, Promise<Catalogue>>();

/** The tenant's catalogue, read once a client. `fresh` reads it again (seats change). */
export function catalogueOf(client: EntraClient, fresh = false): Promise<Catalogue> {
  const known = catalogues.get(client);
  if (known && !fresh) return known;
  const select = ["skuId", "skuPartNumber", "appliesTo", "capabilityStatus", "consumedUnits", "prepaidUnits", "servicePlans"];
  const reading = client.list("/subscribedSkus", select, { top: null, what: "read the tenant's licences" }).then(makeCatalogue);
  // A failed read must not stay: the next person may be luckier.
  reading.catch(() => {
    if (catalogues.get(client) === reading) catalogues.delete(client);
  });
  catalogues.set(client, reading);
  return reading;
}

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `; did you mean SPE_E3?`, or the whole list where nothing is near. */
function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length > 0 ? `; it has ${known.slice(0, 12).join(", ")}${known.length > 12 ? ", …" : ""}` : "; it has none";
}

/** The known name with the fewest letters changed, when that is at most a third of them. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= fewest) continue;
    best = candidate;
    fewest = distance;
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

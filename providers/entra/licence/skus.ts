/** Part numbers and plan names, as people write them, and the ids Graph wants: from the tenant's own /subscribedSkus. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { rowsOf } from "../../../base/rows.ts";
import { nearest, same } from "../../../base/text.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { once } from "../../../clients/http/once.ts";
import type { Live } from "../../core/definition.ts";

const units = z.object({ enabled: z.coerce.number().catch(0), warning: z.coerce.number().catch(0) });
const skuSchema = z.object({
  skuId: z.string().transform((id) => id.toLowerCase()),
  skuPartNumber: z.string(),
  capabilityStatus: z.string().catch("Enabled"),
  consumedUnits: z.coerce.number().catch(0),
  prepaidUnits: units.nullish(),
  servicePlans: z
    .array(
      z.object({
        servicePlanId: z.string().transform((id) => id.toLowerCase()),
        servicePlanName: z.string(),
        appliesTo: z.string().nullish().catch(undefined),
      }),
    )
    .catch([]),
});

export interface Sku {
  id: string;
  name: string;
  /** Seats that may be used: bought and in the grace period. */
  owned: number;
  used: number;
  /** capabilityStatus: Enabled, Warning (ended, still usable), Suspended, Deleted or LockedOut. */
  state: string;
  /** `company`: for the tenant as a whole, so that nobody can have it switched off. */
  plans: readonly { id: string; name: string; company?: true }[];
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

const namesOf = (all: readonly { name: string }[]): string[] => all.map((one) => one.name);

/** `; did you mean SPE_E3?`, or the whole list where nothing is near: where more than a third of the letters would have to change. */
export function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known, Math.max(2, Math.floor(name.length / 3)));
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length > 0 ? `; it has ${known.slice(0, 12).join(", ")}${known.length > 12 ? ", …" : ""}` : "; it has none";
}

export function makeCatalogue(rows: readonly unknown[]): Catalogue {
  const skus = rowsOf(skuSchema, rows, "the tenant's licences").map((one): Sku => {
    const usable = one.capabilityStatus === "Enabled" || one.capabilityStatus === "Warning";
    return {
      id: one.skuId,
      name: one.skuPartNumber,
      owned: usable ? (one.prepaidUnits?.enabled ?? 0) + (one.prepaidUnits?.warning ?? 0) : 0,
      used: one.consumedUnits,
      state: one.capabilityStatus,
      plans: one.servicePlans.map((plan) => ({
        id: plan.servicePlanId,
        name: plan.servicePlanName,
        ...(plan.appliesTo === "Company" ? { company: true as const } : {}),
      })),
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
        `The tenant owns no licence ${name}${hint(name, namesOf(skus))}; correct it in mappings/entra.yaml, or buy it`,
        "UnknownSku",
      );
    },
    skuName: (id) => byId.get(id.toLowerCase())?.name ?? id.toLowerCase(),
    planId(sku, name) {
      const found = sku.plans.find((plan) => same(plan.name, name));
      if (found) return found.id;
      throw new RefusedError(
        `${sku.name} has no service plan ${name}${hint(name, namesOf(sku.plans))}; correct it in mappings/entra.yaml`,
        "UnknownServicePlan",
      );
    },
    planName: (id) => plans.get(id.toLowerCase()) ?? id.toLowerCase(),
  };
}

/** The tenant's catalogue, read once a client; `again` reads it anew (seats change). */
export const catalogueOf = once(async (client: EntraClient): Promise<Catalogue> => {
  const select = ["skuId", "skuPartNumber", "appliesTo", "capabilityStatus", "consumedUnits", "prepaidUnits", "servicePlans"];
  return makeCatalogue(await client.list("/subscribedSkus", select, { top: null, what: "read the tenant's licences" }));
});

/** What the tenant owns, as the pure middle counts it: id = skuId, values = { name, owned, used, state, plans: [{ name, company? }] }. */
export function skuLives(catalogue: Catalogue): Live[] {
  return catalogue.skus.map(({ id, name, owned, used, state, plans }) => ({
    id,
    values: { name, owned, used, state, plans: plans.map((plan) => ({ name: plan.name, ...(plan.company ? { company: true } : {}) })) },
  }));
}

/** Nothing taken: inputs raised to what is there now, for people who are held, parked or protected. */
import type { Json, Values } from "../../base/json.ts";
import type { Live } from "../../providers/core/definition.ts";
import { compareKeys, part, sorted, textOf, textsOf } from "../model/values.ts";

/** The wish of a type, raised so that the account loses nothing it has: a wish never below what is live. */
export function raised(type: string, inputs: Values, live: Live | undefined): Values {
  if (!live) return inputs;
  const now = live.values;
  if (type === "ad:User") return now["enabled"] === true ? { ...inputs, enabled: true } : inputs;
  if (type === "entra:Licence") return { ...inputs, skus: raisedSkus(inputs, now) };
  if (type !== "halo:Agent") return inputs;
  const of = part(inputs["of"]);
  return {
    ...inputs,
    enabled: inputs["enabled"] === true || now["enabled"] === true,
    roles: sorted([...textsOf(inputs["roles"]), ...owned(now["roles"], of["roles"])]),
    teams: sorted([...textsOf(inputs["teams"]), ...owned(now["teams"], of["teams"])]),
  };
}

function owned(values: Json | undefined, of: Json | undefined): string[] {
  const mine = new Set(textsOf(of));
  return textsOf(values).filter((one) => mine.has(one));
}

/** A SKU and the plans switched off in it. */
export interface Sku {
  sku: string;
  without: string[];
}

export function skusOf(value: Json | undefined): Sku[] {
  return (Array.isArray(value) ? value : []).map(part).map((one) => ({ sku: textOf(one["sku"]), without: textsOf(one["without"]) }));
}

/** Canonical: each SKU once, with only the plans that everybody who asks for it switches off; sorted. */
export function united(skus: Iterable<Sku>): Sku[] {
  const byName = new Map<string, Sku>();
  for (const { sku, without } of skus) {
    const known = byName.get(sku);
    byName.set(sku, { sku, without: sorted(known ? known.without.filter((plan) => without.includes(plan)) : without) });
  }
  return [...byName.values()].sort((a, b) => compareKeys(a.sku, b.sku));
}

/** As JSON of inputs. */
export function skuValues(skus: readonly Sku[]): Json[] {
  return skus.map(({ sku, without }) => ({ sku, without }));
}

function raisedSkus(inputs: Values, now: Values): Json[] {
  const of = new Set(textsOf(inputs["of"]));
  const direct = skusOf(now["direct"]).filter(({ sku }) => of.has(sku));
  return skuValues(united([...skusOf(inputs["skus"]), ...direct]));
}

/** Nothing taken: inputs raised to what is there now, for people who are held, parked or protected. Licences as JSON of inputs. */
import type { Json, Values } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import { compareKeys, flag, part, parts, sorted, textOf, textsOf } from "../model/values.ts";

/** Held, parked and leaving people keep what they have: nothing that somebody took by hand is given back. */
export const keptAccount = (inputs: Values, live: Live): Values => ({ ...inputs, enabled: flag(live.values["enabled"]) });

/** The same of licences: those of the mapping that are assigned, and those wished that come through a group. */
export function keptLicence(inputs: Values, live: Live): Values {
  const there = new Set([...skusOf(live.values["direct"]), ...skusOf(live.values["inherited"])].map(({ sku }) => fold(sku)));
  return raisedLicence({ ...inputs, skus: skuValues(skusOf(inputs["skus"]).filter(({ sku }) => there.has(fold(sku)))) }, live);
}

/** The same of an agent. */
export function keptAgent(inputs: Values, live: Live): Values {
  const had = (list: "roles" | "teams"): string[] =>
    textsOf(inputs[list]).filter((one) => textsOf(live.values[list]).some((now) => same(now, one)));
  return raisedAgent({ ...inputs, enabled: false, roles: had("roles"), teams: had("teams") }, live);
}

/** An account that is on stays on. */
export function raisedAccount(inputs: Values, live: Live | undefined): Values {
  return flag(live?.values["enabled"]) ? { ...inputs, enabled: true } : inputs;
}

/** Licences of the mapping that are assigned stay. */
export function raisedLicence(inputs: Values, live: Live | undefined): Values {
  const of = new Set(textsOf(inputs["of"]));
  const direct = skusOf(live?.values["direct"]).filter(({ sku }) => of.has(sku));
  return live ? { ...inputs, skus: skuValues(united([...skusOf(inputs["skus"]), ...direct])) } : inputs;
}

/** Roles and teams of the mapping stay, and who is an agent stays one. */
export function raisedAgent(inputs: Values, live: Live | undefined): Values {
  if (!live) return inputs;
  const had = (list: "roles" | "teams"): string[] => {
    const owned = new Set(textsOf(part(inputs["of"])[list]));
    return sorted([...textsOf(inputs[list]), ...textsOf(live.values[list]).filter((one) => owned.has(one))]);
  };
  return { ...inputs, enabled: flag(inputs["enabled"]) || flag(live.values["enabled"]), roles: had("roles"), teams: had("teams") };
}

/** A SKU and the plans switched off in it. */
export interface Sku {
  sku: string;
  without: string[];
}

export function skusOf(value: Json | undefined): Sku[] {
  return parts(value).map((one) => ({ sku: textOf(one["sku"]), without: textsOf(one["without"]) }));
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

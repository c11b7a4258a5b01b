/** The order in which resources are applied: the wave of their type, and within it rounds and depths. Pure. */

import { splitDn } from "../../providers/ad/values/dn.ts";
import { type WaveName, waveOrder } from "../../providers/core/waves.ts";
import { definition } from "../../providers/registry.ts";
import type { DesiredResource } from "./types.ts";

/** The wave of a resource: its own where the wish says so, else its type's. */
export function waveOf(one: DesiredResource): WaveName {
  return one.wave ?? definition(one.type).wave(one.inputs);
}

/** Compared part by part: the wave, the round within it, and of organizational units how deep they lie. */
export function orderOf(one: DesiredResource): readonly [wave: number, round: number, depth: number] {
  const dn = one.inputs["distinguishedName"];
  const deep = one.type === "ad:OrganizationalUnit" && typeof dn === "string" ? splitDn(dn).length : 0;
  return [waveOrder(waveOf(one)), one.round ?? 0, deep];
}

/** The resources in the order they must come, those that may be applied side by side together. */
export function wavesOf(resources: readonly DesiredResource[]): DesiredResource[][] {
  const waves = Map.groupBy(resources, (one) => JSON.stringify(orderOf(one)));
  return [...waves.values()]
    .map((wave) => ({ wave, order: wave[0] ? orderOf(wave[0]) : [0] }))
    .sort((a, b) => a.order.reduce((found: number, part, index) => found || part - (b.order[index] ?? 0), 0))
    .map(({ wave }) => wave);
}

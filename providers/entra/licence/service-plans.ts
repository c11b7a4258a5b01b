/**
 * Service plans that cannot be on together, or not without another, as far as it is known beforehand (Microsoft's licensing
 * documentation, "license assignment conflicts" and "prerequisites"). Graph stays the judge: what is not here, its answer says.
 */
import { same } from "../../../base/text.ts";

/** Families of which one may be on: editions of the same service. */
const exclusive: readonly (readonly string[])[] = [
  ["EXCHANGE_S_DESKLESS", "EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"],
  ["SHAREPOINTDESKLESS", "SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE"],
  ["BPOS_S_TODO_FIRSTLINE", "BPOS_S_TODO_1", "BPOS_S_TODO_2", "BPOS_S_TODO_3"],
  ["STREAM_O365_K", "STREAM_O365_SMB", "STREAM_O365_E1", "STREAM_O365_E3", "STREAM_O365_E5"],
];

/** Plan → plans of which one must be on. */
const needs: { readonly [plan: string]: readonly string[] } = {
  SHAREPOINTWAC: ["SHAREPOINTENTERPRISE", "SHAREPOINTSTANDARD", "SHAREPOINTDESKLESS"],
  MCOEV: ["MCOSTANDARD"],
  MCOMEETADV: ["MCOSTANDARD"],
  EXCHANGE_S_ARCHIVE_ADDON: ["EXCHANGE_S_STANDARD", "EXCHANGE_S_DESKLESS"],
};

/** What Graph would refuse about these licences together, a sentence each; nothing about SKUs the tenant does not have. */
export function clashes(
  held: readonly { sku: string; without: readonly string[] }[],
  tenant: readonly { name: string; plans: readonly { name: string }[] }[],
): string[] {
  const on = new Map<string, string>();
  for (const { sku, without } of held)
    for (const plan of tenant.find((one) => same(one.name, sku))?.plans ?? [])
      if (!without.some((name) => same(name, plan.name)) && !on.has(plan.name)) on.set(plan.name, sku);
  const said: string[] = [];
  for (const family of exclusive) {
    const both = family.filter((plan) => on.has(plan));
    if (both.length > 1)
      said.push(
        `The service plans ${both.map((plan) => `${plan} (of ${on.get(plan)})`).join(" and ")} exclude each other: switch all but one off by \`without\`.`,
      );
  }
  for (const [plan, any] of Object.entries(needs))
    if (on.has(plan) && !any.some((other) => on.has(other)))
      said.push(
        `The service plan ${plan} (of ${on.get(plan)}) needs ${any.join(" or ")}, which is off: switch ${plan} off too, or ${any[0]} on.`,
      );
  return said;
}

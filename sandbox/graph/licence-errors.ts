/** Whom a group could not give its licences to. */
import type { GraphState } from "./state.ts";

const kept = new WeakMap<GraphState, Map<string, string>>();

/** Group, user and SKU → the error of licenseAssignmentStates. */
export function licenceErrors(state: GraphState): Map<string, string> {
  const map = kept.get(state) ?? new Map<string, string>();
  kept.set(state, map);
  return map;
}

export const errorKey = (group: string, user: string, sku: string): string => `${group} ${user} ${sku}`;

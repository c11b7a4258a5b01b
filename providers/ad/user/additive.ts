/**
 * Additive attributes: several values of which only those that haloform put there are ever removed, so that what others
 * wrote (Exchange's addresses) stays. Only the values that differ travel.
 */

import { listOf, liveValues, valueKey, wireValues } from "../values/syntax.ts";
import type { Modification } from "../wire/client.ts";
import { isAdditive, isPrimary, type UserInputs } from "./inputs.ts";

/** `added` of the outputs: what haloform has put into additive attributes by these inputs; undefined where there are none. */
export function addedBy(inputs: UserInputs): { [name: string]: string[] } | undefined {
  const names = Object.keys(inputs.attributes).filter((name) => isAdditive(inputs, name));
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, listOf(inputs.attributes[name])]));
}

/**
 * The changes of one additive attribute. `raw`: what AD holds; `was`: of that, what haloform put there (and a primary address
 * in the way of a wished one). AD takes two values that differ in case only for one, so the one that goes goes first. An
 * address that was primary is never lost: it stays as a secondary one.
 */
export function additiveChanges(name: string, raw: readonly string[], was: readonly string[], inputs: UserInputs): Modification[] {
  const wished = listOf(inputs.attributes[name]);
  const live = liveValues(name, raw, inputs.syntax);
  const keys = new Set(wished.map((value) => valueKey(name, value)));
  const addresses = name.toLowerCase() === "proxyaddresses";
  const newPrimary = addresses && wished.some(isPrimary);

  const leaving = new Set<string>();
  const coming: string[] = [];
  const ours = new Set(was.map((value) => valueKey(name, value)));
  for (const value of live) {
    const key = valueKey(name, value);
    if (keys.has(key)) continue;
    // the same to AD as one that is wished, only written otherwise
    const twin = wished.some((one) => one.toLowerCase() === value.toLowerCase());
    if (!twin && !ours.has(key)) continue;
    leaving.add(value);
    if (!twin && newPrimary && isPrimary(value)) coming.push(`smtp:${value.slice("smtp:".length)}`);
  }
  const there = new Set(live.map((value) => valueKey(name, value)));
  coming.push(...wished.filter((value) => !there.has(valueKey(name, value))));

  const wire = (values: readonly string[]): Modification["values"] => values.flatMap((value) => wireValues(name, value, inputs.syntax));
  const changes: Modification[] = [];
  if (leaving.size > 0) changes.push({ op: "delete", attribute: name, values: wire([...leaving]) });
  if (coming.length > 0) changes.push({ op: "add", attribute: name, values: wire([...new Set(coming)]) });
  return changes;
}

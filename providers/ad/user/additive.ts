/**
 * Additive attributes: several values of which only those that haloform put there are ever removed, so that what others
 * wrote (Exchange's addresses) stays. Only the values that differ travel.
 */

import { attribute } from "../values/attributes.ts";
import { type AttributeValues, listOf } from "../values/syntax.ts";
import type { Modification } from "../wire/client.ts";
import { hasPrimary, isAdditive, isPrimary, type UserInputs } from "./inputs.ts";

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
  const one = attribute(name, inputs.syntax);
  const keyOf = one.key ?? String;
  const wished = listOf(inputs.attributes[name]);
  const live = one.toLive(raw);
  const keys = new Set(wished.map(keyOf));
  const newPrimary = hasPrimary(name, wished);

  const removed = new Set<string>();
  const added: string[] = [];
  const ours = new Set(was.map(keyOf));
  for (const value of live) {
    const key = keyOf(value);
    if (keys.has(key)) continue;
    // the same to AD as one that is wished, only written otherwise
    const twin = wished.some((other) => other.toLowerCase() === value.toLowerCase());
    if (!twin && !ours.has(key)) continue;
    removed.add(value);
    if (!twin && newPrimary && isPrimary(value)) added.push(`smtp:${value.slice("smtp:".length)}`);
  }
  const there = new Set(live.map(keyOf));
  added.push(...wished.filter((value) => !there.has(keyOf(value))));

  const wire = (values: Iterable<string>): AttributeValues => [...new Set(values)].flatMap((value) => one.toWire(value));
  const changes: Modification[] = [];
  if (removed.size > 0) changes.push({ op: "delete", attribute: name, values: wire(removed) });
  if (added.length > 0) changes.push({ op: "add", attribute: name, values: wire(added) });
  return changes;
}

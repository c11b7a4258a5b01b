/**
 * Additive attributes: several values of which only those that haloform put there are ever removed, so that what others
 * wrote (Exchange's addresses) stays. Only the values that differ travel.
 */

import type { Values } from "../../../base/json.ts";
import { attribute } from "../values/attributes.ts";
import { type AttributeValues, listOf } from "../values/syntax.ts";
import type { Modification } from "../wire/client.ts";
import { hasPrimary, isAdditive, isPrimary, type UserInputs, userOutputs } from "./inputs.ts";

/** Attribute → values that haloform put there. */
export type Added = { [name: string]: string[] };

/** `added` of the last outputs, whatever they hold. */
export function addedOf(outputs: Values | undefined): Added | undefined {
  const parsed = userOutputs.shape.added.safeParse(outputs?.["added"]);
  return parsed.success ? parsed.data : undefined;
}

/**
 * `added` of the outputs: what haloform has put into additive attributes by these inputs; undefined where there are none. What
 * was there already (`raw`) and was not haloform's own by the last outputs stays whose it was (docs/decisions/0052).
 */
export function addedBy(inputs: UserInputs, raw?: (name: string) => readonly string[], last?: Added): Added | undefined {
  const names = Object.keys(inputs.attributes).filter((name) => isAdditive(inputs, name));
  if (names.length === 0) return undefined;
  const mine = (name: string): string[] => {
    const one = attribute(name, inputs.syntax);
    const keyOf = one.key ?? String;
    const ours = new Set((last?.[name] ?? []).map(keyOf));
    const there = new Set(raw ? one.toLive(raw(name)).map(keyOf) : []);
    return listOf(inputs.attributes[name]).filter((value) => !there.has(keyOf(value)) || ours.has(keyOf(value)));
  };
  return Object.fromEntries(names.map((name) => [name, mine(name)]));
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

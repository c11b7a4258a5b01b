/**
 * What somebody changed by hand and a run left as it is, in a thing of which it changed something else: the state has it as applied from then
 * on, so what was wanted is remembered beside it. Else one cause of drift could not be put back without hiding another. Pure.
 */
import type { Json, Values } from "../../base/json.ts";
import type { Facts } from "../../providers/core/definition.ts";
import { factsOf } from "../../providers/registry.ts";
import type { Memory, PreviousResource } from "../model/types.ts";
import { compareTexts, valueAt } from "../model/values.ts";
import { differences, entriesOf, entryOf } from "./differences.ts";
import type { Step } from "./input.ts";
import { putBack } from "./parts/part-wish.ts";
import { worldKey } from "./world.ts";

interface Last {
  resources: readonly PreviousResource[];
  memory?: Memory | undefined;
}

/** The resources of the state as they were wanted. */
export function wantedIn({ resources, memory }: Last): readonly PreviousResource[] {
  const { held } = memory ?? {};
  if (!held) return resources;
  return resources.map((one) => {
    const [its, facts] = [held[worldKey(one)], factsOf(one.type)];
    if (!its || !facts) return one;
    const inputs = structuredClone(one.inputs);
    for (const [path, value] of Object.entries(its)) put(inputs, path, value, facts);
    return { ...one, inputs };
  });
}

/** What is held once these steps are done, which are a part of what is wished. */
export function heldAfter(last: Last, steps: readonly Step[]): Memory["held"] {
  const held = { ...last.memory?.held };
  const wanted = new Map(wantedIn(last).map((one) => [worldKey(one), one.inputs]));
  for (const step of steps) {
    const key = worldKey(step);
    const [facts, inputs] = [factsOf(step.type), wanted.get(key)];
    if (step.op === "same") continue;
    delete held[key];
    if (step.op !== "update" || !step.after || !facts || !inputs) continue;
    const changed = new Set(differences(step.before, step.after, facts).map(({ path }) => path));
    const rows = differences(inputs, step.after, facts).filter(({ path }) => !changed.has(path));
    if (rows.length > 0) held[key] = Object.fromEntries(rows.map(({ path, before }) => [path, before]));
  }
  return Object.keys(held).length > 0 ? held : undefined;
}

function put(values: Values, path: string, value: Json, facts: Facts): void {
  const entry = entryOf(path, facts);
  if (!entry) {
    putBack(values, path.split("."), value);
    return;
  }
  const rest = (entriesOf(entry.set, valueAt(values, entry.set) ?? [], facts) ?? []).filter(([one]) => one !== path);
  const all = value === null ? rest : [...rest, [path, value] as const].sort(([a], [b]) => compareTexts(a, b));
  putBack(
    values,
    entry.set.split("."),
    all.map(([, one]) => one),
  );
}

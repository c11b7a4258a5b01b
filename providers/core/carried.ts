/**
 * Resources that the state has and the engine does not (docs/decisions/0157): it registers one as if it were new, and here it is carried
 * on from what the state has of it. What becomes of it is what an engine that knew it would make of it: it is looked at as a refresh
 * would, left alone where its inputs are the same, changed where they are others, made where it is gone.
 */
import { isObject, type Json } from "../../base/json.ts";
import type { Adapted } from "./adapter.ts";
import type { Run } from "./run.ts";

/** The provider of a type, within the fence, for a run that may carry on. */
export function carrying(type: string, provider: Adapted, runNow: () => Promise<Pick<Run, "carried"> | undefined>): Adapted {
  return {
    ...provider,
    async create(inputs, name) {
      const known = name === undefined ? undefined : (await runNow())?.carried?.[`${type}::${name}`];
      if (!known) return provider.create(inputs, name);
      const { __provider: _line, ...wished } = inputs;
      const { id, inputs: found, props = {} } = await provider.read(known.id, known.outputs);
      if (id === undefined) return provider.create(inputs, name);
      if (isSame(found, wished)) return { id, outs: props };
      return { id, ...(await provider.update(id, props, inputs, name)) };
    },
  };
}

/** Pulumi's rule for inputs (PropertyMap.DeepEquals): a key without a value is as good as none. */
export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  if (!isObject(one) || !isObject(other)) return one === other;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => isSame(one[key] ?? null, other[key] ?? null));
}

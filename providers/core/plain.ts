/** Inputs that are just as their schema would give them, told from others without it: a parse takes fifteen times as long. Pure. */
import type { Json, Values } from "../../base/json.ts";
import type { Definition } from "./definition.ts";

type Tests = { readonly [field: string]: (value: Json | undefined) => boolean };

/** Says it by the fields: those that must be there, and those that may be besides; false where there is any other. */
export function plainBy(needed: Tests, optional: Tests): (inputs: Values) => boolean {
  const allowed = new Map(Object.entries({ ...optional, ...needed }));
  const must = new Set(Object.keys(needed));
  return (inputs) => {
    let missing = must.size;
    for (const field of Object.keys(inputs)) {
      if (allowed.get(field)?.(inputs[field]) !== true) return false;
      if (must.has(field)) missing -= 1;
    }
    return missing === 0;
  };
}

/** What the schema of a type says of inputs; of those that are plain they themselves. */
export function parsedBy({ inputs, isPlain }: Pick<Definition, "inputs" | "isPlain">, given: Values) {
  return isPlain?.(given) ? ({ success: true, data: given } as const) : inputs.safeParse(given);
}

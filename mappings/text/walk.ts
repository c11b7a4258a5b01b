/** Finding one's way in a zod schema by the path of a value: which keys are known there, what would be acceptable. */
import type { z } from "zod";
import type { Path } from "./document.ts";

export type Schema = z.core.$ZodType;

/** The schema of the value at a path; in a union the first option that has the next key. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let here: Schema | undefined = schema;
  for (const step of path) here = here && child(here, step);
  return here;
}

/** All keys a map may have by this schema (of every option of a union). */
export function keysOf(schema: Schema | undefined): string[] {
  if (!schema) return [];
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "object":
      return Object.keys(def.shape);
    case "union":
      return [...new Set(def.options.flatMap((option) => keysOf(option)))];
    default:
      return keysOf(unwrap(schema));
  }
}

/**
 * Something the schema accepts, so that the rest of a file can be checked although this value was wrong; undefined = leave
 * it out. `fill`: not even what may be left out is, because something was written there.
 */
export function placeholder(schema: Schema | undefined, fill = false): unknown {
  if (!schema) return undefined;
  if (fill) return placeholder(unwrapped(schema));
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "string":
      return "x";
    case "number":
      return 1;
    case "boolean":
      return false;
    case "literal":
      return def.values[0];
    case "enum":
      return Object.values(def.entries)[0];
    case "array":
      return [placeholder(def.element)];
    case "record":
      return {};
    case "union":
      return placeholder(def.options[0]);
    case "object": {
      const made = Object.entries(def.shape).map(([key, inner]) => [key, placeholder(inner)] as const);
      return Object.fromEntries(made.filter(([, value]) => value !== undefined));
    }
    default:
      return undefined;
  }
}

function child(schema: Schema, step: string | number): Schema | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "object":
      return Object.hasOwn(def.shape, step) ? def.shape[step] : def.catchall;
    case "record":
      return def.valueType;
    case "array":
      return def.element;
    case "union":
      return def.options.map((option) => child(option, step)).find((found) => found !== undefined);
    default: {
      const inner = unwrap(schema);
      return inner && child(inner, step);
    }
  }
}

/** What a schema is without what is wrapped around it (optional, default, …). */
export function unwrapped(schema: Schema): Schema {
  const inner = unwrap(schema);
  return inner ? unwrapped(inner) : schema;
}

/** What a schema wraps (optional, default, …); undefined where it wraps nothing. */
function unwrap(schema: Schema): Schema | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
      return def.innerType;
    case "lazy":
      return def.getter();
    // What is written, not what is made of it.
    case "pipe":
      return def.in;
    default:
      return undefined;
  }
}

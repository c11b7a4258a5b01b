import type { z } from "zod";

/** A JSON value: what inputs, outputs and live values are made of. `undefined` never appears (Pulumi's wire refuses it). */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Values = { [key: string]: Json };

export function isObject(value: Json | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a text says by a schema; undefined where it is no JSON, or says something else. */
export function readAs<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

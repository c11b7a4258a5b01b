/** Values that sources.yaml has in several places: addresses, JSON paths, names of headers, and what the environment may hold. */
import { z } from "zod";
import type { Json } from "../../base/json.ts";
import { valueFrom } from "../../clients/oauth/schema.ts";

export const address = z.url().refine((value) => value.startsWith("https://"), "an https:// address");
export const jsonPath = z.string().regex(/^\$/u, "a JSON path that begins with $, such as $.data[*]");
export const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, "the name of an HTTP header");
/** A variable that a mapping may ask for. */
const variable = /^SOURCE_[A-Z0-9_]+$/u;

export const value = valueFrom("SOURCE_", "SOURCE_HR_KEY");

/** The variable that a value of a body asks for; undefined: it is a value like any other. */
export function variableOf(value: Json): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const { env, ...others } = value;
  return typeof env === "string" && variable.test(env) && Object.keys(others).length === 0 ? env : undefined;
}

import type { Json } from "../../base/json.ts";

/** Nothing there: absent, null, blanks, or a list of nothing. The same for templates, conditions and the trust gate, in every source. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return Array.isArray(value) && value.every(isEmpty);
}

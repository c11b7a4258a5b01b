/** Names of SKUs and service plans, as people write them: what is said of a wrong one. */
import { nearest } from "../../../base/text.ts";

/** `; did you mean SPE_E3?`, or the whole list where nothing is near: where more than a third of the letters would have to change. */
export function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known, Math.max(2, Math.floor(name.length / 3)));
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length > 0 ? `; it has ${known.slice(0, 12).join(", ")}${known.length > 12 ? ", …" : ""}` : "; it has none";
}

/** What is said of a name that Halo does not have. */
import { nearest } from "../../base/text.ts";

/** ` (did you mean "X"?)` with the most similar of the known names, however far it is, or that there is none; for the end of a message. */
export function suggestion(wanted: string, known: readonly string[]): string {
  const best = nearest(wanted, known, Number.POSITIVE_INFINITY);
  return best === undefined ? " (there are none)" : ` (did you mean "${best}"?)`;
}

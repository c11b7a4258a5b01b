/** Patterns with wildcards, in a time of pattern times text at most: as a regular expression, many stars take forever on some names. */
import { fold } from "./text.ts";

/** Whether a name of a group is one that `protected.groups` of mappings/safety.yaml lists: `*` stands for anything, case does not matter. */
export const fitsGroupName = (pattern: string, name: string): boolean => !pattern.includes("=") && fitsWildcard(fold(pattern), fold(name));

/** Whether a pattern is the whole text: `*` stands for anything, and with `one` a `?` for one character. Case matters. */
export function fitsWildcard(pattern: string, text: string, { one = false } = {}): boolean {
  let at = 0;
  let from = 0;
  /** The last star, and how far what it stands for reaches: only the last one is ever tried again. */
  let star = -1;
  let reached = 0;
  while (from < text.length) {
    const char = pattern[at];
    if (char === "*") {
      star = at;
      reached = from;
      at += 1;
    } else if (at < pattern.length && (char === text[from] || (one && char === "?"))) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      reached += 1;
      from = reached;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** Whether a regular expression says where in a text it begins or ends: `Field` is found in "Battlefield" too. Pure. */

/** Begins at a place that somebody chose, be it anywhere (`.*`). */
const begun = /^(?:\^|\\[bB]|\.\*|\(\?<[=!])/u;
const ended = /(?:(?<!\\)(?:\\\\)*\$|\\[bB]|\.\*)$/u;

/** Whether each of its alternatives begins or ends at a place that is said: `^Field|Lead` does not. */
export function isAnchored(pattern: string): boolean {
  const all = alternatives(pattern);
  if (all.length > 1) return all.every(isAnchored);
  if (begun.test(pattern) || ended.test(pattern)) return true;
  const inner = /^\((?:\?:)?(.*)\)$/su.exec(pattern)?.[1];
  return inner !== undefined && isWhole(inner) && isAnchored(inner);
}

/** The parts between the `|` that stand in no group and no class. */
function alternatives(pattern: string): string[] {
  const parts = [""];
  for (const { text, depth, inClass } of steps(pattern))
    if (text === "|" && depth === 0 && !inClass) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${text}`);
  return parts;
}

/** Whether no group that was open before it is closed in it: `a)|(b` is not the inside of one group. */
const isWhole = (inner: string): boolean => [...steps(inner)].every(({ depth }) => depth >= 0);

/** Its characters, an escaped one with its backslash, and how many groups are open there. */
function* steps(pattern: string): Generator<{ text: string; depth: number; inClass: boolean }> {
  let depth = 0;
  let inClass = false;
  for (const [text] of pattern.matchAll(/\\.|./gsu)) {
    if (text === "[") inClass = true;
    else if (text === "]") inClass = false;
    else if (!inClass && text === "(") depth += 1;
    else if (!inClass && text === ")") depth -= 1;
    yield { text, depth, inClass };
  }
}

/** Names as people write them: the same or not, a few of many for a sentence, and the one that was probably meant. */
import { distance } from "fastest-levenshtein";
import { isPlainText, oneForm } from "./clean.ts";

/**
 * A name as it is compared: one Unicode form, no blanks at the ends, no case. `Café` typed on a Mac (e and an accent) and on
 * Windows (é) is one name; a directory or Halo keeps either as it came.
 */
export function fold(text: string): string {
  return oneForm(text).toLowerCase();
}

/** Letters without their accents: `Zoë` → `Zoe`. What is a letter of its own stays (`ø`). */
export function withoutAccents(text: string): string {
  return isPlainText(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "");
}

/**
 * A name as AD compares it: without case, accents and width (MS-DRSR 5.50.1, MS-ADTS 6.5). José and Jose cannot be in one
 * organizational unit, and are one login.
 */
export function asOfAd(text: string): string {
  if (isPlainText(text)) return text.trim().toLowerCase();
  const bare = withoutAccents(text);
  return fold(bare === "" ? text : bare);
}

/** Whether two names are one name (see fold). */
export function same(a: string, b: string): boolean {
  return a === b || fold(a) === fold(b);
}

/** Whether two lists hold the same names, in whatever order. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.some((other) => same(one, other)));
}

/** `A, B, C, D, E and 3 more`. */
export function few(names: readonly string[], most = 5): string {
  return names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");
}

/**
 * The candidate that is most likely meant: the same but for case and `-`, `_`, blanks, or else within few typing mistakes
 * (a letter wrong, missing, too many, or two swapped). Undefined when none is near; `most` says how far is near, and is
 * infinite where a far one is still better than none.
 */
export function nearest(word: string, candidates: Iterable<string>, most?: number): string | undefined {
  const plain = simple(word);
  let best: string | undefined;
  let least = (most ?? Math.min(3, Math.max(1, Math.floor(plain.length / 3)))) + 1;
  for (const candidate of candidates) {
    const other = simple(candidate);
    // So many letters are missing at least; most of ten thousand names are looked at no further.
    if (Math.abs(other.length - plain.length) > 3 && Math.abs(other.length - plain.length) >= least) continue;
    const isShort = plain.length >= 4 && (other.startsWith(plain) || plain.startsWith(other)) && Math.abs(other.length - plain.length) <= 3;
    const far = other === plain ? 0 : isShort ? 1 : mistakes(plain, other);
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? "" : `; did you mean ${JSON.stringify(word)}?`;
}

/** The same for the nearest of the known names. */
export function guess(word: string, known: Iterable<string>): string {
  return didYouMean(nearest(word, known));
}

function simple(word: string): string {
  return word.toLowerCase().replace(/[-_\s]+/gu, "");
}

/** How many typing mistakes lie between two words: letters wrong, missing or too many; two neighbours swapped are one mistake. */
export function mistakes(one: string, two: string): number {
  let word = one;
  let swaps = 0;
  let far = distance(word, two);
  for (let at = 0; far > 1 && at + 1 < word.length; at++) {
    const swapped = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
    const less = distance(swapped, two);
    // To the library a swap is two wrong letters.
    if (less > far - 2) continue;
    word = swapped;
    far = less;
    swaps += 1;
  }
  return far + swaps;
}

/** "Did you mean …?" */

/**
 * The candidate that is most likely meant: the same but for case and `-`, `_`, blanks, or else within few typing mistakes
 * (a letter wrong, missing, too many, or two swapped). Undefined when none is near.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = simple(word);
  let best: string | undefined;
  let least = Math.min(3, Math.max(1, Math.floor(plain.length / 3))) + 1;
  for (const candidate of candidates) {
    const other = simple(candidate);
    const isShort = plain.length >= 4 && (other.startsWith(plain) || plain.startsWith(other)) && Math.abs(other.length - plain.length) <= 3;
    const distance = other === plain ? 0 : Math.min(isShort ? 1 : least, mistakes(plain, other, least));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? "" : `; did you mean ${JSON.stringify(word)}?`;
}

function simple(word: string): string {
  return word.toLowerCase().replace(/[-_\s]+/gu, "");
}

/** Edit distance with swaps (optimal string alignment), or `enough` as soon as it cannot be less. */
export function mistakes(one: string, two: string, enough = Number.POSITIVE_INFINITY): number {
  if (Math.abs(one.length - two.length) >= enough) return enough;
  let before: number[] = [];
  let last = Array.from({ length: two.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= two.length; column++) {
      const same = one[row - 1] === two[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && one[row - 1] === two[column - 2] && one[row - 2] === two[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = last;
    last = next;
  }
  return Math.min(enough, last[two.length] ?? 0);
}

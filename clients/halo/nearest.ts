/** The name somebody probably meant. */

/** Smallest number of letters to insert, delete or replace to get from one word to the other. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The most similar of the known names, without regard to case; undefined when there is none. */
export function nearest(wanted: string, known: readonly string[]): string | undefined {
  const low = wanted.toLowerCase();
  let best: { name: string; far: number } | undefined;
  for (const name of known) {
    const far = distance(low, name.toLowerCase());
    if (!best || far < best.far) best = { name, far };
  }
  return best?.name;
}

/** ` (did you mean "X"?)`, or what there is to choose from; for the end of a message. */
export function suggestion(wanted: string, known: readonly string[]): string {
  const best = nearest(wanted, known);
  return best === undefined ? " (there are none)" : ` (did you mean "${best}"?)`;
}

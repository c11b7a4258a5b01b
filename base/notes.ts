/**
 * What this process noticed and mended by itself (an answer was lost and read back, a domain controller went away): a sentence
 * each. Clients add to it; the adapter and the command line take it for the record of the run.
 */
let notes: string[] = [];

/** Most that wait to be taken: a bad line would say the same thousands of times. */
const most = 200;

export function note(line: string): void {
  if (notes.length < most) notes.push(line);
}

/** The same for what is found again whenever it is looked at. */
export function noteOnce(line: string): void {
  if (!notes.includes(line)) note(line);
}

/** Everything noted since the last time, which is forgotten by this. */
export function taken(): string[] {
  const all = notes;
  notes = [];
  return all;
}

/** Code units, so that what is sorted here is sorted the same everywhere. */
export const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

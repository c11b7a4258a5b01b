/**
 * One after the other, of what must not happen at the same time: making things of one kind (two wishes of one name cannot both
 * find nothing), and changing one record (Halo replaces arrays, so two who read, merge and write would lose one another's rows).
 */

const lines = new WeakMap<object, Map<string, Promise<unknown>>>();

/** Runs `task` when everything that stood in this line of the client before has ended, well or not. */
export function inLine<T>(client: object, line: string, task: () => Promise<T>): Promise<T> {
  const known = lines.get(client) ?? new Map<string, Promise<unknown>>();
  lines.set(client, known);
  const turn = (known.get(line) ?? Promise.resolve()).then(task);
  const quiet = turn.catch(() => undefined);
  known.set(line, quiet);
  // Nobody waits behind it any more: thousands of agents need not be remembered.
  void quiet.then(() => known.get(line) === quiet && known.delete(line));
  return turn;
}

/** The line of those who change one record. */
export const recordLine = (path: string, id: string | number): string => `${path} ${id}`;

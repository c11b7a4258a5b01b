/**
 * One after the other, of what must not happen at the same time: making things of one kind (two wishes of one name cannot both
 * find nothing), and changing one record (Halo replaces arrays, so two who read, merge and write would lose one another's rows).
 */
import type { Halo } from "./agent/names.ts";

const lines = new WeakMap<Halo, Map<string, Promise<unknown>>>();

/** Runs `task` when everything that stood in this line before has ended, well or not. */
export function inLine<T>(client: Halo, line: string, task: () => Promise<T>): Promise<T> {
  const known = lines.get(client) ?? new Map<string, Promise<unknown>>();
  lines.set(client, known);
  const turn = (known.get(line) ?? Promise.resolve()).then(task);
  const quiet = turn.catch(() => undefined);
  known.set(line, quiet);
  // Nobody waits behind it any more: thousands of agents need not be remembered.
  void quiet.then(() => known.get(line) === quiet && known.delete(line));
  return turn;
}

export const agentLine = (id: string | number): string => `agent ${id}`;

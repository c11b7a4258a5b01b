/** A RunContext in memory, for suites that call definitions directly (without Pulumi). */
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import type { Definition, Lists, Live, RunContext } from "../../providers/core/definition.ts";

type System = "ad" | "entra" | "halo";

export interface MemoryContext extends RunContext {
  /** Forgets the bulk reads, as a new run would. */
  refresh(): void;
  /** Waits for links that an announcement has started; rejects with the first error one of them met. */
  settle(): Promise<void>;
}

/**
 * `list` is asked once a type until `refresh`. `accounts` are the people whose accounts are known from the start:
 * `{ ad: { "41": "<objectGUID>" } }`.
 */
export function memoryContext(
  list: (type: string) => Promise<readonly Live[]>,
  accounts: { [S in System]?: Record<string, string> } = {},
  now = new Date("2026-01-15T08:00:00Z"),
): MemoryContext {
  const known: Record<System, Map<string, string>> = {
    ad: new Map(Object.entries(accounts.ad ?? {})),
    entra: new Map(Object.entries(accounts.entra ?? {})),
    halo: new Map(Object.entries(accounts.halo ?? {})),
  };
  const reads = new Map<string, Promise<readonly Live[]>>();
  const waiting = new Map<string, ((id: string) => Promise<void>)[]>();
  let due: Promise<void>[] = [];

  const live = (type: string): Promise<readonly Live[]> => {
    const read = reads.get(type) ?? list(type);
    reads.set(type, read);
    return read;
  };

  return {
    account: (system, person) => known[system].get(person),
    personOf: (system, id) => [...known[system]].find(([, account]) => account === id)?.[0],
    announce(system, person, id) {
      known[system].set(person, id);
      const key = `${system} ${person}`;
      for (const link of waiting.get(key) ?? []) due.push(link(id));
      waiting.delete(key);
    },
    async whenAnnounced(system, person, link) {
      const id = known[system].get(person);
      if (id !== undefined) return link(id);
      const key = `${system} ${person}`;
      waiting.set(key, [...(waiting.get(key) ?? []), link]);
    },
    live,
    liveById: async (type) => new Map((await live(type)).map((one) => [one.id, one])),
    now: () => now,
    refresh: () => reads.clear(),
    async settle() {
      const started = due;
      due = [];
      await Promise.all(started);
    },
  };
}

/** An update as the adapter does it: with the live object, from the run's lists or straight from the system; one that is gone is refused. */
export async function update<I extends Values, O extends Values, C, A>(
  definition: Definition<I, O, C, A>,
  client: C,
  id: string,
  inputs: I,
  was: I,
  context: RunContext,
  outputs?: Values,
): Promise<O> {
  const live = (await context.liveById(definition.type)).get(id) ?? (await definition.get(client, id));
  if (!live) throw new RefusedError(`Could not change the ${definition.noun} ${id}: it is gone`, "gone");
  return definition.update(client, live, inputs, was, context, outputs);
}

/** Everything of a type, as a refresh reads it that nobody told what to ask for. `lists`: what the run reads besides. */
export function listed<I extends Values, O extends Values, C, A>(
  definition: Definition<I, O, C, A>,
  client: C,
  lists?: Lists,
): Promise<Live[]> {
  if (definition.unasked === undefined) throw new Error(`${definition.type} is not read without being asked for something`);
  return definition.list(client, definition.unasked, lists);
}

/** The run as operations see it: whose account is which, what is live, what time it is. One a process. */
import type { Guard, Live, LiveById, RunContext } from "./definition.ts";
import { guardOf } from "./guard.ts";
import type { Run } from "./run.ts";

type Link = (id: string) => Promise<void>;

export interface Context extends RunContext {
  readonly guard: Guard;
  /** Something of this person failed in this run. */
  fail(person: string, why: string): void;
  failed(person: string): string | undefined;
  /** Something of this person waits for something else. */
  wait(person: string, why: string): void;
  waiting(person: string): string | undefined;
  /** Nothing more is done for this person in this run: what had to come first has failed. */
  stop(person: string, why: string): void;
  stopped(): ReadonlyMap<string, string>;
  /** Runs the links that were waiting for a person announced since; resolves with the errors they met. */
  settle(): Promise<Error[]>;
}

/** `list` reads a type when the run file does not hold it (stock `pulumi refresh`). */
export function makeContext(run: Run | undefined, list: (type: string) => Promise<readonly Live[]>): Context {
  const known = new Map(Object.entries(run?.people ?? {}).map(([system, ids]) => [system, new Map(Object.entries(ids))]));
  const owners = new Map([...known].map(([system, ids]) => [system, turned(ids)]));
  const users = run?.haloUsers && new Map(Object.entries(run.haloUsers));
  const usersBack = turned(users ?? new Map());
  const waiting = new Map<string, Link[]>();
  let due: Promise<void>[] = [];
  const lists = new Map<string, Promise<readonly Live[]>>();
  const maps = new Map<string, Promise<LiveById>>();
  const made = run ? new Date(run.made) : new Date();
  const failures = new Map<string, string>();
  const stops = new Map<string, string>();
  const waits = new Map<string, string>();
  let guard: Guard | undefined;

  const live = (type: string): Promise<readonly Live[]> => {
    const given = run?.live[type] ?? run?.files?.[type]?.all();
    const found = lists.get(type) ?? (given ? Promise.resolve(given) : list(type));
    lists.set(type, found);
    return found;
  };

  return {
    account: (system, person) => known.get(system)?.get(person),
    personOf: (system, id) => owners.get(system)?.get(id),
    // Without a run (stock refresh) nobody says whose numbers keys are; outputs know, and digits are the number itself as a rule.
    haloUser: (person) => (users ? users.get(person) : run || /^\d+$/u.test(person) ? person : undefined),
    personOfHaloUser: (id) => (users ? usersBack.get(id) : id),
    announce(system, person, id) {
      known.set(system, (known.get(system) ?? new Map<string, string>()).set(person, id));
      owners.set(system, (owners.get(system) ?? new Map<string, string>()).set(id, person));
      const links = waiting.get(`${system} ${person}`) ?? [];
      waiting.delete(`${system} ${person}`);
      for (const link of links) due.push(link(id));
    },
    async whenAnnounced(system, person, link) {
      const id = known.get(system)?.get(person);
      if (id !== undefined) return link(id);
      const key = `${system} ${person}`;
      waiting.set(key, [...(waiting.get(key) ?? []), link]);
    },
    live,
    liveById(type) {
      const file = run?.files?.[type];
      if (file) return Promise.resolve(file);
      const map = maps.get(type) ?? live(type).then((all) => new Map(all.map((one) => [one.id, one])));
      maps.set(type, map);
      return map;
    },
    get guard() {
      guard ??= guardOf(run);
      return guard;
    },
    now: () => made,
    passwords: run?.passwords,
    cloudPasswords: run?.cloudPasswords,
    secretsFor: (id) => run?.secrets?.[id] ?? {},
    sumOf: (command) => run?.programs?.[command],
    fail: (person, why) => void failures.set(person, failures.get(person) ?? why),
    failed: (person) => failures.get(person),
    wait: (person, why) => void waits.set(person, waits.get(person) ?? why),
    waiting: (person) => waits.get(person),
    stop: (person, why) => void stops.set(person, stops.get(person) ?? why),
    stopped: () => stops,
    async settle() {
      const errors: Error[] = [];
      while (due.length > 0) {
        const now = due;
        due = [];
        for (const result of await Promise.allSettled(now)) {
          if (result.status === "rejected") errors.push(result.reason instanceof Error ? result.reason : new Error(String(result.reason)));
        }
      }
      return errors;
    },
  };
}

function turned(map: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...map].map(([person, id]) => [id, person]));
}

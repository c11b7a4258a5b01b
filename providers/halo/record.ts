/**
 * A record of Halo, whatever its kind: found, made, changed and proved. Halo has no upsert, and echoes what it does not store
 * (facts: Halo write semantics 2 to 4). So what is to be made is looked for first, and two that could be meant are refused rather than
 * guessed between; a POST whose answer was lost is never sent again blindly, for looking says what became of it; and after every
 * write the record is read back and compared.
 */
import type { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { idText, type Row, rowOf } from "../../clients/halo/decode.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import { restrictedTo } from "../../clients/halo/sight.ts";
import { UncertainError } from "../../clients/http/answer.ts";
import { type Live, nothingComputed, type RunContext } from "../core/definition.ts";

/** What types of unpaged things (agents, roles, teams, boards) need of the client. */
export type Halo = Pick<HaloClient, "rows" | "get" | "post" | "read">;
/** What types of paged things need. */
export type HaloLists = Halo & Pick<HaloClient, "list">;

/** One that may be the record that is meant. */
export interface Candidate {
  id: string | number;
}

/**
 * What is looked through before something is made, handed on as it came. @throws RefusedError where Halo shows fewer than this run has
 * seen: a right that was taken away shortens lists without a word (facts: 1.2), and what is not shown would be made a second time.
 */
export type Whole = <T extends Candidate>(all: readonly T[]) => readonly T[];

/** `before`: what the run's own list showed, by their ids; Halo deletes nothing that haloform keeps. */
const wholeAs =
  (called: string, before: readonly Live[]): Whole =>
  (all) => {
    const shown = new Set(all.map(({ id }) => String(id)));
    const missing = before.filter(({ id }) => !shown.has(id));
    if (missing.length === 0) return all;
    throw new RefusedError(
      `Could not create ${called}: Halo shows ${missing.length} fewer than when this run began (${missing.length > 5 ? "among them " : ""}${missing
        .slice(0, 5)
        .map(({ id }) => id)
        .join(", ")}), and it might be one of them; check the rights of the Halo application's agent, and run again`,
      "incomplete",
    );
  };

/** Whether single rows of an array are written. */
export const isPartial = (change: Row): boolean => Object.keys(change).some((key) => /^(?:add|edit|delete)_/u.test(key));

/** How one kind of record is found, read and compared. I: the wish, T: the record as read, C: the slice of the client. */
export interface Kind<I, T extends Candidate, C extends Halo = HaloLists> {
  /** `Roles`: the path of the API. */
  path: string;
  /** `role` */
  noun: string;
  /** `the role "Night watch"` */
  called(wish: I): string;
  /** Says no to a wish that can be no record. */
  check?(wish: I): void;
  /** In which line those wait who make one; left out: of each kind one after the other. */
  line?(wish: I): string;
  /**
   * All that could be meant. `again`: one may have been made since they were read. Where they are looked for among all records of the
   * kind, those go through `whole`, which refuses a list that has become short.
   */
  candidates(client: C, wish: I, again: boolean, whole: Whole): Promise<readonly Candidate[]>;
  /** One by id, as it is now. */
  read(client: C, id: string): Promise<T | undefined>;
  /**
   * What is to be written, by Halo's names, without the id; nothing where it is as wished. undefined: a new one. `partly`: single rows
   * of arrays may be written (`add_…`, `edit_…`, `delete_…`), as far as the instance has that; otherwise arrays are whole.
   */
  change(client: C, record: T | undefined, wish: I, partly: boolean): Row | Promise<Row>;
  /** What a new one needs besides. */
  fresh?(client: C, wish: I): Row | Promise<Row>;
  /** What every write of it says besides. */
  always?: Row;
  /** Something was written: what was remembered may be wrong now. */
  written?(client: C): void;
  /** The sentence about several that could be meant. */
  several(found: readonly Candidate[], wish: I): string;
  /** The sentence about one that Halo said it had made, and that is not there. */
  unseen(wish: I): string;
  /** What to do about what was not stored: the end of a sentence, with its `;`. */
  advice(wish: I, missing: readonly string[], id: string): string;
}

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

/** Posts a record. A lost answer is no error yet: who looks afterwards throws it where nothing came of it. */
export async function post(
  client: Pick<HaloClient, "post">,
  path: string,
  record: Row,
): Promise<{ saved?: Row | undefined; lost?: UncertainError }> {
  try {
    return { saved: await client.post(path, record) };
  } catch (error) {
    if (error instanceof UncertainError) return { lost: error };
    throw error;
  }
}

/**
 * Brings one that exists to what is wished; nothing is written where nothing differs. Returns the record as it is then.
 * @param made Halo has just said that it made it
 */
export function changeRecord<I, T extends Candidate, C extends Halo>(
  client: C,
  kind: Kind<I, T, C>,
  id: string,
  wish: I,
  made = false,
): Promise<T> {
  kind.check?.(wish);
  const called = kind.called(wish);
  const refused = (cause: string): RefusedError => new RefusedError(`Could not save ${called}: ${cause}`, "not-stored");
  const absent = (): RefusedError => refused(`Halo said yes, but there is no ${kind.noun} ${id}; the next run tries again`);
  return inLine(client, recordLine(kind.path, id), async () => {
    const record = await kind.read(client, id);
    if (!record && made) throw absent();
    if (!record)
      throw new RefusedError(`Could not change ${called}: Halo has no ${kind.noun} ${id} any more; the next plan will see that`, "gone");
    const written = async (from: T, partly: boolean): Promise<T> => {
      const change = await kind.change(client, from, wish, partly);
      if (Object.keys(change).length === 0) return from;
      const { lost } = await post(client, kind.path, { id: from.id, ...change, ...kind.always });
      kind.written?.(client);
      const now = await kind.read(client, id);
      if (!now) throw lost ?? absent();
      const missing = Object.keys(await kind.change(client, now, wish, false));
      if (missing.length === 0) return now;
      // Its contract has single rows and it did not take them: arrays are written whole.
      if (!lost && partly && isPartial(change)) return written(now, false);
      throw lost ?? refused(`Halo did not store ${missing.join(", ")}${kind.advice(wish, missing, id)}`);
    };
    return written(record, true);
  });
}

/** The one that is meant; undefined when there is none. */
async function candidate<I, T extends Candidate, C extends Halo>(
  client: C,
  kind: Kind<I, T, C>,
  wish: I,
  again: boolean,
  whole: Whole,
): Promise<Candidate | undefined> {
  const found = await kind.candidates(client, wish, again, whole);
  if (found.length > 1) throw new RefusedError(kind.several(found, wish), "ambiguous");
  return found[0];
}

/** What belongs to a client: an agent of some clients does not see the others'. */
const ofClients: ReadonlySet<string> = new Set(["Users", "Client", "Site", "Asset"]);

/** @throws RefusedError where what is to be made may be there already, at a client that is not shown */
export async function refuseBlind(client: Halo, called: string): Promise<void> {
  const only = await restrictedTo(client);
  if (only.length === 0) return;
  throw new RefusedError(
    `Could not create ${called}: the agent of the Halo application sees ${only.slice(0, 5).join(", ")}${only.length > 5 ? " and a few more" : ""} alone, and it may be at another client already; take that agent's restrictions to clients away in Halo`,
    "restricted",
  );
}

/** The id of the one that is meant, made where there is none. `made`: there was none. `known`: what the run's list shows of the kind. */
export function findOrMake<I, T extends Candidate, C extends Halo>(
  client: C,
  kind: Kind<I, T, C>,
  wish: I,
  known: readonly Live[] = [],
): Promise<{ id: string; made: boolean }> {
  kind.check?.(wish);
  const whole = wholeAs(kind.called(wish), known);
  return inLine(client, `make ${kind.line?.(wish) ?? kind.path}`, async () => {
    const before = await candidate(client, kind, wish, false, whole);
    if (before) return { id: String(before.id), made: false };
    if (ofClients.has(kind.path)) await refuseBlind(client, kind.called(wish));
    const record = { ...(await kind.fresh?.(client, wish)), ...(await kind.change(client, undefined, wish, false)), ...kind.always };
    const { saved, lost } = await post(client, kind.path, record);
    kind.written?.(client);
    const answered = idText.safeParse(saved?.["id"]).data;
    if (answered !== undefined && !(Number(answered) <= 0)) return { id: answered, made: true };
    const found = await candidate(client, kind, wish, true, whole);
    if (!found) throw lost ?? new RefusedError(kind.unseen(wish), "not-stored");
    return { id: String(found.id), made: true };
  });
}

/** The one that is meant, made where there is none, and brought to what is wished. */
export async function makeRecord<I, T extends Candidate, C extends Halo>(
  client: C,
  kind: Kind<I, T, C>,
  wish: I,
  known: readonly Live[] = [],
): Promise<T> {
  const { id, made } = await findOrMake(client, kind, wish, known);
  return changeRecord(client, kind, id, wish, made);
}

/** The rows that are looked through before something is made: one that is not understood could be just the one that is meant. */
export const candidateRows = <T>(schema: z.ZodType<T>, rows: readonly unknown[], what: string): T[] =>
  rowsOf(schema, rows, what, (line) => {
    throw new RefusedError(
      `Could not look through ${what}: ${line}; nothing is made, as it might be there already: look at it in Halo`,
      "not-understood",
    );
  });

/** Reads one of a kind by its id, with its details; undefined where there is none. */
export function reader<T>(path: string, noun: string, schema: z.ZodType<T>) {
  return async (client: Pick<Halo, "get">, id: string): Promise<T | undefined> =>
    rowOf(schema, await client.get(path, id, { includedetails: true }), `${noun} ${id}`);
}

/** `get` of a type: one record by its id, as a live object. */
export function getter<T, C>(
  read: (client: C, id: string) => Promise<T | undefined>,
  live: (record: T, client: C) => Live | Promise<Live>,
) {
  return async (client: C, id: string): Promise<Live | undefined> => {
    const found = await read(client, id);
    return found && live(found, client);
  };
}

/**
 * What a type that is one record, of which Halo computes nothing, has from its kind.
 * @param among which of the run's list are looked through for this wish; left out: all of them
 */
export function recordType<I, T extends Candidate, C extends Halo>(
  type: string,
  kind: Kind<I, T, C>,
  among: (live: Live, wish: I) => boolean = () => true,
) {
  return {
    system: "halo" as const,
    ...nothingComputed,
    client: haloClient,
    async create(client: C, wish: I, context: RunContext) {
      const known = (await context.live(type)).filter((live) => among(live, wish));
      return { id: String((await makeRecord(client, kind, wish, known)).id), outputs: {} };
    },
    async update(client: C, { id }: Live, wish: I) {
      await changeRecord(client, kind, id, wish);
      return {};
    },
  };
}

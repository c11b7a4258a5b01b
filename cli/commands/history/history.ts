/** `haloform history [PERSON]`: what earlier runs read and did, from the run record and the log of syncs. Asks only the stack, changes nothing. */
import { defined } from "../../../base/defined.ts";
import type { Memory } from "../../../stacks/model/types.ts";
import type { History, HistoryRun, HistorySync } from "../../answers/answers.ts";
import type { Words } from "../../answers/stops.ts";
import { openToRead } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { bring } from "../../ledger/carried.ts";
import { type Begin, broken, type End, type Entry, readRecords, recordFile, type Sync } from "../../ledger/record.ts";
import { keysOf } from "../../ledger/signature.ts";
import { stopsOf } from "../../ledger/stops.ts";
import { readSyncs } from "../../ledger/syncs.ts";
import type { Voice } from "../../say.ts";
import { oneOf } from "../one-of.ts";

type Stamped<E> = Entry & E;

/** Which runs are asked for; what is left out takes all. */
export interface Filter {
  commands?: readonly string[];
  results?: readonly string[];
  /** UTC ISO 8601. */
  since?: string;
}

const results = ["done", "doubted", "refused", "failed", "parked", "cut-off"];

/** Throws UsageError. */
export function filterOf({ command, result, since }: { command?: string; result?: string; since?: string }): Filter {
  const named = result?.split(",");
  const odd = named?.find((one) => !results.includes(one));
  if (odd !== undefined) throw new UsageError(`--result ${odd}: expected ${results.join(", ")}.`);
  const from = since === undefined ? undefined : new Date(since);
  if (from && (Number.isNaN(from.getTime()) || !/^\d{4}-\d\d-\d\d/u.test(since ?? "")))
    throw new UsageError(`--since ${since}: expected a day such as 2027-01-31, or a moment such as 2027-01-31T15:00:00Z.`);
  return defined({ commands: command?.split(","), results: named, since: from?.toISOString() });
}

export async function history(
  project: Project,
  options: { person: string | undefined; last: number; filter?: Filter; voice: Voice },
): Promise<{ history: History & Words; ok: boolean }> {
  const { last, person, filter = {} } = options;
  const log = readSyncs(project);
  const stack = await openToRead(project, options.voice);
  const ledger = await stack.ledger();
  const { open } = await stopsOf(project, ledger);
  await bring(project, ledger);
  const { entries } = readRecords(recordFile(project));
  const wrong = [
    ...broken(entries, ledger.known.record, false, keysOf(project.config)),
    ...broken(log.entries, undefined, log.isTail).map((one) => `in the log of syncs of this machine: ${one}`),
  ];
  const all =
    person === undefined ? runsOf(entries) : ofPerson(runsOf(entries), personIn(entries, person, (await stack.previous()).memory));
  const runs = all.filter(({ at, ended }) => isAsked(filter, { command: "up", result: ended.replace(" ", "-"), at })).reverse();
  const syncs = person === undefined ? syncsOf(log.entries).filter((one) => isAsked(filter, one)) : [];
  // Of both together the newest.
  const from =
    [...runs, ...syncs]
      .map(({ at }) => at)
      .sort()
      .at(-last) ?? "";
  return {
    ok: wrong.length === 0,
    history: {
      ...{ format: "haloform.history/1", stack: project.stack, records: entries.length, broken: wrong },
      stops: [...open, ...ledger.known.stops.filter((one) => one.lifted).reverse()],
      emergencies: ledger.known.emergencies.toReversed(),
      runs: runs.filter(({ at }) => at >= from).slice(0, last),
      syncs: syncs.filter(({ at }) => at >= from).slice(0, last),
    },
  };
}

const isAsked = ({ commands, results: named, since }: Filter, one: { command: string; result: string; at: string }): boolean =>
  (commands?.some((command) => one.command === command || one.command.startsWith(`${command} `)) ?? true) &&
  (named?.includes(one.result) ?? true) &&
  (since === undefined || one.at >= since);

/** Newest first; one after the other of the same kind, with the same outcome, are one entry. Pure. */
export function syncsOf(entries: readonly Entry[]): HistorySync[] {
  const syncs: HistorySync[] = [];
  for (const entry of entries.toReversed()) {
    if (entry.event !== "sync") continue;
    const { at, by, command, seconds, read, found, result, code, said } = entry as Stamped<Sync>;
    const before = syncs.at(-1);
    const one = { at, by, command, seconds, ...defined({ read }), found, result, code, said, times: 1 };
    if (before && likeness(before) === likeness(one)) {
      before.times += 1;
      before.first = at;
    } else syncs.push(one);
  }
  return syncs;
}

/** What makes two syncs one line: everything but when they were, how long they took and in how many requests. */
const likeness = ({ by, command, read, found, result, code, said }: HistorySync): string =>
  JSON.stringify([by.replace(/ run \d+$/u, ""), command, read && { ...read, calls: {} }, found, result, code, said]);

/** Pairs beginnings with ends. A run without an end was cut off. Pure. */
export function runsOf(entries: readonly Entry[]): HistoryRun[] {
  const runs: { begin: Stamped<Begin>; end?: Stamped<End> }[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (entry.event === "begin") runs.push({ begin: entry as Stamped<Begin> });
    // What went wrong when everything was done already stands in a second one.
    else if (entry.event === "end" && last?.begin.plan === entry.plan) last.end = entry as Stamped<End>;
  }
  return runs.map(({ begin, end }) => runOf(begin, end));
}

function runOf(begin: Stamped<Begin>, end: Stamped<End> | undefined): HistoryRun {
  const outcomes = new Map((end?.outcomes ?? []).map((one) => [one.key, one]));
  const resultOf = ({ operation, op }: Begin["shared"][number]): { result: string; message?: string } => {
    const outcome = operation === undefined ? undefined : outcomes.get(operation);
    if (outcome) return { result: outcome.result, ...(outcome.message === undefined ? {} : { message: outcome.message }) };
    // Letting go is no operation; everything else has one, and what no outcome tells of was not done.
    if (!end || (operation === undefined && op !== "release")) return { result: "unknown" };
    return { result: end.failure === undefined && op === "release" ? "done" : "not reached" };
  };
  const of = (person?: Begin["people"][number]) => (change: Begin["shared"][number]) => ({
    ...(person ? { person: person.key, name: person.name, event: person.event } : {}),
    type: change.type,
    label: change.label,
    op: change.op,
    fields: change.fields,
    ...resultOf(change),
  });
  return {
    seq: begin.seq,
    at: begin.at,
    by: begin.by,
    plan: begin.plan,
    ...defined({ approvals: begin.approvals }),
    ended: end === undefined ? "cut off" : end.failure !== undefined ? "failed" : end.parked.length > 0 ? "parked" : "done",
    ...(end?.failure === undefined ? {} : { failure: end.failure }),
    done: end?.done ?? {},
    parked: end?.parked ?? [],
    pending: end?.pending ?? [],
    changes: [...begin.people.flatMap((person) => person.changes.map(of(person))), ...begin.shared.map(of())],
  };
}

/** The key of a person by key or name. Throws UsageError for nobody or several. */
function personIn(entries: readonly Entry[], asked: string, memory: Memory | undefined): string {
  const names = new Map(
    entries.flatMap((entry) => (entry.event === "begin" ? entry.people.map((one) => [one.key, one.name] as const) : [])),
  );
  const nobody = new UsageError(
    `No run has changed anything of ${asked}: expected the key or the full name of somebody in the run record.`,
  );
  const people = [...names].map(([key, name]) => ({ key, name, recordKey: memory?.people[key]?.key }));
  return oneOf(people, asked, (one) => [one.name], nobody).key;
}

function ofPerson(runs: readonly HistoryRun[], key: string): HistoryRun[] {
  return runs
    .map((run) => ({ ...run, changes: run.changes.filter((change) => change.person === key) }))
    .filter((run) => run.changes.length > 0);
}

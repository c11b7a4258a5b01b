/** `haloform history [PERSON]`: what earlier runs did, from the run record. Asks only the stack, changes nothing. */

import type { Memory } from "../../stacks/model/types.ts";
import type { History, HistoryRun } from "../answers/answers.ts";
import { openStack } from "../engine/automation.ts";
import type { Project } from "../engine/project.ts";
import { UsageError } from "../exit.ts";
import { type Begin, broken, type End, type Entry, headTag, readRecords, recordFile } from "../ledger/record.ts";
import type { Voice } from "../say.ts";
import { oneOf } from "./one-of.ts";

type Stamped<E> = Entry & E;

export async function history(
  project: Project,
  options: { person: string | undefined; last: number; voice: Voice },
): Promise<{ history: History; ok: boolean }> {
  const { entries } = readRecords(recordFile(project));
  const stack = await openStack(project, options.voice);
  const wrong = broken(entries, await stack.tag(headTag));
  const { person } = options;
  const found =
    person === undefined ? runsOf(entries) : ofPerson(runsOf(entries), personIn(entries, person, (await stack.previous()).memory));
  const runs = found.reverse().slice(0, options.last);
  return {
    ok: wrong.length === 0,
    history: { format: "haloform.history/1", stack: project.stack, records: entries.length, broken: wrong, runs },
  };
}

/** Pairs beginnings with ends. A run without an end was cut off. Pure. */
export function runsOf(entries: readonly Entry[]): HistoryRun[] {
  const runs: HistoryRun[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.event !== "begin") continue;
    const next = entries.slice(index + 1).find((one) => one.event === "begin" || one.plan === entry.plan);
    runs.push(runOf(entry as Stamped<Begin>, next?.event === "end" ? (next as Stamped<End>) : undefined));
  }
  return runs;
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

/**
 * Drift that somebody lets be until a day: a statement beside the state, signed as a `go` is, about exactly what was found. Whatever is
 * found otherwise, or on the day after, is drift again (docs/decisions/0143).
 */

import { shortDigest } from "../../../base/digest.ts";
import { oneLine } from "../../../base/errors.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import type { Drift, DriftTolerated } from "../../answers/drift.ts";
import { saidPlace } from "../../engine/said.ts";
import { Refusal, UsageError } from "../../exit.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  begun,
  howToProve,
  needsProof,
  provenBy,
  readStatement,
  type Said,
  type Stack,
  stated,
  statementIn,
} from "../../ledger/statements.ts";
import { leaveBeside } from "../../ledger/stops.ts";
import { causeIn, inboxOf, type Somebody } from "./inbox.ts";

type Found = Drift["found"];
type Tolerance = Extract<Said, { event: "tolerate" }> & { by: string };

/** A year: whoever wants it for longer wants it in the mappings. */
const longest = 366 * 24 * 60 * 60_000;
/** Findings of one tolerance: more of them are a script's work, to be put back or asked for. */
const mostFindings = 500;
/** Letters of a reason. */
const longestWhy = 300;

type Field = Partial<Found[number]["fields"][number]>;

/** What names the place of a finding, so that nobody can tell it: the thing, and which of its fields. */
const placeOf = ({ type, resource }: Found[number], { path = "" }: Field = {}): string => shortDigest([type, resource, path], 16);

/** What names a finding: its place, what was wanted there and what is. Of a thing that is gone the place alone. */
const nameOf = (one: Found[number], field: Field = {}): string =>
  `${placeOf(one, field)}.${shortDigest([placeOf(one, field), field.wanted ?? null, field.found ?? null], 16)}`;

const namesOf = (one: Found[number], paths: readonly string[]): string[] =>
  one.gone ? [nameOf(one)] : one.fields.filter(({ path }) => paths.includes(path)).map((field) => nameOf(one, field));

/** Those that count now, and why others do not. Throws what reading beside the state throws. */
export async function tolerancesOf(stack: Stack, now: Date): Promise<{ tolerances: Tolerance[]; odd: string[] }> {
  const tolerances: Tolerance[] = [];
  const odd: string[] = [];
  for (const [name, text] of await saidPlace(stack).read()) {
    const statement = statementIn(stack, name, text);
    if (statement?.said.event !== "tolerate") continue;
    const { said } = statement;
    if (Date.parse(said.until) <= now.getTime()) continue;
    const by = await provenBy(stack, statement);
    if (said.of.some((one) => !one.includes(".")))
      odd.push(`That ${said.who} tolerates ${said.cause} (${said.at}) does not count: it does not say what was wanted; tolerate it anew.`);
    else if ("why" in by && needsProof(stack)) odd.push(`That ${said.who} tolerates ${said.cause} (${said.at}) does not count: ${by.why}.`);
    else tolerances.push({ ...said, by: "name" in by ? by.name : said.who });
  }
  return { tolerances, odd };
}

/** What is drift, what is let be, and of which word something else is there or wanted now. Pure. */
export function withoutTolerated(
  found: Found,
  tolerances: readonly Tolerance[],
): { found: Found; tolerated: NonNullable<Drift["tolerated"]>; over: string[] } {
  const by = new Map(tolerances.flatMap((one) => one.of.map((name) => [name, one] as const)));
  const places = new Map(tolerances.flatMap((one) => one.of.map((name) => [name.split(".")[0], one] as const)));
  const things = new Map<Tolerance, Set<Found[number]>>();
  const over = new Map<Tolerance, number>();
  const isLetBe = (one: Found[number], field?: Field): boolean => {
    const tolerance = by.get(nameOf(one, field));
    const other = tolerance ?? places.get(placeOf(one, field));
    if (tolerance) things.set(tolerance, (things.get(tolerance) ?? new Set()).add(one));
    else if (other) over.set(other, (over.get(other) ?? 0) + 1);
    return tolerance !== undefined;
  };
  const left = found.flatMap((one) => {
    if (one.privileged) return [one];
    if (one.gone) return isLetBe(one) ? [] : [one];
    const fields = one.fields.filter((field) => !isLetBe(one, field));
    return fields.length > 0 ? [{ ...one, fields }] : [];
  });
  const tolerated = [...things].map(([{ cause, why, by: who, until }, its]) => ({ cause, why, by: who, until, things: its.size }));
  const said = [...over].map(
    ([{ cause, why, by: who }, count]) =>
      `${count} of ${cause}, which ${who} tolerates ("${why}"), ${count === 1 ? "is" : "are"} wanted or found otherwise now: that is drift again.`,
  );
  return { found: left, tolerated, over: said };
}

/** What was changed by hand as it is answered: without what is let be, and by what it comes from; `odd`: why a tolerance does not count. */
export async function withCauses(
  project: Stack,
  all: Found,
  { applied, people, now }: { applied: readonly PreviousResource[]; people: readonly Somebody[]; now: Date },
): Promise<Pick<Drift, "found" | "causes" | "tolerated"> & { odd: string[] }> {
  const { tolerances, odd } = await tolerancesOf(project, now);
  const { found, tolerated, over } = withoutTolerated(all, tolerances);
  const causes = inboxOf(project, found, applied, people);
  return { found, causes, ...(tolerated.length > 0 ? { tolerated } : {}), odd: [...odd, ...over] };
}

export interface TolerateOptions {
  cause: string;
  /** `2027-01-31`: the last day, UTC. */
  until: string | undefined;
  why: string | undefined;
  /** File of an SSH key; left out: production's key where this process has it. */
  signWith?: string | undefined;
  now: Date;
  /** The stack's journal, believed, as it is just before something is written. */
  ledger(): Promise<Pick<Ledger, "known">>;
}

/** Lets a cause be, as it was found just now. Throws UsageError, and Refusal where this process may not. */
export async function tolerate(
  stack: Stack,
  drift: Drift,
  { cause: id, now, signWith, ledger, ...given }: TolerateOptions,
): Promise<DriftTolerated> {
  const cause = causeIn(drift, id);
  const why = oneLine(given.why ?? "");
  if (why === "" || why.length > longestWhy) throw new UsageError(`--tolerate: say --why in 1 to ${longestWhy} letters.`);
  const until = endOf(given.until, now);
  const power = cause.things.flatMap(({ at }) => drift.found[at] ?? []).find(({ privileged }) => privileged);
  if (power)
    throw new Refusal([
      `${cause.said} has ${power.label}, which is about power over others: that is never tolerated. Put it back, or ask for it in the mappings.`,
    ]);
  const of = cause.things.flatMap(({ at, paths }) => {
    const one = drift.found[at];
    return one ? namesOf(one, paths) : [];
  });
  if (of.length > mostFindings)
    throw new Refusal([
      `${cause.said} are ${of.length} findings, and at most ${mostFindings} are tolerated at once: put them back, or ask for them in the mappings.`,
    ]);
  const said: Said = { ...begun(stack, now), event: "tolerate", why, cause: id, until, of };
  const statement = await stated(stack, said, signWith);
  const by = await provenBy(stack, statement);
  if ("why" in by && needsProof(stack)) throw new Refusal([`${cause.said} cannot be tolerated by this process: ${by.why}. ${howToProve}`]);
  await leaveBeside(stack, statement, ledger);
  const beside = saidPlace(stack);
  // What is over says nothing any more; what somebody else may not remove stays.
  for (const [name, text] of await beside.read()) {
    const old = readStatement(text)?.said;
    if (old?.event === "tolerate" && Date.parse(old.until) <= now.getTime()) await beside.remove(name).catch(() => undefined);
  }
  return { format: "haloform.tolerated/1", cause: id, why, by: "name" in by ? by.name : said.who, until, things: cause.things.length };
}

/** The end of a day. */
function endOf(day: string | undefined, now: Date): string {
  const start = /^\d{4}-\d\d-\d\d$/u.test(day ?? "") ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  const end = start + 24 * 60 * 60_000;
  if (end > now.getTime() && start <= now.getTime() + longest) return new Date(end).toISOString();
  throw new UsageError(
    `--until ${day ?? "is missing"}: expected a day within a year from now, such as ${new Date(now.getTime() + longest / 4).toISOString().slice(0, 10)}.`,
  );
}

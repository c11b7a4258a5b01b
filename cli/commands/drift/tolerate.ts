/**
 * Drift that somebody lets be until a day: a statement beside the state, signed as a `go` is, about exactly what was found. Whatever is
 * found otherwise, or on the day after, is drift again (docs/decisions/0143).
 */

import { shortDigest } from "../../../base/digest.ts";
import { oneLine } from "../../../base/errors.ts";
import type { Drift, DriftTolerated } from "../../answers/drift.ts";
import { saidPlace } from "../../engine/said.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { begun, idOf, needsProof, provenBy, readStatement, type Said, type Stack, stated, statementIn } from "../../ledger/statements.ts";
import { causeIn } from "./inbox.ts";

type Found = Drift["found"];
type Tolerance = Extract<Said, { event: "tolerate" }> & { by: string };

/** A year: whoever wants it for longer wants it in the mappings. */
const longest = 366 * 24 * 60 * 60_000;
/** Findings of one tolerance: more of them are a script's work, to be put back or asked for. */
const mostFindings = 500;
/** Letters of a reason. */
const longestWhy = 300;

/** What names a finding, so that nobody can tell it: the thing, which of its fields, and what is there. */
const nameOf = ({ type, resource }: Found[number], path = "", found: unknown = null): string =>
  shortDigest([type, resource, path, found], 16);

const namesOf = (one: Found[number], paths: readonly string[]): string[] =>
  one.gone ? [nameOf(one)] : one.fields.filter(({ path }) => paths.includes(path)).map(({ path, found }) => nameOf(one, path, found));

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
    if ("why" in by && needsProof(stack)) odd.push(`That ${said.who} tolerates ${said.cause} (${said.at}) does not count: ${by.why}.`);
    else tolerances.push({ ...said, by: "name" in by ? by.name : said.who });
  }
  return { tolerances, odd };
}

/** What is drift, and what is let be. Pure. */
export function withoutTolerated(
  found: Found,
  tolerances: readonly Tolerance[],
): { found: Found; tolerated: NonNullable<Drift["tolerated"]> } {
  const by = new Map(tolerances.flatMap((one) => one.of.map((name) => [name, one] as const)));
  const things = new Map<Tolerance, Set<Found[number]>>();
  const isLetBe = (one: Found[number], name: string): boolean => {
    const tolerance = by.get(name);
    if (tolerance) things.set(tolerance, (things.get(tolerance) ?? new Set()).add(one));
    return tolerance !== undefined;
  };
  const left = found.flatMap((one) => {
    if (one.privileged) return [one];
    if (one.gone) return isLetBe(one, nameOf(one)) ? [] : [one];
    const fields = one.fields.filter(({ path, found: is }) => !isLetBe(one, nameOf(one, path, is)));
    return fields.length > 0 ? [{ ...one, fields }] : [];
  });
  const tolerated = [...things].map(([{ cause, why, by: who, until }, its]) => ({ cause, why, by: who, until, things: its.size }));
  return { found: left, tolerated };
}

export interface TolerateOptions {
  cause: string;
  /** `2027-01-31`: the last day, UTC. */
  until: string | undefined;
  why: string | undefined;
  /** File of an SSH key; left out: production's key where this process has it. */
  signWith?: string | undefined;
  now: Date;
}

/** Lets a cause be, as it was found just now. Throws UsageError, and Refusal where this process may not. */
export async function tolerate(
  stack: Stack,
  drift: Drift,
  { cause: id, now, signWith, ...given }: TolerateOptions,
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
  if ("why" in by && needsProof(stack))
    throw new Refusal([
      `${cause.said} cannot be tolerated by this process: ${by.why}. Run it with production's key, or say --sign-with KEY with the SSH key of somebody in the file of haloform:signers (docs/operations.md).`,
    ]);
  const beside = saidPlace(stack);
  await beside.add(idOf(said), JSON.stringify(statement));
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

/** Whether a stack is stopped, by whom and why: of what lies beside it, of its journal, and of what this machine has seen. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { shortDigest } from "../../base/digest.ts";
import { oneLine } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import { readAs } from "../../base/json.ts";
import { writePrivate } from "../../base/private-file.ts";
import { capital } from "../../stacks/model/source-name.ts";
import type { Opened } from "../engine/opened.ts";
import { saidPlace } from "../engine/said.ts";
import { Refusal } from "../exit.ts";
import { mayNotReview, unreviewedLine } from "./emergencies.ts";
import type { JournalEvent } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { calledBy, type EmergencyUsed, type Stop, stopSchema } from "./said-schema.ts";
import { idOf, needsProof, provenBy, type Stack, type Statement, statementIn } from "./statements.ts";

/** A stop that nobody has lifted. */
export interface OpenStop extends Stop {
  /** This machine has seen it, and it is neither beside the state nor in the journal any more. */
  gone?: true;
}

export interface Stops {
  open: OpenStop[];
  /** What the journal does not have yet, in the order in which it is to be taken over. */
  news: JournalEvent[];
  /** Names of entries beside the state that are of no use any more once the journal has them. */
  over: string[];
  /** Emergencies that nobody has signed off but who broke the glass. */
  unreviewed: EmergencyUsed[];
  /** What lies there that would lift something, and does not count: a sentence each. */
  odd: string[];
}

/** Reads all three. Throws what reading beside the state throws: whoever cannot look writes nothing. */
export async function stopsOf(stack: Stack, ledger: Pick<Ledger, "known">): Promise<Stops> {
  const entries = [...(await saidPlace(stack).read())].map(([name, text]) => ({ name, statement: statementIn(stack, name, text), text }));
  const { known: before } = ledger;
  const known = new Map(before.stops.map((one) => [one.id, one]));
  const all = new Map<string, OpenStop>(known);
  for (const { name, text, statement } of entries) {
    if (statement && statement.said.event !== "stop") continue;
    const one = statement ? await stopIn(stack, statement) : unreadable(name, text);
    if (one && !all.has(one.id)) all.set(one.id, one);
  }
  for (const one of seenStops(stack)) if (!all.has(one.id)) all.set(one.id, { ...one, gone: true });
  const lifts: JournalEvent[] = [];
  const odd: string[] = [];
  for (const { statement } of entries) {
    if (statement?.said.event !== "go") continue;
    const { of, at, who, why } = statement.said;
    const lifted = of.flatMap((id) => all.get(id) ?? []).filter((one) => !one.lifted);
    if (lifted.length === 0) continue;
    const by = await provenBy(stack, statement);
    if ("why" in by && needsProof(stack)) {
      odd.push(`the go of ${who} (${at}) does not count: ${by.why}`);
      continue;
    }
    const lift = { at, who, ...defined({ why, name: "name" in by ? by.name : undefined }) };
    for (const one of lifted) all.set(one.id, { ...one, lifted: lift });
    lifts.push({ event: "go", of: lifted.map(({ id }) => id), lift });
  }
  const emergencies = new Map(before.emergencies.map((one) => [one.id, one]));
  for (const { statement } of entries) {
    if (statement?.said.event !== "review") continue;
    const { of, at, who, found } = statement.said;
    const used = emergencies.get(of);
    if (!used || used.review) continue;
    const by = await provenBy(stack, statement);
    const not = "why" in by ? by.why : mayNotReview(used, by);
    if ("why" in by || not !== undefined) {
      odd.push(`the review of ${who} (${at}) does not count: ${not}`);
      continue;
    }
    const review = { at, name: by.name, found };
    emergencies.set(of, { ...used, review });
    lifts.push({ event: "review", of, review });
  }
  const open = [...all.values()].filter((one) => !one.lifted);
  noteSeen(stack, open);
  const isOver = ({ name, statement }: (typeof entries)[number]): boolean => {
    if (statement?.said.event === "review") return emergencies.get(statement.said.of)?.review !== undefined;
    return (statement?.said.event === "go" ? statement.said.of : [name]).every((id) => all.get(id)?.lifted !== undefined);
  };
  const news = [...all.values()].flatMap(({ lifted: _lifted, gone: _gone, ...stop }): JournalEvent[] =>
    known.has(stop.id) ? [] : [{ event: "stop", stop }],
  );
  const unreviewed = [...emergencies.values()].filter((one) => !one.review);
  return { open, unreviewed, news: [...news, ...lifts], over: entries.filter(isOver).map(({ name }) => name), odd };
}

async function stopIn(stack: Stack, statement: Statement): Promise<Stop | undefined> {
  const { said } = statement;
  if (said.event !== "stop") return undefined;
  const by = await provenBy(stack, statement);
  return { id: idOf(said), at: said.at, who: said.who, why: oneLine(said.why), ...("name" in by ? { name: by.name } : {}) };
}

/** What nobody can read may have been a stop, so it is one. */
const unreadable = (name: string, text: string): Stop => ({
  id: /^[0-9a-f]{12}$/u.test(name) ? name : shortDigest(text, 12),
  ...{ at: "an unknown moment", who: "somebody" },
  why: `what lies beside the state as ${oneLine(name)} was changed, or is no statement of haloform's`,
});

/**
 * Leaves what somebody says beside the state. A stop and a go always; anything else only where the stack is not stopped: throws Refusal
 * (docs/decisions/0183), and where it cannot be left there.
 */
export async function leaveBeside(
  stack: Stack,
  statement: Statement,
  ledger: () => Pick<Ledger, "known"> | Promise<Pick<Ledger, "known">>,
): Promise<void> {
  const { said } = statement;
  if (said.event !== "stop" && said.event !== "go") await refuseStoppedBeside(stack, await ledger());
  await saidPlace(stack).add(idOf(said), JSON.stringify(statement));
}

/** Asked before anything is said beside the state that is neither a stop nor a go. Throws Refusal where the stack is stopped. */
export async function refuseStoppedBeside(stack: Stack, ledger: Pick<Ledger, "known">): Promise<void> {
  const stops = await stopsOf(stack, ledger);
  if (stops.open.length > 0) throw new Refusal(refusals(stack, stops));
}

/** Takes over into the journal what it does not have; only under the stack's lock. Nothing where there is no journal, or no key to sign it. */
async function takeOver(stack: Stack, ledger: Ledger, { news, over }: Stops, at: Date): Promise<void> {
  if (!ledger.canAppend) return;
  for (const event of news) await ledger.append(event, at);
  const beside = saidPlace(stack);
  // What somebody else may not remove stays, and says nothing new.
  for (const name of over) await beside.remove(name).catch(() => undefined);
}

/** What a run that was stopped knows why; where that cannot be written, the next one does it. */
export async function takeOverLocked(stack: Stack, ledger: Ledger, at: Date): Promise<void> {
  await stopsOf(stack, ledger)
    .then((stops) => takeOver(stack, ledger, stops, at))
    .catch(() => undefined);
}

/** Takes over what there is, and takes the lock for it; returns why it could not be done now: the next run does it. */
export async function takeOverNow(
  stack: Stack,
  opened: Pick<Opened, "ledger" | "underLock">,
  stops: Stops,
  at: Date,
): Promise<string | undefined> {
  try {
    const ledger = await opened.ledger();
    if (!ledger.canAppend) return "the journal is written by who has production's key, and begins with the first run";
    if (stops.news.length + stops.over.length === 0) return undefined;
    await opened.underLock(async () => {
      await ledger.refuseMoved();
      await takeOver(stack, ledger, stops, at);
    });
    return undefined;
  } catch (error) {
    return oneLine((error as Error).message);
  }
}

/**
 * Asked before anything is written to a system or the state. Throws Refusal where the stack is stopped, with who, when and why; gives
 * what is to be said all the same.
 */
export async function refuseStopped(stack: Stack, opened: Pick<Opened, "ledger" | "underLock">, now: Date): Promise<string[]> {
  const stops = await stopsOf(stack, await opened.ledger());
  if (stops.open.length === 0) return stops.unreviewed.map(unreviewedLine);
  await takeOverNow(stack, opened, stops, now);
  throw new Refusal(refusals(stack, stops));
}

/** The same where the lock is held already: the beginning of a run. What was lifted is taken over, too. */
export async function refuseStoppedLocked(stack: Stack, ledger: Ledger, now: Date): Promise<void> {
  const stops = await stopsOf(stack, ledger);
  if (stops.news.length + stops.over.length > 0) {
    await ledger.refuseMoved();
    await takeOver(stack, ledger, stops, now);
  }
  if (stops.open.length > 0) throw new Refusal(refusals(stack, stops));
}

function refusals({ stack }: Pick<Home, "stack">, { open, odd }: Stops): string[] {
  return [
    ...open.map((one) => `${stopLine(stack, one)}. Nothing was changed; previews work, and \`haloform go\` lifts it (docs/operations.md).`),
    ...odd,
  ];
}

/** What plans, `history` and `doctor` say: a sentence each. */
export const saidOf = ({ stack }: Pick<Home, "stack">, { open }: Pick<Stops, "open">): string[] =>
  open.map((one) => `${capital(stopLine(stack, one))}. Nothing is written until \`haloform go\``);

/** `the stack test is stopped by ada@build-3 since 2027-01-04T08:00:00Z: "leavers are wrong"` */
export function stopLine(stack: string, { at, why, gone, ...by }: OpenStop): string {
  const taken = gone ? "; it was taken away from where the state is, by somebody who may not lift it" : "";
  return `the stack ${stack} is stopped by ${calledBy(by)} since ${at}: "${why}"${taken}`;
}

/** Looks for a stop while a run is under way, until the function that it returns is called. */
export function watchStops(stack: Stack, ledger: Pick<Ledger, "known">, stopped: (line: string) => void): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    // Where it cannot be read for a moment the run goes on: it was allowed to begin.
    const { open } = await stopsOf(stack, ledger).catch(() => ({ open: [] as OpenStop[] }));
    isLooking = false;
    if (!open[0]) return;
    clearInterval(timer);
    stopped(`${calledBy(open[0])} ("${open[0].why}")`);
  };
  const timer = setInterval(() => void look(), saidPlace(stack).every);
  timer.unref();
  return () => clearInterval(timer);
}

const seenFile = ({ home, stack }: Home): string => join(home, "seen", `${stack}.stops.json`);

/** Stops that this machine has seen, and that were not lifted then. */
function seenStops(stack: Home): Stop[] {
  const file = seenFile(stack);
  if (!existsSync(file)) return [];
  const found = readAs(z.array(stopSchema), readFileSync(file, "utf8"));
  if (found) return found;
  throw new Error(`Could not read ${file}, which says by whom the stack ${stack.stack} was stopped; remove it to begin anew.`);
}

function noteSeen(stack: Home, open: readonly OpenStop[]): void {
  const file = seenFile(stack);
  const text = JSON.stringify(open.map(({ gone: _gone, ...one }) => one));
  if (open.length === 0) rmSync(file, { force: true });
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) writePrivate(file, text);
}

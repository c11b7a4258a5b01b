/** One write of the engine's: whether it may be done now, what becomes of its person when it fails, and what the command line is told. */
import { z } from "zod";
import { type Calls, calls, callsSince } from "../../base/calls.ts";
import { defined } from "../../base/defined.ts";
import { ConfigurationError, oneLine, PendingError, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { taken } from "../../base/notes.ts";
import { stoppedWords, stopping } from "../../base/stop.ts";
import type { Context } from "./context.ts";
import type { Definition } from "./definition.ts";
import { appendOutcome, type Outcome } from "./outcomes.ts";
import { operationKey, type Run } from "./run.ts";

/** The provider process's side of a run. */
export interface Session {
  run: Run | undefined;
  folder: string | undefined;
  context: Context;
  /** Called before anything is written. */
  beforeWrite(): void;
}

/** Says what an operation turned out to be, while it is done. */
export type Be = (op: Outcome["op"], of?: Outcome["of"]) => void;

/**
 * Requests of this process that no outcome has told yet. Operations run side by side, so each tells what came up since the
 * one before: the sum is right, which is what people are shown.
 */
let told: Calls = { ...calls };
function untold(): Calls {
  const since = callsSince(told);
  told = { ...calls };
  return since;
}

/** Runs one write: parks its person when it fails under haloform (`instead`), and tells the command line what it came to. */
export async function attempt<T>(
  definition: Definition,
  running: Session,
  given: { op: Outcome["op"]; inputs: Values },
  write: (be: Be) => Promise<T>,
  instead: (message: string) => T,
): Promise<T> {
  const { inputs } = given;
  let op = given.op;
  let of: Outcome["of"];
  const { context } = running;
  const gate = definition.gate?.(inputs);
  const person = typeof inputs["person"] === "string" ? inputs["person"] : undefined;
  running.beforeWrite();
  const started = Date.now();
  const say = (result: Outcome["result"], message?: string): void => {
    const notes = taken();
    appendOutcome(running.folder, {
      ...{ type: definition.type, key: operationKey(definition, inputs), ...defined({ person }), op, result },
      ...{ calls: untold(), ms: Date.now() - started },
      ...defined({ message, notes: notes.length === 0 ? undefined : notes, of }),
    });
  };
  try {
    if (stopping()) throw new UnreachableError(`Left as it is: ${stoppedWords}.`);
    if (person !== undefined && gate !== "before" && gate !== "always") mayGoOn(context, person, gate);
    const value = await write((other, which) => {
      op = other;
      of = which;
    });
    say("done");
    for (const error of await context.settle()) say("parked", `link: ${oneLine(error.message)}`);
    return value;
  } catch (error) {
    const message = wording(error);
    if (person !== undefined && error instanceof PendingError) context.wait(person, message);
    if (person !== undefined && gate !== "always" && !(error instanceof PendingError)) {
      context.fail(person, message);
      if (gate === "before") context.stop(person, message);
    }
    say(resultOf(error), message);
    if (running.run?.mode !== "haloform") throw new Error(message);
    return instead(message);
  }
}

/** Throws where something of this person failed that this operation had to wait for. */
function mayGoOn(context: Context, person: string, gate: "after" | undefined): void {
  // It waits: what it waits for is told with what has failed.
  if (gate === "after" && context.failed(person) !== undefined)
    throw new PendingError("it runs once nothing else of this person fails any more");
  const stop = context.stopped().get(person);
  if (stop !== undefined) throw new RefusedError(`Left as it is, because what comes first has failed: ${stop}`, "stopped");
}

function resultOf(error: unknown): Outcome["result"] {
  if (error instanceof PendingError) return "pending";
  if (error instanceof UnreachableError || error instanceof ConfigurationError) return "broken";
  return "parked";
}

function wording(error: unknown): string {
  if (error instanceof z.ZodError) return oneLine(error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  const said = oneLine(error instanceof Error ? error.message : String(error));
  return error instanceof RefusedError && !error.advised ? `${said.replace(/\.$/u, "")}; ${ofItsOwn}` : said;
}

/** What there is to do about words of a system that haloform does not know. */
const ofItsOwn = "correct what it names, and the next run tries again";

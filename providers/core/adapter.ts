/**
 * The only place that knows Pulumi's wire: turns a definition into the object a dynamic provider must be.
 * There is no `diff` on purpose: the engine then compares canonical inputs itself (docs/decisions/0002).
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Calls, calls, callsSince } from "../../base/calls.ts";
import { ConfigurationError, oneLine, PendingError, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { taken } from "../../base/notes.ts";
import { stoppedWords, stopping } from "../../base/stop.ts";
import type { Context } from "./context.ts";
import { type Definition, isAccount, type Live, type Made } from "./definition.ts";
import { appendOutcome, type Outcome, operationKey, type Run } from "./run.ts";
import { withoutStopped } from "./stopped.ts";

/** What Pulumi sends for a value that is not known yet (sdk/nodejs/runtime/rpc.ts). */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** An object that could not be made has this in front of its id; the next refresh finds it gone and tries again. */
export const parkedId = "parked-";

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

export interface Session {
  run: Run | undefined;
  folder: string | undefined;
  context: Context;
  /** Called before anything is written. */
  beforeWrite(): void;
}

export interface CheckFailure {
  property: string;
  reason: string;
}

/** What Pulumi's dynamic-provider process calls (sdk/nodejs/cmd/dynamic-provider). */
export interface Adapted {
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }>;
  create(inputs: Values): Promise<{ id: string; outs: Values }>;
  read(id: string, props: Values): Promise<{ id?: string; props?: Values; inputs?: Values }>;
  update(id: string, olds: Values, news: Values): Promise<{ outs: Values }>;
  delete(id: string, props: Values): Promise<void>;
}

/** Outputs = the inputs, and what the system computed under one key, so that `read` (which gets outputs only) has both. */
function outputsOf(inputs: Values, computed: Values, extra: Values = {}): Values {
  return clean({ ...inputs, computed, ...extra });
}

/** Pulumi's wire refuses `undefined` ("Unexpected struct type"). */
function clean(values: Values): Values {
  return JSON.parse(JSON.stringify(values)) as Values;
}

function split(props: Values): { inputs: Values; computed: Values } {
  const { __provider: _provider, computed, parked: _parked, ...inputs } = props;
  return { inputs, computed: (computed ?? {}) as Values };
}

export function adapt(definition: Definition, session: () => Promise<Session>): Adapted {
  const { type } = definition;

  const parse = (inputs: Values): Values => definition.inputs.parse(clean(inputs));

  async function liveOf(session: Session, id: string): Promise<Live | undefined> {
    return (await session.context.liveById(type)).get(id);
  }

  /** Lets the rest of the run find the person's account. */
  function announce(running: Session, { person }: Values, id: string): void {
    if (typeof person === "string" && isAccount(definition)) running.context.announce(definition.system, person, id);
  }

  /** Runs one write: parks its person when it fails under haloform, and tells the command line what it came to. */
  async function attempt<T>(
    kindOf: Outcome["op"],
    inputs: Values,
    write: (session: Session, be: (op: Outcome["op"], of?: Outcome["of"]) => void) => Promise<T>,
    instead: (message: string) => T,
  ): Promise<T> {
    let op = kindOf;
    let about: Outcome["of"];
    const running = await session();
    const { context } = running;
    const gate = definition.gate?.(inputs);
    const person = typeof inputs["person"] === "string" ? inputs["person"] : undefined;
    running.beforeWrite();
    const started = Date.now();
    const say = (result: Outcome["result"], message?: string): void => {
      const notes = taken();
      appendOutcome(running.folder, {
        type,
        key: operationKey(definition, inputs),
        ...(person === undefined ? {} : { person }),
        op,
        result,
        calls: untold(),
        ms: Date.now() - started,
        ...(message === undefined ? {} : { message }),
        ...(notes.length === 0 ? {} : { notes }),
        ...(about === undefined ? {} : { of: about }),
      });
    };
    try {
      if (stopping()) throw new UnreachableError(`Left as it is: ${stoppedWords}.`);
      if (person !== undefined && gate !== "before" && gate !== "always") mayGoOn(context, person, gate);
      const value = await write(running, (other, of) => {
        op = other;
        about = of;
      });
      say("done");
      for (const error of await running.context.settle()) say("parked", `link: ${oneLine(error.message)}`);
      return value;
    } catch (error) {
      const message = wording(error);
      if (person !== undefined && error instanceof PendingError) context.wait(person, message);
      if (person !== undefined && gate !== "always" && !(error instanceof PendingError)) {
        context.fail(person, message);
        if (gate === "before") context.stop(person, message);
      }
      say(kind(error), message);
      if (running.run?.mode !== "haloform") throw new Error(message);
      return instead(message);
    }
  }

  async function adopt(running: Session, id: string, inputs: Values): Promise<Made<Values>> {
    const client = await definition.client();
    const live = (await liveOf(running, id)) ?? (await definition.get(client, id));
    if (!live)
      throw new RefusedError(
        `Could not adopt ${operationKey(definition, inputs)}: the object ${id} is gone; the next plan will see that.`,
        "gone",
      );
    const was = parse(definition.view(live, inputs, {}, running.context));
    if (isDeepStrictEqual(was, inputs)) return { id, outputs: definition.computed(live, inputs, running.context) };
    return { id, outputs: await definition.update(client, live, inputs, was, running.context) };
  }

  /** Does what the inputs say (a type whose only record is the state). */
  async function doIt(
    running: Session,
    inputs: Values,
    be: (op: Outcome["op"], of?: Outcome["of"]) => void,
  ): Promise<{ id: string; outs: Values }> {
    const made = await definition.create(await definition.client(), inputs, running.context);
    be("run", { id: made.id, name: String(inputs["name"] ?? ""), said: made.said ?? "" });
    return { id: made.id, outs: outputsOf(inputs, made.outputs) };
  }

  const parkedCreate = (inputs: Values) => (message: string) => ({
    id: `${parkedId}${operationKey(definition, inputs)}`,
    outs: outputsOf(inputs, {}, { parked: message }),
  });

  /** The wish of a new or adopted object, without what would be done for people who are stopped in this run. */
  async function heldBack(running: Session, id: string | undefined, inputs: Values): Promise<Values> {
    const stopped = running.context.stopped();
    if (stopped.size === 0) return inputs;
    const live = id === undefined ? undefined : await liveOf(running, id);
    return withoutStopped(inputs, live && parse(definition.view(live, inputs, {}, running.context)), stopped);
  }

  return {
    async check(_olds, news) {
      const { __provider: _provider, ...rest } = news;
      if (JSON.stringify(rest).includes(unknownValue)) return { inputs: rest, failures: [] };
      const parsed = definition.inputs.safeParse(clean(rest));
      if (parsed.success) return { inputs: clean(parsed.data), failures: [] };
      return { inputs: rest, failures: parsed.error.issues.map((issue) => ({ property: issue.path.join("."), reason: issue.message })) };
    },

    async create(raw) {
      const inputs = parse(split(raw).inputs);
      if (definition.recorded) return attempt("run", inputs, (running, be) => doIt(running, inputs, be), parkedCreate(inputs));
      return attempt(
        "create",
        inputs,
        async (running, be) => {
          const id = running.run
            ? running.run.adopt[operationKey(definition, inputs)]
            : definition.find(await running.context.live(type), inputs);
          if (id !== undefined) be("adopt");
          const wish = await heldBack(running, id, inputs);
          const made =
            id === undefined ? await definition.create(await definition.client(), wish, running.context) : await adopt(running, id, wish);
          announce(running, inputs, made.id);
          return { id: made.id, outs: outputsOf(wish, made.outputs) };
        },
        parkedCreate(inputs),
      );
    },

    async read(id, props) {
      if (id.startsWith(parkedId)) return {};
      if (definition.recorded) return "parked" in props ? {} : { id, props: clean(props), inputs: clean(split(props).inputs) };
      const running = await session();
      // Nobody says what is asked, and without that nothing is known: it stays as it was left.
      if (!running.run && definition.unasked === undefined) return { id, props: clean(props), inputs: clean(split(props).inputs) };
      const live = await liveOf(running, id);
      if (!live) return {};
      const { inputs: managed, computed } = split(props);
      const inputs = parse(definition.view(live, definition.inputs.parse(managed), computed, running.context));
      // Under the stock CLI a refresh is the first to know whose account this is.
      announce(running, inputs, id);
      return { id, props: outputsOf(inputs, definition.computed(live, inputs, running.context, computed)), inputs: clean(inputs) };
    },

    async update(id, olds, news) {
      const inputs = parse(split(news).inputs);
      const { computed } = split(olds);
      const parked = (message: string) => ({ outs: outputsOf(inputs, computed, { parked: message }) });
      if (definition.recorded)
        return attempt("run", inputs, async (running, be) => ({ outs: (await doIt(running, inputs, be)).outs }), parked);
      return attempt(
        "update",
        inputs,
        async (running) => {
          const client = await definition.client();
          const live = (await liveOf(running, id)) ?? (await definition.get(client, id));
          if (!live)
            throw new RefusedError(
              `Could not change the ${definition.noun} ${definition.label(inputs) ?? id} (${operationKey(definition, inputs)}): it is gone; the next plan will see that.`,
              "gone",
            );
          const was = parse(definition.view(live, inputs, computed, running.context));
          for (const name of definition.immutable) {
            if (!isDeepStrictEqual(was[name], inputs[name])) {
              throw new RefusedError(
                `Could not change ${name} of ${operationKey(definition, inputs)}: it would need a new object, and haloform never replaces one.`,
                "immutable",
              );
            }
          }
          const wish = withoutStopped(inputs, was, running.context.stopped());
          return {
            outs: outputsOf(wish, await definition.update(client, live, wish, was, running.context, computed)),
          };
        },
        parked,
      );
    },

    /** Letting go of a resource leaves the object as it is: nothing is ever deleted by that (promise 4). */
    async delete() {},
  };
}

/** Throws where something of this person failed that this operation had to wait for. */
function mayGoOn(context: Context, person: string, gate: "after" | undefined): void {
  // It waits: what it waits for is told with what has failed.
  if (gate === "after" && context.failed(person) !== undefined)
    throw new PendingError("it runs once nothing else of this person fails any more");
  const stop = context.stopped().get(person);
  if (stop !== undefined) throw new RefusedError(`Left as it is, because what comes first has failed: ${stop}`, "stopped");
}

function kind(error: unknown): Outcome["result"] {
  if (error instanceof PendingError) return "pending";
  if (error instanceof UnreachableError || error instanceof ConfigurationError) return "broken";
  return "parked";
}

function wording(error: unknown): string {
  if (error instanceof z.ZodError) return oneLine(error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  return oneLine(error instanceof Error ? error.message : String(error));
}

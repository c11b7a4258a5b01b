/**
 * The only place that knows Pulumi's wire: turns a definition into the object a dynamic provider must be.
 * There is no `diff` on purpose: the engine then compares canonical inputs itself (docs/decisions/0002).
 */
import { isDeepStrictEqual } from "node:util";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { attempt, type Be, type Session } from "./attempt.ts";
import { type Definition, isAccount, type Live, type Made } from "./definition.ts";
import { refuseName, refusePlace, refuseProtected } from "./guard.ts";
import { parsedBy } from "./plain.ts";
import { operationKey } from "./run.ts";
import { withoutStopped } from "./stopped.ts";

/** What Pulumi sends for a value that is not known yet (sdk/nodejs/runtime/rpc.ts). */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** An object that could not be made has this in front of its id; the next refresh finds it gone and tries again. */
export const parkedId = "parked-";

export interface CheckFailure {
  property: string;
  reason: string;
}

/** What Pulumi's dynamic-provider process calls (sdk/nodejs/cmd/dynamic-provider). */
export interface Adapted {
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }>;
  /** `name`: the logical name, which Pulumi's own process does not tell; so with the others. */
  create(inputs: Values, name?: string): Promise<{ id: string; outs: Values }>;
  read(id: string, props: Values): Promise<{ id?: string; props?: Values; inputs?: Values }>;
  update(id: string, olds: Values, news: Values, name?: string): Promise<{ outs: Values }>;
  delete(id: string, props: Values, name?: string): Promise<void>;
}

export function adapt(definition: Definition, session: () => Promise<Session>): Adapted {
  const operations = async (): Promise<Operations> => new Operations(definition, await session());
  return {
    check: async (_olds, news) => check(definition, news),
    create: async (raw) => (await operations()).create(split(raw).inputs),
    async read(id, props) {
      if (id.startsWith(parkedId)) return {};
      // What is recorded stands in the state only; one that failed is forgotten, so that it is tried again.
      if (definition.recorded) return "parked" in props ? {} : asLeft(id, props);
      return (await operations()).read(id, props);
    },
    update: async (id, olds, news) => (await operations()).update(id, split(olds).computed, split(news).inputs),
    /** Letting go of a resource leaves the object as it is: nothing is ever deleted by that (promise 4). */
    async delete() {},
  };
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

function asLeft(id: string, props: Values): { id: string; props: Values; inputs: Values } {
  return { id, props: clean(props), inputs: clean(split(props).inputs) };
}

function check(definition: Definition, news: Values): { inputs: Values; failures: CheckFailure[] } {
  const { __provider: _provider, ...rest } = news;
  const text = JSON.stringify(rest);
  if (text.includes(unknownValue)) return { inputs: rest, failures: [] };
  const parsed = parsedBy(definition, JSON.parse(text) as Values);
  if (parsed.success) return { inputs: clean(parsed.data), failures: [] };
  return { inputs: rest, failures: parsed.error.issues.map((issue) => ({ property: issue.path.join("."), reason: issue.message })) };
}

/** What a definition does in a session. */
class Operations {
  readonly #definition: Definition;
  readonly #session: Session;

  constructor(definition: Definition, session: Session) {
    this.#definition = definition;
    this.#session = session;
  }

  create(given: Values): Promise<{ id: string; outs: Values }> {
    const inputs = this.#parse(given);
    const parked = (message: string) => ({ id: `${parkedId}${this.#key(inputs)}`, outs: outputsOf(inputs, {}, { parked: message }) });
    return this.#attempt("create", inputs, (be) => this.#make(inputs, be), parked);
  }

  async read(id: string, props: Values): Promise<{ id?: string; props?: Values; inputs?: Values }> {
    const { context, run } = this.#session;
    // Nobody says what is asked, and without that nothing is known: it stays as it was left.
    if (!run && this.#definition.unasked === undefined) return asLeft(id, props);
    // What a list does not have is not gone, where the list is not believed.
    if (run?.untouched?.includes(this.#definition.system)) return asLeft(id, props);
    // Of what is protected nobody looks.
    if (run?.held?.includes(`${this.#definition.type} ${id}`)) return asLeft(id, props);
    const live = await this.#listed(id);
    if (!live) return {};
    const { inputs: managed, computed } = split(props);
    const inputs = this.#view(live, this.#canonical(managed), computed);
    // Under the stock CLI a refresh is the first to know whose account this is.
    this.#announce(inputs, id);
    return { id, props: outputsOf(inputs, this.#definition.computed(live, inputs, context, computed)), inputs: clean(inputs) };
  }

  update(id: string, computed: Values, given: Values): Promise<{ outs: Values }> {
    const inputs = this.#parse(given);
    const parked = (message: string) => ({ outs: outputsOf(inputs, computed, { parked: message }) });
    return this.#attempt("update", inputs, (be) => this.#change(id, computed, inputs, be), parked);
  }

  #attempt<T>(op: "create" | "update", inputs: Values, write: (be: Be) => Promise<T>, instead: (message: string) => T): Promise<T> {
    return attempt(this.#definition, this.#session, { op: this.#definition.recorded ? "run" : op, inputs }, write, instead);
  }

  #parse(inputs: Values): Values {
    return this.#canonical(clean(inputs));
  }

  /** A refresh asks it twice of everything that there is. */
  #canonical(inputs: Values): Values {
    return this.#definition.isPlain?.(inputs) ? inputs : this.#definition.inputs.parse(inputs);
  }

  #key(inputs: Values): string {
    return operationKey(this.#definition, inputs);
  }

  #view(live: Live, managed: Values, computed: Values = {}): Values {
    return this.#parse(this.#definition.view(live, managed, computed, this.#session.context));
  }

  /** The object as the bulk read of the run has it. */
  async #listed(id: string): Promise<Live | undefined> {
    return (await this.#session.context.liveById(this.#definition.type)).get(id);
  }

  /** The same, or straight from the system where it was made since. */
  async #live(id: string): Promise<Live | undefined> {
    return (await this.#listed(id)) ?? this.#definition.get(await this.#definition.client(), id);
  }

  /** Lets the rest of the run find the person's account. */
  #announce({ person }: Values, id: string): void {
    const definition = this.#definition;
    if (typeof person === "string" && isAccount(definition)) this.#session.context.announce(definition.system, person, id);
  }

  /** Does what the inputs say (a type whose only record is the state). */
  async #run(inputs: Values, be: Be): Promise<{ id: string; outs: Values }> {
    const made = await this.#definition.create(await this.#definition.client(), inputs, this.#session.context);
    be("run", { id: made.id, name: String(inputs["name"] ?? ""), said: made.said ?? "" });
    return { id: made.id, outs: outputsOf(inputs, made.outputs) };
  }

  async #make(inputs: Values, be: Be): Promise<{ id: string; outs: Values }> {
    if (this.#definition.recorded) return this.#run(inputs, be);
    const { context, run } = this.#session;
    refuseName(this.#definition, inputs, context.guard);
    const id = run ? run.adopt[this.#key(inputs)] : this.#definition.find(await context.live(this.#definition.type), inputs);
    if (id !== undefined) be("adopt");
    if (id === undefined) refusePlace(this.#definition, inputs, undefined, context.guard);
    const wish = await this.#heldBack(id, inputs);
    const make = async (): Promise<Made<Values>> => this.#definition.create(await this.#definition.client(), wish, context);
    const made = await (id === undefined ? make() : this.#adopt(id, wish));
    this.#announce(inputs, made.id);
    return { id: made.id, outs: outputsOf(wish, made.outputs) };
  }

  async #adopt(id: string, inputs: Values): Promise<Made<Values>> {
    const { context } = this.#session;
    const live = await this.#live(id);
    if (!live)
      throw new RefusedError(`Could not adopt ${this.#key(inputs)}: the object ${id} is gone; the next plan will see that.`, "gone");
    const was = this.#view(live, inputs);
    if (isDeepStrictEqual(was, inputs)) return { id, outputs: this.#definition.computed(live, inputs, context) };
    refuseProtected(this.#definition, live, inputs, was, context);
    refusePlace(this.#definition, inputs, was, context.guard);
    return { id, outputs: await this.#definition.update(await this.#definition.client(), live, inputs, was, context) };
  }

  /** The wish of a new or adopted object, without what would be done for people who are stopped in this run. */
  async #heldBack(id: string | undefined, inputs: Values): Promise<Values> {
    const stopped = this.#session.context.stopped();
    if (stopped.size === 0) return inputs;
    const live = id === undefined ? undefined : await this.#listed(id);
    return withoutStopped(inputs, live && this.#view(live, inputs), stopped);
  }

  async #change(id: string, computed: Values, inputs: Values, be: Be): Promise<{ outs: Values }> {
    if (this.#definition.recorded) return { outs: (await this.#run(inputs, be)).outs };
    const { context } = this.#session;
    const { noun, label, immutable } = this.#definition;
    const live = await this.#live(id);
    if (!live)
      throw new RefusedError(
        `Could not change the ${noun} ${label(inputs) ?? id} (${this.#key(inputs)}): it is gone; the next plan will see that.`,
        "gone",
      );
    const was = this.#view(live, inputs, computed);
    const fixed = immutable.find((name) => !isDeepStrictEqual(was[name], inputs[name]));
    if (fixed !== undefined)
      throw new RefusedError(
        `Could not change ${fixed} of ${this.#key(inputs)}: it would need a new object, and haloform never replaces one.`,
        "immutable",
      );
    const wish = withoutStopped(inputs, was, context.stopped());
    refuseName(this.#definition, wish, context.guard);
    refuseProtected(this.#definition, live, wish, was, context);
    refusePlace(this.#definition, wish, was, context.guard);
    return { outs: outputsOf(wish, await this.#definition.update(await this.#definition.client(), live, wish, was, context, computed)) };
  }
}

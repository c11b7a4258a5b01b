/**
 * One life-cycle suite for every resource type: what Pulumi's engine and our adapter rely on. Called inside a `describe`
 * of a contract test file; each target names a definition, a live system to try it on, and samples.
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Values } from "../../base/json.ts";
import { type Definition, isAccount, type Live } from "../../providers/core/definition.ts";
import { type MemoryContext, memoryContext, update } from "./context.ts";

export interface Samples<I extends Values> {
  /** The inputs of the object that is made (before canonicalising). */
  create: I;
  /** Named changes, applied one after the other; each is the whole wish, not a difference. The first starts from `create`. */
  updates: Record<string, I>;
}

export interface Target<I extends Values, O extends Values, C, A> {
  definition: Definition<I, O, C, A>;
  /** Called once, in beforeAll. */
  client(): Promise<C> | C;
  /** Called once, after `client`; may make what the samples refer to (parents, other people). */
  samples(client: C): Promise<Samples<I>> | Samples<I>;
  /** An id of the right shape that no object has. */
  missing: string;
  /** Inputs that no update changes because they say which object it is or how it is managed (`person`, `mode`, `of`). */
  fixed?: readonly (keyof I & string)[];
  /** People whose accounts exist before the suite starts. Called after `samples`. */
  accounts?(): Parameters<typeof memoryContext>[1];
  /** What `list` and `get` are asked for; absent: what a refresh reads that nobody told. */
  asked?: A;
  /** Other types' bulk reads that the definition may ask the context for. */
  live?(type: string, client: C): Promise<readonly Live[]>;
  /** Waits until a write can be read (eventually consistent systems). */
  settled?(): Promise<void>;
  /** Removes what the suite left; `id` is undefined when nothing was made. */
  cleanup?(client: C, id: string | undefined): Promise<void>;
}

/** Where in a value there is something that Pulumi's wire would refuse (undefined, NaN, functions, dates, …); undefined = nowhere. */
export function notJson(value: unknown, path = ""): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (Array.isArray(value)) return value.map((one, i) => notJson(one, `${path}[${i}]`)).find((found) => found !== undefined);
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value)
      .map(([key, one]) => notJson(one, `${path}.${key}`))
      .find((found) => found !== undefined);
  }
  return path === "" ? "(itself)" : path;
}

/** Registers the suite for one resource type. */
export function lifecycle<I extends Values, O extends Values, C, A>(target: Target<I, O, C, A>): void {
  const { definition } = target;
  // Asked for late: ids may be known only once the target has begun.
  const asked = (): A => (target.asked ?? definition.unasked) as A;

  describe(`${definition.type}, a life`, () => {
    let client: C;
    let samples: Samples<I>;
    let context: MemoryContext;
    let id: string | undefined;
    let inputs: I;
    let outputs: Values = {};

    const parse = (raw: unknown): I => definition.inputs.parse(JSON.parse(JSON.stringify(raw)));
    const made = (): string => {
      if (id === undefined) throw new Error("Nothing to go on with: the object was not made (see the first failure).");
      return id;
    };
    const settled = async (): Promise<void> => {
      await context.settle();
      await target.settled?.();
      context.refresh();
    };

    /** The object as the bulk read and as the single read show it: both in the inputs' shape, both canonical. */
    async function seen(wish: I): Promise<{ live: Live; listed: I; got: I }> {
      await settled();
      const listed = (await context.live(definition.type)).filter((one) => one.id === made());
      expect(listed.length, "how often the bulk read holds the object").toBe(1);
      const got = await definition.get(client, made(), asked());
      if (!listed[0] || !got) throw new Error("The object is not there.");
      expect(notJson(listed[0].values), "what cannot travel in the run file").toBeUndefined();
      expect(notJson(got.values)).toBeUndefined();
      expect(got.id).toBe(made());
      return {
        live: listed[0],
        listed: definition.view(listed[0], wish, outputs, context),
        got: definition.view(got, wish, outputs, context),
      };
    }

    async function expectFixedPoint(wish: I): Promise<void> {
      const { live, listed, got } = await seen(wish);
      expect(listed).toEqual(wish);
      expect(got).toEqual(wish);
      expect(parse(listed), "a view is canonical").toEqual(listed);
      const computed = definition.computed(live, wish, context);
      expect(definition.outputs.parse(computed)).toEqual(computed);
      expect(notJson(computed)).toBeUndefined();
    }

    beforeAll(async () => {
      client = await target.client();
      samples = await target.samples(client);
      context = memoryContext(
        (type) => (type === definition.type || !target.live ? definition.list(client, asked()) : target.live(type, client)),
        target.accounts?.(),
      );
    });

    afterAll(async () => {
      await target.cleanup?.(client, id);
    });

    it("parses its inputs to a fixed point", () => {
      for (const raw of [samples.create, ...Object.values(samples.updates)]) {
        const once = parse(raw);
        expect(parse(once)).toEqual(once);
        expect(notJson(once)).toBeUndefined();
      }
    });

    it("has an update sample for every input that may change", () => {
      const all = [samples.create, ...Object.values(samples.updates)].map(parse);
      const changing = Object.keys(parse(samples.create)).filter((name) =>
        all.some((one) => !isDeepStrictEqual(one[name], all[0]?.[name])),
      );
      const mutable = Object.keys(parse(samples.create)).filter(
        (name) => !definition.immutable.some((one) => one === name) && !(target.fixed ?? []).includes(name),
      );
      expect(mutable.filter((name) => !changing.includes(name))).toEqual([]);
    });

    it("knows no object that does not exist", async () => {
      expect(await definition.get(client, target.missing, asked())).toBeUndefined();
      expect((await definition.list(client, asked())).some((one) => one.id === target.missing)).toBe(false);
    });

    it("creates, and then sees exactly what was wished", async () => {
      inputs = parse(samples.create);
      const result = await definition.create(client, inputs, context);
      id = result.id;
      outputs = result.outputs;
      const person = inputs["person"];
      if (typeof person === "string" && isAccount(definition)) context.announce(definition.system, person, id);
      expect(id).not.toBe("");
      expect(notJson(outputs)).toBeUndefined();
      expect(definition.outputs.parse(outputs)).toEqual(outputs);
      await expectFixedPoint(inputs);
    });

    it("is found by its natural key", async () => {
      await settled();
      const found = definition.find(await context.live(definition.type), inputs);
      // A type about people may leave finding to matching; what it must not do is find another object.
      if (found !== undefined) expect(found).toBe(made());
    });

    it("creates once, even when an interrupted run creates again", async () => {
      await settled();
      const before = (await context.live(definition.type)).length;
      const again = await definition.create(client, inputs, context);
      expect(again.id).toBe(made());
      outputs = again.outputs;
      await settled();
      expect((await context.live(definition.type)).length).toBe(before);
      await expectFixedPoint(inputs);
    });

    it("updates every mutable input, keeps its id, and then sees what was wished", async () => {
      for (const [name, raw] of Object.entries(samples.updates)) {
        const wish = parse(raw);
        const was = parse((await seen(wish)).listed);
        expect(isDeepStrictEqual(was, wish), `update "${name}" changes something`).toBe(false);
        const result = await update(definition, client, made(), wish, was, context);
        expect(notJson(result)).toBeUndefined();
        expect(definition.outputs.parse(result)).toEqual(result);
        outputs = result;
        inputs = wish;
        try {
          await expectFixedPoint(wish);
        } catch (error) {
          throw new Error(`After update "${name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      }
    });

    it("updates to what is already there without harm", async () => {
      outputs = await update(definition, client, made(), inputs, inputs, context);
      await expectFixedPoint(inputs);
    });
  });
}

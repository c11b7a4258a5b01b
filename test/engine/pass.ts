/**
 * One pass of an engine over a program: refresh by `read`, then each resource in its wave is checked, compared by its inputs
 * alone, and created or updated; what the program no longer has is let go of. As Pulumi does it for dynamic providers without
 * `diff` (facts of docs/decisions/0002), and nowhere more lenient.
 */
import { isDeepStrictEqual } from "node:util";
import { type DesiredResource, dynamic, type Provider, type Step } from "./product.ts";
import type { Row, StateFile, Values } from "./state.ts";

/** Operations at a time, as cli/engine gives it to Pulumi. */
const parallel = 40;
/** What the engine puts into the inputs of every dynamic resource. */
const line = "__provider";

export interface Pass {
  state: StateFile;
  waves: readonly (readonly DesiredResource[])[];
  provider(type: string): Provider;
  providerLine(type: string): string;
  /** No new operation is begun then. */
  killed: AbortSignal;
  /** `type::name` of the targets: nothing else is looked at, registered or let go of. Absent: everything is. */
  told?: ReadonlySet<string>;
  /** Writes: each step is held against what was planned before it is made. Absent: only looks. */
  apply?: (step: Step) => void;
}

export interface Passed {
  steps: Step[];
  /** The resources as they are after it. */
  rows: Row[];
  /** The first operation that failed; nothing new was begun after it. */
  failure?: Error;
}

/** What travels between the engine and a provider: JSON, and nothing that would be lost or refused on the way. */
export function wire<T>(value: T): T {
  const wrong = notJson(value, "");
  if (wrong !== undefined) throw new Error(`Unexpected struct type at ${wrong}`);
  return JSON.parse(JSON.stringify(value)) as T;
}

function notJson(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (typeof value !== "object" || (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)) return path || "(itself)";
  for (const [name, one] of Object.entries(value)) {
    const found = notJson(one, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Does `work` for all, so many at a time, and throws what failed first when everything that was begun has ended. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: unknown;
  const one = async (): Promise<void> => {
    while (next < all.length && failure === undefined) {
      const index = next;
      next += 1;
      await work(all[index] as T).catch((error: unknown) => (failure ??= error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, all.length) }, one));
  if (failure !== undefined) throw failure;
}

const typeOf = (row: Row): string => row.type.slice(dynamic.length);
/** Whether a row of the state is one of the targets. */
const isTold = ({ told }: Pass, row: Row): boolean => told?.has(`${typeOf(row)}::${nameOf(row.urn)}`) ?? true;
const without = ({ [line]: _line, ...rest }: Values): Values => rest;

/** What is there now of what the state has; what is gone is left out. */
async function refreshed(given: Pass): Promise<Map<string, Row>> {
  const { state, provider } = given;
  const before = state.rows().filter((row) => row.type.startsWith(dynamic));
  const found = new Map<string, Row>();
  await each(before, async (row) => {
    if (!isTold(given, row)) return void found.set(row.urn, row);
    const { id = "", outputs = {}, inputs = {} } = row;
    const now = wire(await provider(typeOf(row)).read(id, wire(outputs)));
    if (!now.id) return;
    if (now.id !== id) throw new Error(`${row.urn} is ${id} in the state and was read as ${now.id}`);
    const next = {
      ...row,
      inputs: { ...(now.inputs as Values), [line]: inputs[line] },
      outputs: { ...(now.props as Values), [line]: inputs[line] },
    };
    const same = isDeepStrictEqual([row.inputs, row.outputs], [next.inputs, next.outputs]);
    found.set(row.urn, same ? row : { ...next, modified: new Date().toISOString() });
  });
  // In the order of the state, as it would be written.
  return new Map(before.flatMap((row) => (found.has(row.urn) ? [[row.urn, found.get(row.urn) as Row]] : [])));
}

/** One pass. Throws where a refresh or a check fails; what fails in between is told with what was done. */
export async function pass(given: Pass): Promise<Passed> {
  const before = await refreshed(given);
  const rows = new Map(before);
  const steps: Step[] = [];
  const seen = new Set<string>();
  const deal = async (one: DesiredResource): Promise<void> => {
    given.killed.throwIfAborted();
    const urn = given.state.urn(`${dynamic}${one.type}`, one.name);
    if (seen.has(urn)) throw new Error(`Duplicate resource URN '${urn}'`);
    seen.add(urn);
    const row = await dealWith(given, one, urn, before.get(urn), steps);
    if (row) {
      // What is made or changed comes behind, as the engine writes it.
      rows.delete(urn);
      rows.set(urn, row);
    }
  };
  try {
    for (const wave of given.waves)
      await each(
        wave.filter((one) => given.told?.has(`${one.type}::${one.name}`) ?? true),
        deal,
      );
  } catch (error) {
    return { steps, rows: [...rows.values()], failure: error as Error };
  }
  for (const [urn, row] of before) {
    if (seen.has(urn) || !isTold(given, row)) continue;
    // Retained: let go of, and nobody is asked.
    const step: Step = { op: "delete", type: typeOf(row), name: nameOf(urn), before: without(row.inputs ?? {}) as never };
    given.apply?.(step);
    steps.push(step);
    rows.delete(urn);
  }
  return { steps, rows: [...rows.values()] };
}

async function dealWith(given: Pass, one: DesiredResource, urn: string, was: Row | undefined, steps: Step[]): Promise<Row | undefined> {
  const { type, name } = one;
  const provider = given.provider(type);
  const constant = given.providerLine(type);
  // The program serialises its inputs: what is undefined is not there.
  const wished = { ...(JSON.parse(JSON.stringify(one.inputs)) as Values), [line]: constant };
  const { inputs: checked, failures } = await provider.check(wire(was?.inputs ?? {}), wire(wished));
  if (failures.length > 0)
    throw new Error(
      failures.map(({ property, reason }) => `${urn}: resource property '${property}' value has a problem: ${reason}`).join("; "),
    );
  const inputs = { ...(wire(checked) as Values), [line]: constant };
  const same = was !== undefined && isDeepStrictEqual(was.inputs, inputs);
  const step: Step = {
    op: was === undefined ? "create" : same ? "same" : "update",
    ...{ type, name },
    ...(was === undefined ? {} : { before: without(was.inputs ?? {}) as never }),
    after: without(inputs) as never,
  };
  given.apply?.(step);
  steps.push(step);
  if (!given.apply || same) return was;
  const now = new Date().toISOString();
  if (was === undefined) {
    const { id, outs } = wire(await provider.create(wire(inputs), name));
    if (!id) throw new Error(`${urn}: the provider gave no id`);
    return {
      urn,
      custom: true,
      id,
      type: `${dynamic}${type}`,
      inputs,
      outputs: { ...outs, [line]: constant },
      created: now,
      modified: now,
    };
  }
  const { outs } = wire(await provider.update(was.id ?? "", wire(was.outputs ?? {}), wire(inputs), name));
  return { ...was, inputs, outputs: { ...outs, [line]: constant }, modified: now };
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

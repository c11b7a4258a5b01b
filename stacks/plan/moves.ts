/**
 * What the engine would do, worked out without it: each resource of the state as a refresh would find it in the lists that were
 * read, each wished one as `check` makes it, compared by the engine's own rule. So a plan needs no engine, and the engine of an `up` is
 * told only of what moves (docs/decisions/0120). test/engine and the real engine hold this against what an engine does.
 */
import { isDeepStrictEqual } from "node:util";
import type { Values } from "../../base/json.ts";
import { type Adapted, adapt } from "../../providers/core/adapter.ts";
import { inputsDigest, type Operation } from "../../providers/core/approved.ts";
import { isSame } from "../../providers/core/carried.ts";
import type { Context } from "../../providers/core/context.ts";
import { isAccount, type Live } from "../../providers/core/definition.ts";
import type { Run } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import { contextOf } from "../../providers/run-context.ts";
import type { DesiredResource, PreviousResource } from "../model/types.ts";
import type { Previous } from "../read/previous.ts";
import type { Step } from "./input.ts";
import { worldKey } from "./world.ts";

export interface Moves {
  /** One for each wished resource and each that is let go of, as the engine would tell of them after a refresh. */
  steps: Step[];
  /** What the engine has to be told of: what changes, and what a refresh would find otherwise in the state or not at all. */
  moving: ReadonlySet<string>;
  /** The run, with what was found on the way: what else was read, and whose accounts those of the state are. */
  run: Run;
}

/** Asks no system but for lists of types that the run has not read. Throws where inputs are not canonical. */
export async function movesOf(
  previous: Pick<Previous, "resources" | "parked">,
  resources: readonly DesiredResource[],
  given: Run,
): Promise<Moves> {
  const read: { [type: string]: Live[] } = {};
  const context = contextOf(given, (type, all) => (read[type] = [...all]));
  const provider = providersIn(given, context);
  const people = await announced(previous.resources, given, context);
  // Parked creations are not there: a refresh takes them out of the state.
  const moving = new Set(previous.parked);
  const there = new Map<string, Values>();
  for (const one of previous.resources) {
    const key = worldKey(one);
    const found = await provider(one.type).read(one.id, one.outputs);
    if (found.inputs) there.set(key, found.inputs);
    if (!isDeepStrictEqual([found.inputs, found.props], [one.inputs, one.outputs])) moving.add(key);
  }
  const steps: Step[] = [];
  const wished = new Set<string>();
  for (const { type, name, inputs } of resources) {
    const key = worldKey({ type, name });
    if (wished.has(key)) throw new Error(`${type} ${name} is wished twice.`);
    wished.add(key);
    const { inputs: after, failures } = await provider(type).check({}, inputs);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${type} ${name}: ${property} has a problem: ${reason}`).join("; "));
    const before = there.get(key);
    const op = before === undefined ? "create" : isSame(before, after) ? "same" : "update";
    if (op !== "same") moving.add(key);
    steps.push({ op, type, name, ...(before ? { before } : {}), after });
  }
  for (const { type, name } of previous.resources) {
    const key = worldKey({ type, name });
    const before = there.get(key);
    if (!before || wished.has(key)) continue;
    moving.add(key);
    steps.push({ op: "delete", type, name, before });
  }
  return { steps, moving, run: { ...given, people, live: { ...given.live, ...read } } };
}

/** What these steps do, to be approved. */
export function operationsOf(steps: readonly Step[]): Operation[] {
  return steps.flatMap(({ type, name, op, after = {} }): Operation[] => {
    if (op === "replace") throw new Error(`Nothing is ever replaced, and ${type} ${name} is to be.`);
    if (op === "same") return [];
    return [{ type, name, op, ...(op === "delete" ? {} : { inputs: inputsDigest(after) }) }];
  });
}

function providersIn(run: Run, context: Context): (type: string) => Adapted {
  const session = { run, folder: undefined, context, beforeWrite: () => undefined };
  const known = new Map<string, Adapted>();
  return (type) => {
    const one = known.get(type) ?? adapt(definition(type), async () => session);
    known.set(type, one);
    return one;
  };
}

/** Whose accounts those of the state are, as a refresh tells it: the context knows it from now on, whatever is read first. */
async function announced(resources: readonly PreviousResource[], run: Run, context: Context): Promise<Run["people"]> {
  const people = { ...run.people };
  for (const { type, id, outputs } of resources) {
    const facts = definition(type);
    const { person } = outputs;
    if (!isAccount(facts) || typeof person !== "string" || run.untouched?.includes(facts.system) || run.held?.includes(`${type} ${id}`))
      continue;
    if (!(await context.liveById(type)).has(id)) continue;
    context.announce(facts.system, person, id);
    people[facts.system] = { ...people[facts.system], [person]: id };
  }
  return people;
}

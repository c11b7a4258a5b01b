/**
 * A plan that is applied by several jobs, one after the other, each a share of it (docs/decisions/0177): the people of some shards, and in the
 * first and the last what is about nobody. What somebody has changed since the plan was made is in none of them. Pure.
 */
import type { Operation } from "../../providers/core/approved.ts";
import { type ShardSettings, shardFor } from "../../providers/core/shard-settings.ts";
import { waveOrder } from "../../providers/core/waves.ts";
import type { Plan, PlanPart } from "../model/plan.ts";
import type { DesiredResource } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import { waveOf } from "../model/waves.ts";
import type { Step } from "./input.ts";
import { operationsOf } from "./moves.ts";
import { partDigest } from "./parts/cut.ts";
import { carrierKey, type Placed, placedIn } from "./parts/together.ts";
import { type World, type WorldParts, worldKey } from "./world.ts";

export interface Job {
  /** From 1. */
  number: number;
  of: number;
}

export interface Share {
  /** As a part of the plan has it. */
  part: PlanPart;
  /** What the jobs before have done of it, so far as nothing is left of that. */
  before: PlanPart;
  /** As the whole wish; what is not of this job is there as it is, or not at all where there is nothing yet. */
  resources: DesiredResource[];
  /** `type::name` of what of this job was approved, and somebody has changed since: it stands in the next plan. */
  left: string[];
  /** With it all of the plan is done. */
  isComplete: boolean;
}

interface Given {
  plan: Plan;
  /** What was approved. */
  operations: readonly Operation[];
  /** The world that the plan was made from, and the one that there is. */
  then: Pick<WorldParts, "resources">;
  now: Pick<World, "resources">;
  wished: readonly DesiredResource[];
  /** What the whole wish would still do. */
  steps: readonly Step[];
  shards: Pick<ShardSettings, "count" | "by">;
  /** Person → value of the field by which shards are made. */
  values: ReadonlyMap<string, string>;
}

export function shareOf(given: Given, job: Job): Share {
  const { plan, wished, steps } = given;
  const resources = new Map(wished.map((one) => [worldKey(one), one]));
  const todo = new Map(steps.flatMap((step) => (step.op === "same" ? [] : [[worldKey(step), step] as const])));
  const jobFor = (key: string, step?: Step): number => jobOf(resources.get(key), step, given, job.of);
  const isFit = fitting(given);
  const chosen = new Set<string>();
  const left: string[] = [];
  for (const [key, step] of todo) {
    if (jobFor(key, step) !== job.number) continue;
    const fit = isFit(key, step);
    if (fit === "yes") chosen.add(key);
    else if (fit === "changed") left.push(key);
  }
  const all = placedIn(plan);
  const its = all.filter(({ change }) => chosen.has(carrierKey(change)));
  const done = all.filter(({ change }) => {
    const key = carrierKey(change);
    return !todo.has(key) && jobFor(key) <= job.number;
  });
  return {
    part: partOf(plan, `shard-${job.number}-of-${job.of}`, its),
    before: partOf(plan, "before", done),
    resources: restricted(wished, todo, chosen),
    left: left.sort(),
    isComplete: its.length + done.length === all.length,
  };
}

/**
 * What is somebody's goes with their shard; what is about nobody with the first job, where accounts lie or are told of, else with the last: so
 * it does whatever must come after all groups, somebody's too.
 */
function jobOf(resource: DesiredResource | undefined, step: Step | undefined, { shards, values }: Given, jobs: number): number {
  const wave = resource && waveOrder(waveOf(resource));
  if (wave !== undefined && wave > waveOrder("members")) return jobs;
  const person = resource?.person ?? textOf(step?.before?.["person"]);
  if (person === "") return wave !== undefined && wave <= waveOrder("accounts") ? 1 : jobs;
  const value = shards.by === "key" ? person : (values.get(person) ?? person);
  return 1 + (shardFor(value, shards.count) % jobs);
}

/** `yes`: it was approved, and what is wished and there is as it was then; `changed`: one of these is another; `no`: nobody has approved it. */
function fitting({ operations, then, now }: Given): (key: string, step: Step) => "yes" | "changed" | "no" {
  const approved = new Map(operations.map((one) => [worldKey(one), one]));
  return (key, step) => {
    const was = approved.get(key);
    if (!was) return "no";
    const [is] = operationsOf([step]);
    const [before, after] = [then.resources[key], now.resources[key]];
    const isSame = is?.op === was.op && is.inputs === was.inputs && before?.wish === after?.wish && before?.live === after?.live;
    return isSame ? "yes" : "changed";
  };
}

function restricted(wished: readonly DesiredResource[], todo: ReadonlyMap<string, Step>, chosen: ReadonlySet<string>): DesiredResource[] {
  const known = new Set(wished.map(worldKey));
  const kept = wished.flatMap((one): DesiredResource[] => {
    const step = todo.get(worldKey(one));
    if (!step || chosen.has(worldKey(one))) return [one];
    return step.before ? [{ ...one, inputs: step.before }] : [];
  });
  // What is let go of by another job.
  const going = [...todo].flatMap(([key, { type, name, before }]): DesiredResource[] =>
    known.has(key) || chosen.has(key) || !before ? [] : [{ type, name, inputs: before, because: {} }],
  );
  return [...kept, ...going];
}

function partOf(plan: Plan, id: string, placed: readonly Placed[]): PlanPart {
  const body = {
    ...{ id, rule: "", because: [], needs: { approvers: 0 as const, of: [], never: [] }, kinds: [] },
    people: [...new Set(placed.flatMap(({ of }) => of?.key ?? []))],
    changes: placed.map(({ of, index }) => (of ? { person: of.key, index } : { index })),
  };
  return { ...body, digest: partDigest(plan, body) };
}

/** `haloform up --shard 3/16`: one of several jobs that apply an approved plan, one after the other (docs/decisions/0177). */
import type { Operation } from "../../providers/core/approved.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Step } from "../../stacks/plan/input.ts";
import { type Job, type Share, shareOf } from "../../stacks/plan/shares.ts";
import { moved } from "../../stacks/plan/stale.ts";
import { type WorldParts, worldDigest } from "../../stacks/plan/world.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { Project } from "../engine/project.ts";
import { valuesOf } from "../engine/shards/settle.ts";
import { Refusal, UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";

export const calledJob = ({ number, of }: Job): string => `${number}/${of}`;

/** `3/16`. Throws UsageError where it is none, or the stack has no shards. */
export function jobIn(text: string, { stack, config }: Pick<Project, "stack" | "config">): Job {
  if (!config.shards) throw new UsageError(`--shard: the settings of ${stack} have no haloform:shards (docs/scale.md).`);
  const [, number, of] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/u.exec(text) ?? []).map(Number);
  if (number === undefined || of === undefined || number > of || of > config.shards.count)
    throw new UsageError(`--shard ${text}: expected a job and how many there are (3/16), as \`haloform shards --matrix\` has them.`);
  return { number, of };
}

/** Throws UsageError for a plan that is applied in one go. */
export function refuseOneGo(plan: Plan, parts: readonly unknown[] | undefined): void {
  const why = plan.only
    ? "it is of limits alone"
    : plan.drift
      ? "it only puts back what was changed by hand"
      : plan.emergency
        ? "it was made with an emergency"
        : plan.summary.raised
          ? "it raises limits"
          : parts && "only parts of it are to be applied";
  if (why) throw new UsageError(`--shard: the plan is applied in one go, as ${why}.`);
}

/**
 * Whether another job has begun the plan: then the world is not the plan's any more, and what this job does is held against that. The first
 * job comes first, the last one last, and no other plan in between. Throws Refusal.
 */
export function isBegun({ known }: Pick<Ledger, "known">, { digest }: Plan, job: Job): boolean {
  const its = known.used.filter(({ plan }) => plan === digest);
  const refuse = (why: string): never => {
    throw new Refusal([
      `${why}. What is left of it stands in the next plan: make it with \`haloform preview --out DIR\`, and have it approved.`,
    ]);
  };
  const other = its.find(({ share }) => share === undefined || !share.endsWith(`/${job.of}`));
  if (other) refuse(`the plan was applied ${other.share ? `as ${other.share}` : "otherwise"} on ${other.at}, so that it is used up`);
  const same = its.find(({ share }) => share === calledJob(job));
  if (same) refuse(`${calledJob(job)} of the plan was applied on ${same.at}, or cut off: each is for one run`);
  const [last] = known.used.slice(-1);
  if (its.length > 0 && last?.plan !== digest) refuse(`another plan was applied since the jobs of this one began (${last?.at})`);
  const needed = job.number === job.of ? Array.from({ length: job.of - 1 }, (_, index) => index + 1) : job.number > 1 ? [1] : [];
  const missing = needed.map((number) => calledJob({ number, of: job.of })).filter((one) => !its.some(({ share }) => share === one));
  if (missing.length > 0) throw new Refusal([`${missing.join(", ")} of the plan must be applied before ${calledJob(job)}.`]);
  return its.length > 0;
}

/** Throws Refusal where the plan rests on something else than what its own jobs change. */
export function refuseOtherGround(then: WorldParts, now: WorldParts): void {
  const { state, rest, resources } = then;
  const parts = { ...now, state, rest, resources };
  const why = moved(then, { ...parts, digest: worldDigest(parts) }, []);
  if (why.length > 0)
    throw new Refusal([`the plan is stale: ${why.join("; ")}. Make a new one with \`haloform preview --out DIR\` and have it approved.`]);
}

/** What this job does. */
export function shareIn(
  { config }: Pick<Project, "config">,
  { plan, operations, world: then }: { plan: Plan; operations: readonly Operation[]; world: WorldParts },
  { wish, world: now }: Pick<Prepared, "wish" | "world">,
  steps: readonly Step[],
  job: Job,
): Share {
  const shards = config.shards ?? { count: job.of, by: "key" };
  return shareOf({ plan, operations, then, now, wished: wish.resources, steps, shards, values: valuesOf(wish.people, shards) }, job);
}

/** The ledger of lost and gained access: a stack tag in the same backend, written before a run, so that a crash cannot lose it. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import { givenAs, takenAs } from "../../providers/core/access.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Amount, Loss } from "../../stacks/model/types.ts";
import { tallied } from "../../stacks/plan/counted.ts";
import { guard, recentLosses, type Verdict } from "../../stacks/plan/guard.ts";
import { kept } from "../../stacks/plan/kept.ts";
import { fieldsOf, type Limits, limitsOf, standing } from "../../stacks/plan/limits.ts";
import { placed, valuesOf } from "../../stacks/plan/per.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { populationOf } from "../../stacks/plan/population.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { Opened, Readable } from "../engine/opened.ts";
import { lastLimits } from "./limits.ts";

const tag = "haloform:losses";

const tally = z.object({
  as: z.enum([...takenAs, ...givenAs]),
  system: z.string().exactOptional(),
  per: z.record(z.string(), z.string()).exactOptional(),
  each: z.number().int().exactOptional(),
  of: z.array(z.string()).exactOptional(),
  count: z.number().int().exactOptional(),
});
const entry = z.object({ at: z.string(), counted: z.array(tally), population: z.record(z.string(), z.number()).exactOptional() });

/** As versions wrote it that knew five classes: names begin with the letter of their class. */
const letters = { disabled: "d", memberships: "m", licences: "l", deleted: "x", folders: "f" } as const;
const older = z
  .object({
    at: z.string(),
    disabled: z.number().int(),
    memberships: z.number().int(),
    licences: z.number().int(),
    deleted: z.number().int().optional(),
    folders: z.number().int().optional(),
    of: z.array(z.string()).optional(),
  })
  .transform(
    ({ at, of: names = [], ...counts }): Loss => ({
      at,
      counted: (Object.keys(letters) as (keyof typeof letters)[]).flatMap((as) => {
        const of = names.flatMap((name) => (name.startsWith(letters[as]) ? [name.slice(1)] : []));
        const count = (counts[as] ?? 0) - of.length;
        return [...(of.length > 0 ? [{ as, of }] : []), ...(count > 0 ? [{ as, count }] : [])];
      }),
    }),
  );
const ledger = z.array(z.union([entry, older]));

/** What was lost and gained in the last 24 hours. A ledger that cannot be read is an error: guessing would be guessing in the unsafe direction. */
export async function readLosses(stack: Readable, now: Date): Promise<Loss[]> {
  const text = await stack.tag(tag);
  if (text === undefined) return [];
  const losses = readAs(ledger, text);
  if (!losses)
    throw new Error(
      `Could not read the ledger of lost access (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken.`,
    );
  return recentLosses(losses, now);
}

/** Writes what a run is about to take and give; returns how to take it out again, for a run that never began. */
export async function addLoss(stack: Opened, loss: Loss, now: Date): Promise<() => Promise<void>> {
  if (loss.counted.length === 0) return async () => undefined;
  const before = await readLosses(stack, now);
  await stack.setTag(tag, JSON.stringify(kept(before, loss)));
  return () => stack.setTag(tag, JSON.stringify(before));
}

/** What a plan is judged by besides itself. */
export interface Ledger {
  recent: Loss[];
  /** Limits as they were last applied. */
  last: Partial<Limits> | undefined;
}

export async function readLedger(stack: Readable, now: Date): Promise<Ledger> {
  const [recent, last] = await Promise.all([readLosses(stack, now), lastLimits(stack)]);
  return { recent, last };
}

export interface Judge {
  /** The guard's verdict on what a plan takes and gives. */
  judge(counted: readonly Amount[]): Verdict;
  /** The same as the ledger keeps it. */
  loss(counted: readonly Amount[]): Loss;
  /** What counts now. */
  standing: Limits;
  /** What counts once a plan is applied: with those that it raises where it is approved for that and changes nothing else. */
  limits(plan: Plan): Limits;
}

/** How a run is judged: by the limits that count, with what shares are of. */
export function judgeLosses(prepared: Pick<Prepared, "mappings" | "wish" | "world">, { recent, last }: Ledger, now: Date): Judge {
  const file = limitsOf(prepared.mappings.safety.limits);
  const stands = standing(file, last);
  const fields = fieldsOf(stands.limits);
  const by = valuesOf(prepared.wish.people);
  const population = populationOf(prepared.wish.resources, prepared.world.was, fields, by);
  const texts = new Map(
    prepared.wish.people.flatMap(({ key }) => fields.map((field) => [by(key, field).digest, by(key, field).text] as const)),
  );
  const said = (_field: string, digest: string): string => texts.get(digest) ?? "";
  return {
    judge: (counted) => guard({ counted: placed(counted, fields, by), recent, population, standing: stands, now, said }),
    loss: (counted) => ({ at: now.toISOString(), counted: tallied(placed(counted, fields, by)), population }),
    standing: stands.limits,
    limits: (plan) => (changeCount(plan) === 0 && isDeepStrictEqual(plan.summary.raised ?? [], stands.raised) ? file : stands.limits),
  };
}

/** The ledger of lost access: a stack tag in the same backend, written before a run, so that a crash cannot lose it. */
import { z } from "zod";
import { readAs } from "../../base/json.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Loss } from "../../stacks/model/types.ts";
import { guard, recentLosses } from "../../stacks/plan/guard.ts";
import { apart, lossNames, populationOf } from "../../stacks/plan/losses.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { Opened, Readable } from "../engine/opened.ts";

const tag = "haloform:losses";
const ledger = z.array(
  z.object({
    at: z.string(),
    disabled: z.number().int(),
    memberships: z.number().int(),
    licences: z.number().int(),
    deleted: z.number().int().optional(),
    folders: z.number().int().optional(),
    of: z.array(z.string()).optional(),
  }),
);

/** Losses of the last 24 hours. A ledger that cannot be read is an error: guessing would be guessing in the unsafe direction. */
export async function readLosses(stack: Readable, now: Date): Promise<Loss[]> {
  const text = await stack.tag(tag);
  if (text === undefined) return [];
  const losses = readAs(ledger, text);
  if (!losses)
    throw new Error(
      `Could not read the ledger of lost access (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken.`,
    );
  return recentLosses(losses as Loss[], now);
}

/** Writes the losses a run is about to cause; returns how to take them out again, for a run that never began. */
export async function addLoss(stack: Opened, plan: Plan, now: Date): Promise<() => Promise<void>> {
  const { losses } = plan.summary;
  if (losses.disabled + losses.memberships + losses.licences + (losses.deleted ?? 0) + (losses.folders ?? 0) === 0)
    return async () => undefined;
  const before = await readLosses(stack, now);
  await stack.setTag(tag, JSON.stringify([...before, { at: now.toISOString(), ...losses, of: lossNames(plan) }]));
  return () => stack.setTag(tag, JSON.stringify(before));
}

/** The guard's verdict on losses, with the population they are a share of. */
export function judgeLosses(prepared: Pick<Prepared, "mappings" | "wish" | "world">, recent: readonly Loss[], now: Date) {
  const { disabled: accounts, memberships, licences, folders } = populationOf(prepared.wish.resources, prepared.world.was);
  const population = { accounts, memberships, licences, folders };
  return (losses: Plan["summary"]["losses"], names: readonly string[]): Plan["guard"] =>
    guard({ losses, population, limits: prepared.mappings.safety.limits, recent: apart(recent, names), now });
}

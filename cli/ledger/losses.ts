/** The ledger of lost access: a stack tag in the same backend, written before a run, so that a crash cannot lose it. */
import { z } from "zod";
import type { Live } from "../../providers/core/definition.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Loss } from "../../stacks/model/types.ts";
import { guard, recentLosses } from "../../stacks/plan/guard.ts";
import { apart, lossNames } from "../../stacks/plan/losses.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { Opened } from "../engine/opened.ts";

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
export async function readLosses(stack: Opened, now: Date): Promise<Loss[]> {
  const text = await stack.tag(tag);
  if (text === undefined) return [];
  const parsed = ledger.safeParse(safely(text));
  if (!parsed.success)
    throw new Error(
      `Could not read the ledger of lost access (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken.`,
    );
  return recentLosses(parsed.data as Loss[], now);
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

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The guard's verdict on losses, with the population they are a share of. */
export function judgeLosses(prepared: Pick<Prepared, "mappings" | "live" | "wish">, recent: readonly Loss[], now: Date) {
  const population = populationOf(prepared);
  return (losses: Plan["summary"]["losses"], names: readonly string[]): Plan["guard"] =>
    guard({ losses, population, limits: prepared.mappings.safety.limits, recent: apart(recent, names), now });
}

function populationOf(prepared: Pick<Prepared, "live" | "wish">): {
  accounts: number;
  memberships: number;
  licences: number;
  folders: number;
} {
  const managed = new Set(prepared.wish.people.flatMap((one) => (one.accounts.ad === undefined ? [] : [one.accounts.ad])));
  const inCloud = new Set(
    prepared.wish.resources.flatMap((one) => (one.type === "entra:User" && one.inputs["hybrid"] === false ? [one.person] : [])),
  );
  const cloud = new Set(
    prepared.wish.people.flatMap((one) => (inCloud.has(one.key) && one.accounts.entra !== undefined ? [one.accounts.entra] : [])),
  );
  const accounts =
    (prepared.live["ad:User"] ?? []).filter((one) => managed.has(one.id) && one.values["enabled"] === true).length +
    (prepared.live["entra:User"] ?? []).filter((one) => cloud.has(one.id) && one.values["enabled"] === true).length;
  const members = (type: string): number => {
    const wished = new Set(
      prepared.wish.resources.filter((one) => one.type === type).map((one) => String(one.inputs["name"]).toLowerCase()),
    );
    return (prepared.live[type] ?? [])
      .filter((one) => wished.has(String(one.values["name"]).toLowerCase()))
      .reduce((sum, one) => sum + length(one.values["members"]), 0);
  };
  const licences = (prepared.live["entra:Licence"] ?? []).reduce((sum: number, one: Live) => sum + length(one.values["direct"]), 0);
  const folders = (prepared.live["files:HomeFolder"] ?? []).filter((one) => one.values["person"] !== "").length;
  return { accounts, memberships: members("ad:Group") + members("entra:Group") + members("entra:AppAssignment"), licences, folders };
}

function length(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

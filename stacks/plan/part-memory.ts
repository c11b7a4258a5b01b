/**
 * What is remembered where only a part of a plan is applied, or nothing of it. Memory says what was acted upon: who was known, by which name,
 * since when gone. Of somebody of whom something waits it therefore stays as it is, but for the day on which they were seen to have left: whoever
 * comes back would else be nobody whose account is to be enabled again, and a command for leavers would never run. Pure.
 */
import { defined } from "../../base/defined.ts";
import type { Plan, PlanPart } from "../model/plan.ts";
import type { Memory, Remembered } from "../model/types.ts";
import { contentOf } from "./parts/cut.ts";

/** `next`: as the whole plan would have it remembered. */
export function memoryOfParts(
  last: Memory | undefined,
  next: Memory,
  plan: Pick<Plan, "people" | "shared" | "summary">,
  parts: readonly PlanPart[],
): Memory {
  const done = new Map(contentOf(plan, parts).people.map(({ key, changes }) => [key, changes.length]));
  const waiting = new Set(plan.people.flatMap(({ key, changes }) => (changes.length > (done.get(key) ?? 0) ? [key] : [])));
  const isAny = waiting.size > 0 || plan.shared.length > 0 || plan.summary.adopted > 0;
  const people: Memory["people"] = {};
  for (const key of new Set([...Object.keys(last?.people ?? {}), ...Object.keys(next.people)])) {
    const [past, now] = [last?.people[key], next.people[key]];
    const one = waiting.has(key)
      ? past && { ...past, ...seen(past, now) }
      : past || now?.leaverSince || done.has(key) || !isAny
        ? now
        : undefined;
    if (one) people[key] = one;
  }
  // Against what a read is believed moves on with what is done.
  const source = parts.length === 0 && isAny ? (last?.source ?? next.source) : next.source;
  return { format: "haloform.memory/1", source, people };
}

/** The first day on which somebody was seen to have left. */
function seen(past: Remembered, now: Remembered | undefined): Pick<Remembered, "seenLeaving"> {
  const { leaverSince } = now ?? {};
  return past.leaverSince === undefined ? defined({ seenLeaving: leaverSince }) : {};
}

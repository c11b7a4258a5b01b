/**
 * A plan that puts back one cause of drift and does nothing else: what is wished then is everything as it is, but for the fields of that cause
 * as they were applied (docs/decisions/0142).
 */
import type { Plan, PutBack } from "../../../stacks/model/plan.ts";
import { wantedIn } from "../../../stacks/plan/held.ts";
import { type Moves, movesOf } from "../../../stacks/plan/moves.ts";
import { putBackWish } from "../../../stacks/plan/parts/part-wish.ts";
import { changeCount } from "../../../stacks/plan/plan.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Everything } from "../../engine/everything.ts";
import type { Readable } from "../../engine/opened.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal } from "../../exit.ts";
import { causesIn, handsIn } from "./drift.ts";
import { causeIn } from "./inbox.ts";

type Cause = NonNullable<Plan["drift"]>;

/** A cause by its id, as `haloform drift` tells it. Throws UsageError where there is none. */
export async function causeToPutBack(project: Project, read: Everything<Readable>, id: string, now: Date): Promise<Cause> {
  const { found, causes } = await causesIn(project, read, now);
  const things = causeIn({ causes }, id).things.flatMap(({ at, paths }): PutBack[] => {
    const one = found[at];
    return one ? [{ type: one.type, resource: one.resource, paths }] : [];
  });
  return { cause: id, things };
}

/** What was read, with nothing else wished than that this is put back; as it is where there is no such cause. */
export async function onlyPutBack<S extends Readable>(read: Everything<S>, drift: Cause | undefined): Promise<Everything<S>> {
  if (!drift) return read;
  const { previous, prepared } = read;
  const { wish, world, run } = prepared;
  const { steps } = await movesOf(previous, wish.resources, run);
  // A plan is not believed: what nobody changed by hand is none of it.
  const hands = new Map(handsIn(read).map((one) => [worldKey({ type: one.type, name: one.resource }), one]));
  const things = drift.things.filter(({ type, resource, paths }) => {
    const one = hands.get(worldKey({ type, name: resource }));
    return one !== undefined && (paths.length === 0 ? one.gone : paths.every((path) => one.fields.some((field) => field.path === path)));
  });
  const { resources, changing } = putBackWish({ resources: wish.resources, steps, was: world.was }, things, wantedIn(previous));
  const people = new Set(resources.flatMap((one) => (changing.has(worldKey(one)) ? (one.person ?? []) : [])));
  const noted = wish.noted?.filter((one) => people.has(one.person));
  const notes = ["Only what was changed by hand is put back by this plan; everything else waits for another one."];
  const { ledger: _ledger, noted: _noted, ...rest } = wish;
  return { ...read, prepared: { ...prepared, wish: { ...rest, resources, parked: [], notes, ...(noted ? { noted } : {}) } } };
}

/** Of these moves those that change something: what else was changed by hand stays drift. */
export const withoutRefreshed = (moves: Moves): Moves => ({
  ...moves,
  moving: new Set(moves.steps.filter(({ op }) => op !== "same").map(worldKey)),
});

/** Throws Refusal where a plan of a cause would do nothing. */
export function refuseNothing(plan: Plan): void {
  if (!plan.drift || changeCount(plan) > 0) return;
  throw new Refusal([
    `nothing of ${plan.drift.cause} can be put back by itself: what was applied is not wished any more, or is protected. The next plan has what is wished now.`,
  ]);
}

/** What such a plan says first. */
export const driftLine = ({ cause }: Cause): string => `It puts back what was changed by hand of ${cause}, and does nothing else`;

/** Applies a plan, or parts of it: what `up` does once it is known that it may. */
import { defined } from "../../base/defined.ts";
import { digestOf } from "../../base/digest.ts";
import { oneLine } from "../../base/errors.ts";
import type { Operation } from "../../providers/core/approved.ts";
import { readOutcomes } from "../../providers/core/outcomes.ts";
import { removeRun } from "../../providers/core/run.ts";
import type { Plan, PlanPart } from "../../stacks/model/plan.ts";
import type { Memory } from "../../stacks/model/types.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import { heldAfter } from "../../stacks/plan/held.ts";
import { type Moves, movesOf, operationsOf } from "../../stacks/plan/moves.ts";
import { memoryOfParts } from "../../stacks/plan/part-memory.ts";
import { contentOf } from "../../stacks/plan/parts/cut.ts";
import { partWish } from "../../stacks/plan/parts/part-wish.ts";
import type { Share } from "../../stacks/plan/shares.ts";
import { worldKey } from "../../stacks/plan/world.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { UpResult } from "../answers/answers.ts";
import type { Evidence } from "../approval/evidence.ts";
import type { Everything, EverythingOptions } from "../engine/everything.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { valuesOf } from "../engine/shards/settle.ts";
import { applyingNow, stopOnWord, stoppedLine, stoppedSignal } from "../engine/stop.ts";
import { exit, Refusal } from "../exit.ts";
import { type Broken, usedBy } from "../ledger/emergencies.ts";
import { judgeLosses } from "../ledger/losses.ts";
import { appliedOf } from "../ledger/rules.ts";
import { type RunWritten, runWritten } from "../ledger/run.ts";
import { refuseStoppedLocked, takeOverLocked, watchStops } from "../ledger/stops.ts";
import { plural } from "../render/plan/words.ts";
import { following } from "./following.ts";
import { redacted } from "./redacted.ts";
import { resultOf } from "./result.ts";

export interface Applying extends Pick<EverythingOptions, "now" | "voice" | "syncing"> {
  plan: Plan;
  /** Which parts of it; left out: all of it. */
  parts?: readonly PlanPart[] | undefined;
  /** What of it one of several jobs applies, how that is called (`3/16`), and what was approved. */
  share?: (Share & { called: string; operations: readonly Operation[] }) | undefined;
  /** What the whole plan does. */
  moves: Moves;
  /** Why a part that is not among them is not, where that is no approval. */
  why?: ReadonlyMap<string, string> | undefined;
  approvals: readonly Evidence[] | undefined;
  /** By which limits are widened. */
  emergency?: Broken | undefined;
  newRecord: boolean;
  /** Where nobody may be named. */
  scrub?: ((text: string) => string) | undefined;
}

/** Throws Refusal where the limits would be broken, and what the engine and the lock throw. */
export async function applied(
  project: Project,
  { stack, previous, prepared: all }: Everything<Opened>,
  given: Applying,
): Promise<{ code: number; result: UpResult }> {
  const { now, voice, newRecord, approvals, scrub } = given;
  const ledger = await stack.ledger();
  // Without rules of approval there are no parts, and none of them is nothing but what is remembered.
  const { share } = given;
  const isWhole = !share && (!given.parts || given.parts.length === given.plan.parts?.length);
  const plan = isWhole ? given.plan : partly(given.plan, share ? [share.part] : (given.parts ?? []));
  const { moves, prepared } = await movesIn(previous, { ...given, isWhole, known: ledger.known.due }, all);
  const judged = judgeLosses(prepared, ledger, now, given.emergency?.emergency);
  const verdict = judged.judge(countedIn(plan), plan);
  if (verdict.verdict === "refused") throw new Refusal(verdict.breaches);
  applyingNow();
  // Of limits alone, or of what is put back, nobody has seen what else the mapping files do.
  const accepted =
    (isWhole || share?.isComplete) && plan.only === undefined && plan.drift === undefined
      ? appliedOf(prepared.mappings, ledger.known.rules)
      : undefined;
  const emergency = given.emergency && usedBy(plan, given.emergency, judged.counts, now);
  const run = runWritten(project, ledger, { plan, prepared, judged, now, newRecord, accepted, approvals, emergency, share: share?.called });
  const begin = async (): Promise<void> => {
    await refuseStoppedLocked(project, ledger, now);
    await run.begin();
    given.syncing?.leave();
  };
  if (plan.only === "limits") return await applyLimits(stack, run, begin, { plan, prepared });

  voice.say(isWhole ? "Applying the approved plan" : `Applying ${share?.called ?? plan.parts?.map(({ id }) => id).join(", ")} of the plan`);
  if (share && share.left.length > 0)
    voice.tell(
      `Left for the next plan, as they have changed since this one was made: ${plural(share.left.length, "thing")} of ${share.called}.`,
    );
  const approvedRun = { ...moves.run, approved: { plan: plan.digest, operations: operationsOf(moves.steps) } };
  const ended = (folder: string, failure?: string) => {
    const outcomes = readOutcomes(folder);
    const stopped = stoppedSignal() === undefined ? undefined : stoppedLine;
    const waiting = isWhole || share ? undefined : waitingOf(given);
    const applied = { plan, wish: prepared.wish, outcomes, calls: prepared.calls, failure, stopped, waiting, redact: scrub !== undefined };
    const result = resultOf(applied);
    return {
      code: result.failure !== undefined ? exit.failed : result.parked.length > 0 ? exit.parked : exit.done,
      result,
      outcomes,
      applied,
    };
  };
  const memory = (isWhole || share?.isComplete) && !plan.drift ? prepared.wish.memory : memoryLeft(previous, prepared, given, moves);
  const values = project.config.shards && valuesOf(prepared.wish.people, project.config.shards);
  const watched = watchStops(project, ledger, stopOnWord);
  const { folder, failure } = await stack
    .up({ resources: prepared.wish.resources, memory, moving: moves.moving, values }, approvedRun, {
      ...{ follow: following(moves, voice), begin },
      async end(folder) {
        watched();
        if (stoppedSignal() !== undefined) await takeOverLocked(project, ledger, now);
        await run.end(ended(folder));
      },
    })
    .catch(async (error: unknown) => {
      const cause = oneLine(String((error as Error).message));
      if (run.isOpen()) await stack.underLock(() => run.end({ code: exit.failed, failure: cause }));
      throw error;
    })
    .finally(watched);
  const { code, result, outcomes, applied } = ended(folder, failure);
  removeRun(folder);
  // It has not come to its end under the lock, or something went wrong after that.
  if (run.isOpen() || failure !== undefined) await stack.underLock(() => run.end({ code, result, outcomes }));
  return { code, result: scrub ? resultOf(redacted(applied, scrub)) : result };
}

/** What is remembered after a run that does not apply everything. */
function memoryLeft(
  previous: Everything<Opened>["previous"],
  { wish }: Pick<Prepared, "wish">,
  { plan, share, parts = share ? [share.before, share.part] : [] }: Pick<Applying, "plan" | "parts" | "share">,
  { steps }: Moves,
): Memory {
  // What waits besides a cause of drift its plan does not tell.
  const memory = plan.drift ? (previous.memory ?? wish.memory) : memoryOfParts(previous.memory, wish.memory, plan, parts);
  const { held: _held, ...rest } = memory;
  return { ...rest, ...defined({ held: heldAfter(previous, steps) }) };
}

/** What of a plan is not applied now. */
export function waitingOf({ plan, parts, why }: Pick<Applying, "plan" | "parts" | "why">): { part: PlanPart; why: string | undefined }[] {
  return (plan.parts ?? []).filter((part) => !parts?.includes(part)).map((part) => ({ part, why: why?.get(part.id) }));
}

/** The plan as far as it is applied: with its own digest, as it is the one that is used up. No limit is raised by a part (docs/decisions/0112). */
export function partly({ summary: { raised: _raised, ...summary }, ...plan }: Plan, parts: readonly PlanPart[]): Plan {
  return { ...plan, summary, ...contentOf(plan, parts), parts: [...parts] };
}

/** What is done of a plan now, and what is wished where that is not all of it. */
async function movesIn(
  previous: Everything<Opened>["previous"],
  given: Pick<Applying, "plan" | "parts" | "share" | "moves"> & { isWhole: boolean; known: readonly { id: string }[] },
  prepared: Prepared,
): Promise<{ moves: Moves; prepared: Prepared }> {
  const { plan, share, parts = share ? [share.part] : [], moves, isWhole, known } = given;
  if (isWhole) return { moves, prepared };
  const { wish, world, run } = prepared;
  // What is taken over without a change is a part of its own, and has none.
  const quiet = parts.some(({ changes }) => changes.length === 0);
  const whole = { plan, resources: wish.resources, steps: moves.steps, was: world.was };
  const { resources, changing } = share ? { ...share, changing: undefined } : partWish(whole, parts, quiet);
  const made = await movesOf(previous, resources, run);
  const steps = made.steps.filter(({ op }) => op !== "same");
  const approved = new Set(share?.operations.map((one) => digestOf(one)));
  const other = steps.find((step) => (changing ? !changing.has(worldKey(step)) : !approved.has(digestOf(operationsOf([step])[0] ?? null))));
  if (other)
    throw new Error(
      `The parts of the plan would change ${other.type} ${other.name} too, which is none of theirs. Report this with the plan.`,
    );
  const people = new Set(parts.flatMap((part) => part.people));
  const noted = wish.noted?.filter((one) => people.has(one.person) || known.some(({ id }) => id === one.id));
  return {
    // What else a refresh would find stays as it was left.
    moves: { ...made, moving: new Set(steps.map(worldKey)) },
    prepared: { ...prepared, wish: { ...wish, resources, ...(noted ? { noted } : {}) } },
  };
}

/** Applies a plan of limits alone: no system is written to, and the engine has nothing to do but to hold its lock. */
async function applyLimits(
  stack: Opened,
  run: RunWritten,
  begin: () => Promise<void>,
  { plan, prepared }: { plan: Plan; prepared: Prepared },
): Promise<{ code: number; result: UpResult }> {
  const result = resultOf({ plan, wish: { people: prepared.wish.people, resources: [] }, outcomes: [], calls: prepared.calls });
  await stack.underLock(async () => {
    await begin();
    await run.end({ code: exit.done, result, outcomes: [] });
  });
  return { code: exit.done, result };
}

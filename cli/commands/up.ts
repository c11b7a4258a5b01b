/** `haloform up`: applies the approved plan and nothing else. */
import { join, resolve } from "node:path";
import { oneLine } from "../../base/errors.ts";
import { readOutcomes, removeRun } from "../../providers/core/run.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import { digestOfEmergency } from "../../stacks/plan/emergency.ts";
import { movesOf, operationsOf } from "../../stacks/plan/moves.ts";
import { moved } from "../../stacks/plan/stale.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { UpResult } from "../answers/answers.ts";
import { approvalsOf } from "../approval/collect.ts";
import type { Evidence } from "../approval/evidence.ts";
import { approvalsIn } from "../approval/statement.ts";
import { refuseDrill, refuseFuture } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import { lostHome } from "../engine/kept-home.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { applyingNow, stopOnWord, stoppedLine, stoppedSignal } from "../engine/stop.ts";
import { exit, Refusal, UsageError } from "../exit.ts";
import { type Broken, emergencyFile, readEmergency, refuseUsedUp, usedBy } from "../ledger/emergencies.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { judgeLosses } from "../ledger/losses.ts";
import { recordOf } from "../ledger/record-of.ts";
import { type RunWritten, runWritten } from "../ledger/run.ts";
import { isSigned } from "../ledger/shelf.ts";
import { refuseStopped, refuseStoppedLocked, takeOverLocked, watchStops } from "../ledger/stops.ts";
import { type Bundle, operationsDigest, readBundle } from "../render/bundle.ts";
import { scrubber } from "../render/plan/redact.ts";
import { redacted, scrubbed } from "./redacted.ts";
import { resultOf } from "./result.ts";

export interface UpOptions extends Omit<EverythingOptions, "from"> {
  plan: string;
  /** The digest that was approved; left out only where the settings name approvers. */
  approve?: string | undefined;
  /** Folder of signed approvals; left out: beside the plan. */
  approvals?: string | undefined;
  /** The pull request on GitHub whose reviews count; left out: that of the job's commit. */
  pull?: number | undefined;
  /** The run record is not the one that the stack remembers, and a new one begins. */
  newRecord?: boolean | undefined;
  /** What is answered and thrown names nobody. */
  redact?: boolean | undefined;
}

/** Throws Refusal (exit 3) before anything is written where the plan is not the approved one or the world has moved. */
export async function up(project: Project, options: UpOptions): Promise<{ code: number; result: UpResult }> {
  const { now } = options;
  refuseDrill(project.config, project.stack);
  const lost = lostHome(project);
  if (lost !== undefined) throw new Refusal([lost]);
  const bundle = readBundle(resolve(options.plan), options.approve, project.stack, now);
  refuseFuture(bundle.plan.made, now);
  const verified = async (scrub?: (text: string) => string) => {
    const isPinned = options.approve !== undefined;
    const sources = { folder: options.approvals ?? approvalsIn(options.plan), isPinned, pull: options.pull, now };
    const approvals = await approvalsOf(project, bundle.plan, sources);
    if (!approvals && options.approve === undefined) throw new UsageError(unapproved);
    return apply(project, { ...bundle, approvals }, options, scrub);
  };
  if (!options.redact) return verified();
  const scrub = scrubber(bundle.plan);
  return verified(scrub).catch((error: unknown) => {
    throw scrubbed(error, scrub);
  });
}

/** What a plan without an approval is told. */
export const unapproved =
  "--plan needs --approve DIGEST: the digest of the plan somebody has read and approved (it stands in plan.md and plan.json).";

/** `scrub`: where nobody may be named. */
async function apply(
  project: Project,
  bundle: Bundle & { approvals: Evidence[] | undefined },
  options: UpOptions,
  scrub?: (text: string) => string,
): Promise<{ code: number; result: UpResult }> {
  const { voice, now } = options;
  const { plan } = bundle;
  const opening = openStack(project, voice);
  const newRecord = options.newRecord ?? false;
  const allowed = opening.then((opened) => refuseStopped(project, opened, now));
  if (isSigned(project)) {
    // Before any system is asked.
    await allowed;
    const ledger = await (await opening).ledger();
    ledger.refuseWithoutKey("up");
    recordOf(project, ledger, newRecord).check();
  }
  // The wish is made for the moment of the plan: dates in the mappings must not fall out differently between approval and now.
  const reading = readEverything(project, { ...options, now: new Date(plan.made) }, opening);
  const [{ stack, previous, prepared }, reminders] = await Promise.all([reading, allowed]);
  for (const line of reminders) voice.tell(`${line}.`);
  const ledger = await stack.ledger();
  if (prepared.world.digest !== plan.world) {
    const why = moved(bundle.world, prepared.world, scrub ? [] : prepared.wish.people);
    throw new Refusal([`the plan is stale: ${why.join("; ")}. Make a new one with \`haloform preview --out DIR\` and have it approved.`]);
  }
  const moves = await movesOf(previous, prepared.wish.resources, prepared.run);
  // The world is the same, so this never happens; if it did, the fence would stop it in the middle.
  if (plan.operations !== undefined && operationsDigest(operationsOf(moves.steps)) !== plan.operations)
    throw new Refusal([
      "what would be done now is not what the plan was approved for. Make a new one with `haloform preview --out DIR` and have it approved.",
    ]);
  refuseUsed(ledger, plan);
  const broken = await brokenFor(project, plan, options);
  if (broken) refuseUsedUp(broken, ledger.known);
  const judged = judgeLosses(prepared, ledger, now, broken?.emergency);
  const verdict = judged.judge(countedIn(plan), plan);
  if (verdict.verdict === "refused") throw new Refusal(verdict.breaches);
  applyingNow();
  const emergency = broken && usedBy(plan, broken, judged.counts, now);
  const run = runWritten(project, ledger, { plan, prepared, judged, now, newRecord, emergency, approvals: bundle.approvals });
  const begin = async (): Promise<void> => {
    await refuseStoppedLocked(project, ledger, now);
    await run.begin();
    options.syncing?.leave();
  };
  if (plan.only === "limits") return await applyLimits(stack, run, begin, { plan, prepared });

  voice.say("Applying the approved plan");
  const approvedRun = { ...moves.run, approved: { plan: plan.digest, operations: bundle.operations } };
  const bar = voice.progress("Applying", moves.moving.size);
  const ended = (folder: string, failure?: string) => {
    const outcomes = readOutcomes(folder);
    const stopped = stoppedSignal() === undefined ? undefined : stoppedLine;
    const applied = { plan, wish: prepared.wish, outcomes, calls: prepared.calls, failure, stopped };
    const result = resultOf(applied);
    return {
      code: result.failure !== undefined ? exit.failed : result.parked.length > 0 ? exit.parked : exit.done,
      result,
      outcomes,
      applied,
    };
  };
  const watched = watchStops(project, ledger, stopOnWord);
  const { folder, failure } = await stack
    .up({ resources: prepared.wish.resources, memory: prepared.wish.memory, moving: moves.moving }, approvedRun, {
      ...{ onStep: bar.to, begin },
      async end(folder) {
        watched();
        if (stoppedSignal() !== undefined) await takeOverLocked(project, ledger, now);
        await run.end(ended(folder), true);
      },
    })
    .catch(async (error: unknown) => {
      const cause = oneLine(String((error as Error).message));
      if (run.isOpen()) await stack.underLock(() => run.end({ code: exit.failed, failure: cause }, false));
      throw error;
    })
    .finally(watched);
  bar.end();
  const { code, result, outcomes, applied } = ended(folder, failure);
  removeRun(folder);
  // It has not come to its end under the lock, or something went wrong after that.
  if (run.isOpen() || failure !== undefined) await stack.underLock(() => run.end({ code, result, outcomes }, false));
  return { code, result: scrub ? resultOf(redacted(applied, scrub)) : result };
}

/** The emergency that the plan was made with, verified once more: the file lies in the bundle. Throws Refusal where it does not count. */
async function brokenFor(
  project: Project,
  { emergency }: Plan,
  { plan, now }: Pick<UpOptions, "plan" | "now">,
): Promise<Broken | undefined> {
  if (!emergency) return undefined;
  const broken = await readEmergency(project, join(resolve(plan), emergencyFile), now);
  if (digestOfEmergency(broken.emergency) === emergency.digest) return broken;
  throw new Refusal([`${emergencyFile} of the bundle is another than the plan was made with. Make a new plan and have it approved.`]);
}

/** An approval is for one run: what it gives or takes once more is another plan. */
function refuseUsed({ known }: Ledger, { digest }: Plan): void {
  const used = known.used.find((one) => one.plan === digest);
  if (used)
    throw new Refusal([
      `the approval was used on ${used.at}: a plan is applied once. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
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
    await run.end({ code: exit.done, result, outcomes: [] }, false);
  });
  return { code: exit.done, result };
}

/** `haloform up`: applies the approved plan and nothing else. */
import { resolve } from "node:path";
import { oneLine } from "../../base/errors.ts";
import { type Outcome, readOutcomes, removeRun } from "../../providers/core/run.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { lossNames } from "../../stacks/plan/losses.ts";
import { moved } from "../../stacks/plan/world.ts";
import type { UpResult } from "../answers/answers.ts";
import { refuseDrill, refuseFuture } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import type { Project } from "../engine/project.ts";
import { applyingNow, stoppedLine, stoppedSignal } from "../engine/stop.ts";
import { exit, Refusal } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { judgeLosses } from "../ledger/losses.ts";
import { recordOf } from "../ledger/record-of.ts";
import { runWritten } from "../ledger/run.ts";
import { readBundle } from "../render/bundle.ts";
import { resultOf } from "./result.ts";

export interface UpOptions extends Omit<EverythingOptions, "from"> {
  plan: string;
  approve: string;
  /** The run record is not the one that the stack remembers, and a new one begins. */
  newRecord?: boolean;
}

/** Throws Refusal (exit 3) before anything is written where the plan is not the approved one or the world has moved. */
export async function up(project: Project, options: UpOptions): Promise<{ code: number; result: UpResult }> {
  const { voice, now } = options;
  refuseDrill(project.config, project.stack);
  const bundle = readBundle(resolve(options.plan), options.approve, project.stack, now);
  const { plan } = bundle;
  refuseFuture(plan.made, now);
  const opening = openStack(project, voice);
  if (project.config.keys) {
    // Before any system is asked.
    const ledger = await (await opening).ledger();
    ledger.refuseWithoutKey("up");
    recordOf(project, ledger, options.newRecord ?? false).check();
  }
  // The wish is made for the moment of the plan: dates in the mappings must not fall out differently between approval and now.
  const { stack, prepared } = await readEverything(project, { ...options, now: new Date(plan.made) }, opening);
  const ledger = await stack.ledger();
  if (prepared.world.digest !== plan.world) {
    const why = bundle.world ? moved(bundle.world, prepared.world, prepared.wish.people) : ["the world is not the one it was made from"];
    throw new Refusal([`the plan is stale: ${why.join("; ")}. Make a new one with \`haloform preview --out DIR\` and have it approved.`]);
  }
  refuseUsed(ledger, plan);
  const verdict = judgeLosses(prepared, ledger, now)(plan.summary.losses, lossNames(plan));
  if (verdict.verdict === "refused") throw new Refusal(verdict.breaches);
  applyingNow();
  const run = runWritten(project, ledger, { plan, prepared, now, newRecord: options.newRecord ?? false });

  voice.say("Applying the approved plan");
  const bar = voice.progress("Applying", prepared.wish.resources.length);
  const ended = (folder: string, failure?: string): { code: number; result: UpResult; outcomes: Outcome[] } => {
    const outcomes = readOutcomes(folder);
    const stopped = stoppedSignal() === undefined ? undefined : stoppedLine;
    const result = resultOf({ plan, wish: prepared.wish, outcomes, calls: prepared.calls, failure, stopped });
    return { code: result.failure !== undefined ? exit.failed : result.parked.length > 0 ? exit.parked : exit.done, result, outcomes };
  };
  const { folder, failure } = await stack
    .up({ resources: prepared.wish.resources, memory: prepared.wish.memory }, prepared.run, {
      ...{ planFile: bundle.enginePlan, onStep: bar.to },
      async begin() {
        await run.begin();
        options.syncing?.leave();
      },
      end: (folder) => run.end(ended(folder), true),
    })
    .catch(async (error: unknown) => {
      const cause = oneLine(String((error as Error).message));
      if (run.isOpen()) await stack.underLock(() => run.end({ code: exit.failed, failure: cause }, false));
      throw error;
    });
  bar.end();
  const { code, result, outcomes } = ended(folder, failure);
  removeRun(folder);
  // It has not come to its end under the lock, or something went wrong after that.
  if (run.isOpen() || failure !== undefined) await stack.underLock(() => run.end({ code, result, outcomes }, false));
  return { code, result };
}

/** An approval is for one run: what it gives or takes once more is another plan. */
function refuseUsed({ known }: Ledger, { digest }: Plan): void {
  const used = known.used.find((one) => one.plan === digest);
  if (used)
    throw new Refusal([
      `the approval was used on ${used.at}: a plan is applied once. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
}

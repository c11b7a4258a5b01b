/** `haloform up`: applies the approved plan and nothing else. */
import { resolve } from "node:path";
import { oneLine } from "../../base/errors.ts";
import { readOutcomes, removeRun } from "../../providers/core/run.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import type { Limits } from "../../stacks/plan/limits.ts";
import { moved } from "../../stacks/plan/stale.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import type { UpResult } from "../answers/answers.ts";
import { refuseDrill, refuseFuture } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import { lostHome } from "../engine/kept-home.ts";
import { noteDue } from "../engine/noted.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { applyingNow, stoppedLine, stoppedSignal } from "../engine/stop.ts";
import { exit, Refusal } from "../exit.ts";
import { keepLimits } from "../ledger/limits.ts";
import { addLoss, judgeLosses, readLedger } from "../ledger/losses.ts";
import { beginRecord } from "../ledger/run.ts";
import { type Bundle, readBundle } from "../render/bundle.ts";
import { scrubber } from "../render/plan/redact.ts";
import { redacted, scrubbed } from "./redacted.ts";
import { resultOf } from "./result.ts";

export interface UpOptions extends Omit<EverythingOptions, "from"> {
  plan: string;
  approve: string;
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
  if (!options.redact) return apply(project, bundle, options);
  const scrub = scrubber(bundle.plan);
  return apply(project, bundle, options, scrub).catch((error: unknown) => {
    throw scrubbed(error, scrub);
  });
}

/** `scrub`: where nobody may be named. */
async function apply(
  project: Project,
  bundle: Bundle,
  options: UpOptions,
  scrub?: (text: string) => string,
): Promise<{ code: number; result: UpResult }> {
  const { voice, now } = options;
  const { plan } = bundle;
  const opening = openStack(project, voice);
  const ledger = opening.then((opened) => readLedger(opened, now));
  // Whatever fails first is what is said.
  ledger.catch(() => undefined);
  // The wish is made for the moment of the plan: dates in the mappings must not fall out differently between approval and now.
  const { stack, prepared } = await readEverything(project, { ...options, now: new Date(plan.made) }, opening);
  if (prepared.world.digest !== plan.world) {
    const why = moved(bundle.world, prepared.world, scrub ? [] : prepared.wish.people);
    throw new Refusal([`the plan is stale: ${why.join("; ")}. Make a new one with \`haloform preview --out DIR\` and have it approved.`]);
  }
  const counted = countedIn(plan);
  const judged = judgeLosses(prepared, await ledger, now);
  const verdict = judged.judge(counted);
  if (verdict.verdict === "refused") throw new Refusal(verdict.breaches);
  applyingNow();
  await keepLimits(stack, judged.standing);
  if (plan.only === "limits") return await applyLimits(project, stack, { plan, prepared, limits: judged.limits(plan), now });
  const takeBack = await addLoss(stack, judged.loss(counted), now);
  const commands = await noteDue(stack, prepared.wish.noted ?? [], prepared.commands);
  const record = beginRecord(project, stack, { plan, resources: prepared.wish.resources }, now);
  options.syncing?.leave();

  voice.say("Applying the approved plan");
  const bar = voice.progress("Applying", prepared.wish.resources.length);
  const { folder, failure } = await stack
    .up({ resources: prepared.wish.resources, memory: prepared.wish.memory }, prepared.run, { planFile: bundle.enginePlan, onStep: bar.to })
    .catch(async (error: unknown) => {
      // Refused before it began (another run holds the stack): nothing was lost, so nothing is counted.
      if (error instanceof Refusal) {
        await takeBack();
        await commands.takeBack();
      }
      await record.end({ code: error instanceof Refusal ? exit.refused : exit.failed, failure: oneLine(String((error as Error).message)) });
      throw error;
    });
  bar.end();
  const outcomes = readOutcomes(folder);
  removeRun(folder);
  await commands.settle(outcomes);
  const stopped = stoppedSignal() === undefined ? undefined : stoppedLine;
  const applied = { plan, wish: prepared.wish, outcomes, calls: prepared.calls, failure, stopped };
  const result = resultOf(applied);
  const code = result.failure !== undefined ? exit.failed : result.parked.length > 0 ? exit.parked : exit.done;
  await record.end({ code, result, outcomes });
  if (result.failure === undefined) await keepLimits(stack, judged.limits(plan));
  return { code, result: scrub ? resultOf(redacted(applied, scrub)) : result };
}

/** Applies a plan of limits alone: no system is written to, and the engine has nothing to do. */
async function applyLimits(
  project: Project,
  stack: Opened,
  { plan, prepared, limits, now }: { plan: Plan; prepared: Prepared; limits: Limits; now: Date },
): Promise<{ code: number; result: UpResult }> {
  const record = beginRecord(project, stack, { plan, resources: [] }, now);
  await keepLimits(stack, limits);
  const result = resultOf({ plan, wish: { people: prepared.wish.people, resources: [] }, outcomes: [], calls: prepared.calls });
  await record.end({ code: exit.done, result, outcomes: [] });
  return { code: exit.done, result };
}

/** `haloform up --by-rule`: makes a plan, applies of it what needs nobody by mappings/approvals.yaml, and says what waits for whom. */
import { isDeepStrictEqual } from "node:util";
import type { Plan, PlanPart } from "../../stacks/model/plan.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import type { UpResult } from "../answers/answers.ts";
import { refuseDrill } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../engine/everything.ts";
import { refuseLostHome } from "../engine/kept-home.ts";
import type { Project } from "../engine/project.ts";
import { exit, Refusal, UsageError } from "../exit.ts";
import type { Judge } from "../ledger/losses.ts";
import { refuseUnsignable } from "../ledger/record-of.ts";
import { refuseStopped } from "../ledger/stops.ts";
import { scrubber } from "../render/plan/redact.ts";
import { applied, partly, waitingOf } from "./applying.ts";
import { planned } from "./planning.ts";
import { redacted, scrubbed } from "./redacted.ts";
import { resultOf } from "./result.ts";

export interface ByRuleOptions extends Omit<EverythingOptions, "from"> {
  newRecord?: boolean | undefined;
  /** What is answered and thrown names nobody. */
  redact?: boolean | undefined;
}

/** Exit 0: nothing waits; 2: something waits for somebody; 4: people are parked. Throws Refusal where no plan can be made. */
export async function upByRule(project: Project, options: ByRuleOptions): Promise<{ code: number; plan: Plan; result: UpResult }> {
  const { voice, now, newRecord = false } = options;
  refuseDrill(project.config, project.stack);
  refuseLostHome(project);
  const stack = await openStack(project, voice);
  const reminders = await refuseStopped(project, stack, now);
  for (const line of reminders) voice.tell(`${line}.`);
  await refuseUnsignable(project, await stack.ledger(), newRecord);
  const read = await readEverything(project, options, Promise.resolve(stack));
  const { plan, moves, judged } = await planned(project, read, options);
  if (!plan.parts || !moves)
    throw new UsageError(
      "--by-rule: there is no mappings/approvals.yaml, so that no rule says what needs nobody; docs/mappings.md says how.",
    );
  if (plan.source.trust === "refused") throw new Refusal(plan.source.doubts);
  const scrub = options.redact ? scrubber(plan) : undefined;
  const { parts, why } = withinLimits(plan, judged);
  const waits = parts.length < plan.parts.length;
  const given = { plan, parts, why, moves, approvals: undefined, newRecord, now, voice, syncing: options.syncing, scrub };
  // What is remembered of people counts from the day on which it was seen.
  if (parts.length === 0 && isDeepStrictEqual(read.previous.memory, read.prepared.wish.memory)) {
    const told = { plan: partly(plan, []), wish: { ...read.prepared.wish, resources: [] }, outcomes: [], calls: read.prepared.calls };
    const nothing = { ...told, waiting: waitingOf(given), redact: scrub !== undefined };
    const code = waits ? exit.changes : plan.parked.length > 0 ? exit.parked : exit.done;
    return { code, plan, result: resultOf(scrub ? redacted(nothing, scrub) : nothing) };
  }
  const { code, result } = await applied(project, read, given).catch((error: unknown) => {
    throw scrub ? scrubbed(error, scrub) : error;
  });
  return { code: waits && code === exit.done ? exit.changes : code, plan, result };
}

/** The parts that need nobody, as many as the limits allow together; why the others of these do not go. */
function withinLimits(plan: Plan, { judge }: Pick<Judge, "judge">): { parts: PlanPart[]; why: Map<string, string> } {
  const parts: PlanPart[] = [];
  const why = new Map<string, string>();
  for (const part of plan.parts ?? []) {
    if (part.needs.approvers > 0) continue;
    const { verdict, breaches } = judge(countedIn(partly(plan, [...parts, part])));
    if (verdict === "ok") parts.push(part);
    else why.set(part.id, `the limits: ${breaches.join("; ")}`);
  }
  return { parts, why };
}

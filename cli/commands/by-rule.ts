/**
 * `haloform up --by-rule`: makes a plan, applies of it what needs nobody by mappings/approvals.yaml, and says what waits for whom.
 * `haloform up --remember`: applies nothing of it, and keeps what was seen of people.
 */
import type { Plan, PlanPart } from "../../stacks/model/plan.ts";
import { countedIn } from "../../stacks/plan/counted.ts";
import type { Moves } from "../../stacks/plan/moves.ts";
import type { UpResult } from "../answers/answers.ts";
import { refuseDrill } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type Everything, type EverythingOptions, readEverything } from "../engine/everything.ts";
import { refuseLostHome } from "../engine/kept-home.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { exit, Refusal, UsageError } from "../exit.ts";
import type { Judge } from "../ledger/losses.ts";
import { refuseUnsignable } from "../ledger/record-of.ts";
import { refuseStopped } from "../ledger/stops.ts";
import { scrubber } from "../render/plan/redact.ts";
import { applied, partly, waitingOf } from "./applying.ts";
import { type Planned, planned, remembersMore } from "./planning.ts";
import { redacted, scrubbed } from "./redacted.ts";
import { resultOf } from "./result.ts";

export interface ByRuleOptions extends Omit<EverythingOptions, "from"> {
  newRecord?: boolean | undefined;
  /** What is answered and thrown names nobody. */
  redact?: boolean | undefined;
}

interface Done {
  code: number;
  plan: Plan;
  result: UpResult;
}

/** Exit 0: nothing waits; 2: something waits for somebody; 4: people are parked. Throws Refusal where no plan can be made. */
export async function upByRule(project: Project, options: ByRuleOptions): Promise<Done> {
  const made = await plannedToApply(project, options);
  const { plan, judged } = made;
  if (!plan.parts)
    throw new UsageError(
      "--by-rule: there is no mappings/approvals.yaml, so that no rule says what needs nobody; docs/mappings.md says how.",
    );
  const { parts, why } = withinLimits(plan, judged);
  const { code, result } = await appliedOf(project, options, { ...made, parts, why, waits: parts.length < plan.parts.length });
  return { code, plan, result };
}

/**
 * Applies nothing of a plan, and has remembered what was seen of people: from the day on which somebody was seen to have left their stages
 * are counted, whatever waits. That needs nobody, and is signed and fenced as any run. Exit 0, also where there is nothing to remember.
 * Throws Refusal where no plan can be made.
 */
export async function upOfMemory(project: Project, options: ByRuleOptions): Promise<Done> {
  const made = await plannedToApply(project, options);
  const { code, result } = await appliedOf(project, options, { ...made, parts: [], why: new Map(), waits: false });
  return { code: code === exit.failed ? code : exit.done, plan: made.plan, result };
}

interface ToApply extends Planned {
  read: Everything<Opened>;
  moves: Moves;
}

async function plannedToApply(project: Project, options: ByRuleOptions): Promise<ToApply> {
  const { voice, now, newRecord = false } = options;
  refuseDrill(project.config, project.stack);
  refuseLostHome(project);
  const stack = await openStack(project, voice);
  const reminders = await refuseStopped(project, stack, now);
  for (const line of reminders) voice.tell(`${line}.`);
  await refuseUnsignable(project, await stack.ledger(), newRecord);
  const read = await readEverything(project, options, Promise.resolve(stack));
  const made = await planned(project, read, options);
  const { plan, moves } = made;
  if (plan.source.trust === "refused" || !moves) throw new Refusal(plan.source.doubts);
  return { ...made, read, moves };
}

/** `waits`: of what somebody must approve something is left. */
type Chosen = ToApply & { parts: PlanPart[]; why: Map<string, string>; waits: boolean };

async function appliedOf(
  project: Project,
  { newRecord = false, redact, syncing, voice, now }: ByRuleOptions,
  { read, plan, moves, parts, why, waits }: Chosen,
): Promise<Pick<Done, "code" | "result">> {
  const scrub = redact ? scrubber(plan) : undefined;
  const given = { plan, parts, why, moves, approvals: undefined, newRecord, now, voice, syncing, scrub };
  if (parts.length > 0 || remembersMore(read, plan)) {
    const { code, result } = await applied(project, read, given).catch((error: unknown) => {
      throw scrub ? scrubbed(error, scrub) : error;
    });
    return { code: waits && code === exit.done ? exit.changes : code, result };
  }
  const told = { plan: partly(plan, []), wish: { ...read.prepared.wish, resources: [] }, outcomes: [], calls: read.prepared.calls };
  const nothing = { ...told, waiting: waitingOf(given), redact: scrub !== undefined };
  return {
    code: waits ? exit.changes : plan.parked.length > 0 ? exit.parked : exit.done,
    result: resultOf(scrub ? redacted(nothing, scrub) : nothing),
  };
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

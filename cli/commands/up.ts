/** `haloform up`: applies the approved plan and nothing else. */
import { join, resolve } from "node:path";
import { digestOf } from "../../base/digest.ts";
import type { Plan, PlanPart } from "../../stacks/model/plan.ts";
import { changesOf } from "../../stacks/plan/changes.ts";
import { digestOfEmergency } from "../../stacks/plan/emergency.ts";
import { wantedIn } from "../../stacks/plan/held.ts";
import type { Step } from "../../stacks/plan/input.ts";
import { movesOf, operationsOf } from "../../stacks/plan/moves.ts";
import { partsOf } from "../../stacks/plan/parts/cut.ts";
import type { Rules } from "../../stacks/plan/parts/rules.ts";
import { withReasons } from "../../stacks/plan/reasons.ts";
import { moved } from "../../stacks/plan/stale.ts";
import type { UpResult } from "../answers/answers.ts";
import { approvalsOf } from "../approval/collect.ts";
import type { Evidence } from "../approval/evidence.ts";
import { approvalsIn } from "../approval/statement.ts";
import { refuseDrill, refuseFuture } from "../clock.ts";
import { openStack } from "../engine/automation.ts";
import { type Everything, type EverythingOptions, readEverything } from "../engine/everything.ts";
import { refuseLostHome } from "../engine/kept-home.ts";
import type { Opened } from "../engine/opened.ts";
import type { Project } from "../engine/project.ts";
import { Refusal, UsageError } from "../exit.ts";
import { type Broken, emergencyFile, readEmergency, refuseUsedUp } from "../ledger/emergencies.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { refuseUnsignable } from "../ledger/record-of.ts";
import { rulesFor } from "../ledger/rules.ts";
import { isSigned } from "../ledger/shelf.ts";
import { refuseStopped } from "../ledger/stops.ts";
import { type Bundle, operationsDigest, readBundle } from "../render/bundle.ts";
import { scrubber } from "../render/plan/redact.ts";
import { applied } from "./applying.ts";
import { onlyPutBack, withoutRefreshed } from "./drift/put-back.ts";
import { scrubbed } from "./redacted.ts";
import { calledJob, isBegun, jobIn, refuseOneGo, refuseOtherGround, shareIn } from "./share.ts";

export interface UpOptions extends Omit<EverythingOptions, "from"> {
  plan: string;
  /** The digest that was approved; left out only where the settings name approvers. */
  approve?: string | undefined;
  /** Ids of the parts that are applied; left out: all of the plan. */
  parts?: readonly string[] | undefined;
  /** `3/16`: one of several jobs that apply the plan. */
  shard?: string | undefined;
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
  refuseLostHome(project);
  const bundle = readBundle(resolve(options.plan), options.approve, project.stack, now);
  refuseFuture(bundle.plan.made, now);
  const verified = async (scrub?: (text: string) => string) => {
    const isPinned = options.approve !== undefined;
    const sources = { folder: options.approvals ?? approvalsIn(options.plan), isPinned, pull: options.pull, now };
    const parts = partsAsked(bundle.plan, options.parts);
    const approvals = await approvalsOf(project, bundle.plan, sources, parts);
    if (!approvals && options.approve === undefined) throw new UsageError(unapproved);
    return apply(project, { ...bundle, approvals, parts }, options, scrub);
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
  bundle: Bundle & { approvals: Evidence[] | undefined; parts: PlanPart[] | undefined },
  options: UpOptions,
  scrub?: (text: string) => string,
): Promise<{ code: number; result: UpResult }> {
  const { voice, now } = options;
  const { plan } = bundle;
  const job = options.shard === undefined ? undefined : jobIn(options.shard, project);
  if (job) refuseOneGo(plan, bundle.parts);
  const opening = openStack(project, voice);
  const newRecord = options.newRecord ?? false;
  const allowed = opening.then((opened) => refuseStopped(project, opened, now));
  if (isSigned(project)) {
    // Before any system is asked.
    await allowed;
    await refuseUnsignable(project, await (await opening).ledger(), newRecord);
  }
  // The wish is made for the moment of the plan: dates in the mappings must not fall out differently between approval and now.
  const reading = readEverything(project, { ...options, now: new Date(plan.made) }, opening);
  const [all, reminders] = await Promise.all([reading, allowed]);
  const read = await onlyPutBack(all, plan.drift);
  for (const line of reminders) voice.tell(`${line}.`);
  const { stack, previous, prepared } = read;
  const ledger = await stack.ledger();
  const begun = job !== undefined && isBegun(ledger, plan, job);
  if (plan.parts && !begun) refuseUsed(ledger, plan);
  if (begun) refuseOtherGround(bundle.world, prepared.world);
  else if (prepared.world.digest !== plan.world) {
    const why = moved(bundle.world, prepared.world, scrub ? [] : prepared.wish.people);
    throw new Refusal([`the plan is stale: ${why.join("; ")}. Make a new one with \`haloform preview --out DIR\` and have it approved.`]);
  }
  const found = await movesOf(previous, prepared.wish.resources, prepared.run);
  const moves = plan.drift ? withoutRefreshed(found) : found;
  // The world is the same, so this never happens; if it did, the fence would stop it in the middle.
  if (!begun && plan.operations !== undefined && operationsDigest(operationsOf(moves.steps)) !== plan.operations)
    throw new Refusal([
      "what would be done now is not what the plan was approved for. Make a new one with `haloform preview --out DIR` and have it approved.",
    ]);
  const rules = rulesFor(prepared.mappings, ledger.known.rules, project.config.approvers?.needed);
  // Of a plan that was begun the mapping files are the same, and what is left of it would be cut otherwise.
  if (!begun && (rules || plan.parts)) refuseOtherParts(plan, read, moves.steps, rules);
  if (!begun) refuseUsed(ledger, plan);
  const { approvals, parts } = bundle;
  const emergency = await brokenFor(project, plan, options);
  if (emergency) refuseUsedUp(emergency, ledger.known);
  const share = job && { called: calledJob(job), operations: bundle.operations, ...shareIn(project, bundle, prepared, moves.steps, job) };
  const given = { plan, parts, share, moves, approvals, emergency, newRecord, now, voice };
  return applied(project, read, { ...given, syncing: options.syncing, scrub });
}

/** Throws Refusal where the rules cut the plan otherwise than it says itself: who must approve is never believed. */
function refuseOtherParts(plan: Plan, { previous, prepared }: Everything<Opened>, steps: readonly Step[], rules: Rules | undefined): void {
  const { wish, live, world, source } = prepared;
  const given = { wish, live, was: world.was, previous: wantedIn(previous) };
  const { people, shared, adopted } =
    plan.only === "limits"
      ? { people: [], shared: [], adopted: 0 }
      : withReasons(changesOf({ ...given, steps, memory: previous.memory, source }), given);
  const cut = rules && partsOf({ ...plan, people, shared, summary: { ...plan.summary, adopted } }, { ...given, rules });
  if (digestOf(cut ?? null) !== digestOf(plan.parts ?? null))
    throw new Refusal([
      "who must approve what is not what mappings/approvals.yaml says now, or the plan says otherwise than it does. Make a new one with `haloform preview --out DIR` and have it approved.",
    ]);
}

/** Those of a plan's parts that are asked for; undefined: all of it. Throws UsageError where there is no such part. */
function partsAsked({ parts = [] }: Plan, asked: readonly string[] | undefined): PlanPart[] | undefined {
  const unknown = asked?.find((id) => !parts.some((part) => part.id === id));
  if (unknown !== undefined)
    throw new UsageError(
      parts.length === 0
        ? `--part ${unknown}: the plan is not cut into parts (there is no mappings/approvals.yaml, or nothing to do).`
        : `--part ${unknown}: the plan has ${parts.map(({ id }) => id).join(", ")}.`,
    );
  return asked && parts.filter(({ id }) => asked.includes(id));
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
function refuseUsed({ known }: Ledger, { digest, parts }: Plan): void {
  const used = known.used.find((one) => one.plan === digest);
  if (used && parts)
    throw new Refusal([
      `parts of this plan were applied on ${used.at}, so that it is used up: the world is another one now. What is left of it stands in the next plan: make it with \`haloform preview --out DIR\`, and have it approved.`,
    ]);
  if (used)
    throw new Refusal([
      `the approval was used on ${used.at}: a plan is applied once. Make a new one with \`haloform preview --out DIR\` and have it approved.`,
    ]);
}

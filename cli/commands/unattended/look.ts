/** One look of an unattended run: whether anything has moved, a plan where it has, what was approved applied, and what is left to tell. */
import { rmSync } from "node:fs";
import { defined } from "../../../base/defined.ts";
import { shortDigest } from "../../../base/digest.ts";
import type { Plan, PlanChange } from "../../../stacks/model/plan.ts";
import type { UpResult } from "../../answers/answers.ts";
import { approvedOf } from "../../approval/collect.ts";
import { approvalsIn } from "../../approval/statement.ts";
import type { Project } from "../../engine/project.ts";
import { stoppedLine, stoppedSignal } from "../../engine/stop.ts";
import { exit } from "../../exit.ts";
import type { Came, Syncing } from "../../ledger/syncs.ts";
import { type Commands, type Item, newsOf, newsOfUp } from "../../messages/news.ts";
import type { Found } from "../../messages/repeat.ts";
import type { Voice } from "../../say.ts";
import { upByRule, upOfMemory } from "../by-rule.ts";
import { cameOfPlan } from "../came.ts";
import { type Made, preview } from "../preview.ts";
import { up } from "../up.ts";
import { moved } from "./moved.ts";
import { freshFolder, type Kept, keep, placeOf, replaced, waiting } from "./waiting.ts";

export interface UnattendedOptions {
  now: Date;
  voice: Voice;
  /** Look at everything, whatever has moved. */
  whole?: boolean | undefined;
  /** Folder of signed approvals; left out: beside the plan that waits. */
  approvals?: string | undefined;
}

/** What a look came to. */
interface Seen extends Came {
  code: number;
  /** Why everything was looked at; undefined: nothing has moved. */
  why: string | undefined;
  /** What is to be told. */
  told?: Found;
}

/** Throws what reading and applying throw. */
export async function look(project: Project, options: UnattendedOptions, before: Kept, syncing: Syncing): Promise<Seen> {
  const { now, voice, whole } = options;
  const { why: movement, looked, told, isSteady } = await moved(project, { now, voice, syncing }, before.looked);
  const waits = waiting(before, now);
  const signed = { folder: options.approvals ?? approvalsIn(before.plan?.folder ?? ""), now };
  const approved = waits ? await approvedOf(project, waits, signed) : [];
  const isApproved = approved.length > 0;
  const isOver = before.plan !== undefined && Date.parse(before.plan.expires) <= now.getTime();
  const whys = [
    movement,
    isApproved && "the plan that waits is approved",
    isOver && "the plan that waits has expired",
    whole && "it was asked for",
  ];
  const why = whys.find((one) => typeof one === "string");
  if (why === undefined) {
    keep(project, { ...before, looked });
    return { code: exit.done, why, found: { changes: 0 } };
  }
  const out = freshFolder(project);
  const planned = (at: Date) => preview(project, { now: at, voice, syncing, out });
  const apply = async (plan: string, how: { parts?: string[] }) =>
    newsIn(await up(project, { plan, ...how, approvals: options.approvals, now, voice }));
  // Days of people are counted from the moment a plan is made for: only one for the moment of the plan that people were told of, by
  // whatever machine, says whether that can still be approved.
  const { plan: last } = told ?? {};
  const isCurrent = last !== undefined && Date.parse(last.expires) > now.getTime() && isSteady(last.made);
  const again = isCurrent ? await planned(new Date(last.made)) : undefined;
  const isSame = again?.plan.world === last?.world && again?.plan.guard.verdict === "ok";
  const isOurs = isSame && waits?.made === last?.made && waits?.world === last?.world;
  const applied: Item[] = isOurs && isApproved ? await apply(before.plan?.folder ?? "", waits?.parts ? { parts: approved } : {}) : [];
  const stays = isOurs && !isApproved;
  let made = again && isSame && !(isOurs && isApproved) ? again : await planned(now);
  const tried = stays
    ? before.tried && { ...before.tried, isNew: false }
    : await byRule(project, made, { before, day: looked.day, now, voice });
  // From the day on which somebody was seen to have left their stages are counted, whoever approves the rest, and when.
  const isMemory = !stays && !made.plan.parts && made.remembers && made.plan.source.trust !== "refused";
  if (isMemory) applied.push(...newsIn(await upOfMemory(project, { now, voice })));
  if (tried?.isNew || isMemory) made = await planned(now);
  const { code } = made;
  const plan = stays && waits ? waits : made.plan;
  const standing = [...applied, ...(tried?.refused ?? []), ...newsOf(plan, commandsOf(project, placeOf(project, plan)))];
  const isKept = standing.some(({ kind }) => kind === "waits" || kind === "refused");
  const places = stays ? { plan: before.plan, before: before.before } : replaced(project, before, out, isKept ? plan : undefined);
  rmSync(out, { recursive: true, force: true });
  keep(
    project,
    defined({
      format: "haloform.kept/1",
      ...places,
      tried: tried && { of: tried.of, day: tried.day, refused: tried.refused },
      looked: { ...looked, open: isOpen(plan, standing) },
    }),
  );
  const failed = standing.some(({ kind }) => kind === "failed");
  const { made: at, world, expires } = plan;
  const kept = standing.some(({ kind }) => kind === "waits") ? { plan: { made: at, world, expires } } : {};
  return { ...cameOfPlan({ plan, code }), code: failed ? exit.failed : code, why, told: { standing, ...kept } };
}

interface Tried extends NonNullable<Kept["tried"]> {
  /** Something was applied just now. */
  isNew: boolean;
}

interface Trying extends Pick<UnattendedOptions, "now" | "voice"> {
  before: Kept;
  day: string;
}

/**
 * Applies what needs nobody by mappings/approvals.yaml; undefined: there is nothing of that. What a system has refused is tried again
 * the next day, or when it is another thing, and is told until then.
 */
async function byRule(project: Project, { plan, remembers }: Made, { before, day, now, voice }: Trying): Promise<Tried | undefined> {
  if (!plan.parts) return undefined;
  const parts = plan.parts
    .map(({ needs, kinds, changes }) => ({ needs, kinds, changes: changes.map(({ person, index }) => changeOf(plan, person, index)) }))
    .filter(({ changes }) => changes.length === 0 || changes.some((one) => one && one.pending === undefined));
  const free = parts.filter(({ needs }) => needs.approvers === 0);
  const of = shortDigest(free, 32);
  // What was refused is still there, by this rule or by another one.
  const isRefused = before.tried?.day === day && before.tried.refused.length > 0 && parts.length > 0;
  const last = before.tried && isRefused ? { ...before.tried, isNew: false } : undefined;
  if (free.length === 0 && !remembers) return last;
  if (last?.of === of) return last;
  return { of, day, refused: newsIn(await upByRule(project, { now, voice })), isNew: true };
}

/** What is to be told of a run that applied something. Throws where it was stopped: the look ends with it, and plans nothing more. */
function newsIn({ result }: { result: UpResult }): ReturnType<typeof newsOfUp> {
  if (stoppedSignal() !== undefined) throw new Error(result.failure ?? stoppedLine(0));
  return newsOfUp(result);
}

const changeOf = ({ people, shared }: Plan, person: string | undefined, index: number): PlanChange | undefined =>
  person === undefined ? shared[index] : people.find(({ key }) => key === person)?.changes[index];

/** Whether time alone, or another system, may end what stands: a doubt, a limit of 24 hours, an account that is to come. */
const isOpen = ({ guard, source, people, shared }: Plan, standing: readonly Item[]): boolean =>
  guard.verdict !== "ok" ||
  source.trust !== "trusted" ||
  (!standing.some(({ kind }) => kind === "waits") &&
    [...people.flatMap(({ changes }) => changes), ...shared].some(({ pending }) => pending !== undefined));

/** As somebody on this machine pastes them. */
function commandsOf({ stack, config }: Project, folder: string): Commands {
  return {
    needed: config.approvers?.needed,
    read: `haloform show ${folder}`,
    approve: (digest) => `haloform up --stack ${stack} --plan ${folder} --approve ${digest}`,
    sign: (part) => `haloform approve ${folder} --stack ${stack}${part === "all" ? "" : ` --part ${part}`}`,
  };
}

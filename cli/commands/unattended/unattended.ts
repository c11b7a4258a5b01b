/**
 * `haloform unattended`: one run of a timer. Looks whether anything has moved, makes a plan where it has, applies what rules let through,
 * and tells people what waits, is parked, doubted, refused or failed, once.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { defined } from "../../../base/defined.ts";
import { useSettings } from "../../../providers/systems.ts";
import type { Plan } from "../../../stacks/model/plan.ts";
import type { Unattended } from "../../answers/answers.ts";
import { refuseDrill } from "../../clock.ts";
import { alone } from "../../engine/alone.ts";
import { lostHome } from "../../engine/kept-home.ts";
import type { Project } from "../../engine/project.ts";
import { endingOf, exit, Refusal } from "../../exit.ts";
import { type Came, type Syncing, synced } from "../../ledger/syncs.ts";
import { type Commands, type Item, newsOf, troubleOf } from "../../messages/news.ts";
import { type Telled, tell } from "../../messages/tell.ts";
import type { Voice } from "../../say.ts";
import { cameOfPlan } from "../came.ts";
import { preview } from "../preview.ts";
import { moved } from "./moved.ts";
import { freshFolder, type Kept, keep, kept, placeOf, replaced, waiting } from "./waiting.ts";

export interface UnattendedOptions {
  now: Date;
  voice: Voice;
  /** Look at everything, whatever has moved. */
  whole?: boolean | undefined;
}

/** What a look came to. */
interface Seen extends Came {
  code: number;
  /** Why everything was looked at; undefined: nothing has moved. */
  why: string | undefined;
  standing?: Item[];
}

/** Another run on this machine may take so long, milliseconds, before people are told that it still goes on. */
const patience = 2 * 3_600_000;

/** Throws a Refusal where nothing that is kept would stay, or the clock is a drill's; what goes wrong after that is told, and is the exit code. */
export async function unattended(project: Project, options: UnattendedOptions): Promise<{ code: number; report: Unattended }> {
  const { now } = options;
  refuseDrill(project.config, project.stack);
  const lost = lostHome(project);
  if (lost !== undefined) throw new Refusal([lost]);
  const file = join(project.home, "unattended", `${project.stack}.lock`);
  const run = await alone(file, now, () => one(project, options));
  if ("done" in run) return run.done;
  if (now.getTime() - Date.parse(run.held) <= patience)
    return { code: exit.done, report: reportOf(project, { looked: "another run is under way" }, { failed: {} }) };
  const why = `another run on this machine (process ${run.pid}) holds ${file} since ${run.held}; if it is surely over, remove the file`;
  return ended(project, options, new Error(why));
}

/** A run that ended before it knew what stands. */
async function ended(project: Project, options: UnattendedOptions, error: unknown): Promise<{ code: number; report: Unattended }> {
  useSettings(project.config);
  const trouble = troubleOf(error);
  const telled = await tell(project, { trouble }, options);
  return { code: endingOf(error).code, report: reportOf(project, { looked: "failed", why: trouble.text }, telled) };
}

async function one(project: Project, options: UnattendedOptions): Promise<{ code: number; report: Unattended }> {
  const { now, voice } = options;
  const before = kept(project);
  try {
    const about = { command: "unattended", now, voice };
    const { code, why, standing } = await synced(
      project,
      about,
      (syncing) => look(project, options, before, syncing),
      (seen) => seen,
    );
    if (standing === undefined) return { code, report: reportOf(project, { looked: "nothing moved" }, { failed: {} }) };
    const telled = await tell(project, { standing }, options);
    // Whom a message did not reach is told the next time, whatever has moved until then.
    if (Object.keys(telled.failed).length > 0) keepOpen(project);
    return { code, report: reportOf(project, { looked: "everything", why: why ?? "" }, telled) };
  } catch (error) {
    keepOpen(project);
    return ended(project, options, error);
  }
}

/** The next look is a whole one. */
function keepOpen(project: Project): void {
  const { looked, ...rest } = kept(project);
  if (looked) keep(project, { ...rest, looked: { ...looked, open: true } });
}

async function look(project: Project, options: UnattendedOptions, before: Kept, syncing: Syncing): Promise<Seen> {
  const { now, voice, whole } = options;
  const { why: movement, looked, isSteady } = await moved(project, { now, voice, syncing }, before.looked);
  const isOver = before.plan !== undefined && Date.parse(before.plan.expires) <= now.getTime();
  const why = movement ?? (isOver ? "the plan that waits has expired" : whole ? "it was asked for" : undefined);
  if (why === undefined) {
    keep(project, { ...before, looked });
    return { code: exit.done, why, found: { changes: 0 } };
  }
  const out = freshFolder(project);
  const planned = (at: Date) => preview(project, { now: at, voice, syncing, out });
  // Days of people are counted from the moment a plan is made for: only one for the same moment tells whether the same waits.
  const waits = waiting(before, now);
  const same = waits && isSteady(waits.made) ? await planned(new Date(waits.made)) : undefined;
  const isSame = waits !== undefined && same?.plan.world === waits.world && same.plan.guard.verdict === "ok";
  const { plan, code } = isSame ? { ...same, plan: waits } : await planned(now);
  const standing = newsOf(plan, commandsOf(project, placeOf(project, plan)));
  const isKept = standing.some(({ kind }) => kind === "waits" || kind === "refused");
  const places = isSame ? { plan: before.plan, before: before.before } : replaced(project, before, out, isKept ? plan : undefined);
  rmSync(out, { recursive: true, force: true });
  keep(project, defined({ format: "haloform.kept/1", ...places, looked: { ...looked, open: isOpen(plan, standing) } }));
  return { ...cameOfPlan({ plan, code }), code, why, standing };
}

/** Whether time alone, or another system, may end what stands: a doubt, a limit of 24 hours, an account that is to come. */
const isOpen = ({ guard, source, people, shared }: Plan, standing: readonly Item[]): boolean =>
  guard.verdict !== "ok" ||
  source.trust !== "trusted" ||
  (!standing.some(({ kind }) => kind === "waits") &&
    [...people.flatMap(({ changes }) => changes), ...shared].some(({ pending }) => pending !== undefined));

/** As somebody on this machine pastes them. */
function commandsOf({ stack }: Project, folder: string): Commands {
  return {
    read: () => `haloform show ${folder}`,
    approve: (digest) => `haloform up --stack ${stack} --plan ${folder} --approve ${digest}`,
  };
}

function reportOf({ stack }: Project, about: Pick<Unattended, "looked" | "why">, { message, failed }: Telled): Unattended {
  return { format: "haloform.unattended/1", stack, ...about, ...(message ? { message } : {}), untold: failed };
}

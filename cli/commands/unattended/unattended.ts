/**
 * `haloform unattended`: one run of a timer. Looks whether anything has moved, makes a plan where it has, applies what rules let through,
 * and tells people what waits, is parked, doubted, refused or failed, once.
 */
import { join } from "node:path";
import { useSettings } from "../../../providers/systems.ts";
import type { Unattended } from "../../answers/answers.ts";
import { refuseDrill } from "../../clock.ts";
import { alone } from "../../engine/alone.ts";
import { refuseLostHome } from "../../engine/kept-home.ts";
import type { Project } from "../../engine/project.ts";
import { endingOf, exit } from "../../exit.ts";
import { synced } from "../../ledger/syncs.ts";
import { troubleOf } from "../../messages/news.ts";
import { type Telled, tell } from "../../messages/tell.ts";
import { look, type UnattendedOptions } from "./look.ts";
import { keep, kept } from "./waiting.ts";

/** Another run on this machine may take so long, milliseconds, before people are told that it still goes on. */
const patience = 2 * 3_600_000;

/** Throws a Refusal where nothing that is kept would stay, or the clock is a drill's; what goes wrong after that is told, and is the exit code. */
export async function unattended(project: Project, options: UnattendedOptions): Promise<{ code: number; report: Unattended }> {
  const { now } = options;
  refuseDrill(project.config, project.stack);
  refuseLostHome(project);
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
    const { code, why, told } = await synced(
      project,
      about,
      (syncing) => look(project, options, before, syncing),
      (seen) => seen,
    );
    if (told === undefined) return { code, report: reportOf(project, { looked: "nothing moved" }, { failed: {} }) };
    const telled = await tell(project, told, options);
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

function reportOf({ stack }: Project, about: Pick<Unattended, "looked" | "why">, { message, failed }: Telled): Unattended {
  return { format: "haloform.unattended/1", stack, ...about, ...(message ? { message } : {}), untold: failed };
}

/**
 * Whether what is kept in the home outlives this run. GitHub's checkout cleans the workspace at each job: the run record, what a
 * deleted account had, and passwords that nobody else knows would be gone with it.
 */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { Refusal } from "../exit.ts";
import type { Project } from "./project.ts";

/** Why the home is no place to keep anything, in one line; undefined where it is one. */
export function lostHome({ home }: Pick<Project, "home">): string | undefined {
  const { GITHUB_ACTIONS: job, GITHUB_WORKSPACE: workspace } = process.env;
  if (job !== "true" || !workspace) return undefined;
  const below = relative(real(workspace), real(home));
  if (below.startsWith("..") || isAbsolute(below)) return undefined;
  return `the home (${home}) lies in the job's workspace, which the next checkout cleans: the run record, what deleted accounts had, and passwords that wait would be lost. Set HALOFORM_HOME to a folder of this machine that stays`;
}

/** Before a command leaves anything in the home. Throws Refusal where it would not stay. */
export function refuseLostHome(project: Pick<Project, "home">): void {
  const lost = lostHome(project);
  if (lost !== undefined) throw new Refusal([lost]);
}

/** A path with its links followed, as far as it is there. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(real(parent), basename(path));
}

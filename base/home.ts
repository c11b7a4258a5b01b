/** Where a project keeps what belongs to this machine. */
import { dirname, join, resolve } from "node:path";

/** A stack, and where its project keeps what belongs to this machine. */
export interface Home {
  home: string;
  stack: string;
}

/** HALOFORM_HOME, or `.haloform` in the project. */
export function homeOf(project: string): string {
  return resolve(process.env["HALOFORM_HOME"] || join(project, ".haloform"));
}

/** The same in whatever process of a run: the provider process is told the run's own folder, which lies two below. */
export function homeHere(): string {
  const { HALOFORM_RUN: run, HALOFORM_HOME: home } = process.env;
  return run ? resolve(dirname(dirname(run))) : resolve(home || ".haloform");
}

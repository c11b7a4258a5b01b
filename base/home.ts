/** Where a project keeps what belongs to this machine. */
import { join, resolve } from "node:path";

/** HALOFORM_HOME, or `.haloform` in the project. */
export function homeOf(project: string): string {
  return resolve(process.env["HALOFORM_HOME"] || join(project, ".haloform"));
}

/** The file of a command: where it is, and whether nobody else could have put something else there. */
import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { RefusedError } from "../../base/errors.ts";
import { canRun } from "../../base/on-path.ts";
import { isWithin } from "../../base/within.ts";

/**
 * The absolute path of a command's program. Throws a RefusedError where it is outside of the project (for a relative path), not
 * there, not executable, or where others may write to it or to a folder on its way.
 */
export function programOf(written: string, project: string): string {
  const refuse = (why: string): RefusedError => new RefusedError(`Could not run ${written}: ${why}.`, "program");
  const path = isAbsolute(written) ? written : resolve(project, written);
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    throw refuse(`there is no such file${isAbsolute(written) ? "" : " in the project"}; correct \`run\` in mappings/scripts.yaml`);
  }
  const root = realpathSync(project);
  if (!isAbsolute(written) && !isWithin(real, root)) throw refuse("it leads out of the project; write its absolute path if that is meant");
  const found = statSync(real);
  if (!found.isFile()) throw refuse("it is not a file; correct `run` in mappings/scripts.yaml");
  if (process.platform !== "win32") {
    const open = [real, ...foldersOf(real)].find(writtenByAll);
    if (open !== undefined) throw refuse(`everybody on this machine may write to ${open}; take that right away (chmod o-w)`);
  }
  if (!canRun(real)) throw refuse("it may not be executed; make it executable (chmod +x)");
  // Not the real path: some programs look at the name they are called by.
  return path;
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersOf(folder)];
}

/** In a folder with the sticky bit (/tmp) only its owner can replace a file. */
function writtenByAll(path: string): boolean {
  const { mode } = statSync(path);
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

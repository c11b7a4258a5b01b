/** Programs that are installed on this machine. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The folders of PATH, in its order. */
export function pathFolders(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Full path of the first program of that name in the folders; undefined where there is none that can be run. */
export function onPath(name: string, folders: readonly string[] = pathFolders()): string | undefined {
  return folders.map((folder) => join(folder, name)).find(canRun);
}

/** Whether the file is there and may be run. */
export function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

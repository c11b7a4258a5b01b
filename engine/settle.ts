/** Files that several runs of a project share. */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** Gives a file its contents in one step, where it does not have them: another run of this project may be reading it. */
export function settle(file: string, text: string, mode?: number): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, text);
  if (mode !== undefined) chmodSync(beside, mode);
  renameSync(beside, file);
}

/** The folder of one run (providers/core/run.ts): made for it, and gone whatever becomes of it. */
import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { alive } from "../../base/owner.ts";
import { stopSignal, tellToStop } from "../../base/stop.ts";
import { type Run, removeRun, writeRun } from "../../providers/core/run.ts";
import type { Project } from "./project.ts";
import { whenStopped } from "./stop.ts";
import { followWaits } from "./waits.ts";

/** Does `work` with the run written to a folder of its own; a stop is handed on to it. After `work` has ended well, the folder is the caller's. */
export async function inRunFolder<T>(
  project: Pick<Project, "home">,
  run: Run,
  say: (line: string) => void,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const runs = join(project.home, "runs");
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  sweep(runs);
  const folder = mkdtempSync(join(runs, `run-${process.pid}-`));
  writeRun(folder, run);
  const tell = (): void => tellToStop(folder);
  if (stopSignal.aborted) tell();
  stopSignal.addEventListener("abort", tell, { once: true });
  const kept = whenStopped(() => removeRun(folder));
  const silence = followWaits(folder, say);
  try {
    return await work(folder);
  } catch (error) {
    // Nobody is told where it is, so nobody else can remove it.
    removeRun(folder);
    throw error;
  } finally {
    silence();
    stopSignal.removeEventListener("abort", tell);
    kept();
  }
}

/** Removes what killed runs left behind: their folders hold everything that was read of people. */
function sweep(runs: string): void {
  for (const name of readdirSync(runs)) {
    const pid = /^run-(\d+)-/u.exec(name)?.[1];
    if (pid !== undefined && !alive(Number(pid))) removeRun(join(runs, name));
  }
}

/** The folder of one run (providers/core/run.ts): made for it, and gone whatever becomes of it. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { alive } from "../../base/owner.ts";
import { privateFolder } from "../../base/private-file.ts";
import { stopSignal, tellToStop } from "../../base/stop.ts";
import { waitsFile } from "../../base/waits.ts";
import { type Run, removeRun, writeRun } from "../../providers/core/run.ts";
import type { Project } from "./project.ts";
import { whenStopped } from "./stop.ts";

/** A folder for this process alone, which the next run sweeps up where a kill leaves it. */
export function newRunFolder({ home }: Pick<Project, "home">, kind = ""): string {
  return mkdtempSync(join(privateFolder(join(home, "runs")), `run-${process.pid}-${kind}`));
}

/** Does `work` with the run written to a folder of its own; a stop is handed on to it. After `work` has ended well, the folder is the caller's. */
export async function inRunFolder<T>(
  project: Pick<Project, "home">,
  run: Run,
  say: (line: string) => void,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = newRunFolder(project);
  sweep(dirname(folder));
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

/**
 * Says each new sentence of the provider process about waiting (base/waits.ts; the engine shows nobody's words), until the
 * function that it returns is called.
 */
export function followWaits(folder: string, say: (line: string) => void): () => void {
  let last = "";
  const timer = setInterval(() => {
    const line = sentenceIn(folder);
    if (line !== last && line !== "") say(line);
    last = line;
  }, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

function sentenceIn(folder: string): string {
  try {
    return readFileSync(join(folder, waitsFile), "utf8");
  } catch {
    return "";
  }
}

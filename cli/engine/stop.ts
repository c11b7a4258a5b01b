/**
 * Ctrl-C and a cancelled job (SIGINT, SIGTERM). While nothing is written, the command ends at once. While a plan is applied,
 * nothing new is begun, what was sent is waited for, and the command tells what was done. A second Ctrl-C ends it at once.
 *
 * GitHub cancels a job by SIGINT to a step's process, SIGTERM 7.5 s later and the end of everything 2.5 s after that
 * (docs.github.com, workflow cancellation reference). So SIGTERM after SIGINT is the same stop, and in a job it is over before.
 */
import { stop } from "../../base/stop.ts";
import { exit } from "../exit.ts";

/** Seconds after which a stop no longer waits. */
const most = (): number => (process.env["GITHUB_ACTIONS"] === "true" ? 5 : 30);

let stoppedBy: string | undefined;
let applying = false;
const cleaning = new Set<() => void>();

/** What ended the run early, a signal or somebody's word; undefined when nothing did. */
export const stoppedSignal = (): string | undefined => stoppedBy;

/** Ends a run that writes as a signal does: after what is in hand. `by`: whose word it is. */
export function stopOnWord(by: string): void {
  if (stoppedBy !== undefined) return;
  stoppedBy = by;
  stop();
  say(`Stopping, as ${by} says: nothing new is begun; waiting for the answers to what was sent (Ctrl-C ends it at once).`);
}

/** From here on something is written: a stop waits for the end, which the caller comes to. */
export function applyingNow(): void {
  applying = true;
}

/** Done when the process is ended early by a signal; call the answer when it is no longer needed. */
export function whenStopped(clean: () => void): () => void {
  cleaning.add(clean);
  return () => void cleaning.delete(clean);
}

/** Called once by commands that a signal should end cleanly. */
export function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => onSignal(signal));
}

function onSignal(signal: NodeJS.Signals): void {
  if (stoppedBy !== undefined && signal === "SIGTERM") return;
  const again = stoppedBy !== undefined;
  stoppedBy ??= signal;
  stop();
  if (again) end("Ended at once: what was under way may have been done or not; the next `haloform preview` and `up` see which, and go on.");
  if (!applying) end("Stopped: nothing was changed. Run it again when it suits.");
  say("Stopping: nothing new is begun; waiting for the answers to what was sent (once more ends it at once).");
  const seconds = most();
  const given = `Stopped: ${seconds} s after ${signal} an answer was still missing; the next \`haloform preview\` and \`up\` see what was done, and go on.`;
  setTimeout(() => end(given), seconds * 1000).unref();
}

function end(line: string): never {
  for (const clean of cleaning) {
    try {
      clean();
    } catch {
      // the next run sweeps up
    }
  }
  say(line);
  process.exit(exit.failed);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The one line about an apply that was stopped. `done`: changes that were made. */
export function stoppedLine(done: number): string {
  return `stopped by ${stoppedBy ?? "a signal"} after ${done} ${done === 1 ? "change" : "changes"}; run \`haloform preview\` and \`up\` again, and they go on from there`;
}

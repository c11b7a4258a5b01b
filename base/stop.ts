/**
 * A run that is asked to stop (Ctrl-C, a cancelled job): nothing new is begun, and what was sent is waited for. The command
 * line tells the provider process by a file in the run folder: a signal would reach the engine and its children twice on a
 * terminal, and not at all where a job is cancelled.
 */
import { setMaxListeners } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const controller = new AbortController();
// Everything that waits in this process listens.
setMaxListeners(0, controller.signal);
const every = 100;
let watched: string | undefined;

/** Aborted once this run is to stop. */
export const stopSignal: AbortSignal = controller.signal;

/** What an operation says that was not begun, or not gone on with. */
export const stoppedWords = "the run was stopped; the next run goes on";

const fileOf = (folder: string): string => join(folder, "stop");

/** Stops this process's part of the run. */
export function stop(): void {
  controller.abort();
}

/** Tells the provider process of the run in `folder` to stop. */
export function tellToStop(folder: string): void {
  if (existsSync(folder)) writeFileSync(fileOf(folder), "", { mode: 0o600 });
}

/** From now on this process stops when the run in `folder` is told to. */
export function stopWithRun(folder: string): void {
  if (watched === undefined) setInterval(stopping, every).unref();
  watched = folder;
}

/** Whether the run is to stop; asked before anything is begun, so that not even a moment passes. */
export function stopping(): boolean {
  if (!stopSignal.aborted && watched !== undefined && existsSync(fileOf(watched))) controller.abort();
  return stopSignal.aborted;
}

/** Waits until `wait` has ended or the signal is aborted, whichever comes first. Nothing is left listening. */
export async function orStopped(wait: Promise<unknown>, signal: AbortSignal = stopSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  signal.addEventListener("abort", resolve, { once: true });
  try {
    await Promise.race([wait, promise]);
  } finally {
    signal.removeEventListener("abort", resolve);
  }
}

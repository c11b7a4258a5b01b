/** The time, and waiting: arguments of everything that waits, so that tests need no time. */
import { setTimeout as pause } from "node:timers/promises";
import { UnreachableError } from "../../base/errors.ts";
import { orStopped, stopping, stopSignal } from "../../base/stop.ts";

export interface Clock {
  now: () => Date;
  /** Waits so many milliseconds. */
  sleep: (milliseconds: number) => Promise<unknown>;
}

/** @throws UnreachableError where the run (whoever aborts the signal) is to stop; `what` completes "Could not …" */
export function goOn(what: string, signal: AbortSignal): void {
  if (signal === stopSignal ? stopping() : signal.aborted)
    throw new UnreachableError(`Could not ${what}: the run was stopped; run it again to go on.`);
}

/**
 * A clock (the real one, where none is given) whose waits end with an UnreachableError as soon as the run is to stop. Who waits
 * has nothing under way: a limit is waited for before anything is sent, and a 429 or a gateway's error before a repetition. What
 * was sent already is not touched.
 */
export function stoppable(options: Partial<Clock> & { signal?: AbortSignal }, system: string): Clock {
  const { now = () => new Date(), sleep = pause, signal = stopSignal } = options;
  const what = `wait for ${system}`;
  return {
    now,
    async sleep(milliseconds) {
      goOn(what, signal);
      await orStopped(sleep(milliseconds), signal);
      goOn(what, signal);
    },
  };
}

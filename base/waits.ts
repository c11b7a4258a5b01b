/**
 * Waits that a system has asked for (429 with Retry-After): whoever waits tells it here, and whoever can speak says it, at once
 * and then every half minute, so that nobody takes a run that waits for one that hangs. Many may wait at the same time.
 */

/** Waits shorter than this are nobody's concern, seconds. */
const shortest = 5;
/** Milliseconds between two sentences. */
const every = 30_000;

let say: (line: string) => unknown = () => undefined;
let next = 0;

/** In the run folder: what the provider process has said last. */
export const waitsFile = "waiting";

/** Where this process says that it waits. */
export function sayWaits(how: (line: string) => unknown): void {
  say = how;
  next = 0;
}

/** `system` lets us wait for so many more seconds. `now`: milliseconds since 1970. */
export function tellWait(system: string, seconds: number, now: number): void {
  if (seconds < shortest || now < next) return;
  next = now + every;
  say(`${system} allows no more requests for now; going on in ${Math.ceil(seconds)} s.`);
}

/**
 * A rolling window of requests: Halo allows 300 in any 5 minutes and answers 429 beyond. The window is spent in bursts;
 * who comes too early waits in line.
 */
import type { Clock } from "./clock.ts";

export interface LimiterOptions extends Clock {
  /** Requests allowed in `window` seconds. */
  limit: number;
  window: number;
  /** Times (milliseconds since 1970) of requests that another process of this run made. */
  spent?: readonly number[];
  /** Told once a second, with the seconds left to wait. */
  onWait?: ((seconds: number) => void) | undefined;
}

export interface Limiter {
  /** Resolves when one more request may be sent, and counts it. */
  take(): Promise<void>;
  /** Nobody sends for so many seconds: Halo said 429. */
  pause(seconds: number): void;
  /** Times (milliseconds since 1970) of the requests in the window, oldest first. */
  spent(): number[];
}

/** Halo counts a request when it arrives, we count when it leaves: so much the two may differ, in milliseconds. */
const drift = 1000;

export function makeLimiter({ limit, window, spent = [], onWait, now, sleep }: LimiterOptions): Limiter {
  const span = window * 1000 + drift;
  let times = spent.toSorted((a, b) => a - b);
  let closedUntil = 0;
  let line: Promise<void> = Promise.resolve();

  const current = (): number => {
    const at = now().getTime();
    times = times.filter((time) => time > at - span);
    return at;
  };

  const wait = async (): Promise<void> => {
    for (;;) {
      const at = current();
      const free = times.length < limit ? at : (times[times.length - limit] ?? at) + span;
      const until = Math.max(free, closedUntil);
      if (until <= at) {
        times.push(at);
        return;
      }
      onWait?.(Math.ceil((until - at) / 1000));
      await sleep(Math.min(until - at, 1000));
    }
  };

  return {
    take() {
      const turn = line.then(wait);
      line = turn.catch(() => undefined);
      return turn;
    },
    pause(seconds) {
      closedUntil = Math.max(closedUntil, now().getTime() + seconds * 1000);
    },
    spent() {
      current();
      return [...times];
    },
  };
}

/**
 * How fast we may be. Graph allows 3,000 writes in 150 s for each app and tenant and counts every request inside a $batch
 * (throttling-limits.md of the Graph documentation). A bucket of `burst` writes that refills at `rate` a second lets at
 * most burst + 150 × rate through in any 150 s: 1,400 + 1,500 = 2,900 with the defaults, 10 a second in the long run.
 */

export interface Pace {
  /** Writes a second in the long run. */
  rate: number;
  /** Writes that may go at once after a rest. */
  burst: number;
}

/** The pace that stays below `limit` writes in any 150 s (`entra.limit` of the settings). */
export function paceFor(limit = 3000): Pace {
  return { rate: limit / 300, burst: Math.floor((limit * 1400) / 3000) };
}

/** How many milliseconds to wait before `n` more writes are sent, and counts them. Who asks first, waits least. `now` in milliseconds. */
export function tokenBucket(pace: Pace, now: () => number): (n: number) => number {
  let tokens = pace.burst;
  let last = now();
  return (n) => {
    if (n <= 0) return 0;
    const at = now();
    tokens = Math.min(pace.burst, tokens + (Math.max(0, at - last) / 1000) * pace.rate) - n;
    last = at;
    // The bucket may go into debt: whoever comes later waits longer, so nobody is overtaken and nothing is polled.
    return tokens < 0 ? (-tokens / pace.rate) * 1000 : 0;
  };
}

/**
 * What is worth sending again, and when. The one policy for outer requests and for those inside a $batch; the SDK's own
 * RetryHandler is left out of the chain because it knows neither (429/503/504 only, it repeats every POST, real clock).
 */
export interface Failure {
  /** HTTP status; undefined when there was no answer (network, timeout). */
  status: number | undefined;
  /** Retry-After as sent: seconds (Graph also sends decimals) or an HTTP date. */
  retryAfter?: string | null | undefined;
  /** May the request be sent twice without harm? */
  repeatable: boolean;
  /** How often it was sent so far. */
  tries: number;
}

export const mostTries = 6;
/** Asked to wait longer than this, we say so instead of hanging. */
export const longestPause = 300_000;

/** Milliseconds asked for by a Retry-After header; undefined when there is none or it is not understood. */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Milliseconds to wait before sending again; undefined = do not. `random` in [0, 1) spreads callers who failed together. */
export function pauseBefore(failure: Failure, now: number, random: number): number | undefined {
  if (failure.tries >= mostTries) return undefined;
  const asked = retryAfterMs(failure.retryAfter, now);
  const { status } = failure;
  // 429 says that nothing was done; so does a 503 that names a time. Anything else may have worked before it failed.
  const untouched = status === 429 || (status === 503 && asked !== undefined);
  const passing = status === undefined || status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
  if (!untouched && !(passing && failure.repeatable)) return undefined;
  const pause = asked ?? Math.min(30_000, 500 * 2 ** failure.tries) * (0.75 + random / 2);
  return pause > longestPause ? undefined : pause;
}

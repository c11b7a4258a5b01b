/**
 * What is worth sending again because it came to nothing, and when: the one policy for Graph and Exchange, for requests by
 * themselves and for those inside a $batch. A service that asks for a pause gets it, up to ten minutes in all.
 */
import { retryAfterMs } from "../http/answer.ts";

export interface Failure {
  /** HTTP status; undefined when there was no answer (network, timeout). */
  status: number | undefined;
  /** Retry-After as sent: seconds (Graph also sends decimals) or an HTTP date. */
  retryAfter?: string | null | undefined;
  /** May the request be sent twice without harm? */
  repeatable: boolean;
  /** How often it came to nothing so far. */
  tries: number;
  /** Milliseconds it has waited for that already. */
  waited?: number;
}

/** Of a request that may have worked, or that the service could not do. */
export const mostTries = 6;
/** A service that asks us to wait is waited for so long in all, as Halo is, ms. Asked for longer, we say so instead of hanging. */
export const patience = 600_000;
/** However short the pauses are that a service asks for: after `mostTries` of them it gets a whole second. */
const shortest = 1000;

/** Milliseconds to wait before sending again; undefined = do not. `random` in [0, 1) spreads callers who failed together. */
export function pauseBefore(
  { status, retryAfter, repeatable, tries, waited = 0 }: Failure,
  now: number,
  random: number,
): number | undefined {
  const asked = retryAfterMs(retryAfter, now);
  const own = Math.min(30_000, 500 * 2 ** tries) * (0.75 + random / 2);
  // 429 says that nothing was done; so does a 503 that names a time. Anything else may have worked before it failed.
  const untouched = status === 429 || (status === 503 && asked !== undefined);
  const passing = status === undefined || status === 500 || status === 502 || status === 503 || status === 504;
  if (!untouched && !(passing && repeatable && tries < mostTries)) return undefined;
  const pause = untouched && tries >= mostTries ? Math.max(asked ?? own, shortest) : (asked ?? own);
  return waited + pause > patience ? undefined : pause;
}

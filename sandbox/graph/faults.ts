/** What a test can make Microsoft Graph do. Everything is off at start; set fields, or `reset`. */
export interface GraphFaults {
  /** The next so many requests answer 429 (a $batch as a whole counts as one). */
  throttled: number;
  /** The next so many requests *inside* a $batch answer 429. */
  throttledInside: number;
  /** Seconds in Retry-After; may be a fraction. */
  retryAfter: number;
  /** The next so many requests answer 503 (without Retry-After). */
  failing: number;
  /** The next so many requests answer 401 InvalidAuthenticationToken. */
  unauthorised: number;
  /** The next so many writes are done, but the connection is cut before the answer. */
  cutWrites: number;
  /** The next so many writes are cut before anything is done. */
  dropWrites: number;
  /** The next so many pages of a collection are empty, with a nextLink. */
  emptyPages: number;
  /** Largest page, whatever $top says; 0 = as asked. */
  shrinkPages: number;
  /** Milliseconds before every answer. */
  delay: number;
  /** Milliseconds until a change is seen by reads; links and licences of what is not seen yet fail (facts 2.6). */
  lag: number;
  /** ids, names or userPrincipalNames: a write to one answers 403. */
  refuse: string[];
  /** `enabled` seats by part number, instead of what the tenant has. */
  seats: Record<string, number>;
  /** capabilityStatus by part number, instead of Enabled: nothing of a Suspended, Deleted or LockedOut one can be assigned. */
  skuStates: Record<string, string>;
  /** The token endpoint answers this status, without a body that says anything; 0 = it works. */
  signIn: number;
  /** `expires_in` of new tokens, seconds. */
  tokenLife: number;
  /** Tokens made before this moment (ms since 1970) were taken back: 401 with a claims challenge, until one is asked for with those claims. 0 = none. */
  challenge: number;
  /** Milliseconds after a change during which replicas disagree: every second request does not see it. 0 = they agree. */
  replicas: number;
  /** How a delta link is answered: `gone` 410 with a Location, `syncStateNotFound` 400; "" = by its age (7 days). */
  deltaExpired: "" | "gone" | "syncStateNotFound";
  /** A delta read repeats the last so many changes before its link. */
  replays: number;
}

const quiet = (): GraphFaults => ({
  throttled: 0,
  throttledInside: 0,
  retryAfter: 1,
  failing: 0,
  unauthorised: 0,
  cutWrites: 0,
  dropWrites: 0,
  emptyPages: 0,
  shrinkPages: 0,
  delay: 0,
  lag: 0,
  refuse: [],
  seats: {},
  skuStates: {},
  signIn: 0,
  tokenLife: 3599,
  challenge: 0,
  replicas: 0,
  deltaExpired: "",
  replays: 0,
});

export interface GraphFaultBox extends GraphFaults {
  reset(): void;
}

export function graphFaults(): GraphFaultBox {
  const box: GraphFaultBox = { ...quiet(), reset: () => void Object.assign(box, quiet()) };
  return box;
}

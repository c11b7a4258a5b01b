/** One token for everybody who needs one: asked for once, kept while it is good. */

export interface Token {
  token: string;
  /** Milliseconds since 1970 from which on another is asked for. */
  until: number;
}

export interface OneToken<T extends Token, A extends unknown[]> {
  /** A token that is good now; however many wait for it, one request is made. */
  get(...asked: A): Promise<T>;
  /** The token was refused (any, where it is not said which): the next `get` asks anew. false: somebody has done so already. */
  drop(refused?: string): boolean;
}

/** Seconds a token lives when the server does not say (what other clients assume). */
const usualLife = 3600;

/** When a token of so many seconds is renewed: a minute before its end; a very short-lived one after four fifths of its life. */
export function renewal(now: Date, seconds: number | null | undefined): number {
  const life = seconds ?? usualLife;
  return now.getTime() + Math.max(life - 60, life * 0.8) * 1000;
}

export function oneToken<T extends Token, A extends unknown[]>(ask: (...asked: A) => Promise<T>, now: () => number): OneToken<T, A> {
  let held: T | undefined;
  let asking: Promise<T> | undefined;
  return {
    async get(...asked) {
      if (held && now() < held.until) return held;
      asking ??= ask(...asked)
        .then((token) => {
          held = token;
          return token;
        })
        .finally(() => {
          asking = undefined;
        });
      return asking;
    },
    drop(refused) {
      if (refused !== undefined && held !== undefined && held.token !== refused) return false;
      held = undefined;
      return true;
    },
  };
}

/**
 * How fast we may be. Graph allows each app in a tenant 3,000 writes in 150 s and, in 10 s, 3,500 resource units where the tenant is
 * smallest, and counts every request inside a $batch (throttling-limits.md of the Graph documentation). Nobody says whether its
 * windows are fixed or roll. Here they roll, and a request is held from the moment it is sent until a whole window after its answer:
 * so at whatever moment between the two it was counted, and however the service counts, it never counts more than we hold.
 *
 * Others may sign in as the same app, and so has a run that was cut off. How much they use is told by x-ms-throttle-limit-percentage
 * (documented above 0.8; some never see it) and by 429. What was told last is believed for a window, and asked for in the middle of it
 * where nothing of ours goes; before anything was told, everything is taken to be used: one request after the other goes until an
 * answer to one tells. So they go, too, where there is nothing but 429: one that was done says that there is room for the next.
 */

export interface Pace {
  /** Writes in any `window`. */
  writes: number;
  /** Milliseconds. */
  window: number;
}

/** The documented quota, or `limit` writes of it (`entra.limit` of the settings) and as large a share of the resource units. */
export function paceFor(limit = 3000): Pace {
  return { writes: limit, window: 150_000 };
}

/** What a request costs. */
export interface Cost {
  writes: number;
  units: number;
}

/** What an answer says of the quota. */
export interface Said {
  /** HTTP status; undefined: there was no answer. */
  status?: number | undefined;
  /** x-ms-throttle-limit-percentage: how much of the quota is used, by whomever. */
  share?: number | undefined;
  /** Milliseconds of Retry-After. */
  retryAfter?: number | undefined;
  /** x-ms-throttle-information. */
  why?: string | null;
}

/** A request that was let go: handed back with its answer. */
export interface Taken {
  cost: Cost;
  /** Writes that were answered when it was let go: so many had surely arrived. */
  answered: number;
}

export interface Budget {
  /** Counts a request that is sent now; or how many milliseconds to wait before asking again, and whether the service has asked for that. */
  take(cost: Cost): Taken | { pause: number; asked: boolean };
  /** The answers to it: several of a $batch, none where there was none. */
  answered(taken: Taken, said: readonly Said[]): void;
}

/** So much of what is allowed is used: clocks differ, and others may begin at any moment. */
export const used = 0.98;
/** Below this the service says nothing of what is used. */
const untold = 0.8;
const units = { most: 3500, window: 10_000 };
/** While answers are under way nobody can say when there will be room, ms. */
const glance = 50;

/** A window that rolls. */
class Held {
  readonly #window: number;
  #flying = 0;
  #answered: { n: number; until: number }[] = [];
  #sum = 0;

  constructor(window: number) {
    this.#window = window;
  }

  take(n: number): void {
    this.#flying += n;
  }

  answered(n: number, now: number): void {
    this.#flying -= n;
    this.#answered.push({ n, until: now + this.#window });
    this.#sum += n;
  }

  /** Of what is held, what was answered. */
  known(now: number): number {
    const past = this.#answered.findIndex(({ until }) => until > now);
    if (past !== 0) for (const old of this.#answered.splice(0, past === -1 ? this.#answered.length : past)) this.#sum -= old.n;
    return this.#sum;
  }

  /** Milliseconds until `n` more are no more than `most(then)`; 0 = now. */
  pause(n: number, most: (at: number) => number, now: number): number {
    let held = this.known(now) + this.#flying;
    // Whoever asks for more than is ever allowed goes alone.
    const fits = (at: number): boolean => held === 0 || held + n <= most(at);
    if (fits(now)) return 0;
    for (const { n: leaves, until } of this.#answered) {
      held -= leaves;
      if (fits(until)) return until - now;
    }
    return glance;
  }

  isIdle(): boolean {
    return this.#flying === 0;
  }
}

/** How much others use of the writes, from what answers say. */
class Others {
  readonly #pace: Pace;
  #told: { n: number; at: number };
  #says = true;
  #asks: number | undefined;
  /** The largest share since nothing of ours was under way. */
  #most = 0;

  constructor(pace: Pace, now: number) {
    this.#pace = pace;
    this.#told = { n: pace.writes, at: now };
    this.#asks = now;
  }

  /** At most, as far as we know. */
  at(now: number): number {
    return now - this.#told.at < this.#pace.window ? this.#told.n : 0;
  }

  /** When it is worth finding out again: when the service has said so, else in the middle of a window. */
  get asks(): number {
    return this.#asks ?? this.#told.at + this.#pace.window / 2;
  }

  /**
   * `arrived`: of ours, so many had surely arrived when the answer was made. `isLast`: nothing of ours is under way any more, so that all
   * that is held (`arrived`, again) had arrived when the most was used.
   */
  learn(said: readonly Said[], arrived: number, isLast: boolean, now: number): void {
    const shares = said.flatMap(({ share }) => share ?? []);
    const isRefused = said.some(({ status, why }) => status === 429 && !/ResourceUnit/u.test(why ?? ""));
    const pause = Math.max(...said.map(({ retryAfter = 0 }) => retryAfter));
    // Where much is ours, some of it is soon forgotten, and what goes then finds out.
    const soonest = arrived * 10 < this.#pace.writes ? 0 : this.#pace.window / 8;
    // Who is refused without a word of how much is used, learns of the next request alone that there is room for it.
    const isBlind = !isRefused && shares.length === 0 && !this.#says;
    this.#asks = isRefused && pause > 0 ? now + Math.max(pause, soonest) : isBlind ? now : undefined;
    if (shares.length > 0 || isRefused) this.#says = shares.length > 0;
    this.#most = Math.max(this.#most, ...shares, isRefused && shares.length === 0 ? 1 : 0);
    const share = isLast ? this.#most : Math.max(0, ...shares, isRefused && shares.length === 0 ? 1 : 0);
    if (isLast) this.#most = 0;
    const others = (used: number): number => Math.max(0, used * this.#pace.writes - arrived);
    if (share > 0) this.#told = { n: others(share), at: now };
    else if (this.#says) this.#told = { n: Math.min(this.at(now), others(untold)), at: now };
  }
}

/** `now` in milliseconds. */
export function makeBudget(pace: Pace, now: () => number): Budget {
  const writes = new Held(pace.window);
  const resources = new Held(units.window);
  const mostWrites = pace.writes * used;
  const mostUnits = ((units.most * pace.writes) / 3000) * used;
  const others = new Others(pace, now());
  const closed = { all: 0, writes: 0 };

  function pauseForWrites(n: number, at: number): number {
    const pause = writes.pause(n, (then) => mostWrites - others.at(then), at);
    if (pause === 0 || others.at(at) === 0) return pause;
    // The next answer may tell more.
    if (!writes.isIdle()) return Math.min(pause, glance);
    // Where others alone are in the way, it is asked for.
    const own = writes.pause(n, () => mostWrites, at);
    return Math.min(pause, Math.max(own, others.asks - at));
  }

  return {
    take(cost) {
      const at = now();
      const opens = Math.max(closed.all, cost.writes > 0 ? closed.writes : 0) - at;
      if (opens > 0) return { pause: opens, asked: true };
      const forWrites = cost.writes > 0 ? pauseForWrites(cost.writes, at) : 0;
      const pause = Math.max(
        forWrites,
        resources.pause(cost.units, () => mostUnits, at),
      );
      if (pause > 0) return { pause, asked: false };
      const answered = writes.known(at);
      writes.take(cost.writes);
      resources.take(cost.units);
      return { cost, answered };
    },
    answered(taken, said) {
      const at = now();
      writes.answered(taken.cost.writes, at);
      resources.answered(taken.cost.units, at);
      const believed = said.filter(({ status }) => status !== undefined && status < 500);
      if (taken.cost.writes > 0 && believed.length > 0) {
        const isLast = writes.isIdle();
        others.learn(believed, isLast ? writes.known(at) : taken.answered, isLast, at);
      }
      for (const { status, retryAfter = 0, why } of said) {
        if (status !== 429) continue;
        const what = /Write/u.test(why ?? "") ? "writes" : "all";
        closed[what] = Math.max(closed[what], at + retryAfter);
      }
    },
  };
}

/** What a read costs, by the last part of its path; anything else is 1. */
const costs: readonly (readonly [RegExp, number])[] = [
  [/^\/(?:users|users\/delta)$/u, 2],
  [/^\/subscribedSkus$/u, 3],
  [/\/members$/u, 3],
  [/\/transitiveMembers$/u, 5],
  [/\/(?:memberOf|licenseDetails|appRoleAssignments|appRoleAssignedTo)$/u, 2],
];

/** Resource units of a request, `path` below /v1.0: $select is one less, $expand one more; one at least. */
export function costOf({ method, path }: { method: string; path: string }): Cost {
  if (method !== "GET") return { writes: 1, units: 1 };
  const [plain = "", query = ""] = path.split("?", 2);
  const base = costs.find(([pattern]) => pattern.test(plain))?.[1] ?? 1;
  const more = (query.includes("$expand=") ? 1 : 0) - (query.includes("$select=") ? 1 : 0);
  return { writes: 0, units: Math.max(1, base + more) };
}

export const sumOf = (all: readonly Cost[]): Cost => ({
  writes: all.reduce((sum, one) => sum + one.writes, 0),
  units: all.reduce((sum, one) => sum + one.units, 0),
});

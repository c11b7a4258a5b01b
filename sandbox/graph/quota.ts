/**
 * What Graph lets an app do (identity and access service, throttling-limits.md of Graph's documentation). Microsoft does not say
 * whether its windows are fixed, roll, or are buckets that refill: here they roll, which is the strictest, and what is refused
 * counts as well ("requests during throttling still count").
 */
import type { Call, Reply } from "../web/server.ts";
import { throttled } from "./errors.ts";

export interface GraphQuota {
  /** Writes of an app in a tenant in `seconds`; 3,000 in 150. */
  writes: number;
  seconds: number;
  /** Resource units of an app in a tenant in 10 seconds; by the tenant's size where left out. */
  units?: number;
  /** Writes of all apps in a tenant in 5 minutes; 18,000. */
  tenantWrites: number;
  /** Whether x-ms-throttle-limit-percentage is sent: it is documented, and some have never seen it. */
  percentages: boolean;
}

export const documented: GraphQuota = { writes: 3000, seconds: 150, tenantWrites: 18_000, percentages: true };
/** Resource units in 10 seconds of a tenant with so many users. */
const unitsOf = (users: number): number => (users < 50 ? 3500 : users <= 500 ? 5000 : 8000);

/** What a request costs, by the last part of its path; anything else is 1. */
const costs: readonly (readonly [RegExp, number])[] = [
  [/^\/users(\/delta)?$/u, 2],
  [/\/members$/u, 3],
  [/\/transitiveMembers$/u, 5],
  [/\/(memberOf|transitiveMemberOf|getMemberGroups|licenseDetails|appRoleAssignments|appRoleAssignedTo)$/u, 2],
  [/\/getByIds$/u, 3],
  [/\/checkMemberGroups$/u, 4],
  [/^\/subscribedSkus$/u, 3],
];

/** Resource units of a request: $select one less, $expand one more, a $top below 20 one less, one at least. */
export function unitsFor({ method, path, query }: Pick<Call, "method" | "path" | "query">): number {
  if (method !== "GET") return 1;
  const plain = path.replace(/^\/v1\.0/iu, "");
  const base = costs.find(([pattern]) => pattern.test(plain))?.[1] ?? 1;
  const less = (query.has("$select") ? 1 : 0) + (Number(query.get("$top") ?? 20) < 20 ? 1 : 0);
  return Math.max(1, base + (query.has("$expand") ? 1 : 0) - less);
}

/** A window that rolls. */
class Rolling {
  readonly #ms: number;
  #spent: { at: number; n: number }[] = [];
  #sum = 0;
  /** The most that it has ever held. */
  peak = 0;

  constructor(seconds: number) {
    this.#ms = seconds * 1000;
  }

  add(n: number, now: number): number {
    const gone = this.#spent.findIndex(({ at }) => at > now - this.#ms);
    for (const old of this.#spent.splice(0, gone === -1 ? this.#spent.length : gone)) this.#sum -= old.n;
    this.#spent.push({ at: now, n });
    this.#sum += n;
    this.peak = Math.max(this.peak, this.#sum);
    return this.#sum;
  }

  /** Whole seconds until so much has left it that `most` holds. */
  until(most: number, now: number): number {
    let over = this.#sum - most;
    const last = this.#spent.find(({ n }) => (over -= n) <= 0);
    return Math.max(1, Math.ceil(((last?.at ?? now) + this.#ms - now) / 1000));
  }
}

export interface Charged {
  /** The answer of a request that is too much. */
  refused?: Reply;
  /** On every answer. */
  headers: Record<string, string>;
}

export interface Quotas {
  /** Changed while it runs; undefined: nobody counts. */
  given: GraphQuota | undefined;
  /** Counts a request; `app`: whose. */
  charge(app: string, tenant: string, call: Pick<Call, "method" | "path" | "query">): Charged;
  /** Writes of another process that signs in as the same app. */
  spend(app: string, writes: number): void;
  /** The most writes of this app that a window held so far. */
  peak(app: string): number;
  /** Requests that were refused so far. */
  refused: number;
}

/** `users`: how many the tenant has. */
export function quotas(given: GraphQuota | undefined, users: () => number, now: () => number): Quotas {
  const windows = new Map<string, Rolling>();
  const windowOf = (key: string, seconds: number): Rolling => {
    const found = windows.get(key) ?? new Rolling(seconds);
    windows.set(key, found);
    return found;
  };
  const writesOf = (app: string, seconds: number): Rolling => windowOf(`writes ${app}`, seconds);
  const self: Quotas = {
    given,
    refused: 0,
    charge(app, tenant, call) {
      const quota = self.given;
      if (!quota) return { headers: {} };
      const [at, units] = [now(), unitsFor(call)];
      const isWrite = call.method !== "GET";
      const spent = [{ n: units, most: quota.units ?? unitsOf(users()), window: windowOf(`units ${app}`, 10), why: "ResourceUnit" }];
      if (isWrite) {
        spent.push({ n: 1, most: quota.writes, window: writesOf(app, quota.seconds), why: "Write" });
        spent.push({ n: 1, most: quota.tenantWrites, window: windowOf("tenant", 300), why: "Write" });
      }
      const full = spent.map((one) => ({ ...one, sum: one.window.add(one.n, at) }));
      const share = Math.max(...full.map(({ sum, most }) => sum / most));
      const headers: Record<string, string> = { "x-ms-resource-unit": String(units) };
      if (quota.percentages && share > 0.8)
        headers["x-ms-throttle-limit-percentage"] = String(Math.floor(Math.min(share, 1.8) * 100) / 100);
      const over = full.filter(({ sum, most }) => sum > most);
      if (over.length === 0) return { headers };
      self.refused += 1;
      const reply = throttled(Math.max(...over.map(({ window, most, n }) => window.until(most - n, at))));
      const scope = `Tenant_Application/${isWrite ? "Write" : "ReadWrite"}/${app}/${tenant}`;
      const said = { "x-ms-throttle-scope": scope, "x-ms-throttle-information": `${over[0]?.why}LimitExceeded` };
      return { refused: { ...reply, headers: { ...reply.headers, ...headers, ...said } }, headers };
    },
    spend(app, writes) {
      if (self.given) writesOf(app, self.given.seconds).add(writes, now());
    },
    peak: (app) => writesOf(app, self.given?.seconds ?? documented.seconds).peak,
  };
  return self;
}

/** The quota of Graph's writes: simulated by a service whose windows roll, with requests under way for as long as they like. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cost, costOf, makeBudget, paceFor, type Said } from "../../../../clients/graph/pace.ts";
import { documented, type GraphQuota, quotas } from "../../../../sandbox/graph/quota.ts";
import { type Chance, chance } from "../../../../sandbox/random.ts";

interface Given {
  writes: number;
  /** Seconds of the window. */
  seconds: number;
  /** Writes of another process as the same app in a window, on the average, and in how many at once. */
  others: number;
  burst: number;
  percentages: boolean;
  /** A request takes at most so many ms, there and back. */
  latency: number;
  /** Windows that it lasts. */
  windows: number;
  /** The process is killed so often, and another goes on. */
  kills: number;
}
const plain: Given = { writes: 3000, seconds: 150, others: 0, burst: 20, percentages: true, latency: 800, windows: 24, kills: 0 };

/** As many writes as go, eight requests at a time; everything in its moment, without a clock. */
function simulate(given: Given, seed: number) {
  const random: Chance = chance(seed);
  const between = (least: number, most: number): number => least + random.below(Math.max(1, most - least));
  let now = 1_700_000_000_000;
  const start = now;
  const end = start + given.windows * given.seconds * 1000;
  const quota: GraphQuota = {
    ...documented,
    writes: given.writes,
    seconds: given.seconds,
    tenantWrites: 1e9,
    percentages: given.percentages,
  };
  const service = quotas(
    quota,
    () => 1000,
    () => now,
  );
  const pace = { writes: given.writes, window: given.seconds * 1000 };
  let budget = makeBudget(pace, () => now);
  const due: { at: number; act: () => void }[] = [];
  const later = (ms: number, act: () => void): void => void due.push({ at: now + ms, act });
  let done = 0;
  let abreast = 0;
  let life = 0;
  let waits = false;
  const go = (): void => {
    if (abreast >= 8 || waits) return;
    const n = random.below(3) === 0 ? 1 + random.below(20) : 20;
    const cost: Cost = { writes: n, units: n };
    const taken = budget.take(cost);
    const mine = life;
    if ("pause" in taken) {
      waits = true;
      later(taken.pause, () => {
        if (mine !== life) return;
        waits = false;
        go();
      });
      return;
    }
    abreast += 1;
    const [there, back] = [between(1, given.latency / 2), between(1, given.latency / 2)];
    later(there, () => {
      const said = Array.from({ length: n }, (): Said => {
        const { refused, headers } = service.charge("us", "tenant", { method: "PATCH", path: "/users/1", query: new URLSearchParams() });
        if (!refused) done += 1;
        const share = headers["x-ms-throttle-limit-percentage"];
        return {
          status: refused ? 429 : 204,
          why: refused?.headers?.["x-ms-throttle-information"] ?? null,
          share: share === undefined ? undefined : Number(share),
          retryAfter: refused ? Number(refused.headers?.["retry-after"]) * 1000 : undefined,
        };
      });
      later(back, () => {
        if (mine !== life) return;
        abreast -= 1;
        budget.answered(taken, said);
        go();
      });
    });
    go();
  };
  const other = (): void => {
    service.spend("us", given.burst);
    later(between(1, (2 * given.seconds * 1000 * given.burst) / given.others), other);
  };
  if (given.others > 0) later(1, other);
  for (let kill = 1; kill <= given.kills; kill += 1)
    later(((end - start) * kill) / (given.kills + 1) + random.below(given.seconds * 1000), () => {
      life += 1;
      abreast = 0;
      waits = false;
      budget = makeBudget(pace, () => now);
      go();
    });
  go();
  for (;;) {
    let next: (typeof due)[number] | undefined;
    for (const one of due) if (!next || one.at < next.at) next = one;
    if (!next || next.at > end) break;
    due.splice(due.indexOf(next), 1);
    now = next.at;
    next.act();
  }
  return { done, refused: service.refused, peak: service.peak("us"), share: done / (given.writes * given.windows) };
}

describe("the tenant's quota of writes", () => {
  it("of 3,000 in 150 seconds more than 95 % is used in an hour, and never more than all", () => {
    for (const seed of [1, 2, 3]) {
      const { share, refused, peak } = simulate(plain, seed);
      expect(refused).toBe(0);
      expect(peak).toBeLessThanOrEqual(3000);
      expect(share).toBeGreaterThan(0.95);
    }
  });

  it("so of any other quota, however long answers take and whether or not Graph tells what is used", () => {
    const quota = fc.record({
      writes: fc.integer({ min: 600, max: 6000 }),
      seconds: fc.integer({ min: 60, max: 300 }),
      latency: fc.integer({ min: 10, max: 2000 }),
      percentages: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(quota, ({ seed, ...given }) => {
        const { share, refused, peak } = simulate({ ...plain, ...given, windows: 12 }, seed);
        expect(refused).toBe(0);
        expect(peak).toBeLessThanOrEqual(given.writes);
        expect(share).toBeGreaterThan(0.95);
      }),
      { seed: 16, numRuns: 25 },
    );
  });

  it("another process of the same app is left its part, and what remains is used", () => {
    const shared = fc.record({
      others: fc.integer({ min: 100, max: 2200 }),
      burst: fc.constantFrom(1, 5, 20, 50),
      latency: fc.integer({ min: 10, max: 1500 }),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(shared, ({ seed, ...given }) => {
        const { done, refused } = simulate({ ...plain, ...given, windows: 12 }, seed);
        expect(done / (12 * (3000 - given.others))).toBeGreaterThan(0.95);
        // Somebody has to be the first to find out.
        expect(refused / done).toBeLessThan(0.03);
      }),
      { seed: 17, numRuns: 25 },
    );
  });

  it("a run that goes on after a kill does not spend what the one before has spent", () => {
    for (const seed of [1, 2, 3]) {
      const { share, refused, peak } = simulate({ ...plain, kills: 1, windows: 12 }, seed);
      expect(refused).toBe(0);
      expect(peak).toBeLessThanOrEqual(3000);
      expect(share).toBeGreaterThan(0.95);
    }
    const often = simulate({ ...plain, kills: 10, windows: 12 }, 4);
    expect(often.refused).toBe(0);
    expect(often.share).toBeGreaterThan(0.85);
  });

  it("where Graph tells nothing but 429, each costs a pause and teaches how much is left", () => {
    const { done, refused } = simulate({ ...plain, others: 1500, burst: 10, percentages: false, windows: 12 }, 5);
    expect(done / (12 * 1500)).toBeGreaterThan(0.95);
    expect(refused / done).toBeLessThan(0.08);
  });
});

describe("one request after the other", () => {
  const budgetOf = (writes: number) => {
    const clock = { at: 1_700_000_000_000 };
    const budget = makeBudget({ ...paceFor(writes), window: 150_000 }, () => clock.at);
    const write = (n: number, said: Said = { status: 204 }) => {
      const taken = budget.take({ writes: n, units: n });
      if (!("pause" in taken)) budget.answered(taken, [said]);
      return taken;
    };
    return { clock, budget, write };
  };

  it("after a whole window what was answered is forgotten, and not a moment before", () => {
    const { clock, write } = budgetOf(100);
    for (let n = 0; n < 98; n += 1) expect(write(1)).toMatchObject({ cost: { writes: 1 } });
    expect(write(1)).toEqual({ pause: 150_000, asked: false });
    clock.at += 149_999;
    expect(write(1)).toEqual({ pause: 1, asked: false });
    clock.at += 1;
    expect(write(1)).toMatchObject({ cost: { writes: 1 } });
  });

  it("429 of writes holds writes for as long as it says, and reads go on; any other holds both", () => {
    const { clock, budget, write } = budgetOf(3000);
    write(1, { status: 429, retryAfter: 7000, why: "WriteLimitExceeded" });
    expect(write(1)).toEqual({ pause: 7000, asked: true });
    expect(budget.take({ writes: 0, units: 1 })).toMatchObject({ cost: { units: 1 } });
    clock.at += 7000;
    write(1, { status: 429, retryAfter: 3000 });
    expect(budget.take({ writes: 0, units: 1 })).toEqual({ pause: 3000, asked: true });
  });

  it("a first write whose answer is lost teaches nothing, and holds up nobody", () => {
    const { clock, budget } = budgetOf(3000);
    for (let lost = 0; lost < 5; lost += 1) {
      const taken = budget.take({ writes: 20, units: 20 });
      if ("pause" in taken) throw new Error(`waited for ${taken.pause} ms after ${lost} lost answers`);
      clock.at += 60_000;
      budget.answered(taken, lost % 2 === 0 ? [] : [{ status: 503 }]);
    }
  });

  it("where nobody tells what is used, a write that was done lets the next one go", () => {
    const { clock, write } = budgetOf(3000);
    write(20, { status: 429, retryAfter: 300 });
    clock.at += 300;
    for (let n = 0; n < 20; n += 1) expect(write(20)).toMatchObject({ cost: { writes: 20 } });
    write(20, { status: 429, retryAfter: 5000 });
    expect(write(20)).toEqual({ pause: 5000, asked: true });
  });

  it("reads are held to resource units", () => {
    const { clock, budget } = budgetOf(3000);
    for (let n = 0; n < 3430; n += 10) {
      const taken = budget.take({ writes: 0, units: 10 });
      if ("pause" in taken) throw new Error(`waited at ${n}`);
      budget.answered(taken, [{ status: 200 }]);
    }
    expect(budget.take({ writes: 0, units: 1 })).toEqual({ pause: 10_000, asked: false });
    clock.at += 10_000;
    expect(budget.take({ writes: 0, units: 1 })).toMatchObject({ cost: { units: 1 } });
  });

  it("requests cost what the documentation says", () => {
    const get = (path: string) => costOf({ method: "GET", path });
    expect(get("/users?$select=id&$top=999")).toEqual({ writes: 0, units: 1 });
    expect(get("/users?$select=id&$expand=manager($select=id)")).toEqual({ writes: 0, units: 2 });
    expect(get("/groups/1/members?$select=id")).toEqual({ writes: 0, units: 2 });
    expect(get("/subscribedSkus")).toEqual({ writes: 0, units: 3 });
    expect(costOf({ method: "POST", path: "/users/1/assignLicense" })).toEqual({ writes: 1, units: 1 });
  });
});

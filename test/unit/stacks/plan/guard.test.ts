import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import type { CountedAs } from "../../../../providers/core/access.ts";
import type { Amount, Loss } from "../../../../stacks/model/types.ts";
import { classes, classNames } from "../../../../stacks/plan/classes.ts";
import { tallied } from "../../../../stacks/plan/counted.ts";
import { guard, type Judged, recentLosses } from "../../../../stacks/plan/guard.ts";
import { limitsOf, standing } from "../../../../stacks/plan/limits.ts";
import type { Population } from "../../../../stacks/plan/population.ts";
import { now } from "../world.ts";

type Counts = { [as in CountedAs]?: number };

const usual = safetyFile.parse({}).limits;
const population = { "accounts ad": 1000, "memberships ad": 5000, "licences ad": 1000 };
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
const amounts = (counts: Counts, more: Partial<Amount> = {}): Amount[] =>
  Object.entries(counts).flatMap(([as, count]) =>
    Array.from({ length: count }, (_, index) => ({ as: as as CountedAs, system: "ad", name: `${index}`, people: 1, ...more })),
  );
const run = (hours: number, counts: Counts): Loss => ({
  at: hoursAgo(hours),
  counted: Object.entries(counts).map(([as, count]) => ({ as: as as CountedAs, system: "ad", count })),
});
const judged = (counts: Counts, given: Partial<Judged> = {}) =>
  guard({
    ...{ counted: amounts(counts), recent: [], population, standing: standing(limitsOf(usual), undefined), now, said: () => "" },
    ...given,
  });

describe("guard", () => {
  test("counts what was lost in the last 24 hours, so that a big loss cannot be split up", () => {
    const { verdict, breaches, counts } = judged({ disabled: 38 }, { recent: [run(5, { disabled: 3 })] });
    expect(verdict).toBe("refused");
    expect(breaches).toEqual([
      "41 accounts would be disabled in 24 hours (38 now, 3 before); the limit is 20 of 1000 (mappings/safety.yaml limits.disabled.most); look at who it is; if it is right, wait a day or raise the limit by a plan of its own",
    ]);
    expect(counts).toEqual([
      { limit: "disabled", now: 38, before: 3, most: 20, systems: [{ system: "ad", count: 41, of: 1000, allowed: 50 }] },
    ]);
  });
  test("drops losses older than 24 hours, and keeps those of a clock that was ahead", () => {
    const list = [24, 23.9, -1].map((hours) => run(hours, { disabled: 20 }));
    expect(recentLosses(list, now).map((one) => one.at)).toEqual([hoursAgo(23.9), hoursAgo(-1)]);
    expect(judged({ disabled: 1 }, { recent: [run(25, { disabled: 20 })] }).verdict).toBe("ok");
  });
  test("`below` is always allowed, whatever the share; above it the share counts", () => {
    const small = { population: { "accounts ad": 10 } };
    expect(judged({ disabled: 3 }, small).verdict).toBe("ok");
    expect(judged({ disabled: 4 }, small).breaches).toEqual([
      expect.stringMatching(
        /^4 accounts in Active Directory would be disabled in 24 hours; the limit is 5 % of 10 = 3 \(mappings\/safety\.yaml limits\.disabled\.share\); /u,
      ),
    ]);
  });
  test("names every limit that would be passed", () => {
    const { breaches } = judged({ disabled: 51, memberships: 501, licences: 51 });
    expect(breaches.map((breach) => /limits\.\S+(?=\))/u.exec(breach)?.[0])).toEqual([
      ...["limits.disabled.most", "limits.disabled.share", "limits.membershipsLost.most", "limits.membershipsLost.share"],
      ...["limits.licencesLost.most", "limits.licencesLost.share"],
    ]);
  });
  test("a plan that takes nothing is allowed after the worst of days", () => {
    expect(judged({}, { recent: [run(1, { disabled: 900, memberships: 900, licences: 900 })] })).toEqual({ verdict: "ok", breaches: [] });
  });
  test("security-5: a share is one of the system's own, not of all systems together", () => {
    const there = { "accounts ad": 1000, "accounts halo": 20 };
    const agents = amounts({ disabled: 4 }, { system: "halo" });
    expect(judged({}, { counted: agents, population: there }).breaches.join()).toMatch(/^4 accounts in Halo .* 5 % of 20 = 3 /u);
    expect(judged({ disabled: 4 }, { population: there }).verdict).toBe("ok");
  });
  test("security-5: with `per` a limit holds for each value by itself as well, with those of the last 24 hours", () => {
    const file = safetyFile.parse({ limits: { disabled: { most: 100, share: "5 %", per: "site_name" } } }).limits;
    const there = { "accounts ad": 1000, "accounts ad site_name=h": 40, "accounts ad site_name=m": 960 };
    const at = (value: string, count: number, from = 0): Amount[] =>
      amounts({ disabled: count }, { per: { site_name: value } }).map((one) => ({ ...one, name: `${value}${from + Number(one.name)}` }));
    const how = { standing: standing(limitsOf(file), undefined), population: there, said: () => "Harbour" };
    expect(judged({}, { ...how, counted: at("m", 4) }).verdict).toBe("ok");
    expect(judged({}, { ...how, counted: [...at("h", 4), ...at("m", 4)] }).breaches).toEqual([
      expect.stringMatching(
        /^4 accounts in Active Directory would be disabled in 24 hours where site_name is Harbour; the limit is 5 % of 40 = 3 \(/u,
      ),
    ]);
    const before = { at: hoursAgo(2), counted: tallied(at("h", 2, 10)) };
    expect(judged({}, { ...how, counted: at("h", 2), recent: [before] }).breaches.join()).toMatch(/Harbour \(2 now, 2 before\)/u);
  });
  test("is monotone: losing more never turns a refusal into an approval", () => {
    const losses = fc.record({ disabled: fc.nat(60), memberships: fc.nat(300), licences: fc.nat(60), gained: fc.nat(900) });
    const one = fc.constantFrom("disabled" as const, "memberships" as const, "licences" as const, "gained" as const);
    fc.assert(
      fc.property(losses, one, fc.nat(1000), losses, (some, kind, there, before) => {
        const held = ["accounts", "memberships", "licences", "access"].map((of) => [`${of} ad`, there]);
        const judge = (given: typeof some) => judged(given, { population: Object.fromEntries(held), recent: [run(2, before)] });
        if (judge(some).verdict === "refused") expect(judge({ ...some, [kind]: some[kind] + 1 }).verdict).toBe("refused");
      }),
    );
  });
  test("security-5: nothing is had by splitting: what runs of 24 hours may do together, one run may do", () => {
    const sites = ["a", "b"];
    const amount = fc
      .record({
        ...{ as: fc.constantFrom(...classNames), system: fc.constantFrom("ad", "entra", "halo"), name: fc.nat(40).map(String) },
        ...{ people: fc.integer({ min: 1, max: 6 }), site: fc.constantFrom(...sites) },
      })
      .map(({ site, ...one }): Amount => ({ ...one, per: { site_name: site } }));
    const limit = fc.record(
      { most: fc.nat(30), share: fc.nat(60), below: fc.nat(5), per: fc.constantFrom([], ["site_name"]) },
      { requiredKeys: ["below", "per"] },
    );
    const names = classNames.map((as) => classes[as].limit);
    const limits = fc.array(limit, { minLength: names.length, maxLength: names.length });
    const keys = ["accounts", "memberships", "licences", "folders", "access"].flatMap((of) =>
      ["ad", "entra", "halo"].flatMap((system) => [`${of} ${system}`, ...sites.map((site) => `${of} ${system} site_name=${site}`)]),
    );
    const there = fc.array(fc.nat(60), { minLength: keys.length, maxLength: keys.length });
    const split = fc.array(fc.record({ there }), { minLength: 1, maxLength: 4 });
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 40 }), limits, split, fc.array(fc.nat(3), { maxLength: 40 }), (all, given, runs, parts) => {
        // What is counted under one name is one thing, whoever counts it; each run may do any of it, also twice.
        const once = [...new Map(all.map((one) => [`${one.as} ${one.name}`, one])).values()];
        const stands = {
          limits: Object.fromEntries(names.map((name, at) => [name, given[at]])),
          raised: [],
        } as unknown as Judged["standing"];
        const judge = (counted: readonly Amount[], recent: readonly Loss[], population: Population) =>
          guard({ counted, recent, population, standing: stands, now, said: (value) => value }).verdict;
        const first = Object.fromEntries(keys.map((key, at) => [key, runs[0]?.there[at] ?? 0]));
        const ledger: Loss[] = [];
        const done: Amount[] = [];
        for (const [number, { there: left }] of runs.entries()) {
          const mine = once.filter((_, at) => (parts[at] ?? 0) % runs.length === number || at % 7 === number);
          // What earlier runs have made is there as well.
          const population = ledger.length === 0 ? first : Object.fromEntries(keys.map((key, at) => [key, left[at] ?? 0]));
          if (judge(mine, ledger, population) === "refused") {
            refusals += 1;
            continue;
          }
          if (mine.length > 0) ledger.push({ at: hoursAgo(20 - number), counted: tallied(mine), population });
          done.push(...mine.filter((one) => !done.includes(one)));
        }
        expect(judge(done, [], first)).toBe("ok");
      }),
      { numRuns: 400 },
    );
    expect(refusals).toBeGreaterThan(50);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CountedAs } from "../../../../providers/core/access.ts";
import type { Loss } from "../../../../stacks/model/types.ts";
import { amountsOf, apart } from "../../../../stacks/plan/counted.ts";
import { kept } from "../../../../stacks/plan/kept.ts";
import { leastOf } from "../../../../stacks/plan/population.ts";

const at = "2026-01-01T00:00:00.000Z";
const names = (count: number, of: string): string[] =>
  Array.from({ length: count }, (_, index) => `${of}${String(index).padStart(11, "0")}`);
const run = (as: CountedAs, count: number, of = "a", each?: number): Loss => ({
  at,
  counted: [{ as, system: "ad", ...(each === undefined ? {} : { each }), of: names(count, of) }],
});
const total = (losses: readonly Loss[]): number => losses.flatMap(amountsOf).reduce((sum, { people }) => sum + people, 0);

describe("the ledger", () => {
  test("has room for the first day of a large company, and counts everything of it", () => {
    const ledger = kept([run("disabled", 100)], run("gained", 70_000, "b", 2));
    expect(JSON.stringify(ledger).length).toBeLessThan(131_072);
    expect(total(ledger)).toBe(140_100);
    // What is lost keeps its names, by which it is not counted twice.
    expect(ledger[0]).toEqual(run("disabled", 100));
    const losses = kept([], run("disabled", 20_000));
    expect(JSON.stringify(losses).length).toBeLessThan(131_072);
    expect(total(losses)).toBe(20_000);
  });

  test("makes room of every class of a run, not of one alone", () => {
    const both = {
      at,
      counted: [...run("gained", 20_000).counted, ...run("memberships", 20_000).counted, ...run("disabled", 100).counted],
    };
    const ledger = kept([], both);
    expect(JSON.stringify(ledger).length).toBeLessThan(131_072);
    expect(total(ledger)).toBe(40_100);
    expect(ledger[0]?.counted[2]).toEqual(run("disabled", 100).counted[0]);
  });

  test("a hundred runs a day with limits by site have room", () => {
    const population = Object.fromEntries(
      Array.from({ length: 600 }, (_, site) => [`accounts ad site_name=${String(site).padStart(12, "0")}`, 40]),
    );
    let ledger: Loss[] = [];
    for (let count = 0; count < 100; count += 1) ledger = kept(ledger, { ...run("disabled", 1, String(count)), population });
    expect(JSON.stringify(ledger).length).toBeLessThan(60_000);
    expect(leastOf({}, ledger)).toEqual(population);
  });

  test("property: what is kept is judged as if everything were, at any later time", () => {
    const population = fc.dictionary(fc.constantFrom("accounts ad", "accounts halo", "access ad"), fc.nat(9));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), population), { minLength: 1 }), fc.nat(9), (runs, from) => {
        const all = runs.map(([count, there], index): Loss => ({ ...run("disabled", count, String(index % 3)), population: there }));
        const ledger = all.reduce((so, one) => kept(so, one), [] as Loss[]);
        // Earlier runs are forgotten first.
        expect(leastOf({}, ledger.slice(from))).toEqual(leastOf({}, all.slice(from)));
        expect(apart(ledger, []).length).toBe(apart(all, []).length);
      }),
    );
  });
});

/** What an emergency widens, and what it leaves as it is, for any limits and any scope. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import { type Emergency, limitNames, uncovered, widened } from "../../../../stacks/plan/emergency.ts";
import { limitsOf, numbers } from "../../../../stacks/plan/limits.ts";

const limits = limitsOf(safetyFile.parse({}).limits);
const given = (more: object): Emergency => ({ limits: {}, scope: { systems: ["ad"] }, ...more }) as unknown as Emergency;
const fields = numbers.map(({ field }) => field);

describe("an emergency", () => {
  it("widens the numbers that it names where they are more, lowers none, and touches nothing else", () => {
    const number = fc.option(fc.nat(2000), { nil: undefined });
    const wider = fc.record({ most: number, share: fc.option(fc.nat(100), { nil: undefined }), below: number });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...limitNames), wider), (all) => {
        const now = widened(limits, given({ limits: all }));
        for (const name of limitNames) {
          expect(now[name].per).toEqual(limits[name].per);
          for (const field of fields) {
            const [was, asked] = [limits[name][field], all[name]?.[field]];
            // What is no limit stays none.
            expect(now[name][field]).toBe(was === undefined || asked === undefined ? was : Math.max(was, asked));
          }
        }
      }),
    );
  });

  const change = (system: string, label: string): PlanChange => ({ system, label, resource: label }) as PlanChange;
  const plan = {
    people: [
      { key: "1", changes: [change("ad", "GG-Sales"), change("ad", "ada"), change("entra", "ada")] },
      { key: "2", changes: [change("ad", "GG-Sales"), change("ad", "ben")] },
    ],
    shared: [change("ad", "GG-Sales"), change("ad", "GG-VPN"), change("halo", "GG-Sales")],
  } as unknown as Plan;
  const left = (scope: object): string[] => {
    const { people, shared } = uncovered(plan, given({ scope }));
    const said = (key: string) => (one: PlanChange) => `${key} ${one.system} ${one.label}`;
    return [...people.flatMap(({ key, changes }) => changes.map(said(key))), ...shared.map(said("-"))];
  };

  it("covers what is in its systems, and there of its people and groups alone where it names any", () => {
    expect(left({ systems: ["ad"] })).toEqual(["1 entra ada", "- halo GG-Sales"]);
    expect(left({ systems: ["ad", "entra", "halo"] })).toEqual([]);
    expect(left({ systems: ["ad"], people: ["1"] })).toEqual([
      ...["1 entra ada", "2 ad GG-Sales", "2 ad ben", "- ad GG-Sales", "- ad GG-VPN", "- halo GG-Sales"],
    ]);
    expect(left({ systems: ["ad"], groups: ["GG-Sales"] })).toEqual([
      "1 ad ada",
      "1 entra ada",
      "2 ad ben",
      "- ad GG-VPN",
      "- halo GG-Sales",
    ]);
    expect(left({ systems: ["ad"], people: ["2"], groups: ["GG-VPN"] })).toEqual([
      ...["1 ad GG-Sales", "1 ad ada", "1 entra ada", "- ad GG-Sales", "- halo GG-Sales"],
    ]);
  });
});

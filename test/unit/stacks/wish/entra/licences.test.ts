/** Seats over the whole plan: who gets one, who is parked, what the ledger says; and what cannot be right in a mapping or a tenant. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { clashes } from "../../../../../providers/entra/licence/service-plans.ts";
import { type Asker, type Stock, share } from "../../../../../stacks/wish/entra/shares.ts";
import { type Wish, wish } from "../../../../../stacks/wish/wish.ts";
import { entraUser, mappings, record, world } from "../../world.ts";

const skus = ["a", "b", "c"] as const;
const subset = fc.uniqueArray(fc.constantFrom(...skus), { maxLength: 3 });
const someAskers = fc
  .array(fc.record({ takes: subset, gives: subset }), { maxLength: 12 })
  .map((all): Asker[] =>
    all.map(({ takes, gives }, index) => ({ key: String(index + 1), takes, gives: gives.filter((sku) => !takes.includes(sku)) })),
  );
const someStock = fc
  .tuple(...skus.map(() => fc.record({ owned: fc.nat(6), used: fc.nat(6) })))
  .map((all): Map<string, Stock> => new Map(all.map((one, index) => [skus[index] ?? "", one])));

describe("seats dealt out over the whole plan", () => {
  it("never gives more than there is, in the order in which the run would do it, and leaves nobody without for a moment", () => {
    fc.assert(
      fc.property(someStock, someAskers, (stock, askers) => {
        const { denied, rounds } = share(stock, askers);
        const free = new Map([...stock].map(([sku, { owned, used }]) => [sku, owned - used]));
        const granted = askers.map((one) => {
          const none = denied.get(one.key) ?? [];
          // Who gives something up has all of it or nothing; else each SKU for itself.
          if (one.gives.length > 0 && none.length > 0) return { ...one, takes: [], gives: [] };
          return { ...one, takes: one.takes.filter((sku) => !none.includes(sku)) };
        });
        for (let round = 0; round <= askers.length; round += 1) {
          const now = granted.filter((one) => (rounds.get(one.key) ?? 0) === round);
          // Within a round all may run at once: takes come before anything that the same round gives back.
          for (const one of now)
            for (const sku of one.takes) {
              expect(free.get(sku)).toBeGreaterThan(0);
              free.set(sku, (free.get(sku) ?? 0) - 1);
            }
          for (const one of now) for (const sku of one.gives) free.set(sku, (free.get(sku) ?? 0) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("parks exactly the short ones, the last by key, and the sums add up", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), fc.nat(8), fc.nat(4), (owned, used, joiners, leavers) => {
        const askers: Asker[] = [
          ...Array.from({ length: joiners }, (_, at) => ({ key: String(at + 1), takes: ["a"], gives: [] })),
          ...Array.from({ length: leavers }, (_, at) => ({ key: String(100 + at), takes: [], gives: ["a"] })),
        ];
        const { denied, sums } = share(new Map([["a", { owned, used }]]), askers);
        const short = Math.max(0, Math.min(joiners, joiners - (owned - used + leavers)));
        expect([...denied.keys()].map(Number).sort((a, b) => a - b)).toEqual(
          Array.from({ length: short }, (_, at) => joiners - short + at + 1),
        );
        expect(sums.get("a") ?? { wanted: 0, short: 0, released: 0 }).toEqual({ wanted: joiners, short, released: leavers });
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order in which people come", () => {
    fc.assert(
      fc.property(someStock, someAskers, (stock, askers) => {
        expect(share(stock, [...askers].reverse())).toEqual(share(stock, askers));
      }),
      { numRuns: 100 },
    );
  });

  it("where more is used than owned, what comes back first makes up for that", () => {
    const askers = [
      { key: "1", takes: ["b"], gives: ["a"] },
      { key: "4", takes: ["c"], gives: ["a"] },
      { key: "5", takes: ["a"], gives: [] },
      { key: "6", takes: [], gives: ["b"] },
    ];
    const stock = { a: { owned: 0, used: 1 }, b: { owned: 0, used: 0 }, c: { owned: 1, used: 0 } };
    expect([...share(new Map(Object.entries(stock)), askers).rounds]).toEqual([
      ["1", 1],
      ["5", 2],
    ]);
  });

  it("two who want each other's seat wait for a third one", () => {
    const askers = [
      { key: "1", takes: ["b"], gives: ["a"] },
      { key: "2", takes: ["a"], gives: ["b"] },
    ];
    const full = { owned: 1, used: 1 };
    const none = share(new Map(Object.entries({ a: full, b: full })), askers);
    expect([...none.denied.keys()]).toEqual(["1", "2"]);
    const one = share(new Map(Object.entries({ a: full, b: { owned: 2, used: 1 } })), askers);
    expect(one.denied.size).toBe(0);
    expect([...one.rounds]).toEqual([["2", 1]]);
  });
});

const plans = ["TEAMS1", "SWAY", "YAMMER_ENTERPRISE"];
const sku = (name: string, owned: number, used: number, more: Values = {}): Live => ({
  id: `id-${name}`,
  values: { name, owned, used, state: "Enabled", plans: plans.map((plan) => ({ name: plan })), ...more },
});

type Line = { sku: string; without?: string[]; with?: string[]; for: { site_name: string } };
const lines = (given: Line[], more: object = {}) =>
  mappings({ ad: null, halo: null, entra: { usageLocation: "GB", licences: { every: given }, ...more } });

/** People 1 to n, who all have an account in Entra; `direct` by key. */
function plan(given: Line[], tenant: Live[], people: { site: string; direct?: string[]; inherited?: Values[] }[], more: object = {}): Wish {
  const records = people.map(({ site }, at) => record(at + 1, { site_name: site }));
  return wish(
    world({
      mappings: lines(given, more),
      records,
      live: {
        "entra:Licence": people.map(({ direct = [], inherited = [] }, at) =>
          entraUser(`e${at + 1}`, {
            mail: `user${at + 1}@corp.example.com`,
            employeeId: String(at + 1),
            usageLocation: "GB",
            direct: direct.map((name) => ({ sku: name, without: [] })),
            inherited,
          }),
        ),
        "entra:Group": [{ id: "g1", values: { name: "LIC-Office", members: [] } }],
        "entra:Sku": tenant,
      },
    }),
  );
}
const skusOf = (made: Wish, key: number): string[] =>
  ((made.resources.find((one) => one.name === `person-${key}`)?.inputs["skus"] ?? []) as { sku: string; without: string[] }[]).map((one) =>
    [one.sku, ...one.without.map((name) => `-${name}`)].join(" "),
  );
const roundOf = (made: Wish, key: number): number => made.resources.find((one) => one.name === `person-${key}`)?.round ?? 0;

describe("licences in the wish", () => {
  const both: Line[] = [
    { sku: "SPE_E3", for: { site_name: "Main" } },
    { sku: "SPE_E5", for: { site_name: "Lab" } },
  ];

  it("A9: seven joiners without a seat are parked, by the order of their keys, and nobody else is", () => {
    const made = plan(
      both,
      [sku("SPE_E3", 5, 2), sku("SPE_E5", 9, 0)],
      Array.from({ length: 10 }, () => ({ site: "Main" })),
    );
    expect(made.parked.map((one) => one.key)).toEqual(["4", "5", "6", "7", "8", "9", "10"]);
    expect(new Set(made.parked.map((one) => one.reason))).toEqual(new Set(["no seat of SPE_E3: 7 short; buy or free some"]));
    expect([1, 3, 4, 10].map((key) => skusOf(made, key))).toEqual([["SPE_E3"], ["SPE_E3"], [], []]);
    expect(made.ledger?.[0]).toEqual({ sku: "SPE_E3", owned: 5, used: 2, wanted: 10, short: 7, released: 0 });
  });

  it("a mover for whom there is no seat keeps what they have, and gives nothing up", () => {
    const made = plan(
      both,
      [sku("SPE_E3", 2, 2), sku("SPE_E5", 0, 0)],
      [
        { site: "Lab", direct: ["SPE_E3"] },
        { site: "Main", direct: ["SPE_E3"] },
      ],
    );
    expect(skusOf(made, 1)).toEqual(["SPE_E3"]);
    expect(made.parked.map((one) => one.key)).toEqual(["1"]);
    expect(made.ledger?.map((row) => [row.sku, row.wanted, row.short, row.released])).toEqual([
      ["SPE_E3", 0, 0, 0],
      ["SPE_E5", 1, 1, 0],
    ]);
  });

  it("freed seats are used: who needs one comes in a round after who gives it back, still before what follows", () => {
    const made = plan(both, [sku("SPE_E3", 1, 1), sku("SPE_E5", 1, 0)], [{ site: "Main" }, { site: "Lab", direct: ["SPE_E3"] }]);
    expect(made.parked).toEqual([]);
    expect([roundOf(made, 1), roundOf(made, 2)]).toEqual([1, 0]);
  });

  it("with prices the ledger says what the plan costs a month", () => {
    const made = plan(both, [sku("SPE_E3", 9, 1), sku("SPE_E5", 9, 0)], [{ site: "Main" }, { site: "Main" }, { site: "Main" }], {
      prices: { spe_e3: { month: 33.1, currency: "GBP" } },
    });
    expect(made.ledger?.[0]).toMatchObject({ wanted: 3, currency: "GBP", month: 99.3 });
    expect(made.ledger?.[1]).not.toHaveProperty("month");
  });

  it("A9: a SKU that was retired: those who have it keep it, nobody gets it, and the reason says why", () => {
    const gone = sku("SPE_E3", 0, 1, { state: "Suspended" });
    const made = plan(both, [gone, sku("SPE_E5", 9, 0)], [{ site: "Main", direct: ["SPE_E3"] }, { site: "Main" }]);
    expect([skusOf(made, 1), skusOf(made, 2)]).toEqual([["SPE_E3"], []]);
    expect(made.parked.map((one) => one.reason)).toEqual([
      "no seat of SPE_E3: 1 short, as the tenant's subscription is suspended; renew it, or name its successor in the mapping",
    ]);
    expect(made.ledger?.[0]?.state).toBe("Suspended");
  });

  it("a part number the tenant does not own parks the line with the nearest right name; a mover to it keeps what they have", () => {
    const typo: Line[] = [
      { sku: "SPE_E3", for: { site_name: "Main" } },
      { sku: "SPE_E6", for: { site_name: "Lab" } },
    ];
    const made = plan(typo, [sku("SPE_E3", 9, 1), sku("SPE_E5", 9, 0)], [{ site: "Lab", direct: ["SPE_E3"] }]);
    expect(skusOf(made, 1)).toEqual(["SPE_E3"]);
    expect(made.parked.map((one) => [one.key, one.where])).toEqual([["SPE_E6", "mapping"]]);
    expect(made.parked[0]?.reason).toContain("the tenant owns no licence SPE_E6; did you mean SPE_E3?");
  });

  it("an unknown service plan is refused with the nearest right name; who has the SKU keeps the plans they have", () => {
    const made = plan(
      [{ sku: "SPE_E3", without: ["TEAMS"], for: { site_name: "Main" } }],
      [sku("SPE_E3", 9, 1)],
      [{ site: "Main", direct: ["SPE_E3"] }, { site: "Main" }],
    );
    expect([skusOf(made, 1), skusOf(made, 2)]).toEqual([["SPE_E3"], []]);
    expect(made.parked.map((one) => one.reason)).toEqual([
      expect.stringMatching(/licences\.0\.without: SPE_E3 has no service plan TEAMS; did you mean TEAMS1\?/u),
    ]);
  });

  it("`with` names the plans to have: all others of the SKU are off, but not what is the tenant's as a whole", () => {
    const tenant = sku("SPE_E3", 9, 0, { plans: [...plans.map((name) => ({ name })), { name: "COMPANY_WIDE", company: true }] });
    const made = plan([{ sku: "SPE_E3", with: ["teams1"], for: { site_name: "Main" } }], [tenant], [{ site: "Main" }]);
    expect(skusOf(made, 1)).toEqual(["SPE_E3 -SWAY -YAMMER_ENTERPRISE"]);
  });

  it("a licence that a group cannot give is said in words, with the group's name and who it concerns", () => {
    const inherited = [{ sku: "SPE_E5", group: "g1", error: "CountViolation" }];
    const made = plan(both, [sku("SPE_E3", 9, 0), sku("SPE_E5", 9, 9)], [{ site: "Main", inherited }]);
    expect(made.notes).toContain(
      "The group LIC-Office cannot give SPE_E5: no seat is free: buy or free some (CountViolation), then let Entra ID reprocess them. Concerns Ada1 Example1 (1)",
    );
  });

  it("without the tenant's list nothing is counted and nobody is parked", () => {
    const made = wish(
      world({
        mappings: lines(both),
        records: [record(1)],
        live: { "entra:Licence": [entraUser("e1", { mail: "user1@corp.example.com" })] },
      }),
    );
    expect(made.ledger).toBeUndefined();
    expect(made.parked).toEqual([]);
  });
});

describe("H13: the tenant's licences in Halo", () => {
  const inHalo = (wanted: object, existing: Live[] = []): Wish =>
    wish(
      world({
        mappings: mappings({
          ad: null,
          entra: { usageLocation: "GB", licences: { every: [{ sku: "VISIO", for: wanted }] } } as never,
          halo: { licences: { client: 12 } },
        }),
        records: [record(1), record(2, { site_name: "Lab" })],
        live: {
          "entra:Licence": [1, 2].map((key) => entraUser(`e${key}`, { employeeId: String(key), usageLocation: "GB" })),
          "entra:Sku": [sku("VISIO", 5, 0)],
          "halo:Licence": existing,
        },
      }),
    );
  const made = (wished: Wish): Values | undefined => wished.resources.find((one) => one.type === "halo:Licence")?.inputs;

  it("are as many as the tenant owns, linked to those who have them by this plan", () => {
    expect(made(inHalo({ site_name: "Lab" }))).toEqual({ client: 12, sku: "VISIO", count: 5, users: ["person:2"] });
  });

  it("are left to Halo's own import where that keeps them", () => {
    const existing = [{ id: "7", values: { client: 12, sku: "VISIO", name: "Visio", count: 1, imported: 3 } }];
    const wished = inHalo({ site_name: "Lab" }, existing);
    expect(made(wished)).toBeUndefined();
    expect(wished.parked.map((one) => one.reason)).toEqual([
      "Halo's own Entra import (connection 3) keeps the licence VISIO already: turn one of the two off",
    ]);
  });

  it("are not linked where the link itself is what the licence is wanted for", () => {
    const existing = [{ id: "7", values: { client: 12, sku: "VISIO", name: "Visio", count: 5, imported: 0 } }];
    const wished = inHalo({ any: [{ site_name: "Main" }, { hasSoftware: "Visio" }] }, existing);
    expect(made(wished)).toEqual({ client: 12, sku: "VISIO", count: 5 });
    expect(wished.notes.join()).toMatch(/links Visio to everybody who has VISIO.*nobody would ever lose it/u);
  });
});

describe("service plans that do not go together", () => {
  const tenant = [
    { name: "E1", plans: [{ name: "EXCHANGE_S_STANDARD" }, { name: "SHAREPOINTWAC" }] },
    { name: "E3", plans: [{ name: "EXCHANGE_S_ENTERPRISE" }, { name: "SHAREPOINTENTERPRISE" }] },
  ];
  it("explains what excludes what, and what needs what", () => {
    expect(
      clashes(
        [
          { sku: "E1", without: [] },
          { sku: "E3", without: [] },
        ],
        tenant,
      ),
    ).toEqual([
      "The service plans EXCHANGE_S_STANDARD (of E1) and EXCHANGE_S_ENTERPRISE (of E3) exclude each other: switch all but one off by `without`.",
    ]);
    expect(clashes([{ sku: "E1", without: [] }], tenant)[0]).toMatch(
      /^The service plan SHAREPOINTWAC \(of E1\) needs SHAREPOINTENTERPRISE or/u,
    );
    expect(
      clashes(
        [
          { sku: "E1", without: ["exchange_s_standard"] },
          { sku: "E3", without: [] },
        ],
        tenant,
      ),
    ).toEqual([]);
  });
});

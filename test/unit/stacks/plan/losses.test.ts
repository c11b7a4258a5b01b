/** Losses by name: a killed run's losses are not counted twice, others always are. */
import { describe, expect, test } from "vitest";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import { apart, lossNames } from "../../../../stacks/plan/losses.ts";

const change = (type: string, resource: string, fields: PlanChange["fields"], op: PlanChange["op"] = "update"): PlanChange => ({
  system: type.split(":")[0] as PlanChange["system"],
  type,
  resource,
  label: resource,
  op,
  fields,
});

const plan: Pick<Plan, "people" | "shared"> = {
  people: [
    {
      key: "1",
      name: "Ada Example",
      event: "leaver",
      changes: [
        change(
          "ad:User",
          "person-1",
          [
            { path: "enabled", before: true, after: false },
            { path: "attributes.title", before: "Mate", after: null },
          ],
          "disable",
        ),
        change("ad:Membership", "GG-Sales", [{ path: "member of", before: "GG-Sales", after: null }]),
        change("ad:Membership", "GG-VPN", [{ path: "member of", before: null, after: "GG-VPN" }]),
        change("entra:Licence", "person-1", [
          { path: "skus.SPE_E3", before: { sku: "SPE_E3" }, after: null },
          { path: "skus.SPE_E5", before: null, after: { sku: "SPE_E5" } },
        ]),
        change("halo:Agent", "person-1", [
          { path: "roles.Service Desk", before: "Service Desk", after: null },
          { path: "teams.Onsite", before: null, after: "Onsite" },
        ]),
      ],
    },
  ],
  shared: [
    change("ad:Group", "GG-Sales", [
      { path: "members.dn:CN=printer", before: "dn:CN=printer", after: null },
      { path: "members", before: "2 removed", after: null },
    ]),
  ],
};

describe("lossNames", () => {
  test("names what is lost and nothing else, each by a name of its own, and nobody by theirs", () => {
    const names = lossNames(plan);
    expect(names.map((name) => name[0])).toEqual(["d", "m", "l", "m", "m"]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[dml][0-9a-f]{12}$/u.test(name))).toBe(true);
    expect(lossNames(structuredClone(plan))).toEqual(names);
  });

  test("another person's or another group's loss has another name", () => {
    const other = structuredClone(plan);
    for (const one of other.people) one.key = "2";
    const names = new Set(lossNames(plan));
    // The account's resource is named in the change, the group's member by the person.
    expect(lossNames(other).filter((name) => names.has(name))).toHaveLength(1);
  });
});

describe("apart", () => {
  const at = "2026-01-01T00:00:00.000Z";

  test("what a killed run had counted and the next plan still has to do counts once", () => {
    const recent = [{ at, disabled: 2, memberships: 1, licences: 0, of: ["d1", "d2", "m1"] }];
    expect(apart(recent, ["d2", "m1", "d3"])).toEqual([{ at, disabled: 1, memberships: 0, licences: 0, of: ["d1"] }]);
    expect(apart(recent, [])).toEqual(recent);
  });

  test("killed again and again, each loss counts once in all", () => {
    const recent = [
      { at, disabled: 2, memberships: 0, licences: 1, of: ["d1", "d2", "l1"] },
      { at, disabled: 2, memberships: 0, licences: 1, of: ["d2", "d1", "l1"] },
      { at, disabled: 1, memberships: 0, licences: 0, of: ["d3"] },
    ];
    const counted = apart(recent, ["d2"]);
    expect(counted.map((loss) => [loss.disabled, loss.licences])).toEqual([
      [1, 1],
      [0, 0],
      [1, 0],
    ]);
  });

  test("an entry without names counts as it is", () => {
    const recent = [{ at, disabled: 5, memberships: 4, licences: 3 }];
    expect(apart(recent, ["d1"])).toEqual(recent);
  });
});

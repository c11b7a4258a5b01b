/** Losses by name: a killed run's losses are not counted twice, others always are. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { judgeLosses } from "../../../../cli/ledger/losses.ts";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import type { DesiredResource } from "../../../../stacks/model/types.ts";
import { apart, countLosses, lossNames, populationOf } from "../../../../stacks/plan/losses.ts";

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

describe("what counts", () => {
  test("middle-B7: what is switched off without being anybody's account is no account disabled", () => {
    const off = (type: string) => change(type, "x", [{ path: "enabled", before: true, after: false }], "disable");
    const things = ["halo:Asset", "ad:Computer", "halo:Site", "halo:Client"].map(off);
    expect(countLosses({ people: [], shared: things })).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    const accounts = ["ad:User", "entra:User", "halo:Agent", "halo:User"].map(off);
    expect(countLosses({ people: [], shared: accounts }).disabled).toBe(4);
  });

  test("the plan's counts and the ledger's names are one truth", () => {
    const counts = countLosses(plan);
    const names = lossNames(plan);
    expect(counts).toEqual({ disabled: 1, memberships: 3, licences: 1 });
    expect(names).toHaveLength(5);
  });

  test("a set that is no longer managed loses nobody anything", () => {
    const gone = change("ad:Group", "GG", [{ path: "members", before: ["person:1", "person:2"], after: null }]);
    expect(countLosses({ people: [], shared: [gone] }).memberships).toBe(0);
  });

  test("who goes out of an administrative unit is counted like one who goes out of a group, and who comes in is not", () => {
    const unit = (path: string, before: string | null, after: string | null) =>
      change("entra:AdministrativeUnit", "Deck", [{ path, before, after }]);
    const there = [unit("members.person:1", "person:1", null), unit("members.person:2", null, "person:2"), unit("description", "a", "b")];
    expect(countLosses({ people: [], shared: there })).toEqual({ disabled: 0, memberships: 1, licences: 0 });
    const place = change("entra:AdministrativeUnit:Membership", "Deck", [{ path: "member of", before: "Deck", after: null }]);
    expect(countLosses({ people: [], shared: [place] }).memberships).toBe(1);
  });

  test("middle-B8: the population is what is managed in every system, also where there is only Halo", () => {
    const agent = (key: string): DesiredResource => ({
      type: "halo:Agent",
      name: `person-${key}`,
      person: key,
      inputs: {},
      because: {},
    });
    const was = {
      person: "1",
      name: "A",
      email: "",
      enabled: true,
      roles: ["Service Desk"],
      teams: ["1st", "2nd"],
      of: { roles: [], teams: [] },
    };
    const team: DesiredResource = { type: "halo:Team", name: "1st", inputs: {}, because: {} };
    const agents = Array.from({ length: 200 }, (_, index) => agent(String(index)));
    const live = new Map<string, Values | undefined>(agents.map((one) => [`halo:Agent::${one.name}`, was]));
    live.set("halo:Team::1st", { name: "1st", mode: "exact", members: ["person:1", "id:7"] });
    expect(populationOf([...agents, team], live)).toEqual({ disabled: 200, memberships: 602, licences: 0, deleted: 0, folders: 0 });
    const judge = judgeLosses(
      { mappings: { safety: safetyFile.parse({}) }, wish: { resources: agents }, world: { was: live } } as never,
      { known: { losses: [], due: [], used: [] }, isFirst: false, isLost: false },
      new Date(),
    );
    expect(judge({ disabled: 4, memberships: 0, licences: 0 }, []).verdict).toBe("ok");
    expect(judge({ disabled: 11, memberships: 0, licences: 0 }, []).breaches[0]).toContain("5 % of 200");
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

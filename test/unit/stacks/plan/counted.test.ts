/** Losses by name: a killed run's losses are not counted twice, others always are. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { judgeLosses } from "../../../../cli/ledger/losses.ts";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import type { Amount, DesiredResource, Loss } from "../../../../stacks/model/types.ts";
import { apart, countedIn, summaryOf } from "../../../../stacks/plan/counted.ts";
import { populationOf } from "../../../../stacks/plan/population.ts";

const change = (type: string, resource: string, fields: PlanChange["fields"], op: PlanChange["op"] = "update"): PlanChange => ({
  system: type.split(":")[0] as PlanChange["system"],
  type,
  resource,
  label: resource,
  op,
  fields,
});

const countLosses = (given: Pick<Plan, "people" | "shared">) => summaryOf(countedIn(given)).losses;
const lost = (given: Pick<Plan, "people" | "shared">): Amount[] =>
  countedIn(given).filter(({ as }) => as !== "gained" && as !== "privileged");

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

describe("names", () => {
  test("names what is lost and gained, each by a name of its own, and nobody by theirs", () => {
    const all = countedIn(plan);
    expect(all.map(({ as }) => as)).toEqual([
      ...["disabled", "memberships", "gained", "licences", "gained", "memberships", "gained", "memberships"],
    ]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.every(({ name = "" }) => /^[0-9a-f]{12}$/u.test(name))).toBe(true);
    expect(countedIn(structuredClone(plan))).toEqual(all);
  });

  test("another person's or another group's loss has another name", () => {
    const other = structuredClone(plan);
    for (const one of other.people) one.key = "2";
    const names = new Set(lost(plan).map(({ name }) => name));
    // The account's resource is named in the change, the group's member by the person.
    expect(lost(other).filter(({ name }) => names.has(name))).toHaveLength(1);
  });
});

describe("what counts", () => {
  test("middle-B7: what is switched off without being anybody's account is no account disabled", () => {
    const off = (type: string) => change(type, "x", [{ path: "enabled", before: true, after: false }], "disable");
    const things = ["halo:Asset", "ad:Computer", "halo:Site", "halo:Client"].map(off);
    expect(countLosses({ people: [], shared: things })).toEqual({ disabled: 0, memberships: 0, licences: 0, lockedOut: 1, rules: 2 });
    const accounts = ["ad:User", "entra:User", "halo:Agent", "halo:User"].map(off);
    expect(countLosses({ people: [], shared: accounts }).disabled).toBe(4);
  });

  test("the plan's counts and the ledger's names are one truth", () => {
    const counts = countLosses(plan);
    const names = lost(plan);
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
    expect(populationOf([...agents, team], live, [], () => ({ text: "", digest: "" }))).toEqual({
      ...{ "accounts halo": 200, "people halo": 200, "memberships halo": 602, "access halo": 802 },
    });
    // Of users of Halo, of whom one is an agent too, as many come under other rules as there are users.
    const users = agents.slice(0, 30).map((one): DesiredResource => ({ ...one, type: "halo:User" }));
    const both = new Map<string, Values | undefined>(users.map((one) => [`halo:User::${one.name}`, { site: "Port" }]));
    both.set("halo:Agent::person-1", was);
    expect(populationOf([...users, agent("1")], both, [], () => ({ text: "", digest: "" }))).toMatchObject({
      ...{ "accounts halo": 1, "people halo": 30 },
    });
    const { judge } = judgeLosses(
      {
        mappings: { safety: safetyFile.parse({}), at: () => "mappings/safety.yaml" },
        wish: { resources: agents, people: [] },
        world: { was: live },
      } as never,
      { known: { losses: [], due: [], used: [], emergencies: [], stops: [] }, isFirst: false, isLost: false },
      new Date(),
    );
    const disabled = (count: number): Amount[] =>
      Array.from({ length: count }, (_, index) => ({ as: "disabled", system: "halo", name: String(index), people: 1 }));
    expect(judge(disabled(4)).verdict).toBe("ok");
    expect(judge(disabled(11)).breaches[0]).toContain("5 % of 200");
  });
});

describe("apart", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const run = (...names: [as: Amount["as"], name: string][]): Loss => ({ at, counted: names.map(([as, name]) => ({ as, of: [name] })) });
  const named = (...names: [as: Amount["as"], name: string][]): Amount[] => names.map(([as, name]) => ({ as, name, people: 1 }));

  test("what a killed run had counted and the next plan still has to do counts once", () => {
    const recent = [run(["disabled", "1"], ["disabled", "2"], ["memberships", "1"])];
    expect(apart(recent, named(["disabled", "2"], ["memberships", "1"], ["disabled", "3"]))).toEqual(named(["disabled", "1"]));
    expect(apart(recent, [])).toHaveLength(3);
  });

  test("killed again and again, each loss counts once in all", () => {
    const recent = [
      run(["disabled", "1"], ["disabled", "2"], ["licences", "1"]),
      run(["disabled", "2"], ["disabled", "1"], ["licences", "1"]),
      run(["disabled", "3"]),
    ];
    expect(apart(recent, named(["disabled", "2"]))).toEqual(named(["disabled", "1"], ["licences", "1"], ["disabled", "3"]));
  });

  test("what has no name counts as it is", () => {
    expect(apart([{ at, counted: [{ as: "disabled", count: 5 }] }], named(["disabled", "1"]))).toEqual([{ as: "disabled", people: 5 }]);
  });
});

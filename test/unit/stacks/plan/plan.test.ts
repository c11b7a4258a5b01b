/** From the engine's steps to the plan document: ops, losses, who is a joiner, mover, leaver; sealed by its digest. */
import { describe, expect, test } from "vitest";
import { type Plan, planSchema } from "../../../../stacks/model/plan.ts";
import type { DesiredResource, Person } from "../../../../stacks/model/types.ts";
import { countedIn } from "../../../../stacks/plan/counted.ts";
import type { PlanningInput, Step } from "../../../../stacks/plan/input.ts";
import { changeCount, planOf, sealed } from "../../../../stacks/plan/plan.ts";

const because = { rule: "mappings/ad.yaml:3", record: "halo.users 1", field: "title" };

function resource(type: string, name: string, inputs: DesiredResource["inputs"], more: Partial<DesiredResource> = {}): DesiredResource {
  return { type, name, inputs, because: { "": because }, ...more };
}

function person(key: string, stage: Person["stage"] = "active", accounts: Person["accounts"] = {}): Person {
  return {
    key,
    name: `Person ${key}`,
    stage,
    accounts,
    ...(stage === "leaver" ? { because: { rule: "mappings/safety.yaml:4", field: "inactive", note: "inactive in Halo" } } : {}),
  };
}

function plan(resources: DesiredResource[], steps: Step[], people: Person[], more: Partial<PlanningInput> = {}): Plan {
  return planOf({
    stack: "test",
    now: new Date("2026-01-01T00:00:00Z"),
    expires: 24,
    source: { name: "halo.users", records: people.length, trust: "trusted", doubts: [] },
    wish: {
      resources,
      people,
      parked: [],
      notes: [],
      refused: [],
      memory: { format: "haloform.memory/1", source: { count: 1, filled: {} }, people: {} },
      facts: () => undefined,
    },
    steps,
    was: new Map(),
    world: "sha256:w",
    live: {},
    memory: undefined,
    calls: { halo: 0, graph: 0, ldap: 0 },
    judge: () => ({ verdict: "ok", breaches: [] }),
    ...more,
  });
}

const account = (title: string, enabled = true) => ({
  person: "1",
  name: "Ada Example",
  path: "OU=Main,DC=corp,DC=example,DC=com",
  enabled,
  sAMAccountName: "aexample",
  attributes: { title },
});

describe("planOf", () => {
  test("what is taken because the mapping has begun to name it is in the plan, and counts", () => {
    const before = { person: "1", skus: [], of: ["SPE_E3"] };
    const inputs = { ...before, of: ["SPE_E3", "VISIO"] };
    const was = new Map([["entra:Licence::person-1", { ...inputs, skus: [{ sku: "VISIO", without: [] }] }]]);
    const wished = [resource("entra:Licence", "person-1", inputs, { person: "1" })];
    const steps: Step[] = [{ type: "entra:Licence", name: "person-1", op: "update", before }];
    const made = plan(wished, steps, [person("1")], { was });
    expect(made.people[0]?.changes[0]).toMatchObject({ op: "strip", fields: [{ path: "skus.VISIO", after: null }] });
    expect(made.summary.losses.licences).toBe(1);
    // Once it is gone, naming it changes nothing that anybody sees.
    expect(changeCount(plan(wished, steps, [person("1")]))).toBe(0);
  });

  test("a SKU taken from a group is a licence lost by each member who has it no other way; what says how and not what is no change", () => {
    const group = { name: "LIC", mode: "exact", members: [], licences: [], create: true };
    const before = { ...group, licences: [{ sku: "SPE_E3", without: [] }] };
    const loses = { "licences.SPE_E3": ["person:1", "id:u9"] };
    const licence = { person: "1", skus: [], of: ["SPE_E3"] };
    const made = plan(
      [resource("entra:Group", "LIC", group, { loses }), resource("entra:Licence", "person-1", licence, { person: "1" })],
      [
        { type: "entra:Group", name: "LIC", op: "update", before },
        { type: "entra:Licence", name: "person-1", op: "update", before: { ...licence, leaving: ["SPE_E3"] } },
      ],
      [person("1")],
    );
    expect(planSchema.parse(made).summary.losses.licences).toBe(2);
    expect(made.shared[0]?.fields).toEqual([
      expect.objectContaining({ path: "licences.SPE_E3", after: null, loses: loses["licences.SPE_E3"] }),
    ]);
    expect(new Set(countedIn(made).map(({ name }) => name)).size).toBe(2);
    expect(changeCount(made)).toBe(1);
  });

  test("a person without an account is a joiner; every value has its reason", () => {
    const wished = resource("ad:User", "person-1", account("Deckhand"), {
      person: "1",
      because: { "": because, "attributes.title": { rule: "mappings/ad.yaml:9" } },
    });
    const made = plan([wished], [{ op: "create", type: "ad:User", name: "person-1", after: wished.inputs }], [person("1")]);
    expect(planSchema.parse(made)).toEqual(made);
    expect(made.people[0]).toMatchObject({ key: "1", event: "joiner", changes: [{ op: "create", label: "aexample" }] });
    const title = made.people[0]?.changes[0]?.fields.find((field) => field.path === "attributes.title");
    expect(title).toEqual({ path: "attributes.title", before: null, after: "Deckhand", because: { rule: "mappings/ad.yaml:9" } });
    expect(made.people[0]?.changes[0]?.fields.some((field) => field.path === "person")).toBe(false);
    expect(made.expires).toBe("2026-01-02T00:00:00.000Z");
  });

  test("disabling is named, counted as a loss, and comes with the leaver's reason", () => {
    const wished = resource("ad:User", "person-1", account("Deckhand", false), { person: "1" });
    const made = plan(
      [wished],
      [{ op: "update", type: "ad:User", name: "person-1", before: account("Deckhand"), after: wished.inputs }],
      [person("1", "leaver")],
    );
    expect(made.people[0]).toMatchObject({ event: "leaver", why: "inactive in Halo", changes: [{ op: "disable" }] });
    expect(made.summary.losses).toEqual({ disabled: 1, memberships: 0, licences: 0 });
  });

  test("an account taken over and disabled at once is shown as disabled", () => {
    const wished = resource("ad:User", "person-1", account("Deckhand", false), { person: "1", adopt: "guid" });
    const made = plan([wished], [{ op: "create", type: "ad:User", name: "person-1" }], [person("1", "leaver", { ad: "guid" })], {
      was: new Map([["ad:User::person-1", account("Deckhand")]]),
    });
    expect(made.people[0]?.changes[0]).toMatchObject({ op: "disable", fields: [{ path: "enabled", before: true, after: false }] });
  });

  test("a quiet adoption is counted, not listed; one with a change is listed with old and new", () => {
    const same = resource("ad:User", "person-1", account("Deckhand"), { person: "1", adopt: "a" });
    const other = resource("ad:User", "person-2", { ...account("Mate"), person: "2" }, { person: "2", adopt: "b" });
    const steps: Step[] = [
      { op: "create", type: "ad:User", name: "person-1" },
      { op: "create", type: "ad:User", name: "person-2" },
    ];
    const was = new Map([
      ["ad:User::person-1", account("Deckhand")],
      ["ad:User::person-2", { ...account("Deckhand"), person: "2" }],
    ]);
    const made = plan([same, other], steps, [person("1"), person("2")], { was });
    expect(made.summary).toMatchObject({ adopted: 1, ops: { adopt: 2 } });
    expect(made.people.map((one) => one.key)).toEqual(["2"]);
    expect(made.people[0]?.changes[0]?.fields).toMatchObject([{ path: "attributes.title", before: "Deckhand", after: "Mate" }]);
    expect(changeCount(made)).toBe(2);
  });

  test("a group's members are told to the people, and summed up with the group; losses count once", () => {
    const group = resource("ad:Group", "GG-Sales", { name: "GG-Sales", mode: "exact", members: ["person:1"] });
    const before = { name: "GG-Sales", mode: "exact", members: ["person:2", "dn:CN=printer,DC=corp,DC=example,DC=com"] };
    const made = plan(
      [group],
      [{ op: "update", type: "ad:Group", name: "GG-Sales", before, after: group.inputs }],
      [person("1"), person("2")],
    );
    expect(made.people.map((one) => [one.key, one.event, one.changes[0]?.type, one.changes[0]?.fields[0]?.after])).toEqual([
      ["1", "mover", "ad:Membership", "GG-Sales"],
      ["2", "mover", "ad:Membership", null],
    ]);
    expect(made.shared[0]?.fields.map((field) => field.path)).toEqual(["members.dn:CN=printer,DC=corp,DC=example,DC=com", "members"]);
    expect(made.summary.losses.memberships).toBe(2);
  });

  test("outside O12: references have names, also of people who do not change and of agents whom nobody manages", () => {
    const board = resource("halo:ChangeAdvisoryBoard", "Change", { name: "Change", as: "agent", mode: "exact", members: ["person:1"] });
    const ada = resource("ad:User", "person-1", { ...account("Deckhand"), attributes: { manager: "person:2" } }, { person: "1" });
    const cloud = resource("entra:Group", "SG-A", { name: "SG-A", mode: "exact", members: [], create: true });
    const made = plan(
      [board, ada, cloud],
      [
        { type: "halo:ChangeAdvisoryBoard", name: "Change", op: "update", before: { ...board.inputs, members: ["id:3"] } },
        { type: "ad:User", name: "person-1", op: "update", before: { ...ada.inputs, attributes: { manager: "person:9" } } },
        { type: "entra:Group", name: "SG-A", op: "update", before: { ...cloud.inputs, members: ["id:u-7", "id:gone"] } },
      ],
      [person("1"), person("2")],
      {
        live: {
          "halo:Agent": [{ id: "3", values: { name: "Eve Admin" } }],
          "entra:Licence": [{ id: "u-7", values: { displayName: "Guest User" } }],
        },
      },
    );
    expect(planSchema.parse(made)).toEqual(made);
    const names = [...made.shared, ...made.people.flatMap(({ changes }) => changes)].flatMap(({ fields }) =>
      fields.flatMap((field) => Object.entries(field.names ?? {})),
    );
    expect(Object.fromEntries(names)).toEqual({ "id:3": "Eve Admin", "person:2": "Person 2", "id:u-7": "Guest User" });
  });

  test("outside O12: what is let go of is told with the person whose it was", () => {
    const before = account("Deckhand");
    const made = plan([], [{ type: "ad:User", name: "person-1", op: "delete", before }], [person("1")]);
    expect(made.shared).toEqual([]);
    expect(made.people).toMatchObject([{ key: "1", name: "Person 1", changes: [{ op: "release", label: "aexample" }] }]);
  });

  test("a value that is no longer managed is not shown as lost", () => {
    const wished = resource("ad:User", "person-1", { ...account("Deckhand"), attributes: {} }, { person: "1" });
    const made = plan(
      [wished],
      [{ op: "update", type: "ad:User", name: "person-1", before: account("Deckhand"), after: wished.inputs }],
      [person("1")],
    );
    expect(made.people[0]?.changes[0]?.fields).toMatchObject([
      { path: "attributes.title", before: "Deckhand", after: "Deckhand", because: { note: expect.stringContaining("stays as it is") } },
    ]);
  });

  test("licences only taken away are stripped; a licence that waits for Entra Connect says so", () => {
    const strip = resource("entra:Licence", "person-1", { person: "1", skus: [], of: ["SPE_E3"] }, { person: "1" });
    const wait = resource(
      "entra:Licence",
      "person-2",
      { person: "2", skus: [{ sku: "SPE_E3", without: [] }], of: ["SPE_E3"] },
      { person: "2" },
    );
    const steps: Step[] = [
      {
        op: "update",
        type: "entra:Licence",
        name: "person-1",
        before: { person: "1", skus: [{ sku: "SPE_E3", without: [] }], of: ["SPE_E3"] },
      },
      { op: "create", type: "entra:Licence", name: "person-2" },
    ];
    const made = plan([strip, wait], steps, [person("1", "leaver", { entra: "id" }), person("2")]);
    expect(made.people[0]?.changes[0]).toMatchObject({ op: "strip", label: "licences" });
    expect(made.summary.losses.licences).toBe(1);
    expect(made.people[1]?.changes[0]?.pending).toContain("Entra Connect");
  });

  test("what leaves the program is let go of, never deleted; a replacement is an error", () => {
    const made = plan([], [{ op: "delete", type: "ad:Group", name: "GG-Old", before: { name: "GG-Old", members: [] } }], []);
    expect(made.shared[0]).toMatchObject({ op: "release", label: "GG-Old" });
    expect(() => plan([], [{ op: "replace", type: "ad:User", name: "person-1" }], [])).toThrow("haloform never replaces anything");
  });

  test("the digest holds the whole document", () => {
    const made = plan([], [], [person("1")]);
    expect(sealed(made)).toBe(true);
    expect(sealed({ ...made, expires: "2030-01-01T00:00:00.000Z" })).toBe(false);
    expect(sealed({ ...made, summary: { ...made.summary, people: 2 } })).toBe(false);
    const reordered = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(made).reverse()))) as Plan;
    expect(sealed(reordered)).toBe(true);
  });
});

/** Cloud groups and roles of applications by the real command line, on the sandbox. Rows A6, A7, A8 for Entra ID. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putUnit, unitsOf } from "../../sandbox/graph/administrative-units.ts";
import { enterprise } from "../../sandbox/graph/apps.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("cloud groups, app roles and administrative units", () => {
  let w: World;
  let mover: Person;
  let nested: Person;

  const graph = () => w.sandbox.graph.state;
  const groupNamed = (name: string) => [...graph().groups.current.values()].find((row) => row["displayName"] === name);
  const members = (name: string): string[] => graph().members.of(String(groupNamed(name)?.["id"]));
  const userOf = (person: Person): string => {
    const entry = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(person.id))[0];
    const id = graph().byName.get((entry?.text("userPrincipalName") ?? "").toLowerCase());
    if (id === undefined) throw new Error(`${person.id} has no Entra account`);
    return id;
  };
  const unitNamed = (name: string) => [...unitsOf(graph()).rows.values()].filter((row) => row["displayName"] === name);
  const inUnit = (name: string): string[] => unitsOf(graph()).members.get(String(unitNamed(name)[0]?.["id"])) ?? [];
  const approvers = (): unknown[] => {
    const { principals, assigned } = enterprise(graph());
    const timesheets = principals[0] ?? {};
    const role = (timesheets["appRoles"] as { id: string; value: string }[]).find((one) => one.value === "Approver")?.id;
    return (assigned.get(String(timesheets["id"])) ?? []).filter((one) => one["appRoleId"] === role).map((one) => one["principalId"]);
  };
  /** What a plan says of somebody in Entra ID: group or role → "in" or "out". */
  const said = (plan: Awaited<ReturnType<World["converge"]>>["plan"], key: number): { [name: string]: string } =>
    Object.fromEntries(
      (plan.people.find((one) => one.key === String(key))?.changes ?? [])
        .filter((change) => change.type.startsWith("entra:") && change.type.endsWith(":Membership"))
        .map((change) => [change.label, change.fields[0]?.after === null ? "out" : "in"]),
    );
  const direct = (person: Person): string[] =>
    (graph().direct.get(userOf(person)) ?? []).map((one) => graph().skus.find((sku) => sku.id === one.skuId)?.partNumber ?? "");

  beforeAll(async () => {
    w = await world();
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    const [first, second] = [
      steady.find((one) => one.post.department === "Sales"),
      steady.find((one) => one.post.department === "Finance"),
    ];
    if (!first || !second) throw new Error("nobody fits");
    [mover, nested] = [first, second];
    w.edit("entra", (entra) => {
      (entra["licences"] as { every: object[] }).every.push({ sku: "VISIOCLIENT", for: { "custom.CFDepartment": "Finance" } });
      entra["groups"] = [
        ...(entra["groups"] as object[]),
        { name: "SG-Sales", for: { "custom.CFDepartment": "Sales" }, owners: { person: [nested.id] } },
        { name: "SG-Finance", for: { "custom.CFDepartment": "Finance" }, contains: { groups: ["SG-Nested"] } },
        { name: "SG-Nested", for: { person: [nested.id] } },
        { name: "DYN-Engineering", rule: '(user.department -eq "Finance")' },
        { name: "LIC-Finance", for: { "custom.CFDepartment": "Finance" }, licences: [{ sku: "VISIOCLIENT" }] },
      ];
      entra["applications"] = [{ name: "Timesheets", role: "Approver", for: { "custom.CFDepartment": "Sales" }, groups: ["SG-Nested"] }];
      entra["administrativeUnits"] = [
        { name: "AU-Sales", for: { "custom.CFDepartment": "Sales" } },
        { name: "AU-Finance", description: "The books", for: { "custom.CFDepartment": "Finance" } },
        { name: "AU-Vault", for: { "custom.CFDepartment": "Finance" } },
      ];
    });
    putUnit(graph(), { displayName: "AU-Vault", isMemberManagementRestricted: true });
    putUnit(graph(), { displayName: "au-finance" }, [userOf(mover)]);
    // 4: AU-Vault is parked.
    await w.converge([4]);
  });
  afterAll(() => w.stop());

  it("A6: are made with people, groups, owners, a rule, licences and an app role; a second run changes nothing", async () => {
    expect(members("SG-Sales")).toContain(userOf(mover));
    expect(members("SG-Finance")).toContain(String(groupNamed("SG-Nested")?.["id"]));
    expect(groupNamed("DYN-Engineering")?.["membershipRule"]).toBe('(user.department -eq "Finance")');
    expect(approvers()).toEqual(expect.arrayContaining([userOf(mover), groupNamed("SG-Nested")?.["id"]]));
    // Finance has Visio through its group, and not a second time directly.
    expect(direct(nested)).not.toContain("VISIOCLIENT");
    expect(groupNamed("LIC-Finance")?.["assignedLicenses"]).toHaveLength(1);
    const again = await w.plan();
    expect(changeCount(again.plan), JSON.stringify(again.plan.shared)).toBe(0);
  });

  it("A6: administrative units are made and filled, or taken over by name; one of restricted management is left to a human", async () => {
    expect(unitNamed("AU-Sales")).toHaveLength(1);
    expect(inUnit("AU-Sales")).toContain(userOf(mover));
    // Taken over, though it was written otherwise: no second one was made, and who was not asked for went.
    expect([unitNamed("au-finance"), unitNamed("AU-Finance")].map((rows) => rows.length)).toEqual([0, 1]);
    expect(inUnit("AU-Finance")).toEqual(expect.arrayContaining([userOf(nested)]));
    expect(inUnit("AU-Finance")).not.toContain(userOf(mover));
    const { plan } = await w.plan();
    expect(plan.parked.find((one) => one.key === "AU-Vault")?.reason).toMatch(
      /its management is restricted \(isMemberManagementRestricted\)/u,
    );
    expect(inUnit("AU-Vault")).toEqual([]);
    w.edit("entra", (entra) => (entra["administrativeUnits"] as object[]).pop());
  });

  it("A7: what somebody changed in a unit by hand is found again, and put back", async () => {
    const { members: all } = unitsOf(graph());
    const id = String(unitNamed("AU-Sales")[0]?.["id"]);
    all.set(id, [...inUnit("AU-Sales").filter((one) => one !== userOf(mover)), userOf(nested)]);
    const { plan } = await w.plan();
    expect(said(plan, mover.id)).toEqual({ "AU-Sales": "in" });
    expect(said(plan, nested.id)).toEqual({ "AU-Sales": "out" });
    await w.converge();
    expect(inUnit("AU-Sales")).toContain(userOf(mover));
    expect(inUnit("AU-Sales")).not.toContain(userOf(nested));
  });

  it("A6 A7 A8: a mover's old groups and app roles go, new ones come, with the licence of the new group", async () => {
    w.sandbox.hand({ halo: { table: "users", id: mover.id, custom: { CFDepartment: "Finance" } } });
    const { plan } = await w.converge();
    expect(said(plan, mover.id)).toEqual({
      "SG-Sales": "out",
      "SG-Finance": "in",
      "LIC-Finance": "in",
      "AU-Sales": "out",
      "AU-Finance": "in",
      "Timesheets: Approver": "out",
    });
    expect(members("SG-Sales")).not.toContain(userOf(mover));
    expect(members("SG-Finance")).toContain(userOf(mover));
    expect([inUnit("AU-Sales").includes(userOf(mover)), inUnit("AU-Finance").includes(userOf(mover))]).toEqual([false, true]);
    expect(approvers()).not.toContain(userOf(mover));
    expect(direct(mover)).not.toContain("VISIOCLIENT");
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("A7: the rule of a dynamic group changes, its members are Entra ID's; a leaver loses the app role", async () => {
    w.edit("entra", (entra) => {
      const groups = entra["groups"] as { name: string; rule?: string }[];
      for (const group of groups) if (group.rule) group.rule = '(user.department -eq "Sales")';
      entra["applications"] = [{ name: "Timesheets", role: "Approver", for: { "custom.CFDepartment": "Finance" } }];
    });
    w.sandbox.hand({ halo: { table: "users", id: mover.id, set: { inactive: true } } });
    const { plan } = await w.converge();
    const rule = plan.shared.find((change) => change.label === "DYN-Engineering")?.fields.find((field) => field.path === "rule");
    expect(rule?.after).toBe('(user.department -eq "Sales")');
    expect(groupNamed("DYN-Engineering")?.["membershipRule"]).toBe('(user.department -eq "Sales")');
    expect(approvers()).toContain(userOf(nested));
    expect(approvers()).not.toContain(userOf(mover));
    expect(approvers()).not.toContain(groupNamed("SG-Nested")?.["id"]);
    expect(changeCount((await w.plan()).plan)).toBe(0);
    expect(w.sandbox.violations().filter((one) => one.startsWith("Graph"))).toEqual([]);
  });
});

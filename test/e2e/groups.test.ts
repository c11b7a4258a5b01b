/** Groups, places, contacts and computers by the real command line, on the sandbox. Rows A6, A7, A8. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

const base = "DC=corp,DC=example,DC=com";
const groupsOu = `OU=Groups,${base}`;

type Person = World["sandbox"]["organisation"]["people"][number];

describe("groups", () => {
  let w: World;
  let mover: Person;
  let visitor: Person;

  const members = (name: string): string[] => (w.sandbox.ad.entries.account(name)?.values("member") ?? []).map((dn) => String(dn)).sort();
  const dnOf = (person: Person): string => {
    const found = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0];
    if (!found) throw new Error(`${person.id} has no account`);
    return found.dn;
  };
  /** What a plan says of somebody's memberships in AD: group → "in" or "out". */
  const memberships = (plan: Awaited<ReturnType<World["converge"]>>["plan"], key: string): { [group: string]: string } =>
    Object.fromEntries(
      (plan.people.find((one) => one.key === key)?.changes ?? [])
        .filter((change) => change.type === "ad:Membership")
        .map((change) => [change.label, change.fields[0]?.after === null ? "out" : "in"]),
    );

  beforeAll(async () => {
    w = await world({ people: 60 });
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    const [first, second] = [
      steady.find((one) => one.post.department === "Sales"),
      steady.find((one) => one.post.department === "Operations"),
    ];
    if (!first || !second) throw new Error("nobody fits");
    [mover, visitor] = [first, second];
    const { entries } = w.sandbox.ad;
    entries.add(`CN=KIOSK-01,OU=Main,OU=Staff,${base}`, { objectClass: "computer", sAMAccountName: "KIOSK-01$", userAccountControl: 4096 });
    w.edit("ad", (ad) => {
      const groups = ad["groups"] as object[];
      ad["ous"] = [{ ou: `OU=Vault,${base}`, description: "Kept", protectedFromDeletion: true, managedBy: { group: "GG-Project" } }];
      ad["contacts"] = [{ name: "Harbour agency", ou: `OU=Contacts,${base}`, attributes: { mail: "agency@example.org" } }];
      ad["computers"] = { first: [{ name: "KIOSK-*", ou: `OU=Retired,${base}`, disable: true }] };
      ad["groups"] = [
        ...groups,
        {
          name: "GG-Project",
          ou: groupsOu,
          for: { person: [mover.id] },
          may: { person: [visitor.id] },
          contains: { groups: ["GG-Finance"], contacts: ["Harbour agency"] },
          managedBy: { person: mover.id },
          description: "A project",
        },
      ];
    });
    await w.converge();
  });
  afterAll(() => w.stop());

  it("A6 hold people, groups and contacts that are made in the same run; a second run changes nothing", async () => {
    const { entries } = w.sandbox.ad;
    expect(members("GG-Project")).toEqual(
      [dnOf(mover), `CN=Harbour agency,OU=Contacts,${base}`, entries.account("GG-Finance")?.dn ?? ""].sort(),
    );
    expect(entries.account("GG-Project")?.text("managedBy")).toBe(dnOf(mover));
    expect(entries.get(`OU=Vault,${base}`)?.text("managedBy")).toBe(entries.account("GG-Project")?.dn);
    expect(entries.get(`CN=KIOSK-01,OU=Retired,${base}`)?.enabled).toBe(false);
    const again = await w.plan();
    expect(real(again.plan)).toEqual([]);
    expect(changeCount(again.plan)).toBe(0);
  });

  it("A6 A7 A8 a mover's old groups go, new ones come", async () => {
    w.sandbox.hand({ halo: { table: "users", id: mover.id, custom: { CFDepartment: "Finance" } } });
    const { plan } = await w.converge();
    expect(memberships(plan, String(mover.id))).toEqual({ "GG-Sales": "out", "GG-Finance": "in" });
    expect(members("GG-Sales")).not.toContain(dnOf(mover));
    expect(members("GG-Finance")).toContain(dnOf(mover));
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("A7 who may be a member comes and goes by hand; whoever else was put in is taken out", async () => {
    const project = w.sandbox.ad.entries.account("GG-Project")?.dn ?? "";
    const stranger = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one !== mover && one !== visitor);
    if (!stranger) throw new Error("nobody else");
    w.sandbox.ad.entries.modify(project, { member: { add: [dnOf(visitor)] } });
    expect((await w.run(["drift"])).code, "no drift").toBe(0);
    expect(changeCount((await w.plan()).plan)).toBe(0);
    w.sandbox.ad.entries.modify(project, { member: { add: [dnOf(stranger)] } });
    const { plan } = await w.converge();
    expect(memberships(plan, String(stranger.id))).toEqual({ "GG-Project": "out" });
    expect(members("GG-Project")).toContain(dnOf(visitor));
    expect(members("GG-Project")).not.toContain(dnOf(stranger));
  });

  it("deleted by hand are made again with their members, renamed by hand are named back, and so is a place with everybody in it", async () => {
    const { entries } = w.sandbox.ad;
    const id = entries.account("GG-Sales")?.guid;
    const before = members("GG-Project");
    entries.modify(`CN=GG-Sales,${groupsOu}`, { sAMAccountName: "GG-Vandal" });
    entries.remove(`CN=GG-Project,${groupsOu}`);
    entries.move(`OU=Main,OU=Staff,${base}`, `OU=Vandals,OU=Staff,${base}`);
    const found = JSON.parse((await w.run(["drift", "--json"])).out) as Drift;
    expect(found.found.map((one) => [one.type, one.gone]).sort()).toEqual([
      ["ad:Group", false],
      ["ad:Group", true],
      // the renamed place, and the one for which the deleted group answered
      ["ad:OrganizationalUnit", false],
      ["ad:OrganizationalUnit", false],
    ]);
    const { plan } = await w.converge();
    expect(real(plan).filter((one) => one.type === "ad:User")).toEqual([]);
    expect(plan.notes.join("\n")).toContain("GG-Project is gone (deleted by hand): it is created again with its members");
    expect(plan.notes.join("\n")).toContain(`OU=Vandals,OU=Staff,${base}`);
    expect(entries.account("GG-Sales")?.guid).toBe(id);
    expect(entries.get(`OU=Main,OU=Staff,${base}`)).toBeDefined();
    expect(entries.get(`OU=Vault,${base}`)?.text("managedBy")).toBe(entries.account("GG-Project")?.dn);
    // whoever only may be a member was not put in by haloform, and is not put in again
    expect(members("GG-Project")).toEqual(before.filter((dn) => dn !== dnOf(visitor)));
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("that AD protects take nobody unless safety.yaml names them, and then the plan says so", async () => {
    w.edit("safety", (safety) => {
      safety["protected"] = { groups: [], allow: ["Domain Admins"] };
    });
    w.edit("ad", (ad) => {
      (ad["groups"] as object[]).push({ name: "Domain Admins", for: { person: [mover.id] }, mode: "additive" });
    });
    const made = await w.plan();
    expect(made.plan.notes.join("\n")).toContain("PRIVILEGED: Domain Admins");
    expect(memberships(made.plan, String(mover.id))).toEqual({ "Domain Admins": "in" });
    // the sandbox's account is delegated, no administrator: AD itself refuses, which parks the group and nobody else
    const done = await w.up(made);
    expect(done.code, done.err).toBe(4);
    expect(`${done.out}${done.err}`).toMatch(/Domain Admins.*not enough rights/u);
    w.edit("safety", (safety) => {
      safety["protected"] = { groups: [] };
    });
    const refused = await w.run(["preview"]);
    expect(refused.code).toBe(64);
    expect(refused.err).toContain("Domain Admins");
  });
});

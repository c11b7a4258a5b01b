/** Cloud groups and roles of applications in the pure middle: what is wished, parked, refused, and said. */

import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { waveOrder } from "../../../../../providers/core/waves.ts";
import { licenceChange } from "../../../../../providers/entra/licence/change.ts";
import type { LicenceInputs } from "../../../../../providers/entra/licence/inputs.ts";
import { viewLicence } from "../../../../../providers/entra/licence/licence.ts";
import { orderOf, waveOf } from "../../../../../stacks/model/waves.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { type entraDefault, find, now } from "../../world.ts";
import { company, person } from "./company.ts";

type Entra = typeof entraDefault;
const cloud = (id: string, name: string, more: Values = {}): Live => ({
  id,
  values: { name, description: "", synced: false, dynamic: false, roleAssignable: false, exchange: false, members: [], ...more },
});
const made = (entra: Entra, live: { [type: string]: Live[] }, more: { safety?: object; at?: Date } = {}) =>
  wish({ ...company(entra, live, more.safety), ...(more.at ? { now: more.at } : {}) });
const members = (wished: ReturnType<typeof wish>, name: string, type = "entra:Group"): Json | undefined =>
  find(wished, type, name)?.inputs["members"];

describe("groups", () => {
  test("are told by their own key, then by name; two of one name are parked", () => {
    const groups = [{ name: "SG-A", for: { site_name: "Main" } }];
    const renamed = cloud("g1", "Renamed by hand", { uniqueName: "haloform-sg-a" });
    expect(find(made({ groups }, { "entra:Group": [renamed] }), "entra:Group", "SG-A")?.adopt).toBe("g1");
    const both = made({ groups }, { "entra:Group": [renamed, cloud("g2", "SG-A")] });
    expect(find(both, "entra:Group", "SG-A")).toBeUndefined();
    expect(both.parked.map((one) => one.reason)).toEqual(["2 Entra groups are called SG-A: rename all but one"]);
  });

  test("hold people, groups by name and anything by id; who may be in stays, from and until close them", () => {
    const device = "00000000-0000-4000-8000-00000000000d";
    const groups: Entra["groups"] = [
      {
        name: "SG-A",
        for: { site_name: "Main" },
        may: { site_name: "Harbour" },
        contains: { groups: ["SG-B", "Other", "Nowhere"], ids: [device] },
        ends: "2027-01-04",
      },
      { name: "SG-B", for: {} },
    ];
    const live = { "entra:Group": [cloud("g1", "SG-A", { members: ["u2", "u3", "g2"] }), cloud("g2", "SG-B"), cloud("g3", "Other")] };
    const wished = made({ groups }, live);
    // u2 is in and may be; u3 goes; SG-B is called by its name, Other by its id
    expect(members(wished, "SG-A")).toEqual([`id:${device}`, "id:g3", "group:SG-B", "person:1", "person:2"].sort());
    expect(find(wished, "entra:Group", "SG-A")?.inputs["may"]).toEqual(["person:2"]);
    expect(find(wished, "entra:Group", "SG-A")?.because["members.person:3"]?.note).toContain("does not meet");
    expect(wished.parked.map((one) => one.reason).join()).toContain("Nowhere, which SG-A should contain");
    const closed = made({ groups }, live, { at: new Date("2027-01-05T00:00:00Z") });
    expect(members(closed, "SG-A")).toEqual([`id:${device}`, "id:g3", "group:SG-B", "person:2"].sort());
  });

  test("with a rule have no members to manage; a group with members of its own is not turned into one", () => {
    const groups: Entra["groups"] = [{ name: "DYN", rule: '(user.department -eq "Sales")', ruleState: "Paused" }];
    const wished = made(
      { groups },
      { "entra:Group": [cloud("g1", "DYN", { dynamic: true, rule: "x", ruleState: "On", members: ["u1"] })] },
    );
    expect(find(wished, "entra:Group", "DYN")?.inputs).toEqual({
      name: "DYN",
      rule: '(user.department -eq "Sales")',
      ruleState: "Paused",
      mode: "exact",
      create: true,
    });
    const own = made({ groups }, { "entra:Group": [cloud("g1", "DYN", { members: ["u1"] })] });
    expect(own.parked[0]?.reason).toContain("all of them would go");
  });

  test("that can hold Entra roles are refused unless safety.yaml names them, and then only their members are managed", () => {
    const groups: Entra["groups"] = [{ name: "Helpdesk admins", description: "x", for: { site_name: "Main" } }];
    const live = { "entra:Group": [cloud("g1", "Helpdesk admins", { roleAssignable: true, members: ["u2"] })] };
    const refused = made({ groups }, live);
    expect(refused.refused[0]).toContain("which can hold Entra roles (isAssignableToRole)");
    const wished = made({ groups }, live, { safety: { protected: { allow: ["Helpdesk admins"] } } });
    expect(wished.refused).toEqual([]);
    expect(find(wished, "entra:Group", "Helpdesk admins")?.inputs).toEqual({
      name: "Helpdesk admins",
      privileged: true,
      mode: "exact",
      members: ["person:1"],
      create: true,
    });
    expect(wished.notes.join()).toMatch(/PRIVILEGED: Helpdesk admins .*would come in; .* would go/u);
  });

  test("of Exchange are left as they are: what differs is said, once in words of what to do", () => {
    const groups: Entra["groups"] = [{ name: "DL-All", description: "new", for: { site_name: "Main" } }];
    const list = (more: Values) => ({ "entra:Group": [cloud("g1", "DL-All", { kind: "distribution", exchange: true, ...more })] });
    const differs = made({ groups }, list({ members: ["u2"] }));
    expect(differs.parked[0]?.reason).toBe(
      "the Entra group DL-All is a distribution list: changing its description and members (1 to add, 1 to take out) needs Exchange Online; change it there, or take it out of the mapping",
    );
    expect(find(differs, "entra:Group", "DL-All")?.inputs).toMatchObject({ description: "", members: ["person:2"] });
    expect(made({ groups }, list({ members: ["u1"], description: "new" })).parked).toEqual([]);
  });

  test("are of the kind the mapping says, or parked; those from AD belong in ad.yaml", () => {
    const groups: Entra["groups"] = [{ name: "M", kind: "microsoft365", for: {} }];
    expect(made({ groups }, { "entra:Group": [cloud("g1", "M")] }).parked[0]?.reason).toContain("is a security group, and");
    expect(made({ groups }, { "entra:Group": [cloud("g1", "M", { synced: true })] }).parked[0]?.reason).toContain(
      "name it in mappings/ad.yaml",
    );
    expect(find(made({ groups }, { "entra:Group": [] }), "entra:Group", "M")?.inputs["kind"]).toBe("microsoft365");
  });

  test("keep their last owner, and lose others", () => {
    const groups = (owners: object): Entra["groups"] => [{ name: "SG-A", for: {}, owners: owners as never }];
    const live = { "entra:Group": [cloud("g1", "SG-A", { owners: ["u2", "u3"] })] };
    expect(find(made({ groups: groups({ site_name: "Main" }) }, live), "entra:Group", "SG-A")?.inputs["owners"]).toEqual(["person:1"]);
    const nobody = made({ groups: groups({ site_name: "Atlantis" }) }, live);
    expect(find(nobody, "entra:Group", "SG-A")?.inputs["owners"]).toEqual(["person:2", "person:3"]);
    expect(nobody.notes.join()).toContain("a group must have an owner");
  });

  test("that give a licence spare their members a second one; whom they failed is named", () => {
    const entra: Entra = {
      licences: { every: [{ sku: "SPE_E3", for: {} }] },
      groups: [{ name: "LIC", for: { site_name: "Main" }, licences: [{ sku: "SPE_E3", without: ["B", "A"] }] }],
    };
    const failed = person(1, { inherited: [{ sku: "SPE_E3", group: "g1", error: "CountViolation" }] });
    const live = { "entra:Group": [cloud("g1", "LIC", { members: ["u1"], licences: [{ sku: "VISIO", without: [] }] })] };
    const wished = made(entra, { ...live, "entra:Licence": [failed, person(2), person(3)] });
    expect(find(wished, "entra:Licence", "person-1")?.inputs).toMatchObject({ skus: [{ sku: "SPE_E3" }], through: ["SPE_E3"] });
    expect(find(wished, "entra:Licence", "person-1")?.because["skus.SPE_E3"]?.note).toBe("through the group LIC");
    expect(find(wished, "entra:Licence", "person-2")?.inputs["through"]).toBeUndefined();
    expect(find(wished, "entra:Group", "LIC")?.inputs["licences"]).toEqual([{ sku: "SPE_E3", without: ["A", "B"] }]);
    expect(wished.notes.join()).toMatch(/no longer gives VISIO: its 1 member loses it/u);
    expect(wished.notes.join()).toMatch(/could not give its licences to .*\(SPE_E3: CountViolation\)/u);
  });
});

describe("A9: licences of groups that are left or lose them", () => {
  const held = (sku: string, group = "g1") => ({ inherited: [{ sku, group }] });
  const lic = (more: Values = {}) => cloud("g1", "LIC", { members: ["u1", "u2"], licences: [{ sku: "SPE_E3", without: [] }], ...more });
  const entra = (group: object): Entra => ({
    licences: { every: [{ sku: "SPE_E3", for: { site_name: ["Main", "Harbour"] } }] },
    groups: [{ name: "LIC", for: { site_name: "Main" }, licences: [{ sku: "SPE_E3" }], ...group }],
  });
  const users = [person(1, held("SPE_E3")), person(2, held("SPE_E3")), person(3)];

  test("who leaves the group and is still entitled gets it directly in the same plan, before the membership goes, without a seat more", () => {
    const sku = { id: "s1", values: { name: "SPE_E3", owned: 2, used: 2, state: "Enabled", plans: [] } };
    const wished = made(entra({}), { "entra:Group": [lic()], "entra:Licence": users, "entra:Sku": [sku] });
    const [stays, goes] = [find(wished, "entra:Licence", "person-1"), find(wished, "entra:Licence", "person-2")];
    expect(goes?.inputs).toMatchObject({ skus: [{ sku: "SPE_E3", without: [] }], leaving: ["SPE_E3"] });
    expect(stays?.inputs["leaving"]).toBeUndefined();
    const group = find(wished, "entra:Group", "LIC");
    expect(group?.inputs["members"]).toEqual(["person:1"]);
    expect([goes, stays, group].map((one) => one && waveOf(one))).toEqual(["own licences", "members", "members"]);
    expect(wished.parked).toEqual([]);
    const inputs = goes?.inputs as LicenceInputs;
    const [, before = person(2)] = users;
    expect(viewLicence(before, inputs).skus).toEqual([]);
    expect(licenceChange(before, inputs)).toEqual({ add: [{ sku: "SPE_E3", without: [] }], remove: [], seats: [], freed: [] });
    const direct = person(2, { direct: [{ sku: "SPE_E3", without: [] }] });
    expect(viewLicence(direct, inputs)).toEqual(inputs);
    // Once it is direct, there is nothing left to bridge.
    const again = made(entra({}), {
      "entra:Group": [lic({ members: ["u1"] })],
      "entra:Licence": [person(1, held("SPE_E3")), direct, person(3)],
    });
    expect(find(again, "entra:Licence", "person-2")?.inputs["leaving"]).toBeUndefined();
  });

  test("middle, smaller: a licence of one's own that waits for somebody's seat still comes before the group is left, and so does that seat", () => {
    const skus = ["SPE_E3", "SPE_E5"].map((name) => ({ id: name, values: { name, owned: 2, used: 2, state: "Enabled", plans: [] } }));
    const seat = {
      ...entra({}),
      licences: { every: [...(entra({}).licences?.every ?? []), { sku: "SPE_E5", for: { site_name: "Harbour" } }] },
    };
    const giver = person(3, { direct: [{ sku: "SPE_E5", without: [] }] });
    const wished = made(seat, { "entra:Group": [lic()], "entra:Licence": [...users.slice(0, 2), giver], "entra:Sku": skus });
    const order = ["person-3", "person-2"].map((name) => find(wished, "entra:Licence", name)).map((one) => one && orderOf(one));
    const group = find(wished, "entra:Group", "LIC");
    expect(order[0]?.slice(0, 2)).toEqual([waveOrder("own licences"), 0]);
    expect(order[1]?.slice(0, 2)).toEqual([waveOrder("own licences"), 1]);
    expect(group && orderOf(group)[0]).toBeGreaterThan(waveOrder("own licences"));
  });

  test("nothing is bridged where another group gives it, or who is not entitled", () => {
    const both = person(2, {
      inherited: [
        { sku: "SPE_E3", group: "g1" },
        { sku: "SPE_E3", group: "elsewhere" },
      ],
    });
    const wished = made(entra({}), { "entra:Group": [lic()], "entra:Licence": [person(1), both, person(3, held("SPE_E3"))] });
    for (const name of ["person-2", "person-3"]) expect(find(wished, "entra:Licence", name)?.inputs["leaving"], name).toBeUndefined();
  });

  test("a SKU that a group no longer gives counts against licencesLost, once for each who has it no other way", () => {
    const live = { "entra:Group": [lic()], "entra:Licence": users };
    const kept = made({ groups: [{ name: "LIC", for: { site_name: ["Main", "Harbour"] }, licences: [] }] }, live);
    expect(find(kept, "entra:Group", "LIC")?.loses).toEqual({ "licences.SPE_E3": ["person:1", "person:2"] });
    const bridged = made(entra({ for: {}, licences: [] }), live);
    expect(find(bridged, "entra:Group", "LIC")?.loses).toEqual({ "licences.SPE_E3": [] });
    expect(find(bridged, "entra:Licence", "person-1")?.inputs["leaving"]).toEqual(["SPE_E3"]);
  });
});

describe("roles of applications", () => {
  const role = (id: string, roles: string[], members: string[] = []): Live => ({
    id: `sp/${id}`,
    values: {
      application: "Timesheets",
      appId: "a1",
      roles,
      hasRoles: true,
      required: true,
      members: members.map((one) => ({ id: one, assignment: `x${one}` })),
    },
  });
  const apps = [role("0", []), role("r1", ["User", "Books hours"], ["u1", "u2"]), role("r2", ["Approver", "Approves hours"])];

  test("go to people and groups; whoever is not asked for loses them, a leaver too", () => {
    const entra: Entra = {
      groups: [{ name: "SG-A", for: {} }],
      applications: [{ name: "timesheets", role: "books hours", for: { site_name: ["Main", "Lab"] }, groups: ["SG-A"] }],
    };
    const wished = made(entra, { "entra:Group": [cloud("g1", "SG-A")], "entra:AppAssignment": apps });
    const found = find(wished, "entra:AppAssignment", "timesheets: books hours");
    expect(found).toMatchObject({
      adopt: "sp/r1",
      inputs: { application: "name:timesheets", members: ["group:SG-A", "person:1", "person:3"] },
    });
    expect(found?.because["members.person:2"]?.note).toContain("does not meet");
  });

  test.each([
    [{ name: "Nowhere", for: {} }, "there is no application Nowhere in the tenant"],
    [{ name: "Timesheets", for: {} }, "has roles, of which one must be named: User, Approver"],
    [{ name: "Timesheets", role: "Boss", for: {} }, "has no role Boss; name one that it has: User, Approver"],
  ])("that cannot be told are parked: %j", (line, reason) => {
    const wished = made({ applications: [line] }, { "entra:AppAssignment": apps });
    expect(wished.parked.map((one) => one.reason).join()).toContain(reason);
    expect(wished.resources.filter((one) => one.type === "entra:AppAssignment")).toEqual([]);
  });

  test("count in the days of the line only", () => {
    const entra: Entra = { applications: [{ name: "Timesheets", role: "User", for: {}, starts: "2999-01-01" }] };
    expect(members(made(entra, { "entra:AppAssignment": apps }, { at: now }), "Timesheets: User", "entra:AppAssignment")).toEqual([]);
  });
});

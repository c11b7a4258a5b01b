/** security-4, O9: what is protected, by id, with the chain that says why; and what the middle makes of it. */
import { describe, expect, it } from "vitest";
import type { Json, Values } from "../../../../base/json.ts";
import { isTierZero } from "../../../../providers/ad/values/tier-zero.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import { holderType } from "../../../../stacks/model/kinds.ts";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { protectAll } from "../../../../stacks/read/inside.ts";
import type { Named } from "../../../../stacks/read/protected.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, base, entraDefault, entraUser, find, group, guid, mappings, memberOf, record, world } from "../world.ts";

type Lists = { [type: string]: Live[] };
const domainAdmins = (members: Json[]): Live =>
  group("Domain Admins", members, { sid: "S-1-5-21-1-2-3-512", tierZero: true, protected: true });
const cloudGroup = (name: string, members: string[], values: Values = {}): Live => ({
  id: `cg-${name}`,
  values: { name, description: "", synced: false, dynamic: false, roleAssignable: false, exchange: false, members, ...values },
});

/** Why each is protected, by id. */
function reasons(all: Lists, named: Named = {}, holders: Live[] = []): { [id: string]: string } {
  const lists = { ...all };
  protectAll(lists, named, undefined, holders);
  return Object.fromEntries(
    Object.values(lists).flatMap((list) =>
      list.flatMap(({ id, values }) => (values["protected"] === true ? [[id, String(values["protectedBecause"])]] : [])),
    ),
  );
}

describe("security-4, O9: whoever is inside a protected group is protected, through however many", () => {
  const inner = group("GG-Server-Ops", [memberOf(account(1))]);
  const outer = group("GG-Tier0", [memberOf(inner)]);

  it("without adminCount, with the chain", () => {
    const all = { "ad:User": [account(1), account(2)], "ad:Group": [domainAdmins([memberOf(outer)]), outer, inner] };
    expect(reasons(all)).toEqual({
      [guid(1)]: "it is in GG-Server-Ops, which is in GG-Tier0, which is in Domain Admins, whose members are the domain's administrators",
      "group-Domain Admins": "it is a group of the domain's administrators",
      "group-GG-Tier0": "it is in Domain Admins, whose members are the domain's administrators",
      "group-GG-Server-Ops": "it is in GG-Tier0, which is in Domain Admins, whose members are the domain's administrators",
    });
  });

  it("in a circle, which ends", () => {
    const [one, two] = [group("One", [{ dn: "", guid: "group-Two" }, memberOf(account(1))]), group("Two", [{ dn: "", guid: "group-One" }])];
    const found = reasons({ "ad:User": [account(1)], "ad:Group": [one, two] }, { groups: ["two"] });
    expect(Object.keys(found).sort()).toEqual([guid(1), "group-One", "group-Two"].sort());
    expect(found["group-Two"]).toBe("mappings/safety.yaml protects it (protected.groups: Two)");
  });

  it("by the primary group, which no list of members says", () => {
    const all = { "ad:User": [account(1, {}, { primaryGroupID: "512" })], "ad:Group": [domainAdmins([])] };
    expect(reasons(all)[guid(1)]).toContain("it is in Domain Admins");
  });

  it("its copy in Entra ID too, and an account of AD whose copy holds a role", () => {
    const copy = (n: number): Live => entraUser(`cloud-${n}`, { synced: true, immutableId: immutableIdOf(guid(n)) ?? "" });
    const all = {
      "ad:User": [account(1), account(2)],
      "ad:Group": [domainAdmins([memberOf(account(1))])],
      "entra:Licence": [copy(1), copy(2), entraUser("cloud-3")],
    };
    const holders = [
      { id: "cloud-2", values: { roles: ["Global Administrator"], eligible: [] } },
      { id: "cloud-3", values: { roles: [], eligible: ["User Administrator"] } },
    ];
    expect(reasons(all, {}, holders)).toMatchObject({
      "cloud-1": "its account in Active Directory is in Domain Admins, whose members are the domain's administrators",
      "cloud-2": "it holds the Entra role Global Administrator",
      "cloud-3": "it may take up the Entra role User Administrator",
      [guid(2)]: "its copy in Entra ID holds the Entra role Global Administrator",
    });
  });

  it("who may take up a place in a protected cloud group, by themselves or as everybody in a group that may", () => {
    const all = {
      "ad:User": [account(1)],
      "entra:Licence": [
        entraUser("cloud-1", { synced: true, immutableId: immutableIdOf(guid(1)) ?? "" }),
        entraUser("cloud-2"),
        entraUser("cloud-3"),
      ],
      "entra:Group": [
        cloudGroup("Cloud Admins", [], { roleAssignable: true }),
        cloudGroup("On Call", ["cloud-2", "cg-Inner"]),
        cloudGroup("Inner", ["cloud-3"]),
      ],
    };
    const holders = ["cloud-1", "cg-On Call"].map((id) => ({ id, values: { places: ["Cloud Admins"] } }));
    const place = "may take up a place in Cloud Admins, a protected group";
    expect(reasons(all, {}, holders)).toEqual({
      "cloud-1": `it ${place}`,
      [guid(1)]: `its copy in Entra ID ${place}`,
      "cg-Cloud Admins": "it can hold Entra roles (isAssignableToRole)",
      "cg-On Call": `it ${place}`,
      "cg-Inner": `it is in On Call, which ${place}`,
      "cloud-2": `it is in On Call, which ${place}`,
      "cloud-3": `it is in Inner, which is in On Call, which ${place}`,
    });
    // Who owns one may come into it as well.
    expect(reasons(all, {}, [{ id: "cloud-3", values: { owns: ["Cloud Admins"] } }])).toMatchObject({
      "cloud-3": "it owns Cloud Admins, a protected group, and may make itself a member",
    });
    // What holds a role says so first.
    const both = [{ id: "cloud-1", values: { roles: ["User Administrator"] } }, ...holders];
    expect(reasons(all, {}, both)["cloud-1"]).toBe("it holds the Entra role User Administrator");
  });

  /** A group of the domain that Entra Connect brings. */
  const brought = (name: string, members: Json[] = []): Live =>
    group(name, members, { sid: `S-1-5-21-9-9-9-${2000 + (name.codePointAt(3) ?? 0)}` });
  const copyOf = (live: Live, name: string, members: string[] = [], more: Values = {}): Live =>
    cloudGroup(name, members, { synced: true, onPremisesSecurityIdentifier: live.values["sid"] ?? "", ...more });

  it("through Entra Connect: a group of AD whose copy is in a protected cloud group, and everybody in it", () => {
    const [sales, inner] = [brought("GG-Sales", [{ dn: "", guid: "group-GG-Inner" }]), group("GG-Inner", [memberOf(account(1))])];
    const all = {
      "ad:User": [account(1), account(2)],
      "ad:Group": [sales, inner, brought("GG-Other")],
      "entra:Group": [cloudGroup("Payroll-Admins", ["cg-Sales"]), copyOf(sales, "Sales"), copyOf(brought("GG-Other"), "Other")],
    };
    const inRoot = "is in Payroll-Admins, which mappings/safety.yaml protects";
    expect(reasons(all, { groups: ["Payroll-Admins"] })).toEqual({
      "cg-Payroll-Admins": "mappings/safety.yaml protects it (protected.groups: Payroll-Admins)",
      "cg-Sales": `it ${inRoot}`,
      "group-GG-Sales": `its copy in Entra ID ${inRoot}`,
      "group-GG-Inner": `it is in GG-Sales, whose copy in Entra ID ${inRoot}`,
      [guid(1)]: `it is in GG-Inner, which is in GG-Sales, whose copy in Entra ID ${inRoot}`,
    });
  });

  it("a group that is protected by the name that only its copy has, and where no identifier is told by login and domain", () => {
    const sales = brought("sales.admins");
    const copy = copyOf(sales, "Sales Admins", [], {
      onPremisesSecurityIdentifier: "",
      onPremisesSamAccountName: "Sales.Admins",
      onPremisesDomainName: "corp.example.com",
    });
    const all = { "ad:Group": [sales], "entra:Group": [copy] };
    expect(reasons(all, { groups: ["Sales Admins"] })["group-sales.admins"]).toBe(
      "its copy in Entra ID is Sales Admins: mappings/safety.yaml protects it (protected.groups: Sales Admins)",
    );
    // The other way round nobody of the cloud's own is one with it.
    const own = { ...copy, values: { ...copy.values, synced: false } };
    expect(reasons({ ...all, "entra:Group": [own] }, { groups: ["Sales Admins"] })["group-sales.admins"]).toBeUndefined();
  });

  it("issue 15: by a pattern of names in either directory, and by a place of AD", () => {
    const all = {
      "ad:User": [account(1)],
      "ad:Group": [
        group("ADM-Servers", [memberOf(account(1))]),
        group("Deep", [], { distinguishedName: `CN=Deep,OU=Tier 0,${base}` }),
        group("GG-A", []),
      ],
      "entra:Group": [cloudGroup("adm-cloud", []), cloudGroup("Admins", [])],
    };
    expect(reasons(all, { groups: ["ADM-*", `*, ou=tier 0,${base}`] })).toEqual({
      "group-ADM-Servers": "mappings/safety.yaml protects it (protected.groups: ADM-*)",
      [guid(1)]: "it is in ADM-Servers, which mappings/safety.yaml protects",
      "group-Deep": `mappings/safety.yaml protects it (protected.groups: *, ou=tier 0,${base})`,
      "cg-adm-cloud": "mappings/safety.yaml protects it (protected.groups: ADM-*)",
    });
  });

  it("in groups of Entra ID that can hold roles, and nobody for being in Domain Users", () => {
    const all = {
      "ad:User": [account(1)],
      "ad:Group": [group("Domain Users", [memberOf(account(1))], { sid: "S-1-5-21-1-2-3-513" })],
      "entra:Licence": [entraUser("cloud-1")],
      "entra:Group": [cloudGroup("Helpdesk", ["cloud-1"], { roleAssignable: true })],
    };
    expect(reasons(all, { groups: ["Domain Users"] })).toEqual({
      "group-Domain Users": "mappings/safety.yaml protects it (protected.groups: Domain Users)",
      "cg-Helpdesk": "it can hold Entra roles (isAssignableToRole)",
      "cloud-1": "it is in Helpdesk, which can hold Entra roles",
    });
  });

  it("an administrator of Halo, unless safety.yaml allows the role", () => {
    const agents = { "halo:Agent": [{ id: "7", values: { name: "Ada", roles: ["Administrator"] } }] };
    expect(reasons(agents)).toEqual({ "7": "it is an administrator of Halo (role Administrator)" });
    expect(reasons(agents, { allow: ["administrator"] })).toEqual({});
  });

  it.each([
    ["Administrators", "S-1-5-32-544", "domainLocal", "CN=Builtin", true],
    ["Users", "S-1-5-32-545", "domainLocal", "CN=Builtin", false],
    ["Domänen-Admins", "S-1-5-21-1-2-3-512", "global", "CN=Users", true],
    ["Key Admins", "S-1-5-21-1-2-3-526", "global", "CN=Users", true],
    ["Domain Users", "S-1-5-21-1-2-3-513", "global", "CN=Users", false],
    ["DnsAdmins", "S-1-5-21-1-2-3-1101", "domainLocal", "CN=Users", true],
    ["DnsAdmins", "S-1-5-21-1-2-3-1102", "global", "OU=Groups", false],
    ["Exchange Windows Permissions", "S-1-5-21-1-2-3-1120", "universal", "OU=Elsewhere", true],
    ["Organization Management", "S-1-5-21-1-2-3-1121", "universal", "OU=Microsoft Exchange Security Groups", true],
    ["Organization Management", "S-1-5-21-1-2-3-1122", "universal", "OU=Groups", false],
  ])("O9: %s (%s, %s in %s) is one of the administrators' groups: %s", (name, sid, scope, place, is) => {
    expect(isTierZero({ dn: `CN=${name},${place},${base}`, sid, name, scope })).toBe(is);
  });
});

describe("security-4: what the middle does with it", () => {
  const groupsOu = `OU=Groups,${base}`;
  const with_ = (groups: NonNullable<(typeof adDefault)["groups"]>, safety: Named = {}, entra: Parameters<typeof mappings>[0] = {}) =>
    mappings({ ad: { ...adDefault, groups }, ...entra, safety: { protected: safety as { groups?: string[] } } });
  const made = (
    mapped: ReturnType<typeof mappings>,
    lists: Lists,
    previous: PreviousResource[] = [],
    given = [record(1)],
    holders: Live[] = [],
  ) => {
    const live = { ...lists };
    protectAll(live, mapped.safety.protected, undefined, holders);
    return wish(world({ records: given, mappings: mapped, live: { ...live, [holderType]: holders }, previous }));
  };
  const place = "mappings/ad.yaml:groups.0.name";

  it("says in every plan where owners of protected groups may not be read", () => {
    const { notes } = made(with_([]), {}, [], [record(1)], [{ id: "", values: { unread: "owners" } }]);
    expect(notes.join("\n")).toContain("Who owns a protected group of Entra ID may not be read, so nobody is protected by that");
  });

  it("refuses a group whose former name is protected", () => {
    const mapped = with_([{ name: "GG-Harmless", formerly: "Server Admins", ou: groupsOu, for: {} }], { groups: ["Server Admins"] });
    expect(made(mapped, { "ad:Group": [group("Server Admins")] }).refused).toEqual([
      `${place} names the group GG-Harmless, which is called Server Admins now: mappings/safety.yaml protects it (protected.groups: Server Admins), and haloform never changes it; take it out of the mapping`,
    ]);
  });

  it("refuses a group that the state knows by its id and that bears a protected name now, in AD and in Entra ID", () => {
    const state = (type: string, id: string): PreviousResource => ({
      type,
      name: "GG-Harmless",
      id,
      inputs: { name: "GG-Harmless", mode: "exact", members: [] },
      outputs: {},
    });
    const inAd = with_([{ name: "GG-Harmless", ou: groupsOu, for: {} }], { groups: ["Server Admins"] });
    expect(made(inAd, { "ad:Group": [group("Server Admins")] }, [state("ad:Group", "group-Server Admins")]).refused.join()).toContain(
      "which is called Server Admins now",
    );
    const inCloud = with_([], { groups: ["Server Admins"] }, { entra: { ...entraDefault, groups: [{ name: "GG-Harmless", for: {} }] } });
    const refused = made(inCloud, { "entra:Group": [cloudGroup("Server Admins", [])] }, [state("entra:Group", "cg-Server Admins")]).refused;
    expect(refused.join()).toContain("mappings/entra.yaml:groups.0.name names the group GG-Harmless, which is called Server Admins now");
  });

  it("refuses to let protected.allow lift that by the mapping's own name", () => {
    const mapped = with_([{ name: "GG-Harmless", formerly: "Domain Admins", ou: groupsOu, for: {} }], { allow: ["GG-Harmless"] });
    expect(made(mapped, { "ad:Group": [domainAdmins([])] }).refused).toHaveLength(1);
  });

  const ops = group("GG-Server-Ops", []);
  it("refuses to fill a group that lies inside a protected one, with the chain, unless protected.allow names it", () => {
    const lines = [{ name: "GG-Server-Ops", ou: groupsOu, for: { person: [1] } }];
    const lists = { "ad:User": [account(1)], "ad:Group": [domainAdmins([memberOf(ops)]), ops] };
    expect(made(with_(lines), lists).refused).toEqual([
      `${place} names the group GG-Server-Ops, which is in Domain Admins, whose members are the domain's administrators: take it out of the mapping, or name it in mappings/safety.yaml under protected.allow`,
    ]);
    const allowed = made(with_(lines, { allow: ["GG-Server-Ops"] }), lists);
    expect(allowed.refused).toEqual([]);
    expect(find(allowed, "ad:Group", "GG-Server-Ops")?.inputs).toMatchObject({ privileged: true, members: ["person:1"] });
    expect(allowed.notes.join("\n")).toContain(
      "PRIVILEGED: GG-Server-Ops is in Domain Admins, whose members are the domain's administrators, allowed by mappings/safety.yaml: Ada1 Example1 (1) would come in",
    );
  });

  it("refuses a group that an allowed one would come to contain", () => {
    const lines = [
      { name: "Domain Admins", mode: "additive" as const, contains: { groups: ["GG-Server-Ops"] } },
      { name: "GG-Server-Ops", ou: groupsOu, for: { person: [1] } },
    ];
    const lists = { "ad:User": [account(1)], "ad:Group": [domainAdmins([]), ops] };
    expect(made(with_(lines, { allow: ["Domain Admins"] }), lists).refused).toEqual([
      "mappings/ad.yaml:groups.1 names the group GG-Server-Ops, which would be in Domain Admins, a protected group: take one of them out of the mapping, or name GG-Server-Ops in mappings/safety.yaml under protected.allow too",
    ]);
    expect(made(with_(lines, { allow: ["Domain Admins", "GG-Server-Ops"] }), lists).refused).toEqual([]);
  });

  it("issue 15: refuses a group that a pattern means, by its name, and by the place in which it would be made", () => {
    const refused = (line: { name: string; ou: string; formerly?: string }, lists: Lists = {}) =>
      made(with_([{ ...line, for: {} }], { groups: ["ADM-*", `*,OU=Tier 0,${base}`] }), lists).refused;
    expect(refused({ name: "adm-new", ou: groupsOu })).toEqual([
      expect.stringContaining("names the protected group adm-new: haloform never"),
    ]);
    expect(refused({ name: "GG-New", ou: `OU=Tier 0,${base}` })).toHaveLength(1);
    expect(refused({ name: "GG-New", ou: groupsOu, formerly: "ADM-Old" }, { "ad:Group": [group("ADM-Old")] })).toEqual([
      expect.stringContaining(
        "names the group GG-New, which is called ADM-Old now: mappings/safety.yaml protects it (protected.groups: ADM-*)",
      ),
    ]);
    expect(refused({ name: "GG-New", ou: groupsOu })).toEqual([]);
  });

  const sales = group("GG-Sales", [], { sid: "S-1-5-21-9-9-9-2008" });
  const copy = cloudGroup("Sales", [], { synced: true, onPremisesSecurityIdentifier: "S-1-5-21-9-9-9-2008" });
  const line = [{ name: "GG-Sales", ou: groupsOu, for: { person: [1] } }];

  it("refuses to fill a group of AD whose copy is in a protected cloud group, unless protected.allow names it", () => {
    const lists = { "ad:User": [account(1)], "ad:Group": [sales], "entra:Group": [cloudGroup("Payroll-Admins", ["cg-Sales"]), copy] };
    const safety = { groups: ["Payroll-Admins"] };
    expect(made(with_(line, safety), lists).refused).toEqual([
      `${place} names the group GG-Sales, whose copy in Entra ID is in Payroll-Admins, which mappings/safety.yaml protects: take it out of the mapping, or name it in mappings/safety.yaml under protected.allow`,
    ]);
    const allowed = made(with_(line, { ...safety, allow: ["GG-Sales"] }), lists);
    expect(allowed.refused).toEqual([]);
    expect(allowed.notes.join("\n")).toContain("PRIVILEGED: GG-Sales is a group whose copy in Entra ID is in Payroll-Admins,");
  });

  it("refuses a group of AD whose copy an allowed cloud group would come to contain", () => {
    const helpdesk = cloudGroup("Helpdesk", [], { roleAssignable: true });
    const lists = { "ad:User": [account(1)], "ad:Group": [sales], "entra:Group": [helpdesk, copy] };
    const cloud = { entra: { ...entraDefault, groups: [{ name: "Helpdesk", contains: { groups: ["Sales"] } }] } };
    expect(made(with_(line, { allow: ["Helpdesk"] }, cloud), lists).refused).toEqual([
      "mappings/ad.yaml:groups.0 names the group GG-Sales, which would be in Sales, which is in Helpdesk, a protected group: take one of them out of the mapping, or name GG-Sales in mappings/safety.yaml under protected.allow too",
    ]);
    expect(made(with_(line, { allow: ["Helpdesk", "GG-Sales"] }, cloud), lists).refused).toEqual([]);
  });

  it("O9: parks a leaver who has become a domain administrator, and takes nothing", () => {
    const known: PreviousResource = {
      type: "ad:User",
      name: "person-1",
      id: guid(1),
      inputs: {
        person: "1",
        name: "Ada1 Example1",
        path: `OU=Main,OU=Staff,${base}`,
        enabled: true,
        sAMAccountName: "user1",
        attributes: {},
      },
      outputs: {},
    };
    const lists = { "ad:User": [account(1)], "ad:Group": [domainAdmins([memberOf(account(1))])] };
    const gone = made(with_([]), lists, [known], [record(1, { inactive: true })]);
    expect(find(gone, "ad:User", "person-1")?.inputs["enabled"]).toBe(true);
    expect(gone.parked.map((one) => one.reason)).toEqual([
      "the AD account user1 would be disabled, but it is in Domain Admins, whose members are the domain's administrators: do it by hand, or take its privileges away first",
    ]);
  });

  it("keeps a break-glass account in an exact cloud group, and says so", () => {
    const mapped = with_(
      [],
      { accounts: ["breakglass*"] },
      { entra: { ...entraDefault, groups: [{ name: "CA-Exclusions", for: { person: [1] } }] } },
    );
    const lists = {
      "entra:Licence": [entraUser("breakglass1"), entraUser("u9")],
      "entra:Group": [cloudGroup("CA-Exclusions", ["breakglass1", "u9"])],
    };
    const kept = made(mapped, lists);
    expect(find(kept, "entra:Group", "CA-Exclusions")?.inputs["members"]).toContain("id:breakglass1");
    expect(find(kept, "entra:Group", "CA-Exclusions")?.inputs["members"]).not.toContain("id:u9");
    expect(kept.notes.join("\n")).toMatch(
      /CA-Exclusions keeps .*breakglass1.*, which is protected \(mappings\/safety\.yaml protects it \(protected\.accounts: breakglass\*\)\)/u,
    );
  });

  it("leaves licences and cloud groups of a protected leaver, and says so", () => {
    const mapped = with_(
      [],
      { accounts: ["breakglass*"] },
      { entra: { ...entraDefault, groups: [{ name: "SG-Intranet", mode: "additive", for: { site_name: "Main" } }] } },
    );
    const skus = [{ sku: "SPE_E3", without: [] }];
    const lists = {
      "entra:Licence": [entraUser("breakglass1", { employeeId: "1", direct: skus })],
      "entra:Group": [cloudGroup("SG-Intranet", ["breakglass1"])],
    };
    const inputs = { person: "1", skus, of: ["SPE_E3", "SPE_E5"], usageLocation: "GB" };
    const previous: PreviousResource[] = [
      { type: "entra:Licence", name: "person-1", id: "breakglass1", inputs, outputs: {} },
      {
        type: "entra:Group",
        name: "SG-Intranet",
        id: "cg-SG-Intranet",
        inputs: { name: "SG-Intranet", mode: "additive", members: ["person:1"], create: true },
        outputs: {},
      },
    ];
    const gone = made(mapped, lists, previous, [record(1, { inactive: true })]);
    expect(find(gone, "entra:Licence", "person-1")).toMatchObject({ inputs, untouched: true });
    expect(find(gone, "entra:Group", "SG-Intranet")?.inputs["members"]).toEqual(["person:1"]);
    expect(gone.notes.join("\n")).toMatch(
      /Left as it is, for it is protected: licences of Ada1 Example1 \(1\): mappings\/safety\.yaml protects it/u,
    );
  });

  it("leaves protected people as they are: not moved, renamed or rewritten", () => {
    const inputs: Values = {
      person: "1",
      name: "Ada1 Example1",
      path: `OU=Main,OU=Staff,${base}`,
      enabled: true,
      sAMAccountName: "user1",
      attributes: { department: "Sales" },
    };
    const previous: PreviousResource[] = [{ type: "ad:User", name: "person-1", id: guid(1), inputs, outputs: {} }];
    const mapped = mappings({ safety: { protected: { people: ["1"] } } });
    const moved = made(mapped, { "ad:User": [account(1)] }, previous, [
      record(1, { surname: "Married", site_name: "Lab", "custom.CFDepartment": "Board" }),
    ]);
    expect(find(moved, "ad:User", "person-1")).toMatchObject({ inputs, untouched: true });
    expect(moved.parked).toEqual([]);
    expect(moved.notes.join("\n")).toMatch(
      /Left as it is, for it is protected: account of .* named in mappings\/safety\.yaml:protected\.people/u,
    );
  });

  it("says where roles of Entra ID may not be read", () => {
    expect(made(mappings(), {}, [], [record(1)], [{ id: "", values: {} }]).notes.join("\n")).toContain(
      "give the app RoleManagement.Read.Directory",
    );
  });

  it("refuses a line that makes somebody an administrator of Halo, unless the role is allowed", () => {
    const halo = { agents: { every: [{ for: {}, roles: ["Administrator"] }] } };
    expect(made(mappings({ halo }), {}).refused.join()).toContain("names the role Administrator, whose agents are administrators of Halo");
    expect(made(mappings({ halo, safety: { protected: { allow: ["Administrator"] } } }), {}).refused).toEqual([]);
  });
});

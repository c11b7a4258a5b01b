import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import { waveOf } from "../../../../stacks/model/waves.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import {
  account,
  adDefault,
  apply,
  base,
  doubted,
  entraDefault,
  entraUser,
  find,
  group,
  guid,
  haloDefault,
  inputsOf,
  mappings,
  memberOf,
  next,
  now,
  peopleDefault,
  record,
  staff,
  world,
} from "../world.ts";

const later = new Date("2026-03-05T08:00:00.000Z");
const settled = (first: World) => {
  const wished = wish(first);
  return { wished, after: apply(first, wished) };
};
const inputs = (wished: ReturnType<typeof wish>, type: string, name: string): Values => find(wished, type, name)?.inputs ?? {};

describe("accounts", () => {
  test("a joiner gets an account by the first rule that holds, with a reason for every value", () => {
    const wished = wish(world({ records: [record(41, { site_name: "Lab" })] }));
    const user = find(wished, "ad:User", "person-41");
    expect(user).toMatchObject({
      person: "41",
      inputs: {
        person: "41",
        name: "Ada41 Example41",
        path: staff("Lab"),
        enabled: true,
        sAMAccountName: "aexample41",
        userPrincipalName: "aexample41@corp.example.com",
      },
    });
    expect(user?.adopt).toBeUndefined();
    expect(user?.because["attributes.department"]).toEqual({
      rule: "mappings/ad.yaml:attributes.office.department",
      record: "halo.users 41",
      field: "custom.CFDepartment",
    });
    for (const name of Object.keys(user?.inputs["attributes"] ?? {})) expect(user?.because[`attributes.${name}`]?.rule).toContain(name);
    for (const path of ["", "name", "path", "enabled", "sAMAccountName", "userPrincipalName"])
      expect(user?.because[path]?.record).toBe("halo.users 41");
  });
  test("empty templates keep the attribute, or clear it where the mapping says so", () => {
    const attributes = inputs(wish(world({ records: [record(1, { "custom.CFDepartment": "", phonenumber: "" })] })), "ad:User", "person-1")[
      "attributes"
    ] as Values;
    expect("department" in attributes).toBe(false);
    expect(attributes["telephoneNumber"]).toBe("");
    expect("userPrincipalName" in attributes).toBe(false);
  });
  test("an existing account is adopted with its login, its numbered name and AD's spelling of its place", () => {
    const live = account(1, { name: "Ada1 Example1 (2)", path: staff("Main").toLowerCase(), sAMAccountName: "OldLogin" });
    const user = find(wish(world({ records: [record(1)], live: { "ad:User": [live] } })), "ad:User", "person-1");
    expect(user?.adopt).toBe(live.id);
    expect(user?.inputs).toMatchObject({ name: "Ada1 Example1 (2)", sAMAccountName: "OldLogin", path: staff("Main").toLowerCase() });
  });
  test("a mover moves, and a changed name renames", () => {
    const user = inputs(
      wish(world({ records: [record(1, { site_name: "Lab", surname: "Newname" })], live: { "ad:User": [account(1)] } })),
      "ad:User",
      "person-1",
    );
    expect(user).toMatchObject({ path: staff("Lab"), name: "Ada1 Newname", sAMAccountName: "user1" });
  });
  test("who is under no rule has no account; who was managed keeps it, with a note", () => {
    const first = world({ records: [record(1), record(2, { site_name: "Elsewhere" })] });
    const { wished, after } = settled(first);
    expect(find(wished, "ad:User", "person-2")).toBeUndefined();
    const second = wish(next(first, after, { records: [record(1, { site_name: "Elsewhere" }), record(2, { site_name: "Elsewhere" })] }));
    expect(inputs(second, "ad:User", "person-1")).toEqual(inputs(wished, "ad:User", "person-1"));
    expect(second.notes.join()).toContain("under no rule of accounts");
  });
  test("an ou without its value parks the person and makes nothing", () => {
    const wished = wish(
      world({
        mappings: mappings({ ad: { ...adDefault, accounts: { first: [{ ou: `OU={{ site_name }},OU=Staff,${base}` }] } } }),
        records: [record(1, { site_name: "" }), record(2)],
      }),
    );
    expect(wished.parked).toMatchObject([{ key: "1", where: "mapping" }]);
    expect(wished.parked[0]?.reason).toContain("site_name");
    expect(find(wished, "ad:User", "person-1")).toBeUndefined();
    expect(find(wished, "ad:User", "person-2")).toBeDefined();
  });
  test("values put into an ou are escaped, and a name of 300 characters is parked", () => {
    const wide = mappings({ ad: { accounts: { first: [{ ou: `OU={{ site_name }},OU=Staff,${base}` }] } } });
    const wished = wish(
      world({ mappings: wide, records: [record(1, { site_name: "Main, north" }), record(2, { surname: "x".repeat(300) })] }),
    );
    expect(inputs(wished, "ad:User", "person-1")["path"]).toBe(`OU=Main\\, north,OU=Staff,${base}`);
    expect(wished.parked[0]?.reason).toContain("AD allows 64");
  });
  test("two people of one name: logins and names get a number by key, userPrincipalName follows the login", () => {
    const twins = [record(20), record(3)].map((one) => ({ ...one, fields: { ...one.fields, firstname: "Ada", surname: "Twin" } }));
    const wished = wish(world({ records: twins }));
    expect(inputs(wished, "ad:User", "person-3")).toMatchObject({ name: "Ada Twin", sAMAccountName: "atwin" });
    expect(inputs(wished, "ad:User", "person-20")).toMatchObject({
      name: "Ada Twin (2)",
      sAMAccountName: "atwin2",
      userPrincipalName: "atwin2@corp.example.com",
    });
  });
  test("a login whose userPrincipalName somebody else has is taken, and so is one that a group has; another userPrincipalName parks", () => {
    const other = account(99, { userPrincipalName: "AEXAMPLE1@corp.example.com" }, { employeeNumber: "x", mail: "" });
    const live = { "ad:User": [other], "ad:Group": [group("aexample2")] };
    const wished = wish(world({ records: [record(1), record(2)], live }));
    expect(wished.parked).toEqual([]);
    expect(inputs(wished, "ad:User", "person-1")["sAMAccountName"]).toBe("aexample12");
    expect(inputs(wished, "ad:User", "person-2")["sAMAccountName"]).toBe("aexample22");
    const fixed = { ...adDefault, attributes: { office: { userPrincipalName: "aexample1@corp.example.com" } } };
    expect(wish(world({ records: [record(1)], live, mappings: mappings({ ad: fixed }) })).parked).toMatchObject([
      { key: "1", where: "mapping" },
    ]);
  });
  test("managers by key or by exact name; unknown, doubtful, without an account or oneself: left out with a note", () => {
    const managed = (id: number, manager: string) => record(id, { "custom.CFManager": manager });
    const records = [
      managed(1, "2"),
      managed(2, "Ada1 Example1"),
      managed(3, "3"),
      managed(4, "Nobody Known"),
      managed(5, "6"),
      record(6, { site_name: "Elsewhere" }),
    ];
    const wished = wish(world({ records }));
    const manager = (key: number) => (inputs(wished, "ad:User", `person-${key}`)["attributes"] as Values)["manager"];
    expect([1, 2, 3, 4, 5].map(manager)).toEqual(["person:2", "person:1", undefined, undefined, undefined]);
    expect(wished.notes).toEqual([
      expect.stringContaining("Managers go in a circle: Ada1 Example1 (1) → Ada2 Example2 (2) → Ada1 Example1 (1)"),
      expect.stringContaining("No line of accounts"),
      expect.stringContaining("Ada3"),
      expect.stringContaining('nobody is called "Nobody Known"'),
      expect.stringContaining("has no AD account"),
    ]);
  });
});

describe("enabled", () => {
  test("an account disabled by hand before it was adopted stays so, with a note, in later runs too", () => {
    const first = world({ records: [record(1)], live: { "ad:User": [account(1, { enabled: false })] } });
    const { wished, after } = settled(first);
    expect(inputs(wished, "ad:User", "person-1")["enabled"]).toBe(false);
    expect(wished.notes.join()).toContain("was disabled before haloform managed it");
    expect(inputs(wish(next(first, after)), "ad:User", "person-1")["enabled"]).toBe(false);
  });
  test("an account of ours that somebody disabled is enabled again; an unfinished one is finished", () => {
    const first = world({ records: [record(1)], live: { "ad:User": [account(1)] } });
    const { after } = settled(first);
    const drifted = next(first, after, { live: { ...after.live, "ad:User": [account(1, { enabled: false })] } });
    expect(inputs(wish(drifted), "ad:User", "person-1")["enabled"]).toBe(true);
    expect(
      inputs(
        wish(world({ records: [record(1)], live: { "ad:User": [account(1, { enabled: false, unfinished: true })] } })),
        "ad:User",
        "person-1",
      )["enabled"],
    ).toBe(true);
  });
  test("a leaver who comes back is enabled", () => {
    const first = world({ records: [record(1), record(2)], live: { "ad:User": [account(1)] } });
    const { after } = settled(first);
    const gone = next(first, after, { records: [record(1, { inactive: true }), record(2)] });
    const away = settled(gone);
    expect(inputs(away.wished, "ad:User", "person-1")["enabled"]).toBe(false);
    expect(away.wished.memory.people["1"]?.leaverSince).toBe(now.toISOString());
    const back = wish(next(gone, away.after, { records: [record(1), record(2)] }));
    expect(inputs(back, "ad:User", "person-1")["enabled"]).toBe(true);
    expect(back.memory.people["1"]?.leaverSince).toBeUndefined();
    expect(back.people.find((one) => one.key === "1")?.stage).toBe("active");
  });
});

describe("leavers", () => {
  const entra = entraUser("e1", {
    immutableId: immutableIdOf(guid(1)) ?? "",
    direct: [
      { sku: "SPE_E3", without: [] },
      { sku: "POWER_BI_STANDARD", without: [] },
    ],
    usageLocation: "GB",
  });
  const agent: Live = {
    id: "9",
    values: {
      name: "Ada",
      email: "user1@corp.example.com",
      enabled: true,
      roles: ["Field Engineer", "Administrator"],
      teams: [],
      isapiagent: false,
    },
  };
  const start = world({
    records: [record(1, { title: "Team Lead" }), record(2)],
    live: {
      "ad:User": [account(1), account(2)],
      "entra:Licence": [entra],
      "halo:Agent": [agent],
      "ad:Group": [group("GG-Sales", [memberOf(account(1))])],
    },
  });

  test("inactive in Halo: disabled where it is, without groups, licences, roles; each with its reason", () => {
    const wished = wish({
      ...start,
      records: [record(1, { title: "Team Lead", inactive: true, site_name: "Lab", surname: "Renamed" }), record(2)],
    });
    const user = find(wished, "ad:User", "person-1");
    expect(user).toMatchObject({ adopt: guid(1), inputs: { enabled: false, path: staff("Main"), name: "Ada1 Example1" } });
    expect(user?.because["enabled"]).toEqual({
      rule: "mappings/safety.yaml:leaver.when",
      record: "halo.users 1",
      field: "inactive",
      note: "inactive in Halo",
    });
    expect(inputs(wished, "entra:Licence", "person-1")).toMatchObject({ skus: [], of: ["SPE_E3", "SPE_E5"] });
    expect(find(wished, "entra:Licence", "person-1")?.because["skus.SPE_E3"]?.field).toBe("inactive");
    expect(inputs(wished, "halo:Agent", "person-1")).toMatchObject({ enabled: false, roles: [], teams: [] });
    expect(inputs(wished, "ad:Group", "GG-Sales")["members"]).toEqual(["person:2"]);
    expect(find(wished, "ad:Group", "GG-Sales")?.because["members.person:1"]?.field).toBe("inactive");
    expect(wished.memory.people["1"]).toEqual({ name: "Ada1 Renamed", leaverSince: now.toISOString() });
  });
  test("strip: never only disables", () => {
    const wished = wish({
      ...start,
      mappings: mappings({ safety: { leaver: { strip: "never" } } }),
      records: [record(1, { inactive: true, title: "Team Lead" }), record(2)],
    });
    expect(inputs(wished, "ad:User", "person-1")["enabled"]).toBe(false);
    expect(inputs(wished, "entra:Licence", "person-1")["skus"]).toEqual([{ sku: "SPE_E3", without: [] }]);
    expect(inputs(wished, "ad:Group", "GG-Sales")["members"]).toEqual(["person:1", "person:2"]);
    expect(inputs(wished, "halo:Agent", "person-1")).toMatchObject({ enabled: false, roles: ["Field Engineer"] });
  });
  test("absent from a trusted read: the last wish goes on, disabled and stripped; absentSince is set once", () => {
    const { wished, after } = settled(start);
    const gone = next(start, after, { records: [record(2)] });
    const away = settled(gone);
    expect(inputs(away.wished, "ad:User", "person-1")).toEqual({ ...inputs(wished, "ad:User", "person-1"), enabled: false });
    expect(inputs(away.wished, "entra:Licence", "person-1")["skus"]).toEqual([]);
    expect(inputs(away.wished, "halo:Agent", "person-1")).toMatchObject({ enabled: false, roles: [], teams: [] });
    expect(inputs(away.wished, "ad:Group", "GG-Sales")["members"]).toEqual(["person:2"]);
    expect(find(away.wished, "ad:User", "person-1")?.because["enabled"]).toMatchObject({
      note: "absent from Halo since 2026-03-01",
      record: "halo.users 1",
    });
    const again = wish(next(gone, away.after, { now: later }));
    expect(again.memory).toEqual(away.wished.memory);
    expect(inputsOf(again)).toEqual(inputsOf(away.wished));
  });
  test("a kind that leaver.when does not name is held, with a note", () => {
    const { wished, after } = settled({ ...start, mappings: mappings({ safety: { leaver: { when: ["inactive"] } } }) });
    const held = wish(
      next({ ...start, mappings: mappings({ safety: { leaver: { when: ["inactive"] } } }) }, after, { records: [record(2)] }),
    );
    expect(inputsOf(held)).toEqual(inputsOf(wished));
    expect(held.people[0]).toMatchObject({ key: "1", stage: "held" });
    expect(held.notes.join()).toContain("leaver.when");
    expect(held.memory.people["1"]?.absentSince).toBe(now.toISOString());
  });
  test("protected people lose nothing: neither as leavers nor by rules", () => {
    const guarded = mappings({ safety: { protected: { people: [1] } } });
    // What they had before they were protected.
    const { wished, after } = settled(start);
    const away = wish(next({ ...start, mappings: guarded }, after, { records: [record(2)] }));
    expect(inputsOf(away)).toEqual(inputsOf(wished));
    expect(away.notes.join()).toContain("protected");
    const moved = wish(
      next({ ...start, mappings: guarded }, after, {
        records: [record(1, { site_name: "Elsewhere", "custom.CFDepartment": "Finance", title: "None" }), record(2)],
      }),
    );
    expect(inputs(moved, "ad:Group", "GG-Sales")["members"]).toEqual(["person:1", "person:2"]);
    expect((inputs(moved, "entra:Licence", "person-1")["skus"] as Values[]).map((one) => one["sku"])).toEqual(["SPE_E3"]);
    expect(inputs(moved, "halo:Agent", "person-1")).toMatchObject({ enabled: true, roles: ["Field Engineer"] });
  });
  test("a stranger who is inactive and has no account is nobody's business", () => {
    const wished = wish(world({ records: [record(1, { inactive: true }), record(2)] }));
    expect(wished.resources.filter((one) => one.person === "1")).toEqual([]);
    expect(wished.memory.people["1"]).toBeUndefined();
  });
  test("a leaver's account that is gone is not made again", () => {
    const { after } = settled(start);
    const wished = wish(
      next(start, after, { records: [record(1, { inactive: true }), record(2)], live: { ...after.live, "ad:User": [account(2)] } }),
    );
    expect(find(wished, "ad:User", "person-1")).toBeUndefined();
    expect(wished.notes.join()).toContain("is gone");
  });
});

describe("what is not sure", () => {
  const start = world({ records: [record(1), record(2)], live: { "ad:User": [account(1), account(2)] } });
  test("no records, and records of which nobody is a person, are refused", () => {
    expect(wish(world({ records: [] }))).toMatchObject({ resources: [], refused: [expect.stringContaining("no people at all")] });
    expect(wish(world({ records: [record(1, { isserviceaccount: true })] })).refused[0]).toContain("people.for");
  });
  test("a refused read, and a doubted one where the mapping says refuse, give sentences and nothing else", () => {
    const refused = wish({ ...start, trust: { verdict: "refused", doubts: ["page 2 failed", "counts do not add up"], memory: undefined } });
    expect(refused).toMatchObject({
      resources: [],
      refused: [expect.stringContaining("page 2 failed"), expect.stringContaining("add up")],
    });
    const strict = mappings({ people: { ...peopleDefault, trust: { onDoubt: "refuse" } } });
    expect(wish({ ...start, mappings: strict, trust: doubted }).refused).toHaveLength(1);
  });
  test("doubted without an earlier run: nothing that exists is touched", () => {
    expect(wish({ ...start, trust: doubted })).toMatchObject({
      resources: [],
      refused: [expect.stringContaining("2 existing account(s)")],
    });
    expect(wish({ ...start, live: {}, trust: doubted }).refused).toEqual([]);
  });
  test("doubted: people known before keep what they have, new people are made, and the source's memory stays", () => {
    const { wished, after } = settled(start);
    const doubt = next(start, after, {
      trust: { ...doubted, memory: { count: 9, filled: {} } },
      records: [record(3), record(2, { site_name: "Lab", "custom.CFDepartment": "" })],
    });
    const held = wish(doubt);
    for (const name of ["person-1", "person-2"]) expect(inputs(held, "ad:User", name)).toEqual(inputs(wished, "ad:User", name));
    expect(inputs(held, "ad:User", "person-3")["enabled"]).toBe(true);
    expect(inputs(held, "ad:Group", "GG-Sales")["members"]).toEqual(["person:1", "person:2", "person:3"]);
    expect(held.memory.source).toEqual({ count: 1, filled: {} });
    expect(held.memory.people["1"]).toEqual({ name: "Ada1 Example1" });
  });
  test("two records of one key: parked, and nothing changes for the person", () => {
    const { wished, after } = settled(start);
    const held = wish(next(start, after, { records: [record(1, { site_name: "Lab" }), record(1, { inactive: true }), record(2)] }));
    expect(inputsOf(held)).toEqual(inputsOf(wished));
    expect(held.parked).toMatchObject([{ key: "1", where: "source" }]);
  });
  test("who is no longer selected by where is held, and service accounts never become people", () => {
    const { wished, after } = settled(start);
    const held = wish(
      next(start, after, { records: [record(1, { isserviceaccount: true }), record(2), record(3, { isserviceaccount: true })] }),
    );
    expect(inputsOf(held)).toEqual(inputsOf(wished));
    expect(held.notes.join()).toContain("people.for");
    expect(held.people.map((one) => one.key)).toEqual(["1", "2"]);
  });
  test("an ambiguous match is parked in AD, and keeps what it has elsewhere", () => {
    const twice = [account(1), account(51, {}, { employeeNumber: "1" })];
    const entra = entraUser("e1", { employeeId: "1", direct: [{ sku: "SPE_E5", without: [] }] });
    const wished = wish(world({ records: [record(1), record(2)], live: { "ad:User": twice, "entra:Licence": [entra] } }));
    expect(wished.parked).toMatchObject([{ key: "1", where: "matching" }]);
    expect(find(wished, "ad:User", "person-1")).toBeUndefined();
    expect((inputs(wished, "entra:Licence", "person-1")["skus"] as Values[]).map((one) => one["sku"])).toEqual(["SPE_E3", "SPE_E5"]);
  });
  test("a protected live account is parked, not adopted", () => {
    const wished = wish(world({ records: [record(1)], live: { "ad:User": [account(1, { protected: true })] } }));
    expect(wished.parked[0]?.reason).toContain("is protected");
    expect(wished.resources.filter((one) => one.person === "1")).toEqual([]);
  });
});

describe("organizational units", () => {
  test("those that people and groups need with all above them, outermost first; existing ones are adopted as AD spells them", () => {
    const live = { id: "ou-staff", values: { distinguishedName: `ou=staff,${base}` } };
    const wished = wish(
      world({
        mappings: mappings({ ad: { ...adDefault, ous: [`OU=Archive,OU=IT,${base}`] } }),
        records: [record(1)],
        live: { "ad:OrganizationalUnit": [live] },
      }),
    );
    const ous = wished.resources.filter((one) => one.type === "ad:OrganizationalUnit");
    expect(ous.map((one) => [one.inputs["distinguishedName"], one.adopt])).toEqual([
      [`OU=Groups,${base}`, undefined],
      [`OU=IT,${base}`, undefined],
      [`ou=staff,${base}`, "ou-staff"],
      [`OU=Archive,OU=IT,${base}`, undefined],
      [`OU=Main,OU=Staff,${base}`, undefined],
    ]);
    expect(ous.every((one) => waveOf(one) === "places")).toBe(true);
  });
});

describe("groups", () => {
  const nested = { dn: `CN=Nested,OU=Groups,${base}` };
  const boss = account(9, { protected: true }, { employeeNumber: "none", mail: "" });
  test("exact: others are removed with a reason, protected accounts stay with a note", () => {
    const wished = wish(
      world({ records: [record(1)], live: { "ad:User": [account(1), boss], "ad:Group": [group("gg-sales", [nested, memberOf(boss)])] } }),
    );
    const sales = find(wished, "ad:Group", "GG-Sales");
    expect(sales?.adopt).toBe("group-gg-sales");
    expect(sales?.inputs).toMatchObject({ name: "gg-sales", members: [`dn:${String(boss.values["distinguishedName"])}`, "person:1"] });
    expect(sales?.because[`members.dn:${nested.dn}`]?.rule).toContain("mode");
    expect(wished.notes.join()).toContain("which is protected");
  });
  test("additive: only the wished are wished, whoever else is in", () => {
    const wished = wish(
      world({
        records: [record(1, { site_name: "Harbour" }), record(2)],
        live: { "ad:User": [account(2)], "ad:Group": [group("GG-VPN", [nested, memberOf(account(2))])] },
      }),
    );
    expect(inputs(wished, "ad:Group", "GG-VPN")).toMatchObject({ mode: "additive", members: ["person:1"] });
  });
  test("a group that asks for another follows it; a circle is refused", () => {
    const wished = wish(world({ records: [record(1), record(2, { "custom.CFDepartment": "Finance" })] }));
    expect(inputs(wished, "ad:Group", "GG-Change")["members"]).toEqual(["person:1"]);
    const circle = mappings({
      ad: {
        ...adDefault,
        groups: [
          { name: "A", ou: base, for: { group: "B" } },
          { name: "B", ou: base, for: { group: "A" } },
        ],
      },
    });
    expect(wish(world({ mappings: circle, records: [record(1)] })).refused[0]).toContain("A → B → A");
  });
  test("from and until, both days included (UTC)", () => {
    const dated = mappings({
      ad: {
        ...adDefault,
        groups: [
          {
            name: "GG-Audit",
            ou: `OU=Groups,${base}`,
            for: { person: [1] },
            starts: "2026-03-02",
            ends: "2026-03-04",
            because: "Year-end audit",
          },
        ],
      },
    });
    const on = (day: string) =>
      inputs(wish(world({ mappings: dated, records: [record(1)], now: new Date(day) })), "ad:Group", "GG-Audit")["members"];
    expect(["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-04T23:59:59Z", "2026-03-05T00:00:00Z"].map(on)).toEqual([
      [],
      ["person:1"],
      ["person:1"],
      [],
    ]);
    // Where people work: in Oslo the day begins an hour earlier.
    const oslo = { ...dated, people: { ...dated.people, zone: "Europe/Oslo" } };
    const there = (day: string) =>
      inputs(wish(world({ mappings: oslo, records: [record(1)], now: new Date(day) })), "ad:Group", "GG-Audit")["members"];
    expect(["2026-03-01T22:59:59Z", "2026-03-01T23:00:00Z", "2026-03-04T22:59:59Z", "2026-03-04T23:00:00Z"].map(there)).toEqual([
      [],
      ["person:1"],
      ["person:1"],
      [],
    ]);
  });
  test("a protected group in the mapping is refused, by the safety file or by AD's own mark", () => {
    const guarded = mappings({ safety: { protected: { groups: ["gg-sales"] } } });
    expect(wish(world({ mappings: guarded, records: [record(1)] })).refused).toEqual([expect.stringContaining("protected group GG-Sales")]);
    const marked = wish(world({ records: [record(1)], live: { "ad:Group": [group("GG-Sales", [], { protected: true })] } }));
    expect(marked.refused).toHaveLength(1);
    expect(find(marked, "ad:Group", "GG-Sales")).toBeUndefined();
  });
  test("a group that does not exist and has no ou is parked; one that exists is neither moved nor converted", () => {
    const placeless = mappings({
      ad: {
        ...adDefault,
        groups: [
          { name: "GG-X", for: {} },
          { name: "GG-Y", ou: `OU=Groups,${base}`, for: {} },
        ],
      },
    });
    const wished = wish(
      world({
        mappings: placeless,
        records: [record(1)],
        live: { "ad:Group": [group("GG-Y", [], { path: `OU=Old,${base}`, scope: "universal" })] },
      }),
    );
    expect(wished.parked).toMatchObject([{ key: "GG-X", where: "mapping" }]);
    expect(inputs(wished, "ad:Group", "GG-Y")).toMatchObject({ path: `OU=Old,${base}`, scope: "universal" });
    expect(wished.notes.join()).toContain("does not convert groups");
  });
  test("people who are only members are remembered; the account is known by what the state knows of the group", () => {
    const outside = mappings({
      entra: null,
      ad: { ...adDefault, groups: [{ name: "GG-Guests", ou: `OU=Groups,${base}`, for: { site_name: "Elsewhere" } }] },
    });
    const start = world({
      mappings: outside,
      records: [record(1), record(2, { site_name: "Elsewhere" })],
      live: { "ad:User": [account(2)] },
    });
    const { wished, after } = settled(start);
    expect(inputs(wished, "ad:Group", "GG-Guests")["members"]).toEqual(["person:2"]);
    expect(wished.memory.people["2"]).toBeDefined();
    // Nothing in AD tells any more whose account it is, but the state does.
    const users = (after.live["ad:User"] ?? []).map((one) =>
      one.id === guid(2) ? { ...one, values: { ...one.values, attributes: {} } } : one,
    );
    const blank = wish(next(start, { ...after, live: { ...after.live, "ad:User": users } }));
    expect(blank.people.find((one) => one.key === "2")?.accounts.ad).toBe(guid(2));
    const gone = wish(next(start, after, { records: [record(1)] }));
    expect(gone.people.find((one) => one.key === "2")?.stage).toBe("leaver");
    expect(inputs(gone, "ad:Group", "GG-Guests")["members"]).toEqual([]);
    expect(find(gone, "ad:Group", "GG-Guests")?.because["members.person:2"]?.note).toContain("absent");
    expect(gone.memory.people["2"]).toBeUndefined();
  });
});

describe("Entra ID", () => {
  test("licences of all lines that hold, plans switched off only where every line says so, SKUs of the mapping owned", () => {
    const wished = wish(world({ records: [record(1)] }));
    expect(inputs(wished, "entra:Licence", "person-1")).toEqual({
      person: "1",
      usageLocation: "GB",
      skus: [{ sku: "SPE_E3", without: ["SWAY"] }],
      of: ["SPE_E3", "SPE_E5"],
    });
    expect(find(wished, "entra:Licence", "person-1")?.adopt).toBeUndefined();
  });
  test("the account synced from the person's AD account comes before every field", () => {
    const accounts = [
      entraUser("by-field", { employeeId: "1" }),
      entraUser("synced", { immutableId: immutableIdOf(guid(1)) ?? "", usageLocation: "us" }),
    ];
    const wished = wish(world({ records: [record(1)], live: { "ad:User": [account(1)], "entra:Licence": accounts } }));
    expect(find(wished, "entra:Licence", "person-1")?.adopt).toBe("synced");
    expect(inputs(wished, "entra:Licence", "person-1")["usageLocation"]).toBe("US");
    expect(wished.people[0]?.accounts).toEqual({ ad: guid(1), entra: "synced" });
  });
  test("an Entra account synced from an AD account that is not recognised as the person's: parked, and no second AD account", () => {
    const live = {
      "ad:User": [account(51, {}, { employeeNumber: "", mail: "" })],
      "entra:Licence": [entraUser("e1", { employeeId: "1", immutableId: immutableIdOf(guid(51)) ?? "" })],
    };
    const wished = wish(world({ records: [record(1)], live }));
    expect(wished.parked).toMatchObject([{ key: "1", where: "matching" }]);
    expect(wished.parked[0]?.reason).toContain("which is not recognised as this person's AD account");
    expect(wished.resources.filter((one) => one.person === "1")).toEqual([]);
  });
  test("without AD only people with an Entra account have licences; leavers without one have none", () => {
    const cloud = mappings({
      ad: null,
      entra: { ...entraDefault, licences: { every: [{ sku: "SPE_E3", for: { site_name: "Main" } }] } },
      halo: null,
    });
    const wished = wish(
      world({
        mappings: cloud,
        records: [record(1), record(2), record(3, { inactive: true })],
        live: { "entra:Licence": [entraUser("e1", { employeeId: "1" })] },
      }),
    );
    expect(wished.resources.filter((one) => one.type === "entra:Licence").map((one) => one.name)).toEqual(["person-1"]);
    expect(inputs(wished, "entra:Group", "SG-Intranet")["members"]).toEqual(["person:1"]);
  });
  test("groups that AD or a rule fills, or that two share a name, are parked", () => {
    const cloud = (values: Values, id = "g1"): Live => ({
      id,
      values: { name: "SG-Intranet", synced: false, dynamic: false, members: [], ...values },
    });
    const of = (...groups: Live[]) => wish(world({ records: [record(1)], live: { "entra:Group": groups } })).parked[0]?.reason;
    expect(of(cloud({ synced: true }))).toContain("comes from AD");
    expect(of(cloud({ dynamic: true }))).toContain("dynamic");
    expect(of(cloud({}), cloud({}, "g2"))).toContain("2 Entra groups");
    expect(of(cloud({}))).toBeUndefined();
  });
});

describe("Halo", () => {
  const lead = (more = {}) => record(1, { title: "Team Lead", "custom.CFDepartment": "Service Desk", ...more });
  const agent: Live = {
    id: "9",
    values: { name: "Ada", email: "USER1@corp.example.com", enabled: true, roles: ["Administrator"], teams: [], isapiagent: false },
  };
  test("lines add up, the agent is found by e-mail, roles named in the file are owned", () => {
    const wished = wish(world({ records: [lead()], live: { "halo:Agent": [agent] } }));
    expect(find(wished, "halo:Agent", "person-1")).toMatchObject({
      adopt: "9",
      inputs: {
        email: "user1@corp.example.com",
        enabled: true,
        roles: ["Field Engineer", "Service Desk"],
        teams: ["First line"],
        team: "First line",
        of: { roles: ["Field Engineer", "Service Desk"], teams: ["First line"] },
      },
    });
  });
  test("an API agent is never taken over", () => {
    const wished = wish(
      world({ records: [lead()], live: { "halo:Agent": [{ ...agent, values: { ...agent.values, isapiagent: true } }] } }),
    );
    expect(wished.parked[0]?.reason).toContain("is protected");
    expect(find(wished, "halo:Agent", "person-1")).toBeUndefined();
  });
  test("who meets no line any more is disabled and loses what the mapping owns; strangers are left alone", () => {
    const start = world({ records: [lead(), record(2)], live: { "halo:Agent": [agent] } });
    const { after } = settled(start);
    const wished = wish(next(start, after, { records: [lead({ title: "Analyst", "custom.CFDepartment": "Finance" }), record(2)] }));
    expect(inputs(wished, "halo:Agent", "person-1")).toMatchObject({ enabled: false, roles: [], teams: [] });
    expect(inputs(wished, "halo:Agent", "person-1")["team"]).toBeUndefined();
    expect(find(wished, "halo:Agent", "person-2")).toBeUndefined();
  });
  test("an agent without an e-mail address is parked", () => {
    expect(wish(world({ records: [lead({ emailaddress: "" })] })).parked).toMatchObject([
      { key: "1", where: "mapping", reason: expect.stringContaining("e-mail address") },
    ]);
  });
});

describe("letting go", () => {
  test("a group, a role and a whole system that leave the mapping are let go of with a note", () => {
    const start = world({ records: [record(1)] });
    const { after } = settled(start);
    const less = mappings({
      ad: { ...adDefault, groups: (adDefault.groups ?? []).filter((one) => one.name !== "GG-VPN") },
      entra: null,
      halo: { ...haloDefault, roles: [] },
    });
    const wished = wish(next(start, after, { mappings: less }));
    expect(wished.notes).toEqual([
      expect.stringContaining("ad:Group GG-VPN is no longer in the mapping"),
      expect.stringContaining("halo:Role Field Engineer"),
      expect.stringContaining("mappings/entra.yaml is gone: 2 object(s)"),
    ]);
  });
});

/** Groups in the pure middle: members that are no people, members that may be, conversion, names, privileged groups, places put back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Json, Values } from "../../../../../base/json.ts";
import type { adGroup, adUnit } from "../../../../../mappings/schema/ad-groups.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { PreviousResource, SourceRecord } from "../../../../../stacks/model/types.ts";
import { putBack, renamedUnits, wishedBack } from "../../../../../stacks/read/put-back.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { account, adDefault, apply, base, find, group, inputsOf, mappings, memberOf, next, record, staff, world } from "../../world.ts";

type GroupIn = z.input<typeof adGroup>;
const ou = `OU=Groups,${base}`;
const ad = (groups: GroupIn[], more: Partial<typeof adDefault> = {}) => ({ ...adDefault, groups, ...more });
const made = (given: {
  groups: GroupIn[];
  records?: SourceRecord[];
  live?: { [type: string]: Live[] };
  previous?: PreviousResource[];
  allow?: string[];
  more?: Partial<typeof adDefault>;
}) =>
  wish(
    world({
      mappings: mappings({ ad: ad(given.groups, given.more), safety: { protected: { allow: given.allow ?? [] } } }),
      records: given.records ?? [record(1)],
      live: given.live ?? {},
      previous: given.previous ?? [],
    }),
  );
const membersIn = (wished: ReturnType<typeof wish>, name: string): Json => inputsOf(wished)[`ad:Group::${name}`]?.["members"] ?? null;

describe("contains", () => {
  const outer: GroupIn = {
    name: "GG-Outer",
    ou,
    contains: { groups: ["gg-inner", "Other"], contacts: ["Agency"], dns: [`cn=Printer , OU=Devices,${base}`] },
  };
  const contacts = [{ name: "Agency", ou, attributes: { mail: "agency@example.org" } }];
  test("names groups of the mapping by ref, others and things by name as in AD, and holds nobody else", () => {
    const wished = made({
      groups: [outer, { name: "GG-Inner", ou, for: {} }],
      live: { "ad:Group": [group("Other", [], { distinguishedName: `CN=Other,${ou}` })], "ad:User": [account(1)] },
      more: { contacts },
    });
    expect(membersIn(wished, "GG-Outer")).toEqual([
      "contact:Agency",
      `dn:CN=Other,${ou}`,
      `dn:CN=Printer,OU=Devices,${base}`,
      "group:GG-Inner",
    ]);
    expect(find(wished, "ad:Contact", "Agency")).toMatchObject({ inputs: { name: "Agency", path: ou } });
    expect(find(wished, "ad:Group", "GG-Outer")?.because["members.group:GG-Inner"]?.rule).toContain("contains");
  });
  test("behaviour F1: one object named in two ways (person, dn, group, contact, another spelling) is one member", () => {
    const dns = [
      `cn=ada1 example1, ${staff("Main").toLowerCase()}`,
      `CN=Ada2 Example2,${staff("Main")}`,
      `cn=gg-inner,${ou}`,
      `CN=Other,${ou}`,
      `cn=agency,${ou}`,
      `CN=Printer,OU=Devices,${base}`,
      `cn=printer , ou=Devices,${base}`,
    ];
    const agency = { id: "contact-1", values: { distinguishedName: `CN=Agency,${ou}`, name: "Agency", path: ou, attributes: {} } };
    const wished = made({
      groups: [
        { name: "GG-Outer", ou, for: { person: [1] }, contains: { groups: ["GG-Inner", "Other"], contacts: ["Agency"], dns } },
        { name: "GG-Inner", ou, for: {} },
      ],
      records: [record(1), record(2)],
      live: {
        "ad:Group": [
          group("Other", [], { distinguishedName: `CN=Other,${ou}` }),
          group("GG-Inner", [], { distinguishedName: `CN=GG-Inner,${ou}` }),
        ],
        "ad:User": [account(1), account(2)],
        "ad:Contact": [agency],
      },
      more: { contacts },
    });
    expect(membersIn(wished, "GG-Outer")).toEqual([
      "contact:Agency",
      `dn:CN=Other,${ou}`,
      `dn:CN=Printer,OU=Devices,${base}`,
      "group:GG-Inner",
      "person:1",
      "person:2",
    ]);
  });
  test("behaviour F1: so is one that is made in this run: a contact, a group, somebody who joins or is renamed", () => {
    const ad = {
      ...adDefault,
      contacts: [{ name: "Pat Outside", ou: `OU=Groups,${base}`, attributes: {} }],
      groups: [
        { name: "GG-Inner", ou: `OU=Groups,${base}` },
        {
          ...{ name: "GG-Twice", ou: `OU=Groups,${base}`, for: { person: [1, 2] } },
          contains: {
            ...{ contacts: ["Pat Outside"], groups: ["GG-Inner"] },
            dns: [
              `cn=pat outside, ou=Groups,${base}`,
              `CN=GG-INNER,OU=Groups,${base}`,
              `CN=Ada1 Example1,${staff("Main")}`,
              `CN=New Name,${staff("Main")}`,
            ],
          },
        },
      ],
    };
    const renamed = account(2, { name: "Old Name" });
    const made = wish(
      world({
        records: [record(1), record(2, { firstname: "New", surname: "Name" })],
        mappings: mappings({ ad, entra: null }),
        live: { "ad:User": [renamed] },
      }),
    );
    expect(find(made, "ad:Group", "GG-Twice")?.inputs["members"]).toEqual([
      "contact:Pat Outside",
      "group:GG-Inner",
      "person:1",
      "person:2",
    ]);
  });
  test("behaviour F1: who leaves loses the group although the mapping lists the account's own name too", () => {
    const groups: GroupIn[] = [{ name: "GG-Outer", ou, for: {}, contains: { dns: [`CN=Ada1 Example1,${staff("Main")}`] } }];
    const left = (live: Live[]) =>
      made({
        groups,
        records: [record(1, { inactive: true })],
        live: { "ad:Group": [group("GG-Outer", live.map(memberOf))], "ad:User": [account(1)] },
      });
    expect(membersIn(left([account(1)]), "GG-Outer")).toEqual([]);
    expect(membersIn(left([]), "GG-Outer")).toEqual([]);
  });
  test("a group that does not exist is parked, and the rest goes on", () => {
    const wished = made({ groups: [{ name: "GG-Outer", ou, for: {}, contains: { groups: ["GG-Nowhere"] } }] });
    expect(wished.parked).toMatchObject([{ key: "GG-Outer", where: "mapping", reason: expect.stringContaining("GG-Nowhere") }]);
    expect(membersIn(wished, "GG-Outer")).toEqual(["person:1"]);
  });
  test("live members that the mapping names are read by the same refs: nothing goes in the second run", () => {
    const inner = group("GG-Inner");
    const outer2 = group("GG-Outer", [memberOf(inner)]);
    const wished = made({
      groups: [
        { name: "GG-Outer", ou, contains: { groups: ["GG-Inner"] } },
        { name: "GG-Inner", ou, contains: {} },
      ],
      live: { "ad:Group": [inner, outer2] },
    });
    expect(membersIn(wished, "GG-Outer")).toEqual(["group:GG-Inner"]);
    expect(Object.keys(find(wished, "ad:Group", "GG-Outer")?.because ?? {}).filter((path) => path.startsWith("members."))).toEqual([
      "members.group:GG-Inner",
    ]);
  });
});

describe("may", () => {
  const groups: GroupIn[] = [
    {
      name: "GG-Project",
      ou,
      for: { person: [1] },
      may: { "custom.CFDepartment": "Sales" },
      mayContain: { dns: [`CN=Robot,OU=Service,${base}`] },
    },
  ];
  const people = [record(1), record(2), record(3), record(4, { "custom.CFDepartment": "Finance" })];
  const robot: Live = account(50, { distinguishedName: `CN=Robot,OU=Service,${base}`, name: "Robot" }, { employeeNumber: "", mail: "" });
  const live = (...ids: number[]) => {
    const users = [1, 2, 3, 4].map((id) => account(id));
    const there = [...users, robot].filter((_, index) => ids.includes(index + 1));
    return { "ad:User": [...users, robot], "ad:Group": [group("GG-Project", there.map(memberOf))] };
  };
  test("those who may be members stay where they are, and are not put in", () => {
    const wished = made({ groups, records: people, live: live(2, 4, 5) });
    expect(inputsOf(wished)["ad:Group::GG-Project"]).toMatchObject({
      members: [`dn:CN=Robot,OU=Service,${base}`, "person:1", "person:2"],
      may: [`dn:CN=Robot,OU=Service,${base}`, "person:2", "person:3"],
    });
    expect(find(wished, "ad:Group", "GG-Project")?.because["members.person:4"]?.note).toBe("does not meet the condition");
  });
  test("leavers go all the same", () => {
    const gone = [record(1), record(2, { inactive: true })];
    expect(membersIn(made({ groups, records: gone, live: live(1, 2) }), "GG-Project")).toEqual(["person:1"]);
  });
});

describe("who stays in an exact group", () => {
  const foreign = { dn: `CN=S-1-5-21-1-2-3-1105,CN=ForeignSecurityPrincipals,${base}`, guid: "foreign" };
  test("members of other forests: in no list, with a note", () => {
    const wished = made({ groups: [{ name: "GG-A", ou, for: {} }], live: { "ad:Group": [group("GG-A", [foreign])] } });
    expect(membersIn(wished, "GG-A")).toEqual(["person:1"]);
    expect(wished.notes.join()).toContain("GG-A keeps 1 member of another forest");
  });
  test("people whose primary group it is, with a note", () => {
    const ada = account(1);
    const wished = made({
      groups: [{ name: "GG-A", ou, for: { person: [99] } }],
      live: { "ad:User": [ada], "ad:Group": [group("GG-A", [{ ...(memberOf(ada) as Values), primary: true }])] },
    });
    expect(membersIn(wished, "GG-A")).toEqual(["person:1"]);
    expect(wished.notes.join()).toContain("primary group");
  });
});

describe("a group that is there", () => {
  const old = { path: `OU=Old,${base}`, scope: "universal", distinguishedName: `CN=GG-A,OU=Old,${base}` };
  test("is moved and converted only where the mapping says so", () => {
    const stay = made({ groups: [{ name: "GG-A", ou, for: {} }], live: { "ad:Group": [group("GG-A", [], old)] } });
    expect(inputsOf(stay)["ad:Group::GG-A"]).toMatchObject({ path: `OU=Old,${base}`, scope: "universal" });
    const go = made({
      groups: [{ name: "GG-A", ou, move: true, convert: true, for: {} }],
      live: { "ad:Group": [group("GG-A", [], old)] },
    });
    expect(inputsOf(go)["ad:Group::GG-A"]).toMatchObject({ path: ou, scope: "global" });
    expect(go.notes.join()).toContain("it is converted");
  });
  test("is renamed where its former name is named, and keeps its id", () => {
    const wished = made({
      groups: [{ name: "GG-New", formerly: "GG-Old", ou, for: {} }],
      live: { "ad:Group": [group("GG-Old")] },
      previous: [{ type: "ad:Group", name: "GG-Old", id: "group-GG-Old", inputs: { members: [] }, outputs: {} }],
    });
    expect(find(wished, "ad:Group", "GG-New")).toMatchObject({ adopt: "group-GG-Old", inputs: { name: "GG-New" } });
    expect(wished.notes.join()).toContain("renamed to GG-New");
  });
  test("renamed by hand is found by its id and wished under its name; deleted by hand it is made again, and the plan says so", () => {
    const previous: PreviousResource[] = [{ type: "ad:Group", name: "GG-A", id: "group-GG-A", inputs: { members: [] }, outputs: {} }];
    const renamed = made({
      groups: [{ name: "GG-A", ou, for: {} }],
      live: { "ad:Group": [group("GG-A", [], { name: "Vandal", distinguishedName: `CN=Vandal,${ou}` })] },
      previous,
    });
    expect(find(renamed, "ad:Group", "GG-A")).toMatchObject({ inputs: { name: "GG-A" } });
    expect(find(renamed, "ad:Group", "GG-A")?.adopt).toBeUndefined();
    const gone = made({ groups: [{ name: "GG-A", ou, for: {} }], previous });
    expect(membersIn(gone, "GG-A")).toEqual(["person:1"]);
    expect(gone.notes.join()).toContain("GG-A is gone (deleted by hand): it is created again with its members");
  });
});

describe("a group that AD protects", () => {
  const admins = group("Domain Admins", [memberOf(account(2, { protected: true }))], { protected: true, path: `CN=Users,${base}` });
  const users = [
    account(1),
    account(2, { protected: true }),
    account(9, { protected: true, name: "Root" }, { employeeNumber: "", mail: "" }),
  ];
  const groups: GroupIn[] = [{ name: "Domain Admins", for: { person: [1] } }];
  test("is refused unless safety.yaml names it", () => {
    expect(made({ groups, live: { "ad:Group": [admins], "ad:User": users } }).refused.join()).toContain("protected group Domain Admins");
  });
  test("named there, has its members managed and nothing else; every change is told", () => {
    const wished = made({
      groups,
      records: [record(1), record(2)],
      live: { "ad:Group": [{ ...admins, values: { ...admins.values, members: users.slice(1).map(memberOf) } }], "ad:User": users },
      allow: ["domain admins"],
      // whose account a protected one is, only the state can say
      previous: [{ type: "ad:User", name: "person-2", id: users[1]?.id ?? "", inputs: { person: "2" }, outputs: {} }],
    });
    expect(wished.refused).toEqual([]);
    const inputs = inputsOf(wished)["ad:Group::Domain Admins"] ?? {};
    expect(Object.keys(inputs).sort()).toEqual(["members", "mode", "name", "privileged"]);
    // the built-in administrator is nobody of Halo's: never removed
    expect(inputs["members"]).toEqual([`dn:${String(users[2]?.values["distinguishedName"])}`, "person:1"]);
    expect(wished.notes.join()).toMatch(/PRIVILEGED: Domain Admins .*Ada1 Example1 \(1\) would come in.*Ada2 Example2 \(2\) would go/u);
  });
});

describe("who answers", () => {
  test("is written by ref, and left alone where there is nobody to name", () => {
    const wished = made({
      groups: [
        { name: "GG-A", ou, contains: {}, managedBy: { person: 1 } },
        { name: "GG-B", ou, contains: {}, managedBy: { person: 77 } },
        { name: "GG-C", ou, contains: {}, managedBy: { group: "GG-A" } },
      ],
      live: { "ad:User": [account(1)] },
    });
    const managers = ["GG-A", "GG-B", "GG-C"].map((name) => inputsOf(wished)[`ad:Group::${name}`]?.["managedBy"]);
    expect(managers).toEqual(["person:1", undefined, "group:GG-A"]);
    expect(wished.notes.join()).toContain("GG-B keeps whoever answers for it: nobody has the key 77");
  });
});

describe("organizational units", () => {
  const live = (dn: string, id: string): Live => ({ id, values: { distinguishedName: dn } });
  const past = (dn: string, id: string): PreviousResource => ({
    type: "ad:OrganizationalUnit",
    name: dn,
    id,
    inputs: { distinguishedName: dn },
    outputs: {},
  });
  const ous: z.input<typeof adUnit>[] = [
    { ou: `OU=Vault,${base}`, description: "Closed", protectedFromDeletion: true, managedBy: { person: 1 } },
    `OU=Plain,${base}`,
  ];
  test("have their settings beside their place", () => {
    const wished = made({ groups: [], more: { ous }, live: { "ad:User": [account(1)] } });
    expect(inputsOf(wished)[`ad:OrganizationalUnit::OU=Vault,${base}`]).toEqual({
      distinguishedName: `OU=Vault,${base}`,
      description: "Closed",
      protectedFromDeletion: true,
      managedBy: "person:1",
    });
    expect(inputsOf(wished)[`ad:OrganizationalUnit::OU=Plain,${base}`]).toEqual({ distinguishedName: `OU=Plain,${base}` });
  });

  test("renamed by hand: one change, and everything in them has its name again", () => {
    const previous = [past(`OU=Staff,${base}`, "staff"), past(`OU=Main,OU=Staff,${base}`, "main")];
    const lists = {
      "ad:OrganizationalUnit": [
        live(`OU=People,${base}`, "staff"),
        live(`OU=Head,OU=People,${base}`, "main"),
        live(`OU=Lab,OU=People,${base}`, "lab"),
      ],
      "ad:User": [account(1, { path: `OU=Head,OU=People,${base}`, distinguishedName: `CN=Ada,OU=Head,OU=People,${base}` })],
      "ad:Group": [group("GG-A", [{ dn: `CN=Ada,OU=Head,OU=People,${base}`, guid: "1" }])],
    };
    const renamed = renamedUnits(previous, lists);
    expect(renamed).toEqual([
      { from: `OU=People,${base}`, to: `OU=Staff,${base}` },
      { from: `OU=Head,OU=People,${base}`, to: `OU=Main,OU=Staff,${base}` },
    ]);
    const settled = putBack(lists, renamed);
    expect(settled["ad:OrganizationalUnit"]?.map((one) => one.values["distinguishedName"])).toEqual([
      `OU=People,${base}`,
      `OU=Head,OU=People,${base}`,
      `OU=Lab,OU=Staff,${base}`,
    ]);
    expect(settled["ad:User"]?.[0]?.values).toMatchObject({ path: staff("Main"), distinguishedName: `CN=Ada,${staff("Main")}` });
    expect(settled["ad:Group"]?.[0]?.values["members"]).toEqual([{ dn: `CN=Ada,${staff("Main")}`, guid: "1" }]);
    expect(wishedBack(renamed, [])).toEqual([]);
  });

  test("a unit within a renamed one is not renamed itself; one whose name is taken again is left alone", () => {
    const previous = [past(`OU=Staff,${base}`, "staff"), past(`OU=Main,OU=Staff,${base}`, "main")];
    const inner = { "ad:OrganizationalUnit": [live(`OU=People,${base}`, "staff"), live(`OU=Main,OU=People,${base}`, "main")] };
    expect(renamedUnits(previous, inner)).toEqual([{ from: `OU=People,${base}`, to: `OU=Staff,${base}` }]);
    const taken = { "ad:OrganizationalUnit": [...inner["ad:OrganizationalUnit"], live(`OU=Staff,${base}`, "new")] };
    expect(renamedUnits(previous.slice(0, 1), taken)).toEqual([]);
  });
});

describe("computers", () => {
  const pc = (name: string, values: Values = {}): Live => ({
    id: `pc-${name}`,
    values: {
      distinguishedName: `CN=${name},CN=Computers,${base}`,
      name,
      path: `CN=Computers,${base}`,
      enabled: true,
      protected: false,
      ...values,
    },
  });
  const computers = [
    { name: "LAB-01", ou: `OU=Keep,${base}` },
    { name: "LAB-*", ou: `OU=Lab,${base}`, disable: true },
    { name: "GONE-1", disable: true },
  ];
  test("are taken by name or pattern, the first line decides, and a controller never", () => {
    const wished = made({
      groups: [],
      more: { computers: { first: computers } },
      live: { "ad:Computer": [pc("LAB-01"), pc("lab-02"), pc("LAB-DC", { protected: true }), pc("PC-1")] },
    });
    expect(wished.resources.filter((one) => one.type === "ad:Computer").map((one) => [one.inputs, one.adopt])).toEqual([
      [{ name: "LAB-01", path: `OU=Keep,${base}` }, "pc-LAB-01"],
      [{ name: "lab-02", path: `OU=Lab,${base}`, enabled: false }, "pc-lab-02"],
    ]);
    expect(wished.notes.join()).toContain("LAB-DC is a domain controller");
    expect(wished.parked).toMatchObject([{ key: "GONE-1", reason: expect.stringContaining("is not in AD") }]);
  });
});

describe("any group", () => {
  const ids = [1, 2, 3, 4, 5];
  const some = fc.subarray(ids);
  test("holds exactly whom it wants, keeps who may be, and a second run changes nothing", () => {
    fc.assert(
      fc.property(
        some,
        some,
        some,
        fc.constantFrom("exact" as const, "additive" as const),
        fc.boolean(),
        (wanted, may, there, mode, strangers) => {
          const users = [...ids.map((id) => account(id)), account(40, {}, { employeeNumber: "", mail: "" })];
          const inside = users.filter((_, index) => (index < ids.length ? there.includes(index + 1) : strangers));
          const groups: GroupIn[] = [
            {
              name: "GG-A",
              ou,
              for: { person: [...wanted, 999] },
              mode,
              ...(mode === "exact" ? { may: { person: [...may, 999] } } : {}),
            },
          ];
          const first = world({
            mappings: mappings({ ad: ad(groups) }),
            records: ids.map((id) => record(id)),
            live: { "ad:User": users, "ad:Group": [group("GG-A", inside.map(memberOf))] },
          });
          const wished = wish(first);
          const expected =
            mode === "additive"
              ? wanted.filter((id) => !there.includes(id))
              : ids.filter((id) => wanted.includes(id) || (may.includes(id) && there.includes(id)));
          expect(membersIn(wished, "GG-A")).toEqual([...expected].sort((a, b) => a - b).map((id) => `person:${id}`));
          const after = apply(first, wished);
          const now = ((after.live["ad:Group"]?.[0]?.values["members"] ?? []) as { guid: string }[]).map((one) => one.guid);
          if (mode === "additive") for (const one of inside) expect(now, "nobody is taken out").toContain(one.id);
          else expect(now).toHaveLength(expected.length);
          expect(inputsOf(wish(next(first, after)))["ad:Group::GG-A"]).toEqual(inputsOf(wished)["ad:Group::GG-A"]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { explain, findPerson } from "../../../../../cli/commands/why/why.ts";
import { printWhy } from "../../../../../cli/render/answers/why.ts";
import type { DesiredResource, Person } from "../../../../../stacks/model/types.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import * as w from "../../../stacks/world.ts";

const person: Person = { key: "41", name: "Ada Example", stage: "active", accounts: { ad: "guid" } };
const nothing = { mappings: w.mappings(), records: [] };
const at = (rule: string) => ({ rule: `mappings/${rule}` });
const resources: DesiredResource[] = [
  {
    type: "halo:Agent",
    name: "person-41",
    person: "41",
    inputs: { person: "41", name: "Ada Example", roles: ["Boss", "Desk"], teams: [], of: { roles: ["Boss", "Desk", "Old"], teams: [] } },
    because: { "": at("halo-users.yaml:8"), roles: at("halo-users.yaml:8"), "roles.Boss": at("halo.yaml:6") },
  },
  {
    type: "entra:Licence",
    name: "person-41",
    person: "41",
    inputs: { skus: [{ sku: "SPE_E3", without: ["SWAY"] }], of: [] },
    because: { "": at("entra.yaml:1"), "skus.SPE_E3": at("entra.yaml:7") },
  },
  {
    type: "entra:Group",
    name: "SG-Sales",
    inputs: { name: "SG-Sales", members: ["person:7"], owners: ["person:41"] },
    because: { "": at("entra.yaml:20"), "members.person:41": at("entra.yaml:21") },
  },
];
const was = new Map([
  ["halo:Agent::person-41", { name: "Ada Example", roles: ["Desk", "Old"], teams: [], of: { roles: ["Elsewhere"] } }],
  ["entra:Group::SG-Sales", { members: ["person:41", "person:7"], owners: ["person:41"] }],
]);

it("rows-B6: the rule of each entry of a list, also of one that goes and of a list in another's resource", () => {
  const why = explain({ ...nothing, wish: { resources, people: [person], parked: [], notes: [] }, was }, person, undefined);
  expect(why.values.map(({ type, path, wanted, found, because }) => [type, path, wanted, found, because?.rule])).toEqual([
    ["halo:Agent", "name", "Ada Example", "Ada Example", "mappings/halo-users.yaml:8"],
    ["halo:Agent", "roles.Boss", "Boss", null, "mappings/halo.yaml:6"],
    ["halo:Agent", "roles.Desk", "Desk", "Desk", "mappings/halo-users.yaml:8"],
    ["halo:Agent", "teams", [], [], "mappings/halo-users.yaml:8"],
    ["halo:Agent", "roles.Old", null, "Old", "mappings/halo-users.yaml:8"],
    ["entra:Licence", "skus.SPE_E3", { sku: "SPE_E3", without: ["SWAY"] }, null, "mappings/entra.yaml:7"],
    ["entra:Group", "member", false, true, "mappings/entra.yaml:21"],
    ["entra:Group", "owner", true, true, "mappings/entra.yaml:20"],
  ]);
  expect(explain({ ...nothing, wish: { resources, people: [person], parked: [], notes: [] }, was }, person, "boss").values).toHaveLength(1);
});

it("rows-B5: value and reason are apart by blanks, and an entry is called once", () => {
  const text = printWhy(
    explain({ ...nothing, wish: { resources, people: [person], parked: [], notes: [] }, was }, person, undefined),
    false,
  );
  expect(text).toContain("\n  roles: Boss (now (nothing))   mappings/halo.yaml:6\n");
  expect(text).toContain("\n  roles: (nothing) (now Old)   mappings/halo-users.yaml:8\n");
  expect(text).toContain("\n  name: Ada Example   mappings/halo-users.yaml:8\n");
  expect(text).not.toContain("␣");
});

describe("somebody who was renumbered", () => {
  const ada: Person = { key: "00901", recordKey: "901", name: "Ada Example", stage: "active", accounts: {} };
  const among = (people: Person[]) => ({ ...nothing, wish: { resources: [], people, parked: [], notes: [] }, source: { name: "hr" } });
  it("is found under the key that the record has now, and under the one they are known by; the answer says both", () => {
    for (const asked of ["901", "00901"]) expect(findPerson(among([ada]), asked)).toBe(ada);
    const answer = explain({ ...among([ada]), was: new Map() }, ada, undefined);
    expect(answer).toMatchObject({ key: "00901", recordKey: "901" });
    expect(printWhy(answer, false)).toMatch(/^Ada Example \(901, known as 00901\): active/u);
  });
  it("a key that is one person's now and was another's means neither without a word", () => {
    const ben: Person = { key: "901", recordKey: "902", name: "Ben Other", stage: "active", accounts: {} };
    const both = among([ada, ben]);
    expect(() => findPerson(both, "901")).toThrow(
      "901 is several people: Ada Example (901, known as 00901), Ben Other (902, known as 901); say the name or the other key.",
    );
    for (const [asked, one] of [
      ["902", ben],
      ["00901", ada],
      ["ben other", ben],
    ] as const)
      expect(findPerson(both, asked)).toBe(one);
  });
});

describe("outside O12: what a plan says of somebody beside the changes is said of them alone too", () => {
  const mappings = w.mappings({ safety: { protected: { people: ["1"] } } });
  const records = [w.record(1), w.record(2)];
  const wished = wish(w.world({ mappings, records, live: { "ad:User": [w.account(1, { name: "Another" })] } }));
  const given = { mappings, records, wish: wished, source: { name: "halo.users" }, was: new Map() };
  const textOf = (key: string): string => printWhy(explain(given, findPerson(given, key), undefined), false);
  it("that they are protected, by which line, and what is left as it is", () => {
    expect(textOf("1")).toMatch(
      /^ {2}protected \(mappings\/safety\.yaml:protected\.people\): what is there of this person is not written/mu,
    );
    expect(textOf("1")).toMatch(/^ {2}Left as it is, for it is protected: account.* of Ada1 Example1 \(1\)/mu);
    expect(textOf("2")).not.toContain("protected");
  });
});

describe("a record that people.for leaves aside", () => {
  const mappings = w.mappings({ people: { people: { ...w.peopleDefault.people, for: { site_name: "Main" } } } });
  const records = [
    w.record(1),
    w.record(2, { site_name: "Lab" }),
    w.record(3, { site_name: "Lab", firstname: "Ada1", surname: "Example1" }),
  ];
  const given = { mappings, records, wish: wish(w.world({ mappings, records })), source: { name: "halo.users" } };
  it("is found by its key, name and address, and the line of people.for is told", () => {
    for (const asked of ["2", "ada2 example2", "User2@corp.example.com"])
      expect(() => findPerson(given, asked)).toThrow(
        "Ada2 Example2 (2) is left aside by people.for (mappings/people.yaml:people.for), which asks for site_name is Main: nothing is managed of it; `haloform why-not 2` says all of it.",
      );
  });
  it("hides nobody who is managed and is called the same", () => {
    expect(findPerson(given, "Ada1 Example1").key).toBe("1");
    expect(() => findPerson(given, "3")).toThrow("(3) is left aside");
    expect(() => findPerson(given, "Nobody")).toThrow("Nobody is called Nobody");
  });
});

/** Leavers who answer for others, and what else a plan tells of people: reports R14, R25, outside O12. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, apply, base, entraUser, find, group, mappings, record, world } from "../world.ts";

const successor = { leaver: { successor: "{{ custom.CFManager }}" } };
const leaves = { inactive: true };
const managed = (key: string): Values => ({ "custom.CFManager": key });
const managerOf = (wished: ReturnType<typeof wish>, key: number) =>
  (find(wished, "ad:User", `person-${key}`)?.inputs["attributes"] as Values | undefined)?.["manager"];
const ad = (...groups: object[]) => ({ ...adDefault, groups: groups as never });
const accounts = (...keys: number[]): Live[] => keys.map((key) => account(key));
const company = (given: Partial<World> & Pick<World, "records">, safety: object = successor, groups: object[] = []) =>
  world({ mappings: mappings({ ad: ad(...groups), entra: null, halo: null, safety }), ...given });

describe("reports R25: a leaver who is manager of others", () => {
  // 1 and 2 report to 3, 3 to 4, 4 to 5.
  const records = (gone: number[]) =>
    [managed("3"), managed("3"), managed("4"), managed("5"), {}].map((more, index) =>
      record(index + 1, { ...more, ...(gone.includes(index + 1) ? leaves : {}) }),
    );
  const live = { "ad:User": accounts(1, 2, 3, 4, 5) };

  test("is followed by whom the mapping names, and the plan says so by name", () => {
    const wished = wish(company({ records: records([3]), live }));
    expect([1, 2].map((key) => managerOf(wished, key))).toEqual(["person:4", "person:4"]);
    expect(wished.notes).toContain(
      "Ada3 Example3 (3) has left and is manager of 2 (Ada1 Example1 (1), Ada2 Example2 (2)): Ada4 Example4 (4) follows",
    );
    expect(find(wished, "ad:User", "person-1")?.because["attributes.manager"]).toEqual({
      rule: "mappings/safety.yaml:leaver.successor",
      note: "Ada3 Example3 (3) has left: Ada4 Example4 (4) follows",
    });
  });

  test("upwards, until somebody stays", () => {
    expect(managerOf(wish(company({ records: records([3, 4]), live })), 1)).toBe("person:5");
  });

  test("where nobody above stays, it stays as it is, and the plan says so", () => {
    const wished = wish(company({ records: records([3, 4, 5]), live }));
    expect(managerOf(wished, 1)).toBe("person:3");
    expect(wished.notes.join("\n")).toMatch(/Ada3 Example3 \(3\) has left and is manager of 2 .*names nobody who stays: it stays so/u);
  });

  test("a circle of managers ends, and nobody becomes their own manager", () => {
    const round = [record(1, managed("2")), record(2, { ...managed("3"), ...leaves }), record(3, { ...managed("2"), ...leaves })];
    expect(managerOf(wish(company({ records: round, live: { "ad:User": accounts(1, 2, 3) } })), 1)).toBe("person:2");
    const back = [record(1, managed("2")), record(2, { ...managed("1"), ...leaves })];
    expect(managerOf(wish(company({ records: back, live: { "ad:User": accounts(1, 2) } })), 1)).toBe("person:2");
  });

  test("without a successor in the mapping nothing changes, and the plan says what to do", () => {
    const wished = wish(company({ records: records([3]), live }, {}));
    expect(managerOf(wished, 1)).toBe("person:3");
    expect(wished.notes.join("\n")).toMatch(
      /is manager of 2 .*: it stays so; say who follows in leaver\.successor \(mappings\/safety\.yaml/u,
    );
  });

  test("whose record is gone is followed by the manager that the last run knew", () => {
    const start = company({ records: records([]), live });
    const after = apply(start, wish(start));
    const gone = company({ ...after, records: records([]).filter(({ fields }) => fields["id"] !== 3) });
    expect(managerOf(wish(gone), 1)).toBe("person:4");
  });

  test("two plans in a row are the same, and who had left before is told in one sentence", () => {
    const start = company({ records: records([3]), live });
    const first = wish(start);
    const again = wish(company({ ...apply(start, first), records: records([3]) }));
    expect(managerOf(again, 1)).toBe("person:4");
    expect(again.notes.filter((note) => note.includes("Ada3 Example3 (3)"))).toEqual([
      "People who had left before still answer for others: Ada3 Example3 (3) is manager of 2 (Ada1 Example1 (1), Ada2 Example2 (2)): Ada4 Example4 (4) follows",
    ]);
  });

  test("who left before haloform came and has no account is told in that sentence too, and followed", () => {
    const wished = wish(company({ records: records([3]), live: { "ad:User": accounts(1, 2, 4, 5) } }));
    expect(managerOf(wished, 1)).toBe("person:4");
    expect(wished.notes.join("\n")).toMatch(/^People who had left before still answer for others: Ada3 Example3 \(3\) is manager of 2 /mu);
  });

  test("whoever has left and keeps everything until a day is followed at once", () => {
    const later = { leaver: { ...successor.leaver, disable: "2 days" } };
    expect(managerOf(wish(company({ records: records([3]), live }, later)), 1)).toBe("person:4");
  });

  test("nobody is followed by a doubted read", () => {
    const doubted: World["trust"] = { verdict: "doubted", doubts: ["half is missing"], memory: { count: 1, filled: {} } };
    const start = company({ records: records([]), live });
    const wished = wish(company({ ...apply(start, wish(start)), records: records([3]), trust: doubted }));
    expect(managerOf(wished, 1)).toBe("person:3");
  });
});

describe("reports R25: a leaver who answers for groups", () => {
  const records = [record(1), record(3, { ...managed("4"), ...leaves }), record(4)];
  const live = { "ad:User": accounts(1, 3, 4) };
  const line = { name: "GG-A", ou: `OU=Groups,${base}`, for: {} };
  const held = (name: string) => group(name, [], { managedBy: "CN=x", managerId: account(3).id });
  const managedBy = (wished: ReturnType<typeof wish>) => find(wished, "ad:Group", "GG-A")?.inputs["managedBy"];

  test("whom the mapping names is followed", () => {
    const wished = wish(company({ records, live }, successor, [{ ...line, managedBy: { person: 3 } }]));
    expect(managedBy(wished)).toBe("person:4");
    expect(wished.notes).toContain("Ada3 Example3 (3) has left and answers for the AD group GG-A: Ada4 Example4 (4) follows");
  });

  test("so is who was put there by hand, in a group of the mapping; two plans are the same, and a hand's change stays", () => {
    const world = company({ records, live: { ...live, "ad:Group": [held("GG-A")] } }, successor, [line]);
    const wished = wish(world);
    expect(managedBy(wished)).toBe("person:4");
    const after = apply(world, wished);
    const there = (id: string) =>
      after.live["ad:Group"]?.map((one) => ({ ...one, values: { ...one.values, managedBy: "CN=x", managerId: account(Number(id)).id } })) ??
      [];
    const next = (id: string) => wish(company({ ...after, records, live: { ...after.live, "ad:Group": there(id) } }, successor, [line]));
    expect(managedBy(next("4"))).toBe("person:4");
    expect(managedBy(next("1"))).toBeUndefined();
  });

  test("without a successor, and of a group that no mapping names, it is only told", () => {
    const other = { ...live, "ad:Group": [held("GG-A"), held("Printers")] };
    const plain = wish(company({ records, live: other }, {}, [line]));
    expect(managedBy(plain)).toBeUndefined();
    expect(plain.notes.join("\n")).toMatch(/answers for the AD group GG-A: it stays so; say who follows/u);
    expect(wish(company({ records, live: other }, successor, [line])).notes).toContain(
      "Ada3 Example3 (3) has left and answers for the AD group Printers: no mapping names it: change it by hand",
    );
  });

  test("the last owner of a cloud group", () => {
    const entra = { groups: [{ name: "SG-A", for: {}, owners: { title: "Boss" } }] };
    const boss = [record(3, { ...managed("4"), ...leaves, title: "Boss" }), record(4)];
    const users = boss.map(({ fields }) => entraUser(`u-${fields["id"]}`, { employeeId: String(fields["id"]), mail: "" }));
    const people = {
      people: { source: "halo.users", login: { is: "{{ id }}" }, is: { entra: { employeeId: "{{ id }}" } } },
    } as never;
    const there: Live = { id: "g", values: { name: "SG-A", kind: "security", members: [], owners: ["u-3"] } };
    const wished = wish(
      world({
        records: boss,
        mappings: mappings({ people, ad: null, halo: null, entra, safety: successor }),
        live: { "entra:Licence": users, "entra:Group": [there] },
      }),
    );
    expect(find(wished, "entra:Group", "SG-A")?.inputs["owners"]).toEqual(["person:4"]);
    expect(wished.notes).toContain("Ada3 Example3 (3) has left and owns the Entra group SG-A: Ada4 Example4 (4) follows");
  });
});

describe("outside O12: what is told of people besides their changes", () => {
  test("a person for whom no line of accounts holds", () => {
    const wished = wish(company({ records: [record(1), record(2, { site_name: "Moon" })] }));
    expect(wished.notes).toContain(
      "No line of accounts (mappings/ad.yaml:accounts) holds for 1 person, who gets no account: Ada2 Example2 (2); `haloform why-not` says of each why",
    );
  });

  test("managers who go round", () => {
    const wished = wish(company({ records: [record(1, managed("2")), record(2, managed("3")), record(3, managed("2"))] }));
    expect(wished.notes).toContain(
      "Managers go in a circle: Ada2 Example2 (2) → Ada3 Example3 (3) → Ada2 Example2 (2); correct the manager of one of them in Halo",
    );
    expect(wish(company({ records: [record(1, managed("2")), record(2)] })).notes.join()).not.toMatch(/circle/u);
    // Who has left keeps the manager that the account had.
    const round = company({ records: [record(1, managed("2")), record(2, managed("1"))] });
    const left = [record(1, { ...managed("2"), ...leaves }), record(2, { ...managed("3"), ...leaves }), record(3)];
    const after = wish(company({ ...apply(round, wish(round)), records: left }));
    expect([1, 2].map((key) => managerOf(after, key))).toEqual(["person:2", "person:1"]);
    expect(after.notes.join()).not.toMatch(/circle/u);
  });

  test("records that are nobody", () => {
    const wished = wish(company({ records: [record(1), record(2, { isserviceaccount: true })] }));
    expect(wished.notes).toContain(
      "1 record of Halo is left aside, as people.for (mappings/people.yaml:people.for) does not hold: Ada2 Example2 (2)",
    );
  });

  const twice = (type: string, name: string): Live[] => ["1", "2"].map((id) => ({ id: `${type} ${id}`, values: { name } }));
  test.each([
    ["a team", "halo:Team", "First line", "2 Halo teams are called First line"],
    ["a role", "halo:Role", "Service Desk", "2 Halo roles are called Service Desk"],
  ])("%s of a name that two have is said while planning, and given to nobody", (_name, type, name, said) => {
    const desk = record(1, { "custom.CFDepartment": "Service Desk" });
    const wished = wish(world({ records: [desk], mappings: mappings({ ad: null, entra: null }), live: { [type]: twice(type, name) } }));
    expect(wished.parked).toMatchObject([{ name, of: "thing", reason: expect.stringContaining(`${said}: rename all but one`) }]);
    const agent = find(wished, "halo:Agent", "person-1")?.inputs;
    expect(agent).toBeDefined();
    expect(JSON.stringify(agent?.[type === "halo:Team" ? "teams" : "roles"])).not.toContain(name);
    expect(agent?.["team"]).toBe(type === "halo:Team" ? undefined : "First line");
  });
});

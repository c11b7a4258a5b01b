/** What leavers of a run answer for and no mapping writes: told by name (issue 12, point 8). */
import { describe, expect, test } from "vitest";
import type { Live } from "../../../../providers/core/definition.ts";
import { type Duty, withDuties } from "../../../../stacks/wish/duties.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, apply, base, entraUser, find, group, guid, mappings, record, staff, world } from "../world.ts";

const leaves = { inactive: true };
const withoutManager = { ...adDefault, attributes: { office: { title: "{{ title }}" } } };
const owning = (owners?: object) => ({ groups: [{ name: "SG-Deck", for: { site_name: "Main" }, ...(owners ? { owners } : {}) }] }) as never;
const company = (gone: number[], ad: object, entra: object | null = null, live: { [type: string]: Live[] } = {}): World =>
  world({
    records: [1, 2, 3, 4].map((key) => record(key, { "custom.CFManager": "3", ...(gone.includes(key) ? leaves : {}) })),
    mappings: mappings({ ad: ad as never, entra: entra as never, halo: null }),
    live: { "ad:User": [1, 2, 3, 4].map((key) => account(key)), ...live },
  });
/** The notes about duties of the leaver's accounts. */
function told(given: World, duties: { [account: string]: Duty[] }, unread: string[] = []): string[] {
  const live = { ...given.live } as { [type: string]: Live[] };
  const made = withDuties(wish(given), live, { byAccount: new Map(Object.entries(duties)), unread });
  return made.notes.filter((note) => /no mapping names it|not known/u.test(note));
}
const dnOf = (key: number): string => String(account(key).values["distinguishedName"]);
const manager = (...keys: number[]): Duty[] => keys.map((key) => ({ as: "manager", of: dnOf(key) }));
const [ofThree, ofFour] = [account(3).id, account(4).id];

describe("managers in AD", () => {
  test("that no mapping writes are told by name; whoever leaves too is not", () => {
    expect(told(company([3, 2], withoutManager), { [ofThree]: manager(1, 2) })).toEqual([
      "Ada3 Example3 (3) has left and is manager of 1 (Ada1 Example1 (1)): no mapping names it: change it by hand",
    ]);
  });
  test("that a mapping writes are told where they are wished, and not twice", () => {
    expect(told(company([3], adDefault), { [ofThree]: manager(1, 2) })).toEqual([]);
  });
  test("somebody no record knows is called by the name in AD", () => {
    const of = `CN=Svc\\, Backup,${staff("Main")}`;
    expect(told(company([3], adDefault), { [ofThree]: [{ as: "manager", of }] })).toEqual([
      "Ada3 Example3 (3) has left and is manager of 1 (Svc, Backup): no mapping names it: change it by hand",
    ]);
  });
});

test("what else somebody answers for in AD: not groups, which are told where groups are wished", () => {
  const [unit, dn] = [`OU=Depot,${base}`, String(group("GG-A", []).values["distinguishedName"])];
  const given = company([3], withoutManager, null, { "ad:Group": [group("GG-A", [])] });
  expect(told(given, { [ofThree]: [unit, dn].map((of) => ({ as: "managedBy", of })) })).toEqual([
    `Ada3 Example3 (3) has left and answers for ${unit}: no mapping names it: change it by hand`,
  ]);
});

describe("in Entra ID", () => {
  const users = [1, 3].map((key) => entraUser(`user${key}`, { employeeId: String(key) }));
  const cloud = entraUser("lonely", { userPrincipalName: "lonely@corp.example.com" });
  const groups: Live[] = ["SG-Deck", "SG-Yard"].map((name, index) => ({ id: guid(700 + index), values: { name, members: [] } }));
  const live = { "entra:Licence": [...users, cloud], "entra:Group": groups };
  const owns: Duty[] = groups.map(({ id }) => ({ as: "owner", of: id }));
  const three = users[1]?.id ?? "";

  test("owned groups, but for those whose owners the mapping writes", () => {
    expect(told(company([3], withoutManager, owning(), live), { [three]: owns })).toEqual([
      "Ada3 Example3 (3) has left and owns the Entra group SG-Deck, the Entra group SG-Yard: no mapping names it: change it by hand",
    ]);
    expect(told(company([3], withoutManager, owning({ site_name: "Main" }), live), { [three]: owns })).toEqual([
      "Ada3 Example3 (3) has left and owns the Entra group SG-Yard: no mapping names it: change it by hand",
    ]);
  });
  test("owned applications, whatever the mapping names", () => {
    const duties: Duty[] = ["Timesheets", "Deck Log"].map((of) => ({ as: "application", of }));
    expect(told(company([3], withoutManager, owning({ site_name: "Main" }), live), { [three]: [...duties, ...owns] })).toEqual([
      "Ada3 Example3 (3) has left and owns the Entra group SG-Yard, the application Deck Log, the application Timesheets: no mapping names it: change it by hand",
    ]);
  });
  test("people who report there, but for copies of AD accounts, whose manager is AD's", () => {
    const copies = live["entra:Licence"].map((one) => (one === cloud ? one : { ...one, values: { ...one.values, synced: true } }));
    const duties: Duty[] = [users[0]?.id ?? "", cloud.id].map((of) => ({ as: "manager", of }));
    expect(told(company([3], withoutManager, owning(), { ...live, "entra:Licence": copies }), { [three]: duties })).toEqual([
      "Ada3 Example3 (3) has left and is manager of 1 (lonely@corp.example.com): no mapping names it: change it by hand",
    ]);
  });
});

test("only leavers of this run are asked about: nobody who stays, and nobody who had left before", () => {
  const start = company([3], withoutManager);
  const first = wish(start);
  expect(first.leaving?.map((one) => one.key)).toEqual(["3"]);
  const after = apply(start, first);
  const again = wish(world({ ...after, records: start.records, mappings: start.mappings }));
  expect(find(again, "ad:User", "person-3")?.inputs["enabled"]).toBe(false);
  expect(again.leaving).toBeUndefined();
  expect(wish(company([], withoutManager)).leaving).toBeUndefined();
  expect(told(company([3], withoutManager), { [ofFour]: manager(1) })).toEqual([]);
});

test("what could not be read is said", () => {
  expect(told(company([3], withoutManager), {}, ["What leavers answer for is not known as a whole: no"])).toHaveLength(1);
});

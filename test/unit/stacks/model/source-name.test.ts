/** Where people come from is called by its name wherever a read is doubted. */
import { expect, it } from "vitest";
import { filesFile } from "../../../../mappings/schema/files.ts";
import { planOf } from "../../../../stacks/plan/plan.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, entraDefault, find, group, mappings, peopleDefault, record, staff, world } from "../world.ts";

const from = (source: string) => mappings({ people: { ...peopleDefault, people: { ...peopleDefault.people, source } } });
const trust = (verdict: "doubted" | "refused") => ({ verdict, doubts: ["page 2 failed"], memory: undefined });

it.each([
  ["halo.users", "Halo", "the client's permissions and the sites it may see"],
  ["entra.users", "Entra ID", "the client's permissions"],
  ["hr", "the source hr", "the client's permissions"],
])("%s is called %s", (name, called, check) => {
  const capital = called.replace(/^t/u, "T");
  const maps = from(name);
  expect(wish(world({ mappings: maps, records: [] })).refused).toEqual([
    `${capital} gave no people at all: nothing is done; check the connection, ${check}`,
  ]);
  expect(wish(world({ mappings: maps, records: [record(1)], trust: trust("refused") })).refused).toEqual([
    `The read of ${called} cannot be used: page 2 failed`,
  ]);
  const strict = { ...maps, trust: { ...maps.trust, onDoubt: "refuse" as const } };
  expect(wish(world({ mappings: strict, records: [record(1)], trust: trust("doubted") })).refused).toEqual([
    `The read of ${called} is doubted, and trust.onDoubt says refuse: page 2 failed`,
  ]);
  const nobody = wish(world({ mappings: maps, records: [record(1, { isserviceaccount: true })] }));
  expect(nobody.refused[0]).toContain(`None of the 1 records of ${called} is a person by people.for`);
});

const address = { ...adDefault, attributes: { office: { proxyAddresses: "SMTP:shared@corp.example.com" } } };
const upn = { ...adDefault, attributes: { office: { userPrincipalName: "shared@corp.example.com" } } };
const cloud = { ...entraDefault, accounts: { first: [{ hybrid: false, userPrincipalName: "{{ other1 }}", attributes: "all" }] } };
const named = { ...cloud, attributes: { all: { displayName: "{{ other2 }}" } } };
const home = filesFile.parse({ homes: { first: [{ path: "{{ other1 }}" }] } });
const agents = { agents: { every: [{ for: {}, roles: ["Service Desk"] }] } };
type Case = [what: string, given: NonNullable<Parameters<typeof mappings>[0]>, fields: { [field: string]: string }, said: RegExp];

it.each<Case>([
  ["no login", {}, { surname: "", firstname: "😀" }, /give the person a name in the source hr, or change people.login.is/u],
  [
    "no name",
    { ad: { ...adDefault, accounts: { first: [{ ou: staff("Main"), name: "{{ other1 }}" }] } } },
    {},
    /give the person a name in the source hr$/u,
  ],
  [
    "a long name",
    { ad: { ...adDefault, accounts: { first: [{ ou: staff("Main"), name: "A".repeat(65) }] } } },
    {},
    /shorten it in the source hr/u,
  ],
  [
    "no ou",
    { ad: { ...adDefault, accounts: { first: [{ ou: `OU={{ other1 }},${staff("Main")}` }] } } },
    {},
    /fill in other1 in the source hr/u,
  ],
  ["one userPrincipalName", { ad: upn }, {}, /make it unique in the source hr or in the mapping/u],
  ["one address", { ad: address }, {}, /make it unique in the source hr or in the mapping/u],
  [
    "a bad userPrincipalName",
    { ad: { ...upn, attributes: { office: { userPrincipalName: "none" } } } },
    {},
    /correct the source hr or the mapping/u,
  ],
  [
    "one userPrincipalName in the cloud",
    { ad: null, entra: named },
    { other1: "a@corp.example.com", other2: "A" },
    /unique in the source hr/u,
  ],
  ["no displayName", { ad: null, entra: named }, { other1: "a@corp.example.com" }, /give the person a name in the source hr, or map/u],
  ["an agent without an address", { halo: agents }, { emailaddress: "" }, /the record has none: fill it in in the source hr/u],
  [
    "one account of two people",
    {},
    { emailaddress: "both@corp.example.com" },
    /correct the record of whoever it does not belong to in the source hr/u,
  ],
])("middle-B16: %s: people of another source are not told to be corrected in Halo", (_what, given, fields, said) => {
  const people = {
    ...peopleDefault,
    people: { ...peopleDefault.people, source: "hr", is: { ad: { mail: "{{ emailaddress | downcase }}" } } },
  };
  const records = [record(1, fields), record(2, fields)];
  const live = {
    "ad:User": [account(9, { name: "Both" }, { mail: "both@corp.example.com", employeeNumber: "" })],
    "ad:Group": [group("G")],
  };
  const { parked } = wish(world({ mappings: mappings({ people, ...given }), records, live }));
  expect(parked.map(({ reason }) => reason).join("\n")).toMatch(new RegExp(said, "mu"));
  expect(parked.filter(({ reason }) => reason.includes("in Halo"))).toEqual([]);
});

it("middle-B16: a home folder without a name, and somebody who is back", () => {
  const maps = { ...from("hr"), files: home };
  const records = [record(1)];
  expect(wish(world({ mappings: maps, records })).parked[0]?.reason).toMatch(/fill in other1 in the source hr$/u);
  const memory = {
    format: "haloform.memory/1" as const,
    source: { count: 1, filled: {} },
    people: { 1: { name: "Ada", leaverSince: "2026-01-01" } },
  };
  const live = { "ad:User": [account(1, { enabled: false })] };
  const back = wish(world({ mappings: from("hr"), records, memory, live }));
  expect(find(back, "ad:User", "person-1")?.because["enabled"]?.note).toBe("active in the source hr again");
  const { people } = planOf({
    ...{ stack: "t", now: new Date(), expires: 1, wish: back, was: new Map(), world: "", live: {}, memory },
    source: { name: "hr", records: 1, trust: "trusted", doubts: [] },
    steps: [{ op: "update", type: "ad:User", name: "person-1" }],
    calls: { halo: 0, graph: 0, ldap: 0 },
    judge: () => ({ verdict: "ok", breaches: [] }),
  });
  expect(people[0]?.why).toBe("had left and is active in the source hr again");
});

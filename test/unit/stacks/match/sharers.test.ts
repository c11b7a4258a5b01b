/** One value and two people: reports R10, outside O4; doubted reads: outside O3. What a sentence advises is done, and works. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { haloUsersFile } from "../../../../mappings/schema/halo-users.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { PreviousResource, SourceRecord } from "../../../../stacks/model/types.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, apply, base, doubted, entraUser, find, mappings, next, record, staff, world } from "../world.ts";

const given = mappings({
  ad: { accounts: { first: [{ ou: staff("Main"), attributes: "a" }] }, attributes: { a: { displayName: "{{ name }}" } } },
  entra: null,
  halo: { agents: { every: [{ for: {}, roles: ["Approver"] }] } },
});
const one = { emailaddress: "one@corp.example.com" };
const mails = (there: World): unknown[] =>
  (apply(there, wish(there)).live["ad:User"] ?? []).map((live) => (live.values["attributes"] as Values)["mail"]);

describe("reports R10 and outside O4: one address, two people", () => {
  const there = world({ mappings: given, records: [record(2, one), record(1, one)] });
  test("the lower key gets it, in AD and as an agent, and the other is parked with the holder's name", () => {
    const wished = wish(there);
    expect(wished.parked.map(({ key, reason }) => [key, reason])).toEqual([
      [
        "2",
        "the Halo agent email one@corp.example.com goes to Ada1 Example1 (1), and nobody else gets it: make it unique in Halo, for Ada2 Example2 (2) or for Ada1 Example1 (1)",
      ],
      ["2", "the address one@corp.example.com is given to Ada1 Example1 (1): make it unique in Halo or in the mapping"],
    ]);
    expect(wished.resources.filter((each) => each.type === "halo:Agent").map((each) => each.person)).toEqual(["1"]);
    expect(mails(there)).toEqual(["one@corp.example.com"]);
  });
  test("and it stays so in the next run: nothing flips", () => {
    const later = next(there, apply(there, wish(there)));
    const wished = wish(later);
    expect(wished.parked.map((each) => each.reason)[0]).toContain("is that of Ada1 Example1 (1)");
    expect(apply(later, wished).live).toEqual(later.live);
  });
  test.each([
    ["the other's", [record(1, one), record(2)], ["one@corp.example.com", "user2@corp.example.com"]],
    ["the holder's", [record(1), record(2, one)], ["user1@corp.example.com", "one@corp.example.com"]],
  ])("%s address corrected: both have an account, at first and later", (_who, records, expected) => {
    expect(wish({ ...there, records }).parked).toEqual([]);
    expect(mails({ ...there, records })).toEqual(expected);
    // An address that its holder gives up in AD is free in the run after that.
    const later = next(there, apply(there, wish(there)), { records });
    const then = next(later, apply(later, wish(later)));
    expect(wish(then).parked).toEqual([]);
    expect(mails(then)).toEqual(expected);
  });
  test("who has it already keeps it against a lower key", () => {
    const first = world({ mappings: given, records: [record(5, one)] });
    const later = next(first, apply(first, wish(first)), { records: [record(1, one), record(5, one)] });
    expect(wish(later).parked.map((each) => each.key)).toEqual(["1", "1"]);
  });
  test("a number that is written, and a name of log-on, likewise", () => {
    const byName = mappings({
      people: {
        people: {
          source: "halo.users",
          login: { is: "p{{ id }}" },
          is: { ad: { employeeID: "{{ other1 }}", userPrincipalName: "{{ emailaddress }}" } },
        },
      },
      ad: { accounts: { first: [{ ou: `OU=Main,${base}` }] } },
      ...{ entra: null, halo: null },
    });
    const records = [
      record(1, { other1: "7" }),
      record(2, { other1: "7" }),
      record(3, { other1: "8", emailaddress: "user1@corp.example.com" }),
    ];
    const wished = wish(world({ mappings: byName, records }));
    expect(wished.parked.map(({ key, reason }) => `${key} ${reason.split(" goes")[0]}`)).toEqual([
      "2 the AD employeeID 7",
      expect.stringContaining("user1@corp.example.com"),
    ]);
    expect(find(wished, "ad:User", "person-1")?.inputs).toMatchObject({
      userPrincipalName: "user1@corp.example.com",
      attributes: { employeeID: "7" },
    });
  });
});

describe("of several who are to have a number", () => {
  const numbered = mappings({
    people: {
      people: {
        ...{ source: "halo.users", login: { is: "p{{ id }}" }, is: { ad: { employeeID: "{{ other1 }}" } } },
        newKey: { different: [{ person: 2, isNot: 1 }] },
      },
    },
    ad: { accounts: { first: [{ ou: `OU=Main,${base}` }] } },
    ...{ entra: null, halo: null },
  });
  type Said = [id: number, number: string, more?: Values];
  const parkedAfter = (before: Said[], now: Said[], maps = numbered): string[] => {
    const recordsOf = (all: Said[]) => all.map(([id, other1, more]) => record(id, { other1, ...more }));
    const first = world({ mappings: maps, records: recordsOf(before) });
    return wish(next(first, apply(first, wish(first)), { records: recordsOf(now) })).parked.map(({ key, reason }) => `${key}: ${reason}`);
  };
  const left = { inactive: true };

  test("whoever has an account comes before a lower key that has none", () => {
    const parked = parkedAfter(
      [[5, "6"]],
      [
        [1, "7"],
        [5, "7"],
      ],
    );
    expect(parked).toEqual([expect.stringMatching(/^1: the AD employeeID 7 goes to Ada5 Example5 \(5\)/u)]);
  });

  test.each<[string, Said[], Said[], string[]]>([
    [
      "who has left gets none",
      [[1, "6"]],
      [
        [1, "7", left],
        [2, "7"],
      ],
      [],
    ],
    [
      "but keeps the one that the account has, in capitals or not",
      [[1, "X7"]],
      [
        [1, "X7", left],
        [2, "x7"],
      ],
      ["2: the AD employeeID x7 is that of Ada1 Example1 (1)"],
    ],
    [
      "who has none stands in nobody's way",
      [],
      [
        [1, "7"],
        [2, "7"],
        [3, ""],
      ],
      ["2: the AD employeeID 7 goes to Ada1 Example1 (1)"],
    ],
    [
      "one that is given up in this run is free",
      [[5, "7"]],
      [
        [1, "7"],
        [5, "8"],
      ],
      [],
    ],
    [
      "who is to get another that somebody has is told that all stays",
      [
        [1, "7"],
        [5, "6"],
      ],
      [
        [1, "7"],
        [5, "7"],
      ],
      ["5: the AD employeeID 7 is that of Ada1 Example1 (1)"],
    ],
  ])("%s", (_what, before, now, expected) => {
    const parked = parkedAfter(before, now);
    expect(parked.map((one) => one.split(", and nobody else")[0])).toEqual(expected);
    // Only of whom something stays is it said.
    expect(parked.filter((one) => one.endsWith("; until then everything stays as it is"))).toHaveLength(before.length === 2 ? 1 : 0);
  });

  test("of two who have it by other hands, the lower key is named to the third", () => {
    const two = [1, 2].map((id) => account(id, {}, { employeeID: "7", employeeNumber: "" }));
    const maps = mappings({
      people: {
        people: {
          source: "halo.users",
          login: { is: "p{{ id }}" },
          is: { ad: { mail: "{{ emailaddress }}", employeeID: "{{ other1 }}" } },
        },
      },
      ad: { accounts: { first: [{ ou: staff("Main") }] } },
      ...{ entra: null, halo: null },
    });
    const records = [1, 2, 3].map((id) => record(id, { other1: "7" }));
    const { parked } = wish(world({ mappings: maps, records, live: { "ad:User": two } }));
    expect(parked.map(({ key, reason }) => [key, reason.split(", and")[0]])).toEqual([
      ["3", "the AD employeeID 7 is that of Ada1 Example1 (1)"],
    ]);
  });

  test("whoever is parked for one value gives up no other, and who waits for that is parked in the same plan", () => {
    const maps = mappings({
      people: {
        people: { source: "halo.users", login: { is: "p{{ id }}" }, is: { ad: { ipPhone: "{{ other2 }}", employeeID: "{{ other1 }}" } } },
      },
      ad: { accounts: { first: [{ ou: `OU=Main,${base}` }] } },
      ...{ entra: null, halo: null },
    });
    const before: Said[] = [
      [1, "7", { other2: "41" }],
      [2, "8", { other2: "42" }],
    ];
    // 2 is to give 42 up for 43, but stays as it is, as 1 has number 7.
    const now: Said[] = [
      [1, "7", { other2: "41" }],
      [2, "7", { other2: "43" }],
      [3, "9", { other2: "42" }],
    ];
    expect(parkedAfter(before, now, maps).map((one) => one.split(", and")[0])).toEqual([
      "2: the AD employeeID 7 is that of Ada1 Example1 (1)",
      "3: the AD ipPhone 42 is that of Ada2 Example2 (2)",
    ]);
  });
});

describe("numbers of accounts in Entra ID", () => {
  const maps = (line: object | undefined) =>
    mappings({
      people: {
        people: {
          source: "halo.users",
          login: { is: "p{{ id }}" },
          is: { entra: { employeeId: "{{ other1 }}", mail: "{{ emailaddress }}" } },
        },
      },
      ...{ ad: null, halo: null },
      entra: {
        usageLocation: "GB",
        licences: { every: [{ sku: "SPE_E3", for: {} }] },
        ...(line
          ? {
              accounts: { first: [{ attributes: "a", userPrincipalName: "{{ emailaddress }}", ...line }] },
              attributes: { a: { displayName: "{{ name }}" } },
            }
          : {}),
      },
    });
  const parkedOf = (line: object | undefined, values: Values = {}, more: Partial<World> = {}): string[] => {
    const cloud = [1, 2].map((id) => entraUser(`user${id}`, { mail: `user${id}@corp.example.com`, ...values }));
    const live = { "entra:User": cloud, "entra:Licence": cloud };
    const records = [1, 2].map((id) => record(id, { other1: "7" }));
    return wish(world({ mappings: maps(line), records, live, ...more })).parked.map(
      ({ key, reason }) => `${key}: ${reason.split(", and")[0]}`,
    );
  };
  const said = ["2: the Entra ID employeeId 7 goes to Ada1 Example1 (1)"];
  test.each<[string, object | undefined, Values, string[]]>([
    ["are written by a line of accounts", {}, {}, said],
    ["are those of the cloud where Entra ID says so, whatever the line says", { hybrid: true }, {}, said],
    ["come from AD where the account is synced", { hybrid: false }, { synced: true }, []],
    ["are nobody's business without a line", undefined, {}, []],
    ["nor where no line holds", { for: { site_name: "Lab" } }, {}, []],
  ])("%s", (_what, line, values, expected) => {
    expect(parkedOf(line, values)).toEqual(expected);
  });
  test.each<[string, object, string[]]>([
    ["of who has none yet, made in the cloud", { hybrid: false }, said],
    ["made in the cloud, as nobody has an account in AD", {}, said],
    ["to come from AD", { hybrid: true }, []],
  ])("%s", (_what, line, expected) => {
    expect(parkedOf(line, {}, { live: {} })).toEqual(expected);
  });
  test("of who has an account in AD, or gets one in this run, come from there", () => {
    const both = (live: World["live"]) => {
      const ad = { accounts: { first: [{ ou: staff("Main") }] } };
      const given = { ...maps({}), ad: mappings({ ad }).ad } as World["mappings"];
      return wish(world({ mappings: given, records: [1, 2].map((id) => record(id, { other1: "7" })), live })).parked.filter(({ reason }) =>
        reason.includes("employeeId"),
      );
    };
    expect(both({})).toEqual([]);
    expect(both({ "ad:User": [1, 2].map((id) => account(id)) })).toEqual([]);
  });
});

describe("the address of people who are made users of Halo", () => {
  const users = haloUsersFile.parse({
    users: { fields: { emailaddress: "{{ emailaddress }}" }, organisation: { client: "N", siteFrom: "{{ officeLocation }}" } },
  });
  const sites = {
    "halo:Site": [{ id: "18", values: { name: "N/Main", client: "N", enabled: true } }],
    "halo:Client": [{ id: "12", values: { name: "N", enabled: true } }],
  };
  const user = (id: number, fields: Values): Live => ({
    id: String(id),
    values: { name: `Ada ${id}`, site: "N/Main", enabled: true, protected: false, fields: { azureoid: "", ...fields }, custom: {} },
  });
  const person = (id: string, fields: Values = {}): SourceRecord => ({
    ref: `entra.users ${id}`,
    fields: { id, name: `Ada ${id}`, emailaddress: "one@corp.example.com", officeLocation: "Main", inactive: false, ...fields },
  });
  const parkedOf = (
    records: SourceRecord[],
    live: Live[] = [],
    { source = "entra.users", previous = [] as PreviousResource[] } = {},
  ): string[] => {
    const people = { people: { source, key: "id", login: { is: "{{ id }}" } } };
    const given = mappings({ people: people as never, ad: null, entra: null, halo: null });
    const made = wish(world({ records, mappings: { ...given, haloUsers: users }, live: { ...sites, "halo:User": live }, previous }));
    return made.parked.map(({ key, reason }) => `${key}: ${reason.split(", and")[0]}`);
  };
  test("is one person's: the lower key's, or whose user has it", () => {
    expect(parkedOf([person("b"), person("a")])).toEqual(["b: the Halo user's emailaddress one@corp.example.com goes to Ada a (a)"]);
    const theirs = user(1, { emailaddress: "One@corp.example.com" });
    const inputs = { person: "b", name: "Ada b", site: "N/Main", enabled: true, fields: {}, custom: {} };
    const previous = [{ type: "halo:User", name: "person-b", id: "1", outputs: {}, inputs }];
    expect(parkedOf([person("b"), person("a")], [theirs], { previous })).toEqual([
      "a: the Halo user's emailaddress one@corp.example.com is that of Ada b (b)",
    ]);
  });
  test("is not asked for of who belongs to no site, nor of people of Halo, who are its users", () => {
    expect(parkedOf([person("a", { officeLocation: "" }), person("b")])).toEqual([]);
    const own = [1, 2].map((id) => ({ ...person(String(id)), ref: `halo.users ${id}` }));
    expect(parkedOf(own, [user(1, {}), user(2, {})], { source: "halo.users" })).toEqual([]);
  });
});

describe("outside O3: a doubted read decides nothing", () => {
  const shared = account(9, { name: "Shared" }, { employeeNumber: "", mail: "one@corp.example.com" });
  const first = world({ mappings: given, records: [record(1, one), record(2, one), record(3)], live: { "ad:User": [shared] } });
  const made = apply(first, wish(first));
  test("two people and one account: half the feed is hidden, and it stays ambiguous", () => {
    expect(wish(first).parked.filter((each) => each.reason.includes("would belong to 2 people"))).toHaveLength(2);
    const hidden = next(first, made, { records: [record(1, one), record(3)], trust: doubted });
    const wished = wish(hidden);
    expect(wished.people.find((each) => each.key === "1")?.accounts.ad).toBeUndefined();
    expect(wished.parked.find((each) => each.key === "1")?.reason).toBe(
      "the read of Halo is doubted, and nobody is matched anew until it can be trusted: CN=Shared,OU=Main,OU=Staff,DC=corp,DC=example,DC=com of AD has mail one@corp.example.com; wait for a read that can be trusted",
    );
    const healed = next(hidden, apply(hidden, wished), { records: first.records, trust: first.trust });
    expect(wish(healed).parked.filter((each) => each.reason.includes("would belong to 2 people"))).toHaveLength(2);
    // One of the two corrected, in a read that can be trusted: the other is adopted.
    const mended = wish({ ...healed, records: [record(1, one), record(2), record(3)] });
    expect(mended.people.find((each) => each.key === "1")?.accounts.ad).toBe(shared.id);
  });
  test("an account that fits somebody new is not adopted, nor a second one made; whom nothing fits is made", () => {
    const there = next(first, made, {
      live: { ...made.live, "ad:User": [...(made.live["ad:User"] ?? []), account(4)] },
      records: [record(3), record(4), record(5)],
      trust: doubted,
    });
    const wished = wish(there);
    expect(find(wished, "ad:User", "person-4")).toBeUndefined();
    expect(find(wished, "ad:User", "person-5")).toBeDefined();
    const trusted = wish({ ...there, trust: first.trust });
    expect(find(trusted, "ad:User", "person-4")?.adopt).toBe(account(4).id);
  });
});

/** One value and two people: reports R10, outside O4; doubted reads: outside O3. What a sentence advises is done, and works. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, apply, base, doubted, find, mappings, next, record, staff, world } from "../world.ts";

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
    people: { people: { source: "halo.users", login: { is: "p{{ id }}" }, is: { ad: { employeeID: "{{ other1 }}" } } } },
    ad: { accounts: { first: [{ ou: `OU=Main,${base}` }] } },
    ...{ entra: null, halo: null },
  });
  const parkedAfter = (before: [number, string][], now: [number, string][]): string[] => {
    const recordsOf = (all: [number, string][]) => all.map(([id, other1]) => record(id, { other1 }));
    const first = world({ mappings: numbered, records: recordsOf(before) });
    return wish(next(first, apply(first, wish(first)), { records: recordsOf(now) })).parked.map(({ key, reason }) => `${key}: ${reason}`);
  };

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

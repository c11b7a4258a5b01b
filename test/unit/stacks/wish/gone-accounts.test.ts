/** Nobody is named whose account is gone for good: it could not be written, and every plan would say so again. */
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { part, textOf, textsOf } from "../../../../stacks/model/values.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, adDefault, agent, apply, base, doubted, entraUser, find, mappings, next, record, world } from "../world.ts";

type Said = NonNullable<Parameters<typeof mappings>[0]>;
const gone = 3;

/** What keeps what the last run wished of somebody: from the record it had to the one it has. */
const keeps: [why: string, becomes: (record: SourceRecord) => SourceRecord[], world?: Partial<World>][] = [
  ["a leaver whose record is gone", () => []],
  ["a leaver with a record", (one) => [{ ...one, fields: { ...one.fields, inactive: true } }]],
  ["somebody whom people.for selects no more", (one) => [{ ...one, fields: { ...one.fields, isserviceaccount: true } }]],
  ["somebody whom two records name", (one) => [one, one]],
  ["somebody under no line of accounts", (one) => [{ ...one, fields: { ...one.fields, site_name: "Elsewhere" } }]],
  ["a read that is doubted", (one) => [one], { trust: doubted }],
];

/** Without those accounts, whichever list they are in, and without them among the members of anything. */
function without(live: World["live"], ids: ReadonlySet<string>): World["live"] {
  const isGone = (one: Json): boolean => ids.has(textOf(one) || textOf(part(one)["guid"]));
  const left = (value: Json): Json => (Array.isArray(value) ? value.filter((one) => !isGone(one)) : value);
  const values = (of: Values): Values => Object.fromEntries(Object.entries(of).map(([name, value]) => [name, left(value)]));
  return Object.fromEntries(
    Object.entries(live).map(([type, all]) => [
      type,
      all.filter(({ id }) => !ids.has(id)).map((one) => ({ ...one, values: values(one.values) })),
    ]),
  );
}

/** One person reports to another, and both are in everything; then the other's record and accounts are gone for good. */
function afterwards(
  said: Said,
  { live, ids }: { live: { [type: string]: Live[] }; ids: string[] },
  becomes: (record: SourceRecord) => SourceRecord[],
  change: Partial<World> = {},
  left: (record: SourceRecord) => SourceRecord[] = () => [],
) {
  const [one, two, three] = [record(1, { "custom.CFManager": String(gone) }), record(2), record(gone)];
  const start = world({ mappings: mappings(said), records: [one, two, three], live });
  const settled = next(start, apply(start, wish(start)));
  const there = { ...settled, ...change, records: [...becomes(one), two, ...left(three)], live: without(settled.live, new Set(ids)) };
  const wished = wish(there);
  const previous = there.previous.flatMap((was) => {
    const inputs = find(wished, was.type, was.name)?.inputs;
    return inputs ? [{ ...was, inputs }] : [];
  });
  return { before: wish(settled), wished, again: wish({ ...there, previous, memory: wished.memory }) };
}

const managerOf = (wished: ReturnType<typeof wish>, type: string) =>
  (find(wished, type, "person-1")?.inputs["attributes"] as Values | undefined)?.["manager"];

describe.each(keeps)("%s", (_, becomes, change) => {
  test("keeps no manager in AD whose account is gone", () => {
    const live = { "ad:User": [1, 2, gone].map((key) => account(key)) };
    const ad = { ...adDefault, groups: [] };
    const ids = live["ad:User"].slice(2).map(({ id }) => id);
    const { before, wished, again } = afterwards({ ad, entra: null, halo: null }, { live, ids }, becomes, change);
    expect(managerOf(before, "ad:User")).toBe("person:3");
    expect(find(wished, "ad:User", "person-1")?.inputs["attributes"]).toMatchObject({ displayName: "Ada1 Example1" });
    expect(managerOf(wished, "ad:User")).toBeUndefined();
    expect(wished.notes).toContain("The manager of Ada1 Example1 (1) is left as it is: Ada3 Example3 (3) has no AD account");
    expect(find(again, "ad:User", "person-1")?.inputs).toEqual(find(wished, "ad:User", "person-1")?.inputs);
  });

  test("keeps no manager in Entra ID whose account is gone", () => {
    const accounts = () =>
      [1, 2, gone].map((key) => entraUser(`e${key}`, { employeeId: String(key), mail: `user${key}@corp.example.com`, attributes: {} }));
    const live = { "entra:User": accounts(), "entra:Licence": accounts() };
    const entra = {
      accounts: { first: [{ for: { site_name: "Main" }, userPrincipalName: "user{{ id }}@corp.example.com", attributes: "staff" }] },
      attributes: { staff: { displayName: "{{ name }}", employeeId: "{{ id }}", manager: { person: "{{ custom.CFManager }}" } } },
    };
    const people = { people: { source: "halo.users" as const, for: { isserviceaccount: false }, login: { is: "user{{ id }}" } } };
    const { before, wished, again } = afterwards({ people, ad: null, entra, halo: null }, { live, ids: ["e3"] }, becomes, change);
    expect(managerOf(before, "entra:User")).toBe("person:3");
    expect(find(wished, "entra:User", "person-1")?.inputs["attributes"]).toMatchObject({ displayName: "Ada1 Example1" });
    expect(managerOf(wished, "entra:User")).toBeUndefined();
    expect(wished.notes).toContain("The manager of Ada1 Example1 (1) in Entra ID is left as it is: Ada3 Example3 (3) has no Entra account");
    expect(find(again, "entra:User", "person-1")?.inputs).toEqual(find(wished, "entra:User", "person-1")?.inputs);
  });
});

describe("whose account is gone", () => {
  /** The person whose accounts are gone is one of those who keep what they have. */
  test.each(keeps)("%s is no member any more", (_, becomes, change) => {
    const live = {
      "ad:User": [1, 2, gone].map((key) => account(key)),
      "halo:Agent": [1, 2, gone].map((key) => agent(key, key)),
    };
    const group = (name: string, mode: "exact" | "additive") => ({ name, mode, ou: `OU=Groups,${base}`, for: { title: "Analyst" } });
    const ad = { ...adDefault, groups: [group("GG-All", "exact"), group("GG-More", "additive")] };
    const halo = {
      teams: [{ name: "First line", for: { title: "Analyst" } }],
      agents: { every: [{ for: {}, roles: ["Field Engineer"] }] },
    };
    const entra = { groups: [{ name: "SG-All", for: { title: "Analyst" }, owners: { title: "Analyst" } }] };
    const ids = [...live["ad:User"].slice(2), ...live["halo:Agent"].slice(2)].map(({ id }) => id);
    const cloud = live["ad:User"].slice(2).map(({ id }) => `entra-${id}`);
    const safety = { leaver: { strip: "30 days" } };
    const { before, wished } = afterwards(
      { ad, entra, halo: halo as never, safety },
      { live, ids: [...ids, ...cloud] },
      (one) => [one],
      change,
      becomes,
    );
    for (const [type, name] of [
      ["ad:Group", "GG-All"],
      ["ad:Group", "GG-More"],
      ["entra:Group", "SG-All"],
      ["halo:Team", "First line"],
    ] as const) {
      expect(find(before, type, name)?.inputs["members"], name).toContain("person:3");
      // Who is here and should be an agent gets another.
      const anew = type === "halo:Team" && find(wished, "halo:Agent", "person-3") !== undefined;
      expect(textsOf(find(wished, type, name)?.inputs["members"]).includes("person:3"), name).toBe(anew);
    }
    expect(find(wished, "entra:Group", "SG-All")?.inputs["owners"]).not.toContain("person:3");
  });

  test("who is only a member, and whose record is gone, stays one by the account until groups are taken", () => {
    const live = { "ad:User": [1, 2, gone].map((key) => account(key)) };
    const group = (name: string, mode: "exact" | "additive") => ({ name, mode, ou: `OU=Groups,${base}`, for: { title: "Analyst" } });
    const ad = {
      accounts: { first: [{ for: { site_name: "Nowhere" }, ou: base }] },
      groups: [group("GG-All", "exact"), group("GG-More", "additive")],
    };
    const safety = { leaver: { strip: "30 days" } };
    const { before, wished } = afterwards({ ad, entra: null, halo: null, safety }, { live, ids: [] }, (one) => [one]);
    for (const name of ["GG-All", "GG-More"]) {
      expect(find(before, "ad:Group", name)?.inputs["members"], name).toContain("person:3");
      expect(find(wished, "ad:Group", name)?.inputs["members"], name).toContain("person:3");
    }
  });
});

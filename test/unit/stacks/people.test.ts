/** Who has left, and who is doubted: middle-B2, B4, B6, B10. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../base/json.ts";
import type { World } from "../../../stacks/model/scene.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { wish } from "../../../stacks/wish/wish.ts";
import { mistakes } from "../mappings/helpers.ts";
import { account, apply, base, entraUser, find, group, inputsOf, mappings, memberOf, next, record, world } from "./world.ts";

const day = (number: number): Date => new Date(`2026-03-${String(number).padStart(2, "0")}T08:00:00.000Z`);
const office = (site: string): string => `OU=${site},OU=Staff,${base}`;

describe("middle-B2: a leaver whom nothing managed before", () => {
  const given = mappings({
    ...{ entra: null, halo: null },
    ad: { accounts: { first: [{ ou: office("Main") }] } },
    safety: { leaver: { disable: "after 7 days", strip: "after 7 days" } },
  });
  const records = [record(1, { inactive: true }), record(2), record(3, { inactive: true })];

  test("is disabled on the day, and the day stays the same", () => {
    let there: World = world({ mappings: given, records, live: { "ad:User": [account(1), account(2)] }, now: day(1) });
    const said: string[] = [];
    for (const today of [1, 2, 7, 8, 9]) {
      there = { ...there, now: day(today) };
      const wished = wish(there);
      said.push(...wished.notes.filter((one) => one.startsWith("Ada1")));
      expect(find(wished, "ad:User", "person-1")?.inputs["enabled"], `on day ${today}`).toBe(today < 8 ? undefined : false);
      // nobody without an account is remembered: Halo keeps thousands of records of people who left long ago
      expect(Object.keys(wished.memory.people)).toEqual(["1", "2"]);
      there = next(there, apply(there, wished));
    }
    expect([...new Set(said)]).toEqual([expect.stringMatching(/left on 2026-03-01: will be disabled .*on 2026-03-08/u)]);
    expect(there.live["ad:User"]?.find((one) => one.id === account(1).id)?.values["enabled"]).toBe(false);
  });

  test("who comes back before the day is nobody's leaver, and a doubted read in between moves no date", () => {
    const first = world({ mappings: given, records, live: { "ad:User": [account(1), account(2)] }, now: day(1) });
    const after = next(first, apply(first, wish(first)));
    const trust = { verdict: "doubted" as const, doubts: ["half is missing"], memory: undefined };
    const doubted = next({ ...after, now: day(3) }, apply(after, wish({ ...after, now: day(3), trust })));
    expect(doubted.memory?.people["1"]?.leaverSince).toBe(day(1).toISOString());
    const back = wish({ ...doubted, now: day(9), records: [record(1), record(2)] });
    expect(find(back, "ad:User", "person-1")?.inputs["enabled"]).toBe(true);
    expect(back.memory.people["1"]?.leaverSince).toBeUndefined();
  });
});

describe("middle-B4: a doubted feed", () => {
  const given = mappings({
    ...{ entra: null, halo: null },
    ad: {
      accounts: {
        first: [
          { for: { hasAsset: "Laptop" }, ou: office("Laptops"), attributes: "field" },
          { ou: office("Main"), attributes: "office" },
        ],
      },
      attributes: { field: { title: "Field" }, office: { title: "Office" } },
    },
  });
  const before: PreviousResource = {
    ...{ type: "ad:User", name: "person-1", id: account(1).id, outputs: {} },
    inputs: {
      person: "1",
      name: "Ada1 Example1",
      path: office("Laptops"),
      enabled: true,
      sAMAccountName: "user1",
      attributes: { title: "Field" },
    },
  };
  const live = { "ad:User": [account(1, { path: office("Laptops") }, { title: "Field" })] };
  const feeds = { doubted: ["assets"], sentences: ["The read of Halo's assets is doubted"] };
  const there = { mappings: given, previous: [before], live, feeds };

  test("moves nobody to the next line, and makes nobody by it", () => {
    const wished = wish(world({ ...there, records: [record(1), record(2)] }));
    expect(find(wished, "ad:User", "person-1")?.inputs).toEqual(before.inputs);
    expect(find(wished, "ad:User", "person-2")).toBeUndefined();
    expect(wished.notes.join("\n")).not.toContain("is under no rule");
    const believed = wish(world({ ...there, feeds: { doubted: [], sentences: [] }, records: [record(1)] }));
    expect(find(believed, "ad:User", "person-1")?.inputs).toMatchObject({ path: office("Main"), attributes: { title: "Office" } });
  });

  test("keeps no leaver enabled", () => {
    const wished = wish(world({ ...there, records: [record(1, { inactive: true })] }));
    expect(find(wished, "ad:User", "person-1")?.inputs["enabled"]).toBe(false);
  });
});

describe("middle-B4: a doubted feed that decides who may be a member, and who has a licence through a group", () => {
  const feeds = { doubted: ["assets"], sentences: [] };

  test("takes nobody out who may be in", () => {
    const groups = [{ name: "GG-A", ou: `OU=Groups,${base}`, for: { title: "Nobody" }, may: { hasAsset: "Laptop" } }];
    const given = mappings({ entra: null, halo: null, ad: { accounts: { first: [{ for: { title: "Nobody" }, ou: base }] }, groups } });
    const live = { "ad:User": [account(1), account(2)], "ad:Group": [group("GG-A", [memberOf(account(1))])] };
    const wished = wish(world({ mappings: given, records: [record(1), record(2)], live, feeds }));
    expect(find(wished, "ad:Group", "GG-A")?.inputs["members"]).toEqual(["person:1"]);
    const believed = wish(world({ mappings: given, records: [record(1), record(2)], live }));
    expect(find(believed, "ad:Group", "GG-A")?.inputs["members"]).toEqual([]);
  });

  test("gives nobody directly what the group goes on giving", () => {
    const groups = [{ name: "SG-A", for: { hasAsset: "Laptop" }, licences: [{ sku: "SPE_E3" }] }];
    const given = mappings({
      ...{ ad: null, halo: null },
      people: { people: { source: "halo.users", login: { is: "p{{ id }}" } } },
      entra: { usageLocation: "GB", groups, licences: { every: [{ sku: "SPE_E3", for: {} }] } },
    });
    const inherited = [{ sku: "SPE_E3", without: [], group: "g1" }];
    const live = {
      "entra:Licence": [entraUser("u1", { employeeId: "1", inherited })],
      "entra:Group": [{ id: "g1", values: { name: "SG-A", members: ["u1"], owners: [], licences: [{ sku: "SPE_E3", without: [] }] } }],
    };
    const inputs = find(wish(world({ mappings: given, records: [record(1)], live, feeds })), "entra:Licence", "person-1")?.inputs;
    expect(inputs?.["through"]).toEqual(["SPE_E3"]);
    expect(inputs?.["leaving"]).toBeUndefined();
  });
});

describe("middle-B6: a removed line of a hybrid account", () => {
  test("lets go of what it wrote", () => {
    const entra = (attributes: Values) =>
      mappings({ halo: null, entra: { accounts: { first: [{ attributes: "a", hybrid: true }] }, attributes: { a: attributes } } as never });
    const live = {
      "ad:User": [account(1)],
      "entra:Licence": [entraUser("u1", { employeeId: "1", synced: true })],
      "entra:User": [entraUser("u1", { synced: true, attributes: { usageLocation: "NO" } })],
    };
    const written = wish(world({ mappings: entra({ usageLocation: "NO" }), records: [record(1)], live }));
    const inputs = inputsOf(written)["entra:User::person-1"];
    expect(inputs?.["attributes"]).toEqual({ usageLocation: "NO" });
    const previous = [{ type: "entra:User", name: "person-1", id: "u1", inputs: inputs ?? {}, outputs: {} }];
    const removed = wish(world({ mappings: entra({}), records: [record(1)], live, previous }));
    expect(find(removed, "entra:User", "person-1")).toBeUndefined();
    expect(removed.notes).toContain(
      "mappings/entra.yaml no longer asks for anything of 1 account(s): let go of, they stay in Entra ID as they are",
    );
  });
});

describe("middle-B10: people.for that hides leavers", () => {
  const people = (where: string, from = "halo.users"): { people: string } => ({
    people: `people:\n  source: ${from}\n  for: ${where}\n  login: { is: "p{{ id }}" }\n`,
  });
  test.each([
    ["{ inactive: false }", "for.inactive"],
    ["{ Inactive: false }", undefined],
    ["{ not: { inactive: true } }", "for.not.inactive"],
    ["{ any: [{ site_name: Main }, { inactive: false }] }", "for.any[1].inactive"],
    ["{ all: [{ not: { inactive: [true] } }] }", "for.all[0].not.inactive"],
  ])("is refused with the reason: %s", async (where, path) => {
    const said = await mistakes(people(where));
    expect(said).toHaveLength(1);
    if (path !== undefined)
      expect(said[0]).toMatch(
        new RegExp(`people\\.${path.replace(/[.[\]]/gu, "\\$&")}: expected who a person is, found inactive, which says who has left`, "u"),
      );
  });
  test("of Entra ID by accountEnabled too; other conditions are none of it", async () => {
    expect((await mistakes(people("{ accountEnabled: true }", "entra.users")))[0]).toContain(
      "found accountEnabled, which says who has left",
    );
    expect(await mistakes(people("{ isserviceaccount: false }"))).toEqual([]);
  });
});

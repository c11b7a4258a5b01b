/** A leaver's stages in the pure middle: dated, never brought forward by a bad feed, undone until the last; restored; protected. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { daysOf } from "../../../../../mappings/language/durations.ts";
import { safetyFile } from "../../../../../mappings/schema/safety.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { Memory, PreviousResource } from "../../../../../stacks/model/types.ts";
import { waveOf } from "../../../../../stacks/model/waves.ts";
import { dueAt, stagesOf, upcoming } from "../../../../../stacks/people/stages.ts";
import { apart, countedIn, tallied } from "../../../../../stacks/plan/counted.ts";
import { guard } from "../../../../../stacks/plan/guard.ts";
import { limitsOf, standing } from "../../../../../stacks/plan/limits.ts";
import { protectAll } from "../../../../../stacks/read/inside.ts";
import { wish } from "../../../../../stacks/wish/wish.ts";
import { account, base, doubted, find, group, guid, mappings, memberOf, now, record, staff, trusted, world } from "../../world.ts";

const protect = (accounts: Live[], patterns: readonly string[], bind: string | undefined): Live[] => {
  const all = { "ad:User": accounts };
  protectAll(all, { accounts: patterns }, bind);
  return all["ad:User"];
};

const day = 24 * 60 * 60 * 1000;
const ago = (days: number): string => new Date(now.getTime() - days * day).toISOString();
const staged = { strip: "after 7 days", move: { to: `OU=Leavers,${base}` }, lync: "off" as const, delete: "after 90 days" };
const staging = (leaver: object = staged) => mappings({ safety: { leaver }, entra: null, halo: null });

/** What the last run left of person 1: an account that is `values` now. */
function left(days: number, values: Values = {}, inputs: Values = {}): { previous: PreviousResource[]; memory: Memory; user: Live } {
  const user = account(1, { enabled: false, sAMAccountName: "aexample1", ...values });
  const wished: Values = {
    person: "1",
    name: "Ada1 Example1",
    path: staff("Main"),
    enabled: false,
    sAMAccountName: "aexample1",
    attributes: { employeeNumber: "1" },
    ...inputs,
  };
  return {
    user,
    previous: [{ type: "ad:User", name: "person-1", id: guid(1), inputs: wished, outputs: {} }],
    memory: {
      format: "haloform.memory/1",
      source: { count: 1, filled: {} },
      people: { "1": { name: "Ada1 Example1", leaverSince: ago(days) } },
    },
  };
}
const grave = (number: number, values: Values = {}): Live => {
  const live = account(number, { enabled: false, deleted: true, sAMAccountName: `aexample${number}`, ...values });
  return { ...live, values: { ...live.values, distinguishedName: `CN=gone\\0ADEL:${live.id},CN=Deleted Objects,${base}` } };
};
const gone = [record(1, { inactive: true }), record(2)];
const back = [record(1), record(2)];

describe("days of a stage", () => {
  test("are read strictly", () => {
    const texts = ["at once", "never", "after 7 days", "7 days", "1 day", "1 year", "after 2 years", " After 7 Days "];
    expect(texts.map(daysOf)).toEqual([0, null, 7, 7, 1, 365, 730, 7]);
    for (const text of [
      "",
      "soon",
      "7",
      "P90D",
      "11 years",
      "-1 days",
      "7.5 days",
      "after 7",
      "P7W",
      "99999 days",
      "after after 7 days",
      "at  once",
    ])
      expect(daysOf(text), text).toBeUndefined();
  });

  test("are no flags and no bare numbers, and are there without being said", () => {
    for (const strip of [true, false, 7]) expect(safetyFile.safeParse({ leaver: { strip } }).success).toBe(false);
    expect(safetyFile.parse({}).leaver).toMatchObject({ disable: 0, strip: 0, lync: "keep", delete: null });
  });

  test("are dated from the day somebody left, and said in order", () => {
    const { leaver } = safetyFile.parse({ leaver: staged });
    const stages = stagesOf(leaver, "2026-03-01T08:00:00.000Z");
    expect([...dueAt(stages, new Date("2026-03-01T08:00:00Z"))]).toEqual(["disable", "move"]);
    expect([...dueAt(stages, new Date("2026-03-08T08:00:00Z"))].sort()).toEqual(["disable", "move", "strip"]);
    expect([...dueAt(stages, new Date("2026-05-30T08:00:00Z"))].sort()).toEqual(["delete", "disable", "move", "strip"]);
    expect(upcoming(stages, new Date("2026-03-02T08:00:00Z"))).toBe(
      "will be stripped of groups and licences on 2026-03-08 and deleted on 2026-05-30",
    );
    expect(upcoming(stages, new Date("2026-06-01T08:00:00Z"))).toBeUndefined();
    const never = safetyFile.parse({ leaver: { strip: "never", delete: "after 10 days" } }).leaver;
    expect(dueAt(stagesOf(never, ago(11)), now).has("strip")).toBe(true);
  });

  test("property: a stage that has come stays, whatever the mapping, and none comes before the accounts are disabled", () => {
    const days = fc.oneof(
      fc.constant("at once"),
      fc.constant("never"),
      fc.integer({ min: 1, max: 400 }).map((count) => `after ${count} days`),
    );
    fc.assert(
      fc.property(days, days, days, fc.nat(500), fc.nat(500), (disable, strip, remove, first, more) => {
        const { leaver } = safetyFile.parse({ leaver: { disable, strip, delete: remove } });
        const stages = stagesOf(leaver, ago(first + more));
        const earlier = dueAt(stages, new Date(now.getTime() - more * day));
        const later = dueAt(stages, now);
        for (const name of earlier) expect(later.has(name)).toBe(true);
        if (disable !== "never" && later.size > 0) expect(later.has("disable")).toBe(true);
      }),
    );
  });
});

describe("a leaver", () => {
  const team = group("GG-Sales", [memberOf(account(1))]);
  const at = (days: number, more: Partial<Parameters<typeof world>[0]> = {}, leaver: object = staged) => {
    const { previous, memory, user } = left(days);
    return wish(
      world({ records: gone, mappings: staging(leaver), previous, memory, live: { "ad:User": [user], "ad:Group": [team] }, ...more }),
    );
  };

  test("is moved aside at once, keeps the groups until their day, and the plan says what comes when", () => {
    const wished = at(1);
    expect(find(wished, "ad:User", "person-1")?.inputs).toMatchObject({ enabled: false, path: `OU=Leavers,${base}` });
    expect(find(wished, "ad:OrganizationalUnit", `OU=Leavers,${base}`)).toBeDefined();
    expect(find(wished, "ad:Group", "GG-Sales")?.inputs["members"]).toContain("person:1");
    expect(wished.notes.join()).toMatch(
      /Ada1 Example1 \(1\) left on 2026-02-28: will be stripped .* on 2026-03-07 and deleted on 2026-05-29/u,
    );
    expect(find(at(8), "ad:Group", "GG-Sales")?.inputs["members"]).not.toContain("person:1");
  });

  test("is deleted when the day has come and an earlier run had disabled the account, after everything else", () => {
    const wished = at(91);
    const account = find(wished, "ad:User", "person-1");
    expect(account?.inputs).toMatchObject({ deleted: true });
    expect(account && waveOf(account)).toBe("afterwards");
    const { previous, memory, user } = left(91, { enabled: true });
    const enabled = wish(world({ records: gone, mappings: staging(), previous, memory, live: { "ad:User": [user] } }));
    expect(find(enabled, "ad:User", "person-1")?.inputs["deleted"]).toBeUndefined();
    expect(find(enabled, "ad:User", "person-1")?.inputs["enabled"]).toBe(false);
  });

  test("first seen gone in this run, loses nothing but what comes at once", () => {
    const { previous, user } = left(0);
    const wished = wish(world({ records: gone, mappings: staging(), previous, live: { "ad:User": [user], "ad:Group": [team] } }));
    expect(find(wished, "ad:User", "person-1")?.inputs["deleted"]).toBeUndefined();
    expect(find(wished, "ad:Group", "GG-Sales")?.inputs["members"]).toContain("person:1");
    expect(wished.memory.people["1"]?.leaverSince).toBe(now.toISOString());
  });

  test("keeps everything before the day of `disable`, and is dated all the same", () => {
    const wished = at(1, {}, { disable: "after 3 days" });
    const { user, previous, memory } = left(1, { enabled: true }, { enabled: true });
    const held = wish(
      world({ records: gone, mappings: staging({ disable: "after 3 days" }), previous, memory, live: { "ad:User": [user] } }),
    );
    expect(find(held, "ad:User", "person-1")?.inputs["enabled"]).toBe(true);
    expect(held.memory.people["1"]?.leaverSince).toBe(ago(1));
    expect(wished.notes.join()).toMatch(/will be disabled on 2026-03-03/u);
  });

  test("A18: Lync is off where it was set, and back on with the person; where it was never set nothing is written", () => {
    const lync = (live: Live) => ({
      ...live,
      values: { ...live.values, attributes: { employeeNumber: "1", "msRTCSIP-UserEnabled": "TRUE" } },
    });
    const { previous, memory, user } = left(1);
    const off = wish(world({ records: gone, mappings: staging(), previous, memory, live: { "ad:User": [lync(user)] } }));
    expect(find(off, "ad:User", "person-1")?.inputs["attributes"]).toMatchObject({ "msRTCSIP-UserEnabled": "FALSE" });
    expect(find(at(1), "ad:User", "person-1")?.inputs["attributes"]).not.toHaveProperty("msRTCSIP-UserEnabled");
    const after = left(1, {}, { attributes: { employeeNumber: "1", "msRTCSIP-UserEnabled": "FALSE" } });
    const on = wish(world({ records: back, mappings: staging(), previous: after.previous, memory, live: { "ad:User": [after.user] } }));
    expect(find(on, "ad:User", "person-1")?.inputs["attributes"]).toMatchObject({ "msRTCSIP-UserEnabled": "TRUE" });
  });

  test("two of one name find different names in the leavers' place", () => {
    const there = account(9, { path: `OU=Leavers,${base}`, name: "Ada1 Example1" });
    const { previous, memory, user } = left(1);
    const wished = wish(world({ records: gone, mappings: staging(), previous, memory, live: { "ad:User": [user, there] } }));
    expect(find(wished, "ad:User", "person-1")?.inputs["name"]).toBe("Ada1 Example1 (2)");
  });

  test("property: a feed that is not believed advances no stage and sets no date", () => {
    fc.assert(
      fc.property(fc.nat(400), fc.boolean(), fc.boolean(), (days, enabled, absent) => {
        const { previous, memory, user } = left(days, { enabled }, { enabled });
        const live = { "ad:User": [user, account(2)], "ad:Group": [group("GG-Sales", [memberOf(user)])] };
        const known: PreviousResource = {
          ...(previous[0] as PreviousResource),
          name: "person-2",
          id: guid(2),
          inputs: { ...previous[0]?.inputs, person: "2" },
        };
        const wished = wish(
          world({
            records: absent ? [record(2)] : gone,
            mappings: staging(),
            previous: [...previous, known],
            memory,
            live,
            trust: doubted,
          }),
        );
        const mine = find(wished, "ad:User", "person-1")?.inputs;
        expect(mine?.["deleted"]).toBeUndefined();
        expect(mine?.["enabled"]).toBe(enabled);
        expect(mine?.["path"]).toBe(staff("Main"));
        expect(find(wished, "ad:Group", "GG-Sales")?.inputs["members"]).toContain("person:1");
        expect(wished.memory.people["1"]?.leaverSince).toBe(ago(days));
        expect(wished.memory.people["2"]?.leaverSince).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

describe("a deleted account", () => {
  const deleted = left(91, {}, { deleted: true });
  const wished = (records: typeof gone, graves: Live[], previous = deleted.previous, living: Live[] = []) =>
    wish(world({ records, mappings: staging(), previous, memory: deleted.memory, live: { "ad:User": living, "ad:Deleted": graves } }));

  test("stays deleted while its person is gone, and is forgotten when AD can no longer bring it back", () => {
    expect(find(wished(gone, [grave(1)]), "ad:User", "person-1")?.inputs["deleted"]).toBe(true);
    expect(find(wished(gone, []), "ad:User", "person-1")).toBeUndefined();
  });

  test("is brought back with its person: by the id of the state, under its login", () => {
    const one = find(wished(back, [grave(1, { sAMAccountName: "old1" })]), "ad:User", "person-1");
    expect(one?.inputs["deleted"]).toBeUndefined();
    expect(one?.inputs).toMatchObject({ enabled: true, sAMAccountName: "old1" });
    expect(one?.adopt).toBeUndefined();
  });

  test("is recognised without a state by the fields of matching, in order; several are left to a human; a login alone proves nothing", () => {
    expect(find(wished(back, [grave(1)], []), "ad:User", "person-1")?.adopt).toBe(guid(1));
    const twins = wished(back, [grave(1), { ...grave(1), id: guid(77) }], []);
    expect(find(twins, "ad:User", "person-1")).toBeUndefined();
    expect(twins.parked[0]?.reason).toMatch(/2 deleted AD accounts have employeeNumber 1/u);
    const bare = grave(5, { sAMAccountName: "aexample1" });
    bare.values["attributes"] = {};
    bare.values["userPrincipalName"] = "";
    expect(find(wished(back, [bare], []), "ad:User", "person-1")?.adopt).toBeUndefined();
  });

  test("reports R8: of somebody else, whose number was given again, is brought back for nobody; either way out works", () => {
    const called = { name: "Olaf Ferry", displayName: "Olaf Ferry", sAMAccountName: "oferry" };
    const olaf = grave(1, called);
    (olaf.values["attributes"] as Values)["mail"] = "olaf@corp.example.com";
    const asked = wished(back, [olaf], []);
    expect(find(asked, "ad:User", "person-1")).toBeUndefined();
    expect(asked.parked.map((one) => [one.key, one.reason])).toEqual([
      [
        "1",
        "the deleted AD account oferry has employeeNumber 1, and everything else speaks against it: mail olaf@corp.example.com and not user1@corp.example.com; it is called Olaf Ferry; restore it by hand where it is the person's, or else delete it for good",
      ],
    ]);
    const nameless = grave(1, called);
    (nameless.values["attributes"] as Values)["mail"] = "";
    expect(wished(back, [nameless], []).parked[0]?.reason).toContain("the name Olaf Ferry and not Ada1 Example1");
    expect(find(wished(back, [], []), "ad:User", "person-1")?.adopt).toBeUndefined();
    const restored = account(1, { enabled: false });
    expect(find(wished(back, [], [], [restored]), "ad:User", "person-1")?.adopt).toBe(guid(1));
  });

  test("is recognised by no field while a read is doubted", () => {
    const others = left(92, {}, { person: "9", name: "Zed Nine", attributes: { employeeNumber: "9" } }).previous.map((one) => ({
      ...one,
      name: "person-9",
      id: guid(9),
    }));
    const there = world({ records: back, mappings: staging(), previous: others, live: { "ad:Deleted": [grave(1)] }, trust: doubted });
    const asked = wish(there);
    expect(asked.resources.filter((one) => one.adopt === guid(1))).toEqual([]);
    expect(asked.parked.find(({ key }) => key === "1")?.reason).toBe(
      "the read of Halo is doubted, and nobody is matched anew until it can be trusted: the deleted AD account aexample1 has employeeNumber 1; wait for a read that can be trusted",
    );
    expect(find(wish({ ...there, trust: trusted }), "ad:User", "person-1")?.adopt).toBe(guid(1));
  });

  test("belongs to one person only", () => {
    const shared = grave(1);
    (shared.values["attributes"] as Values)["mail"] = "user2@corp.example.com";
    const both = wished(back, [shared], []);
    const adopted = both.resources.filter((one) => one.adopt === guid(1));
    expect(adopted).toHaveLength(1);
    expect(both.parked.map((one) => one.key)).toEqual(["2"]);
  });
});

describe("accounts that are never touched", () => {
  test("are marked by login, by name, and where haloform logs in", () => {
    const accounts = [account(1, { sAMAccountName: "svc-backup" }), account(2), account(3), account(4)];
    const marked = protect(accounts, ["SVC-*", `cn=ada2 example2,${staff("Main")}`], "user3@corp.example.com");
    expect(marked.map((one) => one.values["protected"])).toEqual([true, true, true, false]);
    expect(marked[2]?.values["protectedBecause"]).toMatch(/haloform itself/u);
    for (const bind of [`CN=Ada4 Example4,${staff("Main")}`, "CORP\\user4", "user4@corp.example.com"])
      expect(protect(accounts, [], bind)[3]?.values["protected"], bind).toBe(true);
  });

  test("a leaver who became an administrator is parked, with the reason, and nothing is wished of the account", () => {
    const { previous, memory, user } = left(91, { enabled: true, protected: true, protectedBecause: "adminCount is 1" }, { enabled: true });
    const made = wish(world({ records: gone, mappings: staging(), previous, memory, live: { "ad:User": [user] } }));
    expect(made.parked[0]?.reason).toMatch(/would be disabled, be moved, be deleted, but adminCount is 1/u);
    expect(find(made, "ad:User", "person-1")?.inputs).toMatchObject({ enabled: true, path: staff("Main"), attributes: {} });
  });
});

describe("the limit on deletions", () => {
  const limits = limitsOf(safetyFile.parse({}).limits);
  const judged = (deleted: number, before = 0) =>
    guard({
      counted: Array.from({ length: deleted }, (_, name) => ({ as: "deleted", system: "ad", name: String(name), people: 1 })),
      population: { "accounts ad": 1000 },
      standing: standing(limits, undefined),
      recent: before > 0 ? [{ at: ago(0.5), counted: [{ as: "deleted", system: "ad", count: before }] }] : [],
      now,
      said: () => "",
    });

  test("is five a day and two per cent, one always; counted over 24 hours", () => {
    expect(judged(5).verdict).toBe("ok");
    expect(judged(6).breaches.join()).toMatch(/6 accounts would be deleted in 24 hours; the limit is 5/u);
    expect(judged(3, 3).verdict).toBe("refused");
    expect(judged(0, 9).verdict).toBe("ok");
  });

  test("property: the sum of what is counted apart never exceeds what was lost, and a deletion counts once", () => {
    const change = (number: number) => ({
      key: String(number),
      name: "",
      event: "leaver" as const,
      changes: [
        {
          system: "ad" as const,
          type: "ad:User",
          resource: `person-${number}`,
          label: "",
          op: "delete" as const,
          fields: [{ path: "deleted", before: null, after: true }],
        },
      ],
    });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(20)), fc.uniqueArray(fc.nat(20)), (first, second) => {
        const earlier = countedIn({ people: first.map(change), shared: [] });
        const names = countedIn({ people: second.map(change), shared: [] });
        const rest = apart([{ at: ago(0), counted: tallied(earlier) }], names);
        expect(rest.length + names.length).toBe(new Set([...first, ...second]).size);
      }),
    );
  });
});

test("a trusted read of the same world is what the doubt is compared with", () => {
  const { previous, memory, user } = left(91);
  const wished = wish(world({ records: gone, mappings: staging(), previous, memory, live: { "ad:User": [user] }, trust: trusted }));
  expect(find(wished, "ad:User", "person-1")?.inputs["deleted"]).toBe(true);
});

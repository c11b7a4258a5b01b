import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../base/json.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../stacks/match/anchors.ts";
import type { SourceRecord } from "../../../stacks/model/types.ts";
import { type World, wish } from "../../../stacks/wish/wish.ts";
import { sized } from "../../sizes.ts";
import {
  account,
  apply,
  base,
  connect,
  doubted,
  entraUser,
  find,
  group,
  guid,
  inputsOf,
  mappings,
  memberOf,
  next,
  record,
  staff,
  world,
} from "./world.ts";

const ids = [1, 2, 3, 4, 5, 6, 10];
const site = fc.constantFrom("Main", "Harbour", "Lab", "Elsewhere");
const fields = fc.record({
  firstname: fc.constantFrom("Ada", "Zoë", "Ada", "李"),
  surname: fc.constantFrom("Example", "O'Neil", "Smith, Jr", "Example", "x".repeat(70)),
  site_name: site,
  title: fc.constantFrom("Analyst", "Team Lead"),
  "custom.CFDepartment": fc.constantFrom("Sales", "Service Desk", ""),
  "custom.CFManager": fc.constantFrom("", "1", "2", "Ada Example", "nobody"),
  emailaddress: fc.constantFrom("", "one@corp.example.com", "two@corp.example.com", "three@corp.example.com"),
  inactive: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  isserviceaccount: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
const records: fc.Arbitrary<SourceRecord[]> = fc
  .array(fc.tuple(fc.constantFrom(...ids), fields), { minLength: 1, maxLength: 8 })
  .map((all) => all.map(([id, given]) => record(id, given)));

const liveUser = fc.record({
  name: fc.constantFrom("Ada Example", "Ada Example (2)", "Somebody Else"),
  path: site.map(staff),
  enabled: fc.boolean(),
  protected: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  employeeNumber: fc.constantFrom("", "1", "2", "3", "10"),
  mail: fc.constantFrom("", "one@corp.example.com", "TWO@corp.example.com"),
});
const liveWorld: fc.Arbitrary<{ [type: string]: Live[] }> = fc
  .record({
    users: fc.array(liveUser, { maxLength: 6 }),
    members: fc.array(fc.nat(6), { maxLength: 4 }),
    cloud: fc.array(
      fc.record({
        of: fc.option(fc.nat(5), { nil: undefined }),
        employeeId: fc.constantFrom("", "1", "2", "3"),
        sku: fc.constantFrom("SPE_E3", "SPE_E5", "POWER_BI_STANDARD"),
      }),
      { maxLength: 4 },
    ),
    agents: fc.array(
      fc.record({
        email: fc.constantFrom("one@corp.example.com", "two@corp.example.com"),
        enabled: fc.boolean(),
        role: fc.constantFrom("Field Engineer", "Administrator"),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ users, members, cloud, agents }) => {
    // Two objects of one DN cannot be: a name that is there already gets the account's number.
    const seen = new Set<string>();
    const accounts = users.map(({ employeeNumber, mail, ...values }, index) => {
      const name = seen.has(`${values.path}${values.name}`) ? `${values.name} ${index}` : values.name;
      seen.add(`${values.path}${values.name}`);
      return account(100 + index, { ...values, name }, { employeeNumber, mail });
    });
    const inside: Json[] = [...new Set(members)].flatMap((index) =>
      accounts[index] ? [memberOf(accounts[index])] : [{ dn: `CN=Nested ${index},${base}` }],
    );
    const immutable = new Set<number>();
    const live: { [type: string]: Live[] } = {
      "ad:User": accounts,
      "ad:Group": [group("GG-Sales", inside), group("GG-VPN", inside)],
      "entra:Licence": cloud.map(({ of, employeeId, sku }, index) => {
        const linked = of !== undefined && !immutable.has(of) && of < users.length;
        if (linked) immutable.add(of);
        return entraUser(`cloud-${index}`, {
          employeeId,
          immutableId: linked ? (immutableIdOf(guid(100 + of)) ?? "") : "",
          direct: [{ sku, without: [] }],
        });
      }),
      "halo:Agent": agents.map(({ role, ...values }, index) => ({
        id: `${index}`,
        values: { name: `Agent ${index}`, teams: [], isapiagent: false, ...values, roles: [role] },
      })),
    };
    connect(live);
    return live;
  });

const shuffled = <T>(list: readonly T[], seed: number): T[] =>
  list
    .map((value, index) => ({ value, order: (index * 7919 + seed * 104_729) % 997 }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
const runs = { numRuns: 200 };

/** What everybody has, as pairs that can be compared: an enabled account, a place in a group, a licence, an agent's role. */
function access(live: { [type: string]: readonly Live[] }): Set<string> {
  const all = new Set<string>();
  for (const user of live["ad:User"] ?? []) if (user.values["enabled"] === true) all.add(`enabled ${user.id}`);
  for (const one of live["ad:Group"] ?? [])
    for (const member of (one.values["members"] ?? []) as Values[]) all.add(`member ${one.id} ${member["guid"] ?? member["dn"]}`);
  for (const one of live["entra:Group"] ?? [])
    for (const id of (one.values["members"] ?? []) as string[]) all.add(`member ${one.id} ${id}`);
  for (const user of live["entra:Licence"] ?? [])
    for (const { sku } of (user.values["direct"] ?? []) as { sku: string }[]) all.add(`licence ${user.id} ${sku}`);
  for (const one of live["halo:Agent"] ?? []) {
    if (one.values["enabled"] === true) all.add(`agent ${one.id}`);
    for (const role of (one.values["roles"] ?? []) as string[]) all.add(`role ${one.id} ${role}`);
  }
  return all;
}

/** A second world: the first one applied, then other records and some changes made by hand. */
function second(first: World, others: SourceRecord[], touched: readonly number[]): World {
  const after = apply(first, wish(first));
  const live = structuredClone(after.live);
  for (const index of touched) {
    const user = live["ad:User"]?.[index];
    if (user) user.values["enabled"] = !user.values["enabled"];
    const cloud = live["entra:Licence"]?.[index];
    if (cloud) cloud.values["direct"] = [{ sku: "SPE_E5", without: [] }];
  }
  return next(first, { ...after, live }, { records: others });
}
const hand = fc.array(fc.nat(6), { maxLength: 3 });

const converging = fc.property(records, records, liveWorld, hand, (before, after, live, touched) => {
  for (const given of [world({ records: before, live }), second(world({ records: before, live }), after, touched)]) {
    let there = given;
    let one = wish(there);
    // What somebody gives up in this very run is free for another in the next.
    for (let round = 0; round < 3 && one.parked.some(({ reason }) => reason.includes(" is taken by ")); round += 1) {
      there = next(there, apply(there, one));
      one = wish(there);
    }
    const done = apply(there, one);
    const settledWorld = next(there, done);
    const two = wish(settledWorld);
    expect(inputsOf(two)).toEqual(inputsOf(one));
    expect(two.resources.filter((each) => each.adopt !== undefined)).toEqual([]);
    // What is asked of a human about who is who is remembered: nothing is asked a run late.
    expect(two.memory).toEqual(one.memory);
    expect(access(apply(settledWorld, two).live)).toEqual(access(done.live));
  }
});

describe("wish", () => {
  test("does not depend on the order of records, of live objects, of the state", () => {
    fc.assert(
      fc.property(records, records, liveWorld, hand, fc.nat(50), (before, after, live, touched, seed) => {
        const there = second(world({ records: before, live }), after, touched);
        const mixed = {
          ...there,
          records: shuffled(there.records, seed),
          previous: shuffled(there.previous, seed),
          live: Object.fromEntries(Object.entries(there.live).map(([type, all]) => [type, shuffled(all, seed)])),
        };
        const [one, two] = [wish(there), wish(mixed)];
        // Of twins, which record is shown first may differ; what is wished, parked and said may not.
        expect(two.resources).toEqual(one.resources);
        expect(two.parked).toEqual(one.parked);
        expect(two.notes).toEqual(one.notes);
        expect(two.memory).toEqual(one.memory);
      }),
      runs,
    );
  });

  test("no two resources have one type and name, no two adopt one object, and every input has a reason", () => {
    fc.assert(
      fc.property(records, records, liveWorld, hand, (before, after, live, touched) => {
        for (const there of [world({ records: before, live }), second(world({ records: before, live }), after, touched)]) {
          const { resources } = wish(there);
          const names = resources.map((one) => `${one.type}::${one.name}`);
          expect(new Set(names).size).toBe(names.length);
          const adopted = resources.flatMap((one) => (one.adopt === undefined ? [] : [`${one.type}::${one.adopt}`]));
          expect(new Set(adopted).size).toBe(adopted.length);
          for (const one of resources) {
            expect(one.because[""]?.rule).toBeTruthy();
            for (const [input, value] of Object.entries(one.inputs)) {
              if (input === "attributes")
                for (const name of Object.keys(value as Values)) expect(one.because[`attributes.${name}`]?.rule).toBeTruthy();
              else if (input === "members") for (const ref of value as string[]) expect(one.because[`members.${ref}`]?.rule).toBeTruthy();
              else if (input === "skus")
                for (const sku of value as Values[]) expect(one.because[`skus.${String(sku["sku"])}`]?.rule).toBeTruthy();
              else if (input !== "person") expect(one.because[input]?.rule).toBeTruthy();
            }
          }
        }
      }),
      runs,
    );
  });

  test("converges: applied once, wished again, nothing differs and nothing is adopted", () => {
    // The same companies at every push, others in the long profile.
    fc.assert(converging, { ...runs, ...sized({ seed: 20_261_130 }, {}) });
  });

  test.each([
    ["an inactive record that is another human's by its address, of somebody who leaves in the same run", 7103, "465"],
    ["an inactive record that is another human's, kept for a question of its own", 4, "709"],
    ["a record renamed between the question and the run that finds an account, held by a name too long", 8, "982"],
    ["an inactive record renamed between the question and the run that finds an account", 1006, "383"],
    ["a record by which an account is found, and of which nothing is written there, where keys have moved", 1, "440"],
    ["the same of a person whom no rule gives an account", 9, "650"],
  ])("converges: %s", (_, seed, path) => {
    fc.assert(converging, { seed, path, numRuns: 1 });
  });

  test("names nobody in AD whose account is gone and is not made again, whatever is kept of whom", () => {
    fc.assert(
      fc.property(
        records,
        records,
        liveWorld,
        hand,
        fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }),
        (before, after, live, touched, lost) => {
          const given = second(world({ records: before, live }), after, touched);
          const users = given.live["ad:User"] ?? [];
          const gone = new Set(lost.flatMap((index) => users[index % Math.max(1, users.length)]?.id ?? []));
          const groups = (given.live["ad:Group"] ?? []).map((one) => {
            const members = ((one.values["members"] ?? []) as Values[]).filter(({ guid: id }) => !gone.has(String(id)));
            return { ...one, values: { ...one.values, members } };
          });
          const there = { ...given, live: { ...given.live, "ad:User": users.filter(({ id }) => !gone.has(id)), "ad:Group": groups } };
          for (const one of [there, { ...there, trust: doubted }]) {
            const wished = wish(one);
            const known = new Set(wished.people.flatMap(({ key, accounts }) => (accounts.ad === undefined ? [] : [`person:${key}`])));
            for (const { type, person } of wished.resources) if (type === "ad:User") known.add(`person:${person}`);
            for (const { type, inputs, untouched } of wished.resources) {
              if (!type.startsWith("ad:") || untouched) continue;
              const { manager } = (inputs["attributes"] ?? {}) as Values;
              for (const ref of [manager ?? [], inputs["members"] ?? []].flat())
                if (String(ref).startsWith("person:")) expect(known).toContain(ref);
            }
          }
        },
      ),
      runs,
    );
  });

  test("nobody loses anything when the read is doubted", () => {
    fc.assert(
      fc.property(records, records, liveWorld, hand, (before, after, live, touched) => {
        const there: World = { ...second(world({ records: before, live }), after, touched), trust: doubted };
        const kept = access(apply(there, wish(there)).live);
        for (const one of access(there.live)) expect(kept).toContain(one);
      }),
      runs,
    );
  });

  test("outside O1 a lost state costs nothing: the same inputs but for who is whose in additive groups, every living object adopted", () => {
    fc.assert(
      fc.property(records, liveWorld, (some, live) => {
        // Protected accounts known by id are not found again by their fields, which is right; they are another test's matter.
        const open = {
          ...live,
          "ad:User": (live["ad:User"] ?? []).map((one) => ({ ...one, values: { ...one.values, protected: false } })),
        };
        const unique = [...new Map(some.map((one) => [one.fields["id"], one])).values()].map((one) => ({
          ...one,
          fields: { ...one.fields, emailaddress: `user${String(one.fields["id"])}@corp.example.com` },
        }));
        const first = world({ records: unique, live: open });
        const settledWorld = next(first, apply(first, wish(first)));
        const known = wish(settledWorld);
        const lost = wish({ ...settledWorld, previous: [], memory: undefined });
        // Whom haloform put into it is forgotten: nobody there is its own any more.
        const vpn = (inputsOf(known)["ad:Group::GG-VPN"]?.["members"] ?? []) as string[];
        const waiting = vpn.filter((ref) => lost.people.some((one) => `person:${one.key}` === ref && one.accounts.ad === undefined));
        const expected = inputsOf(known);
        if (expected["ad:Group::GG-VPN"]) expected["ad:Group::GG-VPN"]["members"] = waiting;
        expect(inputsOf(lost)).toEqual(expected);
        for (const one of lost.resources.filter((each) => each.type !== "ad:OrganizationalUnit" || each.adopt)) {
          expect(one.adopt).toBe(settledWorld.previous.find((each) => each.type === one.type && each.name === one.name)?.id);
        }
      }),
      runs,
    );
  });

  test("parked people lose nothing, unless they are leavers elsewhere", () => {
    fc.assert(
      fc.property(records, records, liveWorld, hand, (before, after, live, touched) => {
        const there = second(world({ records: before, live }), after, touched);
        const wished = wish(there);
        const kept = access(apply(there, wished).live);
        const leavers = new Set(wished.people.filter((one) => one.stage === "leaver").map((one) => one.key));
        for (const { key } of wished.parked) {
          if (leavers.has(key)) continue;
          const mine = Object.values(wished.people.find((one) => one.key === key)?.accounts ?? {});
          for (const one of access(there.live)) if (mine.some((id) => one.split(" ").includes(id))) expect(kept).toContain(one);
        }
      }),
      runs,
    );
  });

  test("protected people lose nothing, whatever Halo says of them", () => {
    const guarded = mappings({ safety: { protected: { people: [1, 2] } } });
    fc.assert(
      fc.property(records, records, liveWorld, (before, after, live) => {
        const there = second(world({ mappings: guarded, records: before, live }), after, []);
        const wished = wish(there);
        const kept = access(apply(there, wished).live);
        for (const key of ["1", "2"]) {
          const mine = Object.values(wished.people.find((one) => one.key === key)?.accounts ?? {});
          for (const one of access(there.live)) if (mine.some((id) => one.split(" ").includes(id))) expect(kept).toContain(one);
        }
      }),
      runs,
    );
  });
});

describe("speed", () => {
  test("5,000 people in less than 3 s", () => {
    // Alone it takes one; beside other tests twice as much. How fast it is the bench says; this tells of what has become several times slower.
    const count = 5000;
    const many = Array.from({ length: count }, (_, index) =>
      record(index + 1, {
        firstname: `Ada${index % 400}`,
        surname: `Example${index % 700}`,
        site_name: ["Main", "Harbour", "Lab"][index % 3] ?? "Main",
        "custom.CFDepartment": index % 2 ? "Sales" : "Service Desk",
        "custom.CFManager": String((index % 50) + 1),
      }),
    );
    const users = many.slice(0, 4700).map((_, index) => account(index + 1));
    const cloud = users.map((one, index) => entraUser(`e${index}`, { immutableId: immutableIdOf(one.id) ?? "" }));
    const there = world({
      records: many,
      live: { "ad:User": users, "entra:Licence": cloud, "ad:Group": [group("GG-Sales", users.map(memberOf))] },
    });
    // Processor time, the best of three, because tests share the machine.
    const runs = [0, 1, 2].map(() => {
      const started = process.cpuUsage();
      const wished = wish(there);
      const { user, system } = process.cpuUsage(started);
      return { wished, took: (user + system) / 1000 };
    });
    const wished = wish(there);
    const took = Math.min(...runs.map((one) => one.took));
    expect(wished.resources.filter((one) => one.type === "ad:User")).toHaveLength(count);
    expect(find(wished, "ad:User", "person-4999")?.adopt).toBeUndefined();
    expect(took).toBeLessThan(3000);
  });
});

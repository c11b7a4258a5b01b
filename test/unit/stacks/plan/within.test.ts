/** Issue's property: who gains by a change of a group is whoever is in it through groups that no mapping wishes, too, and counts so. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { DesiredResource, PreviousResource } from "../../../../stacks/model/types.ts";
import { countedIn } from "../../../../stacks/plan/counted.ts";
import { populationOf } from "../../../../stacks/plan/population.ts";
import { withinOf } from "../../../../stacks/plan/within.ts";
import { sized } from "../../../sizes.ts";
import { given, group, planned, rulesOf, type Thing } from "./parts/estate.ts";

const base = "DC=corp,DC=example,DC=com";
const keys = ["1", "2", "3", "4"];
const people = keys.map((key) => ({ key, name: key, stage: "active" as const, accounts: { ad: `u${key}`, entra: `c${key}` } }));
const everybody = [...keys, "9"];

type System = "ad" | "entra";
const groupsOf = { ad: ["A", "B", "C", "D", "E"], entra: ["V", "W", "X", "Y"] } as const;
/** A member of a generated group: somebody (9 is nobody's account), or a group. */
const member = (system: System) => fc.constantFrom(...everybody, ...groupsOf[system]);
const some = (system: System) => fc.uniqueArray(member(system), { maxLength: 4 });
const groupIn = (system: System) =>
  fc.record({
    live: some(system),
    wish: fc.option(
      fc.record({ mode: fc.constantFrom("exact", "additive"), members: some(system), given: some(system), leave: some(system) }),
    ),
  });
const estate = fc.record({
  ad: fc.tuple(...groupsOf.ad.map(() => groupIn("ad"))),
  entra: fc.tuple(...groupsOf.entra.map(() => groupIn("entra"))),
  /** Which group of AD is brought as which one of the cloud. */
  twins: fc.subarray([0, 1, 2, 3]),
});
type Estate = typeof estate extends fc.Arbitrary<infer T> ? T : never;

const idOf = (system: System, one: string): string => (everybody.includes(one) ? `${system === "ad" ? "u" : "c"}${one}` : `g${one}`);
const dnOf = (one: string): string => `CN=${one},OU=Groups,${base}`;

/** How a wish calls a member: people by key, wished groups by name, the rest as the system does. */
function refOf(estate: Estate, system: System, one: string): string {
  if (keys.includes(one)) return `person:${one}`;
  const isWished = estate[system][(groupsOf[system] as readonly string[]).indexOf(one)]?.wish;
  if (isWished) return `group:${one.toLowerCase()}`;
  return system === "ad" ? `dn:${one === "9" ? `CN=u9,${base}` : dnOf(one)}` : `id:${idOf(system, one)}`;
}

function made(estate: Estate) {
  const live: { [type: string]: Live[] } = {
    "ad:User": everybody.map((key) => ({
      id: `u${key}`,
      values: { name: key, distinguishedName: `CN=u${key},${base}`, mail: `u${key}@example.com` },
    })),
    "entra:Licence": everybody.map((key) => ({ id: `c${key}`, values: { userPrincipalName: `c${key}@example.com` } })),
  };
  const resources: DesiredResource[] = [];
  const previous: PreviousResource[] = [];
  for (const system of ["ad", "entra"] as const) {
    const type = `${system}:Group`;
    live[type] = groupsOf[system].map((name, index): Live => {
      const twin = system === "entra" && estate.twins.includes(index);
      const ids = (estate[system][index]?.live ?? []).map((one) => idOf(system, one));
      const values: Values =
        system === "ad"
          ? { distinguishedName: dnOf(name), sid: `S-1-5-21-1-1-1-${2000 + index}`, members: ids.map((guid) => ({ guid, dn: "" })) }
          : { synced: twin, ...(twin ? { onPremisesSecurityIdentifier: `S-1-5-21-1-1-1-${2000 + index}` } : {}), members: ids };
      return { id: `g${name}`, values: { name, ...values } };
    });
    for (const [index, { wish }] of estate[system].entries()) {
      const name = groupsOf[system][index] ?? "";
      if (!wish) continue;
      const refs = (all: readonly string[]): string[] => all.map((one) => refOf(estate, system, one));
      const inputs = {
        name,
        mode: wish.mode,
        members: refs(wish.members),
        ...(wish.mode === "additive" ? { leave: refs(wish.leave) } : {}),
      };
      resources.push({ type, name, inputs, because: {} });
      previous.push({ type, name, id: `g${name}`, inputs: { name, mode: wish.mode, members: refs(wish.given) }, outputs: {} });
    }
  }
  return { live, previous, wish: { resources, people } };
}

/** The oracle: who is in what, by what was generated alone. `then`: once the wish is done. */
function oracle(all: Estate, system: System, start: string, then: boolean, seen = new Set<string>()): Set<string> {
  if (everybody.includes(start)) return new Set([keys.includes(start) ? `person:${start}` : `id:${idOf(system, start)}`]);
  const key = `${system} ${start}`;
  if (seen.has(key)) return new Set();
  seen.add(key);
  const index = (groupsOf[system] as readonly string[]).indexOf(start);
  if (system === "entra" && all.twins.includes(index)) return oracle(all, "ad", groupsOf.ad[index] ?? "", then, seen);
  const { live = [], wish = null } = all[system][index] ?? {};
  const kept = wish?.mode === "additive" ? live.filter((one) => ![...wish.given, ...wish.leave].includes(one)) : [];
  const now = then && wish ? [...kept, ...wish.members] : live;
  return new Set(now.flatMap((one) => [...oracle(all, system, one, then, seen)]));
}

describe("issue 15: who is in a group, through live groups that no mapping wishes", () => {
  const most = { timeout: sized(60_000, 600_000) };

  test("whatever is nested in whatever, before and after, in AD and by Entra Connect in the cloud", most, () => {
    fc.assert(
      fc.property(estate, fc.boolean(), (all, then) => {
        const within = withinOf(made(all), then ? "then" : "now");
        for (const system of ["ad", "entra"] as const)
          for (const name of groupsOf[system])
            expect([...within.of(`${system}:Group`, [refOf(all, system, name)])].sort(), `${system} ${name}`).toEqual(
              [...oracle(all, system, name, then)].sort(),
            );
      }),
      sized({ numRuns: 500, seed: 20_261_130 }, { numRuns: 2000 }),
    );
  });

  test("never the one who gains: nobody who is in by any of them approves a part that gives to it, and each of them counts", most, () => {
    let nested = 0;
    fc.assert(
      fc.property(estate, fc.constantFrom<System>("ad", "entra"), (all, system) => {
        const { live, previous } = made(all);
        const name = groupsOf[system][0];
        const wish = all[system][0]?.wish;
        fc.pre(wish !== null && wish !== undefined && !(system === "entra" && all.twins.includes(0)));
        const refs = (some: readonly string[]): string[] => some.map((one) => refOf(all, system, one));
        const things: Thing[] = previous.map(({ type, name: one, inputs }) => {
          const wished = made(all).wish.resources.find((each) => each.type === type && each.name === one);
          const is = { ...inputs, leave: wished?.inputs["leave"] ?? [] };
          return {
            type,
            name: one,
            is: type === `${system}:Group` && one === name ? is : (wished?.inputs ?? {}),
            wish: wished?.inputs ?? {},
          };
        });
        const rules = rulesOf({
          rules: { first: [{ kinds: ["broadening"], approvers: { one: ["a@example.com"] } }] },
          otherwise: { one: ["b@example.com"] },
        });
        const input = given(
          things,
          keys.map((key) => ({ key })),
          { live, previous, rules },
        );
        for (const one of input.wish.people) Object.assign(one, { accounts: { ad: `u${one.key}`, entra: `c${one.key}` } });
        const plan = planned(things, [], { ...input });
        const come = wish.members.filter((one) => !wish.given.includes(one));
        const gain = new Set(come.flatMap((one) => [...oracle(all, system, one, true)]));
        const never = new Set((plan.parts ?? []).flatMap(({ needs }) => needs.never));
        for (const who of gain) {
          const address = who.startsWith("person:") ? `p${who.slice(7)}@example.com` : `${who.slice(3)}@example.com`;
          expect(never, `${refs(come).join()} gives to ${who}`).toContain(address);
        }
        nested += come.filter((one) => !everybody.includes(one)).length;
        const counted = countedIn(plan).filter(({ as }) => as === "gained").length;
        const sum = come.reduce((total, one) => total + Math.max(1, oracle(all, system, one, true).size), 0);
        expect(counted).toBe(sum);
      }),
      sized({ numRuns: 500, seed: 20_261_130 }, { numRuns: 2000 }),
    );
    expect(nested).toBeGreaterThan(200);
  });

  test("security-5: there are as many places to lose as would be counted if all were lost, groups in groups too", most, () => {
    let nested = 0;
    fc.assert(
      fc.property(estate, fc.constantFrom<System>("ad", "entra"), (all, system) => {
        const { live, previous } = made(all);
        const type = `${system}:Group`;
        const name = groupsOf[system][0];
        const refs = (all[system][0]?.live ?? []).map((one) => refOf(all, system, one));
        const thing: Thing = { type, name, is: group(name, refs), wish: group(name, []) };
        const state = [{ type, name, id: `g${name}`, inputs: thing.is ?? {}, outputs: {} }];
        const input = given(
          [thing],
          keys.map((key) => ({ key })),
          { live, previous: state },
        );
        for (const one of input.wish.people) Object.assign(one, { accounts: { ad: `u${one.key}`, entra: `c${one.key}` } });
        const plan = planned([thing], [], { ...input });
        const lost = countedIn(plan).filter(({ as }) => as === "memberships").length;
        const within = () => withinOf({ ...input, previous: state }, "now");
        const by = (person: string) => ({ text: person, digest: person });
        const population = populationOf(input.wish.resources, input.was, ["site"], by, within);
        expect(population[`memberships ${system}`] ?? 0).toBe(lost);
        const sites = Object.entries(population).filter(([of]) => of.startsWith(`memberships ${system} site=`));
        const people = countedIn(plan).filter(({ as, person }) => as === "memberships" && person !== undefined).length;
        expect(sites.reduce((sum, [, count]) => sum + count, 0)).toBe(people);
        nested += previous.length > 0 ? lost - refs.length : 0;
      }),
      sized({ numRuns: 300, seed: 20_261_130 }, { numRuns: 2000 }),
    );
    expect(nested).toBeGreaterThan(50);
  });

  test("security-5: a group of 200 in a privileged one is 200 privileged rights, said in the plan", () => {
    const ids = Array.from({ length: 200 }, (_, index) => ({ guid: `u${index}`, dn: "" }));
    const crew: Live = { id: "crew", values: { name: "Crew", distinguishedName: dnOf("Crew"), members: ids } };
    const outer = (members: string[]): Values => ({ ...group("Admins", members), privileged: true });
    const dn = `dn:${dnOf("Crew")}`;
    const thing = { type: "ad:Group", name: "Admins", is: outer([]), wish: outer([dn]) };
    const plan = planned([thing], [], { live: { "ad:Group": [crew] } });
    expect(plan.summary.gains).toEqual({ privileged: 200 });
    expect(plan.shared[0]?.fields.find(({ path }) => path.startsWith("members."))?.names).toEqual({
      [dn]: `${dnOf("Crew")}, with 200 in it`,
    });
    const gone = planned([{ ...thing, is: outer([dn]), wish: outer([]) }], [], { live: { "ad:Group": [crew] } });
    expect(gone.summary.losses.memberships).toBe(200);
  });
});

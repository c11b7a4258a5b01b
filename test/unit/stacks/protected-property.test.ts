/**
 * Issue's property: for any mapping, any live directories and any nesting, no write touches a protected id nor changes who is
 * transitively in a protected group. What is protected the oracle works out by itself, from what was generated.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../base/json.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../stacks/match/anchors.ts";
import { holderType } from "../../../stacks/model/kinds.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { protectAll } from "../../../stacks/read/inside.ts";
import { type Wish, type World, wish } from "../../../stacks/wish/wish.ts";
import { sized } from "../../sizes.ts";
import { account, agent, base, entraUser, group, guid, mappings, memberOf, record, world } from "./world.ts";

const people = [1, 2, 3, 4];
/** The last two are called so by nobody at first. */
const names = ["GG-A", "GG-B", "GG-C", "GG-D", "Server Admins", "Tier Zero", "GG-New", "GG-Later"];
const some = <T>(all: readonly T[], most: number) => fc.uniqueArray(fc.constantFrom(...all), { maxLength: most });
const often = (weight: number) => fc.nat(weight).map((n) => n > 0);

const line = fc.record({
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("GG-A", "GG-B", "GG-C", "GG-New", "GG-Later") },
    { weight: 2, arbitrary: fc.constant("Tier Zero") },
    { weight: 1, arbitrary: fc.constantFrom(...names) },
  ),
  formerly: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...names) }),
  mode: fc.constantFrom("exact" as const, "additive" as const),
  for: some(people, 3),
  contains: fc.oneof(fc.constant<string[]>([]), some(["GG-A", "GG-B", "GG-C"], 1), some(names, 1)),
  /** Which live group the state knows it as, if any: mostly the one of its name. */
  known: fc.oneof({ weight: 3, arbitrary: fc.constant("own" as const) }, { weight: 1, arbitrary: fc.nat(5) }, fc.constant(undefined)),
  /** Whom haloform put into it, and who are in it still. */
  given: some(people, 3),
  still: fc.boolean(),
});
/** The index of the live group that a line's state knows. */
const indexOf = ({ known, name }: { known: number | "own" | undefined; name: string }): number | undefined => {
  const index = known === "own" ? names.indexOf(name) : known;
  return index !== undefined && index < 6 ? index : undefined;
};
const nesting = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 5 });
const inGroups = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 7 });
const estate = fc.record({
  lines: fc.record({
    ad: fc.uniqueArray(line, { maxLength: 3, selector: (one) => one.name }),
    entra: fc.uniqueArray(line, { maxLength: 3, selector: (one) => one.name }),
  }),
  nested: fc.record({ ad: nesting, entra: nesting }),
  members: fc.record({ ad: inGroups, entra: inGroups }),
  /** Which group of AD Entra Connect brings as which one of the cloud. */
  synced: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 3 }),
  listed: fc.record({
    groups: fc.constantFrom([], [], ["Server Admins"]),
    allow: fc.subarray(["GG-A", "GG-B", "Tier Zero", "Server Admins"]),
    accounts: fc.constantFrom([], [], ["user3*"]),
    people: fc.constantFrom([], [], ["2"]),
  }),
  tierZero: often(2),
  roleAssignable: often(2),
  holder: fc.option(fc.nat(5), { nil: undefined }),
  /** Who may take up a place in the group of the cloud that can hold roles: an account, or everybody in a group. */
  place: fc.option(fc.nat(11), { nil: undefined }),
  inactive: some(people, 3),
  title: some(people, 2),
  site: some(people, 2),
  primary: fc.option(fc.nat(5), { nil: undefined }),
  everything: fc.boolean(),
  deletes: fc.boolean(),
  known: some(people, 4),
  drifted: some(people, 2),
});
type Estate = typeof estate extends fc.Arbitrary<infer T> ? T : never;

/** Each group of either directory in one pair at most: index in AD → index in the cloud. */
function twinsOf({ synced }: Estate): Map<number, number> {
  const twins = new Map<number, number>();
  for (const [here, there] of synced) if (!twins.has(here) && ![...twins.values()].includes(there)) twins.set(here, there);
  return twins;
}

const sidOf = (index: number): string => `S-1-5-21-1-2-3-${1000 + index}`;
const agentNames = ["Administrator", "Field Engineer"];

/** Numbers of the accounts that are in a group by chance, and because haloform put them there. */
const insideOf = ({ members, lines }: Estate, system: "ad" | "entra", index: number): number[] => [
  ...new Set([
    ...members[system].flatMap(([outer, user]) => (outer === index ? [user] : [])),
    ...lines[system].flatMap((one) => (one.still && indexOf(one) === index ? one.given.map((n) => n - 1) : [])),
  ]),
];

/** Six accounts in each directory (two of the people's are no one's), and six groups of the names above. */
function liveOf(given: Estate): { [type: string]: Live[] } {
  const users = [1, 2, 3, 4, 5, 6].map((n, index) =>
    account(
      n,
      {},
      { primaryGroupID: String(given.primary === index ? 1000 + 5 : 513), ...(given.drifted.includes(n) ? { department: "by hand" } : {}) },
    ),
  );
  const groups = names.slice(0, 6).map((name, index) => {
    const inner = given.nested.ad.flatMap(([outer, other]) => (outer === index && other !== index ? [`group-${names[other]}`] : []));
    const inside = insideOf(given, "ad", index).map((user) => users[user]);
    const listed: Json[] = [...new Set(inner)].map((id) => ({ dn: `CN=${id.slice(6)},OU=Groups,${base}`, guid: id }));
    const zero = name === "Tier Zero" && given.tierZero ? { tierZero: true } : {};
    const primary = index === 5 && given.primary !== undefined ? users[given.primary] : undefined;
    if (primary) listed.push({ ...(memberOf(primary) as Values), primary: true });
    return group(name, [...listed, ...[...new Set(inside)].flatMap((one) => (one && one !== primary ? [memberOf(one)] : []))], {
      sid: sidOf(index),
      ...zero,
    });
  });
  const cloud = users.map((user, index) =>
    entraUser(`cloud-${index}`, {
      ...(index % 2 === 0 ? { immutableId: immutableIdOf(user.id) ?? "", synced: true } : { employeeId: String(index + 1) }),
      userPrincipalName: `user${index + 1}@corp.example.com`,
      direct: [{ sku: "SPE_E5", without: [] }],
    }),
  );
  const cloudGroups = names.slice(0, 6).map((name, index): Live => {
    const inner = given.nested.entra.flatMap(([outer, other]) => (outer === index && other !== index ? [`cg-${names[other]}`] : []));
    const inside = insideOf(given, "entra", index).map((user) => `cloud-${user}`);
    const twin = [...twinsOf(given)].find(([, there]) => there === index)?.[0];
    return {
      id: `cg-${name}`,
      values: {
        name,
        description: "",
        synced: twin !== undefined,
        ...(twin === undefined ? {} : { onPremisesSecurityIdentifier: sidOf(twin) }),
        dynamic: false,
        roleAssignable: name === "Tier Zero" && given.roleAssignable,
        exchange: false,
        members: [...new Set([...inner, ...inside])],
      },
    };
  });
  const agents = people.map((n) => agent(n, n, { roles: [agentNames[n % 2] ?? ""] }));
  return { "ad:User": users, "ad:Group": groups, "entra:Licence": cloud, "entra:Group": cloudGroups, "halo:Agent": agents };
}

function mappingsOf({ lines, listed, everything, deletes }: Estate) {
  const conditionOf = (ids: readonly number[]) => ({ person: ids.length > 0 ? ids : [99] });
  const ad = lines.ad.map(({ name, formerly, mode, for: ids, contains }) => ({
    ...{ name, ou: `OU=Groups,${base}`, mode, for: conditionOf(ids) },
    ...(formerly === undefined || formerly === name ? {} : { formerly }),
    ...(contains.some((one) => one !== name) ? { contains: { groups: contains.filter((one) => one !== name) } } : {}),
  }));
  const entra = lines.entra.map(({ name, mode, for: ids, contains }) => ({
    ...{ name, mode, for: conditionOf(ids) },
    ...(contains.some((one) => one !== name) ? { contains: { groups: contains.filter((one) => one !== name) } } : {}),
  }));
  return mappings({
    ad: {
      accounts: { first: [{ for: {}, ou: `OU={{ site_name }},OU=Staff,${base}`, attributes: "all" }] },
      attributes: {
        all: {
          displayName: "{{ firstname }} {{ surname }}",
          title: "{{ title }}",
          mail: "{{ emailaddress }}",
          employeeNumber: "{{ id }}",
          userPrincipalName: "{{ login }}@corp.example.com",
        },
      },
      groups: ad,
    },
    entra: {
      usageLocation: "GB",
      licences: {
        every: [
          { sku: "SPE_E3", for: { title: "Analyst" } },
          { sku: "SPE_E5", for: { title: "Lead" } },
        ],
      },
      groups: entra,
    },
    halo: { agents: { every: [{ for: { title: "Lead" }, roles: ["Field Engineer"] }] } },
    safety: {
      leaver: {
        ...(everything ? { groups: "all" as const, licences: "all" as const, roles: "all" as const } : {}),
        ...(deletes ? { delete: "1 day" } : {}),
      },
      protected: { groups: [...listed.groups], allow: listed.allow, accounts: [...listed.accounts], people: [...listed.people] },
    },
  });
}

/** What an earlier run left: people's accounts, agents and licences as they are known, and groups under whatever name. */
function previousOf({ lines, known, deletes }: Estate, live: { [type: string]: Live[] }): PreviousResource[] {
  const left = (type: string, name: string, id: string, inputs: Values): PreviousResource => ({ type, name, id, inputs, outputs: {} });
  const ofPeople = known.flatMap((n) => {
    const user = account(n);
    const { name, path, sAMAccountName } = user.values as { [field: string]: string };
    const person = String(n);
    return [
      left("ad:User", `person-${n}`, user.id, {
        person,
        name: name ?? "",
        path: path ?? "",
        enabled: !deletes,
        sAMAccountName: sAMAccountName ?? "",
        attributes: { title: "Analyst" },
      }),
      left("entra:Licence", `person-${n}`, `cloud-${n - 1}`, {
        person,
        usageLocation: "GB",
        skus: [{ sku: "SPE_E5", without: [] }],
        of: ["SPE_E3", "SPE_E5"],
      }),
      left("halo:Agent", `person-${n}`, String(n), {
        ...((live["halo:Agent"]?.[n - 1]?.values ?? {}) as Values),
        person,
        of: { roles: [], teams: [] },
      }),
    ];
  });
  const ofGroups = (["ad", "entra"] as const).flatMap((system) =>
    lines[system].flatMap(({ given, ...one }) => {
      const { name, mode } = one;
      const index = indexOf(one);
      const target = index === undefined ? undefined : live[`${system}:Group`]?.[index];
      return target ? [left(`${system}:Group`, name, target.id, { name, mode, members: given.map((n) => `person:${n}`) })] : [];
    }),
  );
  return [...ofPeople, ...ofGroups];
}

/** The account or the group that may take up a place; nobody where no group can hold roles. */
const placeOf = ({ place, roleAssignable }: Estate): string | undefined =>
  place === undefined || !roleAssignable ? undefined : place < 6 ? `cloud-${place}` : `cg-${names[place - 6]}`;

/** Ids of everything in these groups, through others. */
function inside(start: readonly string[], members: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...start];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const id of members.get(at) ?? []) if (!found.has(id)) [found.add(id), open.push(id)];
  return found;
}

/** The same with each group of AD and its copy in one another: whoever is in one is in both. */
function linked(given: Estate, members: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const all = new Map(members);
  for (const [here, there] of twinsOf(given)) {
    const [source, copy] = [`group-${names[here]}`, `cg-${names[there]}`];
    all.set(source, [...(all.get(source) ?? []), copy]);
    all.set(copy, [...(all.get(copy) ?? []), source]);
  }
  return all;
}

/** The oracle: groups that everything follows from, what is protected, and what safety.yaml itself names. */
function truth(given: Estate, live: { [type: string]: Live[] }, members: ReadonlyMap<string, readonly string[]>) {
  const { listed } = given;
  const named = new Set(listed.groups.flatMap((name) => [`group-${name}`, `cg-${name}`]));
  const sacred = [...named, ...(given.tierZero ? ["group-Tier Zero"] : []), ...(given.roleAssignable ? ["cg-Tier Zero"] : [])];
  const ids = inside(sacred, members);
  for (const id of sacred) ids.add(id);
  const byName = new Set<string>(named);
  for (const [here, there] of twinsOf(given)) {
    const pair = [`group-${names[here]}`, `cg-${names[there]}`];
    if (pair.some((id) => named.has(id))) for (const id of pair) byName.add(id);
  }
  if (listed.accounts.length > 0) for (const id of [guid(3), "cloud-2", "3"]) byName.add(id);
  for (const key of listed.people) for (const id of [guid(Number(key)), `cloud-${Number(key) - 1}`, key]) byName.add(id);
  for (const id of byName) ids.add(id);
  if (given.holder !== undefined) ids.add(`cloud-${given.holder}`);
  const place = placeOf(given);
  if (place !== undefined) for (const id of [place, ...inside([place], members)]) ids.add(id);
  if (listed.accounts.length > 0) byName.add("cloud-2");
  // An account and its copy are one.
  (live["ad:User"] ?? []).forEach((user, index) => {
    if (index % 2 !== 0) return;
    const pair = [user.id, `cloud-${index}`];
    if (pair.some((id) => ids.has(id))) for (const id of pair) ids.add(id);
  });
  for (const n of people) if (agentNames[n % 2] === "Administrator") ids.add(String(n));
  return { sacred, ids, byName };
}

/** Group id → ids of who is in it. */
function membersIn(live: { [type: string]: Live[] }): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const one of live["ad:Group"] ?? [])
    found.set(
      one.id,
      (one.values["members"] as Values[]).map((each) => String(each["guid"])),
    );
  for (const one of live["entra:Group"] ?? []) found.set(one.id, [...(one.values["members"] as string[])]);
  return found;
}

/** Who is in which group once the wish is done. */
function afterwards(wished: Wish, before: World, members: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const after = new Map([...members].map(([id, all]) => [id, [...all]]));
  const states = new Map(before.previous.map((one) => [`${one.type} ${one.name}`, one]));
  const groups = wished.resources.filter(({ type, untouched }) => /:Group$/u.test(type) && !untouched);
  const idOf = (one: { type: string; name: string; adopt?: string }): string => {
    const state = states.get(`${one.type} ${one.name}`);
    return one.adopt ?? (state && after.has(state.id) ? state.id : `new ${one.type} ${one.name}`);
  };
  for (const one of groups) {
    const system = one.type.startsWith("ad:") ? "ad" : "entra";
    const resolve = (ref: string): string => {
      if (ref.startsWith("id:")) return ref.slice(3);
      if (ref.startsWith("person:")) return wished.people.find(({ key }) => key === ref.slice(7))?.accounts[system] ?? `new ${ref}`;
      if (ref.startsWith("group:")) {
        const meant = groups.find(
          (other) => other.type === one.type && (other.inputs["name"] === ref.slice(6) || other.name === ref.slice(6)),
        );
        return meant ? idOf(meant) : ref;
      }
      const dn = ref.slice(3).toLowerCase();
      const all = [...(before.live["ad:User"] ?? []), ...(before.live["ad:Group"] ?? [])];
      return all.find(({ values }) => String(values["distinguishedName"]).toLowerCase() === dn)?.id ?? ref;
    };
    const wish = ((one.inputs["members"] ?? []) as string[]).map(resolve);
    const had = ((states.get(`${one.type} ${one.name}`)?.inputs["members"] ?? []) as string[]).map(resolve);
    const go = new Set([...had.filter((id) => !wish.includes(id)), ...((one.inputs["leave"] ?? []) as string[]).map(resolve)]);
    const now = members.get(idOf(one)) ?? [];
    after.set(idOf(one), one.inputs["mode"] === "additive" ? [...new Set([...now.filter((id) => !go.has(id)), ...wish])] : wish);
  }
  return after;
}

/** Whether a resource of a person differs from what is there. */
function writes(inputs: Values, { values }: Live, type: string): boolean {
  const text = (value: Json | undefined): string => JSON.stringify(value ?? "");
  if (type === "ad:User") {
    if (inputs["deleted"] === true) return true;
    const attributes = Object.entries((inputs["attributes"] ?? {}) as Values).some(
      ([name, value]) => text((values["attributes"] as Values)[name]) !== text(value),
    );
    return (
      attributes ||
      ["name", "path", "enabled", "sAMAccountName", "userPrincipalName"].some(
        (name) => name in inputs && text(inputs[name]) !== text(values[name]),
      )
    );
  }
  if (type === "entra:Licence")
    return text(inputs["skus"]) !== text(values["direct"]) || (inputs["usageLocation"] ?? "") !== values["usageLocation"];
  return (
    ["enabled", "name", "email"].some((name) => name in inputs && text(inputs[name]) !== text(values[name])) ||
    ((inputs["of"] as Values)["roles"] as string[]).some(
      (role) => ((inputs["roles"] ?? []) as string[]).includes(role) !== (values["roles"] as string[]).includes(role),
    )
  );
}

let quiet = 0;
let done = 0;
let allowed = 0;

/** What the wish would do that it must not, in sentences; empty where it is right. */
function wrongs(given: Estate): string[] {
  const raw = liveOf(given);
  const members = membersIn(raw);
  const { sacred, ids, byName } = truth(given, raw, linked(given, members));
  const holders: Live[] =
    given.holder === undefined ? [] : [{ id: `cloud-${given.holder}`, values: { roles: ["Global Administrator"], eligible: [] } }];
  const place = placeOf(given);
  if (place !== undefined) holders.push({ id: place, values: { places: ["Tier Zero"] } });
  const live = { ...raw };
  const mapped = mappingsOf(given);
  protectAll(live, mapped.safety.protected, undefined, holders);
  const records = people.map((n) =>
    record(n, {
      inactive: given.inactive.includes(n),
      title: given.title.includes(n) ? "Lead" : "Analyst",
      site_name: given.site.includes(n) ? "Lab" : "Main",
    }),
  );
  const leavers = Object.fromEntries(
    given.known.map((n) => [String(n), { name: `Ada${n}`, ...(given.deletes ? { leaverSince: "2026-01-01T00:00:00.000Z" } : {}) }]),
  );
  const memory: World["memory"] = { format: "haloform.memory/1", source: { count: 4, filled: {} }, people: leavers };
  const first = world({ records, mappings: mapped, live: { ...live, [holderType]: holders }, previous: previousOf(given, raw), memory });
  const wished = wish(first);
  if (wished.refused.length > 0) {
    quiet += 1;
    return [];
  }
  const wrong: string[] = [];
  const found = new Map(Object.values(raw).flatMap((all) => all.map((one) => [one.id, one] as const)));
  const states = new Map(first.previous.map((one) => [`${one.type} ${one.name}`, one]));
  for (const one of wished.resources) {
    if (one.person === undefined || one.untouched || !["ad:User", "entra:Licence", "halo:Agent"].includes(one.type)) continue;
    const id = one.adopt ?? states.get(`${one.type} ${one.name}`)?.id;
    const target = id === undefined ? undefined : found.get(id);
    if (target && writes(one.inputs, target, one.type)) {
      done += 1;
      if (ids.has(target.id)) wrong.push(`${one.type} ${one.name} writes the protected ${target.id}: ${JSON.stringify(one.inputs)}`);
    }
  }
  const after = afterwards(wished, first, members);
  const [insideBefore, insideAfter] = [inside(sacred, linked(given, members)), inside(sacred, linked(given, after))];
  for (const [id, now] of after) {
    const was = members.get(id) ?? [];
    const gone = was.filter((one) => !now.includes(one));
    const come = now.filter((one) => !was.includes(one));
    if (gone.length + come.length === 0) continue;
    done += 1;
    const name = id.replace(/^(?:group-|cg-|new \w+:\w+ )/u, "");
    const isAllowed = given.listed.allow.includes(name) && !byName.has(id);
    if (isAllowed && (sacred.includes(id) || insideBefore.has(id))) allowed += 1;
    if ((sacred.includes(id) || insideBefore.has(id) || insideAfter.has(id)) && !isAllowed)
      wrong.push(`${name} (${id}) is in a protected group and changes: +${come} -${gone}`);
    const kept = gone.filter((one) => ids.has(one) && !(isAllowed && ids.has(id) && !byName.has(one)));
    if (kept.length > 0) wrong.push(`${name} (${id}) loses the protected ${kept}`);
  }
  return wrong;
}

describe("security-4, O9: for any mapping, directories and nesting", () => {
  test(
    "no write touches a protected id, nor changes who is transitively in a protected group",
    () => {
      fc.assert(
        fc.property(estate, (given) => {
          expect(wrongs(given)).toEqual([]);
        }),
        sized({ numRuns: 250, seed: 20_261_130 }, { numRuns: 2000 }),
      );
      // It would say nothing of wishes that are all refused, or that change nothing.
      expect({ quiet, done, allowed }).toSatisfy(
        (one: { quiet: number; done: number; allowed: number }) => one.quiet < sized(250, 2000) * 0.8 && one.done > 200 && one.allowed > 0,
      );
    },
    sized(60_000, 600_000),
  );
});

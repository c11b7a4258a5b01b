/**
 * What is protected, by id, and why: what mappings/safety.yaml names, what the systems themselves hold sacred (providers/ad/values/
 * tier-zero.ts, groups that can hold Entra roles, who holds one, administrators of Halo), and whatever lies inside, through however
 * many groups. One mechanism for the middle and the provider: the live objects bear the mark (docs/decisions/0105). Pure.
 */
import { same } from "../../base/text.ts";
import { PRIMARY_GROUPS } from "../../mappings/language/names.ts";
import { ridOf } from "../../providers/ad/values/guid.ts";
import type { Live } from "../../providers/core/definition.ts";
import { administratorRole } from "../../providers/halo/agent/administrator.ts";
import { copiesOf, groupCopiesOf } from "../match/anchors.ts";
import type { System } from "../model/types.ts";
import { flag, part, parts, textOf, textsOf } from "../model/values.ts";
import { accountTypes, isAccount, meansGroup, type Named, testOf } from "./protected.ts";
import { markUnits, unitType } from "./protected-units.ts";

/** Type → everything there is of it. */
type Lists = { [type: string]: Live[] };

/**
 * Why an object is protected. `name`: safety.yaml names it, or haloform itself uses it; `system`: its system holds it sacred;
 * `membership`: it lies inside a group that is one of these.
 */
interface Mark {
  because: string;
  by: "name" | "system" | "membership";
}

/** Everything that may be in a group, by system. */
const insideTypes: { readonly [system in System]: readonly string[] } = {
  ad: [...accountTypes.ad, "ad:Group", "ad:Computer", "ad:Contact"],
  entra: [...accountTypes.entra, "entra:Group"],
  halo: accountTypes.halo,
};

/**
 * Marks what is protected in every directory that is read (`protected`, `protectedBecause`, `protectedBy` of the values). An account of
 * AD and its copy that Entra Connect keeps are one. `bind`: as in the ad settings; `holders`: who holds which Entra roles.
 */
export function protectAll(all: Lists, named: Named, bind: string | undefined, holders: readonly Live[] = []): void {
  const marks = new Map<string, Mark>();
  const put = (key: string, mark: Mark): void => {
    const known = marks.get(key);
    if (!known || (mark.by === "name" && known.by !== "name")) marks.set(key, mark);
  };
  markAccounts(all, named, bind, put);
  markHolders(all, named, holders, put);
  const sacred = [
    ...directories.flatMap((system) => sacredGroups(system, all[`${system}:Group`] ?? [], named)),
    ...groupsWithPlaces(all["entra:Group"] ?? [], holders),
  ];
  for (const { system, live, mark } of sacred) put(keyOf(system, live), mark);
  markInside(all, sacred, put);
  markCopies(all, marks, put);
  for (const [system, types] of marks.size === 0 ? [] : Object.entries(insideTypes))
    for (const type of types) {
      const list = all[type];
      if (list?.some((live) => marks.has(keyOf(system, live))))
        all[type] = list.map((live) => marked(live, marks.get(keyOf(system, live))));
    }
  const units = markUnits(all, named);
  if (units) all[unitType] = units;
}

type Put = (key: string, mark: Mark) => void;

const keyOf = (system: string, { id }: Pick<Live, "id">): string => `${system} ${id}`;

function marked(live: Live, mark: Mark | undefined): Live {
  if (!mark) return live;
  return { id: live.id, values: { ...live.values, protected: true, protectedBecause: mark.because, protectedBy: mark.by } };
}

/** What safety.yaml names, and haloform's own account of AD. */
function markAccounts(all: Lists, { accounts = [] }: Named, bind: string | undefined, put: Put): void {
  for (const [system, types] of Object.entries(accountTypes))
    for (const live of types.flatMap((type) => all[type] ?? [])) {
      const own = system === "ad" && bind !== undefined && isAccount(live, bind);
      if (own) put(keyOf(system, live), { because: "it is the account haloform itself uses", by: "name" });
      const hit = accounts.find((pattern) => testOf(system as System, pattern)(live));
      if (hit !== undefined)
        put(keyOf(system, live), { because: `mappings/safety.yaml protects it (protected.accounts: ${hit})`, by: "name" });
    }
}

/** Who holds a role of Entra ID, or may take one up, or a place in a protected group, or owns one, and who is an administrator of Halo, where no mapping is allowed to make them one. */
function markHolders(all: Lists, { allow = [] }: Named, holders: readonly Live[], put: Put): void {
  for (const { id, values } of holders) {
    const [held, eligible, places, owned] = ["roles", "eligible", "places", "owns"].map((one) => textsOf(values[one]).join(", "));
    if (held) put(`entra ${id}`, { because: `it holds the Entra role ${held}`, by: "system" });
    else if (eligible) put(`entra ${id}`, { because: `it may take up the Entra role ${eligible}`, by: "system" });
    // What holds for who is in such a group holds for who may come into it by their own word.
    else if (places) put(`entra ${id}`, { because: `it may take up a place in ${places}, a protected group`, by: "membership" });
    else if (owned) put(`entra ${id}`, { because: `it owns ${owned}, a protected group, and may make itself a member`, by: "membership" });
  }
  if (allow.some((one) => same(one, administratorRole))) return;
  for (const live of all["halo:Agent"] ?? [])
    if (textsOf(live.values["roles"]).some((role) => same(role, administratorRole)))
      put(keyOf("halo", live), { because: `it is an administrator of Halo (role ${administratorRole})`, by: "system" });
}

const directories = ["ad", "entra"] as const;
type Directory = (typeof directories)[number];

/** A group that everything inside follows from: its mark, and how the sentence about somebody inside ends. */
interface Sacred {
  system: Directory;
  live: Live;
  mark: Mark;
  end: string;
}

function sacredGroups(system: Directory, all: readonly Live[], { groups = [] }: Named): Sacred[] {
  return all.flatMap((live) => {
    const name = textOf(live.values["name"]);
    const of = (by: Mark["by"], because: string, end: string): Sacred[] => [{ system, live, mark: { because, by }, end }];
    const hit = groups.find((one) => meansGroup(one, name, textOf(live.values["distinguishedName"])));
    if (hit !== undefined)
      return of(
        "name",
        `mappings/safety.yaml protects it (protected.groups: ${/[*=]/u.test(hit) ? hit : name})`,
        ", which mappings/safety.yaml protects",
      );
    if (flag(live.values["tierZero"]))
      return of("system", "it is a group of the domain's administrators", ", whose members are the domain's administrators");
    if (flag(live.values["roleAssignable"]))
      return of("system", "it can hold Entra roles (isAssignableToRole)", ", which can hold Entra roles");
    return [];
  });
}

/** Whether everything inside a group is protected, whatever it lies in itself. */
export const isSacred = (system: Directory, live: Live, named: Named): boolean => sacredGroups(system, [live], named).length > 0;

/** Groups of which everybody inside may take up a place in a protected one. */
function groupsWithPlaces(groups: readonly Live[], holders: readonly Live[]): Sacred[] {
  const byId = new Map(groups.map((live) => [live.id, live]));
  return holders.flatMap(({ id, values }): Sacred[] => {
    const live = byId.get(id);
    const places = textsOf(values["places"]).join(", ");
    if (!live || places === "") return [];
    const mark: Mark = { because: `it may take up a place in ${places}, a protected group`, by: "membership" };
    return [{ system: "entra", live, mark, end: `, which may take up a place in ${places}, a protected group` }];
  });
}

/**
 * Marks whatever is in one of the groups, in groups in it, and so on; each by the shortest way. A group of AD and its copy in Entra ID
 * are one: who comes into the one is in the other half an hour later.
 */
function markInside(all: Lists, sacred: readonly Sacred[], put: Put): void {
  const groups = new Map(
    directories.flatMap((system) => (all[`${system}:Group`] ?? []).map((live) => [keyOf(system, live), { system, live }] as const)),
  );
  const primary = Map.groupBy(all["ad:User"] ?? [], ({ values }) => textOf(part(values["attributes"])["primaryGroupID"]));
  const { copyOf, sourceOf } = groupCopiesOf(all);
  const twinOf = ({ system, live }: Pick<Sacred, "system" | "live">) => {
    const id = system === "ad" ? copyOf.get(live.id) : sourceOf.get(live.id)?.id;
    return id === undefined ? undefined : groups.get(`${system === "ad" ? "entra" : "ad"} ${id}`);
  };
  const seen = new Set<string>();
  // A set grows while it is walked: breadth first.
  const open = new Set<Sacred>();
  const enter = (one: Sacred): void => {
    const key = keyOf(one.system, one.live);
    put(key, one.mark);
    if (seen.has(key)) return;
    seen.add(key);
    open.add(one);
    const twin = twinOf(one);
    if (twin) enter({ ...twin, mark: { ...one.mark, because: ofTwin(one) }, end: endOfTwin(one) });
  };
  // Everybody is in a primary group: of whom is in one of those nothing follows.
  const from = sacred.filter(({ live }) => !PRIMARY_GROUPS.some((one) => same(one, textOf(live.values["name"]))));
  // What safety.yaml names is lifted by nothing, so it goes before what is said of its copy.
  for (const isNamed of [true, false]) for (const one of from) if ((one.mark.by === "name") === isNamed) enter(one);
  for (const { system, live, end } of open)
    for (const id of idsIn(system, live, primary)) {
      const key = `${system} ${id}`;
      if (seen.has(key)) continue;
      const said = `${textOf(live.values["name"])}${end}`;
      const mark: Mark = { because: `it is in ${said}`, by: "membership" };
      const inner = groups.get(key);
      if (inner) enter({ ...inner, mark, end: `, which is in ${said}` });
      else {
        seen.add(key);
        put(key, mark);
      }
    }
}

const twinCalled = { ad: "its group in Active Directory", entra: "its copy in Entra ID" } as const;

/** Why the copy of a group is protected; `one`: the group itself. */
function ofTwin({ system, live, mark: { because, by } }: Sacred): string {
  const twin = twinCalled[system];
  return by === "name" ? `${twin} is ${textOf(live.values["name"])}: ${because}` : because.replace(/^it /u, `${twin} `);
}

/** The same, as what is said of who is in the copy ends. */
const endOfTwin = ({ system, end }: Sacred): string =>
  end.replace(/^, which /u, `, whose ${system === "ad" ? "group in Active Directory" : "copy in Entra ID"} `);

/** Ids of the direct members of a group. Who has it as the primary group is in it too, which lists leave out of the domain's own groups. */
function idsIn(system: Directory, { values }: Live, primary: ReadonlyMap<string, readonly Live[]>): string[] {
  if (system === "entra") return textsOf(values["members"]);
  const sid = textOf(values["sid"]);
  const others = sid.startsWith("S-1-5-21-") ? (primary.get(String(ridOf(sid))) ?? []) : [];
  return [...parts(values["members"]).flatMap((one) => textOf(one["guid"]) || []), ...others.map(({ id }) => id)];
}

/** An account and its copy share a mark. */
function markCopies(all: Lists, marks: ReadonlyMap<string, Mark>, put: Put): void {
  if (marks.size === 0) return;
  for (const [account, copy] of copiesOf({ all: (type) => all[type] ?? [] }).copyOf) {
    const [here, there] = [marks.get(`ad ${account}`), marks.get(`entra ${copy}`)];
    if (here) put(`entra ${copy}`, { ...here, because: ofCopy(here, "its account in Active Directory") });
    if (there) put(`ad ${account}`, { ...there, because: ofCopy(there, "its copy in Entra ID") });
  }
}

/** What a name means is said of both alike; what an account is in, of that account. */
const ofCopy = ({ because, by }: Mark, what: string): string => (by === "name" ? because : because.replace(/^it /u, `${what} `));

/** Who holds which role, licence, asset, and who is in which team or group, and which line of the mapping files asks for it. Pure. */
import { defined } from "../../base/defined.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Directory } from "../../providers/core/system.ts";
import { directories } from "../../providers/systems.ts";
import type { Subject } from "../model/types.ts";
import { flag, parts, textOf, textsOf } from "../model/values.ts";
import { nameOfAccount, nameOfUser } from "./accounts.ts";
import type { InventoryRow, Kind } from "./model.ts";
import { enabledOf, type Inventoried, type Owners, type Ownership, ruleOf, ruleOfEntry } from "./owners.ts";

/** A thing that is held. */
type Thing = Pick<InventoryRow, "kind" | "system" | "sort" | "id" | "name"> & { protected?: boolean };

/** Who holds it: the key of an account of the system (`id`) or somebody else, and the line that asks for it. */
interface Holding {
  id: string;
  name: string;
  owner: Subject | undefined;
  rule: string | undefined;
  enabled?: boolean | undefined;
  note?: string | undefined;
}

export interface Holders {
  /** An account that holds something, by its key; `rule`: the line that gives it to whose it is. */
  account(system: Directory, id: string, rule: (owner: Subject) => string | undefined): Holding;
  /** The same of a user of Halo. */
  user(id: string, name: string, rule: (owner: Subject) => string | undefined): Holding;
  rows(thing: Thing, holdings: readonly Holding[]): InventoryRow[];
}

export function holdersOf({ live, given }: Inventoried, owners: Owners): Holders {
  const byId = new Map(
    directories.flatMap(({ name, accounts }) => (live[accounts.type] ?? []).map((one): [string, Live] => [`${name} ${one.id}`, one])),
  );
  const users = new Map((live["halo:User"] ?? []).map((one) => [one.id, one]));
  const names = new Map(given.records.map(({ ref, fields }) => [ref, textOf(fields["name"])]));
  return {
    account(system, id, rule) {
      const one = byId.get(`${system} ${id}`);
      const owner = owners.of(system, id);
      return { id, name: one ? nameOfAccount(system, one) : id, owner, rule: owner && rule(owner), enabled: one && enabledOf(one) };
    },
    user(id, name, rule) {
      const one = users.get(id);
      const owner = owners.ofHaloUser(id);
      const called = (one && nameOfUser(one)) || name || names.get(`halo.users ${id}`) || id;
      return { id, name: called, owner, rule: owner && rule(owner), enabled: one && enabledOf(one) };
    },
    rows(thing, holdings) {
      if (holdings.length === 0) return [{ ...thing, state: "empty" }];
      return holdings.map(({ id, name, owner, rule, enabled, note }): InventoryRow => {
        const nobodys: Ownership =
          rule === undefined ? owners.ownership(thing.system, id, undefined, undefined) : { state: "mapped", rule };
        const said = owner ? owners.ownership(thing.system, id, owner, rule) : nobodys;
        return { ...thing, holder: { id, name }, ...said, ...defined({ enabled, note: note ?? said.note }) };
      });
    },
  };
}

const thing = (kind: Kind, system: Directory, sort: string, one: Live): Thing => ({
  ...{ kind, system, sort, id: one.id, name: textOf(one.values["name"]) || one.id },
  ...(flag(one.values["protected"]) || flag(one.values["roleAssignable"]) ? { protected: true } : {}),
});

/** Roles of Halo's agents. */
export function roleRows({ live }: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  const agents = live["halo:Agent"] ?? [];
  return (live["halo:Role"] ?? []).flatMap((role) => {
    const name = textOf(role.values["name"]);
    const holding = agents.filter(({ values }) => textsOf(values["roles"]).includes(name));
    return holders.rows(
      thing("roles", "halo", "role", role),
      holding.map(({ id }) => holders.account("halo", id, ({ key }) => ruleOfEntry(owners.wished("halo:Agent", key), "roles", name))),
    );
  });
}

/** Teams of Halo with their agents, and boards with agents and users. */
export function teamRows({ live }: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  // A team's own list has people alone; programs are told by the agents.
  const programs = (live["halo:Agent"] ?? []).filter(({ values }) => flag(values["isapiagent"]));
  const teams = (live["halo:Team"] ?? []).flatMap((team) => {
    const name = textOf(team.values["name"]);
    const wished = owners.wishedOf("halo:Team", team.id);
    const rule = ({ key }: Subject): string | undefined =>
      ruleOfEntry(owners.wished("halo:Agent", key), "teams", name) ?? ruleOfEntry(wished, "members", `person:${key}`);
    const bots = programs.filter(({ values }) => textsOf(values["teams"]).includes(name)).map(({ id }) => id);
    return holders.rows(
      thing("teams", "halo", "team", team),
      [...textsOf(team.values["members"]), ...bots].map((id) => holders.account("halo", id, rule)),
    );
  });
  const boards = (live["halo:ChangeAdvisoryBoard"] ?? []).flatMap((board) => {
    const wished = owners.wishedOf("halo:ChangeAdvisoryBoard", board.id);
    const rule = ({ key }: Subject): string | undefined => ruleOfEntry(wished, "members", `person:${key}`);
    return holders.rows(thing("teams", "halo", "board", board), [
      ...textsOf(board.values["agents"]).map((id) => holders.account("halo", id, rule)),
      ...textsOf(board.values["users"]).map((id) => holders.user(id, "", rule)),
    ]);
  });
  return [...teams, ...boards];
}

/** Groups of AD and Entra ID with their direct members: accounts, groups, and what else there is. */
export function groupRows({ live }: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  return (["ad", "entra"] as const).flatMap((system) => {
    const groups = live[`${system}:Group`] ?? [];
    const nameOf = new Map(groups.map((one) => [one.id, textOf(one.values["name"])]));
    const accounts = new Set((live[system === "ad" ? "ad:User" : "entra:Licence"] ?? []).map((one) => one.id));
    return groups.flatMap((group) => {
      const wished = owners.wishedOf(`${system}:Group`, group.id);
      const held = membersOf(group).map(({ id, dn, isPrimary }): Holding => {
        const note = isPrimary ? "as primary group" : undefined;
        if (accounts.has(id)) return { ...holders.account(system, id, ({ key }) => ruleOfEntry(wished, "members", `person:${key}`)), note };
        const name = nameOf.get(id);
        const refs = name === undefined ? [`dn:${dn}`, `id:${id}`] : [`group:${name}`];
        const rule = refs.map((ref) => ruleOfEntry(wished, "members", ref)).find((one) => one !== undefined);
        return { id, name: name ?? (dn || id), owner: undefined, rule, note: name === undefined ? note : "a group" };
      });
      return holders.rows(thing("groups", system, sortOfGroup(system, group), group), held);
    });
  });
}

function membersOf({ values }: Live): { id: string; dn: string; isPrimary: boolean }[] {
  const members = values["members"];
  if (!Array.isArray(members)) return [];
  if (members.every((one) => typeof one === "string")) return members.map((id) => ({ id, dn: "", isPrimary: false }));
  return parts(members).map((one) => ({ id: textOf(one["guid"]), dn: textOf(one["dn"]), isPrimary: flag(one["primary"]) }));
}

const sortOfGroup = (system: Directory, { values }: Live): string =>
  [
    ...(system === "entra" && flag(values["synced"]) ? ["synced"] : []),
    ...(flag(values["dynamic"]) ? ["dynamic"] : []),
    textOf(values["kind"]) || "security",
  ].join(" ");

/** Licences that Entra ID gives, by part number; and software licences of Halo with the users they are linked to. */
export function licenceRows(given: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  const { live } = given;
  const groups = new Map((live["entra:Group"] ?? []).map((one) => [one.id, textOf(one.values["name"])]));
  const bySku = new Map<string, Holding[]>();
  const own = (sku: string) => (owner: Subject) => ruleOfEntry(owners.wished("entra:Licence", owner.key), "skus", sku);
  for (const { id, values } of live["entra:Licence"] ?? []) {
    const hold = (sku: string, rule: (owner: Subject) => string | undefined, note?: string): void => {
      const all = bySku.get(sku) ?? [];
      bySku.set(sku, all);
      all.push({ ...holders.account("entra", id, rule), note });
    };
    for (const one of parts(values["direct"])) hold(textOf(one["sku"]), own(textOf(one["sku"])), failed(one));
    for (const one of parts(values["inherited"])) {
      const [sku, group] = [textOf(one["sku"]), textOf(one["group"])];
      const by = ruleOfEntry(owners.wishedOf("entra:Group", group), "licences", sku);
      const note = [`through ${groups.get(group) ?? group}`, failed(one)].filter((each) => each !== undefined).join(", ");
      // Whoever is to have it is content with a group that gives it.
      hold(sku, (owner) => by ?? own(sku)(owner), note);
    }
  }
  const skus = new Map((live["entra:Sku"] ?? []).map((one) => [textOf(one.values["name"]), one]));
  const names = [...new Set([...skus.keys(), ...bySku.keys()])].sort();
  const inEntra = names.flatMap((name) =>
    holders.rows({ kind: "licences", system: "entra", sort: "licence", id: skus.get(name)?.id ?? name, name }, bySku.get(name) ?? []),
  );
  return [...inEntra, ...softwareRows(given, owners, holders)];
}

const failed = (one: { [name: string]: unknown }): string | undefined =>
  one["error"] === undefined ? undefined : `not in effect: ${String(one["error"])}`;

function softwareRows({ live }: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  return (live["halo:Software"] ?? []).flatMap((one) => {
    const wished = owners.wishedOf("halo:Licence", one.id);
    const rule = ({ key }: Subject): string | undefined => ruleOfEntry(wished, "users", `person:${key}`);
    return holders.rows(
      thing("licences", "halo", "software", one),
      parts(one.values["users"]).map((user) => holders.user(textOf(user["id"]), textOf(user["name"]), rule)),
    );
  });
}

/** Assets of Halo with the users who have them. */
export function assetRows({ live }: Inventoried, owners: Owners, holders: Holders): InventoryRow[] {
  return (live["halo:DeviceAsset"] ?? []).flatMap((one) => {
    const wished = owners.wishedOf("halo:Asset", one.id);
    const enabled = enabledOf(one);
    const held = holders.rows(
      thing("assets", "halo", textOf(one.values["type"]) || "asset", one),
      parts(one.values["users"]).map((user) => holders.user(textOf(user["id"]), textOf(user["name"]), () => wished && ruleOf(wished))),
    );
    return held.map((row) => ({ ...row, ...defined({ enabled }) }));
  });
}

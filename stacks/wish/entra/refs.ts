/** What the cloud groups of a mapping are in Entra ID, how their members are called, and which licences they give. Pure. */
import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { uniqueNameOf } from "../../../providers/entra/group/inputs.ts";
import type { Verdict } from "../../model/decisions.ts";
import type { Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { flag, parts, textOf, textsOf } from "../../model/values.ts";
import { guardOf, type LiveMember } from "../members.ts";

export type CloudGroup = EntraFile["groups"][number];

/** A group of the mapping as its members' groups and applications call it. */
export const groupRef = (name: string): string => `group:${name}`;

interface Found {
  live?: Live;
  problem?: string;
}

export interface CloudGroups {
  /** The live object of a group of the mapping, or why it cannot be told. */
  find(group: CloudGroup): Found;
  /** The group of the mapping that a live one is, by its id. */
  of(id: string): CloudGroup | undefined;
  /** The ref of any group by its displayName: of the mapping, else of Entra ID. */
  refOf(name: string): string | undefined;
  /** Live ids as members: people by key, groups of the mapping by name, the rest by id. */
  membersOf(ids: readonly string[]): LiveMember[];
}

export function cloudGroupsOf(scene: Scene): CloudGroups {
  const byUnique = new Map(scene.all("entra:Group").map((live) => [textOf(live.values["uniqueName"]), live]));
  byUnique.delete("");
  const find = (name: string): Found => {
    const known = scene.previous("entra:Group", name);
    const byState = known && scene.byId("entra:Group").get(known.id);
    if (byState) return { live: byState };
    // Its own key first: it stays when somebody renames the group.
    const candidates = [...new Set([byUnique.get(uniqueNameOf(name)) ?? [], scene.named("entra:Group", name)].flat())];
    const [live] = candidates;
    if (candidates.length > 1) return { problem: `${candidates.length} Entra groups are called ${name}: rename all but one` };
    return live ? { live } : {};
  };
  const mapped = scene.mappings.entra?.groups ?? [];
  const found = new Map(mapped.map(({ name }) => [name, find(name)]));
  const named = new Map(mapped.map(({ name }) => [fold(name), name]));
  const refs = new Map<string, string>();
  const byLive = new Map<string, CloudGroup>();
  for (const group of mapped) {
    const id = found.get(group.name)?.live?.id;
    if (id === undefined) continue;
    refs.set(id, groupRef(group.name));
    if (!byLive.has(id)) byLive.set(id, group);
  }
  for (const { key, accounts } of scene.subjects) if (accounts.entra !== undefined) refs.set(accounts.entra, `person:${key}`);
  return {
    find: ({ name }) => found.get(name) ?? {},
    of: (id) => byLive.get(id),
    refOf(name) {
      const mine = named.get(fold(name));
      if (mine !== undefined) return groupRef(mine);
      const [live, another] = scene.named("entra:Group", name);
      return live && !another ? `id:${live.id}` : undefined;
    },
    membersOf: (ids) => ids.map((id) => ({ ref: refs.get(id) ?? `id:${id}`, account: id, ...guardOf(liveMember(scene, id)) })),
  };
}

/** The account or the group of an id, as far as it is read. */
const liveMember = (scene: Scene, id: string): Live | undefined =>
  scene.byId("entra:Licence").get(id) ?? scene.byId("entra:User").get(id) ?? scene.byId("entra:Group").get(id);

/** Licences of people that come through groups. */
export interface ThroughGroups {
  /**
   * SKU (folded) → the group of the mapping through which this person has it, or will have it once the run has put them in.
   * Whoever gets a licence so need not be given it directly.
   */
  given(subject: Subject): ReadonlyMap<string, string>;
  /**
   * SKUs (folded) that a person has only through groups of the mapping that this run takes them out of, or takes the SKU from.
   * Whoever is still to have one gets it directly before that, not in the run after it.
   */
  leaving(subject: Subject, live: Live | undefined): ReadonlySet<string>;
  /** SKU (folded) → the group through which a person has it and keeps it: one that no mapping manages, a rule of Entra ID, or a later stage. */
  staying(subject: Subject, live: Live | undefined): ReadonlyMap<string, string>;
}

const nothing: readonly Values[] = [];
const noSkus: ReadonlyMap<string, string> = new Map();
const noneLeft: ReadonlySet<string> = new Set();

export function throughGroups(scene: Scene, groups: CloudGroups): ThroughGroups {
  const giving = (scene.mappings.entra?.groups ?? []).flatMap((group) => {
    const { live, problem } = groups.find(group);
    if (!group.licences?.length || group.rule !== undefined || problem !== undefined) return [];
    const inside = new Set(textsOf(live?.values["members"]));
    return [{ group, inside, decide: scene.decisions.members(group, group.for), skus: group.licences.map(({ sku }) => fold(sku)) }];
  });
  const inheritedOf = (live: Live | undefined) =>
    live ? parts(live.values["inherited"]).filter((one) => one["error"] === undefined) : nothing;
  const leaves = (subject: Subject, group: string, sku: string): boolean =>
    subject.stage === "leaver" ? isStripped(scene, groups, subject, group) : isLeft(scene, groups, subject, group, sku);
  return {
    staying(subject, live) {
      // Thousands come through no group at all.
      if (inheritedOf(live).length === 0) return noSkus;
      const stays = inheritedOf(live).filter((one) => !leaves(subject, textOf(one["group"]), fold(textOf(one["sku"]))));
      const nameOf = (id: string): string => textOf(scene.byId("entra:Group").get(id)?.values["name"]) || id;
      return new Map(stays.map((one) => [fold(textOf(one["sku"])), nameOf(textOf(one["group"]))]));
    },
    given(subject) {
      if (giving.length === 0) return noSkus;
      const found = new Map<string, string>();
      for (const { group, inside, decide, skus } of giving) {
        const { holds, unsure } = decide(subject);
        // Where a doubted feed decides, who is in stays in.
        if (holds || (unsure && inside.has(subject.accounts.entra ?? "")))
          for (const sku of skus) if (!found.has(sku)) found.set(sku, group.name);
      }
      return found;
    },
    leaving(subject, live) {
      const inherited = inheritedOf(live);
      if (inherited.length === 0) return noneLeft;
      const bySku = Map.groupBy(inherited, (one) => fold(textOf(one["sku"])));
      const left = [...bySku].filter(([sku, sources]) => sources.every((one) => isLeft(scene, groups, subject, textOf(one["group"]), sku)));
      return new Set(left.map(([sku]) => sku));
    },
  };
}

/** Whether this run takes a SKU of a group, by its id, from a person. */
function isLeft(scene: Scene, groups: CloudGroups, subject: Subject, id: string, sku: string): boolean {
  const group = groups.of(id);
  // What an unmanaged group or a rule of Entra ID will give is not known here.
  if (!group || group.rule !== undefined) return false;
  if (group.licences && !group.licences.some((one) => fold(one.sku) === sku)) return true;
  const { for: condition, may } = group;
  // By a doubted feed nobody leaves.
  const stays = ({ holds, unsure }: Verdict): boolean => holds || unsure === true;
  if (!condition || stays(scene.decisions.members(group, condition)(subject)) || isKept(scene, subject)) return false;
  if (may && stays(scene.decisions.verdict(may, subject))) return false;
  const ours = textsOf(scene.previous("entra:Group", group.name)?.inputs["members"]).includes(`person:${subject.key}`);
  return group.mode === "exact" || ours;
}

/** Whether this run takes somebody who has left out of a group: as stacks/wish/members.ts and stacks/wish/groups.ts decide it. */
function isStripped(scene: Scene, groups: CloudGroups, subject: Subject, id: string): boolean {
  if (!subject.due.has("strip") || subject.parkedIn.has("entra") || isKept(scene, subject)) return false;
  const group = groups.of(id);
  const everything = scene.mappings.safety.leaver.groups === "all" && !scene.doubted;
  if (!group) {
    const values = scene.byId("entra:Group").get(id)?.values ?? {};
    return everything && !["dynamic", "synced", "roleAssignable", "exchange"].some((flag) => values[flag] === true);
  }
  if (group.for === undefined || group.rule !== undefined) return false;
  const ours = textsOf(scene.previous("entra:Group", group.name)?.inputs["members"]).includes(`person:${subject.key}`);
  return group.mode === "exact" || everything || ours;
}

/** A protected account is taken out of no group. */
const isKept = (scene: Scene, { accounts }: Subject): boolean => flag(liveMember(scene, accounts.entra ?? "")?.values["protected"]);

/** Who has a SKU through this group, and will have it neither directly nor through another: `person:<key>`, or `id:<Graph id>`. */
export function losersOf(scene: Scene, groups: CloudGroups, group: string, sku: string): string[] {
  const is = (one: Values): boolean => fold(textOf(one["sku"])) === fold(sku) && one["error"] === undefined;
  const wished = new Map(
    scene.resources
      .filter((one) => one.type === "entra:Licence" && one.inputs["leaving"] !== undefined)
      .map((one) => [one.adopt ?? scene.previous(one.type, one.name)?.id ?? "", parts(one.inputs["skus"])]),
  );
  return scene
    .all("entra:Licence")
    .filter(({ id, values }) => {
      const through = parts(values["inherited"]).filter(is);
      const own = parts(values["direct"]).some(is) || wished.get(id)?.some(is) === true;
      return !own && through.length > 0 && through.every((one) => textOf(one["group"]) === group);
    })
    .flatMap(({ id }) => groups.membersOf([id]).map((one) => one.ref));
}

/** Whom a group could not give its licences to: `Ada Lovelace (SPE_E3: CountViolation)`. */
export function failedIn(scene: Scene, live: Live): string[] {
  const people = new Map(scene.subjects.flatMap(({ accounts, name }) => (accounts.entra === undefined ? [] : [[accounts.entra, name]])));
  return scene.all("entra:Licence").flatMap((user) => {
    const failed = parts(user.values["inherited"]).filter((one) => textOf(one["group"]) === live.id && textOf(one["error"]) !== "");
    if (failed.length === 0) return [];
    const who = people.get(user.id) ?? (textOf(user.values["userPrincipalName"]) || user.id);
    return [`${who} (${failed.map((one) => `${textOf(one["sku"])}: ${textOf(one["error"])}`).join(", ")})`];
  });
}

/** The members of a live group as refs. */
export function liveRefs(groups: CloudGroups, live: Live | undefined, field: "members" | "owners"): LiveMember[] {
  return groups.membersOf(textsOf(live?.values[field]));
}

/** What the cloud groups of a mapping are in Entra ID, how their members are called, and which licences they give. Pure. */
import type { Json, Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { uniqueNameOf } from "../../../providers/entra/group/inputs.ts";
import { closedNow } from "../../decide/groups.ts";
import type { Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import { part, textOf, textsOf } from "../../model/values.ts";
import type { LiveMember } from "../members.ts";

export type CloudGroup = EntraFile["groups"][number];

/** A group of the mapping as its members' groups and applications call it. */
export const groupRef = (name: string): string => `group:${name}`;

export interface CloudGroups {
  /** The live object of a group of the mapping, or why it cannot be told. */
  find(group: Pick<CloudGroup, "name">): { live?: Live; problem?: string };
  /** The ref of any group by its displayName: of the mapping, else of Entra ID. */
  refOf(name: string): string | undefined;
  /** Live ids as members: people by key, groups of the mapping by name, the rest by id. */
  membersOf(ids: readonly string[]): LiveMember[];
}

const indexes = new WeakMap<Scene, CloudGroups>();

/** Made once a scene. */
export function cloudIndex(scene: Scene): CloudGroups {
  const known = indexes.get(scene);
  if (known) return known;
  const made = makeIndex(scene);
  indexes.set(scene, made);
  return made;
}

function makeIndex(scene: Scene): CloudGroups {
  const byName = new Map<string, Live[]>();
  const byUnique = new Map<string, Live>();
  for (const live of scene.all("entra:Group")) {
    const name = fold(textOf(live.values["name"]));
    byName.set(name, [...(byName.get(name) ?? []), live]);
    const unique = textOf(live.values["uniqueName"]);
    if (unique !== "") byUnique.set(unique, live);
  }
  const find = ({ name }: Pick<CloudGroup, "name">): { live?: Live; problem?: string } => {
    const known = scene.previous("entra:Group", name);
    const byState = known && scene.byId("entra:Group").get(known.id);
    if (byState) return { live: byState };
    // Its own key first: it stays when somebody renames the group.
    const made = byUnique.get(uniqueNameOf(name));
    const candidates = [...new Set([...(made ? [made] : []), ...(byName.get(fold(name)) ?? [])])];
    const [live] = candidates;
    if (candidates.length > 1) return { problem: `${candidates.length} Entra groups are called ${name}: rename all but one` };
    return live ? { live } : {};
  };
  const mapped = scene.mappings.entra?.groups ?? [];
  const named = new Map(mapped.map((group) => [fold(group.name), group.name]));
  const refs = new Map<string, string>();
  for (const group of mapped) {
    const { live } = find(group);
    if (live) refs.set(live.id, groupRef(group.name));
  }
  for (const { key, accounts } of scene.subjects) if (accounts.entra !== undefined) refs.set(accounts.entra, `person:${key}`);
  return {
    find,
    refOf(name) {
      const mine = named.get(fold(name));
      if (mine !== undefined) return groupRef(mine);
      const [live, another] = byName.get(fold(name)) ?? [];
      return live && !another ? `id:${live.id}` : undefined;
    },
    membersOf: (ids) => ids.map((id) => ({ ref: refs.get(id) ?? `id:${id}`, protected: false })),
  };
}

/**
 * SKU (folded) → the group of the mapping through which this person has it, or will have it once the run has put them in.
 * Whoever gets a licence so need not be given it directly.
 */
export function licencesThroughGroups(scene: Scene, subject: Subject): Map<string, string> {
  const found = new Map<string, string>();
  for (const group of scene.mappings.entra?.groups ?? []) {
    const { members, licences } = group;
    if (!licences?.length || group.rule !== undefined || !members || closedNow(group, scene.world.now)) continue;
    if (cloudIndex(scene).find(group).problem !== undefined || !scene.decisions.verdict(members, subject).holds) continue;
    for (const { sku } of licences) if (!found.has(fold(sku))) found.set(fold(sku), group.name);
  }
  return found;
}

/**
 * SKUs (folded) that a person has only through groups of the mapping that this run takes them out of, or takes the SKU from.
 * Whoever is still to have one gets it directly before that, not in the run after it.
 */
export function licencesLeaving(scene: Scene, subject: Subject, live: Live | undefined): Set<string> {
  const inherited = Array.isArray(live?.values["inherited"]) ? live.values["inherited"].map(part) : [];
  const bySku = Map.groupBy(
    inherited.filter((one) => one["error"] === undefined),
    (one) => fold(textOf(one["sku"])),
  );
  const found = new Set<string>();
  for (const [sku, sources] of bySku) if (sources.every((one) => leaves(scene, subject, textOf(one["group"]), sku))) found.add(sku);
  return found;
}

function leaves(scene: Scene, subject: Subject, id: string, sku: string): boolean {
  const group = scene.mappings.entra?.groups.find((one) => cloudIndex(scene).find(one).live?.id === id);
  // What an unmanaged group or a rule of Entra ID will give is not known here.
  if (!group || group.rule !== undefined) return false;
  if (group.licences && !group.licences.some((one) => fold(one.sku) === sku)) return true;
  const { members, may } = group;
  if (!members) return false;
  if (!closedNow(group, scene.world.now) && scene.decisions.verdict(members, subject).holds) return false;
  if (may && scene.decisions.verdict(may, subject).holds) return false;
  const ours = textsOf(scene.previous("entra:Group", group.name)?.inputs["members"]).includes(`person:${subject.key}`);
  return group.mode === "exact" || ours;
}

/** Who has a SKU through this group, and will have it neither directly nor through another: `person:<key>`, or `id:<Graph id>`. */
export function losersOf(scene: Scene, group: string, sku: string): string[] {
  const is = (one: Values): boolean => fold(textOf(one["sku"])) === fold(sku) && one["error"] === undefined;
  const parts = (value: Json | undefined): Values[] => (Array.isArray(value) ? value.map(part) : []);
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
    .flatMap(({ id }) =>
      cloudIndex(scene)
        .membersOf([id])
        .map((one) => one.ref),
    );
}

/** Whom a group could not give its licences to: `Ada Lovelace (SPE_E3: CountViolation)`. */
export function failedIn(scene: Scene, live: Live): string[] {
  const people = new Map(scene.subjects.flatMap(({ accounts, name }) => (accounts.entra === undefined ? [] : [[accounts.entra, name]])));
  return scene.all("entra:Licence").flatMap((user) => {
    const inherited = Array.isArray(user.values["inherited"]) ? user.values["inherited"].map(part) : [];
    const failed = inherited.filter((one) => textOf(one["group"]) === live.id && textOf(one["error"]) !== "");
    if (failed.length === 0) return [];
    const who = people.get(user.id) ?? (textOf(user.values["userPrincipalName"]) || user.id);
    return [`${who} (${failed.map((one) => `${textOf(one["sku"])}: ${textOf(one["error"])}`).join(", ")})`];
  });
}

/** The members of a live group as refs. */
export function liveRefs(scene: Scene, live: Live | undefined, field: "members" | "owners"): LiveMember[] {
  return cloudIndex(scene).membersOf(textsOf(live?.values[field]));
}

/** AD groups as they should be. */
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import { dnKey } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { closedNow } from "../../decide/groups.ts";
import { because, type Scene, want } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import { flag, sorted, textOf } from "../../model/values.ts";
import { type LiveMember, membersOf, type Wished } from "../members.ts";
import { contactRef, dnRef, type Found, findContacts, findGroup, type Group, managerRef, memberReader, nameOf } from "./refs.ts";
import type { NeedOu } from "./users.ts";

/** A group that can be managed, on its way to a resource. */
interface Candidate extends Found {
  group: Group;
  index: number;
  privileged: boolean;
}

/** What all groups share: who is called what. */
interface Names {
  /** Folded name → ref, of groups of the mapping. */
  refs: ReadonlyMap<string, string>;
  /** Folded name → every group there is. */
  byName: ReadonlyMap<string, Live>;
  /** Live id → ref, of groups and contacts of the mapping. */
  managed: ReadonlyMap<string, string>;
}

/** Adds the ad:Group resources. Names of protected groups are refused unless safety.yaml allows them. */
export function groups(scene: Scene, needOu: NeedOu): void {
  const all = scene.mappings.ad?.groups ?? [];
  if (all.length === 0) return;
  const byName = new Map(scene.all("ad:Group").map((live) => [fold(textOf(live.values["name"])), live]));
  const candidates = candidatesOf(scene, all, byName);
  const managed = new Map<string, string>();
  for (const [name, live] of findContacts(scene)) if (live) managed.set(live.id, `contact:${name}`);
  for (const { live, ref } of candidates) if (live) managed.set(live.id, ref);
  const names: Names = { byName, managed, refs: new Map(candidates.map(({ group, ref }) => [fold(group.name), ref])) };
  const members = memberReader(scene, managed);
  for (const one of candidates) add(scene, one, one.live ? members(one.live) : [], names, needOu);
}

function candidatesOf(scene: Scene, all: readonly Group[], byName: ReadonlyMap<string, Live>): Candidate[] {
  const named = new Set<string>();
  const candidates: Candidate[] = [];
  for (const [index, group] of all.entries()) {
    const place = scene.at("ad", "groups", index, "name");
    if (named.has(fold(group.name))) {
      scene.refused.push(`${place} names the group ${group.name} a second time: put its conditions together with any`);
      continue;
    }
    named.add(fold(group.name));
    const found = findGroup(scene, group, byName);
    const guarded = flag(found.live?.values["protected"]);
    const allowed = scene.mappings.safety.protected.allow.some((one) => same(one, group.name));
    if (isProtected(scene, group.name) || (guarded && !allowed)) {
      scene.refused.push(`${place} names the protected group ${group.name}: haloform never changes it; take it out of the mapping`);
    } else if (!found.live && group.ou === undefined) {
      scene.parked.push({
        key: group.name,
        name: group.name,
        where: "mapping",
        reason: `the AD group ${group.name} does not exist, and ${place} gives no ou to create it in: create it, or add ou`,
      });
    } else {
      if (found.lost)
        scene.notes.push(
          `The AD group ${group.name} is gone (deleted by hand): it is created again with its members; rights given to the old one do not come back by themselves`,
        );
      candidates.push({ ...found, group, index, privileged: guarded && allowed });
    }
  }
  return candidates;
}

/** Whether mappings/safety.yaml protects a group of this name. */
export function isProtected(scene: Scene, name: string): boolean {
  return scene.mappings.safety.protected.groups.some((one) => same(one, name));
}

function add(scene: Scene, one: Candidate, liveMembers: LiveMember[], names: Names, needOu: NeedOu): void {
  const { group, index, live, privileged } = one;
  const at = (field: string): Because => because(scene.at("ad", "groups", index, field));
  const { may } = group;
  const wished = membersOf(scene, {
    system: "ad",
    group: group.name,
    mode: group.mode,
    rule: scene.at("ad", "groups", index, "members"),
    note:
      [privileged ? "a privileged group" : undefined, group.because, closedNow(group, scene.world.now)]
        .filter((text) => text !== undefined)
        .join("; ") || undefined,
    exact: scene.at("ad", "groups", index, "mode"),
    verdict: scene.decisions.members(group, group.members),
    hasAccount: (subject) => scene.willHaveAd.has(subject.key),
    live: liveMembers,
    before: (scene.previous("ad:Group", group.name) ?? scene.previous("ad:Group", group.formerly ?? group.name))?.inputs["members"],
    others: others(scene, one, "contains", names),
    ...(may || group.mayContain
      ? {
          may: {
            rule: scene.at("ad", "groups", index, may ? "may" : "mayContain"),
            ...(may ? { verdict: (subject) => scene.decisions.verdict(may, subject) } : {}),
            others: new Set(others(scene, one, "mayContain", names).keys()),
          },
        }
      : {}),
    privileged,
  });
  const inputs: Values = {
    name: nameOf(group, live),
    ...(privileged ? { privileged } : settings(scene, one, names)),
    mode: group.mode,
    members: wished.members,
    ...(may || group.mayContain ? { may: wished.may } : {}),
  };
  if (privileged) tellPrivileged(scene, group, liveMembers, wished);
  if (one.renamed) scene.notes.push(`The AD group ${group.formerly} is renamed to ${group.name}: it keeps its members and its rights`);
  if (group.ou !== undefined && !privileged) needOu(group.ou, at("ou"));
  want(scene, {
    type: "ad:Group",
    name: group.name,
    inputs,
    because: {
      "": because(scene.at("ad", "groups", index), undefined, [], group.because),
      ...Object.fromEntries(
        Object.keys(inputs)
          .filter((name) => name !== "members")
          .map((name) => [name, at(name === "path" ? "ou" : name)]),
      ),
      members: at("members"),
      ...wished.because,
    },
    live,
  });
}

/** Everything but the members. */
function settings(scene: Scene, { group, live, index }: Candidate, names: Names): Values {
  const wished: Values = creation(scene, group, live);
  for (const name of ["description", "displayName", "mail", "notes"] as const) if (group[name] !== undefined) wished[name] = group[name];
  if (!group.managedBy) return wished;
  const manager = managerRef(scene, group.managedBy, names.refs);
  if ("ref" in manager) wished["managedBy"] = manager.ref;
  else
    scene.notes.push(
      `The AD group ${group.name} keeps whoever answers for it: ${manager.problem} (${scene.at("ad", "groups", index, "managedBy")})`,
    );
  return wished;
}

/** Place, scope and kind are for creating: a group that exists keeps its own, for others rely on them, unless the mapping says so. */
function creation(scene: Scene, group: Group, live: Live | undefined): Values {
  const path: Values = group.ou === undefined ? {} : { path: group.ou };
  if (!live) return { ...path, scope: group.scope, kind: group.kind };
  const now: Values = { scope: textOf(live.values["scope"]) || group.scope, kind: textOf(live.values["kind"]) || group.kind };
  if (group.ou !== undefined) {
    const here = textOf(live.values["path"]) || group.ou;
    path["path"] = group.move && dnKey(here) !== dnKey(group.ou) ? group.ou : here;
  }
  if (now["scope"] === group.scope && now["kind"] === group.kind) return { ...path, ...now };
  const words = `The AD group ${group.name} is ${now["scope"]} ${now["kind"]}, the mapping says ${group.scope} ${group.kind}`;
  if (!group.convert) {
    scene.notes.push(`${words}: haloform does not convert groups unless the mapping says convert: true`);
    return { ...path, ...now };
  }
  scene.notes.push(
    group.kind === "distribution" && now["kind"] === "security"
      ? `${words}: it is converted, and gives no rights any more`
      : `${words}: it is converted`,
  );
  return { ...path, scope: group.scope, kind: group.kind };
}

/** Members that are no people, by ref. What does not exist is parked; the rest of the group goes on. */
function others(scene: Scene, { group, index, ref: own }: Candidate, field: "contains" | "mayContain", names: Names): Map<string, Because> {
  const found = new Map<string, Because>();
  const contents = group[field];
  if (!contents) return found;
  const why = (kind: string, position: number): Because => because(scene.at("ad", "groups", index, field, kind, position));
  for (const [position, name] of contents.groups.entries()) {
    const live = names.byName.get(fold(name));
    const ref = names.refs.get(fold(name)) ?? (live && dnRef(textOf(live.values["distinguishedName"])));
    if (ref === own) continue;
    if (ref !== undefined) found.set(ref, why("groups", position));
    else if (field === "contains")
      scene.parked.push({
        key: group.name,
        name: group.name,
        where: "mapping",
        reason: `the AD group ${name}, which ${group.name} should contain (${why("groups", position).rule}), does not exist: create it, or add it to groups`,
      });
  }
  const contacts = scene.mappings.ad?.contacts ?? [];
  for (const [position, name] of contents.contacts.entries()) {
    const contact = contacts.find((one) => same(one.name, name));
    if (contact) found.set(contactRef(contact), why("contacts", position));
  }
  for (const [position, dn] of contents.dns.entries()) found.set(dnRef(dn), why("dns", position));
  return found;
}

/** Names every change of who is in a group that AD protects: who approves must not have to look for it. */
function tellPrivileged(scene: Scene, group: Group, live: readonly LiveMember[], wished: Wished): void {
  const now = new Set(live.map((one) => one.ref));
  const then = new Set(wished.members);
  const called = (ref: string): string => scene.byKey.get(ref.replace(/^person:/u, ""))?.name ?? ref.replace(/^(?:dn|group|contact):/u, "");
  const come = sorted(wished.members.filter((ref) => !now.has(ref)).map(called));
  const reasons = new Set(Object.keys(wished.because));
  const go = sorted([...now].filter((ref) => !then.has(ref) && reasons.has(`members.${ref}`)).map(called));
  const said = [...(come.length > 0 ? [`${come.join(", ")} would come in`] : []), ...(go.length > 0 ? [`${go.join(", ")} would go`] : [])];
  if (said.length > 0)
    scene.notes.push(`PRIVILEGED: ${group.name} is a group that AD protects, allowed by mappings/safety.yaml: ${said.join("; ")}`);
}

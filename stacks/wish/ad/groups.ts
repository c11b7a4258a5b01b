/** AD groups as they should be. */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import { child, dnKey } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { groupCopiesOf } from "../../match/anchors.ts";
import { forEach, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { flag, textOf } from "../../model/values.ts";
import { takenIn } from "../account/taken.ts";
import { guardedGroup, otherGroups, parkThing, privilegeOf, refsIn, refusesTwice, tellPrivileged } from "../groups.ts";
import { type LiveMember, membersOf } from "../members.ts";
import { placed } from "../naming.ts";
import { hasGone } from "../successors.ts";
import type { NeedOu } from "./ous.ts";
import { intoProtected, namesInPlaces, nameTaken, unitTaken } from "./places.ts";
import { dnReader, dnRef, type Found, findContacts, findGroup, type Group, managerRef, memberReader, placeOf } from "./refs.ts";

/** A group that can be managed, on its way to a resource. */
interface Candidate extends Found {
  group: Group;
  index: number;
  privileged: boolean;
}

/** How the mapping's groups call what they hold. */
interface Refs {
  /** Folded name → ref, of groups of the mapping. */
  groups: ReadonlyMap<string, string>;
  ofDn(dn: string): string;
  /** Whose an account is, by its id. */
  owners: ReadonlyMap<string, Subject>;
}

/** Adds the ad:Group resources. Names of protected groups are refused unless safety.yaml allows them. */
export function groups(scene: Scene, needOu: NeedOu): void {
  const candidates = candidatesOf(scene);
  tellUnnamed(scene, candidates);
  const managed = new Map<string, string>();
  for (const [name, live] of findContacts(scene)) if (live) managed.set(live.id, `contact:${name}`);
  for (const { live, ref } of candidates) if (live) managed.set(live.id, ref);
  const refs: Refs = {
    groups: new Map(candidates.map(({ group, ref }) => [fold(group.name), ref])),
    ofDn: dnReader(scene, managed),
    owners: new Map(scene.subjects.flatMap((one) => (one.accounts.ad === undefined ? [] : [[one.accounts.ad, one]]))),
  };
  const members = memberReader(scene, managed);
  for (const one of candidates) add(scene, one, one.live && members(one.live), refs, needOu);
  otherGroups(scene, "ad:Group", "AD group", new Set(managed.keys()), members, ({ values }) => {
    if (!flag(values["protected"])) return undefined;
    return textOf(values["protectedBy"]) === "" ? "AD protects it" : textOf(values["protectedBecause"]);
  });
}

function candidatesOf(scene: Scene): Candidate[] {
  const twice = refusesTwice(scene);
  const contacts = new Set((scene.mappings.ad?.contacts ?? []).map((one) => placed(dnKey(one.ou), one.name)));
  return [...(scene.mappings.ad?.groups ?? []).entries()].flatMap(([index, group]): Candidate[] => {
    const place = scene.at("ad", "groups", index, "name");
    if (twice(place, group.name)) return [];
    const found = findGroup(scene, group);
    const guarded = guardedGroup(scene, place, group.name, found.live, group.ou === undefined ? "" : child("CN", group.name, group.ou));
    if (guarded === "refused") return [];
    const to = found.live ? placeOf(group, found.live) : (group.ou ?? "");
    const into = to === "" || guarded === "privileged" ? undefined : intoProtected(scene, child("CN", group.name, to), found.live);
    if (into !== undefined) {
      scene.refused.push(`${scene.at("ad", "groups", index, "ou")} names a protected place: the AD group ${group.name} ${into}`);
      return [];
    }
    if (!found.live && group.ou === undefined) {
      const reason = `the AD group ${group.name} does not exist, and ${place} gives no ou to create it in: create it, or add ou`;
      parkThing(scene, group.name, reason);
      return [];
    }
    const { ou } = group;
    if (!found.live && ou !== undefined) {
      const key = placed(dnKey(ou), group.name);
      const there = namesInPlaces(scene).has(key) || contacts.has(key);
      const login = scene.all("ad:User").find((live) => same(textOf(live.values["sAMAccountName"]), group.name));
      if (there || login) {
        const reason = login
          ? `the AD group ${group.name} cannot be made: ${textOf(login.values["distinguishedName"])} has this name as its login; rename one of them`
          : nameTaken("group", group.name, ou);
        parkThing(scene, group.name, `${reason} (${place})`);
        return [];
      }
      const noPlace = unitTaken(scene, ou);
      if (noPlace !== undefined) {
        parkThing(
          scene,
          group.name,
          `the AD group ${group.name} cannot be made, and ${noPlace}: rename one of them, or give the group another ou (${place})`,
        );
        return [];
      }
      scene.newNames.add(ou);
    }
    if (found.cannot !== undefined)
      parkThing(scene, group.name, `the AD group ${group.name} ${found.cannot}: rename one of them (${place})`);
    if (found.lost)
      scene.notes.push(
        `The AD group ${group.name} is gone (deleted by hand): it is created again with its members; rights given to the old one do not come back by themselves`,
      );
    return [{ ...found, group, index, privileged: guarded === "privileged" }];
  });
}

function add(scene: Scene, one: Candidate, live: LiveMember[] | undefined, refs: Refs, needOu: NeedOu): void {
  const { group, index, privileged } = one;
  const at = (field: string): Because => ({ rule: scene.at("ad", "groups", index, field) });
  const { formerly = group.name } = group;
  const wished = membersOf(scene, {
    ...{ type: "ad:Group", name: group.name, line: group, at, live },
    before: (scene.previous("ad:Group", group.name) ?? scene.previous("ad:Group", formerly))?.inputs["members"],
    others: (part) => others(scene, one, part, refs),
    privileged: privileged ? "a privileged group" : undefined,
  });
  const answers = privileged ? undefined : answering(scene, one, refs);
  const inputs: Values = {
    name: one.name,
    ...(privileged ? { privileged } : settings(scene, one)),
    ...defined({ managedBy: answers?.ref }),
    mode: group.mode,
    members: wished.members,
    ...defined({ leave: wished.leave, may: wished.may }),
  };
  if (privileged) tellPrivileged(scene, group.name, privilegeOf(one.live, "a group that AD protects"), live ?? [], wished);
  if (one.renamed) scene.notes.push(`The AD group ${formerly} is renamed to ${group.name}: it keeps its members and its rights`);
  if (group.ou !== undefined && !privileged) needOu(group.ou, at("ou"));
  want(scene, {
    type: "ad:Group",
    name: group.name,
    inputs,
    because: {
      "": { rule: scene.at("ad", "groups", index), ...(group.because ? { note: group.because } : {}) },
      ...forEach(inputs, (name) => at(name === "path" ? "ou" : name)),
      ...defined({ managedBy: answers?.why }),
      ...wished.because,
    },
    live: one.live,
  });
}

/** Everything but the members and who answers for it. */
function settings(scene: Scene, { group, live, index, cannot }: Candidate): Values {
  const wished: Values = creation(scene, { ...group, move: group.move && cannot === undefined }, live);
  for (const name of ["description", "displayName", "mail", "notes"] as const) if (group[name] !== undefined) wished[name] = group[name];
  const { mail = "" } = group;
  const now = textOf(live?.values["mail"]);
  if (mail === "" || same(mail, now)) return wished;
  const taken = takenIn(scene);
  const { copyOf } = groupCopiesOf({ "ad:Group": live ? [live] : [], "entra:Group": scene.all("entra:Group") });
  const copy = live && copyOf.get(live.id);
  const whose = taken.by("address", mail, { live, restored: copy === undefined ? undefined : { id: copy } });
  scene.newNames.add("");
  if (whose === undefined) {
    taken.claim("address", mail, `the AD group ${group.name}`);
    return wished;
  }
  parkThing(
    scene,
    group.name,
    `the address ${mail.toLowerCase()} of the AD group ${group.name} is ${whose}: make it unique (${scene.at("ad", "groups", index, "mail")})`,
  );
  const { mail: _mail, ...rest } = wished;
  return now === "" ? rest : { ...rest, mail: now };
}

/**
 * Who answers for the group, and why. Where the mapping says nothing of it, only somebody who has left is followed; whoever followed
 * is wished until somebody else is put there, so that two plans are the same.
 */
function answering(scene: Scene, { group, live, index }: Candidate, refs: Refs): { ref: string; why: Because } | undefined {
  const place = scene.at("ad", "groups", index, "managedBy");
  const of = `the AD group ${group.name}`;
  const successor = scene.at("safety", "leaver", "successor");
  if (group.managedBy) {
    const manager = managerRef(scene, group.managedBy, refs.groups, of);
    if ("ref" in manager)
      return { ref: manager.ref, why: manager.note === undefined ? { rule: place } : { rule: successor, note: manager.note } };
    scene.notes.push(`The AD group ${group.name} keeps whoever answers for it: ${manager.problem} (${place})`);
    return undefined;
  }
  const holder = refs.owners.get(textOf(live?.values["managerId"]));
  if (!holder) return undefined;
  const key = { person: holder.key };
  const manager = hasGone(holder) ? managerRef(scene, key, refs.groups, of) : undefined;
  if (manager && "ref" in manager && manager.note !== undefined) return { ref: manager.ref, why: { rule: successor, note: manager.note } };
  const ref = `person:${holder.key}`;
  const followed = !hasGone(holder) && scene.previous("ad:Group", group.name)?.inputs["managedBy"] === ref;
  return followed && scene.mappings.safety.leaver.successor !== undefined ? { ref, why: { rule: successor } } : undefined;
}

/** Groups that no mapping names and that somebody who has left answers for: only told. */
function tellUnnamed(scene: Scene, candidates: readonly Candidate[]): void {
  const named = new Set(candidates.flatMap(({ live }) => live?.id ?? []));
  const gone = new Map(scene.subjects.flatMap((one) => (hasGone(one) && one.accounts.ad !== undefined ? [[one.accounts.ad, one]] : [])));
  for (const { id, values } of scene.all("ad:Group")) {
    const leaver = gone.get(textOf(values["managerId"]));
    if (leaver && !named.has(id))
      scene.answers.push({ leaver, as: "managedBy", of: `the AD group ${textOf(values["name"])}`, unnamed: true });
  }
}

/** Place, scope and kind are for creating: a group that exists keeps its own, for others rely on them, unless the mapping says so. */
function creation(scene: Scene, group: Group, live: Live | undefined): Values {
  if (!live) return { ...defined({ path: group.ou }), scope: group.scope, kind: group.kind };
  const path: Values = group.ou === undefined ? {} : { path: placeOf(group, live) };
  const now: Values = { scope: textOf(live.values["scope"]) || group.scope, kind: textOf(live.values["kind"]) || group.kind };
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

/** Members that are no people, by ref. */
function others(scene: Scene, { group, index, ref }: Candidate, field: "contains" | "mayContain", refs: Refs): Map<string, Because> {
  const at = (kind: string, position: number): Because => ({ rule: scene.at("ad", "groups", index, field, kind, position) });
  const contacts = new Map((scene.mappings.ad?.contacts ?? []).map(({ name }) => [fold(name), `contact:${name}`]));
  const groupRef = (name: string): string | undefined => {
    const live = scene.named("ad:Group", name).at(-1);
    return refs.groups.get(fold(name)) ?? (live && dnRef(textOf(live.values["distinguishedName"])));
  };
  const refOf = { groups: groupRef, contacts: (name: string) => contacts.get(fold(name)), dns: refs.ofDn };
  const missing = (kind: string, name: string, { rule }: Because): void => {
    const reason = `the AD group ${name}, which ${group.name} should contain (${rule}), does not exist: create it, or add it to groups`;
    if (field === "contains" && kind === "groups") parkThing(scene, group.name, reason);
  };
  return refsIn({ ...group[field] }, at, refOf, missing, ref);
}

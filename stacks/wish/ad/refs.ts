/** What the groups, contacts and other objects of a mapping are called as members: refs, and which live object each one is. */
import { defined } from "../../../base/defined.ts";
import { fold, same } from "../../../base/text.ts";
import type { AdFile } from "../../../mappings/schema/all.ts";
import { canonicalDn, child, dnKey, sameDn, splitDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { called, flag, parts, textOf } from "../../model/values.ts";
import { foundBy } from "../groups.ts";
import { guardOf, type LiveMember } from "../members.ts";
import { followerOf, followsNote, hasGone } from "../successors.ts";
import { cannotBecome } from "./places.ts";

export type Group = AdFile["groups"][number];
type Manager = NonNullable<Group["managedBy"]>;

/** `dn:` and the canonical spelling; a name that cannot be parsed keeps the spelling it came with. */
export function dnRef(dn: string): string {
  try {
    return `dn:${canonicalDn(dn)}`;
  } catch {
    return `dn:${dn}`;
  }
}

/** A group of the mapping and what it is in AD now. */
export interface Found {
  live?: Live;
  /** The state knows it, and it is gone from AD. */
  lost: boolean;
  /** It has the name that `formerly` says, and gets its own. */
  renamed: boolean;
  /** The name to wish. */
  name: string;
  /** Why it cannot get the name or the place that the mapping gives: then it keeps those it has. */
  cannot?: string | undefined;
  /** As its members' groups call it: `group:GG-Sales`. */
  ref: string;
}

/** Finds a group by the id in the state, by its name, by its former name. */
export function findGroup(scene: Scene, group: Group): Found {
  const by = (name: string): Live | undefined => foundBy(scene, "ad:Group", name).at(-1);
  const { name, formerly } = group;
  const live = by(name) ?? (formerly === undefined ? undefined : by(formerly));
  const now = textOf(live?.values["name"]);
  const cannot = live && cannotBecome(scene, live, nameOf(group, live), placeOf(group, live));
  const own = cannot === undefined ? nameOf(group, live) : now;
  return {
    ...(live ? { live } : {}),
    lost: !live && scene.previous("ad:Group", name) !== undefined,
    renamed: live !== undefined && cannot === undefined && formerly !== undefined && same(now, formerly),
    ...{ name: own, ref: `group:${own}`, cannot },
  };
}

/** Where a group that exists is to be: where it is, unless the mapping says that it may be moved. */
export function placeOf({ ou, move }: Group, live: Live): string {
  const here = textOf(live.values["path"]);
  return ou !== undefined && (here === "" || (move && !sameDn(here, ou))) ? ou : here;
}

/** The name to wish: AD's own spelling where it is the same name. */
function nameOf(group: Group, live: Live | undefined): string {
  return live && same(textOf(live.values["name"]), group.name) ? textOf(live.values["name"]) : group.name;
}

/** The live object of each contact of the mapping: by the id in the state, else by its place and name. */
export function findContacts(scene: Scene): Map<string, Live | undefined> {
  const all = scene.mappings.ad?.contacts ?? [];
  const byDn = new Map(scene.all("ad:Contact").map((live) => [dnKey(textOf(live.values["distinguishedName"])), live]));
  return new Map(
    all.map((contact) => {
      const known = scene.previous("ad:Contact", contact.name);
      const name = contact.name.replace(/[\\,+"<>;=#]/gu, "\\$&");
      return [contact.name, (known && scene.byId("ad:Contact").get(known.id)) ?? byDn.get(dnKey(`CN=${name},${contact.ou}`))];
    }),
  );
}

/**
 * What a distinguishedName of the mapping means: a person, or a group or contact of the mapping, is called as those are, so that one
 * object named in two ways is one member; anything else by the name that AD has for it. `managed`: id → ref.
 */
export function dnReader(scene: Scene, managed: ReadonlyMap<string, string>): (dn: string) => string {
  const people = new Map(
    scene.subjects.flatMap(({ key, accounts }) => (accounts.ad === undefined ? [] : [[accounts.ad, `person:${key}`]])),
  );
  let byDn: Map<string, Live> | undefined;
  const told = new Map<string, string>();
  let toCome: Map<string, string> | undefined;
  const refOf = (dn: string): string => {
    byDn ??= new Map(
      ["ad:User", "ad:Group", "ad:Contact", "ad:Computer"].flatMap((type) =>
        scene.all(type).map((one) => [dnKey(textOf(one.values["distinguishedName"])), one] as const),
      ),
    );
    const live = byDn.get(dnKey(dn));
    toCome ??= refsToCome(scene);
    return live === undefined
      ? (toCome.get(dnKey(dn)) ?? dnRef(dn))
      : (people.get(live.id) ?? managed.get(live.id) ?? dnRef(textOf(live.values["distinguishedName"])));
  };
  return (dn) => {
    const key = dnKey(dn);
    // What is not read (a printer, a group of another domain) may be named in two spellings too: the first counts.
    const ref = told.get(key) ?? refOf(dn);
    told.set(key, ref);
    return ref;
  };
}

/** What this run makes, or moves to another name, by the name that it gets: named so, it is the same member as by its ref. */
function refsToCome(scene: Scene): Map<string, string> {
  const { contacts = [], groups = [] } = scene.mappings.ad ?? {};
  const named = (name: string, ou: string, ref: string): [string, string] => [dnKey(child("CN", name, ou)), ref];
  return new Map([
    ...groups.flatMap(({ name, ou }) => (ou === undefined ? [] : [named(name, ou, `group:${name}`)])),
    ...contacts.map(({ name, ou }) => named(name, ou, `contact:${name}`)),
    ...scene.resources.flatMap(({ type, person, inputs }) =>
      type === "ad:User" && person !== undefined ? [named(textOf(inputs["name"]), textOf(inputs["path"]), `person:${person}`)] : [],
    ),
  ]);
}

/** Turns live members into refs: what the mapping calls by a name is called so, else the distinguishedName as in AD. */
export function memberReader(scene: Scene, managed: ReadonlyMap<string, string>): (live: Live) => LiveMember[] {
  const people = new Map(scene.subjects.flatMap(({ key, accounts }) => (accounts.ad === undefined ? [] : [[accounts.ad, key]])));
  let byDn: Map<string, Live> | undefined;
  const accountAt = (dn: string): Live | undefined => {
    byDn ??= new Map(
      [...scene.all("ad:User"), ...scene.all("ad:Group")].map((one) => [dnKey(textOf(one.values["distinguishedName"])), one]),
    );
    return byDn.get(dnKey(dn));
  };
  return (group) => {
    return parts(group.values["members"]).map((values) => {
      const dn = textOf(values["dn"]);
      const guid = textOf(values["guid"]);
      const live = scene.byId("ad:User").get(guid) ?? scene.byId("ad:Group").get(guid) ?? accountAt(dn);
      const key = live && people.get(live.id);
      const named = managed.get(guid) ?? (live && managed.get(live.id));
      return {
        ref: key === undefined ? (named ?? dnRef(dn)) : `person:${key}`,
        ...guardOf(live),
        ...defined({ account: live?.id }),
        ...(isForeign(dn) ? { foreign: true } : {}),
        ...(flag(values["primary"]) ? { primary: true } : {}),
      };
    });
  };
}

/** Lies in the container where a domain keeps those of other forests. */
function isForeign(dn: string): boolean {
  return splitDn(dnKey(dn))[1] === "cn=foreignsecurityprincipals";
}

/**
 * The wished `managedBy`, or why there is none. `of`: what is answered for; of somebody who has left, whoever follows answers, with
 * a note that says so. `refs`: groups of the mapping by folded name.
 */
export function managerRef(
  scene: Scene,
  manager: Manager,
  refs: ReadonlyMap<string, string>,
  of: string,
): { ref: string; note?: string | undefined } | { problem: string } {
  if ("dn" in manager) return { ref: dnRef(manager.dn) };
  if ("group" in manager) {
    const ref = refs.get(fold(manager.group));
    return ref === undefined ? { problem: `the group ${manager.group} does not exist; name another` } : { ref };
  }
  const key = String(manager.person);
  const subject = scene.byKey.get(key);
  const willHaveOne = ({ key, accounts }: Subject): boolean => accounts.ad !== undefined || scene.willHaveAd.has(key);
  if (!subject) return { problem: `nobody has the key ${key}; name somebody else` };
  const follower = hasGone(subject) ? followerOf(scene, { leaver: subject, as: "managedBy", of }, willHaveOne) : undefined;
  if (follower) return { ref: `person:${follower.key}`, note: followsNote(subject, follower) };
  return willHaveOne(subject)
    ? { ref: `person:${subject.key}` }
    : { problem: `${called(subject)} has no account in AD; name somebody else` };
}

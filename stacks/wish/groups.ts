/** What groups of AD and of Entra ID, app roles, and Halo's roles, teams and boards have in common. */
import { few, fold, same } from "../../base/text.ts";
import { GUARDED_GROUPS, PRIMARY_GROUPS } from "../../mappings/language/names.ts";
import type { Live } from "../../providers/core/definition.ts";
import { administratorRole } from "../../providers/halo/agent/administrator.ts";
import { type Scene, want } from "../model/scene.ts";
import type { Because } from "../model/types.ts";
import { called, flag, sorted, textOf } from "../model/values.ts";
import { calledRef } from "./called.ts";
import { type LiveMember, leaversOf, type Wished } from "./members.ts";

/** Finds something by the id in the state, else by its name: several, where more than one has it. */
export function foundBy(scene: Scene, type: string, name: string): readonly Live[] {
  const known = scene.previous(type, name);
  const byState = known && scene.byId(type).get(known.id);
  return byState ? [byState] : scene.named(type, name);
}

/** Leaves something that is no person to a human. */
export function parkThing(scene: Scene, name: string, reason: string, where = "mapping"): void {
  scene.parked.push({ key: name, name, where, reason, of: "thing" });
}

/** Tells of each name whether an earlier line has it; then it is refused. */
export function refusesTwice(
  scene: Scene,
  what = "group",
  mend = "put its conditions together with any",
): (place: string, name: string) => boolean {
  const named = new Set<string>();
  return (place, name) => {
    if (named.has(fold(name))) scene.refused.push(`${place} names the ${what} ${name} a second time: ${mend}`);
    else if (named.add(fold(name))) return false;
    return true;
  };
}

/**
 * Takes leavers out of the groups that the mapping does not name (leaver.groups: all). `left`: ids of those that are managed or
 * somebody else's; `guarded`: why haloform may not change one, which is said for a human to do it.
 */
export function otherGroups(
  scene: Scene,
  type: "ad:Group" | "entra:Group",
  noun: string,
  left: ReadonlySet<string>,
  membersOf: (live: Live) => readonly LiveMember[],
  guarded: (live: Live) => string | undefined,
): void {
  const system = type === "ad:Group" ? "ad" : "entra";
  if (scene.mappings.safety.leaver.groups !== "all") return;
  for (const live of scene.all(type)) {
    if (left.has(live.id)) continue;
    const name = textOf(live.values["name"]);
    const leavers = leaversOf(scene, { type, name, live: membersOf(live) });
    if (leavers.length === 0) continue;
    const listed = [...scene.mappings.safety.protected.groups, ...GUARDED_GROUPS, ...PRIMARY_GROUPS].some((one) => same(one, name));
    // Also one that the mapping has renamed, or knows by the state: the name is that one's.
    const another = scene.named(type, name).length > 1 || scene.wished(type, name) !== undefined;
    const twice = another ? "there is another of that name" : undefined;
    const why = listed ? "it is protected" : (guarded(live) ?? twice);
    if (why !== undefined) {
      scene.notes.push(
        `The ${noun} ${name} keeps ${few(leavers.map(({ subject }) => called(subject)))}, who left: ${why}; take them out by hand`,
      );
      continue;
    }
    const leave = sorted(leavers.map(({ ref }) => ref));
    const because = Object.fromEntries(leavers.map((one): [string, Because] => [`members.${one.ref}`, one.why]));
    const inputs = { name, mode: "additive", members: [], leave, ...(system === "entra" ? { create: false } : {}) };
    want(scene, { type, name, inputs, because: { "": { rule: scene.at("safety", "leaver", "groups") }, ...because }, live });
  }
}

/**
 * Whether a group that the mapping names may be managed: `privileged`, where it is protected and safety.yaml allows its members under the
 * very name it has; `refused` (with a sentence) where not. `live`: what was found under the name, a former one, or the state's id.
 */
export function guardedGroup(scene: Scene, place: string, name: string, live: Live | undefined): "refused" | "privileged" | undefined {
  const { mappings, refused } = scene;
  const never = `haloform never changes it; take it out of the mapping`;
  if (mappings.safety.protected.groups.some((one) => same(one, name))) {
    refused.push(`${place} names the protected group ${name}: ${never}`);
    return "refused";
  }
  if (!live || !isProtected(live)) return undefined;
  const now = textOf(live.values["name"]);
  const by = textOf(live.values["protectedBy"]);
  if (by !== "name" && same(now, name) && isAllowed(scene, name)) return "privileged";
  const because = reasonOf(live);
  const renamed = same(now, name) ? "" : `, which is called ${now} now`;
  if (by === "name") refused.push(`${place} names the group ${name}${renamed}: ${because}, and ${never}`);
  else if (by === "" && because === "" && renamed === "") refused.push(`${place} names the protected group ${name}: ${never}`);
  else {
    refused.push(
      `${place} names the group ${name}${renamed}, ${relative(because)}: take it out of the mapping, or name it in mappings/safety.yaml under protected.allow`,
    );
  }
  return "refused";
}

/** Who is an administrator of Halo is a human's to decide, unless safety.yaml allows the role; then it is one like others. */
export function refusesAdministrator({ mappings: { safety }, refused }: Scene, place: string, roles: readonly string[]): boolean {
  const is = (one: string): boolean => same(one, administratorRole);
  if (!roles.some(is) || safety.protected.allow.some(is)) return false;
  refused.push(
    `${place} names the role ${administratorRole}, whose agents are administrators of Halo: take it out of the mapping, or name it in mappings/safety.yaml under protected.allow`,
  );
  return true;
}

/** Marked so (stacks/read/inside.ts), or a group of Entra ID that can hold roles. */
const isProtected = ({ values }: Live): boolean => flag(values["protected"]) || flag(values["roleAssignable"]);

/** Why a group is protected, as far as haloform found it out; what only AD says of it stands nowhere. */
function reasonOf({ values }: Live): string {
  if (textOf(values["protectedBy"]) !== "") return textOf(values["protectedBecause"]);
  return flag(values["roleAssignable"]) ? "it can hold Entra roles (isAssignableToRole)" : "";
}

/** `it is in …` as the sentence about a group goes on. */
const relative = (because: string): string =>
  because.startsWith("its ") ? because.replace(/^its /u, "whose ") : `which ${because.replace(/^it /u, "") || "is protected"}`;

/** What a privileged group is, in the middle of a sentence. */
export function privilegeOf(live: Live | undefined, usually: string): string {
  const inside = live && textOf(live.values["protectedBy"]) === "membership";
  const because = inside ? textOf(live.values["protectedBecause"]) : "";
  if (because.startsWith("its ")) return `a group ${relative(because)}`;
  return because === "" ? usually : because.replace(/^it is /u, "");
}

/** Whether mappings/safety.yaml allows that a group is managed although it is guarded. */
export const isAllowed = ({ mappings: { safety } }: Scene, name: string): boolean => safety.protected.allow.some((one) => same(one, name));

/** What a mapping file lists as members that are no people: kind → names. */
type Contents = { readonly [kind: string]: readonly string[] };

/** The refs of those members, but the group's own. `refOf`: by kind, in order; `missing` is told of what does not exist, and the rest goes on. */
export function refsIn(
  contents: Contents,
  at: (kind: string, position: number) => Because,
  refOf: { readonly [kind: string]: (name: string) => string | undefined },
  missing: (kind: string, name: string, why: Because) => void,
  own?: string,
): Map<string, Because> {
  const refs = new Map<string, Because>();
  for (const [kind, find] of Object.entries(refOf))
    for (const [position, name] of (contents[kind] ?? []).entries()) {
      const ref = find(name);
      const why = at(kind, position);
      if (ref === undefined) missing(kind, name, why);
      else if (ref !== own) refs.set(ref, why);
    }
  return refs;
}

/** Names every change of who is in a group that safety.yaml must allow: who approves must not have to look for it. */
export function tellPrivileged(scene: Scene, name: string, what: string, live: readonly LiveMember[], wished: Wished): void {
  const now = new Set(live.map((one) => one.ref));
  const then = new Set(wished.members);
  const named = (ref: string): string => calledRef(scene, ref);
  const come = sorted(wished.members.filter((ref) => !now.has(ref)).map(named));
  const go = sorted([...now].filter((ref) => !then.has(ref) && Object.hasOwn(wished.because, `members.${ref}`)).map(named));
  const said = [...(come.length > 0 ? [`${come.join(", ")} would come in`] : []), ...(go.length > 0 ? [`${go.join(", ")} would go`] : [])];
  if (said.length > 0) scene.notes.push(`PRIVILEGED: ${name} is ${what}, allowed by mappings/safety.yaml: ${said.join("; ")}`);
}

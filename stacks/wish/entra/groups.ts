/** Cloud groups as they should be. Groups that AD or Exchange own are left to them. */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { few, same } from "../../../base/text.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { forEach, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { flag, parts, sorted, textOf, textsOf } from "../../model/values.ts";
import { takenIn } from "../account/taken.ts";
import { guardedGroup, otherGroups, parkThing, privilegeOf, refsIn, refusesTwice, tellPrivileged } from "../groups.ts";
import { type LiveMember, membersOf, type Wished, willHaveEntra } from "../members.ts";
import { followerOf, followsNote, hasGone } from "../successors.ts";
import { type CloudGroup, type CloudGroups, failedIn, groupRef, liveRefs, losersOf } from "./refs.ts";

const type = "entra:Group";

/** A group that can be managed, on its way to a resource. */
interface Candidate {
  group: CloudGroup;
  index: number;
  live: Live | undefined;
  /** It is protected, and safety.yaml allows it. */
  privileged: boolean;
}

/** Adds the entra:Group resources. Protected groups are refused unless safety.yaml allows them. */
export function cloudGroups(scene: Scene, groups: CloudGroups): void {
  const twice = refusesTwice(scene);
  for (const [index, group] of (scene.mappings.entra?.groups ?? []).entries()) {
    const place = scene.at("entra", "groups", index, "name");
    const { live, problem } = groups.find(group);
    const guarded = guardedGroup(scene, place, group.name, live);
    if (guarded === "refused") continue;
    if (twice(place, group.name)) continue;
    const cannot = problem ?? impossible(group, live, place);
    if (cannot) parkThing(scene, group.name, cannot);
    else add(scene, groups, { group, index, live, privileged: guarded === "privileged" });
  }
  // AD takes people out of its own, a rule those of dynamic ones.
  const theirs = scene.all(type).filter(({ values }) => flag(values["synced"]) || flag(values["dynamic"]));
  const left = new Set(
    [...theirs, ...(scene.mappings.entra?.groups ?? []).flatMap((group) => groups.find(group).live ?? [])].map(({ id }) => id),
  );
  otherGroups(
    scene,
    type,
    "Entra group",
    left,
    (live) => liveRefs(groups, live, "members"),
    ({ values }) => {
      if (flag(values["roleAssignable"])) return "it can hold Entra roles";
      if (flag(values["protected"])) return textOf(values["protectedBecause"]);
      return flag(values["exchange"]) ? "only Exchange Online may change it" : undefined;
    },
  );
}

const words = {
  security: "a security group",
  microsoft365: "a Microsoft 365 group",
  mailSecurity: "a mail-enabled security group",
  distribution: "a distribution list",
} as const;

const kindOf = (live: Live): keyof typeof words => (textOf(live.values["kind"]) || "security") as keyof typeof words;

/** Why the group cannot be as the mapping has it, whatever its members are. */
function impossible(group: CloudGroup, live: Live | undefined, place: string): string | undefined {
  const it = `the Entra group ${group.name}`;
  if (!live) {
    if (!group.create) return `${it} does not exist, and ${place} says create: false: create it, or let haloform`;
    return group.kind === "mailSecurity" || group.kind === "distribution"
      ? `${it} does not exist, and ${words[group.kind]} needs Exchange Online: create it there, or choose another kind`
      : undefined;
  }
  if (flag(live.values["synced"])) return `${it} comes from AD: name it in mappings/ad.yaml instead of ${place}`;
  const dynamic = flag(live.values["dynamic"]);
  if (dynamic && group.rule === undefined)
    return `${it} is filled by a rule of Entra (dynamic): take it out of ${place}, or manage its rule`;
  if (!dynamic && group.rule !== undefined)
    return `${it} has members of its own, and with the rule of ${place} all of them would go: convert it in Entra ID by hand`;
  return group.kind !== undefined && group.kind !== kindOf(live)
    ? `${it} is ${words[kindOf(live)]}, and ${place} says ${words[group.kind]}: Entra ID converts none; correct kind`
    : undefined;
}

function add(scene: Scene, groups: CloudGroups, one: Candidate): void {
  const { group, index, live, privileged } = one;
  const at = (field: string): Because => ({ rule: scene.at("entra", "groups", index, field) });
  const members = group.rule === undefined ? wishedMembers(scene, groups, one) : undefined;
  const owners = privileged ? undefined : wishedOwners(scene, groups, one);
  const inputs: Values = {
    name: privileged ? textOf(live?.values["name"]) : group.name,
    ...(privileged ? { privileged } : settings(scene, one)),
    mode: group.mode,
    ...defined({ members: members?.members, leave: members?.leave, may: members?.may, owners: owners?.members }),
    create: group.create,
  };
  if (live && flag(live.values["exchange"])) leaveToExchange(scene, groups, group, live, inputs);
  if (live && privileged && members)
    tellPrivileged(scene, group.name, privilegeOf(live, "a group that can hold Entra roles"), liveRefs(groups, live, "members"), members);
  const loses = live ? tellLicences(scene, groups, group, live) : {};
  want(scene, {
    type,
    name: group.name,
    inputs,
    because: {
      "": group.because === undefined ? at("name") : { ...at("name"), note: group.because },
      ...forEach(inputs, at),
      ...members?.because,
      ...Object.fromEntries(Object.entries(owners?.because ?? {}).map(([path, why]) => [path.replace(/^members\./u, "owners."), why])),
    },
    ...(Object.keys(loses).length > 0 ? { loses } : {}),
    live,
  });
}

/** Everything but members and owners; what the mapping does not name is not managed. */
function settings(scene: Scene, { group, live, index }: Candidate): Values {
  const { kind, description, visibility, rule, ruleState, licences } = group;
  const mailNickname = aliasOf(scene, group, live, index);
  const wished: Values = {};
  for (const [name, value] of Object.entries({ kind, description, mailNickname, visibility, rule, ruleState }))
    if (value !== undefined) wished[name] = value.trim();
  if (licences)
    wished["licences"] = licences
      .map(({ sku, without }) => ({ sku: sku.trim(), without: sorted(without.map((plan) => plan.trim())) }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1));
  return wished;
}

/** The alias that the mapping gives: of Microsoft 365 groups it is unique in the tenant, and whoever has it keeps it. */
function aliasOf(scene: Scene, { name, kind, mailNickname }: CloudGroup, live: Live | undefined, index: number): string | undefined {
  const [now, wished] = [textOf(live?.values["mailNickname"]), mailNickname?.trim() ?? ""];
  if (wished === "" || same(wished, now) || (live ? kindOf(live) : kind) !== "microsoft365") return mailNickname;
  const taken = takenIn(scene);
  const whose = taken.by("alias", wished, { live });
  scene.newNames.add("");
  if (whose === undefined) {
    taken.claim("alias", wished, `the Entra group ${name}`);
    return mailNickname;
  }
  const place = scene.at("entra", "groups", index, "mailNickname");
  parkThing(scene, name, `the mailNickname ${wished} of the Entra group ${name} is ${whose}: make it unique (${place})`);
  return now === "" ? undefined : now;
}

function wishedMembers(scene: Scene, groups: CloudGroups, { group, index, live, privileged }: Candidate): Wished {
  // An id of a group of the mapping or of a person is called as those are.
  const ids = (id: string): string | undefined => groups.membersOf([id.trim().toLowerCase()])[0]?.ref;
  return membersOf(scene, {
    ...{ type, name: group.name, line: group },
    at: (part) => ({ rule: scene.at("entra", "groups", index, part) }),
    live: live && liveRefs(groups, live, "members"),
    others(part) {
      const at = (kind: string, position: number): Because => ({ rule: scene.at("entra", "groups", index, part, kind, position) });
      const missing = (_kind: string, name: string, { rule }: Because): void => {
        const reason = `the Entra group ${name}, which ${group.name} should contain (${rule}), does not exist or is there twice: create it, or add it to groups`;
        if (part === "contains") parkThing(scene, group.name, reason);
      };
      return refsIn({ ...group[part] }, at, { groups: groups.refOf, ids }, missing, groupRef(group.name));
    },
    privileged: privileged ? "a group that can hold Entra roles" : undefined,
  });
}

/** The people who own it; the last ones are kept, as a group without an owner is nobody's. */
function wishedOwners(scene: Scene, groups: CloudGroups, { group, index, live }: Candidate): Wished | undefined {
  const { owners } = group;
  if (!owners) return undefined;
  const place = scene.at("entra", "groups", index, "owners");
  const now = liveRefs(groups, live, "owners");
  const before = scene.previous("entra:Group", group.name)?.inputs["owners"];
  const wished = membersOf(scene, {
    ...{ type, name: group.name, part: "owners", live: live && now },
    line: { mode: group.mode, because: group.because, owners },
    at: () => ({ rule: place }),
    before: before ?? [],
  });
  // In additive mode the owners that others named stay anyway, and are not haloform's.
  const given = new Set(textsOf(before));
  const others = group.mode === "additive" ? now.filter(({ ref }) => !given.has(ref)) : [];
  const followed = ownersFollowed(scene, group, now, wished, others);
  if (followed) return followed;
  if (wished.members.length > 0 || now.length === 0 || others.length > 0) return wished;
  scene.notes.push(
    `The Entra group ${group.name} keeps its ${now.length === 1 ? "last owner" : "owners"}, though ${place} asks for nobody who has an account: a group must have an owner; name another`,
  );
  const kept = sorted(now.map((one) => one.ref));
  return {
    members: kept,
    because: Object.fromEntries(kept.map((ref) => [`members.${ref}`, { rule: place, note: "the last owner is kept" }])),
  };
}

/** The owners with whoever follows those who have left, where nobody else who stays would own the group. */
function ownersFollowed(
  scene: Scene,
  group: CloudGroup,
  now: readonly LiveMember[],
  wished: Wished,
  others: readonly LiveMember[],
): Wished | undefined {
  const person = (ref: string): Subject | undefined => scene.byKey.get(ref.replace(/^person:/u, ""));
  const gone = now.flatMap(({ ref }) => [person(ref) ?? []].flat()).filter(hasGone);
  const stays = (ref: string): boolean => !gone.some(({ key }) => ref === `person:${key}`);
  if (gone.length === 0 || wished.members.some(stays) || others.some(({ ref }) => stays(ref))) return undefined;
  const followers = gone.flatMap((leaver) => {
    const follower = followerOf(scene, { leaver, as: "owner", of: `the Entra group ${group.name}` }, (one) => willHaveEntra(scene, one));
    return follower ? [{ leaver, follower }] : [];
  });
  if (followers.length === 0) return undefined;
  const rule = scene.at("safety", "leaver", "successor");
  const reasons = followers.map(({ leaver, follower }) => [
    `members.person:${follower.key}`,
    { rule, note: followsNote(leaver, follower) },
  ]);
  return {
    members: sorted([...wished.members, ...followers.map(({ follower }) => `person:${follower.key}`)]),
    because: { ...wished.because, ...Object.fromEntries(reasons) },
  };
}

/** Graph only shows such groups: what differs is said and left, and the wish becomes what is there. */
function leaveToExchange(scene: Scene, groups: CloudGroups, group: CloudGroup, live: Live, inputs: Values): void {
  const current: Values = { ...inputs };
  for (const name of ["name", "description", "mailNickname", "visibility"])
    if (name in inputs)
      current[name] = name === "description" ? textOf(live.values[name]) : textOf(live.values[name]) || (inputs[name] ?? "");
  for (const name of ["members", "owners"] as const)
    if (name in inputs) {
      const now = liveRefs(groups, live, name).map((one) => one.ref);
      current[name] = group.mode === "additive" ? textsOf(inputs[name]).filter((ref) => now.includes(ref)) : sorted(now);
    }
  const differ = Object.keys(current).filter((name) => JSON.stringify(current[name]) !== JSON.stringify(inputs[name]));
  if (differ.length === 0) return;
  const wish = new Set(textsOf(inputs["members"]));
  const now = new Set(textsOf(current["members"]));
  const joining = [...wish].filter((ref) => !now.has(ref)).length;
  const leaving = [...now].filter((ref) => !wish.has(ref)).length;
  const members = [...(joining > 0 ? [`${joining} to add`] : []), ...(leaving > 0 ? [`${leaving} to take out`] : [])].join(", ");
  const what = differ.map((name) => (name === "members" && members ? `members (${members})` : name)).join(" and ");
  const reason = `the Entra group ${group.name} is ${words[kindOf(live)]}: changing its ${what} needs Exchange Online; change it there, or take it out of the mapping`;
  parkThing(scene, group.name, reason);
  Object.assign(inputs, current);
}

/**
 * Says what a change of a group's licences means for its members, and whom they did not reach. Returns field path → who loses
 * a licence by it, for the limits of safety.yaml.
 */
function tellLicences(scene: Scene, groups: CloudGroups, group: CloudGroup, live: Live): { [path: string]: string[] } {
  if (!group.licences) return {};
  const held = parts(live.values["licences"]).map((one) => textOf(one["sku"]));
  const lost = held.filter((sku) => !group.licences?.some((one) => same(one.sku, sku)));
  const count = textsOf(live.values["members"]).length;
  if (lost.length > 0 && count > 0)
    scene.notes.push(
      `The Entra group ${group.name} no longer gives ${lost.join(", ")}: its ${count} ${count === 1 ? "member loses" : "members lose"} it unless they have it otherwise`,
    );
  const failed = failedIn(scene, live);
  if (failed.length > 0)
    scene.notes.push(
      `The Entra group ${group.name} could not give its licences to ${few(failed)}: free or buy seats, or mend the plans, and reprocess them in Entra ID`,
    );
  else if (flag(live.values["processing"])) scene.notes.push(`Entra ID is still working on the licences of the members of ${group.name}`);
  return Object.fromEntries(lost.map((sku) => [`licences.${sku}`, losersOf(scene, groups, live.id, sku)]));
}

/** AD groups as they should be. */
import { fold } from "../mappings/condition.ts";
import type { AdFile } from "../mappings/schema.ts";
import type { Live, Values } from "../providers/core/definition.ts";
import type { NeedOu } from "./desired-users.ts";
import { dnKey } from "./dn.ts";
import { type LiveMember, membersOf } from "./members.ts";
import { adoption, because, type Scene } from "./scene.ts";
import type { Because } from "./types.ts";
import { flag, part, same, textOf } from "./values.ts";

type Group = AdFile["groups"][number];

/** Adds the ad:Group resources. Names of protected groups are refused: such a mapping is an error. */
export function groups(scene: Scene, needOu: NeedOu): void {
  const all = scene.mappings.ad?.groups ?? [];
  if (all.length === 0) return;
  const byName = new Map(scene.all("ad:Group").map((live) => [fold(textOf(live.values["name"])), live]));
  const members = memberReader(scene);
  const named = new Set<string>();
  for (const [index, group] of all.entries()) {
    const place = scene.at("ad", "groups", index, "name");
    if (named.has(fold(group.name))) {
      scene.refused.push(`${place} names the group ${group.name} a second time: put its conditions together with any`);
      continue;
    }
    named.add(fold(group.name));
    const known = scene.previous("ad:Group", group.name);
    const live = (known && scene.byId("ad:Group").get(known.id)) ?? byName.get(fold(group.name));
    if (isProtected(scene, group.name) || flag(live?.values["protected"])) {
      scene.refused.push(`${place} names the protected group ${group.name}: haloform never changes it; take it out of the mapping`);
    } else if (!live && group.ou === undefined) {
      scene.parked.push({
        key: group.name,
        name: group.name,
        where: "mapping",
        reason: `the AD group ${group.name} does not exist, and ${place} gives no ou to create it in: create it, or add ou`,
      });
    } else add(scene, group, index, live, live ? members(live) : [], needOu);
  }
}

/** Whether mappings/safety.yaml protects a group of this name. */
export function isProtected(scene: Scene, name: string): boolean {
  return scene.mappings.safety.protected.groups.some((one) => same(one, name));
}

function add(scene: Scene, group: Group, index: number, live: Live | undefined, liveMembers: LiveMember[], needOu: NeedOu): void {
  const at = (field: string): Because => because(scene.at("ad", "groups", index, field));
  const { closed, groups: verdicts } = scene.wanted;
  const wished = membersOf(scene, {
    system: "ad",
    group: group.name,
    mode: group.mode,
    rule: scene.at("ad", "groups", index, "members"),
    note: [group.because, closed.get(index)].filter((text) => text !== undefined).join("; ") || undefined,
    exact: scene.at("ad", "groups", index, "mode"),
    verdict: (subject) => verdicts.get(index)?.get(subject.key),
    hasAccount: (subject) => scene.willHaveAd.has(subject.key),
    live: liveMembers,
    before: scene.previous("ad:Group", group.name)?.inputs["members"],
  });
  const inputs: Values = {
    name: live && same(textOf(live.values["name"]), group.name) ? textOf(live.values["name"]) : group.name,
    ...creation(scene, group, live),
    ...(group.description === undefined ? {} : { description: group.description }),
    mode: group.mode,
    members: wished.members,
  };
  if (group.ou !== undefined) needOu(group.ou, at("ou"));
  scene.resources.push({
    type: "ad:Group",
    name: group.name,
    wave: 2,
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
    ...adoption(scene, "ad:Group", group.name, live?.id),
  });
}

/** Place, scope and kind are for creating: a group that exists keeps its own, for others rely on them. */
function creation(scene: Scene, group: Group, live: Live | undefined): Values {
  if (!live) return { ...(group.ou === undefined ? {} : { path: group.ou }), scope: group.scope, kind: group.kind };
  const now: Values = { scope: textOf(live.values["scope"]) || group.scope, kind: textOf(live.values["kind"]) || group.kind };
  if (now["scope"] !== group.scope || now["kind"] !== group.kind) {
    scene.notes.push(
      `The AD group ${group.name} is ${now["scope"]} ${now["kind"]}, the mapping says ${group.scope} ${group.kind}: haloform does not convert groups`,
    );
  }
  return { ...(group.ou === undefined ? {} : { path: textOf(live.values["path"]) || group.ou }), ...now };
}

/** Turns live members into refs: people where they are known, else DNs as in AD. */
function memberReader(scene: Scene): (live: Live) => LiveMember[] {
  const people = new Map(scene.subjects.flatMap(({ key, accounts }) => (accounts.ad === undefined ? [] : [[accounts.ad, key]])));
  let byDn: Map<string, Live> | undefined;
  const accountAt = (dn: string): Live | undefined => {
    byDn ??= new Map(
      [...scene.all("ad:User"), ...scene.all("ad:Group")].map((one) => [dnKey(textOf(one.values["distinguishedName"])), one]),
    );
    return byDn.get(dnKey(dn));
  };
  return (group) => {
    const { members } = group.values;
    return (Array.isArray(members) ? members : []).map((member) => {
      const values = part(member);
      const dn = textOf(values["dn"]);
      const guid = textOf(values["guid"]);
      const live = scene.byId("ad:User").get(guid) ?? scene.byId("ad:Group").get(guid) ?? accountAt(dn);
      const key = live && people.get(live.id);
      return { ref: key === undefined ? `dn:${dn}` : `person:${key}`, protected: flag(live?.values["protected"]) };
    });
  };
}

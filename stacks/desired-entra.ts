/** Entra ID as it should be: people's licences and cloud groups. */
import { fold } from "../mappings/condition.ts";
import { compile } from "../mappings/template.ts";
import type { Live, Values } from "../providers/core/definition.ts";
import { carried } from "./carried.ts";
import { isProtected } from "./desired-groups.ts";
import { raised, skusOf, skuValues, united } from "./keep.ts";
import type { Subject } from "./lifecycle.ts";
import { membersOf } from "./members.ts";
import { adoption, because, personName, type Scene } from "./scene.ts";
import type { Because } from "./types.ts";
import { flag, sorted, textOf, textsOf } from "./values.ts";

/** Adds entra:Licence for everybody who has, or is about to get, an Entra account. */
export function licences(scene: Scene): void {
  const lines = scene.mappings.entra?.licences ?? [];
  if (lines.length === 0) return;
  const of = sorted(lines.map((line) => line.sku));
  for (const subject of scene.subjects) {
    const live = subject.accounts.entra === undefined ? undefined : scene.byId("entra:Licence").get(subject.accounts.entra);
    if (subject.stage === "held" || subject.parkedIn.has("entra") || !subject.record) carried(scene, subject, "entra:Licence", live);
    else if (live || (subject.stage === "active" && scene.willHaveAd.has(subject.key))) licence(scene, subject, live, of);
    else if (scene.previous("entra:Licence", personName(subject.key))) carried(scene, subject, "entra:Licence", undefined);
  }
}

function licence(scene: Scene, subject: Subject, live: Live | undefined, of: string[]): void {
  const name = personName(subject.key);
  const leaver = subject.stage === "leaver";
  const reasons: { [path: string]: Because } = {};
  const asked = leaver ? inheritedStill(scene, subject, live) : entitlements(scene, subject, reasons);
  // A leaver gets nothing new: where licences are only taken away, no place needs to be known.
  const location = leaver ? textOf(scene.previous("entra:Licence", name)?.inputs["usageLocation"]) : usageLocation(scene, subject, live);
  const wish: Values = {
    person: subject.key,
    ...(location === "" ? {} : { usageLocation: location }),
    skus: skuValues(united(asked)),
    of,
  };
  const keeps = subject.keep !== undefined || (leaver && !subject.due.has("strip"));
  const inputs = keeps ? raised("entra:Licence", wish, live) : wish;
  const rule = scene.at("entra", "licences");
  const source = scene.mappings.entra?.usageLocation;
  const why = subject.because ?? subject.keep;
  for (const { sku } of skusOf(inputs["skus"])) if (!asked.some((one) => one.sku === sku)) reasons[`skus.${sku}`] = why ?? { rule };
  if (leaver && !keeps) for (const sku of of) reasons[`skus.${sku}`] = subject.because ?? { rule };
  scene.resources.push({
    type: "entra:Licence",
    name,
    wave: 2,
    person: subject.key,
    inputs,
    because: {
      "": subject.because ?? because(rule, subject),
      ...(location === ""
        ? {}
        : { usageLocation: because(scene.at("entra", "usageLocation"), subject, source ? compile(source).fields : []) }),
      skus: subject.because ?? because(rule, subject),
      of: { rule },
      ...reasons,
    },
    ...adoption(scene, "entra:Licence", name, live?.id),
  });
}

/** What a leaver who is not stripped yet was wished and has through a group: nothing is lost there, so the plan must not say so. */
function inheritedStill(scene: Scene, subject: Subject, live: Live | undefined): { sku: string; without: string[] }[] {
  if (subject.due.has("strip")) return [];
  const through = new Set(skusOf(live?.values["inherited"]).map(({ sku }) => sku));
  return skusOf(scene.previous("entra:Licence", personName(subject.key))?.inputs["skus"]).filter(({ sku }) => through.has(sku));
}

/** The lines that hold; a reason for every SKU of the mapping, wished or not. */
function entitlements(scene: Scene, subject: Subject, reasons: { [path: string]: Because }): { sku: string; without: string[] }[] {
  const asked: { sku: string; without: string[] }[] = [];
  for (const [index, line] of (scene.mappings.entra?.licences ?? []).entries()) {
    const verdict = scene.wanted.decide(line.for, subject);
    const path = `skus.${line.sku}`;
    const why = because(scene.at("entra", "licences", index), subject, verdict.fields);
    if (verdict.holds) {
      if (!asked.some((one) => one.sku === line.sku)) reasons[path] = why;
      asked.push({ sku: line.sku, without: line.without });
    } else reasons[path] ??= { ...why, note: "not entitled" };
  }
  return asked;
}

/** Set before the first licence when the account has none; one that is there is kept. */
function usageLocation(scene: Scene, subject: Subject, live: Live | undefined): string {
  const source = scene.mappings.entra?.usageLocation;
  if (source === undefined || !subject.record) return "";
  return textOf(live?.values["usageLocation"]).toUpperCase() || compile(source).render(subject.record.fields).toUpperCase();
}

/** Adds entra:Group. Groups that AD or a rule of Entra fills are left to them. */
export function cloudGroups(scene: Scene): void {
  const all = scene.mappings.entra?.groups ?? [];
  if (all.length === 0) return;
  const people = new Map(scene.subjects.flatMap(({ key, accounts }) => (accounts.entra === undefined ? [] : [[accounts.entra, key]])));
  const byName = new Map<string, Live[]>();
  for (const live of scene.all("entra:Group")) {
    const name = fold(textOf(live.values["name"]));
    byName.set(name, [...(byName.get(name) ?? []), live]);
  }
  const named = new Set<string>();
  for (const [index, group] of all.entries()) {
    const place = scene.at("entra", "groups", index, "name");
    const known = scene.previous("entra:Group", group.name);
    const byState = known && scene.byId("entra:Group").get(known.id);
    const candidates = byState ? [byState] : (byName.get(fold(group.name)) ?? []);
    const [live] = candidates;
    const cannot =
      candidates.length > 1
        ? `${candidates.length} Entra groups are called ${group.name}: rename all but one`
        : problem(group, live, place);
    if (isProtected(scene, group.name))
      scene.refused.push(`${place} names the protected group ${group.name}: haloform never changes it; take it out of the mapping`);
    else if (named.has(fold(group.name)))
      scene.refused.push(`${place} names the group ${group.name} a second time: put its conditions together with any`);
    else if (cannot) scene.parked.push({ key: group.name, name: group.name, where: "mapping", reason: cannot });
    else addGroup(scene, index, live, people);
    named.add(fold(group.name));
  }
}

function problem(group: { name: string; create: boolean }, live: Live | undefined, place: string): string | undefined {
  if (!live)
    return group.create
      ? undefined
      : `the Entra group ${group.name} does not exist, and ${place} says create: false: create it, or let haloform`;
  if (flag(live.values["synced"])) return `the Entra group ${group.name} comes from AD: name it in mappings/ad.yaml instead of ${place}`;
  return flag(live.values["dynamic"])
    ? `the Entra group ${group.name} is filled by a rule of Entra (dynamic): take it out of ${place}`
    : undefined;
}

function addGroup(scene: Scene, index: number, live: Live | undefined, people: ReadonlyMap<string, string>): void {
  const group = scene.mappings.entra?.groups[index];
  if (!group) return;
  const at = (field: string): Because => because(scene.at("entra", "groups", index, field));
  const refs = textsOf(live?.values["members"]).map((id) => {
    const key = people.get(id);
    return { ref: key === undefined ? `id:${id}` : `person:${key}`, protected: false };
  });
  const wished = membersOf(scene, {
    system: "entra",
    group: group.name,
    mode: group.mode,
    rule: scene.at("entra", "groups", index, "members"),
    exact: scene.at("entra", "groups", index, "mode"),
    verdict: (subject) => scene.wanted.decide(group.members, subject),
    hasAccount: (subject) => subject.accounts.entra !== undefined || scene.willHaveAd.has(subject.key),
    live: refs,
    before: scene.previous("entra:Group", group.name)?.inputs["members"],
  });
  const inputs: Values = {
    name: group.name,
    ...(group.description === undefined ? {} : { description: group.description }),
    mode: group.mode,
    members: wished.members,
    create: group.create,
  };
  scene.resources.push({
    type: "entra:Group",
    name: group.name,
    wave: 2,
    inputs,
    because: {
      "": at("name"),
      ...Object.fromEntries(Object.keys(inputs).map((name) => [name, at(name)])),
      ...wished.because,
    },
    ...adoption(scene, "entra:Group", group.name, live?.id),
  });
}

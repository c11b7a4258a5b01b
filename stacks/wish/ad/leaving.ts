/** What the stages of a leaver make of an AD account, what a deleted one leaves behind, and accounts that are never touched. */
import type { Json, Values } from "../../../base/json.ts";
import { dnKey } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { park, personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because, PreviousResource } from "../../model/types.ts";
import { called, flag, part, textOf, textsOf } from "../../model/values.ts";
import { placed } from "../naming.ts";

/** msRTCSIP-UserEnabled: whether Skype for Business (Lync) serves the account. */
export const lyncAttribute = "msRTCSIP-UserEnabled";

/** Whether this run deletes the account: the stage has come, and an earlier run has disabled it. */
export function goes(subject: Subject, live: Live): boolean {
  return subject.due.has("delete") && live.values["enabled"] === false && !flag(live.values["protected"]) && subject.keep === undefined;
}

/** A leaver's inputs as the stages that have come make them. `inputs` are those of an account that is only disabled. */
export function staged(scene: Scene, subject: Subject, inputs: Values, live: Live): Values {
  const { move, lync } = scene.mappings.safety.leaver;
  let next = inputs;
  if (lync === "off") next = withLync(next, live, "FALSE");
  if (move && subject.due.has("move")) next = { ...next, ...moved(scene, move.to, live) };
  return goes(subject, live) ? { ...next, deleted: true } : next;
}

/** Somebody who is back has Lync again where the leaver's stage took it; what nobody took is not touched. */
export function rejoined(scene: Scene, subject: Subject, attributes: Values): Values {
  if (scene.mappings.safety.leaver.lync !== "off" || subject.stage !== "active") return attributes;
  const before = part(scene.previous("ad:User", personName(subject.key))?.inputs["attributes"]);
  const has = (all: Values): boolean => Object.keys(all).some((name) => name.toLowerCase() === lyncAttribute.toLowerCase());
  return has(before) && !has(attributes) ? { ...attributes, [lyncAttribute]: "TRUE" } : attributes;
}

function withLync(inputs: Values, live: Live, value: string): Values {
  const attributes = part(live.values["attributes"]);
  const name = Object.keys(attributes).find((one) => one.toLowerCase() === lyncAttribute.toLowerCase());
  if (name === undefined || textOf(attributes[name]) === "") return inputs;
  const kept = Object.entries(part(inputs["attributes"])).filter(([one]) => one.toLowerCase() !== lyncAttribute.toLowerCase());
  return { ...inputs, attributes: { ...Object.fromEntries(kept), [lyncAttribute]: value } };
}

/** The place, in AD's spelling, and a name that is free there: once moved, both stay. */
function moved(scene: Scene, to: string, live: Live): Values {
  const place = dnKey(to);
  if (dnKey(textOf(live.values["path"])) === place) return {};
  const path =
    scene
      .all("ad:OrganizationalUnit")
      .map((one) => textOf(one.values["distinguishedName"]))
      .find((dn) => dnKey(dn) === place) ?? to;
  const taken = takenIn(scene, place);
  const base = textOf(live.values["name"]);
  for (let number = 1; ; number++) {
    const tail = number === 1 ? "" : ` (${number})`;
    const name = `${base.slice(0, 64 - tail.length)}${tail}`;
    if (taken.has(placed(place, name))) continue;
    taken.add(placed(place, name));
    return { path, name };
  }
}

const takenNames = new WeakMap<Scene, Set<string>>();
function takenIn(scene: Scene, place: string): Set<string> {
  const known =
    takenNames.get(scene) ??
    new Set(
      [...scene.all("ad:User"), ...scene.all("ad:Group")]
        .filter((one) => dnKey(textOf(one.values["path"])) === place)
        .map((one) => placed(place, textOf(one.values["name"]))),
    );
  takenNames.set(scene, known);
  return known;
}

/** Deleted accounts as AD keeps them for a while. */
function graves(scene: Scene): readonly Live[] {
  return scene.all("ad:Deleted");
}

/**
 * Carries a deleted account on as deleted, while AD can still bring it back: true when it did. Also one that was deleted by
 * hand, so that it is known again when the person comes back.
 */
export function buried(scene: Scene, subject: Subject, before: PreviousResource): boolean {
  if (!scene.byId("ad:Deleted").has(before.id)) return false;
  const why: Because = subject.because ?? subject.keep ?? { rule: scene.at("safety", "leaver", "delete") };
  scene.add({
    type: "ad:User",
    name: personName(subject.key),
    person: subject.key,
    inputs: { ...before.inputs, deleted: true },
    because: { "": why, deleted: why },
  });
  return true;
}

/**
 * The deleted account of somebody who has none: by the id the state knows, by its SID, or by the ordered fields of matching as far as the
 * tombstone kept them. Several: the person is parked. By a login alone nobody is recognised: it may have been somebody else's.
 */
export function graveOf(scene: Scene, subject: Subject, wants: (field: string) => string | undefined): Live | undefined | "parked" {
  const all = graves(scene);
  if (all.length === 0) return undefined;
  const before = scene.previous("ad:User", personName(subject.key));
  const known = before && scene.byId("ad:Deleted").get(before.id);
  if (known) return claimed(scene, subject, known);
  const sid = textOf(part(before?.outputs["computed"])["sid"]);
  const owned = new Set(scene.world.previous.filter((one) => one.type === "ad:User").map((one) => one.id));
  const free = all.filter((one) => !owned.has(one.id) && !flag(one.values["protected"]));
  const bySid = sid === "" ? [] : free.filter((one) => textOf(one.values["sid"]) === sid);
  if (bySid[0] && bySid.length === 1) return claimed(scene, subject, bySid[0]);
  for (const field of scene.mappings.people.match.ad) {
    const wanted = wants(field)?.trim().toLowerCase() ?? "";
    if (wanted === "") continue;
    const found = free.filter((one) => valuesOf(one, field).some((value) => value.trim().toLowerCase() === wanted));
    if (found.length === 0) continue;
    if (found[0] && found.length === 1) return claimed(scene, subject, found[0]);
    const labels = found.map((one) => `${textOf(one.values["sAMAccountName"])} (${one.id})`).sort();
    park(
      scene,
      subject,
      "ad",
      "matching",
      `${found.length} deleted AD accounts have ${field} ${wanted}: ${labels.slice(0, 5).join("; ")}; restore the right one by hand (Restore-ADObject), or let the others' time run out`,
    );
    return "parked";
  }
  return undefined;
}

const claims = new WeakMap<Scene, Map<string, Subject>>();

/** One deleted account for one person: whom it would be the second owner is parked. */
function claimed(scene: Scene, subject: Subject, grave: Live): Live | "parked" {
  const mine = claims.get(scene) ?? new Map<string, Subject>();
  claims.set(scene, mine);
  const other = mine.get(grave.id);
  mine.set(grave.id, other ?? subject);
  if (other === undefined || other === subject) return grave;
  park(
    scene,
    subject,
    "ad",
    "matching",
    `the deleted AD account ${textOf(grave.values["sAMAccountName"])} would belong to ${called(other)} as well; correct the one it is not in Halo`,
  );
  return "parked";
}

/** Values of a field: beside the rest, or under `attributes`, whatever its case. */
function valuesOf(live: Live, field: string): string[] {
  const direct = live.values[field];
  if (direct !== undefined) return textsOf(direct);
  const attributes = part(live.values["attributes"]);
  const name = Object.keys(attributes).find((one) => one.toLowerCase() === field.toLowerCase());
  return name === undefined ? [] : textsOf(attributes[name]);
}

/**
 * An account that is never touched (it became an administrator, say) keeps what it has: the wish is what is there. Where the
 * person should be disabled, moved, renamed or changed, a human must do it, and the plan says so.
 */
export function spared(scene: Scene, subject: Subject, wish: Values, live: Live | undefined): Values {
  if (!live || !flag(live.values["protected"])) return wish;
  const now = live.values;
  const asked = [
    ...(wish["enabled"] === false && now["enabled"] === true ? ["be disabled"] : []),
    ...(wish["enabled"] === true && now["enabled"] === false ? ["be enabled"] : []),
    ...(dnKey(textOf(wish["path"])) === dnKey(textOf(now["path"])) ? [] : ["be moved"]),
    ...(textOf(wish["name"]) === textOf(now["name"]) ? [] : ["be renamed"]),
    ...(wish["deleted"] === true || (subject.due.has("delete") && subject.keep === undefined) ? ["be deleted"] : []),
    ...(differs(part(wish["attributes"]), part(now["attributes"])) ? ["have other attributes"] : []),
  ];
  if (asked.length > 0) {
    const why = textOf(now["protectedBecause"]) || "it is a protected account of Active Directory (administrators and built-in accounts)";
    park(
      scene,
      subject,
      "ad",
      "protected",
      `the AD account ${textOf(now["sAMAccountName"])} would ${asked.join(", ")}, but ${why}: do it by hand, or take its privileges away first`,
    );
  }
  const { person } = wish;
  return {
    person: person ?? subject.key,
    name: now["name"] ?? "",
    path: now["path"] ?? "",
    enabled: now["enabled"] === true,
    sAMAccountName: now["sAMAccountName"] ?? "",
    attributes: {},
  };
}

/** Texts only: references to other people are left to AD. */
function differs(wish: Values, now: Values): boolean {
  const lower = new Map(Object.entries(now).map(([name, value]) => [name.toLowerCase(), value]));
  const same = (a: Json, b: Json | undefined): boolean =>
    textsOf(a).sort().join("\u0000") ===
    textsOf(b ?? "")
      .sort()
      .join("\u0000");
  return Object.entries(wish).some(
    ([name, value]) => textsOf(value).every((text) => !/^(?:person|dn):/u.test(text)) && !same(value, lower.get(name.toLowerCase())),
  );
}

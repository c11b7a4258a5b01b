/** Contacts and computers of AD as the mapping wants them. */
import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { fitsWildcard } from "../../../base/wildcard.ts";
import { child, dnKey } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene, want } from "../../model/scene.ts";
import { flag, textOf } from "../../model/values.ts";
import { parkThing } from "../groups.ts";
import { placed } from "../naming.ts";
import type { NeedOu } from "./ous.ts";
import { intoProtected, namesInPlaces, nameTaken, unitTaken } from "./places.ts";
import { findContacts } from "./refs.ts";

/** Adds the ad:Contact resources, before the groups that hold them. */
export function contacts(scene: Scene, needOu: NeedOu): void {
  const all = scene.mappings.ad?.contacts ?? [];
  if (all.length === 0) return;
  const found = findContacts(scene);
  for (const [index, contact] of all.entries()) {
    const live = found.get(contact.name);
    const at = (...path: string[]) => because(scene.at("ad", "contacts", index, ...path));
    if (!live && scene.previous("ad:Contact", contact.name))
      scene.notes.push(`The AD contact ${contact.name} is gone (deleted by hand): it is created again`);
    if (!live && namesInPlaces(scene).has(placed(dnKey(contact.ou), contact.name))) {
      parkThing(scene, contact.name, `${nameTaken("contact", contact.name, contact.ou)} (${at("name").rule})`);
      continue;
    }
    const noPlace = live ? undefined : unitTaken(scene, contact.ou);
    if (noPlace !== undefined) {
      parkThing(
        scene,
        contact.name,
        `the AD contact ${contact.name} cannot be made, and ${noPlace}: rename one of them, or give the contact another ou (${at("ou").rule})`,
      );
      continue;
    }
    const guarded = intoProtected(scene, child("CN", contact.name, contact.ou), live);
    if (guarded !== undefined) {
      scene.refused.push(`${at("ou").rule} names a protected place: the AD contact ${contact.name} ${guarded}`);
      continue;
    }
    needOu(contact.ou, at("ou"));
    if (!live) scene.newNames.add(contact.ou);
    want(scene, {
      type: "ad:Contact",
      name: contact.name,
      inputs: { name: contact.name, path: contact.ou, attributes: contact.attributes },
      because: {
        "": at(),
        name: at("name"),
        path: at("ou"),
        ...Object.fromEntries(Object.keys(contact.attributes).map((name) => [`attributes.${name}`, at("attributes", name)])),
      },
      live,
    });
  }
}

/** Adds an ad:Computer for each computer that a line of the mapping is about. Domain controllers are refused by name, passed over by pattern. */
export function computers(scene: Scene, needOu: NeedOu): void {
  const rules = (scene.mappings.ad?.computers ?? []).map((rule, index) => ({ rule, index, pattern: fold(rule.name), fits: 0 }));
  if (rules.length === 0) return;
  for (const live of scene.all("ad:Computer")) {
    const name = textOf(live.values["name"]);
    const line = rules.find(({ pattern }) => fitsWildcard(pattern, fold(name), { one: true }));
    if (!line) continue;
    line.fits += 1;
    const at = (field?: string) => because(scene.at("ad", "computers", line.index, ...(field === undefined ? [] : [field])));
    if (flag(live.values["protected"])) {
      const said = `${name} is a domain controller or another computer that AD protects: haloform never changes it`;
      if (/[*?]/u.test(line.rule.name)) scene.notes.push(`${said} (${at("name").rule} fits it)`);
      else scene.refused.push(`${at("name").rule} names a protected computer: ${said}; take it out of the mapping`);
      continue;
    }
    const path = line.rule.ou === undefined ? undefined : sameAs(live, line.rule.ou);
    const guarded = path === undefined ? undefined : intoProtected(scene, child("CN", name, path), live);
    if (guarded !== undefined) {
      scene.refused.push(`${at("ou").rule} names a protected place: the computer ${name} ${guarded}`);
      continue;
    }
    if (line.rule.ou !== undefined) needOu(line.rule.ou, at("ou"));
    const inputs: Values = { name, ...(path === undefined ? {} : { path }), ...(line.rule.disable ? { enabled: false } : {}) };
    const reasons = { "": at(), name: at("name"), path: at("ou"), enabled: at("disable") };
    want(scene, { type: "ad:Computer", name: `computer-${fold(name)}`, inputs, because: reasons, live });
  }
  for (const { rule, index, fits } of rules) {
    if (fits > 0 || /[*?]/u.test(rule.name)) continue;
    const place = scene.at("ad", "computers", index);
    const reason = `the computer ${rule.name} (${place}) is not in AD: computers join the domain by themselves; take the line away if it is gone`;
    parkThing(scene, rule.name, reason);
  }
}

/** The place as AD spells it, where it is that place. */
function sameAs(live: Live, ou: string): string {
  const here = textOf(live.values["path"]);
  return dnKey(here) === dnKey(ou) ? here : ou;
}

/** Names that something in AD has in its place, whatever its class: there is one of a name in an organizational unit. */
import { comesInto } from "../../../base/places.ts";
import { same } from "../../../base/text.ts";
import { dnKey, nameOf, parentOf } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { elsewhereType } from "../../model/kinds.ts";
import { remembered } from "../../model/remembered.ts";
import type { Scene } from "../../model/scene.ts";
import { textOf } from "../../model/values.ts";
import { placesIn } from "../../read/protected-units.ts";
import { renamer } from "../../read/put-back.ts";
import { placed } from "../naming.ts";

const others = ["ad:Group", "ad:Contact", "ad:Computer", "ad:OrganizationalUnit", elsewhereType] as const;

const placeOf = (live: Live): string => {
  const dn = textOf(live.values["distinguishedName"]);
  return placed(dnKey(parentOf(dn)), nameOf(dn));
};

const places = new WeakMap<Scene, ReadonlySet<string>>();

/** Of everything there is. */
export function namesInPlaces(scene: Scene): ReadonlySet<string> {
  const known = places.get(scene);
  if (known) return known;
  const users = scene.all("ad:User").map((live) => placed(dnKey(textOf(live.values["path"])), textOf(live.values["name"])));
  const made = new Set([...users, ...others.flatMap((type) => scene.all(type).map(placeOf))]);
  places.set(scene, made);
  return made;
}

/** A place under the names that its units have: those of protected ones are not put back. */
export const placeNow = ({ world }: Scene, dn: string): string => (world.stuck ? renamer(world.stuck)(dn) : dn);

/**
 * Why nothing may be made in or moved to a place that safety.yaml protects; undefined: it may. `dn`: what it is to be called; `live`:
 * what is there.
 */
export function intoProtected({ mappings }: Scene, dn: string, live?: Live): string | undefined {
  const places = placesIn(mappings.safety.protected);
  const pattern = places.protected.length === 0 ? undefined : comesInto(places, dn, live && textOf(live.values["distinguishedName"]));
  return pattern === undefined
    ? undefined
    : `would ${live ? "become" : "be made as"} ${dn}, in a place that mappings/safety.yaml protects (${pattern}): give it another, or name the place under protected.allow`;
}

/**
 * Why the organizational units of a distinguishedName cannot all be there: something else has the name of one; undefined: they can.
 * Two siblings of one name AD refuses, whatever their kinds.
 */
export function unitTaken(scene: Scene, dn: string): string | undefined {
  const taken = unitsTaken.get(scene) ?? takenIn(scene);
  unitsTaken.set(scene, taken);
  return taken(dn);
}
/** Thousands of people share a place: each is looked at once. */
const unitsTaken = new WeakMap<Scene, (dn: string) => string | undefined>();

function takenIn(scene: Scene): (dn: string) => string | undefined {
  const units = new Set(scene.all("ad:OrganizationalUnit").map((live) => dnKey(textOf(live.values["distinguishedName"]))));
  return remembered((dn: string) => {
    for (let at = dn.trim(); /^ou\s*=/iu.test(at) && !units.has(dnKey(at)); at = parentOf(at))
      if (namesInPlaces(scene).has(placed(dnKey(parentOf(at)), nameOf(at))))
        return `the organizational unit ${at} cannot be made, as something else there has this name`;
    return undefined;
  });
}

/** Why a group of AD cannot get the name or the place that the mapping gives it; undefined: it can, or has them. */
export function cannotBecome(scene: Scene, live: Live, name: string, path: string): string | undefined {
  const [now, dn] = [textOf(live.values["name"]), textOf(live.values["distinguishedName"])];
  const isRenamed = now !== name;
  const holder = ["ad:Group", "ad:User"].flatMap(scene.all).find((one) => one.id !== live.id && isRenamed && same(loginOf(one), name));
  if (holder) return `cannot be renamed: it is called ${now} now, and ${textOf(holder.values["distinguishedName"])} has its name`;
  // The common name follows where it was the same before (providers/ad/group/write.ts).
  const cn = isRenamed && same(nameOf(dn), now) ? name : nameOf(dn);
  const [own, wished] = [placed(dnKey(parentOf(dn)), nameOf(dn)), placed(dnKey(path), cn)];
  if (own === wished) return undefined;
  scene.newNames.add(path);
  if (!namesInPlaces(scene).has(wished)) return undefined;
  return `cannot be ${isRenamed ? `renamed: it is called ${now} now` : `moved to ${path}`}, and something else ${isRenamed ? `in ${path}` : "there"} has its name`;
}

const loginOf = ({ values }: Live): string => textOf(values["sAMAccountName"]) || textOf(values["name"]);

/** Of the contacts and groups that the mapping has made. */
export function namesToMake(scene: Scene): string[] {
  const { contacts = [], groups = [] } = scene.mappings.ad ?? {};
  return [...contacts, ...groups].flatMap(({ name, ou }) => (ou === undefined ? [] : [placed(dnKey(ou), name)]));
}

/** Why a contact or a group cannot be made there. */
export const nameTaken = (noun: string, name: string, place: string): string =>
  `the AD ${noun} ${name} cannot be made in ${place}: something else there has this name; rename one of them, or give the ${noun} another ou`;

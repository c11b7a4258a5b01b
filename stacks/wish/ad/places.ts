/** Names that something in AD has in its place, whatever its class: there is one of a name in an organizational unit. */
import { dnKey, nameOf, parentOf } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { elsewhereType } from "../../model/kinds.ts";
import type { Scene } from "../../model/scene.ts";
import { textOf } from "../../model/values.ts";
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

/** Of the contacts and groups that the mapping has made. */
export function namesToMake(scene: Scene): string[] {
  const { contacts = [], groups = [] } = scene.mappings.ad ?? {};
  return [...contacts, ...groups].flatMap(({ name, ou }) => (ou === undefined ? [] : [placed(dnKey(ou), name)]));
}

/** Why a contact or a group cannot be made there. */
export const nameTaken = (noun: string, name: string, place: string): string =>
  `the AD ${noun} ${name} cannot be made in ${place}: something else there has this name; rename one of them, or give the ${noun} another ou`;

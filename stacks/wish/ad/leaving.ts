/** What the stages of a leaver make of an AD account, and what becomes of that when the person is back. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import { dnKey, sameDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { lyncAttribute } from "../../model/kinds.ts";
import { personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { part, textOf } from "../../model/values.ts";
import { deletes } from "../account/directory.ts";
import { placed } from "../naming.ts";
import { namesInPlaces } from "./places.ts";

/** A leaver's inputs as the stages that have come make them. `inputs` are those of an account that is only disabled. */
export type Staged = (subject: Subject, inputs: Values, live: Live) => Values;

export function leaverStages(scene: Scene): Staged {
  const { move, lync } = scene.mappings.safety.leaver;
  const place = move && leaversPlace(scene, move.to);
  return (subject, inputs, live) => {
    let next = inputs;
    if (lync === "off") next = withoutLync(next, live);
    if (place && subject.due.has("move")) next = { ...next, ...place(live) };
    return deletes(subject, live) ? { ...next, deleted: true } : next;
  };
}

const isLync = (name: string): boolean => same(name, lyncAttribute);

/** Somebody who is back has Lync again where the leaver's stage took it; what nobody took is not touched. */
export function rejoined(scene: Scene, subject: Subject, attributes: Values): Values {
  if (scene.mappings.safety.leaver.lync !== "off" || subject.stage !== "active") return attributes;
  const before = part(scene.previous("ad:User", personName(subject.key))?.inputs["attributes"]);
  const isBack = Object.keys(before).some(isLync) && !Object.keys(attributes).some(isLync);
  return isBack ? { ...attributes, [lyncAttribute]: "TRUE" } : attributes;
}

function withoutLync(inputs: Values, live: Live): Values {
  const attributes = part(live.values["attributes"]);
  const name = Object.keys(attributes).find(isLync);
  if (name === undefined || textOf(attributes[name]) === "") return inputs;
  const kept = Object.entries(part(inputs["attributes"])).filter(([one]) => !isLync(one));
  return { ...inputs, attributes: { ...Object.fromEntries(kept), [lyncAttribute]: "FALSE" } };
}

/** The place, in AD's spelling, and a name that is free there: once moved, both stay. Names are given out in the order asked for. */
function leaversPlace(scene: Scene, to: string): (live: Live) => Values {
  const place = dnKey(to);
  const units = scene.all("ad:OrganizationalUnit").map((one) => textOf(one.values["distinguishedName"]));
  const path = units.find((dn) => dnKey(dn) === place) ?? to;
  let occupied: Set<string> | undefined;
  return (live) => {
    if (sameDn(textOf(live.values["path"]), to)) return {};
    const base = textOf(live.values["name"]);
    for (let number = 1; ; number++) {
      const tail = number === 1 ? "" : ` (${number})`;
      const name = `${base.slice(0, 64 - tail.length)}${tail}`;
      occupied ??= new Set(namesInPlaces(scene));
      if (occupied.has(placed(place, name))) continue;
      scene.newNames.add(path);
      occupied.add(placed(place, name));
      return { path, name };
    }
  };
}

/** Resources carried forward from the last run: people who are held, parked, or gone from Halo. */
import type { Json, Values } from "../../base/json.ts";
import type { Live } from "../../providers/core/definition.ts";
import { personName, type Scene } from "../model/scene.ts";
import type { Subject } from "../model/subject.ts";
import type { Because, DesiredResource } from "../model/types.ts";
import { called, part, sorted, textOf } from "../model/values.ts";
import { buried, spared, staged } from "./ad/leaving.ts";
import { heldByMailbox } from "./entra/mailboxes.ts";
import { raised, skuValues, united } from "./keep.ts";

type PersonType = "ad:User" | "entra:Licence" | "halo:Agent";
const what = { "ad:User": "AD account", "entra:Licence": "Entra account", "halo:Agent": "Halo agent" } as const;

/**
 * Wishes what the last run wished: for a leaver disabled and stripped, for everybody else raised so that nothing is lost.
 * Nothing when the last run wished nothing, or when the account is gone: a held person's account is not made again.
 */
export function carried(
  scene: Scene,
  subject: Subject,
  type: PersonType,
  account: Live | undefined,
  note?: string,
): DesiredResource | undefined {
  const name = personName(subject.key);
  const before = scene.previous(type, name);
  if (!before) return undefined;
  const live = account ?? scene.byId(type).get(before.id);
  if (!live && type === "ad:User" && buried(scene, subject, before)) return undefined;
  if (!live) {
    scene.notes.push(`The ${what[type]} of ${called(subject)} is gone: let go of`);
    return undefined;
  }
  if (note) scene.notes.push(note);
  const leaver = subject.stage === "leaver" && !subject.parkedIn.has(systemOf(type));
  const inputs = leaver ? left(scene, subject, type, before.inputs, live) : raised(type, before.inputs, live);
  const why: Because = subject.because ??
    (note ? { rule: scene.at("ad", "accounts"), note } : undefined) ??
    subject.keep ?? { rule: scene.at("people", "people") };
  const resource: DesiredResource = {
    type,
    name,
    person: subject.key,
    inputs,
    because: { "": why, ...Object.fromEntries(pathsOf(inputs, before.inputs).map((path) => [path, why])) },
    ...(before.id === live.id ? {} : { adopt: live.id }),
  };
  if (type === "ad:User") resource.inputs = spared(scene, subject, resource.inputs, live);
  scene.add(resource);
  return resource;
}

function systemOf(type: PersonType): "ad" | "entra" | "halo" {
  return type === "ad:User" ? "ad" : type === "entra:Licence" ? "entra" : "halo";
}

/** A leaver's inputs: disabled where it is, under the name it has, without what the mapping owns. */
function left(scene: Scene, subject: Subject, type: PersonType, inputs: Values, live: Live): Values {
  const strip = subject.due.has("strip");
  if (type === "ad:User") {
    const at = (name: string): Json => textOf(live.values[name]) || inputs[name] || "";
    return staged(
      scene,
      subject,
      { ...inputs, enabled: false, name: at("name"), path: at("path"), sAMAccountName: at("sAMAccountName") },
      live,
    );
  }
  if (type === "entra:Licence") {
    const of = sorted((scene.mappings.entra?.licences ?? []).map((line) => line.sku));
    return strip ? { ...inputs, skus: skuValues(united(heldByMailbox(scene, subject, live))), of } : raised(type, { ...inputs, of }, live);
  }
  const { team: _team, ...rest } = inputs;
  if (strip) return { ...rest, enabled: false, roles: [], teams: [] };
  return { ...raised(type, inputs, live), enabled: false };
}

/** Every field that stands in the inputs, as plans name it. */
function pathsOf(inputs: Values, before: Values): string[] {
  const paths: string[] = [];
  for (const one of [inputs, before]) {
    for (const [name, value] of Object.entries(one)) {
      if (name === "attributes") paths.push(...Object.keys(part(value)).map((key) => `attributes.${key}`));
      else if (name === "skus") paths.push(...(Array.isArray(value) ? value : []).map((sku) => `skus.${textOf(part(sku)["sku"])}`));
      else paths.push(name);
    }
  }
  return sorted(paths);
}

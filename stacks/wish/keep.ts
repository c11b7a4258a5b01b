/** Nothing taken: what the last run wished of people who are held, parked or gone, raised to what is there now. Licences as JSON of inputs. */
import type { Json, Values } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import { personName, type Scene, want } from "../model/scene.ts";
import type { Because, PreviousResource, Subject, System } from "../model/types.ts";
import { called, compareKeys, flag, part, parts, sorted, textOf, textsOf } from "../model/values.ts";

/** Held, parked and leaving people keep what they have: nothing that somebody took by hand is given back. */
export const keptAccount = (inputs: Values, live: Live): Values => ({ ...inputs, enabled: flag(live.values["enabled"]) });

/** The same of licences: those of the mapping that are assigned, and those wished that come through a group. */
export function keptLicence(inputs: Values, live: Live): Values {
  const there = new Set([...skusOf(live.values["direct"]), ...skusOf(live.values["inherited"])].map(({ sku }) => fold(sku)));
  return raisedLicence({ ...inputs, skus: skuValues(skusOf(inputs["skus"]).filter(({ sku }) => there.has(fold(sku)))) }, live);
}

/** The same of an agent. */
export function keptAgent(inputs: Values, live: Live): Values {
  const had = (list: "roles" | "teams"): string[] =>
    textsOf(inputs[list]).filter((one) => textsOf(live.values[list]).some((now) => same(now, one)));
  return raisedAgent({ ...inputs, enabled: false, roles: had("roles"), teams: had("teams") }, live);
}

/** An account that is on stays on. */
export function raisedAccount(inputs: Values, live: Live | undefined): Values {
  return flag(live?.values["enabled"]) ? { ...inputs, enabled: true } : inputs;
}

/** Licences of the mapping that are assigned stay. */
export function raisedLicence(inputs: Values, live: Live | undefined): Values {
  const of = new Set(textsOf(inputs["of"]));
  const direct = skusOf(live?.values["direct"]).filter(({ sku }) => of.has(sku));
  return live ? { ...inputs, skus: skuValues(united([...skusOf(inputs["skus"]), ...direct])) } : inputs;
}

/** Roles and teams of the mapping stay, and who is an agent stays one. */
export function raisedAgent(inputs: Values, live: Live | undefined): Values {
  if (!live) return inputs;
  const had = (list: "roles" | "teams"): string[] => {
    const owned = new Set(textsOf(part(inputs["of"])[list]));
    return sorted([...textsOf(inputs[list]), ...textsOf(live.values[list]).filter((one) => owned.has(one))]);
  };
  return { ...inputs, enabled: flag(inputs["enabled"]) || flag(live.values["enabled"]), roles: had("roles"), teams: had("teams") };
}

/** Names that are given in lines of which all are additive (docs/decisions/0058), folded. */
export function additiveIn<L extends { mode: string }>(lines: readonly L[], namesOf: (line: L) => readonly string[]): ReadonlySet<string> {
  const names = (mode: string): string[] => lines.filter((line) => line.mode === mode).flatMap((line) => namesOf(line).map(fold));
  const exact = new Set(names("exact"));
  return new Set(names("additive").filter((name) => !exact.has(name)));
}

/**
 * What is haloform's own of what somebody has or is to get: all of it where it is exact; where it is additive what the last run
 * wished and what is not there yet. `of`: what may be taken away; the rest was given by hand.
 */
export function ownOf(
  names: readonly string[],
  {
    additive,
    before,
    there,
    asked,
  }: { additive: ReadonlySet<string>; before: readonly string[]; there: readonly string[]; asked: readonly string[] },
): { of: string[]; isOwn: (name: string) => boolean } {
  // Of what is exact all is haloform's own, whoever has it.
  if (additive.size === 0) return { isOwn: () => true, of: [...names] };
  const has = (list: readonly string[], name: string): boolean => list.some((one) => same(one, name));
  const isOwn = (name: string): boolean => !additive.has(fold(name)) || has(before, name) || !has(there, name);
  return { isOwn, of: names.filter((name) => !additive.has(fold(name)) || has(before, name) || (has(asked, name) && isOwn(name))) };
}

/** A SKU and the plans switched off in it. */
export interface Sku {
  sku: string;
  without: string[];
}

export function skusOf(value: Json | undefined): Sku[] {
  return parts(value).map((one) => ({ sku: textOf(one["sku"]), without: textsOf(one["without"]) }));
}

/** Canonical: each SKU once, with only the plans that everybody who asks for it switches off; sorted. */
export function united(skus: Iterable<Sku>): Sku[] {
  const byName = new Map<string, Sku>();
  for (const { sku, without } of skus) {
    const known = byName.get(sku);
    byName.set(sku, { sku, without: sorted(known ? known.without.filter((plan) => without.includes(plan)) : without) });
  }
  return [...byName.values()].sort((a, b) => compareKeys(a.sku, b.sku));
}

/** As JSON of inputs. */
export function skuValues(skus: readonly Sku[]): Json[] {
  return skus.map(({ sku, without }) => ({ sku, without }));
}

/** How a type of what a person has is carried on. */
export interface Carried {
  type: string;
  system: System;
  /** In sentences: `AD account`. */
  noun: string;
  /** Nothing is said when it is gone. */
  isSilentWhenGone?(before: Values): boolean;
  /** A deleted one that can be brought back, carried on as such: true when it was. */
  deleted?(subject: Subject, before: PreviousResource): boolean;
  /** What is there: nobody loses anything, and nobody is given back what somebody took by hand. */
  raised(inputs: Values, live: Live, subject: Subject): Values;
  /** A leaver's inputs: without what the stages that have come take. */
  ofLeaver(subject: Subject, inputs: Values, live: Live): Values;
  /** Whatever else an account may be too: protected, say. */
  last?(subject: Subject, inputs: Values, live: Live): Values;
  /** Reasons of single inputs. */
  reasons?(subject: Subject, inputs: Values): { [path: string]: Because };
}

/**
 * Wishes what the last run wished: for a leaver disabled and stripped, for everybody else as things are, so that nothing is
 * lost and nothing given.
 * Nothing when the last run wished nothing, or when the account is gone: a held person's account is not made again.
 * `note`: said beside it. `why`: where the person's stage is no reason.
 */
export function carried(
  scene: Scene,
  kind: Carried,
  subject: Subject,
  account: Live | undefined,
  { note, why: reason }: { note?: string | undefined; why?: Because | undefined } = {},
): Values | undefined {
  const { type } = kind;
  const name = personName(subject.key);
  const before = scene.previous(type, name);
  if (!before) return undefined;
  const live = account ?? scene.byId(type).get(before.id);
  if (!live && kind.deleted?.(subject, before)) return undefined;
  if (!live) {
    if (!kind.isSilentWhenGone?.(before.inputs)) scene.notes.push(`The ${kind.noun} of ${called(subject)} is gone: let go of`);
    return undefined;
  }
  if (note) scene.notes.push(note);
  const leaver = subject.stage === "leaver" && !subject.parkedIn.has(kind.system);
  const next = leaver ? kind.ofLeaver(subject, before.inputs, live) : kind.raised(before.inputs, live, subject);
  const inputs = kind.last?.(subject, next, live) ?? next;
  const why = subject.because ?? reason ?? subject.keep ?? { rule: scene.at("people", "people") };
  const because = {
    "": why,
    ...Object.fromEntries(pathsOf(next, before.inputs).map((path) => [path, why])),
    ...kind.reasons?.(subject, next),
  };
  want(scene, { type, name, person: subject.key, inputs, because, live });
  return inputs;
}

/** Every field that stands in the inputs, as plans name it. */
function pathsOf(...all: Values[]): string[] {
  const paths = all.flatMap(Object.entries).flatMap(([name, value]) => {
    if (name === "attributes") return Object.keys(part(value)).map((key) => `attributes.${key}`);
    return name === "skus" ? parts(value).map((one) => `skus.${textOf(one["sku"])}`) : [name];
  });
  return sorted(paths);
}

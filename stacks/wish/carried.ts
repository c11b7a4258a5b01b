/** Resources carried forward from the last run: people who are held, parked, or gone from the source. */
import type { Values } from "../../base/json.ts";
import type { Live } from "../../providers/core/definition.ts";
import { personName, type Scene, want } from "../model/scene.ts";
import type { Subject, System } from "../model/subject.ts";
import type { Because, PreviousResource } from "../model/types.ts";
import { called, part, parts, sorted, textOf } from "../model/values.ts";

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
 * Wishes what the last run wished: for a leaver disabled and stripped, for everybody else as things are, so that nothing is lost and
 * nothing given.
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

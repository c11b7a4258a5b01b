/**
 * The world a plan was made from, as digests: the mappings, the settings, which systems answered, the commands' programs, haloform
 * itself, the state, every wished resource and every live object it concerns. `up` makes it again; where it differs, the plan is
 * stale, and the parts say what moved (stacks/plan/stale.ts).
 */

import { digestOf } from "../../base/digest.ts";
import type { Values } from "../../base/json.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Run } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { Identities, SettingsParts } from "../read/identities.ts";
import type { Previous } from "../read/previous.ts";
import type { Version } from "../read/version.ts";
import type { Wish } from "../wish/wish.ts";

export interface WorldPart {
  wish: string;
  live: string;
}

/** What a plan rests on besides what is wished and what is there. */
export interface Bound {
  mappings: string;
  settings: SettingsParts;
  targets: Identities;
  /** Command of scripts.yaml → digest of the files it runs. */
  programs: { readonly [command: string]: string };
  haloform: Version;
}

/** Wished resources, held against what is there. */
export interface Resources {
  /** `ad:User::person-41` → digests of what is wished and of what is there. */
  resources: { [name: string]: WorldPart };
  /** What is there now, in the shape of the wish (undefined = nothing): the "before" of adoptions and of drift. */
  was: ReadonlyMap<string, Values | undefined>;
}

/** As it lies in the bundle (world.json), where it is only used to say what has moved. */
export interface WorldParts extends Bound, Pick<Resources, "resources"> {
  /** Over all of the others: the plan has it. */
  digest: string;
  state: string;
  trust: string;
  /** Whom the run remembers, parks and refuses. */
  rest: string;
}

export interface World extends WorldParts, Resources {}

export const worldKey = (one: { type: string; name: string }): string => `${one.type}::${one.name}`;

interface Compared {
  wish: Pick<Wish, "resources">;
  previous: Pick<Previous, "resources">;
  run: Run;
}

/**
 * Computes the parts of the resources. `view` is pure and the lists are at hand, so nothing is asked of any system. `before`: the same
 * when less was wished, of which nothing is worked out again.
 */
export function resourcesOf(given: Compared, before?: Resources): Resources {
  const context = makeContext(given.run, async () => []);
  const byId = new Map(Object.entries(given.run.live).map(([type, all]) => [type, new Map(all.map((one) => [one.id, one]))]));
  const known = new Map(given.previous.resources.map((one) => [worldKey(one), one]));
  const was = new Map<string, Values | undefined>();
  const resources: { [name: string]: WorldPart } = {};
  for (const one of given.wish.resources) {
    const key = worldKey(one);
    const part = before?.resources[key];
    if (part) {
      was.set(key, before?.was.get(key));
      resources[key] = part;
      continue;
    }
    if (one.untouched) {
      was.set(key, one.inputs);
      resources[key] = { wish: digestOf([one.inputs, "untouched"]), live: "untouched" };
      continue;
    }
    const state = known.get(key);
    const live = byId.get(one.type)?.get(state?.id ?? one.adopt ?? "");
    const seen = live ? definition(one.type).view(live, one.inputs, (state?.outputs["computed"] ?? {}) as Values, context) : undefined;
    was.set(key, seen);
    resources[key] = { wish: digestOf([one.inputs, one.adopt ?? null]), live: digestOf([live?.id ?? null, seen ?? null]) };
  }
  return { resources, was };
}

interface Given extends Compared {
  bound: Bound;
  wish: Wish;
  previous: Pick<Previous, "resources" | "digest">;
  trust: { verdict: string; doubts: readonly string[] };
}

/** The whole of it; `before` as in resourcesOf. */
export function worldOf(given: Given, before: Resources): World {
  const { was, resources } = resourcesOf(given, before);
  const { wish, trust } = given;
  const parts = {
    ...given.bound,
    state: given.previous.digest,
    trust: digestOf([trust.verdict, trust.doubts]),
    rest: digestOf([wish.memory, wish.parked, wish.refused]),
    resources,
  };
  return { ...parts, digest: worldDigest(parts), was };
}

/** What `digest` of these parts is. */
export function worldDigest(parts: Omit<WorldParts, "digest">): string {
  const { mappings, settings, targets, programs, haloform, state, trust, rest, resources } = parts;
  return digestOf({ mappings, settings, targets, programs, haloform, state, trust, rest, resources });
}

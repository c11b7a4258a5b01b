/**
 * The world a plan was made from, as digests: the mappings, every wished resource, every live object it concerns, and what
 * the state knows. `up` makes it again; where it differs, the plan is stale, and the parts say what moved.
 */

import type { Values } from "../../base/json.ts";
import { few } from "../../base/text.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Run } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import { digestOf } from "../model/digest.ts";
import { personName } from "../model/scene.ts";
import type { Person } from "../model/types.ts";
import { called } from "../model/values.ts";
import type { Previous } from "../read/previous.ts";
import type { Wish } from "../wish/wish.ts";

export interface WorldPart {
  wish: string;
  live: string;
}

export interface WorldParts {
  digest: string;
  mappings: string;
  state: string;
  trust: string;
  /** `ad:User::person-41` → digests of what is wished and of what is there. */
  resources: { [name: string]: WorldPart };
  /** What is there now, in the shape of the wish (undefined = nothing): the "before" of adoptions and of drift. */
  was: ReadonlyMap<string, Values | undefined>;
}

export const worldKey = (one: { type: string; name: string }): string => `${one.type}::${one.name}`;

interface Given {
  mappings: string;
  wish: Wish;
  previous: Previous;
  run: Run;
  trust: { verdict: string; doubts: readonly string[] };
}

/**
 * Computes the parts. `view` is pure and the lists are at hand, so nothing is asked of any system. `before`: the same world when less
 * was wished, of which nothing is worked out again.
 */
export function worldOf(given: Given, before?: WorldParts): WorldParts {
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
    const state = known.get(key);
    const live = byId.get(one.type)?.get(state?.id ?? one.adopt ?? "");
    const seen = live ? definition(one.type).view(live, one.inputs, (state?.outputs["computed"] ?? {}) as Values, context) : undefined;
    was.set(key, seen);
    resources[key] = { wish: digestOf([one.inputs, one.adopt ?? null]), live: digestOf([live?.id ?? null, seen ?? null]) };
  }
  const state = digestOf(given.previous.resources.map((one) => [one.type, one.name, one.id]).sort());
  const trust = digestOf([given.trust.verdict, given.trust.doubts]);
  const rest = digestOf([given.wish.memory, given.wish.parked, given.wish.refused]);
  const digest = digestOf([given.mappings, state, trust, rest, resources]);
  return { digest, mappings: given.mappings, state, trust, resources, was };
}

/** What moved between two worlds, in sentences for people; empty when nothing did. `people`: who they are. */
export function moved(then: Omit<WorldParts, "was">, now: WorldParts, people: readonly Pick<Person, "key" | "name">[]): string[] {
  if (then.digest === now.digest) return [];
  const said: string[] = [];
  if (then.mappings !== now.mappings) said.push("the mapping files are not the ones the plan was made from");
  if (then.state !== now.state) said.push("another run has changed the state since");
  if (then.trust !== now.trust) said.push("the source of people is judged differently now");
  const all = [...new Set([...Object.keys(then.resources), ...Object.keys(now.resources)])].sort();
  const wished = all.filter((key) => then.resources[key]?.wish !== now.resources[key]?.wish);
  const live = all.filter(
    (key) => then.resources[key]?.wish === now.resources[key]?.wish && then.resources[key]?.live !== now.resources[key]?.live,
  );
  if (wished.length > 0) said.push(`what is wanted has changed for ${some(wished, people)}`);
  if (live.length > 0) said.push(`somebody has changed ${some(live, people)}`);
  return said.length > 0 ? said : ["who is parked or remembered has changed"];
}

/** `ad:Group GG-Sales`, `ad:User of Ada Example (41)`. */
function some(keys: string[], people: readonly Pick<Person, "key" | "name">[]): string {
  const names = new Map(people.map((one) => [personName(one.key), called(one)]));
  return few(
    keys.map((key) => {
      const [type = "", name = ""] = key.split("::");
      return names.has(name) ? `${type} of ${names.get(name)}` : `${type} ${name}`;
    }),
  );
}

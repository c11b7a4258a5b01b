/** What moved between the world a plan was made from and the one it is to be applied to, in an administrator's words. Pure. */

import { digestOf } from "../../base/digest.ts";
import { few } from "../../base/text.ts";
import type { Identity, System } from "../../providers/core/system.ts";
import { systemOf } from "../../providers/systems.ts";
import { personName } from "../model/scene.ts";
import type { Person } from "../model/types.ts";
import { called } from "../model/values.ts";
import type { WorldParts } from "./world.ts";

type People = readonly Pick<Person, "key" | "name">[];

/** Sentences; empty when nothing moved. Of another domain or tenant nothing else is said: all of it is other there. `people`: who they are. */
export function moved(then: WorldParts, now: WorldParts, people: People): string[] {
  if (then.digest === now.digest) return [];
  const elsewhere = otherTargets(then.targets, now.targets);
  if (elsewhere.length > 0) return elsewhere;
  const said: string[] = [];
  if (then.mappings !== now.mappings) said.push("the mapping files are not the ones the plan was made from");
  const settings = differing(then.settings, now.settings);
  if (settings.length > 0)
    said.push(`the settings are not the ones it was made with (${settings.map((name) => `haloform:${name}`).join(", ")})`);
  if (digestOf(then.haloform) !== digestOf(now.haloform)) said.push(otherVersion(then.haloform, now.haloform));
  const programs = differing(then.programs, now.programs);
  if (programs.length > 0) said.push(`what commands run has changed (${programs.join(", ")})`);
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

/** Names under which the two have something else. */
function differing(then: { readonly [name: string]: unknown }, now: { readonly [name: string]: unknown }): string[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort();
  return names.filter((name) => digestOf(then[name] ?? null) !== digestOf(now[name] ?? null));
}

function otherTargets(then: WorldParts["targets"], now: WorldParts["targets"]): string[] {
  // A system that came or went is the mapping files' doing, or the settings'.
  const both = (name: string): name is System => name in then && name in now;
  return differing(then, now)
    .filter(both)
    .map((name) => `it was made for ${calledTarget(name, then[name] ?? {})}, this is ${calledTarget(name, now[name] ?? {})}`);
}

/** `the domain corp.example.com (S-1-5-21-…)` */
export function calledTarget(system: System, { name, id }: { [K in keyof Identity]?: string | undefined }): string {
  const noun = systemOf(system).target?.noun ?? systemOf(system).title;
  if (name === undefined)
    return `a ${systemOf(system).title} that did not say which one it is (whoever asked may not read that, or people came from a capture)`;
  return `${noun} ${name}${id === undefined ? "" : ` (${id})`}`;
}

function otherVersion(then: WorldParts["haloform"], now: WorldParts["haloform"]): string {
  if (then.version !== now.version) return `it was made by haloform ${then.version}, this is ${now.version}`;
  return "haloform's own files are not the ones that made it";
}

/** `ad:Group GG-Sales`, `ad:User of Ada Example (41)`. */
function some(keys: string[], people: People): string {
  const names = new Map(people.map((one) => [personName(one.key), called(one)]));
  return few(
    keys.map((key) => {
      const [type = "", name = ""] = key.split("::");
      return names.has(name) ? `${type} of ${names.get(name)}` : `${type} ${name}`;
    }),
  );
}

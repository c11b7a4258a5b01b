/**
 * What a type's schema would refuse is refused here, for the one it is about, with field, line and value: else the engine would
 * refuse everybody's plan for one person's value. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import type { Values } from "../../base/json.ts";
import { explain } from "../../mappings/text/issues.ts";
import { parsedBy } from "../../providers/core/plain.ts";
import { definition } from "../../providers/registry.ts";
import type { Scene } from "../model/scene.ts";
import type { DesiredResource } from "../model/types.ts";
import { textsOf } from "../model/values.ts";
import { adDirectory } from "./ad/directory.ts";
import { entraDirectory } from "./entra/directory.ts";
import { parkThing } from "./groups.ts";

/** What makes somebody's account. */
const accounts: ReadonlySet<string> = new Set([adDirectory.type, entraDirectory.type, "halo:Agent"]);

/** Parks who is wished something that cannot be, and leaves them what the last run wished, or nothing. Before commands are decided. */
export function refuseUnfit(scene: Scene): void {
  const without = new Set<string>();
  for (const resource of [...scene.resources]) {
    const { type, name, inputs, person } = resource;
    const before = scene.previous(type, name)?.inputs;
    // What the last run wished has been taken; a state has its keys in another order.
    if (before && isDeepStrictEqual(before, inputs)) continue;
    const problem = problemOf(resource, before);
    if (problem === undefined) continue;
    const subject = person === undefined ? undefined : scene.byKey.get(person);
    if (person === undefined) parkThing(scene, name, problem);
    else scene.parked.push({ key: person, name: subject?.name ?? person, where: "mapping", reason: problem, of: "part" });
    const kept = before && { ...before, ...(subject?.stage === "leaver" && inputs["enabled"] === false ? { enabled: false } : {}) };
    if (kept && problemOf({ ...resource, inputs: kept }, before) === undefined) resource.inputs = kept;
    else {
      scene.drop(resource);
      const isMade = accounts.has(type) && inputs["hybrid"] !== true && resource.adopt === undefined && !before;
      if (isMade && person !== undefined) without.add(`${definition(type).system} ${person}`);
    }
  }
  if (without.size > 0) dropHangingOn(scene, without);
}

/** Of people whose account is not made: what else was to be made for them in that system, and their places in groups. */
function dropHangingOn(scene: Scene, without: ReadonlySet<string>): void {
  for (const resource of [...scene.resources]) {
    const { system, about } = definition(resource.type);
    if (about === "person" && without.has(`${system} ${resource.person}`) && !scene.previous(resource.type, resource.name))
      scene.drop(resource);
    else if (about === "group" && Array.isArray(resource.inputs["members"])) {
      const members = textsOf(resource.inputs["members"]);
      const left = members.filter((ref) => !without.has(ref.replace(/^person:/u, `${system} `)));
      if (left.length < members.length) resource.inputs = { ...resource.inputs, members: left };
    }
  }
}

/** `attributes.title (mappings/ad.yaml:12): expected …, found …`, for each value that the type's schema or the system's rules refuse. */
function problemOf(resource: DesiredResource, before?: Values): string | undefined {
  const { type, inputs } = resource;
  const facts = definition(type);
  const { inputs: schema, refuses } = facts;
  const said = (all: readonly { path: string; text: string }[]): string | undefined => {
    const sentences = all.map(({ path, text }) => {
      const { because } = resource;
      const why = because[path] ?? because[path.split(".")[0] ?? ""] ?? because[""];
      return `${path || type}${why ? ` (${why.rule})` : ""}: ${text}`;
    });
    return sentences.length > 0 ? sentences.join("; ") : undefined;
  };
  try {
    const parsed = parsedBy(facts, inputs);
    if (parsed.success) {
      if (!refuses) return undefined;
      const was = before && parsedBy(facts, before);
      return said(refuses(parsed.data, was?.success ? was.data : undefined));
    }
    // As the engine hands it on: what is undefined is not there.
    const plain = JSON.parse(JSON.stringify(inputs)) as Values;
    const again = schema.safeParse(plain);
    if (again.success) return undefined;
    return said(
      again.error.issues.flatMap((issue) => explain(issue, schema, plain)).map(({ path, text }) => ({ path: path.join("."), text })),
    );
  } catch (error) {
    return `${type} (${resource.because[""]?.rule}): ${error instanceof Error ? error.message : String(error)}`;
  }
}

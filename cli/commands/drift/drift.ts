/**
 * `haloform drift`: what somebody changed by hand since the last run. Compares the systems with what was last applied; what
 * Halo or the mappings have asked for since is counted apart, because that is not drift. Changes nothing.
 */

import { makeContext } from "../../../providers/core/context.ts";
import type { Live, RunContext, Values } from "../../../providers/core/definition.ts";
import { sets } from "../../../stacks/model/kinds.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { differences } from "../../../stacks/plan/differences.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import type { Drift } from "../../answers/answers.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import type { Voice } from "../../say.ts";

export async function drift(
  project: Project,
  options: { now: Date; voice: Voice; full?: boolean },
): Promise<{ code: number; drift: Drift }> {
  const { previous, prepared } = await readEverything(project, options);
  const byId = new Map(Object.entries(prepared.live).flatMap(([type, all]) => all.map((one) => [`${type} ${one.id}`, one] as const)));
  const context = makeContext(prepared.run, async () => []);
  const found = previous.resources.flatMap((one) => driftOf(one, byId.get(`${one.type} ${one.id}`), prepared, context));
  const applied = new Map(previous.resources.map((one) => [worldKey(one), one]));
  const waiting = prepared.wish.resources.filter(
    (one) => differences(applied.get(worldKey(one))?.inputs, one.inputs as Values, { sets }).length > 0,
  ).length;
  const result: Drift = {
    format: "haloform.drift/1",
    found,
    waiting,
    checked: previous.resources.length,
    doubts: prepared.source.doubts,
    calls: prepared.calls,
  };
  return { code: found.length > 0 ? exit.changes : exit.done, drift: result };
}

/** What differs between what was applied and what is there; [] for types that are not in `live`, which were not read. */
export function driftOf(
  applied: PreviousResource,
  live: Live | undefined,
  prepared: Pick<Prepared, "definitions" | "live">,
  context: RunContext,
): Drift["found"] {
  const definition = prepared.definitions.get(applied.type);
  // What the last run could not apply stands in the state as wished: it waits for a plan, nobody changed it by hand.
  if (!definition || !prepared.live[applied.type] || definition.recorded || applied.outputs["parked"] !== undefined) return [];
  const label = String(applied.inputs["sAMAccountName"] ?? applied.inputs["name"] ?? applied.inputs["distinguishedName"] ?? applied.name);
  // A deleted account that AD no longer shows at all is as it should be.
  if (!live && applied.inputs["deleted"] === true) return [];
  if (!live) return [{ type: applied.type, resource: applied.name, label, gone: true, fields: [] }];
  const seen = definition.view(live, applied.inputs, (applied.outputs["computed"] ?? {}) as Values, context);
  // whether those are members who may be, is nobody's business
  const { may } = applied.inputs;
  const free = new Set(Array.isArray(may) ? may.map((ref) => `members.${String(ref)}`) : []);
  const fields = differences(applied.inputs, seen, { sets })
    .filter((row) => !free.has(row.path))
    .map((row) => ({ path: row.path, wanted: row.before, found: row.after }));
  return fields.length === 0 ? [] : [{ type: applied.type, resource: applied.name, label, gone: false, fields }];
}

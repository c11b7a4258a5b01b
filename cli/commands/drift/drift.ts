/**
 * `haloform drift`: what somebody changed by hand since the last run. Compares the systems with what was last applied; what
 * Halo or the mappings have asked for since is counted apart, because that is not drift. Changes nothing.
 */

import type { Json, Values } from "../../../base/json.ts";
import { makeContext } from "../../../providers/core/context.ts";
import type { Live, RunContext } from "../../../providers/core/definition.ts";
import { definition, factsOf } from "../../../providers/registry.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { differences } from "../../../stacks/plan/differences.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import type { Voice } from "../../say.ts";

export interface Drift {
  format: "haloform.drift/1";
  /** What was found changed by hand. */
  found: { type: string; resource: string; label: string; gone: boolean; fields: { path: string; wanted: Json; found: Json }[] }[];
  /** Resources whose wish differs from what was last applied: changes that wait for a plan. */
  waiting: number;
  checked: number;
  doubts: string[];
  calls: { halo: number; graph: number; ldap: number };
  /** With `--since last`: only Active Directory was looked at, and how (cli/commands/drift/since.ts). */
  since?: {
    /** When the last one was, UTC; absent where everything was read. */
    last?: string;
    /** Objects of the domain that changed since. */
    changed: number;
    /** Resources that were looked at. */
    looked: number;
    /** What was compared. */
    systems: ("ad" | "entra")[];
    /** Why everything was read. */
    notes: string[];
  };
}

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
    (one) => differences(applied.get(worldKey(one))?.inputs, one.inputs as Values, definition(one.type)).length > 0,
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
  read: Pick<Prepared, "live">,
  context: RunContext,
): Drift["found"] {
  if (!factsOf(applied.type)) return [];
  const one = definition(applied.type);
  // What the last run could not apply stands in the state as wished: it waits for a plan, nobody changed it by hand.
  if (!read.live[applied.type] || one.recorded || applied.outputs["parked"] !== undefined) return [];
  const label = one.label(applied.inputs) ?? applied.name;
  // A deleted account that AD no longer shows at all is as it should be.
  if (!live && applied.inputs["deleted"] === true) return [];
  if (!live) return [{ type: applied.type, resource: applied.name, label, gone: true, fields: [] }];
  const seen = one.view(live, applied.inputs, (applied.outputs["computed"] ?? {}) as Values, context);
  // whether those are members who may be, is nobody's business
  const { may } = applied.inputs;
  const free = new Set(Array.isArray(may) ? may.map((ref) => `members.${String(ref)}`) : []);
  const fields = differences(applied.inputs, seen, one)
    .filter((row) => !free.has(row.path))
    .map((row) => ({ path: row.path, wanted: row.before, found: row.after }));
  return fields.length === 0 ? [] : [{ type: applied.type, resource: applied.name, label, gone: false, fields }];
}

/** What somebody changed by hand: what was applied last, held against what is there. */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import type { Context } from "../../../providers/core/context.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { definition, factsOf } from "../../../providers/registry.ts";
import type { DesiredResource, Person, PreviousResource } from "../../../stacks/model/types.ts";
import { called as calledOf } from "../../../stacks/model/values.ts";
import { differences } from "../../../stacks/plan/differences.ts";
import { namerOf } from "../../../stacks/plan/names.ts";
import { effectsOf } from "../../../stacks/plan/parts/kinds.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Drift } from "../../answers/drift.ts";

type Found = Drift["found"];

/** What was read of the systems, by type; a type that is not there was not read. */
interface Read {
  live: { readonly [type: string]: readonly Live[] };
  /** Of systems whose lists are not believed nothing is said. */
  wish?: { untouched?: ReadonlySet<string>; resources?: readonly Pick<DesiredResource, "type" | "name" | "untouched">[] };
}

/** People as sentences call them. */
type Named = Pick<Person, "key" | "recordKey" | "name">;

/** Of all that was applied, what is there otherwise, or not at all; nothing of types that were not read. */
export function changedByHand(applied: readonly PreviousResource[], read: Read, context: Context, people: readonly Named[] = []): Found {
  const called = new Map(people.map((one) => [one.key, calledOf(one)]));
  // A name in full, as two may have the same.
  const nameOf = namerOf({ wish: { people: [...called].map(([key, name]) => ({ key, name })) }, live: read.live });
  const byId = new Map(Object.entries(read.live).flatMap(([type, all]) => all.map((one) => [`${type} ${one.id}`, one] as const)));
  // What is protected stays in the state as it was left, whatever becomes of it.
  const held = new Set((read.wish?.resources ?? []).flatMap((one) => (one.untouched ? [worldKey(one)] : [])));
  return applied.flatMap((one) => {
    if (held.has(worldKey(one))) return [];
    const of = called.get(String(one.inputs["person"]));
    return driftOf(one, byId.get(`${one.type} ${one.id}`), read, context).map(({ fields, ...found }) => ({
      ...found,
      ...defined({ of }),
      fields: fields.map((field) => {
        const { names } = nameOf(one, { before: field.wanted, after: field.found });
        return { ...field, ...defined({ names }) };
      }),
    }));
  });
}

function driftOf(applied: PreviousResource, live: Live | undefined, read: Read, context: Context): Found {
  const { type, name: resource, inputs, outputs } = applied;
  if (!factsOf(type)) return [];
  const one = definition(type);
  // What the last run could not apply stands in the state as wished: it waits for a plan, nobody changed it by hand.
  if (!read.live[type] || read.wish?.untouched?.has(one.system) || one.recorded || outputs["parked"] !== undefined) return [];
  if (!live && isToBeGone(applied)) return [];
  const label = one.label(inputs) ?? resource;
  if (!live) return [{ type, resource, label, gone: true, ...powerOf(type, inputs), fields: [] }];
  const seen = one.view(live, inputs, (outputs["computed"] ?? {}) as Values, context);
  // whether those are members who may be, is nobody's business
  const { may } = inputs;
  const free = new Set(Array.isArray(may) ? may.map((ref) => `members.${String(ref)}`) : []);
  const fields = differences(inputs, seen, one)
    .filter((row) => !free.has(row.path))
    .map((row) => ({ path: row.path, wanted: row.before, found: row.after }));
  return fields.length === 0 ? [] : [{ type, resource, label, gone: false, ...powerOf(type, inputs, live, fields), fields }];
}

/** Whether it is about power over others: of a group that is protected, or may be filled although it is, or given by hand. */
function powerOf(type: string, inputs: Values, live?: Live, found: Found[number]["fields"] = []): Pick<Found[number], "privileged"> {
  const { protected: isProtected, roleAssignable } = live?.values ?? {};
  const fields = found.map(({ path, wanted, found: after }) => ({ path, before: wanted, after }));
  const is = inputs["privileged"] === true || isProtected === true || roleAssignable === true;
  return is || effectsOf({ type, op: "update", fields }).privileged ? { privileged: true } : {};
}

/** The last stage of a leaver: an account that its system no longer shows at all, a home folder that was deleted. */
function isToBeGone({ type, inputs }: PreviousResource): boolean {
  return inputs["deleted"] === true || (type === "files:HomeFolder" && inputs["place"] === "deleted");
}

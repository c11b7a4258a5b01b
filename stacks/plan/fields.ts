/** The fields of a change, each with its reason, and the word for the whole. */
import { defined } from "../../base/defined.ts";
import type { Values } from "../../base/json.ts";
import type { Facts } from "../../providers/core/definition.ts";
import { factsOf } from "../../providers/registry.ts";
import type { Op, PlanChange, PlanField } from "../model/plan.ts";
import { remembered } from "../model/remembered.ts";
import type { Because, DesiredResource } from "../model/types.ts";
import { valueAt } from "../model/values.ts";
import { differences, entriesOf, entryOf } from "./differences.ts";

/** What a change is of. */
export function head({ type, name, inputs }: Pick<DesiredResource, "type" | "name" | "inputs">): Omit<PlanChange, "op" | "fields"> {
  const label = factsOf(type)?.label(inputs) ?? name;
  return { system: type.split(":")[0] as PlanChange["system"], type, resource: name, label };
}

/** What a resource changes, and why. */
export function changeBy(resource: DesiredResource, op: Op, fields: PlanField[]): PlanChange {
  return { ...head(resource), op, fields, ...defined({ because: resource.because[""] }) };
}

/** Says how, not what: a reader of the plan does not need it. */
export function isSilent(facts: Pick<Facts, "silent">, path: string): boolean {
  return facts.silent.includes(path.split(".")[0] ?? path);
}

/** In what a resource differs from what was there before, and why. */
export function explained(facts: Facts, resource: DesiredResource, before: Values | undefined): PlanField[] {
  return differences(before, resource.inputs, facts).map(({ path, before: was, after }) => {
    const because = reason(resource, path);
    const released =
      after === null &&
      was !== null &&
      path !== "deleted" &&
      valueAt(resource.inputs, path) === undefined &&
      valueAt(before, path) !== undefined &&
      !/^(?:members|skus|roles|teams|permissions)\./u.test(path);
    if (released)
      return {
        path,
        before: was,
        after: was,
        because: { rule: because?.rule ?? "mappings", note: "no longer managed: the value stays as it is" },
      };
    const loses = after === null && was !== null ? resource.loses?.[path] : undefined;
    return { path, before: was, after, ...defined({ because, loses }) };
  });
}

/**
 * What the last run's inputs do not show, as it was nobody's to take then, and goes now: licences of a SKU that the mapping has
 * begun to name, everything of a leaver. `told`: what they do show; `was`: what is there in the shape of the wish.
 */
export function newlyTaken(facts: Facts, resource: DesiredResource, told: readonly PlanField[], was: Values | undefined): PlanField[] {
  if (was === undefined) return [];
  const known = new Set(told.map(({ path }) => path));
  const isTaken = ({ path, after }: PlanField): boolean =>
    after === null && !known.has(path) && !isSilent(facts, path) && entryOf(path, facts) !== undefined;
  return explained(facts, resource, was).filter(isTaken);
}

/**
 * Puts beside each field that the last run did not manage what is there now: it is lost where the mapping says something else. `told`:
 * the fields that change; `was`: what is there in the shape of the wish.
 */
export function withLive(facts: Facts, told: readonly PlanField[], was: Values | undefined): readonly PlanField[] {
  if (was === undefined) return told;
  const entriesIn = remembered((set: string) => {
    const entries = entriesOf(set, was[set] ?? null, facts);
    return entries && new Map(entries);
  });
  return told.map((field) => {
    if (field.before !== null || field.after === null) return field;
    const [name = ""] = field.path.split(".");
    const entries = entriesIn(name);
    const live = entries ? entries.get(field.path) : valueAt(was, field.path);
    return live === undefined || live === null ? field : { ...field, live };
  });
}

/** The reason of a field: its own, its parents', or the resource's. */
export function reason(resource: Pick<DesiredResource, "because">, path: string): Because | undefined {
  for (let here = path; ; ) {
    const found = resource.because[here];
    if (found) return found;
    const dot = here.lastIndexOf(".");
    if (dot < 0) return resource.because[""];
    here = here.slice(0, dot);
  }
}

/** `seen`: the fields a reader sees. */
export function opOf(
  op: "create" | "update",
  resource: DesiredResource,
  before: Values | undefined,
  fields: readonly PlanField[],
  seen: readonly PlanField[],
): Op {
  const deleted = fields.find((field) => field.path === "deleted");
  if (deleted) return deleted.after === true ? "delete" : "restore";
  if (fields.some((field) => field.path === "place" && field.after === "deleted")) return "delete";
  const enabled = before && fields.find((field) => field.path === "enabled");
  if (op === "create" && resource.adopt === undefined) return "create";
  // Taken over and disabled at once: what the reader must see is that it is disabled.
  if (op === "create") return enabled?.after === false ? "disable" : "adopt";
  if (enabled) return enabled.after === true ? "enable" : "disable";
  if (fields.some((field) => (field.path === "path" || field.path === "place") && before)) return "move";
  const lost = (field: PlanField): boolean => field.after === null && /^(?:skus|roles|teams)\./u.test(field.path);
  return seen.length > 0 && seen.every(lost) ? "strip" : "update";
}

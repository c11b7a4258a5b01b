/**
 * What is wished where only some parts of a plan are applied: what they change, field by field and entry by entry, and everything else
 * as it is. The changes of a plan say which parts of a resource are whose. Pure.
 */
import { isObject, type Json, type Values } from "../../../base/json.ts";
import type { Facts } from "../../../providers/core/definition.ts";
import { definition } from "../../../providers/registry.ts";
import type { Plan, PlanPart, PutBack } from "../../model/plan.ts";
import type { DesiredResource, PreviousResource } from "../../model/types.ts";
import { compareTexts, valueAt } from "../../model/values.ts";
import { type Difference, differences, entriesOf, entryOf } from "../differences.ts";
import type { Step } from "../input.ts";
import { worldKey } from "../world.ts";
import { contentOf } from "./cut.ts";
import { isMembership, isSum, movedIn } from "./kinds.ts";
import { carrierKey, placedIn } from "./together.ts";

export interface PartWish {
  /** As the whole wish; what is not in the parts is there as it is, or not at all where there is nothing yet. */
  resources: DesiredResource[];
  /** `type::name` of what changes. */
  changing: ReadonlySet<string>;
}

interface Whole {
  plan: Pick<Plan, "people" | "shared">;
  resources: readonly DesiredResource[];
  /** What the whole plan would do. */
  steps: readonly Step[];
  /** What is there of each resource, in the shape of the wish. */
  was: ReadonlyMap<string, Values | undefined>;
}

/** Of one resource: which of its changes are among the chosen. */
interface Chosen {
  /** The resource's own, and what no change tells of: all of it, or some paths. */
  own: boolean | ((path: string) => boolean);
  /** `person:41` of a membership that the plan has → whether it is chosen. */
  members: ReadonlyMap<string, boolean>;
}

/** `quiet`: with what is taken over, or kept in another way, and no change tells of. */
export const partWish = (whole: Whole, parts: readonly PlanPart[], quiet: boolean): PartWish =>
  restrictedTo(whole, chooser(whole, parts, quiet));

/** The same where somebody's changes by hand are put back: as far as what was applied is wished still. `previous`: what was applied. */
export function putBackWish(whole: Omit<Whole, "plan">, putBack: readonly PutBack[], previous: readonly PreviousResource[]): PartWish {
  const before = new Map(previous.map((one) => [worldKey(one), one]));
  const wished = new Map(whole.resources.map((one) => [worldKey(one), one]));
  const missing = new Set(whole.steps.flatMap((step) => (step.op === "create" ? [worldKey(step)] : [])));
  const paths = new Map(putBack.map(({ type, resource, paths: its }) => [worldKey({ type, name: resource }), new Set(its)]));
  return restrictedTo(whole, (key) => {
    const [its, resource, last] = [paths.get(key), wished.get(key), before.get(key)];
    const members = new Map<string, boolean>();
    if (!its || !resource || !last) return { own: false, members };
    const moved = movedIn(resource, last);
    return { own: its.size === 0 ? missing.has(key) : (path) => its.has(path) && !moved.has(path), members };
  });
}

function restrictedTo(whole: Omit<Whole, "plan">, chosen: (key: string, person: string | undefined) => Chosen): PartWish {
  const steps = new Map(whole.steps.map((step) => [worldKey(step), step]));
  const resources: DesiredResource[] = [];
  const changing = new Set<string>();
  const keep = ({ type, name, before }: Step, resource?: DesiredResource): void => {
    if (before) resources.push({ ...(resource ?? { type, name, because: {} }), inputs: before });
  };
  for (const resource of whole.resources) {
    const key = worldKey(resource);
    const step = steps.get(key);
    if (!step || step.op === "same") {
      resources.push(resource);
      continue;
    }
    const of = chosen(key, resource.person);
    const isAny = of.own !== false || [...of.members.values()].includes(true);
    if (!isAny) {
      keep(step, resource);
      continue;
    }
    changing.add(key);
    resources.push({ ...resource, inputs: restricted(resource, step.before, whole.was.get(key), of) });
  }
  for (const step of whole.steps) {
    if (step.op !== "delete") continue;
    if (chosen(worldKey(step), undefined).own === true) changing.add(worldKey(step));
    else keep(step);
  }
  return { resources, changing };
}

function chooser({ plan }: Whole, parts: readonly PlanPart[], quiet: boolean): (key: string, person: string | undefined) => Chosen {
  const content = contentOf(plan, parts);
  const some = placedIn(content);
  const isIn = new Set(some.map(({ change }) => change));
  const all = Map.groupBy(placedIn(plan), ({ change }) => carrierKey(change));
  const people = new Set(content.people.map(({ key }) => key));
  return (key, person) => {
    const its = all.get(key) ?? [];
    const members = its.flatMap((one): [string, boolean][] =>
      one.of && isMembership(one.change) ? [[`person:${one.of.key}`, isIn.has(one.change)]] : [],
    );
    const own = its.find((one) => !isMembership(one.change));
    // What only says how many come and go is nothing of the group's own.
    const isOwn =
      own && !isSum(own.change) ? isIn.has(own.change) : quiet || (person !== undefined && people.has(person) && its.length === 0);
    return { own: isOwn, members: new Map(members) };
  };
}

/** The inputs that are wished, with what is not chosen put back to what is there. */
function restricted({ type, inputs, adopt }: DesiredResource, refreshed: Values | undefined, was: Values | undefined, of: Chosen): Values {
  const facts = definition(type);
  const before = refreshed ?? (adopt === undefined ? undefined : was);
  const told = differences(before, inputs, facts);
  const known = new Set(told.map(({ path }) => path));
  // What the last run did not manage, and would be taken now that it is kept in another way (stacks/plan/fields.ts).
  const taken =
    was && of.own !== false ? differences(was, inputs, facts).filter(({ path, after }) => after === null && !known.has(path)) : [];
  const wish = structuredClone(inputs);
  for (const row of [...told, ...taken]) {
    const entry = entryOf(row.path, facts);
    const member = entry && of.members.get(entry.name);
    if (member ?? (typeof of.own === "boolean" ? of.own : of.own(row.path))) continue;
    if (entry) putEntry(wish, entry, row, before, was, facts);
    else putBack(wish, row.path.split("."), row.before ?? valueAt(was, row.path) ?? null);
  }
  return wish;
}

function putEntry(
  wish: Values,
  { set }: { set: string },
  { path, before: old }: Difference,
  before: Values | undefined,
  was: Values | undefined,
  facts: Facts,
): void {
  const now = entriesOf(set, valueAt(wish, set) ?? [], facts) ?? [];
  const live = old ?? entriesOf(set, valueAt(was, set) ?? [], facts)?.find(([one]) => one === path)?.[1];
  const rest = now.filter(([one]) => one !== path);
  const all = live === undefined || live === null ? rest : [...rest, [path, live] as const].sort(([a], [b]) => compareTexts(a, b));
  // A set that was not managed and of which nothing is chosen stays so.
  const isNone = all.length === 0 && valueAt(before, set) === undefined && valueAt(was, set) === undefined;
  putBack(wish, set.split("."), isNone ? null : all.map(([, entry]) => entry));
}

/** Sets a value at a path; null takes it out. */
export function putBack(values: Values, [step = "", ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    if (value === null) delete values[step];
    else values[step] = structuredClone(value);
    return;
  }
  const inner = values[step];
  if (isObject(inner)) putBack(inner, rest, value);
  else if (value !== null) {
    const made: Values = {};
    values[step] = made;
    putBack(made, rest, value);
  }
}

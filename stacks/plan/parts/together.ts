/** Which changes of a plan go together, as one has no meaning, or no object, without the other. Pure. */
import type { Json } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { splitDn } from "../../../providers/ad/values/dn.ts";
import type { Plan, PlanChange, PlanPerson } from "../../model/plan.ts";
import type { DesiredResource } from "../../model/types.ts";
import { worldKey } from "../world.ts";
import { carrierOf, effectsOf, isMembership, isSum } from "./kinds.ts";

/** A change of a plan, and where it stands: `index` among those of its person, or of what is about nobody. */
export interface Placed {
  change: PlanChange;
  of: PlanPerson | undefined;
  index: number;
}

export function placedIn({ people, shared }: Pick<Plan, "people" | "shared">): Placed[] {
  const place = (of: PlanPerson | undefined, changes: readonly PlanChange[]): Placed[] =>
    changes.map((change, index) => ({ change, of, index }));
  return [...people.flatMap((one) => place(one, one.changes)), ...place(undefined, shared)];
}

/** What carries a change. */
export const carrierKey = (change: PlanChange): string => worldKey({ type: carrierOf(change), name: change.resource });

/** After one of these there is something that was not there before, or somewhere else. */
const begins = ({ change: { op, type } }: Placed): boolean =>
  ["create", "adopt", "enable", "restore", "move", "delete"].includes(op) && type !== "halo:Ticket";

/** The changes of a plan in groups that must be applied together; each change is in one. */
export function together(plan: Pick<Plan, "people" | "shared">, wished: ReadonlyMap<string, DesiredResource>): Placed[][] {
  const all = placedIn(plan);
  const sets = new Sets(all.length);
  const join = (some: readonly number[]): void => some.forEach((one) => void sets.join(one, some[0] ?? one));
  const numbers = (which: (one: Placed) => boolean): number[] => all.flatMap((one, index) => (which(one) ? [index] : []));
  for (const [of, its] of Map.groupBy(all.keys(), (index) => all[index]?.of)) {
    if (!of) continue;
    const mine = its.map((index) => all[index] as Placed);
    // A move's narrowing with its broadening, an account before what hangs on it.
    const isWhole = of.event !== "none" || mine.some(begins);
    join(isWhole ? its : its.filter((index) => Object.values(effectsOf((all[index] as Placed).change)).some(Boolean)));
  }
  const own = new Map(numbers(({ of }) => of === undefined).map((index) => [carrierKey((all[index] as Placed).change), index]));
  const memberships = Map.groupBy(
    numbers(({ change }) => isMembership(change)),
    (index) => carrierKey((all[index] as Placed).change),
  );
  for (const [key, its] of memberships) {
    const shared = own.get(key);
    const change = shared === undefined ? undefined : all[shared]?.change;
    if (shared === undefined || !change) continue;
    // How many come and go is told with the first of them; a group that is only just there before all of them.
    if (isSum(change)) join([shared, its[0] ?? shared]);
    else if (change.op !== "update") join([shared, ...its]);
  }
  joinReferences(all, wished, (a, b) => void sets.join(a, b));
  return [...Map.groupBy(all.keys(), (index) => sets.of(index)).values()].map((its) => its.map((index) => all[index] as Placed));
}

/** What is only just made or moved, with everything that names it. */
function joinReferences(all: readonly Placed[], wished: ReadonlyMap<string, DesiredResource>, join: (a: number, b: number) => void): void {
  const made = new Map<string, number>();
  for (const [index, one] of all.entries()) {
    const resource = wished.get(carrierKey(one.change));
    if (!resource || isMembership(one.change) || !begins(one)) continue;
    for (const name of namesOf(resource, one)) made.set(`${one.change.system} ${name}`, index);
  }
  if (made.size === 0) return;
  for (const [index, { change, of }] of all.entries()) {
    const resource = wished.get(carrierKey(change));
    if (!resource || isMembership(change)) continue;
    for (const text of textsIn(resource.inputs)) {
      // Members of a group are changes of their own.
      if (of === undefined && text.startsWith("person:")) continue;
      for (const name of [fold(text), ...above(text)]) {
        const other = made.get(`${change.system} ${name}`);
        if (other !== undefined) join(other, index);
      }
    }
  }
}

/** By what others name a thing in their inputs. */
function namesOf({ type, name, inputs }: DesiredResource, { of }: Placed): string[] {
  if (of !== undefined) return [fold(`person:${of.key}`)];
  const kind = type.slice(type.indexOf(":") + 1).toLowerCase();
  const own = [name, inputs["name"], inputs["distinguishedName"]].flatMap((one) => (typeof one === "string" ? [one] : []));
  return [...own, ...own.map((one) => `${kind}:${one}`)].map(fold);
}

/** The places that a distinguishedName lies in. */
function above(text: string): string[] {
  if (!/^(?:CN|OU)=/iu.test(text)) return [];
  const steps = splitDn(text);
  return steps.map((_, index) => fold(steps.slice(index).join(",")));
}

function textsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Disjoint sets of numbers. */
class Sets {
  readonly #above: number[];

  constructor(count: number) {
    this.#above = Array.from({ length: count }, (_, index) => index);
  }

  of(one: number): number {
    let here = one;
    while (this.#above[here] !== here) {
      this.#above[here] = this.#above[this.#above[here] as number] as number;
      here = this.#above[here] as number;
    }
    return here;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y) this.#above[Math.max(x, y)] = Math.min(x, y);
  }
}

/** The numbers of a plan and the sentence made of them. */
import type { Op, Plan } from "../../../stacks/model/plan.ts";
import { direction, isMembership, opCount, plural } from "./words.ts";

export interface Figures {
  joiners: number;
  movers: number;
  leavers: number;
  rejoiners: number;
  /** People without an event who change all the same (a change made by hand is put back). */
  others: number;
  /** Changes to groups, organizational units and roles themselves. */
  shared: number;
  memberships: { gained: number; lost: number };
  licences: { gained: number; lost: number };
  disabled: number;
  /** AD accounts: a leaver's last stage. */
  deleted: number;
  /** People who are left as they are, people of whom a part waits, and things that are about nobody. */
  parked: { readonly [kind in Waits]: number };
  /** SKU → how many people gain and lose it by this plan. */
  skus: { sku: string; gained: number; lost: number }[];
  /** Things by what happens to them. Memberships are counted apart: "15 deleted" would frighten for nothing. */
  ops: { op: Op; word: string; count: number }[];
  unchanged: number;
  /** Things recognised and taken over as they are. */
  adopted: number;
  /** Nothing at all would be written. */
  empty: boolean;
}

type Parked = Plan["parked"][number];

/** What being parked means: left as they are, only a part waits, about nobody. */
export type Waits = "held" | "part" | "thing";

/**
 * The lines of who is parked, by what that means. Of whom something changes all the same, or of whom a line says that only a part
 * waits, a part waits; who has lines of both kinds stands in the first, with all of them.
 */
export function waitingOf({ parked, people }: Pick<Plan, "parked" | "people">): ReadonlyMap<Waits, Parked[]> {
  const changing = new Set(people.filter(({ changes }) => changes.length > 0).map(({ key }) => key));
  const held = new Set(parked.filter(({ key, of }) => of === undefined && !changing.has(key)).map(({ key }) => key));
  return Map.groupBy(parked, ({ key, of }) => (of === "thing" ? "thing" : held.has(key) ? "held" : "part"));
}

/** Whom or what lines are about, each once. */
export const countOf = (lines: readonly Parked[] = []): number => new Set(lines.map(({ key }) => key)).size;

/** Counts what is in the plan. What is lost is what the guard counted (`summary.losses`), so that the two never differ. */
export function figures(plan: Plan): Figures {
  const event = (name: string) =>
    plan.people.filter((person) => person.event === name && (name !== "none" || person.changes.length > 0)).length;
  const things = [...plan.people.flatMap((person) => person.changes), ...plan.shared].filter((change) => !isMembership(change));
  const gained = new Set<string>();
  const skus = new Map<string, { sku: string; gained: number; lost: number }>();
  for (const person of plan.people) {
    for (const change of person.changes) {
      if (isMembership(change) && direction(change) === "gained" && change.op !== "adopt")
        gained.add(`${change.system} ${change.resource} person:${person.key}`);
      for (const field of change.type === "entra:Licence" ? change.fields : []) {
        if (!field.path.startsWith("skus.") || (field.before === null) === (field.after === null)) continue;
        const sku = field.path.slice("skus.".length);
        const entry = skus.get(sku) ?? { sku, gained: 0, lost: 0 };
        entry[field.after === null ? "lost" : "gained"] += 1;
        skus.set(sku, entry);
      }
    }
  }
  for (const change of plan.shared) {
    for (const field of change.fields) {
      if (field.path.startsWith("members.") && field.before === null && field.after !== null)
        gained.add(`${change.system} ${change.resource} ${field.path.slice("members.".length)}`);
    }
  }
  const ops = new Map<Op, number>();
  for (const { op } of things) ops.set(op, (ops.get(op) ?? 0) + 1);
  const { losses } = plan.summary;
  const waiting = waitingOf(plan);
  const list = [...skus.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
  return {
    joiners: event("joiner"),
    movers: event("mover"),
    leavers: event("leaver"),
    rejoiners: event("rejoiner"),
    others: event("none"),
    shared: plan.shared.length,
    memberships: { gained: gained.size, lost: losses.memberships },
    licences: { gained: list.reduce((sum, each) => sum + each.gained, 0), lost: losses.licences },
    disabled: losses.disabled,
    deleted: losses.deleted ?? 0,
    parked: { held: countOf(waiting.get("held")), part: countOf(waiting.get("part")), thing: countOf(waiting.get("thing")) },
    skus: list,
    ops: [...ops].map(([op, number]) => ({ op, word: opCount(op), count: number })),
    unchanged: plan.summary.unchanged,
    adopted: plan.summary.adopted,
    empty: plan.summary.adopted === 0 && plan.shared.length === 0 && plan.people.every((person) => person.changes.length === 0),
  };
}

/** A sentence a manager could read: who, then which access, then who waits. */
export function sentence(count: Figures): string {
  const people = [
    [count.joiners, "join", "joins"],
    [count.rejoiners, "come back", "comes back"],
    [count.leavers, "leave", "leaves"],
    [count.movers, "change", "changes"],
    [count.others, "are put right", "is put right"],
  ] as const;
  const who = people
    .filter(([number]) => number > 0)
    .map(
      ([number, many, one], index) =>
        `${index === 0 ? plural(number, "person", "people") : number.toLocaleString("en-GB")} ${number === 1 ? one : many}`,
    );
  const access = [
    movement(count.memberships, "group membership"),
    movement(count.licences, "licence"),
    count.disabled > 0 ? `${plural(count.disabled, "account is", "accounts are")} disabled` : "",
    count.deleted > 0 ? `${plural(count.deleted, "account is", "accounts are")} deleted` : "",
  ];
  const parts = [
    who.length > 0 ? who.join(", ") : count.empty ? "Nothing to change" : "Nobody joins, leaves or changes",
    ...access,
    count.adopted > 0
      ? `${plural(count.adopted, "existing thing is", "existing things are")} taken over as ${count.adopted === 1 ? "it is" : "they are"}`
      : "",
    count.shared > 0 ? `${plural(count.shared, "shared thing")} ${count.shared === 1 ? "changes" : "change"}` : "",
    count.parked.held > 0 ? `${plural(count.parked.held, "person is", "people are")} parked` : "",
    count.parked.part > 0 ? `a part waits for ${plural(count.parked.part, "person", "people")}` : "",
    count.parked.thing > 0 ? `${plural(count.parked.thing, "thing waits", "things wait")} to be mended` : "",
  ];
  return `${parts.filter((part) => part !== "").join("; ")}.`;
}

/** `31 group memberships gained, 12 lost`; empty when there are none. */
function movement(of: { gained: number; lost: number }, noun: string): string {
  if (of.gained > 0)
    return `${plural(of.gained, `${noun} is`, `${noun}s are`)} gained${of.lost > 0 ? `, ${of.lost.toLocaleString("en-GB")} lost` : ""}`;
  return of.lost > 0 ? `${plural(of.lost, `${noun} is`, `${noun}s are`)} lost` : "";
}

/**
 * What a change of a field does to somebody's access: declared for every field of every type, so that limits and approvals
 * count what is declared and nothing else. Pure: a row of a plan (before, after; null = absent) is all that is looked at.
 */
import type { Json } from "../../base/json.ts";

/** `both`: something is given and something taken, or nobody can tell which (a rule, a place that policies hang on). */
export type Effect = "neither" | "gives" | "takes" | "both";

/** What a loss is counted as in the limits of mappings/safety.yaml. */
export const lossKinds = ["disabled", "memberships", "licences", "deleted", "folders"] as const;
export type LossKind = (typeof lossKinds)[number];

/** The meaning of one field. */
export interface FieldAccess {
  /** What is counted when a row of this field takes access; absent: it is in no limit. */
  readonly counts?: LossKind | undefined;
  /** `entry`: the path below the field (`person:41` of `members.person:41`, `title` of `attributes.title`); "" = the field itself. */
  effect(before: Json, after: Json, entry: string): Effect;
  /** How much of what is counted a value of the field holds: what a share of losses is a share of. */
  held(value: Json): number;
}

/** Names, texts, how something is done: nobody's access hangs on it. */
export const neither: FieldAccess = { effect: () => "neither", held: () => 0 };

/** Nothing of this means anything to anybody's access. */
export function noAccess<T extends object>({ shape }: { shape: T }): { readonly [K in keyof T]: FieldAccess } {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, neither])) as { [K in keyof T]: FieldAccess };
}

/** Any change may give and take: where an account lies, what a rule says, a new password. */
export const both: FieldAccess = { effect: () => "both", held: () => 0 };

/** More of it gives, less takes; what is above 0 could be lost. */
function byLevel(level: (value: Json) => number, counts?: LossKind): FieldAccess {
  return {
    counts,
    effect: (before, after) => (level(after) === level(before) ? "neither" : level(after) > level(before) ? "gives" : "takes"),
    held: (value) => (level(value) > 0 ? 1 : 0),
  };
}

/** true (AD's TRUE) gives, everything else takes it away. */
export function whenTrue(counts?: LossKind): FieldAccess {
  return byLevel((value) => (value === true || value === "TRUE" ? 1 : 0), counts);
}

/** true takes, its end gives back: a deletion, sessions that are ended. What has it not yet is what could be lost. */
export function whenSet(counts?: LossKind): FieldAccess {
  return byLevel((value) => (value === null || value === false ? 1 : 0), counts);
}

/** One of several, the least first: a later one gives, an earlier one takes. What is above the least could be lost. */
export function ranked(order: readonly string[], counts?: LossKind): FieldAccess {
  return byLevel((value) => (typeof value === "string" ? order.indexOf(value) : -1), counts);
}

/** Something that somebody has where the field is filled: an owner's rights, a copy of the mail. Another value gives and takes. */
export const filledIn: FieldAccess = {
  effect(before, after) {
    const [was, is] = [filled(before), filled(after)];
    return was && is ? (before === after ? "neither" : "both") : is ? "gives" : was ? "takes" : "neither";
  },
  held: () => 0,
};

/**
 * Members, licences, roles: an entry that comes gives, one that goes takes, one that changes does both. A row of the whole
 * set says that it is managed now or no longer: nobody gains or loses by that.
 */
export function entries(counts?: LossKind): FieldAccess {
  return {
    counts,
    effect: (before, after, entry) => (entry === "" ? "neither" : filledIn.effect(before, after, entry)),
    held: (value) => (Array.isArray(value) ? value.length : 0),
  };
}

/** A field of fields (`attributes`): each by its name without regard to case; what `named` does not know means nothing. */
export function byName(named: { readonly [name: string]: FieldAccess }): FieldAccess {
  const lower = new Map(Object.entries(named).map(([name, access]) => [name.toLowerCase(), access]));
  return {
    effect: (before, after, entry) => (lower.get(entry.split(".")[0]?.toLowerCase() ?? "") ?? neither).effect(before, after, ""),
    held: () => 0,
  };
}

function filled(value: Json): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

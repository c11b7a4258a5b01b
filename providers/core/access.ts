/**
 * What a change of a field does to somebody's access: declared for every field of every type, so that limits and approvals
 * count what is declared and nothing else. Pure: a row of a plan (before, after; null = absent) is all that is looked at.
 */
import type { Json } from "../../base/json.ts";

/** `both`: something is given and something taken, or nobody can tell which (a rule, a place that policies hang on). */
export type Effect = "neither" | "gives" | "takes" | "both";

/** As what a loss is counted in the limits of mappings/safety.yaml. */
export const takenAs = ["disabled", "lockedOut", "memberships", "licences", "rules", "mailboxes", "deleted", "folders"] as const;
export type TakenAs = (typeof takenAs)[number];
/** As what a gain is counted. */
export const givenAs = ["gained", "privileged"] as const;
export type GivenAs = (typeof givenAs)[number];
export type CountedAs = TakenAs | GivenAs;
export const isGain = (as: CountedAs): as is GivenAs => givenAs.some((one) => one === as);

/** The classes of a field. */
export interface Counts {
  /** Of a change that takes, or takes and gives. */
  readonly takes: TakenAs;
  /** Of a change that gives, or takes and gives; absent: gains of it are in no limit. */
  readonly gives?: GivenAs;
  /** What is counted as something else for some values or entries. */
  readonly but?: (after: Json, entry: string) => Omit<Partial<Counts>, "but">;
}

/** The meaning of one field. */
export interface FieldAccess {
  /** `entry`: the path below the field (`person:41` of `members.person:41`, `title` of `attributes.title`); "" = the field itself. */
  effect(before: Json, after: Json, entry: string): Effect;
  /** As what a change of it is counted; undefined: it never takes and never gives. */
  counts(after: Json, entry: string): Counts | undefined;
  /** How much of what is counted as `heldAs` a value of the field holds: what a share of losses is a share of. */
  held(value: Json): number;
  readonly heldAs: TakenAs | undefined;
}

/** Of a class alone: its opposite is a gain (an account, a membership, a licence). */
function counting(given: TakenAs | Counts): Pick<FieldAccess, "counts" | "heldAs"> {
  const counts: Counts = typeof given === "string" ? { takes: given, gives: "gained" } : given;
  return { counts: (after, entry) => ({ ...counts, ...counts.but?.(after, entry) }), heldAs: counts.takes };
}

/** Names, texts, how something is done: nobody's access hangs on it. */
export const neither: FieldAccess = { effect: () => "neither", counts: () => undefined, held: () => 0, heldAs: undefined };

/** Nothing of this means anything to anybody's access. */
export function noAccess<T extends object>({ shape }: { shape: T }): { readonly [K in keyof T]: FieldAccess } {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, neither])) as { [K in keyof T]: FieldAccess };
}

const same = (before: Json, after: Json): boolean => before === after || JSON.stringify(before) === JSON.stringify(after);

/** Any change may give and take: where an account lies, what a rule says, a new password. Counted as taken. */
export function both(takes: TakenAs): FieldAccess {
  return { effect: (before, after) => (same(before, after) ? "neither" : "both"), counts: () => ({ takes }), held: () => 0, heldAs: takes };
}

/** More of it gives, less takes; what is above 0 could be lost. */
export function byLevel(level: (value: Json) => number, counted: TakenAs | Counts): FieldAccess {
  return {
    effect: (before, after) =>
      same(before, after) || level(after) === level(before) ? "neither" : level(after) > level(before) ? "gives" : "takes",
    ...counting(counted),
    held: (value) => (level(value) > 0 ? 1 : 0),
  };
}

/** true (AD's TRUE) gives, everything else takes it away. */
export function whenTrue(counted: TakenAs | Counts): FieldAccess {
  return byLevel((value) => (value === true || value === "TRUE" ? 1 : 0), counted);
}

/** true takes, its end gives back: a deletion, sessions that are ended. What has it not yet is what could be lost. */
export function whenSet(counted: TakenAs | Counts): FieldAccess {
  return byLevel((value) => (value === null || value === false ? 1 : 0), counted);
}

/** One of several, the least first: a later one gives, an earlier one takes. What is above the least could be lost. */
export function ranked(order: readonly string[], counted: TakenAs | Counts): FieldAccess {
  return byLevel((value) => (typeof value === "string" ? order.indexOf(value) : -1), counted);
}

/** Something that somebody has where the field is filled: an owner's rights, an address. Another value gives and takes. */
export function filledIn(counted: TakenAs | Counts): FieldAccess {
  return { effect: ofFilled(same), ...counting(counted), held: (value) => (filled(value) ? 1 : 0) };
}

/** `alike`: two values between which nobody loses or gains; `changed`: what one that changes does. */
function ofFilled(alike: typeof same, changed: (before: Json, after: Json) => Effect = () => "both") {
  return (before: Json, after: Json): Effect => {
    const [was, is] = [filled(before), filled(after)];
    return was && is ? (alike(before, after) ? "neither" : changed(before, after)) : is ? "gives" : was ? "takes" : "neither";
  };
}

/**
 * Members, licences, roles: an entry that comes gives, one that goes takes, one that changes does both, or what `changed` says. A
 * row of the whole set says that it is managed now or no longer: nobody gains or loses by that.
 */
export function entries(counted: TakenAs | Counts, changed?: (before: Json, after: Json) => Effect): FieldAccess {
  const effect = ofFilled(same, changed);
  return {
    effect: (before, after, entry) => (entry === "" ? "neither" : effect(before, after)),
    ...counting(counted),
    held: countOf,
  };
}

/** Several values in one row (`attributes.proxyAddresses`): one that comes gives, one that goes takes. */
export function severalIn(counted: TakenAs | Counts): FieldAccess {
  const textsOf = (value: Json): string[] => (!filled(value) ? [] : Array.isArray(value) ? value.map(String) : [String(value)]);
  return {
    effect(before, after) {
      const [was, is] = [textsOf(before), textsOf(after)];
      const [takes, gives] = [was.some((one) => !is.includes(one)), is.some((one) => !was.includes(one))];
      return takes ? (gives ? "both" : "takes") : gives ? "gives" : "neither";
    },
    ...counting(counted),
    held: (value) => textsOf(value).length,
  };
}

/** A field of fields (`attributes`): each by its name without regard to case; what `named` does not know means nothing. */
export function byName(named: { readonly [name: string]: FieldAccess }): FieldAccess {
  const lower = new Map(Object.entries(named).map(([name, access]) => [name.toLowerCase(), access]));
  const of = (entry: string): FieldAccess => lower.get(entry.split(".")[0]?.toLowerCase() ?? "") ?? neither;
  return {
    effect: (before, after, entry) => of(entry).effect(before, after, ""),
    counts: (after, entry) => of(entry).counts(after, ""),
    held: () => 0,
    heldAs: undefined,
  };
}

/** How many a list holds; 0 of what is none. */
export const countOf = (value: Json | undefined): number => (Array.isArray(value) ? value.length : 0);

function filled(value: Json): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

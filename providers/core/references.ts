/**
 * Who is in: members, owners and managers, as inputs name them and as a system knows them. A reference is `person:<key>`, or what
 * a mapping manages by name (`group:<name>`, `contact:<name>`), or what the system itself calls something (`id:<id>`,
 * `dn:<distinguishedName>`). What is pure about them, for every type that has any; how a system finds and writes ids is its own.
 */
import type { Values } from "../../base/json.ts";
import { order } from "../../base/order.ts";
import type { RunContext } from "./definition.ts";
import type { Directory } from "./system.ts";

/** Reference → the id in the system: the `resolved` of a type's outputs. */
export type Ids = { [reference: string]: string };
/** The id of a reference, as far as it is known; undefined: nothing of that name is there (yet). */
export type IdOf = (reference: string) => string | undefined;

/** The key by which a run knows what a reference names, as it knows accounts; undefined for what only the system names. */
export function keyOf(reference: string): string | undefined {
  if (reference.startsWith("person:")) return reference.slice("person:".length);
  return /^(?:group|contact):/u.test(reference) ? reference : undefined;
}

/** The other way round. Keys of people hold no such word: they are numbers and ids of their source. */
export function referenceOf(key: string): string {
  return /^(?:group|contact):/u.test(key) ? key : `person:${key}`;
}

/** What the run itself knows: `id:` says it, and the accounts of people, groups and contacts. */
export function idIn(system: Directory, context: Pick<RunContext, "account">): IdOf {
  return (reference) => {
    if (reference.startsWith("id:")) return reference.slice("id:".length);
    const key = keyOf(reference);
    return key === undefined ? undefined : context.account(system, key);
  };
}

/** The same, and whose an id is, the other way round. */
export interface Known {
  idOf: IdOf;
  keyOf(id: string): string | undefined;
}

export function knownIn(system: Directory, context: Pick<RunContext, "account" | "personOf">): Known {
  return { idOf: idIn(system, context), keyOf: (id) => context.personOf(system, id) };
}

/** What the run knows, and else what the last outputs knew. */
export function orLast(idOf: IdOf, last: Ids): IdOf {
  return (reference) => idOf(reference) ?? last[reference];
}

/** `resolved` (or another field of that kind) of the last outputs, whatever they hold. */
export function idsOf(outputs: Values | undefined, field = "resolved"): Ids {
  const found = outputs?.[field];
  if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
  return Object.fromEntries(Object.entries(found).filter((one): one is [string, string] => typeof one[1] === "string"));
}

/** Ids of references; `waiting`: those of people and things that are not there yet. Without an id of its own nothing waits. */
export function resolve(references: readonly string[], idOf: IdOf): { ids: Ids; waiting: string[] } {
  const ids: Ids = {};
  const waiting: string[] = [];
  for (const reference of references) {
    const id = idOf(reference);
    if (id !== undefined) ids[reference] = id;
    else if (keyOf(reference) !== undefined) waiting.push(reference);
  }
  return { ids, waiting: waiting.sort(order) };
}

/** How a member stands in a live object. */
export interface Members<M> {
  /** Everything by which a reference may mean it, its id first. */
  ids(member: M): readonly [string, ...string[]];
  /** What it is called when nobody knows it; undefined: it is none of ours to compare. `ours`: haloform put it there. */
  unknown(member: M, ours: boolean): string | undefined;
}

/** Members that are known by their ids only. */
export const byId: Members<string> = { ids: (id) => [id], unknown: (id) => `id:${id}` };

/**
 * Live members as references: by the wished one that means it, or the last one that still does, else as the person or thing the
 * run knows by the id, else as the system calls it. In additive mode only those are shown who are wished or whom haloform put
 * there (`last`), or who are to leave whoever put them there (`leave`): what else others added is not ours to compare.
 */
export function view<M>(
  live: readonly M[],
  managed: { mode: string; members: readonly string[]; leave?: readonly string[] | undefined },
  last: Ids,
  run: Known,
  { ids, unknown }: Members<M>,
): string[] {
  const names = new Map<string, string>();
  for (const [reference, id] of Object.entries(last)) {
    const now = run.idOf(reference);
    // The name of somebody whom this run does not know, or knows by another account, would be written for the wrong one.
    if (now !== undefined && (now === id || keyOf(reference) === undefined)) names.set(now, reference);
  }
  for (const reference of [...managed.members, ...(managed.leave ?? [])]) {
    const id = orLast(run.idOf, last)(reference);
    if (id !== undefined) names.set(id, reference);
  }
  const put = new Set(Object.values(last));
  const shown = live.flatMap((member) => {
    const known = ids(member);
    const name = known.map((id) => names.get(id)).find((one) => one !== undefined);
    if (name !== undefined) return [name];
    const ours = known.some((id) => put.has(id));
    if (managed.mode === "additive" && !ours) return [];
    const key = run.keyOf(known[0]);
    const called = key === undefined ? unknown(member, ours) : referenceOf(key);
    return called === undefined ? [] : [called];
  });
  return [...new Set(shown)].sort(order);
}

/** Who joins and who leaves, by id. */
export interface Delta {
  join: string[];
  leave: string[];
  /** References of those who are to leave and of whom nobody knows the id. */
  unknown: string[];
}

/** The difference of two sets of references; `ids` are those of the wished. Nobody who only changes their reference is in it. */
export function delta(wished: readonly string[], ids: Ids, was: readonly string[], idOf: IdOf): Delta {
  const had = new Set(was.map((reference) => idOf(reference) ?? reference));
  const wishedIds = new Set(Object.values(ids));
  const join = Object.entries(ids).filter(([reference, id]) => !was.includes(reference) && !had.has(id));
  const leavers = was.filter((reference) => !wished.includes(reference)).map((reference) => ({ reference, id: idOf(reference) }));
  return {
    join: [...new Set(join.map(([, id]) => id))],
    leave: [...new Set(leavers.flatMap(({ id }) => (id === undefined || wishedIds.has(id) ? [] : [id])))],
    unknown: leavers.filter(({ id }) => id === undefined).map(({ reference }) => reference),
  };
}

/** What the outputs keep: what a mapping names always; others only where `mode` has to remember whom haloform put there (a state stays small). */
export function remember(mode: string, ids: Ids): Ids {
  return Object.fromEntries(Object.entries(ids).filter(([reference]) => mode === "additive" || keyOf(reference) !== undefined));
}

/** Has each of those who wait join as soon as the run knows them. */
export async function joinLater(
  system: Directory,
  waiting: readonly string[],
  context: Pick<RunContext, "whenAnnounced">,
  join: (id: string) => Promise<void>,
): Promise<void> {
  for (const reference of waiting) await context.whenAnnounced(system, keyOf(reference) ?? reference, join);
}

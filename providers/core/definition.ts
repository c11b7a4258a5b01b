/**
 * The one abstraction: a resource type. A definition says everything about it: what it is called, what its inputs look like
 * when they are canonical, what a change of each of them means, and how to list, create and update it. It holds no diff code:
 * canonical inputs are compared by the engine (docs/decisions/0002). `providers/core/adapter.ts` is the only place that knows
 * Pulumi's wire. Words: a person is **parked** when a human must act first; a **wish** is what should be; **live** is what is.
 */

import { z } from "zod";
import type { Values } from "../../base/json.ts";
import type { FieldAccess } from "./access.ts";
import type { PasswordRules } from "./password-rules.ts";
import type { Directory, System } from "./system.ts";
import type { WaveName } from "./waves.ts";

/** One object as it stands in the system now, read in bulk by `list`. */
export interface Live {
  /** The system's immutable key: objectGUID in text form, Graph id, Halo id as text. */
  id: string;
  /** Everything the type can manage (and what matching needs), canonical, JSON only; it travels in the run file. */
  values: Values;
}

/** Whether the resource's id is that of its person's account in a directory, by which others may refer to it. */
export function isAccount(facts: Pick<Facts, "system" | "account">): facts is { system: Directory; account: true } {
  return facts.account;
}

/** The bulk read of a type, made once a run (lists.ts); undefined where the run does not read that type. */
export type Lists = (type: string) => Promise<readonly Live[]> | undefined;

/** Why something is protected. */
export interface Protected {
  because: string;
  /** safety.yaml names it, or haloform itself uses it: no `protected.allow` lifts that. */
  named: boolean;
  /** A place of AD that is none itself, and holds what is: it stays where it is, and nothing of its shield is taken. */
  holds?: true;
}

/** The objects of a type by their ids. */
export interface LiveById {
  get(id: string): Live | undefined;
  has(id: string): boolean;
}

/** What may not be written in a run (guard.ts). */
export interface Guard {
  /** What is known of an object of a type, by its id. */
  of(type: string, id: string): Protected | undefined;
  /** Whether safety.yaml protects groups of this name. */
  isName(name: string): boolean;
  /** The pattern by which safety.yaml protects the place that something comes into (base/places.ts). */
  comesInto(to: string, from?: string): string | undefined;
  /** SID of a group of AD of which everybody inside is protected → its name. */
  readonly sids: ReadonlyMap<string, string>;
}

/** What an operation may ask of the run it is part of. */
export interface RunContext {
  /** The id of the account of a person (`key` of the Halo record) in a system, known before or made in this run. */
  account(system: Directory, person: string): string | undefined;
  /** The person whose account that id is, the other way round; undefined for what is nobody's. */
  personOf(system: Directory, id: string): string | undefined;
  /** The number of a person's user in Halo, and whose a number is: where people come from Halo. */
  haloUser?(person: string): string | undefined;
  personOfHaloUser?(id: string): string | undefined;
  /** Says that a person's account now exists, so that members, licences and managers of this run can find it. */
  announce(system: Directory, person: string, id: string): void;
  /**
   * Runs `link` at once if the person's account is known, else when it is announced (a manager who is created after
   * the person). Never blocks: what is not announced in this run shows as a change in the next plan.
   */
  whenAnnounced(system: Directory, person: string, link: (id: string) => Promise<void>): Promise<void>;
  /** The bulk read of a type, shared by the whole run; made once. */
  live(type: string): Promise<readonly Live[]>;
  /** The same, as a map by id. */
  liveById(type: string): Promise<LiveById>;
  /** The time of the run, UTC. */
  now(): Date;
  /** What the mapping says about passwords; absent: a first password that nobody gets to know. */
  readonly passwords?: PasswordRules | undefined;
  /** The same for accounts of the cloud (entra.yaml); absent: `passwords`. */
  readonly cloudPasswords?: PasswordRules | undefined;
  /** Values that may be in no state and no plan, by the id of what needs them (fields marked secret of a command). */
  secretsFor?(id: string): Readonly<Record<string, string>>;
  /** What the files of a command held when the plan was made; undefined: nobody has looked. */
  sumOf?(command: string): string | undefined;
  /** What may not be written in this run; absent: whatever the live objects themselves say. */
  readonly guard?: Guard;
  /** What of this person has failed in this run so far; undefined: nothing. */
  failed?(person: string): string | undefined;
  /** What of this person waits for something else (a PendingError of this run); undefined: nothing. */
  waiting?(person: string): string | undefined;
}

/** What a create or an update made: the immutable id and the computed outputs. */
export interface Made<O> {
  id: string;
  outputs: O;
  /** What there is to say about it in the result of `up`; never in the state. */
  said?: string;
}

/** Names of the keys a type spells out; an index signature (`Values`) has none. */
type Named<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: T[K] };

/** What there is to say about a type besides how it is read and written. I: its canonical inputs. */
export interface Facts<I extends Values = Values> {
  /** Never changes: it stands in every state, as `pulumi-nodejs:dynamic/<type>`. */
  readonly type: `${System}:${string}`;
  readonly system: System;
  /** What one is called in plans: "account", "home folder". */
  readonly noun: string;
  /** `person`: it is somebody's, and names that person; `group`: its `members` are people; `thing`: neither. */
  readonly about: "person" | "group" | "thing";
  /** true: the id is that of the person's account in the directory, and others may refer to it. */
  readonly account: boolean;
  /** Of a group: what the plan calls somebody's place in it (`ad:Membership`; of no other type), and its noun. */
  readonly membership?: { readonly type: string; readonly noun: string };
  /** How many people a change of the thing itself reaches: of its rule, its kind, its permissions. `lists`: what the run reads; absent or 0: one. */
  reaches?(live: Live, lists: (type: string) => readonly Live[]): number;
  /** What names the object before it has an id: adoption, outcomes, history and messages use this one. No two wished objects of the type share it. */
  key(inputs: I): string;
  /** Where it is to be, in a directory with places: its distinguishedName; left out: nowhere. */
  place?(inputs: I): string | undefined;
  /** What the object is called in plans; undefined: by its logical name. */
  label(inputs: I): string | undefined;
  /** When it is applied. */
  wave(inputs: I): WaveName;
  /** Paths of inputs that are sets, compared member by member in any order (`skus:sku`: of objects, by that key). */
  readonly sets: readonly string[];
  /** Inputs that say how, not what: a reader of the plan does not need them. */
  readonly silent: readonly string[];
  /** What a change of each input does to somebody's access. */
  readonly access: { readonly [K in Named<I>]: FieldAccess };
  /**
   * Something that is done, not something that is there: the state is its only record. A refresh finds it as it was left, a
   * change of its inputs does it again (by `create`), and one that failed is forgotten, so that the next run tries it again.
   */
  readonly recorded?: true;
}

/**
 * I: canonical inputs, O: computed outputs, C: the narrowest slice of the system's client the type needs, A: what is asked of
 * the bulk read (JSON; it travels in the run file). Nothing about people is ever deleted: letting go leaves the object alone.
 */
export interface Definition<I extends Values = Values, O extends Values = Values, C = unknown, A = unknown> extends Facts<I> {
  /** Parses and canonicalises (trims, lower-cases, sorts, defaults). Parsing twice gives the same. */
  readonly inputs: z.ZodType<I>;
  readonly outputs: z.ZodType<O>;
  /** Whether these are for sure inputs as `inputs` would give them, asked of thousands before the schema is (plain.ts); false: that must say. Absent: always. */
  isPlain?(inputs: Values): boolean;
  /**
   * What the system's own rules refuse of inputs that the schema takes: the input's path and why. Asked while planning, so that it is
   * known before anything is written; `was`: what the last run wished.
   */
  refuses?(inputs: I, was: I | undefined): { path: string; text: string }[];
  /** Names of inputs whose change would need a new object. A change of one is refused, never done by replacing. */
  readonly immutable: readonly Named<I>[];
  /**
   * What `list` reads where nobody says what is asked (a stock refresh without a run). Absent: without being asked nothing is
   * known, and what the state has stays as it is.
   */
  readonly unasked?: A;
  /** A memoised client; the environment is read once. Throws ConfigurationError with one line. */
  client(): Promise<C>;
  /** Everything of the type in bulk: N objects in about N / page calls. `lists`: what the run reads besides; none: nothing else. */
  list(client: C, asked: A, lists?: Lists): Promise<Live[]>;
  /** What cannot be true of a list of everything, in the middle of a sentence each: nothing of the system is believed then. */
  doubts?(live: readonly Live[]): string[];
  /** Which of the live objects is the one these inputs mean, by natural key. Used where matching did not already say. */
  find(live: readonly Live[], inputs: I): string | undefined;
  /**
   * The live object in the shape of the inputs, holding only what `managed` holds: keys absent there are not managed
   * and stay absent. `managed` are the last inputs (read) or the wished ones (adoption); `outputs` are the last outputs.
   */
  view(live: Live, managed: I, outputs: Values, context: RunContext): I;
  /** Makes the object. Finding one that an interrupted run made is the type's duty (finish it, don't make a second). */
  create(client: C, inputs: I, context: RunContext): Promise<Made<O>>;
  /**
   * Brings an existing object from `was` (what it is now, in the inputs' shape) to `inputs`. Returns the new outputs.
   * `live` is it as the bulk read has it; `outputs` are the last ones, for types that keep in them what cannot be read back.
   */
  update(client: C, live: Live, inputs: I, was: I, context: RunContext, outputs?: Values): Promise<O>;
  /** One object by id, straight from the system (undefined when gone): only for what the bulk read cannot know. */
  get(client: C, id: string, asked?: A): Promise<Live | undefined>;
  /** Computed outputs of a live object (read, adoption without a change). `outputs` are the last ones, where there are any. */
  computed(live: Live, inputs: I, context: RunContext, outputs?: Values): O;
  /**
   * "before": when it fails, nothing else is done for its person in this run. "after": it is only done when nothing else
   * of its person has failed in this run. "always": it is done whatever has failed, and its own failure stops nothing (it tells of
   * the others).
   */
  gate?(inputs: I): "before" | "after" | "always";
}

/** What a type may leave out. */
type Optional = "account" | "label" | "sets" | "silent" | "immutable" | "find";

/** Completes a definition: what most types leave out means the same for all of them. Of inputs that may be absent too, access is said. */
export function define<I extends Values, O extends Values, C, A = Record<string, never>>(
  given: Omit<Definition<I, O, C, A>, Optional | "access"> &
    Partial<Pick<Definition<I, O, C, A>, Optional>> & { readonly access: { readonly [K in Named<I>]-?: FieldAccess } },
): Definition<I, O, C, A> {
  return { account: false, label: () => undefined, sets: [], silent: [], immutable: [], find: () => undefined, ...given };
}

/** For types of which the system computes nothing that haloform needs: `...nothingComputed`. */
export const nothingComputed = { outputs: z.strictObject({}) as z.ZodType<Record<string, never>>, computed: () => ({}) };

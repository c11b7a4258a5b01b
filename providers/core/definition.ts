/**
 * The one abstraction: a resource type. A definition says what a thing is called, what its inputs look like when they
 * are canonical, and how to list, create, update and delete it. It holds no diff code: canonical inputs are compared
 * by the engine (docs/decisions/). `providers/core/adapter.ts` is the only place that knows Pulumi's wire.
 */
import type { z } from "zod";
import type { Values } from "../../base/json.ts";
import type { PasswordRules } from "./password-rules.ts";

export type { Json, Values } from "../../base/json.ts";

/** What holds people's accounts. */
export type Directory = "ad" | "entra" | "halo";
/** Everything that something can be done in: the directories, file shares, and the administrator's own commands. */
export type System = Directory | "files" | "script";

/** One object as it stands in the system now, read in bulk by `list`. */
export interface Live {
  /** The system's immutable key: objectGUID in text form, Graph id, Halo id as text. */
  id: string;
  /** Everything the type can manage (and what matching needs), canonical, JSON only; it travels in the run file. */
  values: Values;
}

/** Whether the resource's id is that of its person's account in a directory, by which others may refer to it. */
export function isAccount(definition: Pick<Definition, "system" | "account">): definition is { system: Directory } {
  return definition.account !== false && definition.system !== "files" && definition.system !== "script";
}

/** What an operation may ask of the run it is part of. */
export interface RunContext {
  /** The id of the account of a person (`key` of the Halo record) in a system, known before or made in this run. */
  account(system: Directory, person: string): string | undefined;
  /** The person whose account that id is, the other way round; undefined for what is nobody's. */
  personOf(system: Directory, id: string): string | undefined;
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
  liveById(type: string): Promise<ReadonlyMap<string, Live>>;
  /** The time of the run, UTC. */
  now(): Date;
  /** What the mapping says about passwords; absent: a first password that nobody gets to know. */
  readonly passwords?: PasswordRules | undefined;
  /** The same for accounts of the cloud (entra.yaml); absent: `passwords`. */
  readonly cloudPasswords?: PasswordRules | undefined;
  /** Values that may be in no state and no plan, by the id of what needs them (fields marked secret of a command). */
  secretsFor?(id: string): Readonly<Record<string, string>>;
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

export interface ListOptions {
  /** Further attributes to read, by the system's own names, that the mapping uses and the type does not read by itself. */
  attributes?: readonly string[];
}

/**
 * I: canonical inputs, O: computed outputs, C: the narrowest slice of the system's client the type needs.
 */
export interface Definition<I extends Values = Values, O extends Values = Values, C = unknown> {
  /** Never changes: it stands in every state, as `pulumi-nodejs:dynamic/<type>`. */
  readonly type: `${string}:${string}`;
  readonly system: System;
  /** false: the id is not that of the `person`'s account, so nothing is announced by it. */
  readonly account?: false;
  /** Parses and canonicalises (trims, lower-cases, sorts, defaults). Parsing twice gives the same. */
  readonly inputs: z.ZodType<I>;
  readonly outputs: z.ZodType<O>;
  /** Names of inputs whose change would need a new object. A change of one is refused, never done by replacing. */
  readonly immutable: readonly string[];
  /** A memoised client; the environment is read once. Throws ConfigurationError with one line. */
  client(): Promise<C>;
  /** Everything of the type in bulk: N objects in about N / page calls. */
  list(client: C, options?: ListOptions): Promise<Live[]>;
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
   * `outputs` are the last ones, for types that keep in them what cannot be read back (members' refs).
   */
  update(client: C, id: string, inputs: I, was: I, context: RunContext, outputs?: Values): Promise<O>;
  /** Removes it; already gone is success. Types about people never delete: they are let go of (retained). */
  delete(client: C, id: string, inputs: I): Promise<void>;
  /** One object by id, straight from the system (undefined when gone): only for what the bulk read cannot know. */
  get(client: C, id: string, options?: ListOptions): Promise<Live | undefined>;
  /** Computed outputs of a live object (read, adoption without a change). `outputs` are the last ones, where there are any. */
  computed(live: Live, inputs: I, context: RunContext, outputs?: Values): O;
  /** Letting go of the resource leaves the object alone (people's accounts, licences, groups): the default. */
  readonly retain: boolean;
  /**
   * Something that is done, not something that is there: the state is its only record. A refresh finds it as it was left, a
   * change of its inputs does it again (by `create`), and one that failed is forgotten, so that the next run tries it again.
   */
  readonly recorded?: true;
  /**
   * "before": when it fails, nothing else is done for its person in this run. "after": it is only done when nothing else
   * of its person has failed in this run. "always": it is done whatever has failed, and its own failure stops nothing (it tells of
   * the others).
   */
  gate?(inputs: I): "before" | "after" | "always";
}

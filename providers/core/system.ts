/**
 * A system says everything about itself in one object (`providers/<system>/system.ts`), which providers/systems.ts registers.
 * What others know of systems, they derive from there: the settings of a stack, its certificate authorities, the words of plans,
 * whose accounts are looked for and by which fields, whom the doctor asks (docs/decisions/0048).
 */
import type { z } from "zod";
import type { Calls } from "../../base/calls.ts";
import type { Values } from "../../base/json.ts";
import type { SystemSettings } from "../../base/settings.ts";
import type { Check, Now } from "./check.ts";
import type { Live } from "./definition.ts";

/**
 * Every system adds its name, and what it is: a `directory` holds people's accounts, a `place` does not. What must know all
 * names (`RunContext.account`) has them from here without importing any system.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the systems fill it (declaration merging).
export interface Systems {}

/** Everything that something can be done in. */
export type System = keyof Systems;
/** What holds people's accounts. */
export type Directory = { [N in System]: Systems[N] extends "directory" ? N : never }[System];

/** How people's accounts are found in a directory. */
export interface Accounts {
  /** The type whose live objects are all the accounts there are. */
  type: `${System}:${string}`;
  /** `two AD accounts fit` */
  title: string;
  /** `120 accounts in Active Directory` */
  counted: string;
  /** What one is called towards people. */
  label(live: { id: string; values: Values }): string;
  /** Flags of the live values that keep everybody's hands off an account. */
  untouchable: readonly string[];
  /** `people.is`: by what an account is recognised when the mapping does not say (field → template, in order), and what its help says. */
  is: { fields: Readonly<Record<string, string>>; says: string };
}

/** What a doctor is told: settings, secrets, and what the mappings ask of the system (undefined: nothing, or nobody knows). */
export interface Asked<C, N> {
  config: C;
  env: Readonly<Record<string, string | undefined>>;
  needs: N | undefined;
  now: Now;
  /** Of an identity that only previews and looks for drift: no right that only `up` needs is asked for. */
  readOnly: boolean;
  /** The system has everybody wait: seconds left. */
  onWait: (seconds: number) => void;
}

/** Which of its kind a system is. */
export interface Identity {
  /** As its administrators call it: `corp.example.com`. */
  name: string;
  /** What it says of itself and no other says: a domain's SID, a tenant's id. Absent: it does not say. */
  id?: string;
}

/** What a plan is bound to: `up` applies it to nothing else (docs/decisions/0098). */
export interface Target<C> {
  /** "the domain" */
  noun: string;
  /** Of every setting, whether it decides where things go or what is done there (`plan`), or only who asks and how (`run`): previews have an identity of their own. */
  settings: { readonly [K in keyof Required<C>]: "plan" | "run" };
  /** Asks the system itself, beside the other reads; undefined where it is not told. `accounts`: what is read of a directory's accounts anyway. */
  identity(config: C, accounts: Promise<readonly Live[]>): Promise<Identity | undefined>;
}

export interface SystemFacts {
  /** Prefix of its types, name of its settings, and of its mapping file where it has one. */
  readonly name: System;
  /** As plans say it: "Active Directory". */
  readonly title: string;
  /** Before each line of the doctor. */
  readonly short: string;
  /** What its administrators call the server. */
  readonly product?: string;
  /** Where it is reached; none: there is nothing to connect to. */
  readonly settings?: SystemSettings<z.ZodType>;
  /** No stack is without it. */
  readonly required?: true;
  /** Milliseconds for which what was just written may be missing in its lists, as replicas lag. */
  readonly lag?: number;
  /** What to look at where a list of it is short: the end of "Look at …". */
  readonly whenShort?: string;
  /** Variables of the environment whose values no line of haloform may show. */
  readonly secrets?: readonly string[];
  /** Where its requests are counted (base/calls.ts), and what one is called. */
  readonly calls?: { readonly counter: keyof Calls; readonly title: string };
  /** A directory has them. */
  readonly accounts?: Accounts;
  /** Whatever has settings has it. */
  readonly target?: {
    readonly noun: string;
    readonly settings: Readonly<Record<string, "plan" | "run">>;
    identity(config: never, accounts: Promise<readonly Live[]>): Promise<Identity | undefined>;
  };
  /** Everything there is to say about it. Asks, and changes nothing. */
  doctor?(asked: Asked<never, never>): Promise<Check[]>;
}

/** A system, checked: a directory has accounts, and only what is reached has a doctor, and can be a plan's target. */
export function defineSystem<const S extends SystemFacts>(
  system: S & { name: S["name"] } & (Systems[S["name"]] extends "directory" ? { accounts: Accounts } : object) &
    (S["settings"] extends SystemSettings<infer Z> ? { target: Target<z.infer<Z>> } : object),
): S {
  return system;
}

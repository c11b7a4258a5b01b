/** A stack of the engine, opened: what commands ask of it. Types only; cli/engine/automation.ts has the one by Pulumi. */
import type { Run } from "../../providers/core/run.ts";
import type { DesiredResource, Memory } from "../../stacks/model/types.ts";
import type { Previous } from "../../stacks/read/previous.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Tags } from "../ledger/shelf.ts";
import type { Target } from "./shards/layout.ts";
import type { Lying } from "./shards/shards.ts";

/** The output `passwords` as the state has it: secrets are ciphertexts. */
export type Stored = { [person: string]: unknown };

/**
 * Changes the output `passwords`: `change` gets it as it is and says whether it changed anything. Throws where the state is
 * locked, and where a run has written it meanwhile.
 */
export type Edit = (change: (stored: Stored) => boolean) => Promise<void>;

/** What the engine is to make true. */
export interface Program {
  resources: readonly DesiredResource[];
  memory: Memory;
  /** `type::name` of all that moves (stacks/plan/moves.ts): what else is in the state may stay there unlooked at. */
  moving: ReadonlySet<string>;
  /** Person → in which shard they are to be, where that is told by a field of their records (cli/engine/shards). */
  values?: ReadonlyMap<string, string> | undefined;
}

export interface UpOptions {
  /** Called with the run's folder, in which outcomes appear; what it gives is called when there will be no more. */
  follow?: (folder: string) => () => void;
  /** Called under the stack's lock, before anything is looked at or done; what it throws ends the run, and nothing has changed. */
  begin(): Promise<void>;
  /** Called under the stack's lock, when everything has been done. Not where the engine fails before that. */
  end(folder: string): Promise<void>;
}

/** What commands that change nothing ask. */
export interface Readable {
  /** What the last run applied. Throws ConfigurationError where the passphrase does not open the state. */
  previous(): Promise<Previous>;
  /** The journal, believed. Throws Refusal where it or the state is not. */
  ledger(): Promise<Ledger>;
  /** The stack's tags. */
  tags(): Promise<Tags>;
  /** How the state lies that was read last; undefined: none was. */
  lying(): Lying | undefined;
}

export interface Opened extends Readable {
  /** Applies, and signs what it left. `folder` holds the provider's outcomes. Throws Refusal where another run holds the stack, and what `begin` throws. */
  up(program: Program, run: Run, options: UpOptions): Promise<{ folder: string; failure?: string }>;
  /** The same for who takes over what is there: with the reason why it is not believed. */
  unbelieved(): Promise<{ ledger: Ledger; why: string | undefined }>;
  /** Does `work` under the stack's lock, as nobody but `up` has it. Throws Refusal where another run holds it. */
  underLock(work: () => Promise<void>): Promise<void>;
  /**
   * Has the state lie in other shards; `target` undefined: in one. `begin` is done under the lock, before anything is written.
   * Throws Refusal where another run holds the stack, or has changed it since it was read.
   */
  layOut(target: Target | undefined, values: ReadonlyMap<string, string>, begin: () => Promise<void>): Promise<void>;
  /** Changes which passwords wait in the state; see cli/engine/passwords.ts. */
  editPasswords: Edit;
}

/**
 * Something that is done under a stack's lock, before the engine looks at anything. It asks the program which plugins it needs once it
 * holds the lock, and before it refreshes: whatever fails there ends the update, with nothing refreshed and the state as it was
 * (tried with engine 3.250; test/e2e/signed.test.ts would tell), but for its secrets, which it encrypts anew. The SDK's own server
 * answers that question; here it asks us first.
 */
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import * as server from "@pulumi/pulumi/automation/server.js";

type Answer = (call: unknown, callback: (error: Error | null, answer?: unknown) => void) => void;
interface Server {
  program: PulumiFn;
  getRequiredPlugins: Answer;
}

const { prototype } = (server as unknown as { LanguageServer: { prototype: Server } }).LanguageServer;
const { getRequiredPlugins } = prototype;
const beginnings = new WeakMap<PulumiFn, () => Promise<void>>();

prototype.getRequiredPlugins = function (this: Server, call, callback) {
  const begin = beginnings.get(this.program) ?? (async () => undefined);
  begin().then(
    () => getRequiredPlugins.call(this, call, callback),
    (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
  );
};

interface Beginning {
  /** To be run by the engine instead of the program. */
  program: PulumiFn;
  /** What became of the engine's run: what `begin` threw is thrown as it was. */
  over<T>(run: Promise<T>): Promise<T>;
  /** Whether it has begun. */
  has(): boolean;
}

/** Called under the lock when a run ends early, while the state is as it was; what it gives is called when the engine has written that anew. */
export type Early = () => Promise<() => Promise<void>>;

/** A program before which `begin` is done, under the lock. */
export function beginning(begin: () => Promise<void>, program: PulumiFn, early: Early): Beginning {
  let has = false;
  let refused: { error: unknown } | undefined;
  let after = async (): Promise<void> => undefined;
  const guarded: PulumiFn = async () => {
    if (!has) throw new Error("the engine did not ask before it began; this version of it is not known (cli/engine/beginning.ts)");
    return program();
  };
  beginnings.set(guarded, async () => {
    // Asked once more it goes on with what was done.
    if (has) return;
    try {
      await begin();
      has = true;
    } catch (error) {
      refused = { error };
      after = await early();
      throw error;
    }
  });
  return {
    program: guarded,
    over: (run) =>
      run.catch(async (error: unknown) => {
        await after();
        throw refused ? refused.error : error;
      }),
    has: () => has,
  };
}

const enough = new Error("nothing more is to be done");

/** Does `work` under the lock, and ends the engine's run there. `run`: starts it with a program. */
export async function onlyUnderLock(work: () => Promise<void>, run: (program: PulumiFn) => Promise<unknown>, early: Early): Promise<void> {
  const begun = beginning(
    async () => {
      await work();
      throw enough;
    },
    async () => undefined,
    early,
  );
  await begun.over(run(begun.program)).catch((error: unknown) => {
    if (error !== enough) throw error;
  });
}

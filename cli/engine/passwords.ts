/**
 * The passwords in the stack's state. They are put there and taken away by editing it (`pulumi stack export` and `import`):
 * as part of a run they would make every approved plan stale that was made before somebody read one.
 */
import { z } from "zod";
import { oneLine } from "../../base/errors.ts";
import { passphrase, recipientsIn } from "../../providers/core/password-rules.ts";
import type { Run } from "../../providers/core/run.ts";
import { encrypted, forget, giveTo, heldBy, isUnderPhrase, type Kept, keptIn, ofSlot } from "../../providers/core/vault.ts";
import { type Handed, type HandedOne, stored } from "../../stacks/read/handed.ts";
import type { Exported } from "../ledger/shelf.ts";
import type { Edit, Stored } from "./opened.ts";
import { type EngineAt, engine, exported } from "./state.ts";

const storedSchema = z.record(z.string(), z.unknown()).catch({});

/** The Edit (opened.ts) of the stack that the engine has; returns whether it changed anything. `refuse`: throws where it is not the state that is believed. */
export async function editPasswords(
  at: EngineAt,
  change: (stored: Stored) => boolean,
  refuse?: (state: Exported) => Promise<void>,
): Promise<boolean> {
  const text = await engine(at, ["stack", "export"]);
  const document = exported.parse(JSON.parse(text));
  await refuse?.(document);
  const stack = document.deployment?.resources?.find((one) => one.type === "pulumi:pulumi:Stack");
  if (!stack) throw new Error("there is no state yet: apply a plan first");
  const { passwords, ...outputs } = stack.outputs ?? {};
  const all: Stored = { ...storedSchema.parse(passwords ?? {}) };
  if (!change(all)) return false;
  stack.outputs = Object.keys(all).length > 0 ? { ...outputs, passwords: all } : outputs;
  if ((await engine(at, ["stack", "export"])) !== text) throw new Error("a run has changed the state just now; try again");
  await engine(at, ["stack", "import"], JSON.stringify(document));
  return true;
}

/** What the state has of one that is kept here. Throws ConfigurationError where it is under another passphrase. */
export const handedOf = (kept: Kept, phrase: string | undefined): HandedOne => {
  const { login, since, why } = kept;
  return { login, since, why, ...heldBy(kept, phrase) };
};

/**
 * After a run: new passwords that their systems have taken go from this machine into the state. Where the stack has recipients, those
 * that still wait under the passphrase, here and in the state (`handed`, as it was read), become theirs. Returns why they did not.
 */
export async function keepPasswords(edit: Edit, run: Run, handed: Handed = {}): Promise<string | undefined> {
  const folder = run.passwords?.vault ?? run.cloudPasswords?.vault;
  const [phrase, recipients] = [passphrase(), recipientsIn(run.settings)];
  try {
    const waiting: Kept[] = [];
    for (const one of folder === undefined ? [] : keptIn(folder)) {
      if (phrase === undefined && isUnderPhrase(one)) continue;
      const kept = recipients ? await giveTo(recipients, one, phrase) : one;
      if (kept.taken) waiting.push(kept);
    }
    const given = recipients ? await forRecipients(recipients, handed) : {};
    if (waiting.length > 0 || Object.keys(given).length > 0)
      await edit((all) => {
        // What somebody has read meanwhile stays gone.
        for (const [slot, one] of Object.entries(given)) if (sinceOf(all[slot]) === one.since) all[slot] = stored(one);
        for (const one of waiting) all[one.slot] = stored(handedOf(one, phrase));
        return true;
      });
    // Only now are they forgotten here.
    for (const one of waiting) forget(one);
    return undefined;
  } catch (error) {
    if (folder === undefined || keptIn(folder).length === 0)
      return `passwords that wait could not be encrypted to the recipients of haloform:passwords (${oneLine((error as Error).message)}); the next run tries again`;
    return `new passwords could not be put into the state (${oneLine((error as Error).message)}); they are kept, encrypted, on this machine (${folder}), where \`haloform password show\` finds them, and the next run puts them there`;
  }
}

const sinceOf = (one: unknown): unknown => (one as { since?: unknown } | undefined)?.since;

/** Those of the state that the passphrase keeps, for the recipients. */
async function forRecipients(recipients: readonly string[], handed: Handed): Promise<Handed> {
  const made: Handed = {};
  for (const [slot, { login, since, why, ...held }] of Object.entries(handed))
    if ("password" in held)
      made[slot] = { login, since, why, age: await encrypted(recipients, { ...ofSlot(slot), login, since, why }, held.password) };
  return made;
}

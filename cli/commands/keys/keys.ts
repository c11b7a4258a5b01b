/** `haloform keys`: a new pair of keys, and taking over what is there as if production had signed it. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { newKey, publicKey } from "../../../base/ed25519.ts";
import { writePrivate } from "../../../base/private-file.ts";
import { stateDigest } from "../../../stacks/model/state-digest.ts";
import { openStack } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { isSigned } from "../../ledger/shelf.ts";
import type { Voice } from "../../say.ts";
import { type Asked, confirmed, refuseUnasked } from "../confirmed.ts";

export interface NewKeys {
  format: "haloform.keys/1";
  id: string;
  /** The line for `haloform:keys`. */
  public: string;
  /** Where the private key is. */
  file: string;
}

/** Writes a new private key to a file that is not there yet (0600). Throws UsageError where it is. */
export function makeKeys(file: string): NewKeys {
  if (existsSync(file)) throw new UsageError(`${file} is there already: name a file that is not, so that no key is lost.`);
  const made = newKey();
  writePrivate(file, `${made.private}\n`);
  return { format: "haloform.keys/1", id: publicKey(made.public)?.id ?? "", public: made.public, file };
}

export interface Found {
  format: "haloform.adopt/1";
  stack: string;
  /** Digest of the state. */
  state: string;
  resources: number;
  /** When the engine wrote it last, UTC ISO 8601. */
  written?: string;
  /** Losses of the journal, commands that are due, approvals that are used up. */
  journal: { losses: number; due: number; used: number };
  /** Number of the last signature. */
  serial?: number;
  /** Why it is not believed as it is. */
  why?: string;
  /** Whether it was signed; else only its journal was begun. */
  signed: boolean;
}

export interface AdoptOptions extends Asked {
  now: Date;
  voice: Voice;
  /** Says what is there, before it is asked about. */
  tell(found: Found): void;
}

const deployment = z.looseObject({
  manifest: z.looseObject({ time: z.string().optional() }).optional(),
  resources: z.array(z.unknown()).nullish(),
});

/** Shows what is there and, where somebody says yes, goes on with it: a journal where there is none, and production's signature. */
export async function adopt(project: Project, options: AdoptOptions): Promise<Found> {
  refuseUnasked(options, "keys adopt asks on a terminal whether the state is right");
  const stack = await openStack(project, options.voice);
  const { ledger, why } = await stack.unbelieved();
  ledger.refuseWithoutKey("keys adopt");
  const { manifest, resources } = deployment.safeParse(ledger.state?.deployment).data ?? {};
  const { losses, due, used } = ledger.known;
  const found: Found = {
    ...{
      format: "haloform.adopt/1",
      stack: project.stack,
      state: stateDigest(ledger.state?.deployment),
      resources: resources?.length ?? 0,
    },
    ...(manifest?.time === undefined ? {} : { written: manifest.time }),
    journal: { losses: losses.length, due: due.length, used: used.length },
    ...(ledger.signed ? { serial: ledger.signed.serial } : {}),
    ...(why === undefined ? {} : { why }),
    signed: isSigned(project),
  };
  options.tell(found);
  await confirmed(options, "Is this what production left? Everything it says is believed from now on.");
  await stack.underLock(async () => {
    await ledger.refuseMoved();
    await ledger.adopt(options.now);
  });
  return found;
}

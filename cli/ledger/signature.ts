/**
 * What production signs, and whether what lies there is that: the whole state, the journal's newest entry and the run record's, with a
 * number that only grows (docs/decisions/0095). Pure, but for the key in the environment.
 */

import { digestOf } from "../../base/digest.ts";
import { fits, type PrivateKey, type PublicKey, privateKey, publicKey, signed } from "../../base/ed25519.ts";
import { inOneOrder, stateDigest, withoutPasswords } from "../../stacks/model/state-digest.ts";
import { UsageError } from "../exit.ts";
import { headOf, isWhole, type Journal, known, type Signed } from "./journal.ts";

/** The environment's variable that holds production's private key. */
export const keyVariable = "HALOFORM_SIGNING_KEY";

/** The keys of a stack's settings. */
export const keysOf = ({ keys }: { keys?: readonly string[] | undefined }): PublicKey[] =>
  (keys ?? []).flatMap((line) => publicKey(line) ?? []);

/** Production's key; undefined where the variable is not set. Throws UsageError where it holds no key. */
export function ownKey(env: NodeJS.ProcessEnv = process.env): PrivateKey | undefined {
  const text = env[keyVariable];
  if (!text) return undefined;
  const key = privateKey(text);
  if (key) return key;
  throw new UsageError(`${keyVariable} holds no Ed25519 key: expected what \`haloform keys new\` wrote, PKCS #8 as PEM or in base64.`);
}

const said = (body: Omit<Signed, "signature">): string => `${body.format} ${digestOf(body)}`;

/** What is signed, but for what follows from the journal. */
export type Statement = Pick<Signed, "stack" | "serial" | "at" | "state"> & StateDigest & { running?: string };

/** A digest of a state, and what it leaves out. */
export interface StateDigest {
  state: string;
  apart?: "passwords" | undefined;
}

/** Of what is exported; undefined `apart`: of all of it. */
export function digestOfState(deployment: unknown, apart: StateDigest["apart"]): StateDigest {
  return apart ? { state: stateDigest(withoutPasswords(deployment)), apart } : { state: stateDigest(deployment) };
}

/** Whether it is the state that was signed: in the order in which it lies, or in that which it keeps in shards. */
export const isSignedState = ({ state, apart }: Pick<Signed, "state" | "apart">, deployment: unknown): boolean =>
  [deployment, inOneOrder(deployment)].some((one) => digestOfState(one, apart).state === state);

/** The journal with a signature of what it says and of the state. */
export function withSignature(journal: Journal, { stack, serial, at, state, apart, running }: Statement, key: PrivateKey): Journal {
  const body: Omit<Signed, "signature"> = {
    ...{ format: "haloform.signed/1" as const, stack, serial, at, state, journal: headOf(journal), record: known(journal).record ?? "" },
    ...(apart === undefined ? {} : { apart }),
    ...(running === undefined ? {} : { running }),
    key: key.id,
  };
  return { ...journal, signed: { ...body, signature: signed(key, said(body)) } };
}

/** Why a state is not believed: the cause, as a sentence goes on, and whether a run may be at it or was cut off. */
export interface Doubt {
  why: string;
  /** The state is another than the signed one, and a run was to write it. */
  cut?: true;
}

/** Undefined: it is what somebody with one of the keys has signed. `deployment`: the state, as it is exported. */
export function doubt(
  journal: Journal | undefined,
  given: { stack: string; keys: readonly PublicKey[]; deployment: unknown },
): Doubt | undefined {
  if (!journal) return { why: "it has no journal, so nothing says who wrote it" };
  if (!isWhole(journal)) return { why: "its journal was changed after it was written" };
  const { signed: is } = journal;
  if (!is) return { why: "it is not signed" };
  const key = given.keys.find(({ id }) => id === is.key);
  if (!key) return { why: `it is signed with the key ${is.key}, and haloform:keys does not name that` };
  const { signature, ...body } = is;
  if (!fits(key, said(body), signature)) return { why: `its signature is not one of the key ${is.key}` };
  if (is.stack !== given.stack) return { why: `it is signed for the stack ${is.stack}` };
  if (is.journal !== headOf(journal) || is.record !== (known(journal).record ?? ""))
    return { why: "its journal was changed after it was signed" };
  // In the order in which it lies, or, where it is or was to be kept in shards, in one of its own.
  for (const one of [given.deployment, inOneOrder(given.deployment)]) if (is.state === digestOfState(one, is.apart).state) return undefined;
  if (is.running === undefined) return { why: `it was changed after it was signed (number ${is.serial}, ${is.at})` };
  return { why: `the run that began at ${is.at} has not signed what it left`, cut: true };
}

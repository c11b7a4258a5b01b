/**
 * What people say about a stack beside its journal: that nothing may be written, that it may again, that they have looked at an emergency. Anybody who may write where the
 * state is can leave such a statement, also while a run holds the lock; runs look for it, and take it over into the journal
 * (docs/decisions/0129). What lifts something counts only with production's key or an allowed signer's.
 */
import { z } from "zod";
import { shortDigest } from "../../base/digest.ts";
import { fits, signed } from "../../base/ed25519.ts";
import { readAs } from "../../base/json.ts";
import { type Namespace, type Signer, signerOf, signersFile, signWith } from "../approval/signers.ts";
import type { Project } from "../engine/project.ts";
import { actor } from "./record.ts";
import { isSigned, keyFor } from "./shelf.ts";
import { keysOf } from "./signature.ts";

const common = {
  format: z.literal("haloform.said/1"),
  stack: z.string(),
  /** When it was said, as the machine says: UTC ISO 8601. */
  at: z.string(),
  /** Who, as the machine says: `ada@build-3`. */
  who: z.string(),
};
const stopSchema = z.strictObject({ ...common, event: z.literal("stop"), why: z.string(), nonce: z.string() });
const goSchema = z.strictObject({
  ...common,
  event: z.literal("go"),
  why: z.string().optional(),
  /** Ids of the stops that it lifts. */
  of: z.array(z.string()).min(1),
});
const reviewSchema = z.strictObject({
  ...common,
  event: z.literal("review"),
  /** Id of the emergency that it signs off. */
  of: z.string(),
  found: z.string(),
});
/** Drift that is let be until a moment (cli/commands/drift/tolerate.ts). */
const tolerateSchema = z.strictObject({
  ...common,
  event: z.literal("tolerate"),
  why: z.string(),
  cause: z.string(),
  /** UTC ISO 8601. */
  until: z.iso.datetime(),
  /** What names each finding: another value is another one. */
  of: z.array(z.string()).min(1),
});
const saidSchema = z.discriminatedUnion("event", [stopSchema, goSchema, tolerateSchema, reviewSchema]);
const proofSchema = z.discriminatedUnion("how", [
  z.strictObject({ how: z.literal("key"), key: z.string(), signature: z.string() }),
  z.strictObject({ how: z.literal("ssh"), signature: z.string() }),
]);
const statementSchema = z.strictObject({ said: saidSchema, proof: proofSchema.optional() });

export type Said = z.infer<typeof saidSchema>;
type Proof = z.infer<typeof proofSchema>;
export type Statement = z.infer<typeof statementSchema>;

/** A stack with what its settings say about keys and signers. */
export type Stack = Pick<Project, "folder" | "home" | "stack" | "config">;

/** What every statement begins with. */
export const begun = ({ stack }: Pick<Stack, "stack">, now: Date): Pick<Said, "format" | "stack" | "at" | "who"> => ({
  ...{ format: "haloform.said/1", stack, at: now.toISOString(), who: actor() },
});

/** What names a statement: made of all that it says. */
export const idOf = (said: Said): string => shortDigest(said, 12);

/** What is signed: one line that says itself what it is. */
const lineOf = (said: Said): string => `${said.format} ${said.event} ${said.stack} ${shortDigest(said, 64)}\n`;

const namespaceOf = ({ event }: Said): Namespace => `haloform-${event}`;

/** A statement, signed with an SSH key where one is named, else with production's where this process has it, else not at all. */
export async function stated(stack: Stack, said: Said, sshKey?: string): Promise<Statement> {
  if (sshKey !== undefined) return { said, proof: { how: "ssh", signature: await signWith(sshKey, namespaceOf(said), lineOf(said)) } };
  const key = keyFor(stack);
  return key ? { said, proof: { how: "key", key: key.id, signature: signed(key, lineOf(said)) } } : { said };
}

/** As it lies beside the state; undefined where that is none of haloform's. */
export const readStatement = (text: string): Statement | undefined => readAs(statementSchema, text);

/** Undefined where it is none of this stack's, or not as it was said: its name is made of what it says. */
export function statementIn({ stack }: Pick<Stack, "stack">, name: string, text: string): Statement | undefined {
  const found = readStatement(text);
  return found && found.said.stack === stack && idOf(found.said) === name ? found : undefined;
}

/** Who has signed it, verified, or why that is nobody. `key`: of an SSH key. */
export async function provenBy(
  stack: Stack,
  { said, proof }: Statement,
): Promise<(Pick<Signer, "name"> & Partial<Signer>) | { why: string }> {
  if (!proof) return { why: "it is not signed" };
  if (proof.how === "key") return ofKey(stack, said, proof);
  return signerOf(lineOf(said), proof.signature, namespaceOf(said), signersFile(stack));
}

function ofKey(stack: Stack, said: Said, { key: id, signature }: Extract<Proof, { how: "key" }>): { name: string } | { why: string } {
  const key = keysOf(stack.config).find((one) => one.id === id);
  if (!key) return { why: `it is signed with the key ${id}, and haloform:keys does not name that` };
  return fits(key, lineOf(said), signature) ? { name: `production's key ${id}` } : { why: `its signature is not one of the key ${id}` };
}

/** What is said to whom that refuses. */
export const howToProve =
  "Run it with production's key, or say --sign-with KEY with the SSH key of somebody in the file of haloform:signers (docs/operations.md).";

/** Whether only a verified signature may lift anything: else whoever may write the state may do it anyway. */
export const needsProof = ({ config }: Pick<Stack, "config">): boolean => isSigned({ config }) || config.signers !== undefined;

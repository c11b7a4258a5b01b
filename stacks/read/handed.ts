/**
 * Passwords that wait to be read: the stack output `passwords`. Each is a ciphertext for the recipients of `haloform:passwords`, and
 * then no secret of the state, or one that the stack's passphrase keeps. The program registers exactly what the state has (a plan
 * made before somebody read one stays valid); the command line adds and removes.
 */
import { z } from "zod";

const note = z.object({ login: z.string(), since: z.string(), why: z.enum(["created", "rotated", "reset"]) });

/** How Pulumi marks a secret in an exported state (sdk/go/common/resource/sig). */
const mark = { key: "4dabf18193072939515e22adb298388d", value: "1b47061264138c4ac30d75fd1eb44270" } as const;

/** A secret as `pulumi stack export --show-secrets` writes it, or bare where it is none. */
const secret = z.union([z.string(), z.object({ plaintext: z.string() })]).transform((value, context) => {
  if (typeof value === "string") return value;
  const text: unknown = JSON.parse(value.plaintext);
  if (typeof text === "string") return text;
  context.addIssue({ code: "custom", message: "not a text" });
  return z.NEVER;
});

const one = z.union([note.extend({ age: z.string() }), note.extend({ password: secret })]);
const schema = z.record(z.string(), one);

/** One that waits: for the recipients (`age`, armored), or, secrets shown, as it is (`password`). */
export type HandedOne = z.infer<typeof one>;
/** By the slot of the person (providers/core/vault.ts): the key, for Entra ID `entra:<key>`. */
export type Handed = { [slot: string]: HandedOne };

/** What the exported output holds, secrets shown; undefined where there is none or it is not ours. */
export function parseHanded(output: unknown): Handed | undefined {
  const parsed = schema.safeParse(output);
  return parsed.success && Object.keys(parsed.data).length > 0 ? parsed.data : undefined;
}

/** The output with `secretOf` around every password: how a secret is marked is the reader's (an import, or a program). */
export function stored(one: HandedOne, secretOf: (password: string) => unknown = secretValue): { [key: string]: unknown } {
  return "age" in one ? { ...one } : { ...one, password: secretOf(one.password) };
}

/** A secret as `pulumi stack import` takes it, to be encrypted. */
export function secretValue(text: string): { [key: string]: string } {
  return { [mark.key]: mark.value, plaintext: JSON.stringify(text) };
}

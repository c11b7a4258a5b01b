/**
 * Passwords on their way: each is written here, encrypted, before its system is told, and removed as soon as it stands in the
 * state (or was read). The state is written once, at the end of a run (docs/decisions/0005): without this a run that is killed
 * would leave accounts whose passwords nobody knows. An account's earlier password stays beside a new one until the system has
 * agreed to that: where it refuses, or nobody knows, the earlier one may still be the account's.
 *
 * Encrypted to public keys (docs/decisions/0100) no job can open one, and none needs to: it is handed on as it is.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { decryptWith, encryptTo } from "../../base/age.ts";
import { ConfigurationError } from "../../base/errors.ts";
import { order } from "../../base/order.ts";
import { writePrivate } from "../../base/private-file.ts";
import { open, type Sealing, seal } from "../../base/seal.ts";

const fields = z.object({
  person: z.string(),
  login: z.string(),
  /** UTC ISO 8601. */
  since: z.string(),
  why: z.enum(["created", "rotated", "reset"]),
  /** Of the account in Entra ID; left out for Active Directory. Somebody may have one in each. */
  system: z.literal("entra").exactOptional(),
  /** The system has taken it; false until its answer is here. */
  taken: z.boolean(),
});
const file = z.discriminatedUnion("format", [
  /** Under the passphrase of the stack. */
  fields.extend({
    format: z.literal("haloform.password/1"),
    salt: z.string(),
    nonce: z.string(),
    tag: z.string(),
    data: z.string(),
  }),
  /** For the recipients of `haloform:passwords`. */
  fields.extend({ format: z.literal("haloform.password/2"), age: z.string() }),
]);

/** Whose password waits, and since when: nothing secret. */
export type Note = z.infer<typeof fields>;

/** What new passwords are encrypted with: public keys, else the passphrase of the stack. */
export type Lock = { recipients: readonly string[] } | { phrase: string };

/** A file and what stands in it. */
export interface Kept extends Note {
  path: string;
  /** By the file's name: what stands in it may have been altered. */
  slot: string;
  content: z.infer<typeof file>;
}

/** Under what a password is kept, here and in the state: the person's key, and the system where that is not Active Directory. */
export const slotOf = ({ person, system }: Pick<Note, "person" | "system">): string =>
  system === undefined ? person : `${system}:${person}`;

/** Whose a slot is. */
export function ofSlot(slot: string): Pick<Note, "person" | "system"> {
  const person = /^entra:(.*)$/su.exec(slot)?.[1];
  return person === undefined ? { person: slot } : { person, system: "entra" };
}

/** Where a project's home keeps them (`folder`: the checkout): one folder a stack. */
export function vaultFolder(folder: string, stack: string): string {
  return join(process.env["HALOFORM_HOME"] || join(folder, ".haloform"), "passwords", stack);
}

/** On the disk when this is done, beside what is kept of the same slot already. Throws what the library says of a wrong recipient. */
export async function keep(folder: string, lock: Lock, note: Note, password: string): Promise<Kept> {
  const content = await contentOf(lock, note, password);
  const path = freePlace(folder, slotOf(note));
  writePrivate(path, JSON.stringify(content));
  return { ...note, path, slot: slotOf(note), content };
}

/** The system has taken this one: every other one of the slot is forgotten. */
export function taken(kept: Kept): void {
  // Forgotten meanwhile by whoever has read it.
  if (!existsSync(kept.path)) return;
  writePrivate(kept.path, JSON.stringify({ ...kept.content, taken: true }));
  for (const { path } of keptIn(dirname(kept.path), kept.slot)) if (path !== kept.path) rmSync(path, { force: true });
}

/** Removes it; removing what is not there is fine. */
export const forget = ({ path }: Pick<Kept, "path">): void => rmSync(path, { force: true });

/** Whose passwords are in the folder: of a slot, or all. The older first: where a run was cut off between two steps, the newer one is right. */
export function keptIn(folder: string, slot?: string): Kept[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ path: join(folder, name), slot: decodeURIComponent(name.replace(/(?:\+\d+)?\.json$/u, "")) }))
    .filter((one) => slot === undefined || one.slot === slot)
    .flatMap((one) => {
      const content = read(one.path);
      return content ? [{ ...fields.parse(content), ...one, content }] : [];
    })
    .sort((a, b) => order(a.since, b.since));
}

/** Whether only the passphrase opens it. */
export const isUnderPhrase = ({ content }: Kept): boolean => content.format === "haloform.password/1";

/** What is handed on of one: the ciphertext for the recipients as it is, the password where only the passphrase keeps it. */
export type Held = { age: string } | { password: string };

/** Throws ConfigurationError where it was encrypted with another passphrase, or altered. */
export const heldBy = (kept: Kept, phrase: string | undefined): Held =>
  kept.content.format === "haloform.password/2" ? { age: kept.content.age } : { password: opened(kept, phrase) };

/** One that the passphrase keeps is from now on for the recipients, at its place. Throws as heldBy. */
export async function giveTo(recipients: readonly string[], kept: Kept, phrase: string | undefined): Promise<Kept> {
  const held = heldBy(kept, phrase);
  if ("age" in held) return kept;
  const content = await contentOf({ recipients }, kept, held.password);
  writePrivate(kept.path, JSON.stringify(content));
  return { ...kept, content };
}

/** What is said in clear of a password, in one order. */
const bound = ({ person, login, since, why, system }: Omit<Note, "taken">): string[] => [
  person,
  login,
  since,
  why,
  ...(system === undefined ? [] : [system]),
];

/** What the file says in clear is held by the encryption: nobody can give Ada's password out as Ben's. */
const sealingOf = (phrase: string, note: Note): Sealing => ({ phrase, cost: 2 ** 15, bound: JSON.stringify(bound(note)) });

/** A password for the recipients, with all that is said of it: whoever opens it compares. */
export const encrypted = (recipients: readonly string[], note: Omit<Note, "taken">, password: string): Promise<string> =>
  encryptTo(recipients, JSON.stringify({ for: bound(note), password }));

const inside = z.object({ for: z.array(z.string()), password: z.string() });

/** The password; undefined where no identity opens it. Throws ConfigurationError where it was altered, or was another's or of another time. */
export async function decrypted(identities: readonly string[], note: Omit<Note, "taken">, age: string): Promise<string | undefined> {
  const text = await decryptWith(identities, age).catch(() => "altered");
  if (text === undefined) return undefined;
  const parsed = inside.safeParse(jsonOf(text));
  if (parsed.success && JSON.stringify(parsed.data.for) === JSON.stringify(bound(note))) return parsed.data.password;
  throw new ConfigurationError(
    `Could not open the password of ${note.login}: what is kept was altered, or is another's; give person ${note.person} a new one with \`haloform password reset\`.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function contentOf(lock: Lock, { person, login, since, why, system, taken }: Note, password: string): Promise<Kept["content"]> {
  const note: Note = { person, login, since, why, taken, ...(system === undefined ? {} : { system }) };
  if ("recipients" in lock) return { format: "haloform.password/2", ...note, age: await encrypted(lock.recipients, note, password) };
  return { format: "haloform.password/1", ...note, ...seal(password, sealingOf(lock.phrase, note)) };
}

function opened({ content, path, person }: Kept, phrase: string | undefined): string {
  if (content.format !== "haloform.password/1") throw new Error(`${path} is not under a passphrase.`);
  if (phrase === undefined)
    throw new ConfigurationError(`Could not open ${path}: it was encrypted with a passphrase; set PULUMI_CONFIG_PASSPHRASE to that.`);
  try {
    return open(content, sealingOf(phrase, content));
  } catch {
    throw new ConfigurationError(
      `Could not open ${path}: it was encrypted with another passphrase, or altered; set PULUMI_CONFIG_PASSPHRASE to the one it was made with, or remove the file and give person ${person} a new password with \`haloform password reset\`.`,
    );
  }
}

/** A `+` is in no encoded slot, so that no slot's second file is another's first. */
function freePlace(folder: string, slot: string): string {
  const place = (n: number): string => join(folder, `${encodeURIComponent(slot)}${n === 1 ? "" : `+${n}`}.json`);
  let n = 1;
  while (existsSync(place(n))) n += 1;
  return place(n);
}

function read(path: string): z.infer<typeof file> | undefined {
  const parsed = file.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : undefined;
}

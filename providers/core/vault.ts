/**
 * Passwords on their way: each is written here, encrypted, before Active Directory is told, and removed as soon as it stands
 * in the state (or was read). The state is written once, at the end of a run (docs/decisions/0005): without this a run that
 * is killed would leave accounts whose passwords nobody knows. AES-256-GCM, key by scrypt from the stack's passphrase.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
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
const file = fields.extend({
  format: z.literal("haloform.password/1"),
  salt: z.string(),
  nonce: z.string(),
  tag: z.string(),
  data: z.string(),
});

/** Whose password waits, and since when: nothing secret. */
export type Note = z.infer<typeof fields>;
export interface Waiting extends Note {
  password: string;
}

/** Under what a password is kept, here and in the state: the person's key, and the system where that is not Active Directory. */
export const slotOf = ({ person, system }: Pick<Note, "person" | "system">): string =>
  system === undefined ? person : `${system}:${person}`;

/** Whose a slot is. */
export function ofSlot(slot: string): Pick<Note, "person" | "system"> {
  const person = /^entra:(.*)$/su.exec(slot)?.[1];
  return person === undefined ? { person: slot } : { person, system: "entra" };
}

export interface Vault {
  /** On the disk when this returns. One a person and system: a newer one replaces the older. */
  put(waiting: Waiting): void;
  /** The system has taken the password of this slot. */
  taken(slot: string): void;
  /** Removes the password of a slot; with `only`, only where it is still this one. Removing what is not there is fine. */
  remove(slot: string, only?: string): void;
  /** Throws ConfigurationError where one was encrypted with another passphrase. */
  all(): Waiting[];
}

/** Where a project's home keeps them (`folder`: the checkout): one folder a stack. */
export function vaultFolder(folder: string, stack: string): string {
  return join(process.env["HALOFORM_HOME"] || join(folder, ".haloform"), "passwords", stack);
}

/** What the file says in clear is held by the encryption: nobody can give Ada's password out as Ben's. */
const sealingOf = (phrase: string, { person, login, since, why, system }: Note): Sealing => ({
  phrase,
  cost: 2 ** 15,
  bound: JSON.stringify([person, login, since, why, ...(system === undefined ? [] : [system])]),
});

/** What is not secret. */
const noteOf = ({ person, login, since, why, system, taken }: Note): Note => ({
  ...{ person, login, since, why, taken },
  ...(system === undefined ? {} : { system }),
});

export function openVault(folder: string, phrase: string): Vault {
  const place = (slot: string): string => join(folder, `${encodeURIComponent(slot)}.json`);
  const write = (slot: string, content: z.infer<typeof file>): void => writePrivate(place(slot), JSON.stringify(content));
  return {
    put(waiting) {
      const { password, ...note } = waiting;
      write(slotOf(waiting), { format: "haloform.password/1", ...note, ...seal(password, sealingOf(phrase, note)) });
    },
    taken(slot) {
      const found = read(place(slot));
      if (found) write(slot, { ...found, taken: true });
    },
    remove(slot, only) {
      const found = only === undefined ? undefined : read(place(slot));
      if (only === undefined || (found && opened(found, phrase, place(slot)) === only)) rmSync(place(slot), { force: true });
    },
    all: () => files(folder).map(({ path, content }) => ({ ...noteOf(content), password: opened(content, phrase, path) })),
  };
}

/** Whose passwords are in the folder; needs no passphrase. */
export function notesIn(folder: string): Note[] {
  return files(folder).map(({ content }) => noteOf(content));
}

function opened(content: z.infer<typeof file>, phrase: string, path: string): string {
  try {
    return open(content, sealingOf(phrase, content));
  } catch {
    throw new ConfigurationError(
      `Could not open ${path}: it was encrypted with another passphrase, or altered; set PULUMI_CONFIG_PASSPHRASE to the one it was made with, or remove the file and give person ${content.person} a new password with \`haloform password reset\`.`,
    );
  }
}

function read(path: string): z.infer<typeof file> | undefined {
  if (!existsSync(path)) return undefined;
  const parsed = file.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : undefined;
}

function files(folder: string): { path: string; content: z.infer<typeof file> }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const content = read(path);
      return content ? [{ path, content }] : [];
    });
}

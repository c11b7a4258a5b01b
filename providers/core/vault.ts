/**
 * Passwords on their way: each is written here, encrypted, before Active Directory is told, and removed as soon as it stands
 * in the state (or was read). The state is written once, at the end of a run (docs/decisions/0005): without this a run that
 * is killed would leave accounts whose passwords nobody knows. AES-256-GCM, key by scrypt from the stack's passphrase.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";

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

const keys = new Map<string, Buffer>();

/** About 0.1 s and 32 MB: once a process and salt. */
function keyOf(phrase: string, salt: Buffer): Buffer {
  const id = `${salt.toString("hex")} ${phrase}`;
  const key = keys.get(id) ?? scryptSync(phrase, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  keys.set(id, key);
  return key;
}

const ownSalts = new Map<string, Buffer>();

/** What the file says in clear is held by the encryption: nobody can give Ada's password out as Ben's. */
const bound = ({ person, login, since, why, system }: Note): Buffer =>
  Buffer.from(JSON.stringify([person, login, since, why, ...(system === undefined ? [] : [system])]));

/** What is not secret. */
const noteOf = ({ person, login, since, why, system, taken }: Note): Note => ({
  ...{ person, login, since, why, taken },
  ...(system === undefined ? {} : { system }),
});

export function openVault(folder: string, phrase: string): Vault {
  const salt = ownSalts.get(phrase) ?? randomBytes(16);
  ownSalts.set(phrase, salt);
  const place = (slot: string): string => join(folder, `${encodeURIComponent(slot)}.json`);
  const write = (slot: string, content: z.infer<typeof file>): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const next = `${place(slot)}.${process.pid}`;
    const handle = openSync(next, "w", 0o600);
    writeSync(handle, JSON.stringify(content));
    fsyncSync(handle);
    closeSync(handle);
    renameSync(next, place(slot));
  };
  return {
    put(waiting) {
      const { password, ...note } = waiting;
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", keyOf(phrase, salt), nonce);
      cipher.setAAD(bound(note));
      const data = Buffer.concat([cipher.update(password, "utf8"), cipher.final()]);
      const text = (bytes: Buffer): string => bytes.toString("base64");
      write(slotOf(waiting), {
        format: "haloform.password/1",
        ...note,
        salt: text(salt),
        nonce: text(nonce),
        tag: text(cipher.getAuthTag()),
        data: text(data),
      });
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
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyOf(phrase, bytes(content.salt)), bytes(content.nonce));
    decipher.setAAD(bound(content));
    decipher.setAuthTag(bytes(content.tag));
    return Buffer.concat([decipher.update(bytes(content.data)), decipher.final()]).toString("utf8");
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

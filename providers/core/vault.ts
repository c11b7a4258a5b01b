/**
 * Passwords on their way: each is written here, encrypted, before its system is told, and removed as soon as it stands in the
 * state (or was read). The state is written once, at the end of a run (docs/decisions/0005): without this a run that is killed
 * would leave accounts whose passwords nobody knows. An account's earlier password stays beside a new one until the system has
 * agreed to that: where it refuses, or nobody knows, the earlier one may still be the account's.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import { order } from "../../base/order.ts";
import { writePrivate } from "../../base/private-file.ts";
import { open, type Sealing, seal } from "../../base/seal.ts";

const format = "haloform.password/1";
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
  format: z.literal(format),
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
  /** On the disk when this returns, beside what is kept of the same slot already. */
  put(waiting: Waiting): void;
  /** The system has taken this password of the slot: every other one of it is forgotten. */
  taken(slot: string, password: string): void;
  /** Removes this password of a slot; without one, all of them. Removing what is not there is fine. */
  remove(slot: string, password?: string): void;
  /** The older first. Throws ConfigurationError where one was encrypted with another passphrase. */
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
const noteOf = (content: Note): Note => fields.parse(content);

export function openVault(folder: string, phrase: string): Vault {
  const isOf =
    (password: string) =>
    (one: Kept): boolean =>
      opened(one, phrase) === password;
  return {
    put({ password, ...note }) {
      writePrivate(freePlace(folder, slotOf(note)), JSON.stringify({ format, ...note, ...seal(password, sealingOf(phrase, note)) }));
    },
    taken(slot, password) {
      const kept = files(folder, slot);
      const found = kept.find(isOf(password));
      if (!found) return;
      writePrivate(found.path, JSON.stringify({ ...found.content, taken: true }));
      for (const { path } of kept) if (path !== found.path) rmSync(path, { force: true });
    },
    remove(slot, password) {
      const kept = files(folder, slot);
      for (const { path } of password === undefined ? kept : kept.filter(isOf(password))) rmSync(path, { force: true });
    },
    all: () => files(folder).map((one) => ({ ...noteOf(one.content), password: opened(one, phrase) })),
  };
}

/** Whose passwords are in the folder; needs no passphrase. */
export function notesIn(folder: string): Note[] {
  return files(folder).map(({ content }) => noteOf(content));
}

/** A file and what stands in it. */
interface Kept {
  path: string;
  /** By the file's name: what stands in it may have been altered. */
  slot: string;
  content: z.infer<typeof file>;
}

function opened({ content, path }: Kept, phrase: string): string {
  try {
    return open(content, sealingOf(phrase, content));
  } catch {
    throw new ConfigurationError(
      `Could not open ${path}: it was encrypted with another passphrase, or altered; set PULUMI_CONFIG_PASSPHRASE to the one it was made with, or remove the file and give person ${content.person} a new password with \`haloform password reset\`.`,
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

/** Of a slot, or of all. The older first: where a run was cut off between two steps, the newer one is right. */
function files(folder: string, slot?: string): Kept[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ path: join(folder, name), slot: decodeURIComponent(name.replace(/(?:\+\d+)?\.json$/u, "")) }))
    .filter((one) => slot === undefined || one.slot === slot)
    .flatMap((one) => {
      const content = read(one.path);
      return content ? [{ ...one, content }] : [];
    })
    .sort((a, b) => order(a.content.since, b.content.since));
}

/** `haloform password show | list`: the one place where a password is ever shown, once. */
import { defined } from "../../../base/defined.ts";
import { order } from "../../../base/order.ts";
import { type PasswordProof, proves } from "../../../providers/ad/password/proof.ts";
import { passphrase } from "../../../providers/core/password-rules.ts";
import { decrypted, forget, heldBy, type Kept, keptIn, type Note, ofSlot, slotOf, vaultFolder } from "../../../providers/core/vault.ts";
import type { Previous } from "../../../stacks/read/previous.ts";
import { clock } from "../../clock.ts";
import { openStack } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { refuseStopped } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";
import { oneOf } from "../one-of.ts";
import type { Identity } from "./identity.ts";

/** Whose password waits to be read. */
export interface WaitingOne {
  key: string;
  /** The key that the record has now, where it is another. */
  recordKey?: string;
  name: string;
  login: string;
  /** Whose account's: somebody may have one in each. */
  system: "ad" | "entra";
  since: string;
  why: Note["why"];
  /** false: the run that made it was cut off, and whether the system has it is not known. */
  confirmed: boolean;
}

export interface Shown extends WaitingOne {
  format: "haloform.password/1";
  password: string;
}

/** All that wait, in the state and on this machine; where both have one, the newer. */
function waiting(previous: Previous, notes: readonly Note[]): WaitingOne[] {
  const found = new Map<string, WaitingOne>();
  const add = (note: Omit<Note, "taken">, confirmed: boolean): void => {
    const { person: key, login, since, why, system = "ad" } = note;
    const { name = login, key: recordKey } = previous.memory?.people[key] ?? {};
    if ((found.get(slotOf(note))?.since ?? "") <= since)
      found.set(slotOf(note), { key, ...defined({ recordKey }), name, login, system, since, why, confirmed });
  };
  for (const [slot, { login, since, why }] of Object.entries(previous.handed ?? {})) add({ ...ofSlot(slot), login, since, why }, true);
  for (const note of notes) add(note, note.taken);
  return [...found.values()].sort((a, b) => Number(a.key) - Number(b.key) || order(a.key, b.key) || order(a.system, b.system));
}

/** Where the password of somebody who waits is kept. */
const slot = ({ key, system }: Pick<WaitingOne, "key" | "system">): string =>
  slotOf({ person: key, ...(system === "entra" ? { system } : {}) });

export async function list(project: Project, voice: Voice): Promise<WaitingOne[]> {
  const stack = await openStack(project, voice);
  return waiting(await stack.previous(), keptIn(vaultFolder(project.folder, project.stack)));
}

/**
 * The password of one person, gone from the state and from this machine when this returns. `prove` asks Active Directory
 * whether it has a password of which a run that was cut off does not know it; `identity` is asked for where it is encrypted to
 * recipients.
 */
export async function show(
  project: Project,
  options: { person: string; entra?: boolean; voice: Voice; prove?: PasswordProof; identity: () => Promise<Identity> },
): Promise<Shown> {
  if (project.config.passwords === undefined) needPassphrase();
  const stack = await openStack(project, options.voice);
  await refuseStopped(project, stack, clock());
  const previous = await stack.previous();
  const folder = vaultFolder(project.folder, project.stack);
  const one = pick(waiting(previous, keptIn(folder)), options.person, options.entra ?? false);
  const place = slot(one);
  const kept = keptIn(folder, place);
  const here = kept.find((each) => each.since === one.since);
  const stored = previous.handed?.[place];
  const held = here ? heldBy(here, passphrase()) : stored;
  if (held === undefined) throw gone(options.person);
  const password = "age" in held ? await openedWith(await options.identity(), one, held.age) : held.password;
  let confirmed = one.confirmed;
  if (here && !here.taken) {
    const earlier = stored !== undefined || kept.some((each) => each.since < here.since);
    confirmed = await settle(project, here, password, earlier, options.prove ?? proves);
    if (!confirmed) {
      // The one before it may still be the account's: it waits on.
      forget(here);
      return { format: "haloform.password/1", ...one, confirmed, password };
    }
  }
  await stack.editPasswords((all) => delete all[place] && stored !== undefined);
  for (const each of kept) forget(each);
  return { format: "haloform.password/1", ...one, confirmed, password };
}

/** The password that is encrypted to recipients. Throws an Error where the identity is none of theirs. */
async function openedWith({ file, keys }: Identity, one: WaitingOne, age: string): Promise<string> {
  const password = await decrypted(keys, { ...ofSlot(slot(one)), login: one.login, since: one.since, why: one.why }, age);
  if (password !== undefined) return password;
  throw new Error(
    `Could not open the password of ${one.name} (${one.key}): no key in ${file} is one it was encrypted to; use the identity of somebody who was named in haloform:passwords when it was made (${one.since}), or make another with \`haloform password reset ${one.key}\`.`,
  );
}

/** A password of which it is not known whether it was taken: true when Active Directory says it is the account's. */
async function settle(project: Project, here: Kept, password: string, earlier: boolean, prove: PasswordProof): Promise<boolean> {
  // Entra ID has no way to ask that leaves no trace of a failed sign-in.
  const answer = project.config.ad && here.system === undefined ? await prove(project.config.ad, here.login, password) : undefined;
  if (answer !== "wrong") return answer === "right";
  forget(here);
  if (earlier)
    throw new Error(
      `The newest password of ${here.login} never reached Active Directory, and was thrown away; ask once more for the one before it.`,
    );
  throw new Error(
    `The password of ${here.login} never reached Active Directory: the run was cut off before it was set, and it was thrown away; the next \`haloform up\` sets another, or give one with \`haloform password reset ${here.person}\`.`,
  );
}

export function needPassphrase(): string {
  const phrase = passphrase();
  if (phrase === undefined)
    throw new UsageError(
      "PULUMI_CONFIG_PASSPHRASE is empty: set it to the passphrase the passwords were encrypted with (or name its file in PULUMI_CONFIG_PASSPHRASE_FILE).",
    );
  return phrase;
}

/** Of somebody who has one in each system, that of Active Directory, unless `entra` asks for the other. */
function pick(listed: readonly WaitingOne[], asked: string, entra: boolean): WaitingOne {
  const all = listed.filter((one) =>
    entra ? one.system === "entra" : one.system === "ad" || !listed.some((other) => other.key === one.key && other.system === "ad"),
  );
  return oneOf(all, asked, (one) => [one.name, one.login], gone(asked));
}

const gone = (asked: string): Error =>
  new Error(
    `No password of ${asked} waits to be read: it is gone once it was shown, and there is none where none was made. \`haloform password list\` says whose wait; \`haloform password reset\` makes another.`,
  );

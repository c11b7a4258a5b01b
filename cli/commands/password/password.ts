/** `haloform password show | list`: the one place where a password is ever shown, once. */
import { defined } from "../../../base/defined.ts";
import { order } from "../../../base/order.ts";
import { type PasswordProof, proves } from "../../../providers/ad/password/proof.ts";
import { passphrase } from "../../../providers/core/password-rules.ts";
import { type Note, notesIn, ofSlot, openVault, slotOf, type Vault, vaultFolder, type Waiting } from "../../../providers/core/vault.ts";
import type { Previous } from "../../../stacks/read/previous.ts";
import { openStack } from "../../engine/automation.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { oneOf } from "../one-of.ts";

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
  return waiting(await stack.previous(), notesIn(vaultFolder(project.folder, project.stack)));
}

/**
 * The password of one person, gone from the state and from this machine when this returns. `prove` asks Active Directory
 * whether it has a password of which a run that was cut off does not know it.
 */
export async function show(
  project: Project,
  options: { person: string; entra?: boolean; voice: Voice; prove?: PasswordProof },
): Promise<Shown> {
  const phrase = needPassphrase();
  const stack = await openStack(project, options.voice);
  const previous = await stack.previous();
  const folder = vaultFolder(project.folder, project.stack);
  const one = pick(waiting(previous, notesIn(folder)), options.person, options.entra ?? false);
  const place = slot(one);
  const vault = openVault(folder, phrase);
  const kept = vault.all().filter((each) => slotOf(each) === place);
  const here = kept.find((each) => each.since === one.since);
  const stored = previous.handed?.[place];
  const password = here?.password ?? stored?.password;
  if (password === undefined) throw gone(options.person);
  let confirmed = one.confirmed;
  if (here && !here.taken) {
    const earlier = stored !== undefined || kept.some((each) => each.since < here.since);
    confirmed = await settle(project, here, earlier, vault, options.prove ?? proves);
    if (!confirmed) {
      // The one before it may still be the account's: it waits on.
      vault.remove(place, here.password);
      return { format: "haloform.password/1", ...one, confirmed, password };
    }
  }
  await stack.editPasswords((all) => delete all[place] && stored !== undefined);
  vault.remove(place);
  return { format: "haloform.password/1", ...one, confirmed, password };
}

/** A password of which it is not known whether it was taken: true when Active Directory says it is the account's. */
async function settle(project: Project, here: Waiting, earlier: boolean, vault: Vault, prove: PasswordProof): Promise<boolean> {
  // Entra ID has no way to ask that leaves no trace of a failed sign-in.
  const answer = project.config.ad && here.system === undefined ? await prove(project.config.ad, here.login, here.password) : undefined;
  if (answer !== "wrong") return answer === "right";
  vault.remove(slotOf(here), here.password);
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

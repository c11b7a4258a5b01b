/** `haloform password show | list | reset`: the one place where a password is ever shown, once. */
import { createInterface } from "node:readline/promises";
import { provideSettings } from "../../../base/settings.ts";
import { type PasswordProof, proves } from "../../../providers/ad/password/proof.ts";
import { resetPassword } from "../../../providers/ad/password/reset.ts";
import { client } from "../../../providers/ad/wire/shared.ts";
import { passphrase } from "../../../providers/core/password-rules.ts";
import { type Note, notesIn, ofSlot, openVault, slotOf, type Vault, vaultFolder, type Waiting } from "../../../providers/core/vault.ts";
import type { Person } from "../../../stacks/model/types.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import type { Previous } from "../../../stacks/read/previous.ts";
import { type Opened, openStack } from "../../engine/automation.ts";
import { readEverything } from "../../engine/everything.ts";
import { storable } from "../../engine/passwords.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { findPerson } from "../why/why.ts";

/** Whose password waits to be read. */
export interface WaitingOne {
  key: string;
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
  const name = (key: string, login: string): string => previous.memory?.people[key]?.name ?? login;
  const add = (note: Omit<Note, "taken">, confirmed: boolean): void => {
    const { person: key, login, since, why, system = "ad" } = note;
    if ((found.get(slotOf(note))?.since ?? "") <= since)
      found.set(slotOf(note), { key, name: name(key, login), login, system, since, why, confirmed });
  };
  for (const [slot, { login, since, why }] of Object.entries(previous.handed ?? {})) add({ ...ofSlot(slot), login, since, why }, true);
  for (const note of notes) add(note, note.taken);
  const order = (a: WaitingOne, b: WaitingOne): number => (a.key === b.key ? (a.system < b.system ? -1 : 1) : a.key < b.key ? -1 : 1);
  return [...found.values()].sort((a, b) => Number(a.key) - Number(b.key) || order(a, b));
}

/** Where the password of somebody who waits is kept. */
const slot = ({ key, system }: Pick<WaitingOne, "key" | "system">): string =>
  slotOf({ person: key, ...(system === "entra" ? { system } : {}) });

export async function list(project: Project, voice: Voice): Promise<WaitingOne[]> {
  const stack = await openStack(project, voice.say);
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
  const stack = await openStack(project, options.voice.say);
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

function needPassphrase(): string {
  const phrase = passphrase();
  if (phrase === undefined)
    throw new UsageError(
      "PULUMI_CONFIG_PASSPHRASE is empty: set it to the passphrase the passwords were encrypted with (or name its file in PULUMI_CONFIG_PASSPHRASE_FILE).",
    );
  return phrase;
}

const fold = (text: string): string => text.trim().toLowerCase();

/** Of somebody who has one in each system, that of Active Directory, unless `entra` asks for the other. */
function pick(listed: readonly WaitingOne[], asked: string, entra: boolean): WaitingOne {
  const all = listed.filter((one) =>
    entra ? one.system === "entra" : one.system === "ad" || !listed.some((other) => other.key === one.key && other.system === "ad"),
  );
  const byKey = all.find((one) => one.key === asked);
  if (byKey) return byKey;
  const found = all.filter((one) => fold(one.name) === fold(asked) || fold(one.login) === fold(asked));
  if (found.length > 1)
    throw new UsageError(`${asked} is several people: ${found.map((one) => `${one.name} (${one.key})`).join(", ")}; say the key.`);
  const [one] = found;
  if (!one) throw gone(asked);
  return one;
}

const gone = (asked: string): Error =>
  new Error(
    `No password of ${asked} waits to be read: it is gone once it was shown, and there is none where none was made. \`haloform password list\` says whose wait; \`haloform password reset\` makes another.`,
  );

export interface ResetOptions {
  person: string;
  yes: boolean;
  unlock: boolean;
  /** The account that is made in Entra ID, not the one in Active Directory. */
  entra?: boolean;
  /** Minutes of a Temporary Access Pass, given instead of a password. */
  pass?: number;
  now: Date;
  voice: Voice;
}

export interface Reset {
  format: "haloform.reset/1";
  key: string;
  name: string;
  login: string;
  unlocked: boolean;
  /** Where the password is now. */
  handover: "output" | "command" | "pass";
  /** A Temporary Access Pass: shown now and never again. */
  pass?: { pass: string; minutes: number };
}

/** Gives one person a new password, and writes nothing else. Throws Refusal (exit 3) before anything is written. */
export async function reset(project: Project, options: ResetOptions): Promise<Reset> {
  const { voice, now } = options;
  if (!options.yes && (!process.stdin.isTTY || !process.stderr.isTTY))
    throw new UsageError("password reset asks for confirmation on a terminal; there is none here: say --yes.");
  const { stack, prepared } = await readEverything(project, { now, voice });
  const person = findPerson(prepared, options.person);
  if (options.entra || options.pass !== undefined) return resetEntra(stack, prepared, person, options);
  const account = accountOf(prepared, person);
  const rules = prepared.run.passwords;
  if (!rules || rules.handover === "nobody")
    throw new Refusal([
      `could not reset the password of ${person.name} (${person.key}): nobody would get to know the new one; set passwords.handover in mappings/ad.yaml to output or to a command.`,
    ]);
  await confirm(options, asksFor(`${person.name} (${person.key}, login ${account.login})`));
  provideSettings(prepared.run.settings);
  await resetPassword(await client(), { id: account.id, person: person.key, rules, now, unlock: options.unlock });
  if (rules.handover === "output" && rules.vault !== undefined)
    await toState(stack, openVault(rules.vault, needPassphrase()), { person: person.key });
  return {
    format: "haloform.reset/1",
    key: person.key,
    name: person.name,
    login: account.login,
    unlocked: options.unlock,
    handover: rules.handover === "output" ? "output" : "command",
  };
}

/** The same for the account in Entra ID: a password by the vault, or a pass that is printed. */
async function resetEntra(stack: Opened, prepared: Prepared, person: Person, options: ResetOptions): Promise<Reset> {
  const { cloudAccountOf, cloudRulesOf, passInCloud, resetInCloud } = await import("./entra.ts");
  const account = cloudAccountOf(prepared, person, options.pass === undefined ? "reset the password of" : "give a pass to");
  const done = { format: "haloform.reset/1" as const, key: person.key, name: person.name, login: account.login, unlocked: false };
  provideSettings(prepared.run.settings);
  const who = `${person.name} (${person.key}, ${account.login} in Entra ID)`;
  if (options.pass !== undefined) {
    await confirm(options, `Give ${who} a Temporary Access Pass? Whoever has it can sign in as this person once. Type yes: `);
    return { ...done, handover: "pass", pass: await passInCloud(account, person, options.pass) };
  }
  const rules = cloudRulesOf(prepared, person);
  await confirm(options, asksFor(who));
  await resetInCloud(account, person, rules, options.now);
  if (rules.handover === "output" && rules.vault !== undefined)
    await toState(stack, openVault(rules.vault, needPassphrase()), { person: person.key, system: "entra" });
  return { ...done, handover: rules.handover === "output" ? "output" : "command" };
}

const asksFor = (who: string): string => `Give ${who} a new password? The one in use stops working at once. Type yes: `;

/** From this machine into the state; where that fails, it stays here for `show` and for the next run. */
async function toState(stack: Opened, vault: Vault, whose: Pick<Note, "person" | "system">): Promise<void> {
  const place = slotOf(whose);
  const made = vault.all().find((one) => slotOf(one) === place && one.taken);
  if (!made) return;
  try {
    await stack.editPasswords((all) => {
      all[place] = storable(made, made.password);
      return true;
    });
    vault.remove(place, made.password);
  } catch (error) {
    process.stderr.write(
      `The new password is kept, encrypted, on this machine only: it could not be put into the state (${(error as Error).message}); the next run does that.\n`,
    );
  }
}

/** The account whose password may be reset. Throws Refusal where nobody should automate that. */
function accountOf(prepared: Prepared, person: Person): { id: string; login: string } {
  const who = `${person.name} (${person.key})`;
  const refuse = (why: string): never => {
    throw new Refusal([`could not reset the password of ${who}: ${why}.`]);
  };
  if (prepared.mappings.safety.protected.people.map(String).includes(person.key))
    refuse(`the person is protected (${prepared.mappings.at(["safety", "protected", "people"])}); do it by hand`);
  if (person.stage === "leaver") refuse("the person has left; who comes back is set active in Halo first");
  const live = prepared.live["ad:User"]?.find((one) => one.id === person.accounts.ad);
  if (!live) return refuse("there is no account in Active Directory that is known to be this person's; the next plan makes or names one");
  if (live.values["protected"] === true)
    refuse("the account is protected by Active Directory (administrators and built-in accounts); do it by hand");
  if (live.values["unfinished"] === true)
    refuse("the account is not finished; the next `haloform up` finishes it and gives it its first password");
  return { id: live.id, login: String(live.values["sAMAccountName"]) };
}

async function confirm({ yes }: ResetOptions, question: string): Promise<void> {
  if (yes) return;
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question(question);
  ask.close();
  if (answer.trim().toLowerCase() !== "yes") throw new Refusal(["not confirmed; nothing was changed."]);
}

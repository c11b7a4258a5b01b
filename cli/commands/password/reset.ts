/** `haloform password reset`: a new password for one account, in Active Directory or in Entra ID, or a pass for one sign-in there. */
import { provideSettings } from "../../../base/settings.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { resetPassword } from "../../../providers/ad/password/reset.ts";
import { client } from "../../../providers/ad/wire/shared.ts";
import { type PasswordRules, passphrase } from "../../../providers/core/password-rules.ts";
import { forget, keptIn, type Note, slotOf } from "../../../providers/core/vault.ts";
import { resetCloudPassword, temporaryAccessPass } from "../../../providers/entra/user/reset.ts";
import { sourceName } from "../../../stacks/model/source-name.ts";
import type { Person } from "../../../stacks/model/types.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import { stored } from "../../../stacks/read/handed.ts";
import { guardedKeys } from "../../../stacks/read/protected.ts";
import { openStack } from "../../engine/automation.ts";
import { readEverything } from "../../engine/everything.ts";
import { refuseLostHome } from "../../engine/kept-home.ts";
import type { Opened } from "../../engine/opened.ts";
import { handedOf } from "../../engine/passwords.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal } from "../../exit.ts";
import { refuseStopped } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";
import { type Asked, confirmed, refuseUnasked } from "../confirmed.ts";
import { findPerson } from "../why/why.ts";

export interface ResetOptions extends Asked {
  person: string;
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
  const { voice, now, pass, unlock } = options;
  refuseLostHome(project);
  refuseUnasked(options, "password reset asks for confirmation on a terminal");
  const opening = openStack(project, voice);
  await refuseStopped(project, await opening, now);
  const { stack, prepared } = await readEverything(project, { now, voice }, opening);
  const person = findPerson(prepared, options.person);
  const { name, key } = person;
  const inCloud = options.entra === true || pass !== undefined;
  const { id, login } = accountOf(prepared, person, inCloud, pass === undefined ? "reset the password of" : "give a pass to");
  const done = { format: "haloform.reset/1" as const, key, name, login, unlocked: !inCloud && unlock };
  const who = `${name} (${key}, ${inCloud ? `${login} in Entra ID` : `login ${login}`})`;
  if (pass === undefined) (await stack.ledger()).refusePasswords("password reset");
  provideSettings(prepared.run.settings);
  if (pass !== undefined) {
    await confirmed(options, `Give ${who} a Temporary Access Pass? Whoever has it can sign in as this person once.`);
    await refuseStopped(project, stack, now);
    return { ...done, handover: "pass", pass: await temporaryAccessPass(await entra(), { id, person: key, minutes: pass }) };
  }
  const rules = rulesOf(prepared, person, inCloud);
  await confirmed(options, `Give ${who} a new password? The one in use stops working at once.`);
  await refuseStopped(project, stack, now);
  // In the cloud its sessions end, too.
  if (inCloud) await resetCloudPassword(await entra(), { id, person: key, rules, now, revoke: true });
  else await resetPassword(await client(), { id, person: key, rules, now, unlock });
  if (rules.handover === "output" && rules.vault !== undefined)
    await toState(stack, rules.vault, { person: key, ...(inCloud ? { system: "entra" } : {}) }, voice);
  return { ...done, handover: rules.handover === "output" ? "output" : "command" };
}

/** The rules of the account's own file, else of ad.yaml. Throws Refusal where nobody would get to know the new password. */
function rulesOf({ run }: Prepared, { name, key }: Person, inCloud: boolean): PasswordRules {
  const rules = inCloud ? (run.cloudPasswords ?? run.passwords) : run.passwords;
  if (rules && rules.handover !== "nobody") return rules;
  const [where, file, instead] = inCloud ? [" in Entra ID", "entra", ", or give a pass with --temporary-access-pass"] : ["", "ad", ""];
  throw new Refusal([
    `could not reset the password of ${name} (${key})${where}: nobody would get to know the new one; set passwords.handover in mappings/${file}.yaml to output or to a command${instead}.`,
  ]);
}

/** The account whose password may be reset. Throws Refusal where nobody should automate that, or another system has the password. */
function accountOf({ mappings, live }: Prepared, person: Person, inCloud: boolean, what: string): { id: string; login: string } {
  const refuse = (why: string): never => {
    throw new Refusal([`could not ${what} ${person.name} (${person.key})${inCloud ? " in Entra ID" : ""}: ${why}.`]);
  };
  if (guardedKeys(mappings)(person)) refuse(`the person is protected (${mappings.at(["safety", "protected", "people"])}); do it by hand`);
  if (person.stage === "leaver") refuse(`the person has left; who comes back is set active in ${sourceName(mappings.people.source)} first`);
  const lists = inCloud ? [...(live["entra:User"] ?? []), ...(live["entra:Licence"] ?? [])] : (live["ad:User"] ?? []);
  const account = lists.find((one) => one.id === (inCloud ? person.accounts.entra : person.accounts.ad));
  if (!account)
    return refuse(
      `there is no account${inCloud ? "" : " in Active Directory"} that is known to be this person's; the next plan makes or names one`,
    );
  const { values } = account;
  if (values["protected"] === true)
    refuse(`the account is protected: ${String(values["protectedBecause"] ?? "administrators and built-in accounts")}; do it by hand`);
  if (!inCloud && values["unfinished"] === true)
    refuse("the account is not finished; the next `haloform up` finishes it and gives it its first password");
  return { id: account.id, login: String(inCloud ? values["userPrincipalName"] : values["sAMAccountName"]) };
}

/** From this machine into the state; where that fails, it stays here for `show` and for the next run. */
async function toState(stack: Opened, folder: string, whose: Pick<Note, "person" | "system">, voice: Voice): Promise<void> {
  const made = keptIn(folder, slotOf(whose)).find((one) => one.taken);
  if (!made) return;
  const handed = stored(handedOf(made, passphrase()));
  try {
    await stack.editPasswords((all) => {
      all[made.slot] = handed;
      return true;
    });
    forget(made);
  } catch (error) {
    voice.tell(
      `The new password is kept, encrypted, on this machine only: it could not be put into the state (${(error as Error).message}); the next run does that.`,
    );
  }
}

/** `haloform password reset --entra` and `--temporary-access-pass`: the account that is made in Entra ID. */

import { entra } from "../../../clients/graph/shared.ts";
import type { PasswordRules } from "../../../providers/core/password-rules.ts";
import { resetCloudPassword, temporaryAccessPass } from "../../../providers/entra/user/reset.ts";
import type { Person } from "../../../stacks/model/types.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import { Refusal } from "../../exit.ts";

/** The rules of entra.yaml, else of ad.yaml. Throws Refusal where nobody would get to know the new password. */
export function cloudRulesOf(prepared: Prepared, person: Person): PasswordRules {
  const rules = prepared.run.cloudPasswords ?? prepared.run.passwords;
  if (!rules || rules.handover === "nobody")
    throw new Refusal([
      `could not reset the password of ${person.name} (${person.key}) in Entra ID: nobody would get to know the new one; set passwords.handover in mappings/entra.yaml to output or to a command, or give a pass with --temporary-access-pass.`,
    ]);
  return rules;
}

/** The account whose password may be reset. Throws Refusal where nobody should automate that, or where AD has the password. */
export function cloudAccountOf(prepared: Prepared, person: Person, what: string): { id: string; login: string } {
  const refuse = (why: string): never => {
    throw new Refusal([`could not ${what} ${person.name} (${person.key}) in Entra ID: ${why}.`]);
  };
  if (prepared.mappings.safety.protected.people.map(String).includes(person.key))
    refuse(`the person is protected (${prepared.mappings.at(["safety", "protected", "people"])}); do it by hand`);
  if (person.stage === "leaver") refuse("the person has left; who comes back is set active in Halo first");
  const lists = [...(prepared.live["entra:User"] ?? []), ...(prepared.live["entra:Licence"] ?? [])];
  const live = lists.find((one) => one.id === person.accounts.entra);
  if (!live) return refuse("there is no account that is known to be this person's; the next plan makes or names one");
  if (live.values["protected"] === true) refuse("mappings/safety.yaml protects the account (protected.accounts); do it by hand");
  return { id: live.id, login: String(live.values["userPrincipalName"]) };
}

/** Gives the account a new password and ends its sessions. */
export async function resetInCloud(account: { id: string }, person: Person, rules: PasswordRules, now: Date): Promise<void> {
  await resetCloudPassword(await entra(), { id: account.id, person: person.key, rules, now, revoke: true });
}

export async function passInCloud(account: { id: string }, person: Person, minutes: number): Promise<{ pass: string; minutes: number }> {
  return temporaryAccessPass(await entra(), { id: account.id, person: person.key, minutes });
}

/** Passwords of accounts of the cloud: kept before they are sent, sent once more where the tenant's policy refuses one. */

import { ConfigurationError, UnreachableError } from "../../../base/errors.ts";
import { GraphRefusal } from "../../../clients/graph/errors.ts";
import type { RunContext } from "../../core/definition.ts";
import { generate } from "../../core/password.ts";
import { handOver } from "../../core/password-handover.ts";
import { type PasswordRules, passphrase, throwAway } from "../../core/password-rules.ts";
import { type Note, openVault, slotOf } from "../../core/vault.ts";

export interface CloudOwner {
  person: string;
  userPrincipalName: string;
  displayName: string;
  /** What must not be in it, besides the name before the @. */
  names: readonly string[];
}

/** Graph's passwordProfile. */
export type Profile = { password: string; forceChangePasswordNextSignIn: boolean };

/** The rules of accounts of the cloud: entra.yaml's, else ad.yaml's, else a password that nobody gets to know. */
export function cloudRules(context: Pick<RunContext, "passwords" | "cloudPasswords">): PasswordRules {
  return context.cloudPasswords ?? context.passwords ?? throwAway;
}

/** Whether the person is only let in when a command has taken the password. */
export const isHandedOver = (rules: PasswordRules): boolean => typeof rules.handover === "object";

/**
 * Makes a password and has it written by `write`; hands it over. Throws what `write` throws, and RefusedError where the command
 * did not take it (`after` says what has become of the account).
 */
export async function giveCloudPassword<T>(
  given: { owner: CloudOwner; rules: PasswordRules; why: Note["why"]; now: Date; after: string },
  write: (profile: Profile) => Promise<T>,
): Promise<T> {
  const { owner, rules } = given;
  const vault = rules.handover === "output" ? vaultOf(rules) : undefined;
  const login = owner.userPrincipalName;
  const kept = { person: owner.person, system: "entra" } as const;
  const held = { login: login.replace(/@.*$/su, ""), names: [owner.displayName, ...owner.names] };
  for (let attempt = 1; ; attempt += 1) {
    const password = generate(rules, held);
    vault?.put({ ...kept, login, since: given.now.toISOString(), why: given.why, taken: false, password });
    let made: T;
    try {
      made = await write({ password, forceChangePasswordNextSignIn: rules.mustChange });
    } catch (error) {
      if (!(error instanceof UnreachableError)) vault?.remove(slotOf(kept), password);
      if (attempt === 1 && error instanceof GraphRefusal && /password complexity|banned password/iu.test(error.message)) continue;
      throw error;
    }
    vault?.taken(slotOf(kept));
    if (typeof rules.handover === "object")
      await handOver(
        rules.handover,
        { person: owner.person, name: owner.displayName, sAMAccountName: held.login, userPrincipalName: login, password },
        given.after,
      );
    return made;
  }
}

function vaultOf(rules: PasswordRules): ReturnType<typeof openVault> {
  const phrase = passphrase();
  if (phrase === undefined || rules.vault === undefined)
    throw new ConfigurationError(
      "Could not set a password: passwords.handover is output, and PULUMI_CONFIG_PASSPHRASE is empty; set it, since an empty one encrypts nothing.",
    );
  return openVault(rules.vault, phrase);
}

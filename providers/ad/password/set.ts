/** Setting a password: generated, kept before it is sent, sent once (and once more where the domain refuses it), handed over. */

import { ConfigurationError, UnreachableError } from "../../../base/errors.ts";
import type { RunContext } from "../../core/definition.ts";
import { generate, type Owner } from "../../core/password.ts";
import { handOver } from "../../core/password-handover.ts";
import { type PasswordRules, passphrase, throwAway } from "../../core/password-rules.ts";
import { type Note, openVault, type Vault } from "../../core/vault.ts";
import type { AdClient, Modification } from "../wire/client.ts";
import { AdRefusedError } from "../wire/errors.ts";
import { domainPolicy } from "./policy.ts";
import { unicodePwd } from "./wire.ts";

/** Whose password it is. */
export interface PasswordOwner {
  person: string;
  /** For messages and for the command: the account's common name. */
  name: string;
  sAMAccountName: string;
  userPrincipalName?: string | undefined;
  /** What must not be in it, besides the login: display name, first name, surname. */
  names: readonly string[];
}

export interface NewPassword {
  /** distinguishedName or `<GUID=…>`. */
  target: string;
  owner: PasswordOwner;
  why: Note["why"];
  rules: PasswordRules;
  now: Date;
  /** Written in the same modify. */
  with?: readonly Modification[];
  /** What lets the person in: written in the same modify, but with a command only after it has the password. */
  release?: readonly Modification[];
}

/** The rules of the run; without a section in the mapping, a password that nobody gets to know. */
export function rulesOf(context: Pick<RunContext, "passwords">, mustChange = true): PasswordRules {
  const rules = context.passwords ?? throwAway;
  return { ...rules, mustChange: rules.mustChange && mustChange };
}

/**
 * Gives an account a new password. Throws AdRefusedError with AD's own words where it refuses two, RefusedError where the
 * command did not take it (the account then has a password that nobody knows, and `release` was not written), UnreachableError
 * where it cannot be known whether AD has it: then what was kept stays, and the next run gives another.
 */
export async function givePassword(client: AdClient, given: NewPassword): Promise<void> {
  const { owner, rules, target } = given;
  const vault = rules.handover === "output" ? vaultOf(rules) : undefined;
  const held: Owner = { login: owner.sAMAccountName, names: [owner.name, ...owner.names] };
  const policy = await domainPolicy(client);
  const command = typeof rules.handover === "object" ? rules.handover : undefined;
  const release = given.release ?? [];
  const together = [
    ...(given.with ?? []),
    ...(rules.mustChange ? [{ op: "replace", attribute: "pwdLastSet", values: ["0"] } as const] : []),
    ...(command ? [] : release),
  ];
  for (let attempt = 1; ; attempt++) {
    const password = generate(rules, held, policy);
    vault?.put({
      person: owner.person,
      login: owner.sAMAccountName,
      since: given.now.toISOString(),
      why: given.why,
      taken: false,
      password,
    });
    try {
      await client.modify(target, [{ op: "replace", attribute: "unicodePwd", values: [unicodePwd(password)] }, ...together], {
        what: owner.name,
      });
    } catch (error) {
      if (!(error instanceof UnreachableError)) vault?.remove(owner.person);
      if (attempt === 1 && refusedByPolicy(error)) continue;
      throw error;
    }
    vault?.taken(owner.person);
    if (command)
      await handOver(
        command,
        { ...handed(owner), password },
        release.length > 0 ? "the account stays disabled" : "nobody knows the password it has now",
      );
    break;
  }
  if (command && release.length > 0) await client.modify(target, release, { what: owner.name });
}

/** The domain's policy did not like it: a constraint (Samba, and Windows in places), or unwilling with the policy's code. */
function refusedByPolicy(error: unknown): boolean {
  return error instanceof AdRefusedError && (error.hex === "0000052D" || (error.result === 19 && error.hex === undefined));
}

function handed(owner: PasswordOwner): { person: string; name: string; sAMAccountName: string; userPrincipalName: string } {
  const { person, name, sAMAccountName, userPrincipalName = "" } = owner;
  return { person, name, sAMAccountName, userPrincipalName };
}

function vaultOf(rules: PasswordRules): Vault {
  const phrase = passphrase();
  if (phrase === undefined || rules.vault === undefined)
    throw new ConfigurationError(
      "Could not set a password: passwords.handover is output, and PULUMI_CONFIG_PASSPHRASE is empty; set it, since an empty one encrypts nothing.",
    );
  return openVault(rules.vault, phrase);
}

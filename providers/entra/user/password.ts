/** Passwords of accounts of the cloud: which rules, and how Graph takes one; how it is made and kept: core/password-give.ts. */

import { GraphRefusal } from "../../../clients/graph/errors.ts";
import type { RunContext } from "../../core/definition.ts";
import { givePassword, type NewPassword } from "../../core/password-give.ts";
import { type PasswordRules, throwAway } from "../../core/password-rules.ts";

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

/** Makes a password and has it written by `write`; hands it over. Throws what core/password-give.ts throws. */
export function giveCloudPassword<T>(
  given: Pick<NewPassword<T>, "rules" | "why" | "now" | "after"> & { owner: CloudOwner },
  write: (profile: Profile) => Promise<T>,
): Promise<T> {
  const { owner, rules } = given;
  const { person, userPrincipalName, displayName: name, names } = owner;
  return givePassword({
    ...given,
    owner: { person, system: "entra", name, sAMAccountName: userPrincipalName.replace(/@.*$/su, ""), userPrincipalName, names },
    write: (password) => write({ password, forceChangePasswordNextSignIn: rules.mustChange }),
    isPolicy: (error) => error instanceof GraphRefusal && /password complexity|banned password/iu.test(error.message),
  });
}

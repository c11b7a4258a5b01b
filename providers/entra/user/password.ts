/** Passwords of accounts of the cloud: which rules, and how Graph takes one; how it is made and kept: core/password-give.ts. */

import { GraphRefusal } from "../../../clients/graph/errors.ts";
import type { RunContext } from "../../core/definition.ts";
import { givePassword, type NewPassword, type PasswordOwner } from "../../core/password-give.ts";
import { type PasswordRules, throwAway } from "../../core/password-rules.ts";

/** Graph's passwordProfile. */
export type Profile = { password: string; forceChangePasswordNextSignIn: boolean };

/** The rules of accounts of the cloud: entra.yaml's, else ad.yaml's, else a password that nobody gets to know. */
export function cloudRules(context: Pick<RunContext, "passwords" | "cloudPasswords">): PasswordRules {
  return context.cloudPasswords ?? context.passwords ?? throwAway;
}

/** Whether the person is only let in when a command has taken the password. */
export const isHandedOver = (rules: PasswordRules): boolean => typeof rules.handover === "object";

/** Whose password it is; `attributes` are those of the account. */
export function ownerOf(person: string, userPrincipalName: string, attributes: { [name: string]: string | string[] }): PasswordOwner {
  const text = (name: string): string => [attributes[name] ?? ""].flat().join(" ");
  return {
    person,
    system: "entra",
    name: text("displayName") || userPrincipalName,
    sAMAccountName: userPrincipalName.replace(/@.*$/su, ""),
    userPrincipalName,
    names: [text("givenName"), text("surname")].filter((name) => name !== ""),
  };
}

/** Makes a password and has it written by `write`; hands it over. Throws what core/password-give.ts throws. */
export function giveCloudPassword<T>(
  given: Pick<NewPassword<T>, "owner" | "rules" | "why" | "now" | "after">,
  write: (profile: Profile) => Promise<T>,
): Promise<T> {
  return givePassword({
    ...given,
    write: (password) => write({ password, forceChangePasswordNextSignIn: given.rules.mustChange }),
    isPolicy: (error) => error instanceof GraphRefusal && /password complexity|banned password/iu.test(error.message),
  });
}

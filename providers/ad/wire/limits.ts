/**
 * What AD's schema allows, checked before anything is written: Samba does not check all of it, and AD's own message
 * ("a constraint violation occurred") names neither the value nor its length. Sources: Win32 ADSchema, naming conventions.
 */
import { RefusedError } from "../../../base/errors.ts";
import { loginProblem, tooLong } from "../values/rules.ts";

/** Throws RefusedError, naming the object, the attribute and both lengths. */
export function checkLength(object: string, name: string, value: string): void {
  const most = tooLong(name, value);
  if (most !== undefined)
    throw new RefusedError(
      `Could not write ${object}: ${name} has ${value.length} characters and Active Directory allows ${most}; shorten it in the source or in mappings/ad.yaml.`,
      "00002082",
    );
}

/** A user's sAMAccountName: at most 20 characters, some forbidden, no dot at the end. Throws RefusedError. */
export function checkLogin(object: string, login: string): void {
  const why = loginProblem(login, 20);
  if (why !== undefined)
    throw new RefusedError(
      `Could not write ${object}: the login name (sAMAccountName) ${JSON.stringify(login)} ${why}; change the naming rule in mappings/people.yaml.`,
      "0000202F",
    );
}

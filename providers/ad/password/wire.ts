/** How Active Directory takes a password. How one is made: providers/core/password.ts. */
export { type CharacterSet, characters, type DomainPolicy, forbiddenParts, generate, problemOf } from "../../core/password.ts";

/** unicodePwd wants the password in double quotes, as UTF-16LE (KB269190). */
export function unicodePwd(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

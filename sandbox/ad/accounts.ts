/** What SAM checks of users and computers: names, passwords, userAccountControl (MS-SAMR 3.1.1.8; facts of Windows Server 2012 R2 and later). */
import { createHash } from "node:crypto";
import type { Entry, Value } from "./entry.ts";
import { attributeFailure, invalidAccountName, willNotPerform } from "./errors.ts";
import { fold } from "./fold.ts";

/** userAccountControl bits that rules here speak of. */
export const uac = {
  disabled: 0x2,
  lockout: 0x10,
  passwordNotRequired: 0x20,
  cannotChange: 0x40,
  normal: 0x200,
  neverExpires: 0x10000,
  expired: 0x800000,
} as const;

const known = 0x5ff3bfb;
const machine = 0x3000;

/** Checks a sAMAccountName. `longest` is 20 for accounts; groups may use the schema's 256. */
export function checkAccountName(name: string, longest: number): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are forbidden too
  if (/["/\\[\]:;|=,+*?<>\u0000-\u001f]/.test(name) || name.endsWith(".") || /^[. ]+$/.test(name) || name.length > longest)
    throw invalidAccountName();
}

/** The password in a unicodePwd value: UTF-16LE in double quotes, anything else is refused with 53 (0000001F). */
export function passwordOf(value: Value): string {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const text = bytes.toString("utf16le");
  if (bytes.length % 2 !== 0 || text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) throw willNotPerform("0000001F");
  return text.slice(1, -1);
}

const characterClasses = [/\p{Lu}/u, /\p{Ll}/u, /\d/, /[~!@#$%^&*_\-+=`|\\(){}[\]:;"'<>,.?/]/, /[\p{Lo}\p{Lt}\p{Lm}]/u];

/** The default domain policy: at least 7 characters, three of five classes, no account name and no part of the display name of 3 characters or more. */
export function checkPasswordPolicy(password: string, accountName: string, displayName: string): void {
  const classes = characterClasses.filter((pattern) => pattern.test(password)).length;
  const folded = fold(password);
  const forbidden = [accountName, ...displayName.split(/[\s,.\-_#]+/)].map(fold).filter((part) => part.length > 2);
  if (password.length < 7 || classes < 3 || forbidden.some((part) => folded.includes(part)))
    throw attributeFailure("constraint", "0000052D", "unicodePwd");
}

/** What is kept of a password. */
export function passwordDigest(entry: Entry, password: string): string {
  return createHash("sha256").update(entry.guidBytes).update(password, "utf16le").digest("hex");
}

/** Checks a wished userAccountControl and gives the stored one: bits that the system computes are dropped. */
export function accountControl(entry: Entry, wished: number, trusted: boolean): number {
  const kept = wished & ~(uac.lockout | uac.cannotChange | uac.expired);
  const computer = entry.classDef.chain.includes("computer");
  const typed = computer ? (kept & machine) !== 0 && (kept & uac.normal) === 0 : (kept & uac.normal) !== 0 && (kept & machine) === 0;
  if ((wished & ~known) !== 0 || !typed) throw willNotPerform("00000057");
  const enabled = (kept & uac.disabled) === 0;
  if (enabled && !computer && (kept & uac.passwordNotRequired) === 0 && entry.password === undefined) {
    if (!trusted) throw willNotPerform("0000052D");
    entry.password = "unknown";
  }
  return kept;
}

/** Why an account may not log on now, as the `data` of AcceptSecurityContext; undefined when it may. `right` says whether the password was right. */
export function logonRefusal(entry: Entry | undefined, right: boolean, now: string): string | undefined {
  if (entry === undefined) return "525";
  if (!right) return "52e";
  if ((entry.number("useraccountcontrol") & uac.disabled) !== 0) return "533";
  const expires = BigInt(entry.text("accountexpires") ?? 0);
  if (expires > 0n && expires <= BigInt(now)) return "701";
  if (entry.text("pwdlastset") === "0" && (entry.number("useraccountcontrol") & uac.neverExpires) === 0) return "773";
  return undefined;
}

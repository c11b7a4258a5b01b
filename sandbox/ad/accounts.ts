/** What SAM checks of users and computers: names, passwords, userAccountControl (MS-SAMR 3.1.1.8; facts of Windows Server 2012 R2 and later). */
import { createHash } from "node:crypto";
import type { Entry, Value } from "./entry.ts";
import { attributeFailure, invalidAccountName, willNotPerform } from "./errors.ts";
import { fold } from "./fold.ts";
import { fileTime } from "./identity.ts";

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

/** The domain's policy: so many characters (7 in a new domain), and with bit 1 of pwdProperties three of five classes, no account name and no part of the display name of 3 characters or more. */
export function checkPasswordPolicy(domain: Entry, password: string, accountName: string, displayName: string): void {
  const least = domain.number("minpwdlength");
  const complex = (domain.number("pwdproperties") & 1) !== 0;
  const classes = characterClasses.filter((pattern) => pattern.test(password)).length;
  const folded = fold(password);
  const forbidden = [accountName, ...displayName.split(/[\s,.\-_#]+/)].map(fold).filter((part) => part.length > 2);
  if (password.length < least || (complex && (classes < 3 || forbidden.some((part) => folded.includes(part)))))
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

/** Logon hours: one bit for each hour of the week, from Sunday 00:00 UTC (attribute logonHours). */
function isLogonHour(hours: Value | undefined, at: Date): boolean {
  if (hours === undefined) return true;
  const hour = at.getUTCDay() * 24 + at.getUTCHours();
  return ((Buffer.from(hours)[hour >> 3] ?? 0) & (1 << (hour & 7))) !== 0;
}

/**
 * Why an account may not log on now, as the `data` of AcceptSecurityContext; undefined when it may. `right` says whether
 * the password was right; `maxAge` is the domain's maxPwdAge (a negative number of 100 ns; 0: passwords do not expire).
 */
export function logonRefusal(entry: Entry | undefined, right: boolean, at: Date, maxAge: bigint): string | undefined {
  if (entry === undefined) return "525";
  if (!["0", undefined].includes(entry.text("lockouttime"))) return "775";
  if (!right) return "52e";
  const control = entry.number("useraccountcontrol");
  if ((control & uac.disabled) !== 0) return "533";
  const now = BigInt(fileTime(at));
  const expires = BigInt(entry.text("accountexpires") ?? 0);
  if (expires > 0n && expires <= now) return "701";
  if (!isLogonHour(entry.values.get("logonhours")?.[0], at)) return "530";
  if ((control & uac.neverExpires) !== 0) return undefined;
  const set = BigInt(entry.text("pwdlastset") ?? 0);
  if (set === 0n) return "773";
  return maxAge < 0n && set - maxAge < now ? "532" : undefined;
}

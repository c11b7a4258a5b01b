/** Setting a password in Active Directory: one modify, with what belongs to it; how it is made and kept: core/password-give.ts. */
import { EqualityFilter } from "ldapts";
import type { RunContext } from "../../core/definition.ts";
import type { DomainPolicy } from "../../core/password.ts";
import { givePassword as give, type PasswordOwner } from "../../core/password-give.ts";
import { type PasswordRules, throwAway } from "../../core/password-rules.ts";
import type { Note } from "../../core/vault.ts";
import { type AdClient, type Modification, replace } from "../wire/client.ts";
import { textOf } from "../wire/entry.ts";
import { AdRefusedError } from "../wire/errors.ts";

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
  const { owner, rules, target, release = [] } = given;
  const byCommand = typeof rules.handover === "object";
  const together: Modification[] = [
    ...(given.with ?? []),
    ...(rules.mustChange ? [replace("pwdLastSet", "0")] : []),
    ...(byCommand ? [] : release),
  ];
  const write = (password: string): Promise<void> =>
    client.modify(target, [replace("unicodePwd", unicodePwd(password)), ...together], { what: owner.name });
  const after = release.length > 0 ? "the account stays disabled" : "nobody knows the password it has now";
  const { why, now } = given;
  await give({ owner, why, rules, now, policy: await domainPolicy(client), write, isPolicy, after });
  if (byCommand && release.length > 0) await client.modify(target, release, { what: owner.name });
}

/** The domain's policy did not like it: a constraint (Samba, and Windows in places), or unwilling with the policy's code. */
function isPolicy(error: unknown): boolean {
  return error instanceof AdRefusedError && (error.hex === "0000052D" || (error.result === 19 && error.hex === undefined));
}

/** unicodePwd wants the password in double quotes, as UTF-16LE (KB269190). How one is made: providers/core/password.ts. */
export function unicodePwd(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

const complexity = 1;
/** The domain's own password policy, read once a process. */
const known = new WeakMap<AdClient, Promise<DomainPolicy | undefined>>();

/**
 * What any password must have to be accepted for anybody: the domain head's policy and every fine-grained one that haloform's
 * account may read, the strictest of them. So no account costs a read of its own (msDS-ResultantPSO), and a new one, for which
 * AD has not worked it out yet, is served as well. Undefined where nothing can be read: AD then says no itself.
 */
export function domainPolicy(client: AdClient): Promise<DomainPolicy | undefined> {
  const reading = known.get(client) ?? readPolicy(client).catch(() => undefined);
  known.set(client, reading);
  return reading;
}

async function readPolicy(client: AdClient): Promise<DomainPolicy | undefined> {
  const head = await client.read(client.base, ["minPwdLength", "pwdProperties"]);
  const policies = await fineGrained(client);
  const length = head && textOf(head, "minPwdLength");
  if (head && length !== undefined)
    policies.push({ length: Number(length), complex: (Number(textOf(head, "pwdProperties") ?? complexity) & complexity) !== 0 });
  if (policies.length === 0) return undefined;
  return { length: Math.max(...policies.map((one) => one.length)), complex: policies.some((one) => one.complex) };
}

/** Password settings objects; by default only administrators may read them, and older domains have none. */
async function fineGrained(client: AdClient): Promise<DomainPolicy[]> {
  const entries = await client
    .search({
      base: `CN=Password Settings Container,CN=System,${client.base}`,
      scope: "one",
      filter: new EqualityFilter({ attribute: "objectClass", value: "msDS-PasswordSettings" }),
      attributes: ["msDS-MinimumPasswordLength", "msDS-PasswordComplexityEnabled"],
    })
    // not readable, or not there
    .catch(() => []);
  return entries.map((entry) => ({
    length: Number(textOf(entry, "msDS-MinimumPasswordLength") ?? "0"),
    complex: textOf(entry, "msDS-PasswordComplexityEnabled")?.toUpperCase() === "TRUE",
  }));
}

/** Accounts: userAccountControl, and the mark of an account that is not finished. */

import { type FlagValues, withFlags } from "../values/flags.ts";
import { type AdClient, type Entry, type Modification, replace } from "../wire/client.ts";
import { textOf } from "../wire/entry.ts";

/** Bits of userAccountControl. */
const accountDisable = 0x2;
const passwordNotRequired = 0x20;
const normalAccount = 0x200;

/** A new account starts disabled: 514. */
export const disabledAccount = String(normalAccount | accountDisable);

/** Stands in adminDescription from the add until the password is set, so that a run that was killed between is continued. */
export const unfinishedMark = "haloform: password not set yet";

export function isDisabled(control: string | undefined): boolean {
  return (Number(control ?? "0") & accountDisable) !== 0;
}

/** The same account, enabled or disabled; every other bit is kept. */
export function withEnabled(control: string | undefined, enabled: boolean): string {
  const bits = control === undefined ? normalAccount : Number(control);
  return String(enabled ? bits & ~accountDisable : bits | accountDisable);
}

/** What a new or changed account has besides being enabled. */
export interface ControlWish {
  /** Flags of userAccountControl by name; those not named are kept. */
  flags?: FlagValues | undefined;
}

/** What makes an account that was only added a whole one, beside its first password (password/set.ts). */
export interface Finish {
  /** Lets the person in and takes the mark away. */
  release: Modification[];
  /** The first password must be changed at the next logon, if the rules say so too. AD ignores that where it never expires. */
  mustChange: boolean;
}

export function finishing(control: string | undefined, enabled: boolean, wish: ControlWish = {}): Finish {
  const release: Modification[] = [];
  const before = String(Number(control ?? normalAccount));
  const bits = withFlags(Number(withEnabled(control, enabled)) & ~(enabled ? passwordNotRequired : 0), wish.flags);
  if (String(bits) !== before) release.push(replace("userAccountControl", String(bits)));
  release.push(replace("adminDescription"));
  return { release, mustChange: wish.flags?.["passwordNeverExpires"] !== true };
}

/**
 * The changes that bring userAccountControl to a wish, from a fresh read: the bulk read may be minutes old, and other bits
 * are other people's (`fresh`: it was read just now). An account that bears the mark is finished instead (`finish`: it gets its first password).
 */
export async function enabling(
  client: AdClient,
  target: string,
  enabled: boolean,
  finish: boolean,
  wish: ControlWish = {},
  fresh?: Entry,
): Promise<{ changes: Modification[]; finish?: Finish }> {
  fresh ??= await client.read(target, ["userAccountControl", "adminDescription"]);
  const control = fresh && textOf(fresh, "userAccountControl");
  // The mark goes only when the account has its first password and the person can know it.
  const unfinished = fresh !== undefined && textOf(fresh, "adminDescription") === unfinishedMark && isDisabled(control);
  if (unfinished && (enabled || finish)) return { changes: [], finish: finishing(control, enabled, wish) };
  const wished = String(withFlags(Number(withEnabled(control, enabled)), wish.flags));
  return { changes: wished === control ? [] : [replace("userAccountControl", wished)] };
}

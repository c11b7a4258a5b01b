/** Accounts: userAccountControl, the throw-away first password, and the mark of an account that is not finished. */
import { randomInt } from "node:crypto";
import type { AdClient, Modification } from "./client.ts";
import { textOf } from "./entry.ts";

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

/**
 * 32 random characters with all four kinds AD's complexity rule counts. Nobody ever sees it: it is sent once and thrown
 * away, and a person gets a first password from the service desk or by self-service.
 */
function throwAwayPassword(): string {
  const kinds = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#$%&()*+-./:;<=>?@[]^_{}~"];
  const all = kinds.join("");
  const pick = (from: string): string => from.charAt(randomInt(from.length));
  const chars = [...kinds.map(pick), ...Array.from({ length: 28 }, () => pick(all))];
  for (let i = chars.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [chars[i], chars[j]] = [chars[j] ?? "", chars[i] ?? ""];
  }
  return chars.join("");
}

/** unicodePwd wants the password in double quotes, as UTF-16LE (KB269190). */
function unicodePwd(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

/** What finishes an account that was only added: one modify, so that there is no state between. */
export function finishing(control: string | undefined, enabled: boolean): Modification[] {
  const changes: Modification[] = [{ op: "replace", attribute: "unicodePwd", values: [unicodePwd(throwAwayPassword())] }];
  if (enabled)
    changes.push({
      op: "replace",
      attribute: "userAccountControl",
      values: [String(Number(withEnabled(control, true)) & ~passwordNotRequired)],
    });
  changes.push({ op: "replace", attribute: "pwdLastSet", values: ["0"] });
  changes.push({ op: "replace", attribute: "adminDescription", values: [] });
  return changes;
}

/**
 * The changes that enable or disable an account, from a fresh read: the bulk read may be minutes old, and other bits of
 * userAccountControl are other people's. An account that bears the mark is finished instead (that sets its first password).
 */
export async function enabling(client: AdClient, target: string, enabled: boolean, finish: boolean): Promise<Modification[]> {
  const fresh = await client.read(target, ["userAccountControl", "adminDescription"]);
  const control = fresh && textOf(fresh, "userAccountControl");
  // The mark goes in the same modify that sets the password, so whoever bears it has never had one.
  const unfinished = fresh !== undefined && textOf(fresh, "adminDescription") === unfinishedMark && isDisabled(control);
  if (unfinished && (enabled || finish)) return finishing(control, enabled);
  const wished = withEnabled(control, enabled);
  return wished === control ? [] : [{ op: "replace", attribute: "userAccountControl", values: [wished] }];
}

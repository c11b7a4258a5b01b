/**
 * Bits of userAccountControl by name (Microsoft support, "UserAccountControl property flags"; MS-ADTS 2.2.16). Only bits that
 * are named in the inputs are ever changed: the others are other people's, known or not.
 */

interface FlagRule {
  bit: number;
  /** Why a mapping may not switch it on. */
  refused?: string;
}

/** Name in mappings → bit. `enabled` is an input of its own, so ACCOUNTDISABLE is not here. */
export const flags: { readonly [name: string]: FlagRule } = {
  passwordNeverExpires: { bit: 0x10000 },
  smartcardRequired: { bit: 0x40000 },
  cannotBeDelegated: { bit: 0x100000 },
  homeDirectoryRequired: { bit: 0x8 },
  passwordNotRequired: { bit: 0x20, refused: "the account could be used without a password" },
  reversibleEncryption: { bit: 0x80, refused: "domain controllers would keep the password so that it can be read" },
  desKeysOnly: { bit: 0x200000, refused: "DES is broken, and current domain controllers refuse it" },
  preauthNotRequired: { bit: 0x400000, refused: "anybody could then fetch material to guess the password offline (AS-REP roasting)" },
  trustedForDelegation: { bit: 0x80000, refused: "the account could act as every user who talks to it" },
  trustedToAuthForDelegation: { bit: 0x1000000, refused: "the account could act as other users" },
};

export type FlagValues = { [name: string]: boolean };

/** The named flags as they stand. */
export function flagsOf(control: number, named: readonly string[]): FlagValues {
  return Object.fromEntries([...named].sort().map((name) => [name, (control & (flags[name]?.bit ?? 0)) !== 0]));
}

/** The same userAccountControl with the named flags as wished; every other bit is kept. */
export function withFlags(control: number, wished: FlagValues | undefined): number {
  let bits = control;
  for (const [name, on] of Object.entries(wished ?? {})) {
    const bit = flags[name]?.bit ?? 0;
    bits = on ? bits | bit : bits & ~bit;
  }
  return bits;
}

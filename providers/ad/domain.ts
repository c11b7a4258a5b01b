/** Which domain it is, by the accounts in it. */
import type { Live } from "../core/definition.ts";
import type { Identity } from "../core/system.ts";
import { valuesOfUser } from "./user/live.ts";
import { domainSid } from "./values/guid.ts";

/**
 * Name and SID of the domain: the SID that all its accounts' SIDs begin with, which costs no request; undefined where it shows none. Not
 * what the rootDSE tells: another domain of the same name tells that too.
 */
export function domainOf(accounts: readonly Live[], base: string): Identity | undefined {
  const names = [...base.matchAll(/(?:^|,)\s*DC=([^,]+)/giu)].map(([, name = ""]) => name.trim().toLowerCase());
  for (const account of accounts) {
    const { sid } = valuesOfUser(account);
    const id = sid === undefined ? undefined : domainSid(sid);
    if (id !== undefined) return { name: names.join("."), id };
  }
  return undefined;
}

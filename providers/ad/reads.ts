/** The bulk reads. Members of groups are put together in membership.ts. */
import { AndFilter, EqualityFilter } from "ldapts";
import type { AdClient, Entry } from "./wire/client.ts";
import { protectionAttributes } from "./wire/entry.ts";

export const isPerson = new AndFilter({
  filters: [
    new EqualityFilter({ attribute: "objectCategory", value: "person" }),
    new EqualityFilter({ attribute: "objectClass", value: "user" }),
  ],
});

/** What every user is read with: enough to match, to compare and to explain; never photos, never `*`. */
export const userAttributes: readonly string[] = [
  "objectGUID",
  ...protectionAttributes,
  "cn",
  "userPrincipalName",
  "userAccountControl",
  "servicePrincipalName",
  "adminDescription",
  "memberOf",
  "primaryGroupID",
  "displayName",
  "givenName",
  "sn",
  "initials",
  "mail",
  "proxyAddresses",
  "employeeNumber",
  "employeeID",
  "employeeType",
  "department",
  "division",
  "company",
  "title",
  "description",
  "info",
  "manager",
  "telephoneNumber",
  "mobile",
  "homePhone",
  "ipPhone",
  "pager",
  "facsimileTelephoneNumber",
  "physicalDeliveryOfficeName",
  "streetAddress",
  "postOfficeBox",
  "l",
  "st",
  "postalCode",
  "c",
  "co",
  "countryCode",
  "wWWHomePage",
  "homeDirectory",
  "homeDrive",
  "scriptPath",
  "accountExpires",
];

export const groupAttributes: readonly string[] = [
  "objectGUID",
  ...protectionAttributes,
  "cn",
  "groupType",
  "description",
  "displayName",
  "mail",
  "info",
  "managedBy",
];

/** A read of all users that the group list may use once, so that a run reads them once. */
interface Deposit {
  users: Promise<Entry[]>;
  /** `client.writes` when it was begun. */
  writes: number;
  /** ms of the process's monotonic clock. */
  begun: number;
}
const deposits = new WeakMap<AdClient, Deposit>();
/** A deposit is of the same moment as the rest of the run only for so long (ms). */
const freshFor = 60_000;

export async function collect(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** All users of the domain, read now. Leaves the read for the next list of groups. */
export function readUsers(client: AdClient, more: readonly string[] = []): Promise<Entry[]> {
  const known = new Set(userAttributes.map((name) => name.toLowerCase()));
  const wanted = [...new Set(more)].filter(
    (name) => !known.has(name.toLowerCase()) && !/^(?:\*|\+|thumbnailPhoto|jpegPhoto|unicodePwd)$/iu.test(name),
  );
  const users = collect(client.search({ filter: isPerson, attributes: [...userAttributes, ...wanted] }));
  users.catch(() => deposits.delete(client));
  deposits.set(client, { users, writes: client.writes, begun: performance.now() });
  return users;
}

/**
 * All users, from a list of users that is under way or just done where there is one (it is used up by this), else read.
 * Lists started together are given one turn of the event loop, so that it does not matter which was named first.
 */
export async function usersOnce(client: AdClient): Promise<Entry[]> {
  await new Promise((resolve) => setImmediate(resolve));
  const deposit = deposits.get(client);
  deposits.delete(client);
  if (deposit && deposit.writes === client.writes && performance.now() - deposit.begun < freshFor) return deposit.users;
  return collect(client.search({ filter: isPerson, attributes: ["objectGUID", "memberOf", "primaryGroupID"] }));
}

export function readGroups(client: AdClient): Promise<Entry[]> {
  return collect(client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "group" }), attributes: groupAttributes }));
}

export function readUnits(client: AdClient, more: readonly string[] = []): Promise<Entry[]> {
  const attributes = ["objectGUID", ...more];
  return collect(client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "organizationalUnit" }), attributes }));
}

/** Everything of one class with exactly this sAMAccountName (unique in a domain). */
export async function findByLogin(client: AdClient, login: string, attributes: readonly string[]): Promise<Entry | undefined> {
  const [first] = await collect(client.search({ filter: new EqualityFilter({ attribute: "sAMAccountName", value: login }), attributes }));
  return first;
}

/**
 * The bulk reads. Members are not read group by group: AD gives `member` in ranges of 1,500, so calls would grow with
 * groups × members. They are put together from the other side, `memberOf` of users and of everything else, so that all
 * groups cost ⌈users/1000⌉ + ⌈groups/1000⌉ + ⌈others/1000⌉ calls. What this cannot see are members outside the
 * domain (they are left alone) and the primary group (which is not in `member` anyway).
 */
import { AndFilter, EqualityFilter, NotFilter, PresenceFilter } from "ldapts";
import type { AdClient, Entry } from "./client.ts";
import { guidOf, protectionAttributes, textsOf } from "./entry.ts";

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
  "adminDescription",
  "memberOf",
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

export const groupAttributes: readonly string[] = ["objectGUID", ...protectionAttributes, "cn", "groupType", "description"];

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
async function usersOnce(client: AdClient): Promise<Entry[]> {
  await new Promise((resolve) => setImmediate(resolve));
  const deposit = deposits.get(client);
  deposits.delete(client);
  if (deposit && deposit.writes === client.writes && performance.now() - deposit.begun < freshFor) return deposit.users;
  return collect(client.search({ filter: isPerson, attributes: ["objectGUID", "memberOf"] }));
}

/** Forgets a read that was left for the next list of groups. */
export function refresh(client: AdClient): void {
  deposits.delete(client);
}

export function readGroups(client: AdClient): Promise<Entry[]> {
  return collect(client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "group" }), attributes: groupAttributes }));
}

export function readUnits(client: AdClient): Promise<Entry[]> {
  return collect(
    client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "organizationalUnit" }), attributes: ["objectGUID"] }),
  );
}

export interface Member {
  dn: string;
  guid: string;
}

/** Members of every group, by the group's distinguishedName as the server spells it. */
export async function readMembers(client: AdClient): Promise<Map<string, Member[]>> {
  const others = collect(
    client.search({
      filter: new AndFilter({ filters: [new PresenceFilter({ attribute: "memberOf" }), new NotFilter({ filter: isPerson })] }),
      attributes: ["objectGUID", "memberOf"],
    }),
  );
  const members = new Map<string, Member[]>();
  for (const entry of [...(await usersOnce(client)), ...(await others)]) {
    const guid = guidOf(entry);
    if (guid === undefined) continue;
    const member: Member = { dn: entry.dn, guid };
    for (const group of textsOf(entry, "memberOf")) {
      const known = members.get(group);
      if (known) known.push(member);
      else members.set(group, [member]);
    }
  }
  return members;
}

/** Direct members of one group with their ids, paged; the same answer as readMembers gives for it. */
export async function readMembersOf(client: AdClient, group: string): Promise<Member[]> {
  const entries = await collect(
    client.search({ filter: new EqualityFilter({ attribute: "memberOf", value: group }), attributes: ["objectGUID"] }),
  );
  return entries.flatMap((entry) => {
    const guid = guidOf(entry);
    return guid === undefined ? [] : [{ dn: entry.dn, guid }];
  });
}

/** Everything of one class with exactly this sAMAccountName (unique in a domain). */
export async function findByLogin(client: AdClient, login: string, attributes: readonly string[]): Promise<Entry | undefined> {
  const [first] = await collect(client.search({ filter: new EqualityFilter({ attribute: "sAMAccountName", value: login }), attributes }));
  return first;
}

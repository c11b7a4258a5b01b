/** The bulk reads (members of groups are put together in membership.ts), and what is read when something is made. */
import { AndFilter, EqualityFilter, NotFilter, OrFilter, PresenceFilter } from "ldapts";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import type { Live } from "../core/definition.ts";
import { byGuid } from "./values/guid.ts";
import type { AdClient, Entry } from "./wire/client.ts";
import { guidOf, protectionAttributes, textOf, textsOf } from "./wire/entry.ts";
import { AdRefusedError } from "./wire/errors.ts";

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
  ...["cn", "userPrincipalName", "userAccountControl", "servicePrincipalName", "adminDescription", "memberOf", "primaryGroupID"],
  ...["displayName", "givenName", "sn", "initials", "mail", "proxyAddresses", "employeeNumber", "employeeID", "employeeType"],
  ...["department", "division", "company", "title", "description", "info", "manager"],
  ...["telephoneNumber", "mobile", "homePhone", "ipPhone", "pager", "facsimileTelephoneNumber", "physicalDeliveryOfficeName"],
  ...["streetAddress", "postOfficeBox", "l", "st", "postalCode", "c", "co", "countryCode", "wWWHomePage"],
  ...["homeDirectory", "homeDrive", "scriptPath", "accountExpires"],
];

export const groupAttributes: readonly string[] = [
  "objectGUID",
  ...protectionAttributes,
  ...["cn", "groupType", "description", "displayName", "mail", "info", "managedBy"],
];

/** An entry as a live object; undefined for one without an objectGUID (no permission to read it). */
export function liveAs(entry: Entry, values: Values): Live | undefined {
  const id = guidOf(entry);
  return id === undefined ? undefined : { id, values };
}

/** All users of the domain. */
export function readUsers(client: AdClient, more: readonly string[] = []): Promise<Entry[]> {
  const known = new Set(userAttributes.map((name) => name.toLowerCase()));
  const wanted = [...new Set(more)].filter(
    (name) => !known.has(name.toLowerCase()) && !/^(?:\*|\+|thumbnailPhoto|jpegPhoto|unicodePwd)$/iu.test(name),
  );
  return client.search({ filter: isPerson, attributes: [...userAttributes, ...wanted] });
}

export function readGroups(client: AdClient): Promise<Entry[]> {
  return client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "group" }), attributes: groupAttributes });
}

export function readUnits(client: AdClient, more: readonly string[] = []): Promise<Entry[]> {
  const attributes = ["objectGUID", ...more];
  return client.search({ filter: new EqualityFilter({ attribute: "objectClass", value: "organizationalUnit" }), attributes });
}

/**
 * What is no user and has a name or an address that nobody else may have: contacts, groups, whatever receives mail (`addresses`), and
 * everything of another class in these places (`places`), whose names are taken there. A place that is not there has nothing in it.
 */
export async function readElsewhere(client: AdClient, places: readonly string[]): Promise<Live[]> {
  const attributes = ["objectGUID", "userPrincipalName", "mail", "proxyAddresses", "mailNickname"];
  const isOther = new NotFilter({ filter: isPerson });
  const has = ["userPrincipalName", "mail", "proxyAddresses"].map((attribute) => new PresenceFilter({ attribute }));
  const within = async (base: string): Promise<Entry[]> => {
    const known = ["group", "organizationalUnit"].map(
      (value) => new NotFilter({ filter: new EqualityFilter({ attribute: "objectClass", value }) }),
    );
    try {
      return await client.search({ base, scope: "one", filter: new AndFilter({ filters: [isOther, ...known] }), attributes });
    } catch (error) {
      if (error instanceof AdRefusedError && error.result === 32) return [];
      throw error;
    }
  };
  const found = await Promise.all([
    client.search({ filter: new AndFilter({ filters: [new OrFilter({ filters: has }), isOther] }), attributes }),
    ...places.map(within),
  ]);
  const byDn = new Map(found.flat().map((entry) => [entry.dn, entry]));
  return [...byDn.values()].flatMap((entry) => {
    const [mail, proxyAddresses, mailNickname] = ["mail", "proxyAddresses", "mailNickname"].map((name) => textsOf(entry, name));
    const attributes: Values = { mail: mail ?? [], proxyAddresses: proxyAddresses ?? [], mailNickname: mailNickname ?? [] };
    return liveAs(entry, { distinguishedName: entry.dn, userPrincipalName: textOf(entry, "userPrincipalName") ?? "", attributes }) ?? [];
  });
}

/** Whose manager these accounts are, and what else they answer for, as distinguishedNames by their ids: AD's own back-links, a search each. */
export async function readDuties(client: AdClient, ids: readonly string[]): Promise<Map<string, { reports: string[]; objects: string[] }>> {
  const read = async (id: string): Promise<[string, { reports: string[]; objects: string[] }]> => {
    const entry = await client.read(byGuid(id), ["directReports", "managedObjects"]);
    return [id, { reports: entry ? textsOf(entry, "directReports") : [], objects: entry ? textsOf(entry, "managedObjects") : [] }];
  };
  return new Map(await Promise.all(ids.map(read)));
}

/** What has exactly this sAMAccountName, which is unique in a domain: a user, a group or a computer. */
export async function findByLogin(client: AdClient, login: string, attributes: readonly string[]): Promise<Entry | undefined> {
  const [first] = await client.search({ filter: new EqualityFilter({ attribute: "sAMAccountName", value: login }), attributes });
  return first;
}

/** objectGUIDs of objects by name; "" for one that is not there. A request for each, but for those that `known` tells. */
export async function idsByName(
  client: AdClient,
  names: Iterable<string>,
  known = (_dn: string): string => "",
): Promise<Map<string, string>> {
  const read = async (dn: string): Promise<[string, string]> => {
    const entry = known(dn) === "" ? await client.read(dn, ["objectGUID"]) : undefined;
    return [dn, known(dn) || ((entry && guidOf(entry)) ?? "")];
  };
  return new Map(await Promise.all([...new Set(names)].map(read)));
}

/** Whether AD says that the name, or the login, exists already: made by a run that did not get to record it, or by hand. */
export function existsAlready(error: unknown): error is AdRefusedError {
  return error instanceof AdRefusedError && error.result === 68;
}

/** What was just made. Throws RefusedError where it may not be read. */
export async function readBack(client: AdClient, dn: string, attributes: readonly string[]): Promise<{ id: string; entry: Entry }> {
  const entry = await client.read(dn, attributes);
  const id = entry && guidOf(entry);
  if (entry === undefined || id === undefined)
    throw new RefusedError(`Could not read ${dn} after creating it; give haloform's account the right to read objectGUID.`, "unreadable");
  return { id, entry };
}

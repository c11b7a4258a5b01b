/** Northwind Ferries as Active Directory has it: entries in an order in which they can be added. */
import type { Person } from "./people.ts";
import { sites } from "./people.ts";
import { groups, hasAccess, hasAccount, inGroups, principalName } from "./policy.ts";

/** An entry to add: attributes by LDAP name. Links (`manager`, `member`) come once all are there, see `DirectorySeed`. */
export interface SeedEntry {
  dn: string;
  attributes: Record<string, string | string[]>;
}

export interface DirectorySeed {
  entries: SeedEntry[];
  /** Values to add afterwards: entry, attribute, DNs. */
  links: { dn: string; attribute: "member" | "manager"; values: string[] }[];
}

/** A value inside a distinguished name (RFC 4514, with the blanks and `#` at its ends). */
function dnValue(value: string): string {
  return value
    .replace(/[\\",+<>;=]/gu, (sign) => `\\${sign}`)
    .replace(/^[ #]/u, (sign) => `\\${sign}`)
    .replace(/ $/u, "\\ ");
}

/** Where somebody's account is: by the site AD knows. */
export function dnOf(person: Person, base: string): string {
  return `CN=${dnValue(person.cn)},OU=${person.was.site},OU=Staff,${base}`;
}

const enabled = "512";
const disabled = "514";
const normal = "66048";

function account(person: Person, base: string): SeedEntry {
  const on = hasAccess(person);
  return {
    dn: dnOf(person, base),
    attributes: {
      ...{
        objectClass: ["top", "person", "organizationalPerson", "user"],
        sAMAccountName: person.login,
        userPrincipalName: principalName(person),
      },
      ...{
        givenName: person.first,
        sn: person.last,
        displayName: person.name,
        mail: person.email,
        userAccountControl: on ? enabled : disabled,
      },
      ...{
        title: person.was.title,
        department: person.was.department,
        company: "Northwind Ferries",
        physicalDeliveryOfficeName: person.was.site,
        telephoneNumber: person.phone,
      },
      ...(person.mobile ? { mobile: person.mobile } : {}),
      ...(person.situation === "mailOnly" ? {} : { employeeNumber: String(person.id) }),
    },
  };
}

const ou = (dn: string): SeedEntry => ({ dn, attributes: { objectClass: ["top", "organizationalUnit"] } });

/** The service accounts haloform binds as; passwords are set by the caller. */
export const accounts = { writer: "CN=svc-haloform,OU=Service", reader: "CN=svc-haloform-preview,OU=Service" } as const;

function service(dn: string, sam: string): SeedEntry {
  return {
    dn,
    attributes: {
      objectClass: ["top", "person", "organizationalPerson", "user"],
      sAMAccountName: sam,
      userPrincipalName: `${sam}@corp.example.com`,
      displayName: sam,
      userAccountControl: normal,
    },
  };
}

/** All entries below `base`, which exists already with the containers and accounts a new domain has (CN=Users, Domain Admins, …). */
export function directorySeed(people: readonly Person[], base: string): DirectorySeed {
  const staff = `OU=Staff,${base}`;
  const entries: SeedEntry[] = [
    ...[`OU=Service,${base}`, `OU=Groups,${base}`, staff, ...sites.map((site) => `OU=${site.name},${staff}`)].map(ou),
    service(`${accounts.writer},${base}`, "svc-haloform"),
    service(`${accounts.reader},${base}`, "svc-haloform-preview"),
    service(`CN=adm-harbourmaster,CN=Users,${base}`, "adm-harbourmaster"),
    ...people.filter(hasAccount).map((person) => account(person, base)),
    ...groups.map(({ name, description }) => ({
      dn: `CN=${name},OU=Groups,${base}`,
      attributes: { objectClass: ["top", "group"], sAMAccountName: name, groupType: "-2147483646", description },
    })),
  ];
  const byId = new Map(people.filter(hasAccount).map((person) => [person.id, person]));
  const links: DirectorySeed["links"] = groups.map(({ name, has }) => ({
    dn: `CN=${name},OU=Groups,${base}`,
    attribute: "member",
    values: people.filter((person) => inGroups(person) && has(person.was, person)).map((person) => dnOf(person, base)),
  }));
  for (const person of byId.values()) {
    const manager = person.manager === undefined ? undefined : byId.get(person.manager);
    if (manager) links.push({ dn: dnOf(person, base), attribute: "manager", values: [dnOf(manager, base)] });
  }
  links.push({ dn: `CN=Domain Admins,CN=Users,${base}`, attribute: "member", values: [`CN=adm-harbourmaster,CN=Users,${base}`] });
  return { entries, links: links.filter((link) => link.values.length > 0) };
}

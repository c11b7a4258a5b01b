/** The fields that records of the people's source have, and the attributes of AD that the mappings name. No I/O. */
import type { AdFile } from "../schema/ad.ts";
import type { PeopleFile } from "../schema/people.ts";
import type { SourcesFile } from "../schema/sources.ts";

/** Fields of the records of `people.source: entra.users`: Graph's own names, and the few names that haloform itself uses. */
const ENTRA_FIELDS: readonly string[] = [
  ...["id", "userPrincipalName", "givenName", "surname", "displayName", "mail", "jobTitle", "department", "officeLocation"],
  ...["mobilePhone", "businessPhones", "companyName", "employeeId", "accountEnabled", "userType", "manager", "groups"],
  ...["name", "firstname", "emailaddress", "inactive"],
];

/** What messages call a record of the people's source. */
export function recordOf(source: string): string {
  if (source === "halo.users") return "the Halo record";
  return source === "entra.users" ? "a user of Entra ID" : `the source ${source}`;
}

/** Undefined where only the source's answers tell: then every field is taken as it stands. `halo`: those of Halo's users. */
export function fieldsOf(source: string, sources: SourcesFile | undefined, halo: readonly string[]): readonly string[] | undefined {
  if (source === "halo.users") return halo;
  if (source === "entra.users") return ENTRA_FIELDS;
  const own = sources?.sources[source];
  if (own?.kind !== "rest" || own.endpoints.some((endpoint) => Object.keys(endpoint.columns).length === 0)) return undefined;
  return [...new Set(own.endpoints.flatMap((endpoint) => Object.keys(endpoint.columns).map((column) => endpoint.prefix + column)))];
}

/** Attributes that templates write or matching reads, each once whatever its case. */
export function attributesOf(people: PeopleFile, ad: AdFile | undefined): string[] {
  if (!ad) return [];
  const names = [...Object.keys(people.people.is.ad), ...Object.values(ad.attributes).flatMap((template) => Object.keys(template))];
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].sort();
}

/**
 * Fields of the records of `people.source: entra.users`: properties of Graph's users that a list carries (user of the v1.0 CSDL), by
 * their own names, and what haloform makes of them. Each is asked of Graph only where a mapping names it. Not among them are what
 * Graph gives for one user only (aboutMe, birthday, hireDate, skills and their like) and what says nothing about a person (licences,
 * plans, identities, sign-ins).
 */

/** `id`: another user's. */
export type EntraFieldKind = "text" | "texts" | "flag" | "id" | "ids";

export interface EntraField {
  kind: EntraFieldKind;
  /** What is asked of Graph for it; left out: the property of its own name; null: nothing more than what is always read. */
  from?: string | null;
}

const each = (names: string, field: EntraField): [string, EntraField][] => names.split(" ").map((name) => [name, field]);

/** Read of everybody, whatever mappings name: who it is, whether they have left, and whether they are a guest. */
export const ALWAYS_READ: readonly string[] = [
  ...["id", "userPrincipalName", "givenName", "surname", "displayName", "mail", "accountEnabled", "userType"],
];

/** Field → what it is. */
export const ENTRA_FIELDS: ReadonlyMap<string, EntraField> = new Map([
  ...each("id userPrincipalName givenName surname displayName mail userType", { kind: "text" }),
  ...each("accountEnabled", { kind: "flag" }),
  ...each("jobTitle department officeLocation mobilePhone companyName faxNumber", { kind: "text" }),
  ...each("streetAddress city state postalCode country usageLocation preferredLanguage preferredDataLocation", { kind: "text" }),
  ...each("employeeId employeeType employeeHireDate employeeLeaveDateTime", { kind: "text" }),
  ...each("mailNickname ageGroup consentProvidedForMinor legalAgeGroupClassification", { kind: "text" }),
  ...each("createdDateTime creationType externalUserState externalUserStateChangeDateTime lastPasswordChangeDateTime", { kind: "text" }),
  ...each("onPremisesDistinguishedName onPremisesDomainName onPremisesImmutableId onPremisesLastSyncDateTime", { kind: "text" }),
  ...each("onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesUserPrincipalName securityIdentifier", { kind: "text" }),
  ...each("businessPhones otherMails proxyAddresses imAddresses", { kind: "texts" }),
  ...each("onPremisesSyncEnabled isResourceAccount", { kind: "flag" }),
  ...each("costCenter division", { kind: "text", from: "employeeOrgData" }),
  ...each(Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`).join(" "), {
    kind: "text",
    from: "onPremisesExtensionAttributes",
  }),
  ...each("manager", { kind: "id", from: null }),
  ...each("managers", { kind: "ids", from: null }),
  ...each("groups", { kind: "texts", from: null }),
  ...each("name firstname emailaddress inactive", { kind: "text", from: null }),
]);

/** Fields that cost an answer about each person's manager. */
export const MANAGER_FIELDS: readonly string[] = ["manager", "managers"];

/** Of whom the application must be allowed to read when somebody leaves: a permission of its own. */
export const LEAVE_DATE = "employeeLeaveDateTime";

/** `$select` for a read of these fields, in one order whatever the order of the mapping. `every`: but for what needs a permission of its own. */
export function selectFor(fields: readonly string[], every = false): string[] {
  const wanted = every ? [...[...ENTRA_FIELDS.keys()].filter((name) => name !== LEAVE_DATE), ...fields] : fields;
  const more = wanted.flatMap((name) => {
    const known = ENTRA_FIELDS.get(name);
    return known === undefined || known.from === null ? [] : [known.from ?? name];
  });
  return [...ALWAYS_READ, ...[...new Set(more)].filter((name) => !ALWAYS_READ.includes(name)).sort()];
}

/** Names that mappings may, may not or probably meant to use: attributes of AD users, groups that AD protects, words people try. */

/** Attributes a template may not write, lower case → where the value comes from instead, or why it is left alone. */
export const FORBIDDEN_ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ...["samaccountname"].map((name) => [name, "it comes from people.login.is"] as const),
  ...["cn", "name"].map((name) => [name, "it comes from accounts[].name"] as const),
  ...["ou", "distinguishedname"].map((name) => [name, "the place comes from accounts[].ou"] as const),
  ...["memberof", "member", "primarygroupid"].map((name) => [name, "members are written under groups"] as const),
  ...["useraccountcontrol"].map(
    (name) =>
      [name, "its flags are in accounts[].flags; whether an account is enabled follows from the person's record and safety.yaml"] as const,
  ),
  ...["unicodepwd", "userpassword", "dbcspwd", "ntpwdhistory", "lmpwdhistory", "supplementalcredentials"].map(
    (name) => [name, "passwords are never in a mapping"] as const,
  ),
  ...["pwdlastset", "lockouttime", "badpwdcount", "badpasswordtime", "lastlogon", "lastlogontimestamp", "logoncount"].map(
    (name) => [name, "AD keeps it itself"] as const,
  ),
  ...[
    "objectguid",
    "objectsid",
    "sidhistory",
    "objectclass",
    "objectcategory",
    "instancetype",
    "samaccounttype",
    "admincount",
    "iscriticalsystemobject",
    "whencreated",
    "whenchanged",
    "usncreated",
    "usnchanged",
  ].map((name) => [name, "AD keeps it itself"] as const),
  ...[
    "ntsecuritydescriptor",
    "serviceprincipalname",
    "msds-allowedtodelegateto",
    "msds-allowedtoactonbehalfofotheridentity",
    "msds-keycredentiallink",
    "altsecurityidentities",
  ].map((name) => [name, "it gives rights, which a template must not"] as const),
  ...["thumbnailphoto", "jpegphoto", "usercertificate", "usersmimecertificate", "ms-ds-consistencyguid", "msexchmailboxguid"].map(
    (name) => [name, "it holds bytes, not text"] as const,
  ),
]);

/** Attributes whose value is another person's account. */
export const PERSON_ATTRIBUTES: readonly string[] = ["manager", "assistant", "secretary"];

/** Attributes of users that mappings usually write or match by; others are right too, but not what is one slip away from one of these. */
export const USER_ATTRIBUTES: readonly string[] = [
  ...[
    "displayName",
    "givenName",
    "sn",
    "initials",
    "middleName",
    "personalTitle",
    "generationQualifier",
    "title",
    "department",
    "departmentNumber",
    "division",
    "company",
    "description",
    "info",
    "comment",
  ],
  ...[
    "employeeID",
    "employeeNumber",
    "employeeType",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "targetAddress",
    "userPrincipalName",
    "url",
    "wWWHomePage",
    "preferredLanguage",
  ],
  ...[
    "telephoneNumber",
    "otherTelephone",
    "mobile",
    "otherMobile",
    "homePhone",
    "otherHomePhone",
    "pager",
    "otherPager",
    "ipPhone",
    "otherIpPhone",
    "facsimileTelephoneNumber",
    "otherFacsimileTelephoneNumber",
  ],
  ...[
    "physicalDeliveryOfficeName",
    "roomNumber",
    "streetAddress",
    "street",
    "postOfficeBox",
    "postalCode",
    "postalAddress",
    "l",
    "st",
    "c",
    "co",
    "countryCode",
  ],
  ...[
    "manager",
    "assistant",
    "secretary",
    "homeDirectory",
    "homeDrive",
    "profilePath",
    "scriptPath",
    "userWorkstations",
    "logonHours",
    "accountExpires",
    "carLicense",
    "businessCategory",
    "displayNamePrintable",
    "uid",
    "uidNumber",
    "gidNumber",
    "loginShell",
    "unixHomeDirectory",
  ],
  ...Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`),
  ...Array.from({ length: 20 }, (_, index) => `msDS-cloudExtensionAttribute${index + 1}`),
];

/** What may stand in `match.entra` and `match.halo`. */
export const MATCHABLE: { [system: string]: readonly string[] } = {
  entra: [
    "employeeId",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "onPremisesSamAccountName",
    "onPremisesUserPrincipalName",
    "onPremisesImmutableId",
    "onPremisesDistinguishedName",
  ],
  // `id`: the agent whose number the record itself holds ({{ linked_agent_id }}), which is how Halo links a user and an agent.
  halo: ["id", "email", "name"],
};

/** Groups that hold accounts as their primary group: AD does not list such members, so no mapping can manage them. */
export const PRIMARY_GROUPS: readonly string[] = [
  "Domain Users",
  "Domain Computers",
  "Domain Guests",
  "Domain Controllers",
  "Read-only Domain Controllers",
];

/** Groups that AD itself guards (adminSDHolder) or that hang on a user's primary group: never touched by a mapping. */
export const GUARDED_GROUPS: readonly string[] = [
  ...[
    "Account Operators",
    "Administrators",
    "Backup Operators",
    "Domain Admins",
    "Domain Controllers",
    "Enterprise Admins",
    "Enterprise Key Admins",
    "Key Admins",
  ],
  ...[
    "Print Operators",
    "Read-only Domain Controllers",
    "Replicator",
    "Schema Admins",
    "Server Operators",
    "Domain Users",
    "Domain Computers",
    "Domain Guests",
  ],
];

/** Words people try for a field of the Halo record → how Halo names it. */
export const FIELD_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["jobtitle", "title"],
  ["position", "title"],
  ["email", "emailaddress"],
  ["mail", "emailaddress"],
  ["phone", "phonenumber"],
  ["telephone", "phonenumber"],
  ["mobile", "mobilenumber"],
  ["lastname", "surname"],
  ["familyname", "surname"],
  ["sn", "surname"],
  ["givenname", "firstname"],
  ["forename", "firstname"],
  ["displayname", "name"],
  ["site", "site_name"],
  ["office", "site_name"],
  ["location", "site_name"],
  ["client", "client_name"],
  ["customer", "client_name"],
  ["company", "client_name"],
  ["manager", "manager_email"],
  ["active", "inactive"],
]);

/** Names that mappings may, may not or probably meant to use: attributes of AD users, groups that AD protects, words people try. */
import { knownAttributes } from "../../providers/ad/values/attribute-table.ts";

/** Attributes a template may not write, lower case → where the value comes from instead, or why it is left alone. */
export const FORBIDDEN_ATTRIBUTES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    samaccountname: "it comes from people.login.is",
    "cn name": "it comes from accounts.first[].name",
    "ou distinguishedname": "the place comes from accounts.first[].ou",
    "memberof member primarygroupid": "members are written under groups",
    useraccountcontrol:
      "its flags are in accounts.first[].flags; whether an account is enabled follows from the person's record and safety.yaml",
    "unicodepwd userpassword dbcspwd ntpwdhistory lmpwdhistory supplementalcredentials": "passwords are never in a mapping",
    "pwdlastset lockouttime badpwdcount badpasswordtime lastlogon lastlogontimestamp logoncount": "AD keeps it itself",
    "objectguid objectsid sidhistory objectclass objectcategory instancetype samaccounttype admincount": "AD keeps it itself",
    "iscriticalsystemobject whencreated whenchanged usncreated usnchanged": "AD keeps it itself",
    "ntsecuritydescriptor serviceprincipalname altsecurityidentities": "it gives rights, which a template must not",
    "msds-allowedtodelegateto msds-allowedtoactonbehalfofotheridentity msds-keycredentiallink":
      "it gives rights, which a template must not",
    "thumbnailphoto jpegphoto usercertificate usersmimecertificate ms-ds-consistencyguid msexchmailboxguid": "it holds bytes, not text",
  }).flatMap(([names, why]) => names.split(" ").map((name): [string, string] => [name, why])),
);

/** Attributes whose value is another person's account. */
export const PERSON_ATTRIBUTES: readonly string[] = ["manager", "assistant", "secretary"];

/** Attributes of users that are usually written or matched by; others are right too, but not what is one slip away from one of these. */
export const USER_ATTRIBUTES: readonly string[] = knownAttributes
  .map(({ name }) => name)
  .filter((name) => !FORBIDDEN_ATTRIBUTES.has(name.toLowerCase()));

/** What may stand in `people.is.entra` and `people.is.halo`. */
export const MATCHABLE: { [system: string]: readonly string[] } = {
  entra: [
    ...["employeeId", "userPrincipalName", "mail", "mailNickname", "onPremisesSamAccountName", "onPremisesUserPrincipalName"],
    ...["onPremisesImmutableId", "onPremisesDistinguishedName"],
  ],
  // `id`: the agent whose number the record itself holds ({{ linked_agent_id }}), which is how Halo links a user and an agent.
  halo: ["id", "email", "name"],
};

/** Groups that hold accounts as their primary group: AD does not list such members, so no mapping can manage them. */
export const PRIMARY_GROUPS: readonly string[] = [
  ...["Domain Users", "Domain Computers", "Domain Guests", "Domain Controllers", "Read-only Domain Controllers"],
];

/** Groups that AD itself guards or whose members are administrators (providers/ad/values/tier-zero.ts has all, by SID), or that hang on a user's primary group: never touched by a mapping. */
export const GUARDED_GROUPS: readonly string[] = [
  ...["Account Operators", "Administrators", "Backup Operators", "Cert Publishers", "DnsAdmins", "Domain Admins", "Domain Controllers"],
  ...["Enterprise Admins", "Enterprise Key Admins", "Enterprise Read-only Domain Controllers", "Group Policy Creator Owners", "Key Admins"],
  ...["Print Operators", "Read-only Domain Controllers", "Replicator", "Schema Admins", "Server Operators"],
  ...["Domain Users", "Domain Computers", "Domain Guests"],
];

/** Words people try for a field of the Halo record → how Halo names it. */
export const FIELD_SYNONYMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    title: "jobtitle position",
    emailaddress: "email mail",
    phonenumber: "phone telephone",
    mobilenumber: "mobile",
    surname: "lastname familyname sn",
    firstname: "givenname forename",
    name: "displayname",
    site_name: "site office location",
    client_name: "client customer company",
    manager_email: "manager",
    inactive: "active",
  }).flatMap(([field, words]) => words.split(" ").map((word): [string, string] => [word, field])),
);

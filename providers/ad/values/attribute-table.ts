/**
 * The attributes that mappings of users commonly write, by AD's own schema: how values are written, how many there may be,
 * how long they may be. From Microsoft's AD schema reference (win32 docs, ADSchema, "Range-Upper" and "Is-Single-Valued" of
 * the newest Windows Server listed); Exchange's and Skype's from their schema extensions. Others are text unless the mapping
 * declares them (`syntax` in ad.yaml).
 *
 * A line: `name syntax [longest, in UTF-16 units] [*]`; `*` = several values. Pure data, read by the mapping checks too.
 */
export type Syntax = "text" | "integer" | "largeInteger" | "boolean" | "date" | "time" | "dn" | "octets" | "hours" | "computers";

/** What a mapping may declare for an attribute of the organisation's own schema. */
export const declarable = ["text", "integer", "largeInteger", "boolean", "date", "time", "dn", "octets"] as const;

export interface AttributeRule {
  /** As AD spells it. */
  name: string;
  syntax: Syntax;
  /** Most characters of a value; undefined = no limit of the schema's. */
  longest: number | undefined;
  single: boolean;
}

const table = `
cn text 64
ou text 64 *
sAMAccountName text 256
userPrincipalName text 1024
givenName text 64
sn text 64
initials text 6
middleName text 64
displayName text 256
displayNamePrintable text 256
personalTitle text 64
generationQualifier text 64
msDS-PhoneticFirstName text 64
msDS-PhoneticLastName text 64
msDS-PhoneticDisplayName text 256
msDS-PhoneticCompanyName text 64
msDS-PhoneticDepartment text 64
title text 128
department text 64
departmentNumber text *
division text 256
company text 64
o text 64 *
description text 1024
info text 1024
comment text
employeeID text 16
employeeNumber text 512
employeeType text 256
businessCategory text 128 *
carLicense text *
roomNumber text *
physicalDeliveryOfficeName text 128
manager dn
assistant dn
secretary dn *
seeAlso dn *
msExchAssistantName text 256
telephoneNumber text 64
otherTelephone text 64 *
homePhone text 64
otherHomePhone text 64 *
mobile text 64
otherMobile text 64 *
pager text 64
otherPager text 64 *
facsimileTelephoneNumber text 64
otherFacsimileTelephoneNumber text 64 *
ipPhone text
otherIpPhone text *
primaryTelexNumber text 64
primaryInternationalISDNNumber text 64
mail text 256
otherMailbox text *
proxyAddresses text 1123 *
mailNickname text 64
targetAddress text 1123
textEncodedORAddress text 1024
wWWHomePage text 2048
url text *
labeledURI text *
streetAddress text 1024
street text 1024
postOfficeBox text 40 *
l text 128
st text 128
postalCode text 40
c text 3
co text 128
countryCode integer
postalAddress text 4096 *
homePostalAddress text 4096
preferredLanguage text
homeDirectory text
homeDrive text
profilePath text
scriptPath text
userWorkstations computers 1024
logonHours hours
accountExpires date
codePage integer
showInAdvancedViewOnly boolean
msNPAllowDialin boolean
msTSAllowLogon boolean
msTSHomeDirectory text 32767
msTSHomeDrive text 32767
msTSProfilePath text 32767
msTSInitialProgram text 32767
msTSWorkDirectory text 32767
msTSMaxIdleTime integer
msTSMaxConnectionTime integer
msTSMaxDisconnectionTime integer
msDS-PrimaryComputer dn *
msDS-SupportedEncryptionTypes integer
uid text 256 *
uidNumber integer
gidNumber integer
loginShell text 1024
unixHomeDirectory text 2048
gecos text 10240
msSFU30Name text
msSFU30NisDomain text
mS-DS-ConsistencyGuid octets
audio octets *
userSMIMECertificate octets *
userCertificate octets *
userPKCS12 octets *
msExchHideFromAddressLists boolean
msExchUsageLocation text 2
msExchRecipientTypeDetails largeInteger
msExchRemoteRecipientType largeInteger
msExchRecipientDisplayType integer
altRecipient dn
deliverAndRedirect boolean
msRTCSIP-UserEnabled boolean
msRTCSIP-PrimaryUserAddress text 512
msRTCSIP-PrimaryHomeServer dn
msRTCSIP-DeploymentLocator text 512
msRTCSIP-Line text
msRTCSIP-LineServer text
msRTCSIP-OptionFlags integer
msRTCSIP-FederationEnabled boolean
msRTCSIP-InternetAccessEnabled boolean
msRTCSIP-ArchivingEnabled integer
msRTCSIP-UserPolicies text *
`;

const numbered = [
  ...Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1} text ${index < 10 ? 1024 : 2048}`),
  ...Array.from({ length: 5 }, (_, index) => `msExchExtensionCustomAttribute${index + 1} text 448 *`),
  ...Array.from({ length: 20 }, (_, index) => `msDS-cloudExtensionAttribute${index + 1} text`),
];

const rules = new Map<string, AttributeRule>();
for (const line of [...table.trim().split("\n"), ...numbered]) {
  const [name = "", syntax, ...more] = line.split(" ");
  const longest = more.find((word) => /^\d+$/u.test(word));
  rules.set(name.toLowerCase(), {
    name,
    syntax: syntax as Syntax,
    longest: longest === undefined ? undefined : Number(longest),
    single: !more.includes("*"),
  });
}

/** All rules of the table. */
export const knownAttributes: readonly AttributeRule[] = [...rules.values()];

/** The rule of an attribute, whatever its case; undefined for one the table does not know. */
export function ruleOf(name: string): AttributeRule | undefined {
  return rules.get(name.toLowerCase());
}

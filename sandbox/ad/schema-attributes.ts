/**
 * The attributes of a domain's schema (Windows Server with Exchange and Skype for Business extensions), as a table: `name syntax [range] [flags]`.
 * Ranges and single/multi as in Microsoft's AD schema reference (rangeUpper, in characters; bytes for octets).
 * Flags: `*` several values, `s` only the system writes it, `c` computed and only given when asked for, `<attr` back link of attr.
 */
export const attributeTable = `
objectClass oid * s
objectCategory dn
objectGUID octet s
objectSid sid s
sIDHistory sid * s
distinguishedName dn s
name text 255
cn text 64
ou text 64 *
dc text 64
o text 64 *
instanceType int s
whenCreated time s
whenChanged time s
uSNCreated int64 s
uSNChanged int64 s
sAMAccountType int s
sAMAccountName text 256
userPrincipalName text 1024
userAccountControl int
unicodePwd octet
pwdLastSet int64
lockoutTime int64
accountExpires int64
lastLogon int64 s
lastLogoff int64 s
lastLogonTimestamp int64 s
logonCount int s
badPwdCount int s
badPasswordTime int64 s
primaryGroupID int
adminCount int
isCriticalSystemObject bool s
isDeleted bool s
isRecycled bool s
lastKnownParent text s
systemFlags int s
showInAdvancedViewOnly bool
codePage int
memberOf dn * s <member
member dn *
managedObjects dn * s <managedBy
managedBy dn
directReports dn * s <manager
manager dn
assistant dn
secretary dn *
seeAlso dn *
groupType int
givenName text 64
sn text 64
initials text 6
middleName text 64
displayName text 256
displayNamePrintable text 256
personalTitle text 64
generationQualifier text 64
description text 1024 *
title text 128
department text 64
departmentNumber text *
company text 64
division text 256
physicalDeliveryOfficeName text 128
roomNumber text *
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
streetAddress text 1024
street text 1024 *
postOfficeBox text 40 *
l text 128
st text 128
postalCode text 40
postalAddress text 4096 *
homePostalAddress text 4096
c text 3
co text 128
countryCode int
preferredLanguage text
mail text 256
otherMailbox text *
proxyAddresses text 1123 *
mailNickname text 64
targetAddress text 1123
legacyExchangeDN text
textEncodedORAddress text 1024
wWWHomePage text 2048
url text *
info text 1024
comment text
employeeID text 16
employeeNumber text 512
employeeType text 256
adminDescription text 256
adminDisplayName text 256
homeDirectory text
homeDrive text
scriptPath text
profilePath text
userWorkstations text 1024
userParameters text 32767
logonHours octet
servicePrincipalName text *
altSecurityIdentities text *
thumbnailPhoto octet 102400
thumbnailLogo octet 32767
jpegPhoto octet *
userCertificate octet *
uid text 256 *
uidNumber int
gidNumber int
loginShell text 1024
unixHomeDirectory text 2048
gecos text 10240
memberUid text 256000 *
carLicense text *
houseIdentifier text 32768 *
mS-DS-ConsistencyGuid octet
msDS-PhoneticDisplayName text 256
msDS-PhoneticFirstName text 64
msDS-PhoneticLastName text 64
msDS-SupportedEncryptionTypes int
msDS-AllowedToDelegateTo text *
msRTCSIP-UserEnabled bool
msRTCSIP-PrimaryUserAddress text 512
msRTCSIP-Line text
msRTCSIP-OptionFlags int
msRTCSIP-FederationEnabled bool
msRTCSIP-InternetAccessEnabled bool
msRTCSIP-DeploymentLocator text 512
msExchHideFromAddressLists bool
msExchRecipientTypeDetails int64
msExchRemoteRecipientType int64
msExchUsageLocation text 2
dNSHostName text 2048
operatingSystem text
location text 1024
gPLink text
gPOptions int
minPwdLength int
pwdProperties int
maxPwdAge int64
pwdHistoryLength int
lockoutThreshold int
dSCorePropagationData time * s
nTSecurityDescriptor octet s c
canonicalName text s c
createTimeStamp time s c
modifyTimeStamp time s c
primaryGroupToken int s c
structuralObjectClass oid * s c
tokenGroups sid * s c
msDS-User-Account-Control-Computed int s c
allowedAttributes oid * s c
allowedAttributesEffective oid * s c
allowedChildClasses oid * s c
allowedChildClassesEffective oid * s c
`;

/** Numbered families: `extensionAttribute1` … of Exchange and the cloud copies of Windows 10's schema. */
export const numberedAttributes = [
  ...Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1} text ${index < 10 ? 1024 : 2048}`),
  ...Array.from({ length: 20 }, (_, index) => `msDS-cloudExtensionAttribute${index + 1} text`),
];

const everything =
  "objectClass objectCategory objectGUID distinguishedName name cn instanceType whenCreated whenChanged uSNCreated uSNChanged description displayName " +
  "adminDescription adminDisplayName showInAdvancedViewOnly isCriticalSystemObject systemFlags memberOf managedObjects directReports wWWHomePage url " +
  "dSCorePropagationData nTSecurityDescriptor canonicalName createTimeStamp modifyTimeStamp structuralObjectClass mS-DS-ConsistencyGuid " +
  "allowedAttributes allowedAttributesEffective allowedChildClasses allowedChildClassesEffective";

const principal = "objectSid sIDHistory sAMAccountName sAMAccountType adminCount tokenGroups altSecurityIdentities servicePrincipalName";

const extensions = Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`).join(" ");
const mailbox =
  `mail mailNickname proxyAddresses targetAddress legacyExchangeDN textEncodedORAddress info telephoneNumber ${extensions} ` +
  "msExchHideFromAddressLists msExchRecipientTypeDetails msExchUsageLocation userCertificate";

const postal =
  "street l st postalCode postOfficeBox postalAddress c co countryCode physicalDeliveryOfficeName telephoneNumber facsimileTelephoneNumber seeAlso";

const human =
  `${postal} ${mailbox} sn givenName initials middleName displayNamePrintable personalTitle generationQualifier title department departmentNumber company ` +
  "division roomNumber otherTelephone homePhone otherHomePhone mobile otherMobile pager otherPager otherFacsimileTelephoneNumber ipPhone otherIpPhone " +
  "streetAddress homePostalAddress preferredLanguage otherMailbox comment employeeID employeeNumber employeeType manager assistant secretary o ou " +
  "thumbnailPhoto thumbnailLogo jpegPhoto uid carLicense houseIdentifier msDS-PhoneticDisplayName msDS-PhoneticFirstName msDS-PhoneticLastName " +
  "msExchRemoteRecipientType " +
  Array.from({ length: 20 }, (_, index) => `msDS-cloudExtensionAttribute${index + 1}`).join(" ") +
  " msRTCSIP-UserEnabled msRTCSIP-PrimaryUserAddress msRTCSIP-Line msRTCSIP-OptionFlags msRTCSIP-FederationEnabled msRTCSIP-InternetAccessEnabled " +
  "msRTCSIP-DeploymentLocator";

const account =
  `${human} ${principal} userPrincipalName userAccountControl unicodePwd pwdLastSet lockoutTime accountExpires lastLogon lastLogoff lastLogonTimestamp ` +
  "logonCount badPwdCount badPasswordTime primaryGroupID codePage homeDirectory homeDrive scriptPath profilePath userWorkstations userParameters logonHours " +
  "uidNumber gidNumber loginShell unixHomeDirectory gecos msDS-SupportedEncryptionTypes msDS-AllowedToDelegateTo msDS-User-Account-Control-Computed";

/** A structural class: its chain (top first), what its names begin with, where it may live, what it may hold. */
export interface ClassRow {
  chain: string;
  rdn: string;
  /** cn of its classSchema object: the value of objectCategory. */
  category: string;
  parents: string;
  may: string;
}

const places = "organizationalUnit container builtinDomain domainDNS";

/** The classes that can be created or are there from the start. */
export const classTable: Record<string, ClassRow> = {
  domainDNS: {
    chain: "top domain domainDNS",
    rdn: "dc",
    category: "Domain-DNS",
    parents: "",
    may: `${everything} dc objectSid managedBy gPLink gPOptions minPwdLength pwdProperties maxPwdAge pwdHistoryLength lockoutThreshold`,
  },
  builtinDomain: {
    chain: "top builtinDomain",
    rdn: "cn",
    category: "Builtin-Domain",
    parents: "domainDNS",
    may: `${everything} objectSid`,
  },
  foreignSecurityPrincipal: {
    chain: "top foreignSecurityPrincipal",
    rdn: "cn",
    category: "Foreign-Security-Principal",
    parents: "container organizationalUnit",
    may: `${everything} objectSid`,
  },
  container: { chain: "top container", rdn: "cn", category: "Container", parents: places, may: everything },
  organizationalUnit: {
    chain: "top organizationalUnit",
    rdn: "ou",
    category: "Organizational-Unit",
    parents: "organizationalUnit domainDNS",
    may: `${everything} ou managedBy gPLink gPOptions ${postal}`,
  },
  group: {
    chain: "top group",
    rdn: "cn",
    category: "Group",
    parents: places,
    may: `${everything} ${principal} ${mailbox} member groupType managedBy primaryGroupToken gidNumber memberUid msRTCSIP-UserEnabled`,
  },
  user: { chain: "top person organizationalPerson user", rdn: "cn", category: "Person", parents: places, may: `${everything} ${account}` },
  inetOrgPerson: {
    chain: "top person organizationalPerson user inetOrgPerson",
    rdn: "cn",
    category: "Person",
    parents: places,
    may: `${everything} ${account}`,
  },
  contact: {
    chain: "top person organizationalPerson contact",
    rdn: "cn",
    category: "Person",
    parents: places,
    may: `${everything} ${human}`,
  },
  computer: {
    chain: "top person organizationalPerson user computer",
    rdn: "cn",
    category: "Computer",
    parents: places,
    may: `${everything} ${account} managedBy dNSHostName operatingSystem location`,
  },
  "msDS-GroupManagedServiceAccount": {
    chain: "top person organizationalPerson user computer msDS-GroupManagedServiceAccount",
    rdn: "cn",
    category: "ms-DS-Group-Managed-Service-Account",
    parents: places,
    may: `${everything} ${account} managedBy dNSHostName`,
  },
};

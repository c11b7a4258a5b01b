/** The entry with the empty name: what this server is and can do. It is readable before a bind. */
import type { OutAttribute } from "./ber/responses.ts";
import type { Directory } from "./directory.ts";
import { generalizedTime } from "./identity.ts";

/** OIDs of controls that have an effect here. */
export const controlOids = {
  paging: "1.2.840.113556.1.4.319",
  permissiveModify: "1.2.840.113556.1.4.1413",
  showDeleted: "1.2.840.113556.1.4.417",
  showRecycled: "1.2.840.113556.1.4.2064",
  treeDelete: "1.2.840.113556.1.4.805",
  domainScope: "1.2.840.113556.1.4.1339",
  sdFlags: "1.2.840.113556.1.4.801",
  extendedDn: "1.2.840.113556.1.4.529",
  dirSync: "1.2.840.113556.1.4.841",
} as const;

/** Controls that may be sent as critical. */
export const supportedControls: string[] = [
  controlOids.paging,
  controlOids.permissiveModify,
  controlOids.showDeleted,
  controlOids.showRecycled,
  controlOids.domainScope,
  controlOids.sdFlags,
  controlOids.dirSync,
];

/** OID of "Who am I?" (RFC 4532). */
export const whoAmI = "1.3.6.1.4.1.4203.1.11.3";

/** Answers a base search for "". Named attributes only, or all of them. */
export function rootDse(directory: Directory, attributes: readonly string[]): OutAttribute[] {
  const base = directory.base.dn;
  const host = `dc1.${directory.domainName}`;
  const all: Record<string, string[]> = {
    currentTime: [generalizedTime(directory.now())],
    subschemaSubentry: [`CN=Aggregate,CN=Schema,CN=Configuration,${base}`],
    dsServiceName: [`CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,${base}`],
    namingContexts: [base, `CN=Configuration,${base}`, `CN=Schema,CN=Configuration,${base}`],
    defaultNamingContext: [base],
    schemaNamingContext: [`CN=Schema,CN=Configuration,${base}`],
    configurationNamingContext: [`CN=Configuration,${base}`],
    rootDomainNamingContext: [base],
    supportedControl: supportedControls,
    supportedLDAPVersion: ["3", "2"],
    supportedLDAPPolicies: ["MaxPageSize", "MaxValRange", "MaxResultSetsPerConn"],
    supportedExtension: [whoAmI],
    supportedSASLMechanisms: ["GSSAPI", "GSS-SPNEGO", "EXTERNAL", "DIGEST-MD5"],
    highestCommittedUSN: [String(directory.usn)],
    dnsHostName: [host],
    ldapServiceName: [`${directory.domainName}:dc1$@${directory.domainName.toUpperCase()}`],
    serverName: [`CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,${base}`],
    supportedCapabilities: [
      "1.2.840.113556.1.4.800",
      "1.2.840.113556.1.4.1670",
      "1.2.840.113556.1.4.1791",
      "1.2.840.113556.1.4.1935",
      "1.2.840.113556.1.4.2080",
    ],
    isSynchronized: ["TRUE"],
    isGlobalCatalogReady: ["TRUE"],
    domainFunctionality: ["7"],
    forestFunctionality: ["7"],
    domainControllerFunctionality: ["7"],
  };
  const wished = new Set(attributes.map((name) => name.toLowerCase()));
  const everything = wished.size === 0 || wished.has("*") || wished.has("+");
  return Object.entries(all)
    .filter(([name]) => everything || wished.has(name.toLowerCase()))
    .map(([name, values]) => ({ name, values }));
}

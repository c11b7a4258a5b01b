/**
 * Groups whose members have, or can give themselves, the domain: whoever is in one, through however many others, is an
 * administrator, whatever adminCount says (SDProp sets that hourly, and not for all of these). Pure.
 *
 * Sources, all Microsoft's: the accounts and groups that AdminSDHolder protects ("Appendix C: Protected Accounts and Groups in
 * Active Directory") and their well-known SIDs ("Active Directory security groups"; MS-DTYP 2.4.2.4); DnsAdmins and its like from
 * the same list; Exchange's from "What changes in Active Directory when Exchange is installed?".
 */
import { fold } from "../../../base/text.ts";
import { parentOf, parseDn } from "./dn.ts";
import { ridOf } from "./guid.ts";

/** Groups in CN=Builtin, the same in every domain: `S-1-5-32-` and this. */
const builtin: ReadonlySet<number> = new Set([
  544, // Administrators
  548, // Account Operators
  549, // Server Operators
  550, // Print Operators
  551, // Backup Operators
  552, // Replicator
  557, // Incoming Forest Trust Builders
  569, // Cryptographic Operators
]);

/** Groups of a domain: the domain's SID and this. */
const domain: ReadonlySet<number> = new Set([
  498, // Enterprise Read-only Domain Controllers
  512, // Domain Admins
  516, // Domain Controllers
  517, // Cert Publishers
  518, // Schema Admins
  519, // Enterprise Admins
  520, // Group Policy Creator Owners
  521, // Read-only Domain Controllers
  526, // Key Admins
  527, // Enterprise Key Admins
]);

/** The RID of DnsAdmins is not fixed: it is a domain-local group, made under this name when DNS is installed on a domain controller. */
const dns = "DnsAdmins";

/** Exchange's groups that have rights over the whole forest, in the unit that its setup makes; those called "Exchange …" wherever they are. */
const exchangeUnit = "Microsoft Exchange Security Groups";
const exchange = [
  ...["Exchange Trusted Subsystem", "Exchange Windows Permissions", "Exchange Servers", "Exchange Organization Administrators"],
  "Organization Management",
].map(fold);

/** What tells a group. `scope` as in ad:Group. */
interface GroupFacts {
  dn: string;
  sid: string | undefined;
  name: string;
  scope: string;
}

/** Whether Active Directory (or Exchange, or DNS) gives the rights of its administrators to whoever is in this group. */
export function isTierZero({ dn, sid, name, scope }: GroupFacts): boolean {
  if (sid?.startsWith("S-1-5-32-") === true) return builtin.has(ridOf(sid));
  if (sid?.startsWith("S-1-5-21-") === true && domain.has(ridOf(sid))) return true;
  if (scope === "domainLocal") return fold(name) === fold(dns);
  return scope === "universal" && exchange.includes(fold(name)) && (/^exchange /iu.test(name) || unitOf(dn) === fold(exchangeUnit));
}

/** The name of the unit that an object lies in. */
function unitOf(dn: string): string {
  try {
    return fold(parseDn(parentOf(dn))[0]?.[0].value ?? "");
  } catch {
    return "";
  }
}

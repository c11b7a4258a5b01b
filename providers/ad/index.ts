/** Active Directory: its resource types and its client. */
export { type AdClient, connect, type Entry } from "./client.ts";
export { computer } from "./computer.ts";
export { contact } from "./contact.ts";
export { canonicalDn, child, escapeValue, isDn, isWithin, nameOf, parentOf, sameDn } from "./dn.ts";
export { group } from "./group.ts";
export { organizationalUnit } from "./organizational-unit.ts";
export { refresh } from "./reads.ts";
export { client } from "./shared.ts";
export { user } from "./user.ts";

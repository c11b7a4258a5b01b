/** Active Directory: its resource types and its client. */

export { computer } from "./computer.ts";
export { contact } from "./contact.ts";
export { group } from "./group/group.ts";
export { organizationalUnit } from "./organizational-unit.ts";
export { refresh } from "./reads.ts";
export { user } from "./user/user.ts";
export { canonicalDn, child, escapeValue, isDn, isWithin, nameOf, parentOf, sameDn } from "./values/dn.ts";
export { type AdClient, connect, type Entry } from "./wire/client.ts";
export { client } from "./wire/shared.ts";

/** What is read beside the lists of the resource types, and types that are spoken of in several rooms. */

/** Devices of Intune and of Entra ID, with conditions and assets. */
export const deviceType = "entra:Device";
/** What the tenant owns. */
export const skuType = "entra:Sku";
/** Halo's own connections to Entra ID; values are those of the connection. */
export const connectionType = "halo:EntraConnection";

/** Who holds a role of Entra ID, or may take one up; one without an id says that this may not be read. */
export const holderType = "entra:RoleHolder";

/** What in AD is no user, group or unit and has a name or an address that nobody else may have; read where new names are given. */
export const elsewhereType = "ad:Elsewhere";

/** Mail contacts of Exchange Online, read for the same. */
export const mailContactType = "entra:Contact";
/** Accounts that Entra ID can still bring back: among its accounts where those are managed, else read for their names. */
export const deletedType = "entra:Deleted";

/** Read later, for those who need them (stacks/read/entra.ts). */
export const mailboxType = "entra:Mailbox";
export const repliesType = "entra:AutomaticReplies";

/** msRTCSIP-UserEnabled: whether Skype for Business (Lync) serves an AD account. */
export const lyncAttribute = "msRTCSIP-UserEnabled";

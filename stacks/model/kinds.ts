/** What is read beside the lists of the resource types, and types that are spoken of in several rooms. */

/** Devices of Intune and of Entra ID, with conditions and assets. */
export const deviceType = "entra:Device";
/** What the tenant owns. */
export const skuType = "entra:Sku";
/** Halo's own connections to Entra ID; values are those of the connection. */
export const connectionType = "halo:EntraConnection";

/** What in AD is no user, group or unit and has a name or an address that nobody else may have; read where new names are given. */
export const elsewhereType = "ad:Elsewhere";

/** Read later, for those who need them (stacks/read/entra.ts). */
export const mailboxType = "entra:Mailbox";
export const repliesType = "entra:AutomaticReplies";

/** msRTCSIP-UserEnabled: whether Skype for Business (Lync) serves an AD account. */
export const lyncAttribute = "msRTCSIP-UserEnabled";

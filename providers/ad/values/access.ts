/**
 * Attributes and flags of accounts by which somebody gets in or is kept out (Microsoft's AD schema reference and the support
 * article on userAccountControl). Names, telephone numbers and the like are not here: nobody's access hangs on them by themselves.
 */
import { both, byName, entries, filledIn, whenTrue } from "../../core/access.ts";

export const attributeAccess = byName({
  accountExpires: both,
  logonHours: both,
  userWorkstations: both,
  // Programs and folders that come with a login.
  scriptPath: both,
  profilePath: both,
  homeDirectory: both,
  msTSInitialProgram: both,
  msTSProfilePath: both,
  msTSHomeDirectory: both,
  msTSAllowLogon: whenTrue(),
  msNPAllowDialin: whenTrue(),
  // Who one is elsewhere: in Entra ID, on Unix, by certificate.
  "mS-DS-ConsistencyGuid": both,
  uid: both,
  uidNumber: both,
  gidNumber: both,
  msSFU30Name: both,
  loginShell: both,
  userCertificate: entries(),
  userSMIMECertificate: entries(),
  userPKCS12: entries(),
  // Whose mail one gets, and who else gets one's own.
  mail: both,
  mailNickname: both,
  proxyAddresses: entries(),
  targetAddress: both,
  altRecipient: filledIn,
  deliverAndRedirect: both,
  // Skype for Business.
  "msRTCSIP-UserEnabled": whenTrue(),
  "msRTCSIP-FederationEnabled": whenTrue(),
  "msRTCSIP-InternetAccessEnabled": whenTrue(),
  "msRTCSIP-PrimaryUserAddress": both,
  "msRTCSIP-UserPolicies": both,
});

export const flagAccess = byName({
  smartcardRequired: both,
  cannotBeDelegated: both,
  desKeysOnly: both,
  passwordNeverExpires: whenTrue(),
  passwordNotRequired: whenTrue(),
  reversibleEncryption: whenTrue(),
  preauthNotRequired: whenTrue(),
  trustedForDelegation: whenTrue(),
  trustedToAuthForDelegation: whenTrue(),
});

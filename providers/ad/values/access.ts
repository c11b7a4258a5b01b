/**
 * Attributes and flags of accounts by which somebody gets in or is kept out (Microsoft's AD schema reference and the support
 * article on userAccountControl). Names, telephone numbers and the like are not here: nobody's access hangs on them by themselves.
 */
import type { Json } from "../../../base/json.ts";
import { both, byLevel, byName, filledIn, severalIn, whenTrue } from "../../core/access.ts";

/** Something of how somebody gets in, whose gain is in no limit. */
const wayIn = { takes: "lockedOut" } as const;
/** Power over others or less to prove who one is. */
const power = { takes: "lockedOut", gives: "privileged" } as const;
const mail = { takes: "mailboxes" } as const;

/** An earlier end takes, a later one gives. */
const expires = byLevel((value) => {
  const [text] = Array.isArray(value) ? value : [value];
  return text === undefined || text === null || text === "" || text === "never"
    ? Number.POSITIVE_INFINITY
    : Date.parse(text as Json & string);
}, wayIn);

export const attributeAccess = byName({
  accountExpires: expires,
  logonHours: both("lockedOut"),
  userWorkstations: both("lockedOut"),
  // Programs and folders that come with a login.
  scriptPath: filledIn(wayIn),
  profilePath: filledIn(wayIn),
  homeDirectory: filledIn(wayIn),
  msTSInitialProgram: filledIn(wayIn),
  msTSProfilePath: filledIn(wayIn),
  msTSHomeDirectory: filledIn(wayIn),
  msTSAllowLogon: whenTrue("lockedOut"),
  msNPAllowDialin: whenTrue("lockedOut"),
  // Who one is elsewhere: in Entra ID, on Unix, by certificate.
  "mS-DS-ConsistencyGuid": both("lockedOut"),
  uid: filledIn(wayIn),
  uidNumber: filledIn(wayIn),
  gidNumber: filledIn(wayIn),
  msSFU30Name: filledIn(wayIn),
  loginShell: filledIn(wayIn),
  userCertificate: severalIn(wayIn),
  userSMIMECertificate: severalIn(wayIn),
  userPKCS12: severalIn(wayIn),
  // Whose mail one gets, and who else gets one's own.
  mail: filledIn(mail),
  mailNickname: filledIn(mail),
  proxyAddresses: severalIn(mail),
  targetAddress: both("mailboxes"),
  altRecipient: both("mailboxes"),
  deliverAndRedirect: both("mailboxes"),
  // Skype for Business.
  "msRTCSIP-UserEnabled": whenTrue("lockedOut"),
  "msRTCSIP-FederationEnabled": whenTrue("lockedOut"),
  "msRTCSIP-InternetAccessEnabled": whenTrue("lockedOut"),
  "msRTCSIP-PrimaryUserAddress": filledIn(wayIn),
  "msRTCSIP-UserPolicies": filledIn(wayIn),
});

export const flagAccess = byName({
  smartcardRequired: both("lockedOut"),
  cannotBeDelegated: both("lockedOut"),
  desKeysOnly: both("lockedOut"),
  passwordNeverExpires: whenTrue(wayIn),
  passwordNotRequired: whenTrue(power),
  reversibleEncryption: whenTrue(power),
  preauthNotRequired: whenTrue(power),
  trustedForDelegation: whenTrue(power),
  trustedToAuthForDelegation: whenTrue(power),
});

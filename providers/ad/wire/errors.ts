/**
 * What Active Directory says, in words. The result code tells the kind, the eight hexadecimal digits in front of the
 * text tell the cause (`00002071: UpdErr: DSID-…, problem 6005 (ENTRY_EXISTS), data 0`), and for binds `data 52e`.
 * Sources: Win32 system error codes 8200–8999, MS-ADTS, RFC 4511.
 */
import { ResultCodeError } from "ldapts";
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../../base/errors.ts";

interface Meaning {
  cause: string;
  /** What to do. */
  advice: string;
}

/** What to do about several of them. */
const ownSchema = "check the attribute's name in mappings/ad.yaml; Exchange and Skype attributes need their schema";
const attributeName = "check the attribute's name in mappings/ad.yaml";
const unit = "look at the organizational unit in mappings/ad.yaml";
const delegate = "delegate this task to it on the organizational unit";
const otherAccount = "find the other account and change one of them";
const gone = "it, or the organizational unit it should be in, was removed or renamed; the next plan will see that";
const mistake = "report this as a mistake of haloform";
const nextPlan = "the next plan will see that";

/** A line: codes that mean the same, the cause, what to do. */
function table(rows: readonly (readonly [codes: string, cause: string, advice: string])[]): { readonly [code: string]: Meaning } {
  return Object.fromEntries(rows.flatMap(([codes, cause, advice]) => codes.split(" ").map((code) => [code, { cause, advice }])));
}

/** Bind sub-codes (`data 52e`). */
export const binds = table([
  ["525", "there is no such account", "check `bind` in the ad settings (a distinguishedName or userPrincipalName)"],
  ["52e", "the account or the password is wrong", "check `bind` in the ad settings and AD_BIND_PASSWORD"],
  ["52f", "account restrictions forbid it", "check the account's restrictions (blank password, authentication policy, Protected Users)"],
  ["530", "the account may not log on at this hour", "widen the account's logon hours"],
  ["531", "the account may not log on at this workstation", "widen the account's `userWorkstations`"],
  [
    "532",
    "the account's password has expired",
    "set a new password and put it into AD_BIND_PASSWORD; a service account's should not expire",
  ],
  ["533", "the account is disabled", "enable it in Active Directory"],
  ["701", "the account has expired", "extend `accountExpires` in Active Directory"],
  ["773", "the account must change its password first", "set a password without `User must change password at next logon`"],
  ["775", "the account is locked out", "find what tried wrong passwords, then unlock it"],
]);

/** By AD's eight hexadecimal digits, and by LDAP result code where the text says no more (Samba, and AD in places). */
export const meanings = table([
  [
    "00002071 68",
    "an object with this name exists already",
    "rename or adopt the other one: it has the name in this place, the login, or a userPrincipalName or login that implies it (login@domain)",
  ],
  ["00000524", "the login name (sAMAccountName) is taken", "choose another, or make the existing account match"],
  ["00000526", "the group's name (sAMAccountName) is taken", "choose another, or make the existing group match"],
  ["00002030 32", "there is no such object", gone],
  ["0000208D", "the parent does not exist", "create the organizational unit first"],
  ["0000208F 34", "the name is not a valid distinguishedName", unit],
  ["00002073", "the name does not fit the class of the object", "look at the name and the organizational unit in mappings/ad.yaml"],
  ["00002099", "objects of this class may not be in this place", unit],
  ["0000202B 10", "the name belongs to another domain", "check `base` and the names in the mapping"],
  [
    "00002098",
    "haloform's account has not enough rights",
    "delegate this task to it on the organizational unit (protected accounts and objects protected from accidental deletion refuse as well)",
  ],
  ["00000005 50", "haloform's account has not enough rights", delegate],
  ["00002095", "the object is protected from this change", "manage it by hand"],
  ["00000525", "there is no such account", "it was removed or renamed; the next plan will see that"],
  [
    "00000523",
    "the login name has characters or a length that AD does not take",
    'at most 20 characters, none of " / \\ [ ] : ; | = , + * ? < > @',
  ],
  ["0000055D", "the object belongs to the system", "manage it by hand"],
  ["00000056", "the old password is not right", "reset the password instead of changing it"],
  ["00002024", "an administrative limit of the directory was exceeded", "try again, or raise the LDAP policy"],
  ["00002023 4", "more entries than the directory gives at once", "report this as a mistake of haloform: it reads by pages"],
  ["0000203D", "the directory does not take this position among its changes", "a full read is made instead"],
  ["000020C6", "an organizational unit cannot be moved into itself", unit],
  [
    "000020B5",
    "it refers to an object that does not exist",
    "the manager or member named was removed or renamed; the next plan will see that",
  ],
  ["00002035 53", "the directory is unwilling to do this", "look at the object in Active Directory Users and Computers"],
  [
    "0000202F",
    "a value breaks a rule of the schema",
    "look at the value's length and characters, or for another object that has it already: a userPrincipalName, or a login that implies it (login@domain)",
  ],
  ["00002082", "a value is too long, too short or out of range", "shorten it in the source or in the mapping"],
  ["00002083 0000200D 20", "the value is there already", nextPlan],
  ["00000562", "it is a member already", nextPlan],
  ["00000561", "it is not a member", nextPlan],
  ["0000200A 16", "there is no such attribute or value", attributeName],
  ["00000057", "a parameter is wrong, often an attribute this schema does not have", ownSchema],
  [
    "0000052D",
    "the password does not meet the domain's password policy",
    "check length and complexity rules, and fine-grained password policies",
  ],
  ["0000001F", "the password was not accepted over this connection", "use an ldaps:// address"],
  ["000021C8", "the userPrincipalName is in use elsewhere in the forest", otherAccount],
  ["000021C7", "the servicePrincipalName is in use elsewhere in the forest", otherAccount],
  ["00002016", "the name itself cannot be changed by a modify", mistake],
  ["0000207B", "the class of the object is missing or wrong", mistake],
  ["0000207D", "an attribute does not belong to this class of object", ownSchema],
  ["00002015 0000208C 66", "it has objects below it", "move or remove them first"],
  ["00002014", "an attribute does not belong to this class of object", attributeName],
  ["000020B1", "the attribute belongs to the system", "take it out of mappings/ad.yaml"],
  ["00002077", "the attribute may not be changed like this", "take it out of mappings/ad.yaml"],
  ["00002081", "several values for an attribute that takes one", "give one value in mappings/ad.yaml"],
  ["0000209A", "only the system may change this attribute", "take it out of mappings/ad.yaml"],
  ["00002141", "this change of the group's scope is not possible", "look at the groups it is a member of and its members"],
  ["00002142", "a global group cannot have this member", "make the group universal, or leave the member out"],
  ["1", "an operations error", "look at the directory's own log"],
  ["8", "the directory wants stronger authentication", "use an ldaps:// address"],
  ["2", "the request was not understood", "look at the directory's own log"],
  ["7", "the directory does not take this kind of login", "allow simple binds over TLS"],
  ["12", "the directory does not offer this here, or not to this account", "look at the directory's version and at the account's rights"],
  ["13", "the directory wants an encrypted connection", "use an ldaps:// address"],
  ["18", "the attribute cannot be searched like this", attributeName],
  ["48", "the account cannot log in like this", "allow simple binds over TLS"],
  ["11", "a limit of the directory was exceeded", "try again, or raise the LDAP policy"],
  ["17", "this schema has no such attribute", ownSchema],
  ["19", "a value breaks a rule of the schema", "look at the value's length and characters"],
  ["21", "a value is not of the attribute's syntax", "look at the value in mappings/ad.yaml"],
  ["64", "an object of this class may not have this name or place", unit],
  ["65", "an attribute does not belong to this class of object, or a required one is missing", "check the attributes in mappings/ad.yaml"],
  ["67", "the name itself cannot be changed like this", mistake],
  ["69", "the class of an object cannot be changed like this", mistake],
  ["71", "the move would cross into another domain", "check the organizational unit in mappings/ad.yaml"],
  ["80", "the directory reports another error", "look at the place the object should be in, and at the directory's own log"],
]);

/** AD refused one operation. `result` is the LDAP result code, `hex` AD's own code where it gave one. */
export class AdRefusedError extends RefusedError {
  readonly result: number;
  readonly hex: string | undefined;
  constructor(message: string, result: number, hex: string | undefined, options?: ErrorOptions) {
    super(message, hex ?? String(result), options);
    this.result = result;
    this.hex = hex;
  }
}

/** The domain controller cannot answer now: time limit, busy, unavailable. */
const transient = new Set([3, 51, 52]);

/** `00002071` of AD's text, in capitals. */
export function hexOf(message: string): string | undefined {
  return /^([0-9a-f]{8}):/iu.exec(message)?.[1]?.toUpperCase();
}

/** The typed, one-line error for a failed operation. `verb` and `object` as in "create", "CN=Ada,OU=…". */
export function adError(verb: string, object: string, error: unknown): Error {
  if (error instanceof RefusedError || error instanceof UnreachableError || error instanceof ConfigurationError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ResultCodeError)) {
    return new UnreachableError(
      oneLine(
        `Could not ${verb} ${object}: the connection to Active Directory failed (${message}); what was sent may or may not have been done, the next run will see.`,
      ),
      { cause: error },
    );
  }
  if (transient.has(error.code)) {
    return new UnreachableError(
      oneLine(`Could not ${verb} ${object}: the domain controller is busy or stopping (LDAP ${error.code}); try again later.`),
      { cause: error },
    );
  }
  const hex = hexOf(message);
  // Two codes name the very cause where AD reports a general one: an existing login name and a UPN in use.
  const known = meanings[hex ?? ""] ?? meanings[error.code];
  const text = worded(known, `LDAP ${error.code}${hex === undefined ? "" : `, ${hex}`}`, message);
  return new AdRefusedError(`Could not ${verb} ${object}: ${text}.`, error.code, hex, { cause: error });
}

function worded(known: Meaning | undefined, codes: string, message: string): string {
  const { cause, advice } = known ?? { cause: said(message), advice: "look at the directory's own log" };
  return `${cause} (${codes}); ${advice}`;
}

/** AD's own words without the internal numbers. */
function said(message: string): string {
  return (
    oneLine(
      message
        .replace(/^[0-9a-f]{8}:\s*/iu, "")
        .replace(/\s*Code: 0x[0-9a-f]+$/iu, "")
        .replaceAll("\0", ""),
    ).slice(0, 200) || "no reason was given"
  );
}

/** The login was refused: the settings are wrong for every domain controller, so nothing else is tried. */
export class LoginError extends ConfigurationError {
  /** AD's reason (\`binds\`), where it gave one. */
  readonly reason: string | undefined;
  constructor(message: string, reason: string | undefined, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.reason = reason;
  }
}

/** The error for a bind that did not succeed. */
export function bindError(url: string, account: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ResultCodeError))
    return new UnreachableError(oneLine(`Could not log in to ${url}: ${message}.`), { cause: error });
  if (transient.has(error.code))
    return new UnreachableError(
      `Could not log in to ${url}: the domain controller is busy or stopping (LDAP ${error.code}); try again later.`,
      { cause: error },
    );
  const code = /data ([0-9a-f]+)/iu.exec(message)?.[1]?.toLowerCase();
  const known = binds[code ?? ""];
  const general = { 8: meanings[8], 49: binds["52e"] }[error.code];
  const text = worded(known ?? general, `LDAP ${error.code}${known ? `, ${code}` : ""}`, message);
  return new LoginError(`Could not log in to ${url} as ${account}: ${text}.`, code, { cause: error });
}

/** Certificates as Node refuses them. */
const certificates = table([
  ["ERR_TLS_CERT_ALTNAME_INVALID", "the certificate is for another name", "use the domain controller's full name in `url`"],
  ["CERT_HAS_EXPIRED", "its certificate has expired", "renew the domain controller's certificate"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet", "compare this machine's clock with the domain controller's"],
  ["CERT_REVOKED", "its certificate was revoked", "give the domain controller a new certificate"],
]);

/** The error for a connection that did not come about, with advice for the certificate mistakes people make. */
export function connectError(url: string, error: unknown): Error {
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const known = certificates[code];
  if (known)
    return new ConfigurationError(`Could not connect to ${url}: ${known.cause} (${message || code}); ${known.advice}.`, { cause: error });
  if (/CERT|SELF_SIGNED|UNABLE_TO_/u.test(code)) {
    return new ConfigurationError(
      `Could not connect to ${url}: its certificate is not trusted (${code}); put the certificate authority's PEM file into \`ca\` of the ad settings.`,
      { cause: error },
    );
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new UnreachableError(`Could not connect to ${url}: no such name is known (${code}); check the address and this machine's DNS.`, {
      cause: error,
    });
  const port = url.startsWith("ldap:") ? "389" : "636";
  return new UnreachableError(`Could not connect to ${url}: ${message || code}; check the address, port ${port} and the firewall.`, {
    cause: error,
  });
}

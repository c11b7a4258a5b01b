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

/** Bind sub-codes (`data 52e`). */
export const binds: { readonly [code: string]: Meaning } = {
  "525": { cause: "there is no such account", advice: "check `bind` in the ad settings (a distinguishedName or userPrincipalName)" },
  "52e": { cause: "the account or the password is wrong", advice: "check `bind` in the ad settings and AD_BIND_PASSWORD" },
  "52f": {
    cause: "account restrictions forbid it",
    advice: "check the account's restrictions (blank password, authentication policy, Protected Users)",
  },
  "530": { cause: "the account may not log on at this hour", advice: "widen the account's logon hours" },
  "531": { cause: "the account may not log on at this workstation", advice: "widen the account's `userWorkstations`" },
  "532": {
    cause: "the account's password has expired",
    advice: "set a new password and put it into AD_BIND_PASSWORD; a service account's should not expire",
  },
  "533": { cause: "the account is disabled", advice: "enable it in Active Directory" },
  "701": { cause: "the account has expired", advice: "extend `accountExpires` in Active Directory" },
  "773": {
    cause: "the account must change its password first",
    advice: "set a password without `User must change password at next logon`",
  },
  "775": { cause: "the account is locked out", advice: "find what tried wrong passwords, then unlock it" },
};

/** Causes by the eight hexadecimal digits. */
export const causes: { readonly [hex: string]: Meaning } = {
  "00002071": { cause: "an object with this name exists already", advice: "rename or adopt the other one" },
  "00000524": { cause: "the login name (sAMAccountName) is taken", advice: "choose another, or make the existing account match" },
  "00000526": { cause: "the group's name (sAMAccountName) is taken", advice: "choose another, or make the existing group match" },
  "00002030": { cause: "there is no such object", advice: gone },
  "0000208D": { cause: "the parent does not exist", advice: "create the organizational unit first" },
  "0000208F": { cause: "the name is not a valid distinguishedName", advice: unit },
  "00002073": {
    cause: "the name does not fit the class of the object",
    advice: "look at the name and the organizational unit in mappings/ad.yaml",
  },
  "00002099": { cause: "objects of this class may not be in this place", advice: unit },
  "0000202B": { cause: "the name belongs to another domain", advice: "check `base` and the names in the mapping" },
  "00002098": {
    cause: "haloform's account has not enough rights",
    advice:
      "delegate this task to it on the organizational unit (protected accounts and objects protected from accidental deletion refuse as well)",
  },
  "00000005": { cause: "haloform's account has not enough rights", advice: delegate },
  "00002095": { cause: "the object is protected from this change", advice: "manage it by hand" },
  "00000525": { cause: "there is no such account", advice: "it was removed or renamed; the next plan will see that" },
  "00000523": {
    cause: "the login name has characters or a length that AD does not take",
    advice: 'at most 20 characters, none of " / \\ [ ] : ; | = , + * ? < > @',
  },
  "0000055D": { cause: "the object belongs to the system", advice: "manage it by hand" },
  "00000056": { cause: "the old password is not right", advice: "reset the password instead of changing it" },
  "00002024": { cause: "an administrative limit of the directory was exceeded", advice: "try again, or raise the LDAP policy" },
  "00002023": { cause: "more entries than the directory gives at once", advice: "report this as a mistake of haloform: it reads by pages" },
  "0000203D": { cause: "the directory does not take this position among its changes", advice: "a full read is made instead" },
  "000020C6": { cause: "an organizational unit cannot be moved into itself", advice: unit },
  "000020B5": {
    cause: "it refers to an object that does not exist",
    advice: "the manager or member named was removed or renamed; the next plan will see that",
  },
  "00002035": { cause: "the directory is unwilling to do this", advice: "look at the object in Active Directory Users and Computers" },
  "0000202F": {
    cause: "a value breaks a rule of the schema",
    advice: "look at the value's length and characters, or at another object that has it already",
  },
  "00002082": { cause: "a value is too long, too short or out of range", advice: "shorten it in Halo or in the mapping" },
  "00002083": { cause: "the value is there already", advice: nextPlan },
  "0000200D": { cause: "the value is there already", advice: nextPlan },
  "00000562": { cause: "it is a member already", advice: nextPlan },
  "00000561": { cause: "it is not a member", advice: nextPlan },
  "0000200A": { cause: "there is no such attribute or value", advice: attributeName },
  "00000057": { cause: "a parameter is wrong, often an attribute this schema does not have", advice: ownSchema },
  "0000052D": {
    cause: "the password does not meet the domain's password policy",
    advice: "check length and complexity rules, and fine-grained password policies",
  },
  "0000001F": { cause: "the password was not accepted over this connection", advice: "use an ldaps:// address" },
  "000021C8": { cause: "the userPrincipalName is in use elsewhere in the forest", advice: otherAccount },
  "000021C7": { cause: "the servicePrincipalName is in use elsewhere in the forest", advice: otherAccount },
  "00002016": { cause: "the name itself cannot be changed by a modify", advice: mistake },
  "0000207B": { cause: "the class of the object is missing or wrong", advice: mistake },
  "0000207D": { cause: "an attribute does not belong to this class of object", advice: ownSchema },
  "00002015": { cause: "it has objects below it", advice: "move or remove them first" },
  "0000208C": { cause: "it has objects below it", advice: "move or remove them first" },
  "00002014": { cause: "an attribute does not belong to this class of object", advice: attributeName },
  "000020B1": { cause: "the attribute belongs to the system", advice: "take it out of mappings/ad.yaml" },
  "00002077": { cause: "the attribute may not be changed like this", advice: "take it out of mappings/ad.yaml" },
  "00002081": { cause: "several values for an attribute that takes one", advice: "give one value in mappings/ad.yaml" },
  "0000209A": { cause: "only the system may change this attribute", advice: "take it out of mappings/ad.yaml" },
  "00002141": { cause: "this change of the group's scope is not possible", advice: "look at the groups it is a member of and its members" },
  "00002142": { cause: "a global group cannot have this member", advice: "make the group universal, or leave the member out" },
};

/** Causes by result code, where the text says no more (Samba, and AD in places). */
export const results: { readonly [code: number]: Meaning } = {
  1: { cause: "an operations error", advice: "look at the directory's own log" },
  8: { cause: "the directory wants stronger authentication", advice: "use an ldaps:// address" },
  10: { cause: "the name belongs to another domain", advice: "check `base` and the names in the mapping" },
  2: { cause: "the request was not understood", advice: "look at the directory's own log" },
  4: { cause: "more entries than the directory gives at once", advice: "report this as a mistake of haloform: it reads by pages" },
  7: { cause: "the directory does not take this kind of login", advice: "allow simple binds over TLS" },
  12: {
    cause: "the directory does not offer this here, or not to this account",
    advice: "look at the directory's version and at the account's rights",
  },
  13: { cause: "the directory wants an encrypted connection", advice: "use an ldaps:// address" },
  18: { cause: "the attribute cannot be searched like this", advice: attributeName },
  48: { cause: "the account cannot log in like this", advice: "allow simple binds over TLS" },
  11: { cause: "a limit of the directory was exceeded", advice: "try again, or raise the LDAP policy" },
  16: { cause: "there is no such attribute or value", advice: attributeName },
  17: { cause: "this schema has no such attribute", advice: ownSchema },
  19: { cause: "a value breaks a rule of the schema", advice: "look at the value's length and characters" },
  20: { cause: "the value is there already", advice: nextPlan },
  21: { cause: "a value is not of the attribute's syntax", advice: "look at the value in mappings/ad.yaml" },
  32: { cause: "there is no such object", advice: gone },
  34: { cause: "the name is not a valid distinguishedName", advice: unit },
  50: { cause: "haloform's account has not enough rights", advice: delegate },
  53: { cause: "the directory is unwilling to do this", advice: "look at the object in Active Directory Users and Computers" },
  64: { cause: "an object of this class may not have this name or place", advice: unit },
  65: {
    cause: "an attribute does not belong to this class of object, or a required one is missing",
    advice: "check the attributes in mappings/ad.yaml",
  },
  66: { cause: "it has objects below it", advice: "move or remove them first" },
  67: { cause: "the name itself cannot be changed like this", advice: mistake },
  68: { cause: "an object with this name exists already", advice: "rename or adopt the other one" },
  69: { cause: "the class of an object cannot be changed like this", advice: mistake },
  71: { cause: "the move would cross into another domain", advice: "check the organizational unit in mappings/ad.yaml" },
  80: { cause: "the directory reports another error", advice: "look at the place the object should be in, and at the directory's own log" },
};

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
  const known = (hex === undefined ? undefined : causes[hex]) ?? results[error.code];
  const codes = `LDAP ${error.code}${hex === undefined ? "" : `, ${hex}`}`;
  const text = known ? `${known.cause} (${codes}); ${known.advice}` : `${said(message)} (${codes}); look at the directory's own log`;
  return new AdRefusedError(`Could not ${verb} ${object}: ${text}.`, error.code, hex, { cause: error });
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
      {
        cause: error,
      },
    );
  const code = /data ([0-9a-f]+)/iu.exec(message)?.[1]?.toLowerCase();
  const known = code === undefined ? undefined : binds[code];
  const text = known
    ? `${known.cause} (LDAP ${error.code}, ${code}); ${known.advice}`
    : error.code === 49
      ? "the account or the password is wrong (LDAP 49); check `bind` in the ad settings and AD_BIND_PASSWORD"
      : error.code === 8
        ? "the directory wants stronger authentication (LDAP 8); use an ldaps:// address"
        : `${said(message)} (LDAP ${error.code}); look at the directory's own log`;
  return new LoginError(`Could not log in to ${url} as ${account}: ${text}.`, code, { cause: error });
}

/** Certificates as Node refuses them. */
const certificates: { readonly [code: string]: Meaning } = {
  ERR_TLS_CERT_ALTNAME_INVALID: { cause: "the certificate is for another name", advice: "use the domain controller's full name in `url`" },
  CERT_HAS_EXPIRED: { cause: "its certificate has expired", advice: "renew the domain controller's certificate" },
  CERT_NOT_YET_VALID: { cause: "its certificate is not valid yet", advice: "compare this machine's clock with the domain controller's" },
  CERT_REVOKED: { cause: "its certificate was revoked", advice: "give the domain controller a new certificate" },
};

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

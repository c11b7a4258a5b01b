/** Failures in Windows' own words: an LDAP result code and a diagnostic text that begins with a Win32 code and ends with a NUL, as a DC's does. */

/** LDAP result codes (RFC 4511, appendix A) that a domain controller uses. */
export const result = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  referral: 10,
  unavailableCriticalExtension: 12,
  noSuchAttribute: 16,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  notAllowedOnRdn: 67,
  entryAlreadyExists: 68,
  other: 80,
} as const;

/** An operation that was refused; nothing of it was done. */
export class LdapFailure extends Error {
  readonly code: number;
  readonly matchedDn: string;
  readonly referral: string[];

  constructor(code: number, message: string, more: { matchedDn?: string; referral?: string[] } = {}) {
    super(`${message}\0`);
    this.code = code;
    this.matchedDn = more.matchedDn ?? "";
    this.referral = more.referral ?? [];
  }
}

/** `SvcErr`: the DC will not do it (53). */
export function willNotPerform(win32: string): LdapFailure {
  return new LdapFailure(result.unwillingToPerform, `${win32}: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0\n`);
}

const attributeProblems = {
  noSuchValue: { code: result.noSuchAttribute, problem: "1001 (NO_ATTRIBUTE_OR_VAL)" },
  constraint: { code: result.constraintViolation, problem: "1005 (CONSTRAINT_ATT_TYPE)" },
  exists: { code: result.attributeOrValueExists, problem: "1006 (ATT_OR_VALUE_EXISTS)" },
} as const;

const attributeIds: Record<string, string> = {
  cn: "3",
  description: "d",
  unicodePwd: "9005a",
  userPrincipalName: "90290",
  manager: "2000a",
  member: "1f",
};

/** `AtrErr`: a value is at fault. `length` is told for values out of range. */
export function attributeFailure(kind: keyof typeof attributeProblems, win32: string, name: string, length?: number): LdapFailure {
  const { code, problem } = attributeProblems[kind];
  const tail = length === undefined ? "" : `:len ${length}`;
  const at = "DSID-03151D55";
  return new LdapFailure(
    code,
    `${win32}: AtrErr: ${at}, #1:\n\t0: ${win32}: ${at}, problem ${problem}, data 0, Att ${attributeIds[name] ?? "90001"} (${name})${tail}\n`,
  );
}

const updateProblems = {
  classViolation: { code: result.objectClassViolation, problem: "6002 (OBJ_CLASS_VIOLATION)" },
  nonLeaf: { code: result.notAllowedOnNonLeaf, problem: "6003 (CANT_ON_NON_LEAF)" },
  onRdn: { code: result.notAllowedOnRdn, problem: "6004 (CANT_ON_RDN)" },
  exists: { code: result.entryAlreadyExists, problem: "6005 (ENTRY_EXISTS)" },
} as const;

/** `UpdErr`: the entry as a whole is at fault. */
export function updateFailure(kind: keyof typeof updateProblems, win32: string): LdapFailure {
  const { code, problem } = updateProblems[kind];
  return new LdapFailure(code, `${win32}: UpdErr: DSID-031A11E2, problem ${problem}, data 0\n`);
}

/** `NameErr` 2001: nothing is there; `best` is the nearest existing parent. */
export function noSuchObject(best: string, win32 = "00002030"): LdapFailure {
  return new LdapFailure(
    result.noSuchObject,
    `${win32}: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'${best}'\n`,
    { matchedDn: best },
  );
}

/** `NameErr` 2006: the text is no name. */
export function badName(text: string): LdapFailure {
  return new LdapFailure(
    result.invalidDnSyntax,
    `00002081: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'${text}'\n`,
  );
}

/** `NameErr` 2005: the name does not fit the class or the place. */
export function namingViolation(win32: string, dn: string): LdapFailure {
  return new LdapFailure(
    result.namingViolation,
    `${win32}: NameErr: DSID-03050F5C, problem 2005 (NAMING_VIOLATION), data 0, best match of:\n\t'${dn}'\n`,
  );
}

/** `LdapErr`: the request could not be read or may not be made now. */
export function requestFailure(code: number, win32: string, comment: string, data = "0"): LdapFailure {
  return new LdapFailure(code, `${win32}: LdapErr: DSID-0C090D8A, comment: ${comment}, data ${data}, v4563`);
}

/** An attribute that the schema does not know (16), or a value of the wrong syntax (21). */
export function conversionFailure(code: number = result.noSuchAttribute): LdapFailure {
  return requestFailure(code, "00000057", "Error in attribute conversion operation");
}

/** No right to do it (50). */
export function accessDenied(): LdapFailure {
  return new LdapFailure(result.insufficientAccessRights, "00002098: SecErr: DSID-031514B3, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n");
}

/** `SysErr` 22: an account name with characters or a length that SAM does not take (80). */
export function invalidAccountName(): LdapFailure {
  return new LdapFailure(result.other, "00000523: SysErr: DSID-031A1202, problem 22 (Invalid argument), data 0\n");
}

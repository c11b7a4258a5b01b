import {
  AlreadyExistsError,
  ConstraintViolationError,
  InsufficientAccessError,
  InvalidCredentialsError,
  StrongAuthRequiredError,
  UnavailableError,
  UnknownStatusCodeError,
  UnwillingToPerformError,
} from "ldapts";
import { describe, expect, it } from "vitest";
import { ConfigurationError, UnreachableError } from "../../../../base/errors.ts";
import {
  AdRefusedError,
  adError,
  bindError,
  binds,
  connectError,
  hexOf,
  LoginError,
  meanings,
} from "../../../../providers/ad/wire/errors.ts";

const ofLength = (least: number, most: number) => Object.entries(meanings).filter(([code]) => code.length >= least && code.length <= most);
const object = "CN=Ada,OU=Staff,DC=example,DC=com";

describe("what Active Directory says, in words", () => {
  it.each([
    [
      new AlreadyExistsError("00002071: UpdErr: DSID-0305, problem 6005 (ENTRY_EXISTS), data 0\n\u0000"),
      68,
      "00002071",
      /exists already \(LDAP 68, 00002071\); rename or adopt/u,
    ],
    [
      new InsufficientAccessError("00002098: SecErr: DSID-0315, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0"),
      50,
      "00002098",
      /not enough rights.*delegate/u,
    ],
    [
      new ConstraintViolationError("000021C8: AtrErr: DSID-0302, #1: 0: 000021C8: problem 1005"),
      19,
      "000021C8",
      /userPrincipalName is in use elsewhere/u,
    ],
    [new ConstraintViolationError("0000052D: Constraint violation - check_password_restrictions"), 19, "0000052D", /password policy/u],
    [new UnwillingToPerformError("0000001F: SvcErr: DSID-031A, problem 5003 (WILL_NOT_PERFORM), data 0"), 53, "0000001F", /ldaps:\/\//u],
    [new ConstraintViolationError("no digits"), 19, "19", /a value breaks a rule/u],
    [new UnknownStatusCodeError(10, "0000202B: RefErr: DSID-0310, data 0, 1 access points"), 10, "0000202B", /another domain/u],
    [new UnknownStatusCodeError(118, "DEADBEEF: something\nnew"), 118, "DEADBEEF", /something new \(LDAP 118, DEADBEEF\)/u],
  ])("%s", (error, result, code, words) => {
    const mapped = adError("create", object, error);
    expect(mapped).toBeInstanceOf(AdRefusedError);
    expect(mapped).toMatchObject({ result, code });
    expect(mapped.message).toMatch(words);
    expect(mapped.message.startsWith(`Could not create ${object}: `)).toBe(true);
    expect(mapped.message).toMatch(/; .*\.$/u);
    expect(mapped.message).not.toMatch(/\p{Cc}/u);
  });

  it("tells a connection that failed from a refusal, and does not claim to know what was done", () => {
    expect(adError("change", object, new Error("Connection closed before message response was received."))).toBeInstanceOf(
      UnreachableError,
    );
    expect(adError("change", object, new Error("x")).message).toContain("may or may not have been done");
    expect(adError("change", object, new UnavailableError("stopping"))).toBeInstanceOf(UnreachableError);
    const already = new ConfigurationError("as it was");
    expect(adError("change", object, already)).toBe(already);
  });

  it.each([
    ["52e", /password is wrong/u],
    ["525", /no such account/u],
    ["530", /hour/u],
    ["531", /workstation/u],
    ["532", /password has expired/u],
    ["533", /disabled/u],
    ["701", /account has expired/u],
    ["773", /must change its password/u],
    ["775", /locked/u],
  ])("explains a refused login: data %s", (code, words) => {
    const error = bindError(
      "ldaps://dc1.example.com",
      "svc",
      new InvalidCredentialsError(`80090308: LdapErr: DSID-0C09, comment: AcceptSecurityContext error, data ${code}, v4563`),
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`LDAP 49, ${code}`);
  });

  it("explains other refused logins", () => {
    expect(bindError("ldaps://dc1", "svc", new InvalidCredentialsError("")).message).toMatch(/AD_BIND_PASSWORD/u);
    expect(bindError("ldaps://dc1", "svc", new StrongAuthRequiredError("")).message).toMatch(/ldaps:\/\/ address/u);
    expect(bindError("ldaps://dc1", "svc", new Error("Operation timed out"))).toBeInstanceOf(UnreachableError);
  });

  it("tells an address that does not answer from a certificate that is not trusted", () => {
    const coded = (code: string): Error => Object.assign(new Error("text"), { code });
    expect(connectError("ldaps://dc1", coded("ECONNREFUSED"))).toBeInstanceOf(UnreachableError);
    for (const code of [
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "CERT_HAS_EXPIRED",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ]) {
      expect(connectError("ldaps://dc1", coded(code)), code).toBeInstanceOf(ConfigurationError);
    }
  });

  it.each(ofLength(8, 8))("%s has a cause and advice in one line", (hex, { cause, advice }) => {
    const error = adError("change", object, new UnknownStatusCodeError(99, `${hex.toLowerCase()}: SvcErr: DSID-031A, data 0\n\u0000`));
    expect(error).toMatchObject({ code: hex, hex, result: 99 });
    expect(error.message).toBe(`Could not change ${object}: ${cause} (LDAP 99, ${hex}); ${advice}.`);
    expect(error.message).not.toMatch(/\p{Cc}|\.\.$/u);
  });

  it.each(ofLength(1, 2))("result %s has a cause and advice in one line", (code, { cause, advice }) => {
    const error = adError("change", object, new UnknownStatusCodeError(Number(code), "no digits"));
    expect(error).toBeInstanceOf(AdRefusedError);
    expect(error.message).toBe(`Could not change ${object}: ${cause} (LDAP ${code}); ${advice}.`);
  });

  it("knows every sub-code of the brief", () => {
    expect(Object.keys(binds)).toEqual(expect.arrayContaining(["525", "52e", "530", "531", "532", "533", "701", "773", "775"]));
    const hex = [
      "0000052D",
      "0000202F",
      "00002071",
      "0000208D",
      "00000005",
      "00002098",
      "00000524",
      "000021C8",
      "00002030",
      "000020B5",
      "0000001F",
    ];
    expect(Object.keys(meanings)).toEqual(expect.arrayContaining(hex));
  });

  it.each([3, 51, 52])("takes result %s for a domain controller that cannot answer now, at login too", (code) => {
    expect(adError("change", object, new UnknownStatusCodeError(code, "busy"))).toBeInstanceOf(UnreachableError);
    expect(bindError("ldaps://dc1", "svc", new UnknownStatusCodeError(code, "busy"))).toBeInstanceOf(UnreachableError);
  });

  it("marks a refused login, which is not tried at other domain controllers", () => {
    expect(bindError("ldaps://dc1", "svc", new InvalidCredentialsError("80090308: data 775, v1"))).toBeInstanceOf(LoginError);
  });

  it.each([
    ["CERT_HAS_EXPIRED", /its certificate has expired .*; renew/u],
    ["CERT_NOT_YET_VALID", /not valid yet .*clock/u],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for another name .*full name/u],
    ["ENOTFOUND", /no such name is known .*DNS/u],
    ["ECONNREFUSED", /port 636/u],
  ])("explains %s in one line", (code, words) => {
    const error = connectError("ldaps://dc1", Object.assign(new Error("text\nmore"), { code }));
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain("\n");
  });

  it("finds the eight digits only in front", () => {
    expect(hexOf("0000202f: x")).toBe("0000202F");
    expect(hexOf("text 0000202F: x")).toBeUndefined();
  });
});

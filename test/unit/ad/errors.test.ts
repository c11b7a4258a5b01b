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
import { AdRefusedError, adError, bindError, connectError, hexOf } from "../../../providers/ad/errors.ts";
import { ConfigurationError, UnreachableError } from "../../../providers/core/errors.ts";

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

  it("finds the eight digits only in front", () => {
    expect(hexOf("0000202f: x")).toBe("0000202F");
    expect(hexOf("text 0000202F: x")).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalDn,
  child,
  dnKey,
  escapeValue,
  formatDn,
  isDn,
  isWithin,
  nameOf,
  parentOf,
  parseDn,
  rdn,
  sameDn,
  splitDn,
} from "../../../../providers/ad/values/dn.ts";

const hard = [
  "a, b",
  'say "x"',
  "back\\slash",
  "ends in \\",
  "\\",
  "#hash",
  " lead",
  "trail ",
  " ",
  "  ",
  "a;b<c>d=e+f",
  "😀 émoji",
  "שלום",
  "nul\u0000x",
  "line\nbreak\r",
  "x".repeat(300),
  "a\\,b",
  "\\5C",
  "</pre>",
  "@team",
  "*()&|",
  "\u007f\u0085",
];
const types = fc.constantFrom("CN", "OU", "DC", "cn", "1.2.840.113556");
const value = fc.oneof(
  fc.constantFrom(...hard),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom(...' \\,+"<>;=#\u0000\na0Fé') }),
);
const names = fc.array(fc.tuple(types, value), { minLength: 1, maxLength: 5 });

describe("distinguished names", () => {
  it.each(hard)("keeps %j through writing and parsing", (name) => {
    const dn = child("CN", name, "OU=Staff,DC=example,DC=com");
    expect(nameOf(dn)).toBe(name);
    expect(parentOf(dn)).toBe("OU=Staff,DC=example,DC=com");
  });

  it("round-trips any value, and writing is a fixed point", () => {
    fc.assert(
      fc.property(names, (parts) => {
        const dn = parts.map(([type, text]) => rdn(type, text)).join(",");
        expect(parseDn(dn).map(([first]) => first.value)).toEqual(parts.map(([, text]) => text));
        expect(canonicalDn(canonicalDn(dn))).toBe(canonicalDn(dn));
        expect(sameDn(dn, canonicalDn(dn))).toBe(true);
        expect(canonicalDn(dn)).toBe(formatDn(parseDn(dn)));
      }),
    );
  });

  it("writes a plain name as any other", () => {
    const plain = fc.string({ unit: fc.constantFrom(..."aZ0_.- ,=+é"), maxLength: 12 });
    const written = fc.oneof(
      fc.constant("OU=Main,OU=Field Staff,DC=corp,DC=example,DC=com"),
      fc.array(fc.tuple(types, plain), { maxLength: 4 }).map((all) => all.map((each) => each.join("=")).join(",")),
    );
    fc.assert(
      fc.property(written, (dn) => {
        if (isDn(dn)) expect(canonicalDn(dn)).toBe(formatDn(parseDn(dn)));
        else if (dn.trim() !== "") expect(() => canonicalDn(dn)).toThrow(SyntaxError);
      }),
    );
  });

  it("is safe for ldapts' modifyDN, which splits a string at the first comma without a backslash before it", () => {
    fc.assert(
      fc.property(
        value.filter((text) => text !== ""),
        (text) => {
          const newRdn = rdn("CN", text);
          const whole = `${newRdn},OU=Staff,DC=example,DC=com`;
          expect(whole.slice(0, whole.search(/[^\\],/) + 1)).toBe(newRdn);
        },
      ),
    );
  });

  it("never leaves a backslash pair or a raw control character", () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(escapeValue(text)).not.toMatch(/\\\\|\p{Cc}/u);
      }),
    );
  });

  it.each([
    ['CN="quoted, value",DC=com', "quoted, value"],
    ["cn=a\\2Cb , dc=com", "a,b"],
    ["CN=\\C3\\A9t\\c3\\a9,DC=com", "été"],
    ["CN=a\\0ACNF:1234,DC=com", "a\nCNF:1234"],
    ["CN = spaced  , DC=com", "spaced"],
    ["CN=x;DC=com", "x"],
    ["CN=,DC=com", ""],
  ])("reads %s", (dn, name) => {
    expect(nameOf(dn)).toBe(name);
    expect(sameDn(parentOf(dn), "DC=com")).toBe(true);
  });

  it("reads multi-valued parts and compares them in any order", () => {
    expect(sameDn("CN=a+OU=b,DC=com", "OU=B+cn=A,dc=COM")).toBe(true);
    expect(sameDn("CN=a+OU=b,DC=com", "CN=a,OU=b,DC=com")).toBe(false);
    expect(formatDn(parseDn("CN=a+OU=b,DC=com"))).toBe("CN=a+OU=b,DC=com");
  });

  it.each(["CN", "CN=a,", "=a", "CN=a\\", 'CN="open', "CN=a,b", "1x=y,DC=com", 'CN="a"b,DC=com'])("refuses %j in one line", (text) => {
    expect(isDn(text)).toBe(false);
    expect(() => parseDn(text)).toThrow(/is not a distinguishedName: .* at character \d+\.$/u);
  });

  it("compares without regard to case, blanks and escapes, but not more", () => {
    expect(sameDn("CN=Ann\\2c X,OU=Staff,DC=com", "cn=ANN\\, x, ou=staff, dc=COM")).toBe(true);
    expect(sameDn("CN=e\u0301,DC=com", "CN=é,DC=com")).toBe(true);
    expect(sameDn("CN=a b,DC=com", "CN=ab,DC=com")).toBe(false);
    expect(sameDn("ou = Staff, DC=Example", "OU=staff,dc=example")).toBe(true);
    expect(sameDn("OU=a\\,b,DC=x", "OU=a,OU=b,DC=x")).toBe(false);
    expect(dnKey("no name at all")).toBe("no name at all");
    expect(dnKey("OU=Staff,DC=Example")).toBe("ou=staff,dc=example");
  });

  it("gives plain names the key that it gives them taken apart", () => {
    const part = fc.tuple(fc.constantFrom("OU", "cn", "Dc"), fc.string({ unit: fc.constantFrom(...'aB é#,= +"\\0-;<') }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const dn = parts.map(([type, text]) => rdn(type, text)).join(",");
        // A blank before the first part makes a name that is not plain.
        expect(dnKey(dn)).toBe(dnKey(` ${dn}`));
        expect(splitDn(dn)).toHaveLength(parts.length);
      }),
    );
  });

  it("knows what lies below what, by parts and not by text", () => {
    expect(isWithin("CN=a,OU=Staff,DC=com", "ou=staff,dc=com")).toBe(true);
    expect(isWithin("OU=Staff,DC=com", "OU=Staff,DC=com")).toBe(true);
    expect(isWithin("CN=a,OU=NotStaff,DC=com", "OU=Staff,DC=com")).toBe(false);
    expect(isWithin("CN=x\\,OU=Staff,DC=com", "OU=Staff,DC=com")).toBe(false);
  });
});

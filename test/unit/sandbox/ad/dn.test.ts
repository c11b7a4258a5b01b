import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DnSyntaxError, escapeValue, formatDn, formatRdn, parseDn, sameDn } from "../../../../sandbox/ad/dn.ts";
import { fold } from "../../../../sandbox/ad/fold.ts";

const base = "DC=corp,DC=example,DC=com";

describe("distinguished names", () => {
  it.each([
    ["Smith, John", "CN=Smith\\, John"],
    ['"Bob" O\'Neil', 'CN=\\"Bob\\" O\'Neil'],
    ["back\\slash\\", "CN=back\\\\slash\\\\"],
    ["#hash", "CN=\\#hash"],
    ["in#side", "CN=in#side"],
    ["a=b+c;d<e>", "CN=a\\=b\\+c\\;d\\<e\\>"],
    [" lead", "CN=\\ lead"],
    ["trail  ", "CN=trail \\ "],
    [" ", "CN=\\ "],
    ["two\nlines\r", "CN=two\\0Alines\\0D"],
    ["nul\0", "CN=nul\\00"],
    ["Zoë 🚢", "CN=Zoë 🚢"],
    ["شركة", "CN=شركة"],
  ])("writes %j as Windows does and reads it back", (value, text) => {
    expect(formatRdn({ type: "CN", value })).toBe(text);
    expect(parseDn(`${text},${base}`)).toEqual([{ type: "CN", value }, ...parseDn(base)]);
  });

  it("reads what other programs write: quotes, hex pairs, spaces, semicolons, lower-case types", () => {
    expect(parseDn('cn="Smith, John" ; ou = Sales ,dc=x')).toEqual([
      { type: "CN", value: "Smith, John" },
      { type: "OU", value: "Sales" },
      { type: "DC", value: "x" },
    ]);
    expect(parseDn("CN=Zo\\c3\\ab,DC=x")[0]?.value).toBe("Zoë");
    expect(parseDn("CN=\\F0\\9F\\9A\\A2\\2c,DC=x")[0]?.value).toBe("🚢,");
    expect(parseDn("CN=#0403414243,DC=x")[0]?.value).toBe("ABC");
    expect(parseDn("")).toEqual([]);
  });

  it.each([
    "CN",
    "CN=",
    "=x",
    "CN=a,",
    "CN=a,,DC=x",
    'CN="a',
    "CN=a\\",
    "CN=a\\q",
    "CN=a<b",
    'CN=a"b',
    "CN=\\ff\\fe",
    "CN=#zz",
    "CN=#04",
    "CN=a+SN=b",
    "1CN=a",
  ])("refuses %j", (text) => {
    expect(() => parseDn(text)).toThrow(DnSyntaxError);
  });

  it("compares names parsed, without case, accents or spelling", () => {
    expect(sameDn(`CN=Smith\\, John,${base}`, `cn="SMITH, john", dc=Corp,dc=example, dc=COM`)).toBe(true);
    expect(sameDn(`CN=José,${base}`, `CN=JOSE,${base}`)).toBe(true);
    expect(sameDn(`CN=a,${base}`, `CN=b,${base}`)).toBe(false);
    expect(sameDn(`CN=a,${base}`, base)).toBe(false);
  });

  it("reads back every value it writes", () => {
    const value = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        const steps = values.map((one) => ({ type: "OU", value: one }));
        expect(parseDn(formatDn(steps))).toEqual(steps);
        expect(values.every((one) => escapeValue(one).length > 0)).toBe(true);
      }),
    );
  });
});

describe("folding", () => {
  it("makes case, accents and width the same, and nothing else", () => {
    expect(fold("MÜLLER")).toBe("muller");
    expect(fold("ＡＢＣ")).toBe("abc");
    expect(fold("Øre")).not.toBe(fold("Ore"));
    expect(fold("🚢")).not.toBe(fold("🚀"));
  });
});

/** Attributes by their syntax: canonical spellings that stay what they are, and the way to AD and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownAttributes } from "../../../../providers/ad/values/attribute-table.ts";
import { attribute } from "../../../../providers/ad/values/attributes.ts";
import { flags, flagsOf, withFlags } from "../../../../providers/ad/values/flags.ts";
import { canonicalHours, hoursFromOctets, hoursToOctets } from "../../../../providers/ad/values/hours.ts";
import { asValue, exact, listOf } from "../../../../providers/ad/values/syntax.ts";
import { canonicalDate, canonicalTime, fromFileTime, toFileTime, toGeneralised } from "../../../../providers/ad/values/times.ts";
import { attributeOf } from "../../../../sandbox/ad/schema.ts";

/** What AD holds after a write, as reads give it: text, or base64 for bytes. */
const raw = (name: string, value: string | string[], declared = {}): string[] =>
  attribute(name, declared)
    .toWire(value)
    .map((one) => (typeof one === "string" ? one : one.toString("base64")));

describe("the table", () => {
  it("agrees with the sandbox's schema, which was written apart from it", () => {
    const apart = knownAttributes.flatMap((rule) => {
      const other = attributeOf(rule.name);
      if (other === undefined) return [];
      const single = other.single || ["description", "street"].includes(other.name);
      return rule.name === other.name && rule.single === single && (rule.longest === other.upper || other.upper === undefined)
        ? []
        : [`${rule.name}: ${rule.longest} ${rule.single}, sandbox ${other.name} ${other.upper} ${other.single}`];
    });
    expect(apart).toEqual([]);
  });

  it.each(knownAttributes.filter((rule) => rule.longest !== undefined && rule.syntax === "text"))(
    "$name takes $longest characters and no more",
    ({ name, longest = 0 }) => {
      expect(attribute(name).check("x".repeat(longest))).toBeUndefined();
      expect(attribute(name).check("x".repeat(longest + 1))).toBe(`expected at most ${longest} characters, found ${longest + 1}`);
    },
  );

  it("lets attributes of one value have one", () => {
    expect(attribute("title").check(["a", "b"])).toBe("expected one value, found 2");
    expect(attribute("otherTelephone").check(["a", "b"])).toBeUndefined();
    expect(attribute("northwindHats").check(["a", "b"])).toBeUndefined();
    expect(attribute("TELEPHONENUMBER").name).toBe("telephoneNumber");
  });
});

describe("behaviour F8: lists of references", () => {
  it("hold one object once, however it is spelt", () => {
    const spelt = [
      "dn:CN=Ada Example,OU=Staff,DC=corp",
      "dn:cn=ada example , ou=Staff,dc=corp",
      "dn:CN=Ada\\20Example,OU=Staff,DC=corp",
      "dn:CN=Bo,DC=corp",
    ];
    for (const name of ["secretary", "seeAlso", "msDS-PrimaryComputer"])
      expect(listOf(attribute(name).canonical(spelt))).toEqual(["dn:CN=Ada Example,OU=Staff,DC=corp", "dn:CN=Bo,DC=corp"]);
  });
});

describe("dates", () => {
  it.each<[string, string, string]>([
    ["2027-01-31", "2027-01-31", "134459136000000000"],
    ["2027-01-31T00:00:00", "2027-01-31", "134459136000000000"],
    // A last day is worked to its end: midnight is how systems write a day, with a zone too.
    ["2027-01-31T00:00:00Z", "2027-01-31", "134459136000000000"],
    ["2027-01-31T00:00:00+02:00", "2027-01-31T22:00:00Z", "134459064000000000"],
    ["2027-01-31T15:00:00Z", "2027-01-31T15:00:00Z", "134458812000000000"],
    ["2027-01-31T16:00:00+01:00", "2027-01-31T15:00:00Z", "134458812000000000"],
    ["never", "never", "0"],
    ["", "never", "0"],
    ["0", "never", "0"],
    ["9223372036854775807", "never", "0"],
    // reports R4: a day without signs; it was read as a FILETIME, and the account had expired in 1601
    ["20270131", "2027-01-31", "134459136000000000"],
    ["20270131150000.0Z", "2027-01-31T15:00:00Z", "134458812000000000"],
    ["134459136000000000", "2027-01-31", "134459136000000000"],
    // reports R15, R22: what vendors write for no date and for ever
    ...["9999-12-31", "9999-12-31T23:59:59.9999999", "9999-12-31T00:00:00Z", "9999-12-30T23:00:00-05:00", "99991231", "2999-12-31"].map(
      (text): [string, string, string] => [text, "never", "0"],
    ),
    ...["0001-01-01T00:00:00", "0001-01-01", "1899-12-30", "1900-01-01T00:00:00", "1900-01-01", "1753-01-01", "00010101"].map(
      (text): [string, string, string] => [text, "never", "0"],
    ),
  ])("%s is %s", (given, canonical, fileTime) => {
    expect(canonicalDate(given)).toBe(canonical);
    expect(toFileTime(canonical)).toBe(fileTime);
    expect(fromFileTime(fileTime)).toBe(canonical);
  });

  it.each([
    "soon",
    "31.01.2027",
    "2027-02-30",
    "2027-13-01",
    "2027-01-31T25:00:00Z",
    "1500-01-01",
    "-1",
    "20271331",
    "46022",
    "1798675200",
    "1798675200000",
    "2",
  ])("%s is none", (given) => {
    expect(() => canonicalDate(given)).toThrow(/^expected /u);
  });

  it("go to AD and back, whatever the moment", () => {
    const moment = fc.date({ min: new Date("1601-01-03"), max: new Date("9998-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const canonical = canonicalDate(date.toISOString());
        expect(canonicalDate(canonical)).toBe(canonical);
        expect(fromFileTime(toFileTime(canonical))).toBe(canonical);
        const time = canonicalTime(date.toISOString());
        // 1 January 1970 says that there is no date.
        if (time === "") return;
        expect(canonicalTime(toGeneralised(time))).toBe(time);
        expect(canonicalTime(time)).toBe(time);
      }),
    );
  });

  it("never throw for what AD may hold, and never are two for one", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9223372036854775807n }), (filetime) => {
        const [canonical = ""] = attribute("accountExpires").toLive([String(filetime)]);
        expect(attribute("accountExpires").canonical([canonical])).toBe(canonical);
      }),
    );
  });
});

describe("logon hours", () => {
  it("are the octets that AD's own console writes", () => {
    // Monday to Friday, 07:00 to 19:00 UTC: bits 31 to 42 of Monday and so on, the lowest bit of an octet first
    expect(hoursToOctets(["Mon-Fri 07:00-19:00"])?.toString("hex")).toBe("00000080ff0780ff0780ff0780ff0780ff07000000");
    expect(hoursToOctets(["Sunday 0-8"])?.toString("hex")).toBe(`ff${"00".repeat(20)}`);
  });

  it.each([
    [["mon - fri 7-19"], ["Mon-Fri 07:00-19:00"]],
    [["Mon,Tue 22:00-06:00"], ["Mon 22:00-24:00", "Tue 00:00-06:00,22:00-24:00", "Wed 00:00-06:00"]],
    [
      ["Sat-Sun 10-12", "Sun 12-13"],
      ["Sat 10:00-12:00", "Sun 10:00-13:00"],
    ],
    [["daily 0-24"], []],
    [["always"], []],
    [["never"], ["never"]],
    [[], []],
  ])("%j are %j", (given, canonical) => {
    expect(canonicalHours(given)).toEqual(canonical);
    expect(canonicalHours(canonical)).toEqual(canonical);
  });

  it.each(["Mon", "Mon 7:30-19", "Mon 7-7", "Mon 7-25", "Xyz 7-19", "Mon-Tue-Wed 7-19", "7-19", "Mon- 7-19", "M 7-8"])(
    "%s are none",
    (given) => {
      expect(() => canonicalHours([given])).toThrow(/^expected hours such as/u);
    },
  );

  it("go to words and back without losing an hour", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 21, maxLength: 21 }), (octets) => {
        const words = hoursFromOctets(octets);
        expect(canonicalHours(words)).toEqual(words);
        expect([...(hoursToOctets(words) ?? Buffer.alloc(21, 255))]).toEqual([...octets]);
      }),
    );
  });
});

describe("values", () => {
  const declared = {
    badge: "octets",
    shoe: "integer",
    big: "largeInteger",
    left: "date",
    seen: "time",
    likes: "boolean",
    boss: "dn",
  } as const;
  const texts = fc.string({ unit: "grapheme" });
  const values: { [name: string]: fc.Arbitrary<string> } = {
    title: texts,
    otherTelephone: texts,
    badge: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    shoe: fc.integer().map(String),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    left: fc.date({ min: new Date("1602-01-01"), max: new Date("9998-01-01"), noInvalidDate: true }).map((date) => date.toISOString()),
    seen: fc.date({ min: new Date("1602-01-01"), max: new Date("9998-01-01"), noInvalidDate: true }).map((date) => date.toISOString()),
    likes: fc.constantFrom("true", "FALSE", "yes", "no", "1", "0"),
    userWorkstations: fc.stringMatching(/^[a-z0-9-]{1,15}$/u),
    proxyAddresses: fc.stringMatching(/^(?:SMTP|smtp|x500|sip):[a-z]{1,8}@example\.com$/u),
    homeDrive: fc.stringMatching(/^[a-zA-Z]:$/u),
    c: fc.constantFrom("GB", "de", "Ch", "us", "XK"),
  };

  it.each(Object.keys(values))("of %s are canonical after one reading, and come back from AD as they went", (name) => {
    fc.assert(
      fc.property(fc.array(values[name] ?? texts, { maxLength: 4 }), (given) => {
        const once = attribute(name, declared).canonical(given);
        expect(attribute(name, declared).canonical(listOf(once))).toEqual(once);
        expect(attribute(name, declared).toLive(raw(name, once, declared))).toEqual(listOf(once));
      }),
    );
  });

  it.each([
    ["shoe", "18.0", "18"],
    ["shoe", "2147483648", undefined],
    ["shoe", "1e3", undefined],
    ["big", "2147483648", "2147483648"],
    ["big", "9223372036854775808", undefined],
    ["likes", "True", "TRUE"],
    ["likes", "maybe", undefined],
    ["badge", "AAE=", "AAE="],
    ["badge", "AAE", "AAE="],
    ["badge", "not base64!", undefined],
    ["seen", "20270131150000.0Z", "2027-01-31T15:00:00Z"],
    ["seen", "tomorrow", undefined],
    ["boss", "dn:cn=Ada, dc=example", "dn:CN=Ada,DC=example"],
    ["boss", "Ada", undefined],
    ["homeDrive", "h:", "H:"],
    ["homeDrive", "home", undefined],
    ["c", "gb", "GB"],
    ["userWorkstations", "pc-1, PC-2", ["PC-1", "PC-2"]],
    ["userWorkstations", "pc 1", undefined],
    ["proxyAddresses", "smtp:", ""],
    ["proxyAddresses", "Smtp:Ada@example.com", "smtp:Ada@example.com"],
    ["proxyAddresses", "ada@example.com", undefined],
    ["proxyAddresses", "smtp:ada", undefined],
    ["proxyAddresses", "smtp:a b@example.com", undefined],
    ["proxyAddresses", "SMTP:a@b@c", undefined],
  ])("%s %s", (name, given, canonical) => {
    if (canonical === undefined) expect(() => attribute(name, declared).canonical([given])).toThrow(SyntaxError);
    else expect(attribute(name, declared).canonical([given])).toEqual(canonical);
  });

  it("that AD takes for one are one, and the primary address wins", () => {
    expect(attribute("otherTelephone").canonical(["b", "B", "a"])).toEqual(["B", "a"]);
    expect(attribute("proxyAddresses").canonical(["smtp:ada@example.com", "SMTP:ada@example.com", "smtp:a@example.com"])).toEqual([
      "SMTP:ada@example.com",
      "smtp:a@example.com",
    ]);
    expect(attribute("proxyAddresses").key?.("SMTP:Ada@Example.com")).toBe("SMTP:ada@example.com");
    expect(attribute("badge", declared).canonical(["AAAB", "aaab"])).toEqual(["AAAB", "aaab"]);
  });

  it("of AD, whatever others wrote, are a fixed point: a refresh never fails and never finds two spellings", () => {
    const names = knownAttributes.filter((rule) => rule.syntax !== "dn").map((rule) => rule.name);
    const found = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("GB", "smtp:a@example.com", "SMTP:", "Smtp:x", "TRUE", "0", "-1", "AAE="),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(found, { maxLength: 3 }), (name, values) => {
        const shown = asValue(attribute(name).toLive(values), exact);
        expect(attribute(name).readable(listOf(shown))).toEqual(shown);
      }),
      { numRuns: 2000 },
    );
  });

  it("of AD that nobody can read stay as they are", () => {
    expect(attribute("logonHours").toLive(["AAE="])).toEqual(["AAE="]);
    expect(attribute("c").toLive(["GBR"])).toEqual(["GBR"]);
    expect(attribute("shoe", declared).toLive(["x"])).toEqual(["x"]);
    expect(attribute("accountExpires").toLive(["-5"])).toEqual(["-5"]);
    expect(attribute("accountExpires").readable(["-5"])).toBe("-5");
    expect(attribute("proxyAddresses").readable(["SMTP:a@example.com", "garbage"])).toEqual(["SMTP:a@example.com", "garbage"]);
    expect(() => attribute("manager").readable(["Ada"])).toThrow(SyntaxError);
  });
});

describe("flags", () => {
  it("change the bits they name and no other", () => {
    const names = Object.keys(flags);
    fc.assert(
      fc.property(fc.integer(), fc.dictionary(fc.constantFrom(...names), fc.boolean()), (control, wished) => {
        const after = withFlags(control, wished);
        expect(flagsOf(after, Object.keys(wished))).toEqual({ ...wished });
        const named = Object.keys(wished).reduce((bits, name) => bits | (flags[name]?.bit ?? 0), 0);
        expect(after & ~named).toBe(control & ~named);
        expect(withFlags(after, wished)).toBe(after);
      }),
    );
  });

  it("have each a bit of its own, none of them that of disabled accounts", () => {
    const bits = Object.values(flags).map((rule) => rule.bit);
    expect(new Set(bits).size).toBe(bits.length);
    expect(bits.every((bit) => (bit & 0x202) === 0)).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDate } from "../../../base/dates.ts";
import { dayOf } from "../../../mappings/language/days.ts";
import { isWithin } from "../../../mappings/language/feed-tests.ts";
import { compile } from "../../../mappings/language/template.ts";
import { userInputs } from "../../../providers/ad/user/inputs.ts";
import { liveUser, viewUser } from "../../../providers/ad/user/live.ts";
import { knownAttributes } from "../../../providers/ad/values/attribute-table.ts";
import { attribute } from "../../../providers/ad/values/attributes.ts";
import { listOf } from "../../../providers/ad/values/syntax.ts";
import { userRule, userRules, userValue } from "../../../providers/entra/user/attributes.ts";
import { bodyOf } from "../../../providers/entra/user/body.ts";
import { userInputs as entraInputs } from "../../../providers/entra/user/inputs.ts";
import { liveAccount, viewAccount } from "../../../providers/entra/user/live.ts";

/** What every account has besides, as AD gives it. */
const entryOf = { objectGUID: [Buffer.alloc(16)], cn: ["A"], sAMAccountName: ["a"], userAccountControl: ["514"] };
const nothing = [
  "0001-01-01T00:00:00",
  "1899-12-30",
  "1899-12-30T00:00:00",
  "1900-01-01",
  "1900-01-01T00:00:00Z",
  "1753-01-01",
  "00010101",
];
const ever = ["9999-12-31", "9999-12-31T23:59:59", "99991231", "9999-12-31T00:00:00Z", "2999-12-31"];
const unsure = ["31.01.2027", "01/02/2027", "46022", "2027-02-30", "2027-02-30T10:00:00Z", "20271331", "1798675200", "soon"];

describe("reports R4, R15, R22: dates of every source", () => {
  it.each<[string, ReturnType<typeof readDate>]>([
    ["2027-01-31", { ms: Date.UTC(2027, 0, 31), whole: true }],
    ["20270131", { ms: Date.UTC(2027, 0, 31), whole: true }],
    ["2027-01-31 00:00:00.0000000", { ms: Date.UTC(2027, 0, 31), whole: true }],
    ["2027-01-31T15:00Z", { ms: Date.UTC(2027, 0, 31, 15), whole: false }],
    ["20270131T150000Z", { ms: Date.UTC(2027, 0, 31, 15), whole: false }],
    ["20270131160000.0+0100", { ms: Date.UTC(2027, 0, 31, 15), whole: false }],
    ...nothing.map((text): [string, "none"] => [text, "none"]),
    ...ever.map((text): [string, "never"] => [text, "never"]),
    ...unsure.map((text): [string, undefined] => [text, undefined]),
    ["10000101", undefined],
  ])("%s", (text, is) => {
    expect(readDate(text)).toEqual(is);
  });

  const times = userRules.filter((rule) => rule.kind === "time");
  it.each(times)("Entra's $name: no date gives nothing, what is not certain is refused", (rule) => {
    for (const text of [...nothing, ...ever]) expect(userValue(rule, [text])).toEqual({ value: "" });
    for (const text of unsure) expect(userValue(rule, [text])).toMatchObject({ problem: expect.stringContaining(`found "${text}"`) });
    expect(userValue(rule, ["20270131"])).toEqual({ value: "2027-01-31T00:00:00Z" });
  });

  it("AD's: accountExpires never, a declared time nothing", () => {
    const ends = attribute("accountExpires");
    const since = attribute("northwindSince", { northwindSince: "time" });
    for (const text of [...nothing, ...ever]) {
      expect(ends.canonical([text])).toBe("never");
      expect(since.canonical([text])).toBe("");
    }
    for (const text of unsure) for (const one of [ends, since]) expect(() => one.canonical([text])).toThrow(/^expected /u);
  });

  it("tickets: no last day is no end, no first day is no beginning, and what is no day says nothing", () => {
    expect(dayOf("20270131")).toBe("2027-01-31");
    expect(dayOf("9999-12-31T00:00:00")).toBe("9999-12-31");
    for (const text of nothing) expect(dayOf(text)).toBeUndefined();
    const row = { from: "0001-01-01T00:00:00", until: "1899-12-30" };
    expect(isWithin(row, { starts: "from", ends: "until" }, { today: "2027-01-31" }, true)).toBe(true);
    expect(isWithin({ from: "soon" }, { starts: "from" }, { today: "2027-01-31" }, true)).toBeUndefined();
  });

  it("templates: the filter date reads the same", () => {
    const template = compile("{{ other1 | date: '%d.%m.%Y' }}");
    const made = (other1: string): string => template.render({ other1 });
    expect([...nothing, ...unsure].map(made).join("")).toBe("");
    expect(["20270131", "2027-01-31T00:00:00", "9999-12-31"].map(made)).toEqual(["31.01.2027", "31.01.2027", "31.12.9999"]);
  });
});

describe("reports R15: two plans in a row are a fixed point for every attribute type (property)", () => {
  const odd = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.constantFrom(
      ...nothing,
      ...ever,
      ...unsure,
      "never",
      "always",
      "GB",
      "H:",
      "smtp:a@b.c",
      "SMTP:A@B.C",
      "TRUE",
      "18.0",
      "dn:CN=a,DC=b",
      " a ",
      "AAAA",
    ),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: 0, max: 99_999_999 }).map(String),
    fc.bigInt({ min: 0n, max: 9223372036854775807n }).map(String),
  );
  it.each(["text", "integer", "largeInteger", "boolean", "date", "time", "dn", "octets"])("of AD, declared as %s", (syntax) => {
    const one = attribute(`northwind${syntax}`, { [`northwind${syntax}`]: syntax });
    fc.assert(fc.property(odd, (text) => settles(one, text)));
  });
  it("of AD, known by name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...knownAttributes.map(({ name }) => name)), odd, (name, text) => settles(attribute(name), text)),
      {
        numRuns: 2000,
      },
    );
  });
  it("of Entra ID", () => {
    fc.assert(
      fc.property(fc.constantFrom(...userRules), odd, (rule, text) => {
        const made = userValue(rule, [text]);
        if ("problem" in made) return;
        expect(userValue(rule, [made.value].flat())).toEqual(made);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("reports R15: an account as it was written is an account as it is wished, for every attribute and list of values (property)", () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom(
      ...nothing,
      ...ever,
      "never",
      "GB",
      "uk",
      "H:",
      "smtp:a@b.c",
      "SMTP:A@B.C",
      "smtp:A@b.c",
      "x500:/o=a",
      "TRUE",
      "no",
      "18.0",
      "pc1,PC2",
    ),
    fc.constantFrom(
      "Mon-Fri 07:00-19:00",
      "daily 22:00-06:00",
      "never",
      "dn:CN=a\\2c b,DC=b",
      "dn:cn=A\\, B, dc=B",
      "cafe\u0301",
      "café",
      "AAAA",
      "2027-01-31T00:00:00Z",
    ),
    fc.integer({ min: -5, max: 99_999_999 }).map(String),
  );
  const context = { account: () => undefined, personOf: () => undefined };
  it("of AD", () => {
    const names = knownAttributes.map(({ name }) => name).filter((name) => !/^(?:cn|sAMAccountName|userPrincipalName)$/u.test(name));
    const given = fc.dictionary(fc.constantFrom(...names), fc.array(value, { maxLength: 4 }), { minKeys: 1, maxKeys: 5 });
    fc.assert(
      fc.property(given, (texts) => {
        const attributes = Object.fromEntries(
          Object.entries(texts).flatMap(([name, all]) => {
            const one = attribute(name);
            try {
              const made = one.canonical(one.isReference ? all.map((text) => (/^dn:/u.test(text) ? text : "dn:CN=x,DC=b")) : all);
              return one.check(made) === undefined ? [[name, made]] : [];
            } catch {
              return [];
            }
          }),
        );
        const wish = userInputs.parse({ person: "1", name: "A", path: "OU=A,DC=b", enabled: false, sAMAccountName: "a", attributes });
        const raw = Object.entries(wish.attributes).flatMap(([name, made]) => {
          const one = attribute(name);
          const values = one.isReference ? listOf(made).map((ref) => ref.replace(/^dn:/u, "")) : one.toWire(made);
          return values.length === 0 ? [] : [[name, [...values].reverse()]];
        });
        const entry = { dn: "CN=A,OU=A,DC=b", attributes: { ...Object.fromEntries(raw), ...entryOf } };
        const live = liveUser(entry, () => undefined);
        expect(live && userInputs.parse(viewUser(live, wish, context as never))).toEqual(wish);
      }),
      { numRuns: 3000 },
    );
  });
  it("of Entra ID", () => {
    const rules = userRules.filter(({ kind }) => kind !== "person");
    const given = fc.dictionary(fc.constantFrom(...rules.map(({ name }) => name)), fc.array(value, { minLength: 1, maxLength: 4 }), {
      minKeys: 1,
      maxKeys: 5,
    });
    fc.assert(
      fc.property(given, (texts) => {
        const attributes = Object.fromEntries(
          Object.entries(texts).flatMap(([name, all]) => {
            const rule = userRule(name);
            const made = rule && userValue(rule, rule.kind === "texts" ? all : all.slice(0, 1));
            return made && "value" in made && made.value.length > 0 ? [[name, made.value]] : [];
          }),
        );
        const wish = entraInputs.parse({ person: "1", hybrid: false, userPrincipalName: "a@b.cd", enabled: true, attributes });
        const body = bodyOf(wish.attributes, {}, "a@b.cd");
        const live = liveAccount({ id: "1", userPrincipalName: "a@b.cd", accountEnabled: true, ...body });
        expect(entraInputs.parse(viewAccount(live, wish, {}, context))).toEqual(wish);
      }),
      { numRuns: 3000 },
    );
  });
});

/** What a mapping wishes, once written to AD and read back, is what it wishes; what it does not take, it refuses. */
function settles(one: ReturnType<typeof attribute>, text: string): void {
  let wished: ReturnType<typeof one.canonical>;
  try {
    wished = one.canonical([text]);
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return;
  }
  expect(one.canonical([wished].flat())).toEqual(wished);
  if (one.isReference || one.check(wished) !== undefined) return;
  const raw = one.toWire(wished).map((value) => (Buffer.isBuffer(value) ? value.toString("base64") : value));
  const back = one.toLive(raw.length === 0 && one.syntax === "date" ? ["0"] : raw);
  expect(one.canonical(back)).toEqual(wished);
}

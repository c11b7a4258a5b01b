import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dnProblem, escapeDnValue } from "../../../../mappings/language/dn.ts";
import { compile, FILTERS, renderDn } from "../../../../mappings/language/template.ts";
import { ascii, initials, letters, phone, slice } from "../../../../mappings/language/text.ts";
import { TemplateError, TemplateLimitError } from "../../../../mappings/text/errors.ts";
import { splitDn } from "../../../../providers/ad/values/dn.ts";

const ada = {
  id: 41,
  firstname: " Zoë",
  surname: "O'Neil, Smith",
  "custom.CFManager": "12",
  "custom.CF Odd": 3,
  start: "2024-03-01T00:30:00",
  tags: ["a", "b"],
  site_name: "Main",
};
const render = (source: string): string => compile(source).render(ada, { login: "zoneil" });

describe("a template", () => {
  it.each([
    ["{{ firstname | slice: 0 | downcase }}{{ surname | letters | ascii | downcase }}", "zoneilsmith"],
    ["{{ firstname }} {{ surname }}", "Zoë O'Neil, Smith"],
    ["{{ custom.CFManager }}{{ custom['CF Odd'] }}", "123"],
    ["{{ login }}@example.com", "zoneil@example.com"],
    ["{{ id }}", "41"],
    ["{{ missing }}{{ missing.deep.er }}{{ custom.CFNone | upcase }}", ""],
    ["  {{ missing }} x \n", "x"],
    ["{{ start | date: '%d/%m/%Y %H:%M' }}", "01/03/2024 00:30"],
    ["{{ 'now' | date: '%Y' }}{{ 'today' | date: '%Y' }}", ""],
    ["{{ id | divided_by: 0 }}{{ firstname | plus: 1 }}", "1"],
    ["{% if site_name == 'Main' %}M{% else %}-{% endif %}", "M"],
    ["{% assign x = firstname | upcase %}{{ x }}", "ZOË"],
    ["{{ toString }}{{ constructor }}{{ firstname.constructor }}{{ __proto__ }}", ""],
    ["{{ surname | dn }}", "O'Neil\\, Smith"],
    ['{{ "{" }}', "{"],
  ])("%s", (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it("knows its fields", () => {
    expect(
      compile("{{ surname }}{{ custom.CFManager | default: firstname }}{% if custom['CF Odd'] %}{{ login }}{% endif %}").fields,
    ).toEqual(["custom.CF Odd", "custom.CFManager", "firstname", "login", "surname"]);
    expect(compile("{% assign x = id %}{{ x }}").fields).toEqual(["id"]);
  });

  it.each([
    ["{{ a }}\n {{ firstname | asci }}", 'unknown filter "asci"', 2, 17],
    ["{{ firstname", 'output "{{ firstname" not closed', 1, 1],
    ["{% if a %}x", "tag {% if a %} not closed", 1, 1],
    ["{{ a | constructor }}", 'unknown filter "constructor"', 1, 8],
    ["ab {% include 'x' %}", 'unknown tag "include" (there are if, unless, case, assign, capture, comment, raw, echo)', 1, 4],
    ["a {firstname}", 'expected two braces on each side, as in {{ firstname }}, found one (for a real brace write {{ "{" }})', 1, 3],
    [
      "{% if a %}b{% else %}c {d}{% endif %}",
      'expected two braces on each side, as in {{ firstname }}, found one (for a real brace write {{ "{" }})',
      1,
      24,
    ],
    [
      "{% case a %}{% when 'x', 'y' %}1{% when \"z\" or \"x\" %}2{% endcase %}",
      'expected each value of a case in one when, found "x" in two: what stands behind both would be written',
      1,
      48,
    ],
    ["{{ a b }}", "expected one field, then filters each after a |, as in {{ firstname | downcase }}, found two fields", 1, 1],
    ["{{ custom }}", "expected custom.CFName with the name of one custom field, found custom without", 1, 4],
  ])("is refused with the place: %s", (source, problem, line, column) => {
    expect(() => compile(source)).toThrow(TemplateError);
    expect(() => compile(source)).toThrow(expect.objectContaining({ problem, line, column }));
  });

  it("has every filter it says it has", () => {
    for (const filter of FILTERS) expect(() => compile(`{{ a | ${filter} }}`)).not.toThrow();
    for (const gone of ["sample", "where_exp", "json", "raw", "hmac_sha256"])
      expect(() => compile(`{{ a | ${gone} }}`)).toThrow(TemplateError);
  });

  it("never throws at render, whatever the record holds", () => {
    const filter = fc
      .constantFrom(...FILTERS)
      .chain((name) => fc.constantFrom("", ": 1", ": 0, 3", ": 'x'", ": b", ": 99999999").map((argument) => ` | ${name}${argument}`))
      // What is no form of dates and no zone is found when the mapping is read.
      .map((written) => written.replace("day: 'x'", "day: 'dd/mm/yyyy', 'x'").replace("endOfDay: 'x'", "endOfDay: 'Asia/Tokyo'"));
    const source = fc
      .array(filter, { maxLength: 4 })
      .map((filters) => `{{ a${filters.join("")} }}-{% if b == a %}{{ custom.CFx${filters.join("")} }}{% endif %}`);
    const fields = fc.dictionary(
      fc.constantFrom("a", "b", "custom.CFx"),
      fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    ) as fc.Arbitrary<{ [field: string]: string }>;
    fc.assert(
      fc.property(source, fields, (text, record) => {
        const result = compile(text).render(record);
        expect(result).toBe(result.trim());
        expect(result.isWellFormed()).toBe(true);
        expect(compile(text).render(record)).toBe(result);
      }),
    );
  });

  it("is bounded in time and size, and what hits a bound is no text", () => {
    expect(() => compile("{{ a | replace: 'x', a | replace: 'x', a }}").render({ a: "x".repeat(50_000) })).toThrow(TemplateLimitError);
    expect(() => compile("x".repeat(20_000))).toThrow(TemplateError);
  });
});

describe("text filters", () => {
  it.each([
    ["Zoë Łukasz Straße Øre Æbelø Þór", "Zoe Lukasz Strasse Ore Aebelo Thor"],
    ["O’Neil – “x”", 'O\'Neil - "x"'],
    ["Жанна Ωmega İstanbul ﬁ ②", "Zhanna Omega Istanbul fi 2"],
    ["山田 😀", " "],
  ])("ascii: %s", (text, expected) => {
    expect(ascii(text)).toBe(expected);
  });
  it("ascii is ASCII, leaves ASCII alone and is done after once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const plain = ascii(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
        expect(plain).toMatch(/^[\u0000-\u007f]*$/u);
        expect(ascii(plain)).toBe(plain);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => ascii(text) === text));
  });
  it.each([
    ["+44 (0)20 7946-0123", "+44 20 7946 0123"],
    ["0044 20 7946 0123", "+44 20 7946 0123"],
    ["(020) 7946 0123", "020 7946 0123"],
    ["020.7946.0123 ext. 12", "020 7946 0123 x12"],
    ["tel: 7946", "7946"],
    ["none", ""],
    ["٠٢٠ 7946", "7946"],
  ])("phone: %s", (text, expected) => {
    expect(phone(text)).toBe(expected);
  });
  it("phone loses no ASCII digit of a national number and is done after once", () => {
    const number = fc.array(fc.constantFrom(..."123456789 -/.()"), { minLength: 1 }).map((characters) => characters.join(""));
    fc.assert(
      fc.property(number, (text) => {
        expect(phone(text).replace(/\D/gu, "")).toBe(text.replace(/\D/gu, ""));
        expect(phone(phone(text))).toBe(phone(text));
      }),
    );
  });
  it("initials, letters and slice keep whole characters", () => {
    expect(initials("anna Lena O'Neil-Smith (temp)")).toBe("ALOST");
    expect(letters("O'Neil-Smith 2 é")).toBe("ONeilSmith2é");
    expect(slice("👩‍🚀éx", 0)).toBe("👩‍🚀");
    expect(slice("abc", -2, 2)).toBe("bc");
    expect(slice("abc", 9)).toBe("");
  });
});

describe("a distinguishedName", () => {
  /** Reads one escaped value back, as RFC 4514 says: an independent decoder. */
  const decoded = (value: string): string =>
    value.replace(/\\([0-9A-F]{2})|\\(.)/gsu, (_, hex: string | undefined, literal: string | undefined) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (literal ?? ""),
    );

  it.each([
    ["Smith, Ada", "Smith\\, Ada"],
    ["#1", "\\#1"],
    [" x ", "\\20x\\20"],
    ['a"b+c;d<e>f\\g', 'a\\"b\\+c\\;d\\<e\\>f\\\\g'],
    ["a\nb\u0000", "a\\0Ab\\00"],
    ["a=b", "a=b"],
    ["", ""],
  ])("escapes %j", (value, expected) => {
    expect(escapeDnValue(value)).toBe(expected);
  });

  it("keeps any value one value, and gives it back", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...'\\,+"<>;=# aB\n\u0000') })), (value) => {
        const escaped = escapeDnValue(value);
        expect(decoded(escaped)).toBe(value);
        expect(splitDn(`OU=${escaped},DC=example`)).toEqual([`OU=${escaped}`, "DC=example"]);
        if (value !== "") expect(dnProblem(`OU=${escaped},DC=example`)).toBe(undefined);
      }),
    );
  });

  it("is rendered with every value escaped, and nothing can undo it", () => {
    const template = "OU={{ a }},OU=Staff,DC=example,DC=com";
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (a) => {
        const dn = renderDn(compile(template), { a });
        if (dn === "") expect(a.trim()).toBe("");
        else expect(splitDn(dn)).toHaveLength(4);
      }),
    );
    const evil = { a: "x,OU=Admins" };
    for (const source of [
      template,
      "OU={{ a | dn }},OU=Staff,DC=example,DC=com",
      "OU={% echo a %},OU=Staff,DC=example,DC=com",
      "{% assign b = a %}OU={{ b }},OU=Staff,DC=example,DC=com",
    ]) {
      expect(renderDn(source, evil)).toBe("OU=x\\,OU=Admins,OU=Staff,DC=example,DC=com");
    }
    expect(() => renderDn("OU={{ a | raw }},DC=example", evil)).toThrow(TemplateError);
  });

  it("is empty where the record has no value for one of its parts", () => {
    expect(renderDn("OU={{ a }},DC=example,DC=com", {})).toBe("");
    expect(renderDn("OU={{ a }},DC=example,DC=com", { a: " Main " })).toBe("OU=Main,DC=example,DC=com");
  });
});

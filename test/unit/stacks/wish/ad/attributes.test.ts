/** Attributes and names of accounts in the pure middle: canonical by syntax, parked where AD would refuse, kept for leavers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Json, Values } from "../../../../../base/json.ts";
import type { adFile } from "../../../../../mappings/schema/ad.ts";
import { user } from "../../../../../providers/ad/user/user.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { commonNames, placed, upnProblem } from "../../../../../stacks/wish/naming.ts";
import { type World, wish } from "../../../../../stacks/wish/wish.ts";
import { account, apply, base, find, mappings, next, record, world } from "../../world.ts";

type Ad = z.input<typeof adFile>;
const staff = (
  attributes: NonNullable<Ad["attributes"]>[string],
  more: Partial<Ad> = {},
  rule: Partial<Ad["accounts"]["first"][number]> = {},
): Ad => ({
  accounts: { first: [{ ou: `OU=Staff,${base}`, attributes: "staff", ...rule }] },
  attributes: { staff: attributes },
  ...more,
});
const scene = (ad: Ad, records: { [field: string]: Json }[], live: Live[] = []): World =>
  world({
    mappings: mappings({ ad, entra: null, halo: null }),
    records: records.map((fields, index) => record(41 + index, fields)),
    live: { "ad:User": live },
  });
const inputs = (wished: ReturnType<typeof wish>, key = "41"): Values => find(wished, "ad:User", `person-${key}`)?.inputs ?? {};
const reasons = (wished: ReturnType<typeof wish>): string[] => wished.parked.map((one) => `${one.key}: ${one.reason}`);

describe("attributes", () => {
  test("are canonical by their syntax, with additive ones, flags and declared syntaxes beside them", () => {
    const wished = wish(
      scene(
        staff(
          {
            accountExpires: "{{ other1 }}",
            logonHours: ["mon-fri 7-19"],
            userWorkstations: ["{{ other2 }}", "pc-9"],
            countryCode: 826,
            msExchHideFromAddressLists: true,
            northwindShoe: "{{ other3 }}",
            northwindHat: "{{ other3 }}",
            altRecipient: `cn=Desk, ${base}`,
            proxyAddresses: { values: ["smtp:{{ emailaddress }}", "smtp:{{ other4 }}", "SMTP:Ada@corp.example.com"], mode: "additive" },
            mobile: { value: "{{ nothing }}", whenEmpty: "clear" },
            pager: { value: "{{ nothing }}" },
          },
          { syntax: { northwindShoe: "integer" } },
          { flags: { smartcardRequired: false, cannotBeDelegated: true } },
        ),
        [{ other1: "2027-01-31T00:00:00", other2: "pc-10", other3: "42.0" }],
      ),
    );
    expect(wished.parked).toEqual([]);
    expect(inputs(wished)).toMatchObject({
      attributes: {
        accountExpires: "2027-01-31",
        logonHours: "Mon-Fri 07:00-19:00",
        userWorkstations: ["PC-10", "PC-9"],
        countryCode: "826",
        msExchHideFromAddressLists: "TRUE",
        northwindShoe: "42",
        northwindHat: "42.0",
        altRecipient: `dn:CN=Desk,${base}`,
        proxyAddresses: ["SMTP:Ada@corp.example.com", "smtp:user41@corp.example.com"],
        mobile: "",
      },
      syntax: { northwindShoe: "integer" },
      additive: ["proxyAddresses"],
      flags: { cannotBeDelegated: true, smartcardRequired: false },
    });
    expect(Object.keys(inputs(wished)["attributes"] ?? {})).not.toContain("pager");
    expect(find(wished, "ad:User", "person-41")?.because["attributes.userWorkstations"]?.field).toBe("other2");
  });

  test("are what ad:User makes of them, whatever the record holds", () => {
    const ad = staff({
      title: "{{ other1 }}",
      accountExpires: { value: "{{ other2 }}", whenEmpty: "clear" },
      otherTelephone: ["{{ other1 }}", "{{ other3 }}"],
      proxyAddresses: ["SMTP:{{ emailaddress }}", "smtp:{{ other3 }}"],
      homeDrive: "{{ other4 }}",
    });
    const field = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", "2027-01-31", "h:", "never", "a@example.com", "x".repeat(200)),
    );
    fc.assert(
      fc.property(field, field, field, field, (other1, other2, other3, other4) => {
        const wished = wish(scene(ad, [{ other1, other2, other3, other4 }]));
        const found = find(wished, "ad:User", "person-41");
        expect(found === undefined).toBe(wished.parked.length === 1);
        if (found) expect(user.inputs.parse(found.inputs)).toEqual(found.inputs);
      }),
    );
  });

  test.each([
    [{ accountExpires: "{{ other1 }}" }, "accountExpires (mappings/ad.yaml:attributes.staff.accountExpires): expected a day such as"],
    [
      { title: "{{ other1 | append: other1 | append: other1 | append: other1 }}" },
      "title (mappings/ad.yaml:attributes.staff.title): expected at most 128 characters",
    ],
    [
      { proxyAddresses: ["SMTP:a@example.com", "{{ other2 }}"] },
      "expected one primary address (SMTP:), found SMTP:a@example.com and SMTP:b@example.com",
    ],
    [{ proxyAddresses: ["{{ other3 }}"] }, "expected one primary address (SMTP:), found only smtp:b@example.com"],
    [{ altRecipient: "{{ other1 }}" }, "altRecipient (mappings/ad.yaml:attributes.staff.altRecipient): "],
  ])("AD would not take park the person, with the reason: %j", (attributes, reason) => {
    const other = { other1: "by the end of next week, perhaps, but ask again", other2: "SMTP:b@example.com", other3: "smtp:b@example.com" };
    const wished = wish(scene(staff(attributes as never), [other, { other1: "", other2: "", other3: "SMTP:c@example.com" }]));
    expect(reasons(wished)[0]).toContain(reason);
    expect(reasons(wished)[0]).toMatch(/^41: /u);
    expect(find(wished, "ad:User", "person-41")).toBeUndefined();
  });

  test("of a leaver stay as they were last applied, flags too, and a wrong value does not keep a leaver enabled", () => {
    const ad = staff({ title: "{{ other1 }}", homeDrive: "{{ other2 }}" }, {}, { flags: { cannotBeDelegated: true } });
    const first = scene(ad, [{ other1: "Pilot", other2: "H:" }]);
    const before = wish(first);
    const after = apply(first, before);
    const left = wish(next(first, after, { records: [record(41, { other1: "x".repeat(500), other2: "drive", inactive: true })] }));
    expect(left.parked).toEqual([]);
    expect(inputs(left)).toEqual({ ...inputs(before), enabled: false });
  });
});

describe("addresses", () => {
  const ad = staff({ proxyAddresses: ["SMTP:{{ other1 }}", "smtp:{{ other2 }}"] });
  test("go to one person only: the lower key", () => {
    const wished = wish(
      scene(ad, [
        { other1: "a@example.com", other2: "" },
        { other1: "b@example.com", other2: "A@example.com" },
      ]),
    );
    expect(find(wished, "ad:User", "person-41")).toBeDefined();
    expect(reasons(wished)).toEqual([
      "42: the address smtp:a@example.com is given to Ada41 Example41 (41): make it unique in Halo or in the mapping",
    ]);
  });

  test("of an account that keeps them are nobody else's; of one that gives them up they are free", () => {
    const holder = account(41, {}, { proxyAddresses: ["SMTP:a@example.com", "smtp:b@example.com"] });
    const stranger = account(99, {}, { proxyAddresses: "smtp:c@example.com" });
    const one = (other1: string): { [field: string]: Json } => ({ other1, other2: "" });
    const wished = wish(scene(ad, [one("a@example.com"), one("b@example.com"), one("c@example.com")], [holder, stranger]));
    expect(find(wished, "ad:User", "person-42")).toBeDefined();
    expect(reasons(wished)).toEqual([
      `43: the address smtp:c@example.com is taken by ${stranger.values["distinguishedName"]}: make it unique in Halo or in the mapping`,
    ]);
  });
});

describe("names", () => {
  test.each([
    ["ada@example.com", undefined],
    ["o'neil.ada+x@example.com", "has a character"],
    ["zoë@example.com", undefined],
    ["ada", "is not a name, one @ and a domain"],
    ["a@b@c.com", "is not a name, one @ and a domain"],
    ["@example.com", "has nothing before the @"],
    ["ada@", "has no domain"],
    ["ada@exa mple.com", "has no domain"],
    ["ada smith@example.com", "has a character"],
    [".ada@example.com", "has a dot"],
    ["ada.@example.com", "has a dot"],
    [`${"x".repeat(1020)}@example.com`, "has 1032 characters"],
  ])("the userPrincipalName %s", (upn, problem) => {
    if (problem === undefined) expect(upnProblem(upn, "Halo")).toBeUndefined();
    else expect(upnProblem(upn, "Halo")).toContain(problem);
  });

  test("a wrong userPrincipalName parks its person, an old one of an existing account does not", () => {
    const ad = staff({ userPrincipalName: "{{ other1 }}", employeeNumber: "{{ id }}" });
    const live = account(42, { userPrincipalName: "old one@corp.example.com" });
    const wished = wish(scene(ad, [{ other1: "ada smith@example.com" }, { other1: "old one@corp.example.com" }], [live]));
    expect(reasons(wished)).toEqual([expect.stringMatching(/^41: the userPrincipalName "ada smith@example\.com" has a character/u)]);
    expect(find(wished, "ad:User", "person-42")?.adopt).toBe(live.id);
  });

  test("that AD takes for one (case, accents, width) are not given twice in one place", () => {
    const given = commonNames(
      ["José Núñez", "Jose Nunez", "JOSE NUNEZ", "Ｊｏｓｅ Nunez"].map((name, index) => ({ key: String(index), base: name, place: "p" })),
      () => [],
      "Halo",
    );
    expect([...given.values()]).toEqual([
      { name: "José Núñez" },
      { name: "Jose Nunez (2)" },
      { name: "JOSE NUNEZ (3)" },
      { name: "Ｊｏｓｅ Nunez (4)" },
    ]);
    expect(
      commonNames([{ key: "1", base: "José", place: "p", current: { name: "Jose", place: "p" } }], () => [placed("p", "Jose")], "Halo").get(
        "1",
      ),
    ).toEqual({
      name: "José",
    });
  });
});

test("behaviour F9: an account that needs a card no more has a password that nobody knows: the plan says so, once it is switched off no more", () => {
  const ad = staff({ title: "{{ title }}" }, {}, { flags: { smartcardRequired: false } });
  const said = (control: number) =>
    wish(scene(ad, [{}], [account(41, { userAccountControl: control })])).notes.filter((note) => note.includes("password"));
  expect(said(0x200 | 0x40000)).toEqual([
    "The AD account of Ada41 Example41 (41) takes a password again (flags.smartcardRequired is switched off), and nobody knows it: AD made one up when the flag was switched on; give a new one (haloform password reset 41)",
  ]);
  expect(said(0x200)).toEqual([]);
});

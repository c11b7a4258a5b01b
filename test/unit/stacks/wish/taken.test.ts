/** Names and addresses that somebody has already, in whichever directory (reports R1, R10, R20; behaviour F6). */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import type { PreviousResource } from "../../../../stacks/model/types.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import {
  account,
  adDefault,
  base,
  entraDefault,
  entraUser,
  find,
  group,
  guid,
  mappings,
  peopleDefault,
  record,
  staff,
  world,
} from "../world.ts";

const anthony = (fields: Values = {}) => record(502, { firstname: "Anthony", surname: "Martinez", emailaddress: "", ...fields });
/** A world with this in it besides a colleague, whose account says how the domain is called. */
const wished = (live: { [type: string]: Live[] }, { records = [anthony()], maps = mappings(), previous = [] as PreviousResource[] } = {}) =>
  wish(
    world({
      records,
      mappings: maps,
      previous,
      live: { ...live, "ad:User": [account(900, { sAMAccountName: "colleague" }), ...(live["ad:User"] ?? [])] },
    }),
  );
const inputs = (made: ReturnType<typeof wish>, key = 502): Values | undefined => find(made, "ad:User", `person-${key}`)?.inputs;
const parkedOf = (made: ReturnType<typeof wish>) => made.parked.map((one) => one.reason);
const { people } = peopleDefault;
const parking = mappings({ people: { people: { ...people, login: { ...people.login, taken: "park" } } } });
const alfredo = entraUser("alfredo", { userPrincipalName: "AMartinez@corp.example.com", displayName: "Alfredo Martinez" });
const other = (values: Values, attributes: Values = {}): Live =>
  account(
    901,
    { sAMAccountName: "other", userPrincipalName: "other@corp.example.com", name: "Other", ...values },
    { employeeNumber: "", mail: "", ...attributes },
  );
const elsewhere = (name: string, values: Values = {}, path = staff("Main")): Live => ({
  id: guid(950),
  values: { distinguishedName: `CN=${name},${path}`, userPrincipalName: "", attributes: {}, ...values },
});

describe("reports R1: a login that would come with a name that somebody has in the other directory", () => {
  test("is numbered, and the plan says by whom it is taken", () => {
    const made = wished({ "entra:Licence": [alfredo] });
    expect(inputs(made)).toMatchObject({ sAMAccountName: "amartinez2", userPrincipalName: "amartinez2@corp.example.com" });
    expect(find(made, "ad:User", "person-502")?.because["sAMAccountName"]?.note).toBe(
      "amartinez is taken by the account AMartinez@corp.example.com in Entra ID",
    );
  });
  test("or parks with the holder", () => {
    const made = wished({ "entra:Licence": [alfredo] }, { maps: parking });
    expect(parkedOf(made)).toEqual([
      "the login amartinez is taken by the account AMartinez@corp.example.com in Entra ID; choose another by hand, or set people.login.taken to number",
    ]);
    expect(inputs(made)).toBeUndefined();
  });
  test.each([
    [
      "an address of somebody",
      { "entra:Licence": [entraUser("x", { addresses: ["smtp:amartinez@corp.example.com"] })] },
      "the address of x@corp.example.com in Entra ID: userPrincipalName amartinez@corp.example.com",
    ],
    [
      "the mail of somebody",
      { "entra:Licence": [entraUser("x", { mail: "amartinez@corp.example.com" })] },
      "the address of x@corp.example.com in Entra ID: userPrincipalName amartinez@corp.example.com",
    ],
    [
      "a group's address",
      { "entra:Group": [{ id: "g", values: { name: "Team", addresses: ["SMTP:amartinez@corp.example.com"] } }] },
      "taken by the group Team in Entra ID: userPrincipalName amartinez@corp.example.com",
    ],
    [
      "a deleted account of Entra ID",
      { "entra:Deleted": [{ id: "d", values: { userPrincipalName: "amartinez@corp.example.com", deleted: true } }] },
      "taken by the deleted account amartinez@corp.example.com in Entra ID",
    ],
    [
      "an address of a deleted account of Entra ID",
      {
        "entra:Deleted": [
          { id: "d", values: { userPrincipalName: "gone@corp.example.com", addresses: ["smtp:amartinez@corp.example.com"] } },
        ],
      },
      "the address of the deleted account gone@corp.example.com in Entra ID: userPrincipalName amartinez@corp.example.com",
    ],
    [
      "a mail contact of Exchange Online",
      {
        "entra:Contact": [
          { id: "c", values: { name: "Sales partner", mail: "x@partner.example", addresses: ["SMTP:amartinez@corp.example.com"] } },
        ],
      },
      "taken by the contact Sales partner in Entra ID: userPrincipalName amartinez@corp.example.com",
    ],
    [
      "a deleted account of AD",
      { "ad:Deleted": [other({ sAMAccountName: "AMartinez" })] },
      `taken by the deleted account CN=Other,${staff("Main")}`,
    ],
    [
      "a contact's address",
      { "ad:Elsewhere": [elsewhere("C", { attributes: { proxyAddresses: ["SMTP:amartinez@corp.example.com"] } })] },
      `taken by CN=C,${staff("Main")}: userPrincipalName amartinez@corp.example.com`,
    ],
    [
      "an alias in AD",
      { "ad:User": [other({}, { proxyAddresses: ["smtp:AMartinez@corp.example.com"] })] },
      `taken by CN=Other,${staff("Main")}: userPrincipalName amartinez@corp.example.com`,
    ],
  ] as [string, { [type: string]: Live[] }, string][])("%s counts", (_what, live, words) => {
    const made = wished(live);
    expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez2");
    expect(find(made, "ad:User", "person-502")?.because["sAMAccountName"]?.note).toBe(`amartinez is ${words}`);
  });
  test("a name of the person's own account in the other directory is no reason", () => {
    const own = entraUser("anthony", { userPrincipalName: "amartinez@corp.example.com", employeeId: "502" });
    expect(inputs(wished({ "entra:Licence": [own] }))?.["sAMAccountName"]).toBe("amartinez");
  });
  test("a deleted account of Entra ID that was the person's own is no reason: by the number, or as the copy of the account that AD has lost", () => {
    const values = { userPrincipalName: "amartinez@corp.example.com" };
    const own: Values[] = [
      { ...values, employeeId: "502" },
      { ...values, immutableId: immutableIdOf(guid(502)) ?? "" },
    ];
    const before = { type: "ad:User", name: "person-502", id: guid(502), inputs: { sAMAccountName: "amartinez" }, outputs: {} };
    for (const [index, one] of own.entries()) {
      const made = wish(
        world({
          records: [anthony()],
          previous: index === 1 ? [before] : [],
          live: { "ad:User": [account(900, { sAMAccountName: "colleague" })], "entra:Deleted": [{ id: "d", values: one }] },
        }),
      );
      expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez");
    }
    expect(inputs(wished({ "entra:Deleted": [{ id: "d", values: { ...values, employeeId: "7" } }] }))?.["sAMAccountName"]).toBe(
      "amartinez2",
    );
  });
  test("whose template makes one address of every login is parked, not numbered for ever", () => {
    const fixed = {
      ...adDefault,
      attributes: { office: { ...adDefault.attributes?.["office"], mail: "{{ login | slice: 0 }}@corp.example.com" } },
    };
    const made = wished({ "ad:User": [other({}, { mail: "a@corp.example.com" })] }, { maps: mappings({ ad: fixed }) });
    expect(parkedOf(made)).toEqual([expect.stringMatching(/^the login amartinez is taken by CN=Other,.*, and so it is with a number/u)]);
  });
});

describe("behaviour F6: names that another's name implies", () => {
  test("a userPrincipalName that is another's login at the domain", () => {
    const ad = { ...adDefault, attributes: { office: { ...adDefault.attributes?.["office"], userPrincipalName: "{{ emailaddress }}" } } };
    const made = wished(
      { "ad:User": [other({ sAMAccountName: "Tony", userPrincipalName: "" })] },
      {
        records: [anthony({ emailaddress: "tony@corp.example.com" })],
        maps: mappings({ ad }),
      },
    );
    expect(parkedOf(made)).toEqual([
      `the userPrincipalName tony@corp.example.com is taken by CN=Other,${staff("Main")}, whose login implies it: make it unique in Halo or in the mapping`,
    ]);
  });
  test("a login that another's userPrincipalName implies", () => {
    const made = wished({ "ad:User": [other({ userPrincipalName: "AMartinez@corp.example.com" })] });
    expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez2");
    expect(find(made, "ad:User", "person-502")?.because["sAMAccountName"]?.note).toBe(
      `amartinez is taken by CN=Other,${staff("Main")}, whose userPrincipalName AMartinez@corp.example.com implies it`,
    );
  });
  test("but a mail address that a login would imply is no name to sign in with", () => {
    const made = wished(
      { "ad:User": [other({ sAMAccountName: "Tony" })] },
      { records: [anthony({ emailaddress: "tony@corp.example.com" })] },
    );
    expect(made.parked).toEqual([]);
  });
  test("in another domain it implies nothing", () => {
    const made = wished({ "ad:User": [other({ userPrincipalName: "amartinez@example.net" })] });
    expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez");
  });
});

describe("reports R1, R20: AD compares names without accents and width", () => {
  test.each([
    ["a login", { sAMAccountName: "AMartínez" }],
    ["a userPrincipalName", { userPrincipalName: "amartínez@corp.example.com" }],
    ["a login in wide letters", { sAMAccountName: "\uff41martinez" }],
  ])("%s that differs in nothing else is taken", (_what, values) => {
    const made = wished({ "ad:User": [other(values)] });
    expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez2");
    expect(find(made, "ad:User", "person-502")?.because["sAMAccountName"]?.note).toMatch(/^amartinez is taken by CN=Other,/u);
  });
  test("a letter of its own is another letter", () => {
    expect(inputs(wished({ "ad:User": [other({ sAMAccountName: "amartinøz" })] }))?.["sAMAccountName"]).toBe("amartinez");
  });
  test("a login with accents that was lost, and that somebody has without them, does not come back", () => {
    const before = { type: "ad:User", name: "person-502", id: guid(1), inputs: { sAMAccountName: "amartínez" }, outputs: {} };
    const made = wished({ "ad:User": [other({ sAMAccountName: "amartinez" })] }, { previous: [before] });
    expect(inputs(made)?.["sAMAccountName"]).toBe("amartinez2");
  });
});

describe("reports R10: an address that somebody has", () => {
  const shared = "shop@corp.example.com";
  const said = (whose: string) => `the address ${shared} is ${whose}: make it unique in Halo or in the mapping`;
  test.each([
    ["an account of AD", { "ad:User": [other({}, { mail: "Shop@corp.example.com" })] }, `taken by CN=Other,${staff("Main")}`],
    ["a group", { "ad:Group": [group("Shop", [], { mail: shared })] }, `taken by the group CN=Shop,OU=Groups,${base}`],
    ["a contact", { "ad:Contact": [elsewhere("Shop", { attributes: { mail: shared } })] }, `taken by CN=Shop,${staff("Main")}`],
    ["somebody in Entra ID", { "entra:Licence": [entraUser("x", { mail: shared })] }, "the address of x@corp.example.com in Entra ID"],
  ] as [string, { [type: string]: Live[] }, string][])("%s: the newcomer is parked with the holder", (_what, live, whose) => {
    // Recognised by number alone: by the address, it might be the person's own account.
    const maps = mappings({
      people: { people: { ...people, is: { ad: { employeeNumber: "{{ id }}" }, entra: { employeeId: "{{ id }}" } } } },
    });
    const made = wished(live, { records: [anthony({ emailaddress: shared })], maps });
    expect(parkedOf(made)).toContain(said(whose));
    expect(inputs(made)).toBeUndefined();
  });
  test("a guest's address is no reason: it is its own tenant's, and matching tells of it", () => {
    const guest = entraUser("g", { userPrincipalName: "g#EXT#@corp.example.com", mail: shared, userType: "Guest" });
    const made = wished({ "entra:Licence": [guest] }, { records: [anthony({ emailaddress: shared })] });
    expect(made.parked).toEqual([]);
    expect(inputs(made)).toMatchObject({ attributes: { mail: shared } });
  });
  test("of two who come the lower key gets it", () => {
    const made = wished({}, { records: [anthony({ emailaddress: shared }), record(503, { emailaddress: shared })] });
    expect(made.parked.map((one) => [one.key, one.reason])).toEqual([["503", said("given to Anthony Martinez (502)")]]);
    expect(inputs(made)).toMatchObject({ attributes: { mail: shared } });
  });
  test("who has it already keeps it, although somebody else has it too", () => {
    const mine = (id: number) => account(id, { sAMAccountName: `user${id}`, name: `Ada${id} Example${id}` }, { mail: shared });
    const records = [record(41, { emailaddress: shared }), record(42, { emailaddress: shared })];
    const maps = mappings({ people: { people: { ...people, is: { ad: { employeeNumber: "{{ id }}" } } } } });
    expect(wished({ "ad:User": [mine(41), mine(42)] }, { records, maps }).parked).toEqual([]);
  });
  test("the copy that Entra Connect made of an account that gives an address up does not keep it", () => {
    const ad = {
      ...adDefault,
      attributes: { office: { ...adDefault.attributes?.["office"], mail: "", proxyAddresses: ["SMTP:{{ emailaddress }}"] } },
    };
    const first = account(41, {}, { mail: "", proxyAddresses: [`SMTP:${shared}`] });
    const copy = entraUser("copy", {
      immutableId: immutableIdOf(first.id) ?? "",
      synced: true,
      mail: shared,
      addresses: [`SMTP:${shared}`],
    });
    const made = wished(
      { "ad:User": [first], "entra:Licence": [copy] },
      {
        records: [record(41, { emailaddress: "new@corp.example.com" }), anthony({ emailaddress: shared })],
        maps: mappings({ ad }),
      },
    );
    expect(made.parked).toEqual([]);
  });
});

describe("reports R20: a name that something else in the organizational unit has", () => {
  test.each([
    ["a contact", { "ad:Contact": [elsewhere("anthony martinez")] }],
    ["a computer", { "ad:Computer": [elsewhere("Anthony Martinez", { name: "ANTHONY" })] }],
    [
      "a group whose login is another",
      { "ad:Group": [group("GG-Anthony", [], { distinguishedName: `CN=Anthony Martinez,${staff("Main")}`, path: staff("Main") })] },
    ],
    [
      "an organizational unit",
      { "ad:OrganizationalUnit": [{ id: "u", values: { distinguishedName: `OU=Anthony Martinez,${staff("Main")}` } }] },
    ],
    ["anything else", { "ad:Elsewhere": [elsewhere("Anthony Martinez")] }],
  ] as [string, { [type: string]: Live[] }][])("%s: the person gets the next", (_what, live) => {
    expect(inputs(wished(live))).toMatchObject({ name: "Anthony Martinez (2)" });
  });
  test("a contact or a group that is to be made under a name that something has there, or as somebody's login, is parked while planning", () => {
    const more = { ...adDefault, contacts: [{ name: "Pat Outside", ou: staff("Main"), attributes: {} }] };
    const maps = mappings({
      ad: {
        ...more,
        groups: [
          { name: "GG-New", ou: staff("Main") },
          { name: "OTHER", ou: staff("Main") },
        ],
      },
    });
    const live = { "ad:User": [other({ name: "Pat Outside" })], "ad:Elsewhere": [elsewhere("GG-New")] };
    const made = wished(live, { maps });
    expect(made.parked.map((one) => [one.key, one.reason.replace(/ \(mappings.*$/u, "")])).toEqual([
      [
        "GG-New",
        `the AD group GG-New cannot be made in ${staff("Main")}: something else there has this name; rename one of them, or give the group another ou`,
      ],
      ["OTHER", `the AD group OTHER cannot be made: CN=Pat Outside,${staff("Main")} has this name as its login; rename one of them`],
      [
        "Pat Outside",
        `the AD contact Pat Outside cannot be made in ${staff("Main")}: something else there has this name; rename one of them, or give the contact another ou`,
      ],
    ]);
    expect(find(made, "ad:Group", "OTHER")).toBeUndefined();
  });
  test("a group or a contact that goes where another one of the mapping goes, or where no unit can be made, is parked too", () => {
    const [main, it] = [staff("Main"), `OU=IT,${staff("Main")}`];
    const contacts = [
      { name: "Same", ou: main, attributes: {} },
      { name: "Agency", ou: it, attributes: {} },
    ];
    const groups = [
      { name: "Same", ou: main },
      { name: "GG-It", ou: it },
    ];
    const lines = [{ for: {}, ou: it, name: "{{ firstname }} {{ surname }}", attributes: "office" as const }];
    const maps = mappings({ ad: { ...adDefault, accounts: { first: lines }, ous: [it], contacts, groups } });
    const made = wished({ "ad:Group": [group("It", [], { distinguishedName: `CN=It,${main}`, path: main })] }, { maps });
    const why = `the organizational unit ${it} cannot be made, as something else there has this name: rename one of them`;
    expect(made.parked.map((one) => [one.key, one.reason.replace(/ \(mappings.*$/u, "")])).toEqual([
      ["502", `${why}, or correct the place in Halo or in the mapping`],
      ["Agency", `the AD contact Agency cannot be made, and ${why}, or give the contact another ou`],
      ["GG-It", `the AD group GG-It cannot be made, and ${why}, or give the group another ou`],
      [it, why],
      [
        "Same",
        `the AD group Same cannot be made in ${main}: something else there has this name; rename one of them, or give the group another ou`,
      ],
    ]);
  });

  describe("issue 15: a group that exists, and whose new name or place somebody else has, is parked and stays as it is", () => {
    const ou = `OU=Groups,${base}`;
    const named = (name: string, more: Values = {}): Live => group(name, [], { distinguishedName: `CN=${name},${ou}`, path: ou, ...more });
    const known = {
      ...{ type: "ad:Group", name: "GG-New", id: "group-GG-Old", outputs: {} },
      inputs: { name: "GG-New", mode: "exact", members: [] },
    };
    const line = (more: object = {}) => ({ ...adDefault, groups: [{ name: "GG-New", ou, for: {}, ...more }] });
    const said = (live: { [type: string]: Live[] }, ad: object, previous = [known]) => {
      const made = wished(live, { maps: mappings({ ad: ad as typeof adDefault }), previous });
      return [made.parked.map((one) => one.reason.replace(/ \(mappings.*$/u, "")), find(made, "ad:Group", "GG-New")?.inputs] as const;
    };
    test.each([
      [
        "another group has it, by its login",
        [named("GG-Old"), { ...named("Other", { name: "GG-New" }), id: "o" }],
        {},
        `CN=Other,${ou} has its name`,
      ],
      ["it is renamed by formerly", [named("GG-Old")], { formerly: "GG-Old" }, `CN=Somebody,${ou} has its name`],
    ] as const)("%s", (_what, groups, more, why) => {
      const users =
        "formerly" in more ? [other({ sAMAccountName: "gg-new", name: "Somebody", distinguishedName: `CN=Somebody,${ou}` })] : [];
      const [parked, inputs] = said({ "ad:Group": [...groups], "ad:User": users }, line(more), "formerly" in more ? [] : [known]);
      expect(parked).toEqual([`the AD group GG-New cannot be renamed: it is called GG-Old now, and ${why}: rename one of them`]);
      expect(inputs).toMatchObject({ name: "GG-Old", path: ou, members: ["person:502"] });
    });
    test("a contact has its common name there, or in the place to which it is to move", () => {
      const contact = { id: "c", values: { name: "GG-New", distinguishedName: `CN=GG-New,${ou}` } };
      const [parked, inputs] = said({ "ad:Group": [named("GG-Old")], "ad:Contact": [contact] }, line());
      expect(parked).toEqual([
        `the AD group GG-New cannot be renamed: it is called GG-Old now, and something else in ${ou} has its name: rename one of them`,
      ]);
      expect(inputs).toMatchObject({ name: "GG-Old" });
      const away = `OU=Away,${base}`;
      const there = { id: "c", values: { name: "GG-New", distinguishedName: `CN=GG-New,${away}` } };
      const moved = said(
        { "ad:Group": [{ ...named("GG-New"), id: "group-GG-Old" }], "ad:Contact": [there] },
        line({ ou: away, move: true }),
      );
      expect(moved[0]).toEqual([
        `the AD group GG-New cannot be moved to ${away}, and something else there has its name: rename one of them`,
      ]);
      expect(moved[1]).toMatchObject({ name: "GG-New", path: ou });
    });
    test("where nobody has it, it is renamed, also to another case and where its common name is another", () => {
      const odd = group("GG-Old", [], { distinguishedName: `CN=Odd,${ou}`, path: ou });
      const contact = { id: "c", values: { name: "GG-New", distinguishedName: `CN=GG-New,${ou}` } };
      expect(said({ "ad:Group": [odd], "ad:Contact": [contact] }, line())).toEqual([[], expect.objectContaining({ name: "GG-New" })]);
      expect(said({ "ad:Group": [named("GG-Old")] }, line())).toEqual([[], expect.objectContaining({ name: "GG-New" })]);
    });
    test("an address that somebody has is not given to a group; its own copy in Entra ID is nobody else", () => {
      const live = { ...named("GG-Old", { name: "GG-New", mail: "", sid: "S-1-5-21-9-9-9-2008" }), id: "group-GG-Old" };
      const users = [other({ sAMAccountName: "pat" }, { mail: "Crew@corp.example.com" })];
      const [parked, inputs] = said({ "ad:Group": [live], "ad:User": users }, line({ mail: "crew@corp.example.com" }));
      expect(parked).toEqual([
        expect.stringMatching(/^the address crew@corp\.example\.com of the AD group GG-New is taken by CN=.*: make it unique$/u),
      ]);
      expect(inputs).not.toHaveProperty("mail");
      const copy = {
        id: "e",
        values: { synced: true, onPremisesSecurityIdentifier: "S-1-5-21-9-9-9-2008", addresses: ["SMTP:crew@corp.example.com"] },
      };
      expect(said({ "ad:Group": [live], "entra:Group": [copy] }, line({ mail: "crew@corp.example.com" }))).toEqual([
        [],
        expect.objectContaining({ mail: "crew@corp.example.com" }),
      ]);
    });
  });

  test("issue 15: the mailNickname of a Microsoft 365 group that another has is parked, and the group keeps the one it has", () => {
    const cloud = (id: string, values: Values): Live => ({
      id,
      values: { kind: "microsoft365", synced: false, dynamic: false, members: [], ...values },
    });
    const groups = [{ name: "Crew", kind: "microsoft365" as const, mailNickname: "crew", for: {} }];
    const maps = mappings({ entra: { ...entraDefault, groups } });
    const live = {
      "entra:Group": [cloud("1", { name: "Crew", mailNickname: "old" }), cloud("2", { name: "Other", mailNickname: "Crew" })],
    };
    const made = wished(live, { maps });
    expect(made.parked.map((one) => one.reason.replace(/ \(mappings.*$/u, ""))).toEqual([
      "the mailNickname crew of the Entra group Crew is taken by the group Other in Entra ID: make it unique",
    ]);
    expect(find(made, "entra:Group", "Crew")?.inputs["mailNickname"]).toBe("old");
    const free = wished({ "entra:Group": [cloud("1", { name: "Crew", mailNickname: "old" })] }, { maps });
    expect([free.parked, find(free, "entra:Group", "Crew")?.inputs["mailNickname"]]).toEqual([[], "crew"]);
  });

  test("elsewhere it is free", () => {
    expect(inputs(wished({ "ad:Elsewhere": [elsewhere("Anthony Martinez", {}, staff("Lab"))] }))).toMatchObject({
      name: "Anthony Martinez",
    });
  });
});

describe("what must be read", () => {
  const mine = account(41, { userPrincipalName: "user41@corp.example.com" });
  test("where newcomers and those who move come to; nothing where nobody gets another name", () => {
    const bare = { ...adDefault, groups: [] };
    expect(wished({}, { maps: mappings({ ad: bare }) }).newNames).toEqual(["", staff("Main")]);
    const ad = { ...bare, attributes: { office: { mail: "{{ emailaddress | downcase }}" } } };
    const still = (fields: Values) =>
      wished({ "ad:User": [mine] }, { records: [record(41, fields)], maps: mappings({ ad, entra: null }) }).newNames;
    expect(still({})).toBeUndefined();
    expect(still({ site_name: "Lab" })).toEqual([staff("Lab")]);
    expect(still({ emailaddress: "other@corp.example.com" })).toEqual([""]);
  });
});

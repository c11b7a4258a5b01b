/**
 * Odd records through every mapping file's templates and every type's schema: nothing throws, nothing that a schema or a system's rules
 * refuse is wished, no hidden character is written, and whoever is refused is parked with attribute, line and value. 5,000 in the long
 * profile, 500 in the usual one.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Json, Values } from "../../../base/json.ts";
import { loadMappings } from "../../../mappings/load.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { knownAttributes } from "../../../providers/ad/values/attribute-table.ts";
import { userRules } from "../../../providers/entra/user/attributes.ts";
import { definition, types } from "../../../providers/registry.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../sources/halo/fields.ts";
import type { PreviousResource, SourceRecord } from "../../../stacks/model/types.ts";
import { believed } from "../../../stacks/people/believed.ts";
import { planOf } from "../../../stacks/plan/plan.ts";
import { type Wish, wish } from "../../../stacks/wish/wish.ts";
import { sized } from "../../sizes.ts";
import { account, base, entraUser, group, now, world } from "./world.ts";

const count = sized(500, 5000);
const seed = 20_261_130;

/** What no directory should hold; ends of lines are a mapping's own, in texts of several lines. */
const hidden = /[[\p{Cc}--[\n]]\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/v;
/** Says which attribute of which line has which value; or what is missing, taken or doubted, and where that is mended. */
const told =
  /\(mappings\/\S+\): |correct |fill (?:it )?in |make it unique|give the person a name|choose (?:one|another)|set usageLocation|in Halo\b/u;

const odd = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 80 }) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Json>(
      ...[
        "",
        " ",
        "\u0000",
        "\r\n",
        "A\u200bda",
        "\u202eevil\u202c",
        "\ufeffBOM",
        "А\u0301da",
        "null",
        "undefined",
        "NaN",
        "true",
        "FALSE",
        "-1",
        "0",
      ],
      ...[
        "never",
        "9999-12-31",
        "0001-01-01T00:00:00",
        "20271231",
        "31/12/2027",
        "46418",
        "134458812000000000",
        "2027-02-30",
        "1.23457E+11",
      ],
      ...[
        "Germany",
        "UK",
        "gb",
        "XX",
        "a@b@c",
        "@",
        "a@",
        "smtp:",
        "SMTP:a@b.c",
        "CN=a,DC=b",
        "\\",
        "/",
        "..",
        "../../etc",
        "a\\b/c",
        "C:",
        "H:",
      ],
      ...[
        "x".repeat(65),
        "y".repeat(129),
        "z".repeat(1200),
        "😀".repeat(40),
        'O\'Neil, "Ann" <x>',
        "#lead",
        " lead ",
        "trail\\",
        "a=b;c+d",
        "{{ id }}",
      ],
      ...["Mon-Fri 07:00-19:00", "Mon", "AAAA", "not base64!", "+44 (0)20 7946 0123", "\ud800", "ﬁ①", "محمد", "李", "ΑΒ", "İ", "ß"],
      ...[null, 0, -1, 1.5, 1e300, 12_345_678_901_234, true, false],
      ...([[], ["a", ""], [null], {}, { a: 1 }] as Json[]),
    ),
  },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.double(), fc.boolean()) },
) as fc.Arbitrary<Json>;

/** Somebody as Halo or Entra ID has them, with up to four odd fields. */
const recordsOf = (source: "halo" | "entra", fields: readonly string[], total: number): SourceRecord[] =>
  fc.sample(fc.dictionary(fc.constantFrom(...fields), odd, { maxKeys: 4 }), { numRuns: total, seed }).map((more, index) => {
    const id = 1000 + index;
    const names = { firstname: `Ada${index % 50}`, surname: `Example${index % 40}` };
    const halo = {
      ...{ id, ...names, name: `${names.firstname} ${names.surname}`, emailaddress: `p${id}@corp.example.com`, site_name: "Main" },
      ...{ client_name: "Northwind Ferries", client_id: 1, site_id: 2, title: "Analyst", isserviceaccount: false, inactive: false },
      ...{ phonenumber: "", "custom.CFDepartment": "Sales", "custom.CFManager": String(id - 1) },
    };
    const entra = {
      ...{ id: `u${id}`, displayName: halo.name, givenName: names.firstname, surname: names.surname, mail: halo.emailaddress },
      ...{ userPrincipalName: halo.emailaddress, jobTitle: "Analyst", department: "Sales", officeLocation: "Main", accountEnabled: true },
      ...{ userType: "Member", inactive: false, groups: ["SG-ServiceDesk"], companyName: "Night Ferries" },
    };
    const is: { [field: string]: Json } = source === "halo" ? halo : entra;
    return { ref: `${source}.users ${is["id"]}`, fields: { ...is, ...more } };
  });

const people = { login: { is: "{{ firstname | slice: 0 }}{{ surname }}", longest: 20, taken: "number" } };
const safety = {
  leaver: {
    ...{ disable: "at once", strip: "at once", move: { to: `OU=Leavers,${base}`, after: "at once" }, lync: "off", delete: "90 days" },
    folder: { archive: "at once", delete: "1 year" },
    mailbox: {
      ...{ share: true, hide: true, forward: "{{ other1 }}{{ managerMail }}", manager: "{{ custom.CFManager }}" },
      replies: { internal: "{{ name }} {{ notes }}: {{ manager }}", external: "{{ other2 }}" },
    },
    successor: "{{ custom.CFManager }}",
  },
};
/** Each attribute from a field that may hold anything. */
const fieldFor = (index: number): string => ["other1", "other2", "other3", "notes", "title", "fax", "login"][index % 7] ?? "other1";
const ownInputs = /^(?:cn|ou|o|samaccountname|userprincipalname|c)$/iu;
const adAttributes = Object.fromEntries(
  knownAttributes
    .filter(({ name, syntax }) => !ownInputs.test(name) && syntax !== "dn" && syntax !== "octets")
    .map(({ name, single }, index) => [name, single ? `{{ ${fieldFor(index)} }}` : [`{{ ${fieldFor(index)} }}`, "{{ other4 }}"]]),
);
const entraAttributes = Object.fromEntries(
  userRules
    .filter(({ kind, name }) => kind !== "person" && name !== "employeeId")
    .map(({ name, kind }, index) => [name, kind === "texts" ? [`{{ ${fieldFor(index)} }}`] : `{{ ${fieldFor(index)} }}`]),
);
/** One attribute a line, so that most people are not refused for another one. */
const lines = (sets: { [set: string]: unknown }, line: (set: string) => object) =>
  Object.keys(sets).map((set, index, all) => ({
    ...(index === all.length - 1 ? {} : { for: { other5: { matches: `^${index}$` } } }),
    ...line(set),
  }));
const setsOf = (attributes: { [name: string]: unknown }) =>
  Object.fromEntries([
    ...Object.entries(attributes).map(([name, value]): [string, unknown] => [
      `only${name.replace(/[^A-Za-z0-9]/gu, "")}`,
      { [name]: value },
    ]),
    ["usual", {}],
  ]);
// What people are recognised by has one template (people.is).
const { employeeNumber: _number, mail: _mail, ...others } = adAttributes as { [name: string]: unknown };
const adSets = setsOf(others);
const entraSets = setsOf(entraAttributes);
const usual = {
  ...{
    displayName: "{{ firstname }} {{ surname }}",
    mail: "{{ emailaddress | downcase }}",
    userPrincipalName: "{{ login }}@corp.example.com",
  },
  ...{ employeeNumber: "{{ id }}", manager: { person: "{{ custom.CFManager }}" }, proxyAddresses: ["SMTP:{{ emailaddress }}"] },
};

const rich = {
  people: { people: { source: "halo.users", ...people } },
  ad: {
    accounts: {
      first: lines(adSets, (set) => ({
        ou: `OU={{ site_name | default: "Main" }},OU=Staff,${base}`,
        ...{ name: "{{ firstname }} {{ surname }}", attributes: ["common", set], flags: { smartcardRequired: false } },
      })),
    },
    attributes: { common: usual, ...adSets },
    ous: [{ ou: `OU=Odd,${base}`, description: "Odd" }],
    contacts: [{ name: "Pat Outside", ou: `OU=Odd,${base}`, attributes: { mail: "pat@partner.example.org" } }],
    groups: [
      { name: "GG-All", ou: `OU=Groups,${base}`, for: {}, contains: { contacts: ["Pat Outside"], dns: [`CN=Pat Outside,OU=Odd,${base}`] } },
      { name: "GG-Odd", ou: `OU=Groups,${base}`, mode: "additive", for: { other1: { matches: "^x" } }, managedBy: { person: 1001 } },
    ],
    passwords: { handover: "nobody" },
  },
  entra: {
    usageLocation: "{{ other2 | default: 'GB' }}",
    accounts: { first: [{ hybrid: true, attributes: "cloud" }] },
    attributes: { cloud: { usageLocation: "{{ other2 }}" } },
    licences: {
      every: [
        { sku: "SPE_E3", for: {} },
        { sku: "SPE_E5", for: { group: "GG-Odd" } },
      ],
    },
    mailboxes: { plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE" } },
    replies: {
      first: [
        {
          ...{
            for: { title: { matches: "." } },
            internal: "{{ firstname }} ({{ other1 }}): {{ manager }} {{ managerMail }}",
            external: "{{ notes }}",
          },
          ...{ manager: "{{ custom.CFManager }}", starts: "{{ other3 }}", ends: "other4" },
        },
      ],
    },
    applications: [{ name: "Wiki", for: { title: { matches: "." } } }],
    administrativeUnits: [{ name: "Unit", for: {} }],
    photos: { first: [{ from: { folder: "photos", name: "{{ other1 }}.jpg" } }] },
    groups: [{ name: "SG-Odd", for: { title: { matches: "." } }, owners: { person: [1001] } }],
  },
  halo: {
    roles: [{ name: "Service Desk" }],
    teams: [{ name: "Second line", for: { group: "GG-All" } }],
    boards: [{ name: "Board", as: "agent", for: { person: [1001] } }],
    agents: { every: [{ for: { group: "GG-All" }, roles: ["Service Desk"], teams: ["First line"], team: "First line" }] },
  },
  files: { homes: { first: [{ path: "{{ site_name }}/{{ login }}", rights: "0700" }] } },
  scripts: {
    scripts: [
      { name: "tell", run: ["/bin/tell"], after: ["joiner", "leaver"], input: ["firstname", "surname", "login", "mail"] },
      { name: "made", run: ["/bin/made"], before: ["joiner"], input: { a: "{{ other1 }}", b: { value: "{{ other2 }}", secret: true } } },
    ],
  },
  safety,
};
const cloud = {
  people: { people: { source: "halo.users", ...people } },
  entra: {
    usageLocation: "GB",
    accounts: {
      first: lines(entraSets, (set) => ({ hybrid: false, userPrincipalName: "{{ login }}@corp.example.com", attributes: ["common", set] })),
    },
    attributes: {
      common: { displayName: "{{ firstname }} {{ surname }}", employeeId: "{{ id }}", manager: { person: "{{ custom.CFManager }}" } },
      ...entraSets,
    },
    licences: { every: [{ sku: "SPE_E3", for: {} }] },
    groups: [{ name: "SG-All", for: {} }],
  },
  safety: { leaver: { when: ["inactive"], delete: "90 days" } },
};

/** People of Entra ID as users of Halo. */
const contacts = {
  people: { people: { source: "entra.users", login: { is: "{{ givenName }}" }, is: { halo: { email: "{{ mail | downcase }}" } } } },
  "halo-users": readFileSync(join(import.meta.dirname, "../../../docs/examples/halo-users.yaml"), "utf8"),
  halo: { agents: { every: [{ for: { jobTitle: "Analyst" }, roles: ["Service Desk"] }] } },
  safety: {},
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const load = (folder: string): Promise<Mappings> =>
  loadMappings(folder, { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS], label: "mappings" });
function written(files: { [name: string]: object | string }): Promise<Mappings> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-nasty-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(
      join(folder, `${name}.yaml`),
      typeof content === "string" ? content : stringify(content, { aliasDuplicateObjects: false }),
    );
  return load(folder);
}
const root = join(import.meta.dirname, "../../..");
const haloFields = [
  "firstname",
  "surname",
  "name",
  "emailaddress",
  "site_name",
  "title",
  "phonenumber",
  "fax",
  "notes",
  "login",
  "client_name",
];
const oddFields = ["other1", "other2", "other3", "other4", "custom.CFDepartment", "custom.CFManager", "mobilenumber2", "site_id"];
const entraFields = ["displayName", "givenName", "surname", "mail", "jobTitle", "department", "officeLocation", "manager", "companyName"];

/** Types that have been wished. */
const wished = new Set<string>();
const mailbox: Values = { exists: true, kind: "user", hidden: false, hold: false, forward: "" };
/** What no value of a person's record comes into, or comes into where something else is tried. */
const elsewhere: { readonly [type: string]: string } = {
  "ad:Computer": "named by the mapping, and read",
  "ad:Photo": "an image: test/unit/sources/photos",
  "entra:AppAssignment": "members alone: test/unit/stacks/wish/entra",
  "entra:Mailbox": "one address: test/unit/stacks/wish/entra/mailboxes.test.ts",
  "entra:Photo": "an image: test/unit/sources/photos",
  "halo:Asset": "filled from devices: test/unit/stacks/wish/halo",
  "halo:Client": "named by the mapping",
  "halo:Licence": "filled from the tenant's subscriptions",
  "halo:Ticket": "filled from the changes of a plan: test/unit/stacks/plan/tickets.test.ts",
};

const texts = (value: Json): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, one]) => [name, ...texts(one)])
      : [];

/** What is wished may be: by the type's schema and the system's rules, and without anything hidden. */
function expectFit(made: Wish, previous: readonly PreviousResource[] = []): void {
  const before = new Map(previous.map((one) => [`${one.type} ${one.name}`, one.inputs]));
  for (const { type, name, inputs } of made.resources) {
    const { inputs: schema, refuses } = definition(type);
    const parsed = schema.safeParse(JSON.parse(JSON.stringify(inputs)));
    expect(parsed.error?.issues, `${type} ${name} ${JSON.stringify(inputs)}`).toBeUndefined();
    const was = before.get(`${type} ${name}`) as never;
    expect(parsed.data && refuses?.(parsed.data, was), `${type} ${name} ${JSON.stringify(inputs)}`).toEqual(refuses ? [] : undefined);
    for (const text of texts(inputs as Json)) expect(text).not.toMatch(hidden);
  }
  expect(made.parked.filter(({ reason }) => !told.test(reason))).toEqual([]);
}

function planned(made: Wish): void {
  const steps = made.resources.map(({ type, name, inputs }) => ({ op: "create" as const, type, name, after: inputs }));
  const facts = { source: { name: "", records: 0, trust: "trusted" as const, doubts: [] }, memory: undefined, world: "", was: new Map() };
  const plan = planOf({
    ...{ stack: "t", now, expires: 1, wish: made, steps, live: {}, calls: { halo: 0, graph: 0, ldap: 0 }, ...facts },
    judge: () => ({ verdict: "ok", breaches: [] }),
  });
  expect(JSON.stringify(plan)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
}

describe("reports R6, R20: records that are odd in any way", () => {
  const companies: [string, () => Promise<Mappings>, "halo" | "entra", string[]][] = [
    ["the sample mappings", () => load(join(root, "mappings")), "halo", [...haloFields, ...oddFields]],
    ["a mapping that uses every file and every attribute of AD", () => written(rich), "halo", [...haloFields, ...oddFields]],
    ["every attribute of Entra ID, for people of the cloud", () => written(cloud), "halo", [...haloFields, ...oddFields]],
    ["people of Entra ID as users of Halo", () => written(contacts), "entra", entraFields],
  ];
  it.each(companies)("%s", { timeout: 600_000 }, async (_name, loaded, source, fields) => {
    const maps = await loaded();
    const sets = Math.max(Object.keys(maps.ad?.attributes ?? {}).length, Object.keys(maps.entra?.attributes ?? {}).length);
    const records: SourceRecord[] = recordsOf(source, fields, count).map((one, index) => ({
      ...one,
      fields: { other5: String(index % sets), ...one.fields },
    }));
    const read = { recordCount: records.length, rows: records.length, pages: 1, complete: true, doubts: [] };
    const given = (all: readonly SourceRecord[]) =>
      believed({ name: "halo.users", called: "Halo", read, records: [...all] }, maps, undefined, now);
    // Some have an account already; the others come.
    const old = records
      .filter((_, index) => index % 7 === 0)
      .map(({ fields }) => Number(fields["id"]))
      .filter((id) => id > 0);
    const live = {
      "ad:User": old.map((id) =>
        account(id, { name: `Old ${id}`, path: `OU=Main,OU=Staff,${base}` }, { employeeNumber: String(id), mail: "" }),
      ),
      "entra:Licence": old.map((id) => entraUser(`e${id}`, { employeeId: String(id) })),
      "entra:Mailbox": old.map((id) => ({ id: `e${id}`, values: mailbox })),
      "entra:AutomaticReplies": old.map((id) => ({ id: `e${id}`, values: { mailbox: true, status: "off" } })),
      "ad:Group": (maps.ad?.groups ?? []).flatMap(({ name, ou }) => (ou === undefined ? [group(name)] : [])),
    };
    const first = world({ ...given(records), mappings: maps, live });
    const made = wish(first);
    expect(made.refused).toEqual([]);
    expectFit(made);
    // Most are fine all the same, and some are not.
    const inMapping = made.parked.filter(({ where }) => where === "mapping").length;
    expect(inMapping).toBeGreaterThan(0);
    expect(inMapping).toBeLessThan(count / 2);
    expect(made.resources.filter(({ person }) => person !== undefined).length).toBeGreaterThan(count / 3);
    planned(made);
    expect(JSON.stringify(wish(first).resources)).toBe(JSON.stringify(made.resources));

    // They leave, or become somebody else.
    const previous: PreviousResource[] = made.resources.map(({ type, name, inputs, adopt }) => ({
      ...{ type, name, inputs: JSON.parse(JSON.stringify(inputs)) as Values, outputs: {} },
      id: adopt ?? `${type} ${name}`,
    }));
    const there = Map.groupBy(previous, ({ type }) => type);
    const after = {
      "ad:Group": live["ad:Group"],
      "ad:User": (there.get("ad:User") ?? []).map(({ id, inputs }) => ({ id, values: { ...account(1).values, ...inputs, memberOf: [] } })),
      "entra:User": (there.get("entra:User") ?? []).map(({ id, inputs }) => ({ id, values: inputs })),
      "entra:Licence": (there.get("entra:User") ?? []).map(({ id, inputs }) =>
        entraUser(id, { userPrincipalName: inputs["userPrincipalName"] ?? "" }),
      ),
      "entra:Mailbox": live["entra:Mailbox"],
      "entra:AutomaticReplies": live["entra:AutomaticReplies"],
    };
    const changed = records.map((one, index) => {
      const other = records[(index + 1) % records.length] ?? one;
      const id = one.fields["id"] ?? "";
      return { ...one, fields: index % 5 === 0 ? { ...one.fields, inactive: true } : { ...other.fields, id } };
    });
    const second = wish(world({ ...given(changed), mappings: maps, previous, live: after, memory: made.memory }));
    expectFit(second, previous);
    planned(second);
    for (const { type } of [...made.resources, ...second.resources]) wished.add(type);
  });

  it("every type has been wished that a template fills, in one of these companies", () => {
    expect(types.filter((type) => !wished.has(type) && !Object.hasOwn(elsewhere, type))).toEqual([]);
  });
});

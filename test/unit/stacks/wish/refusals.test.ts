import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, Values } from "../../../../base/json.ts";
import { definition } from "../../../../providers/registry.ts";
import { decisionsFor, nothingInEntra } from "../../../../stacks/decide/decide.ts";
import { groundOf, sceneOf } from "../../../../stacks/model/scene.ts";
import type { DesiredResource, PreviousResource } from "../../../../stacks/model/types.ts";
import { cleaned } from "../../../../stacks/people/clean.ts";
import { subjects } from "../../../../stacks/people/lifecycle.ts";
import { roster } from "../../../../stacks/people/roster.ts";
import { refuseUnfit } from "../../../../stacks/wish/refusals.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { sized } from "../../../sizes.ts";
import { adDefault, entraDefault, entraUser, find, mappings, now, record, staff, trusted, world } from "../world.ts";

/** A scene of these people with these wishes. */
function refused(wishes: readonly DesiredResource[], previous: readonly PreviousResource[] = [], inactive = false) {
  const given = world({ records: [record(41, { inactive }), record(42)], previous });
  const { mappings: maps } = given;
  const base = subjects(
    { roster: roster(given.records, maps), waiting: new Map(), likes: new Map() },
    { mappings: maps, previous, memory: undefined, trust: trusted, now },
  );
  const scene = sceneOf(groundOf({ world: given, ...base }), decisionsFor(maps, base.subjects, now, nothingInEntra));
  for (const one of wishes) scene.add(structuredClone(one));
  refuseUnfit(scene);
  return scene;
}
const rule = { rule: "mappings/entra.yaml:3" };
const of = (type: string, name: string, inputs: Values, person?: string): DesiredResource => ({
  ...{ type, name, inputs, because: { "": rule } },
  ...(person === undefined ? {} : { person }),
});
const licence = (usageLocation: string): DesiredResource =>
  of("entra:Licence", "person-41", { person: "41", usageLocation, skus: [], of: ["SPE_E3"] }, "41");

describe("reports R6: what a schema refuses is refused for the one it is about", () => {
  it("the person is parked with field, line and value, and the others go on", () => {
    const scene = refused([licence("Germany"), { ...licence("GB"), name: "person-42", person: "42" }]);
    expect(scene.resources.map((one) => one.name)).toEqual(["person-42"]);
    expect(scene.parked).toEqual([
      {
        ...{ key: "41", name: "Ada41 Example41", where: "mapping", of: "part" },
        reason: 'usageLocation (mappings/entra.yaml:3): expected two letters, as in GB (ISO 3166-1), found "Germany"',
      },
    ]);
  });

  it("who had something keeps it", () => {
    const before = { ...licence("GB"), id: "1", outputs: {} };
    const scene = refused([licence("Germany")], [before]);
    expect(scene.resources[0]?.inputs).toEqual(before.inputs);
    expect(scene.parked).toHaveLength(1);
  });

  it("a leaver is disabled all the same", () => {
    const account = { person: "41", hybrid: false, userPrincipalName: "ada@corp.example.com", enabled: true, attributes: {} };
    const before = { ...of("entra:User", "person-41", account, "41"), id: "1", outputs: {} };
    const odd = { ...account, enabled: false, attributes: { sofa: "red" } };
    const scene = refused([of("entra:User", "person-41", odd, "41")], [before], true);
    expect(scene.resources[0]?.inputs).toEqual({ ...account, enabled: false });
  });

  it("whoever gets no account is no member either, and nothing else is made for them there", () => {
    const odd = { person: "41", hybrid: false, userPrincipalName: "a@b.example", enabled: true, attributes: { sofa: "red" } };
    const group = { name: "SG-A", mode: "exact", members: ["person:41", "person:42"] };
    const scene = refused([of("entra:User", "person-41", odd, "41"), licence("GB"), of("entra:Group", "SG-A", group)]);
    expect(scene.resources.map((one) => [one.type, one.inputs["members"]])).toEqual([["entra:Group", ["person:42"]]]);
  });
});

const entra = { ...entraDefault, usageLocation: "{{ other2 | default: 'GB' }}" };
const cloud = (more: Values = {}) => entraUser("user41", { employeeId: "41", ...more });

describe("reports R6, R21: no usageLocation", () => {
  it("a country that is none parks its person while planning, with line, value and the nearest code", () => {
    const made = wish(
      world({ records: [record(41, { other2: "Germany" })], mappings: mappings({ entra }), live: { "entra:Licence": [cloud()] } }),
    );
    expect(find(made, "entra:Licence", "person-41")?.inputs).toMatchObject({ skus: [] });
    expect(find(made, "entra:Licence", "person-41")?.inputs["usageLocation"]).toBeUndefined();
    expect(made.parked.map((one) => one.reason)).toEqual([
      'SPE_E3 cannot be given: usageLocation (mappings/entra.yaml:usageLocation): expected a country\'s two letters (ISO 3166-1) such as GB, found "Germany"; correct other2 in Halo; did you mean "DE"?',
    ]);
  });

  it("none at all is said while planning", () => {
    const { usageLocation: _, ...none } = entraDefault;
    const made = wish(world({ records: [record(41)], mappings: mappings({ entra: none }), live: { "entra:Licence": [cloud()] } }));
    expect(made.parked.map((one) => one.reason)).toEqual([
      "SPE_E3 cannot be given: the account has no usageLocation, and none is wished: set usageLocation in entra.yaml, or on the account",
    ]);
  });

  it("who has one, or has the licence already, loses nothing by it", () => {
    const maps = mappings({ entra });
    const there = wish(
      world({ records: [record(41, { other2: "UK" })], mappings: maps, live: { "entra:Licence": [cloud({ usageLocation: "GB" })] } }),
    );
    expect(there.parked).toEqual([]);
    expect(find(there, "entra:Licence", "person-41")?.inputs).toMatchObject({ usageLocation: "GB", skus: [{ sku: "SPE_E3" }] });
    const direct = [{ sku: "SPE_E3", without: [] }];
    const had = wish(world({ records: [record(41, { other2: "UK" })], mappings: maps, live: { "entra:Licence": [cloud({ direct })] } }));
    expect(had.parked).toEqual([]);
    expect(find(had, "entra:Licence", "person-41")?.inputs).toMatchObject({ skus: [{ sku: "SPE_E3" }] });
  });
});

describe("odd records", () => {
  const odd = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 80 }),
    fc.string({ unit: "binary", maxLength: 10 }),
    fc.constantFrom(
      "",
      " ",
      "never",
      "9999-12-31",
      "20271231",
      "31/12/2027",
      "Germany",
      "UK",
      "a@b@c",
      "x".repeat(300),
      "smtp:",
      "CN=a,DC=b",
      "\\",
      "/",
      "null",
      "-1",
    ),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 2 }),
  ) as fc.Arbitrary<Json>;
  const names = ["firstname", "surname", "name", "emailaddress", "title", "phonenumber", "site_name", "other1", "other2", "login"] as const;
  const ad = {
    ...adDefault,
    attributes: {
      office: {
        ...adDefault.attributes?.["office"],
        ...{
          accountExpires: "{{ other1 }}",
          c: "{{ other2 }}",
          countryCode: "{{ other1 }}",
          homeDrive: "{{ other2 }}",
          employeeID: "{{ other1 }}",
        },
        ...{ proxyAddresses: ["SMTP:{{ emailaddress }}"], logonHours: ["{{ other2 }}"], title: "{{ title }}", initials: "{{ other2 }}" },
      },
    },
  };
  const cloudOnly = {
    ...entra,
    accounts: { first: [{ for: {}, userPrincipalName: "{{ login }}@corp.example.com", attributes: "cloud" }] },
    attributes: {
      cloud: {
        ...{ displayName: "{{ name }}", jobTitle: "{{ title }}", employeeHireDate: "{{ other1 }}", usageLocation: "{{ other2 }}" },
        ...{
          ageGroup: "{{ other2 }}",
          otherMails: ["{{ emailaddress }}"],
          mailNickname: "{{ login }}",
          businessPhones: "{{ phonenumber }}",
        },
      },
    },
  };
  const worlds = [mappings({ ad, entra }), mappings({ ad: null, entra: cloudOnly, halo: null })];

  it("nothing that a type's schema refuses is wished of any of 5,000 (usual: 1,250), and who is parked is told what and where", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom(...names), odd), { minLength: 50, maxLength: 50 }),
        fc.constantFrom(...worlds),
        (rows, maps) => {
          const people = cleaned(
            rows.map((row, index) => record(41 + index, row)),
            maps,
          ).records;
          const made = wish(world({ records: people, mappings: maps }));
          for (const { type, inputs } of made.resources) {
            const parsed = definition(type).inputs.safeParse(JSON.parse(JSON.stringify(inputs)));
            expect(parsed.error?.issues, JSON.stringify(inputs)).toBeUndefined();
          }
          // Which attribute, which line, which value; or what to fill in where.
          for (const { reason } of made.parked) expect(reason).toMatch(/\(mappings\/\S+\): expected .*, found |: fill in | Halo\b/u);
        },
      ),
      { numRuns: sized(25, 100) },
    );
  });
});

describe("reports R20: what AD's own rules refuse is refused while planning, with attribute, line and value", () => {
  const long = "x".repeat(80);
  it("an organizational unit of 80 characters", () => {
    const ad = { ...adDefault, accounts: { first: [{ ou: `OU={{ site_name }},${staff("Main")}`, attributes: "office" }] } };
    const made = wish(world({ records: [record(41, { site_name: long }), record(42)], mappings: mappings({ ad, entra: null }) }));
    expect(made.parked.map(({ key, reason }) => [key, reason])).toEqual([
      [
        "41",
        `ou (mappings/ad.yaml:accounts.0.ou): expected at most 64 characters after OU=, found 80: "${"x".repeat(60)}…"; correct site_name in Halo`,
      ],
    ]);
    expect(find(made, "ad:User", "person-41")).toBeUndefined();
    expect(find(made, "ad:User", "person-42")).toBeDefined();
    expect(made.resources.filter(({ name }) => name.includes(long))).toEqual([]);
  });
  it("things of the mapping: groups, contacts, units", () => {
    const ad = {
      ...adDefault,
      ous: [`OU=${long},${staff("Main")}`, { ou: staff("Lab"), description: "y".repeat(1025) }],
      groups: [{ name: "GG-New", ou: `OU=A,CN=Users,${staff("Main")}`, description: "y".repeat(1025) }],
      contacts: [{ name: "Pat", ou: staff("Main"), attributes: { mail: `${long.repeat(4)}@example.org` } }],
    };
    const made = wish(world({ records: [record(41)], mappings: mappings({ ad, entra: null }) }));
    expect(made.parked.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^distinguishedName \(mappings\/ad\.yaml:ous\.0\): expected at most 64 characters after OU=, found 80: "x/u),
        expect.stringMatching(/^description \(mappings\/ad\.yaml:ous\.1\.description\): expected at most 1024 characters, found 1025: "y/u),
        expect.stringMatching(
          /^path \(mappings\/ad\.yaml:groups\.0\.ou\): expected an organizational unit below another.*; description \(mappings\/ad\.yaml:groups\.0\.description\): expected at most/u,
        ),
        expect.stringMatching(
          /^attributes\.mail \(mappings\/ad\.yaml:contacts\.0\.attributes\.mail\): expected at most 256 characters, found 332/u,
        ),
      ]),
    );
    expect(made.resources.filter(({ type }) => type === "ad:Contact" || type === "ad:Group")).toEqual([]);
  });
  it("an attribute: with its line and its value", () => {
    const ad = { ...adDefault, attributes: { office: { title: "{{ title }}" } } };
    const made = wish(world({ records: [record(41, { title: "z".repeat(129) })], mappings: mappings({ ad, entra: null }) }));
    expect(made.parked[0]?.reason).toBe(
      `title (mappings/ad.yaml:attributes.office.title): expected at most 128 characters, found 129: "${"z".repeat(60)}…"`,
    );
  });
});

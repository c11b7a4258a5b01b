/** Keys of people are text as the source gives them, everywhere (reports R9, rows-B2). */
import { describe, expect, test } from "vitest";
import type { Json, Values } from "../../../base/json.ts";
import { holds } from "../../../mappings/language/condition.ts";
import { parseYaml } from "../../../mappings/text/document.ts";
import { makeContext } from "../../../providers/core/context.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Run } from "../../../providers/core/run.ts";
import { licence } from "../../../providers/halo/licence.ts";
import { board } from "../../../providers/halo/team/board.ts";
import { ownersOf } from "../../../sources/halo/owners.ts";
import { protectAll } from "../../../stacks/read/inside.ts";
import { wish } from "../../../stacks/wish/wish.ts";
import { load, mistakes } from "../mappings/helpers.ts";
import { account, base, doubted, entraUser, find, group, mappings, memberOf, record, world } from "./world.ts";

const protect = (accounts: Live[], patterns: readonly string[], bind: string | undefined): Live[] => {
  const all = { "ad:User": accounts };
  protectAll(all, { accounts: patterns }, bind);
  return all["ad:User"];
};

describe("reports R9: as written in a mapping file", () => {
  test.each([
    ["00105", "00105"],
    ["0", 0],
    ["105", 105],
    ["-3", -3],
    ["33.10", 33.1],
    ["0.50", 0.5],
    ["12E5", "12E5"],
    ["0x1F", "0x1F"],
    ["0o17", "0o17"],
    ["+4712345678", "+4712345678"],
    ["9007199254740991", 9007199254740991],
    ["true", true],
    ['"105"', "105"],
  ] as [string, Json][])("%s", (written, value) => {
    expect(parseYaml(`people: [${written}]`).data).toEqual({ people: [value] });
    expect(parseYaml(`a: &x ${written}\nb: *x`).data).toEqual({ a: value, b: value });
  });

  test.each([
    ["00105", "00105", true],
    ["105", "00105", false],
    ["105", 105, true],
    ["00105", 105, false],
    ["HR-7", "hr-7", true],
    ["1e2", 100, false],
  ])("the person %s, asked for as %s", (key, wanted, is) => {
    expect(holds({ person: [wanted] }, { fields: {}, key, groups: new Set() }).holds).toBe(is);
  });

  test("a field with leading zeros is no number", () => {
    const facts = (other1: Json) => ({ fields: { other1 }, key: "1", groups: new Set<string>() });
    expect(holds({ other1: 105 }, facts("00105")).holds).toBe(false);
    expect(holds({ other1: "00105" }, facts("00105")).holds).toBe(true);
    expect(holds({ other1: 105 }, facts("105.0")).holds).toBe(true);
  });
});

describe("reports R9: protected", () => {
  const safety = (people: (string | number)[], accounts: string[] = []) =>
    mappings({ entra: null, halo: null, safety: { protected: { people, accounts } } });
  const hr = (key: string, fields: Values = {}) => record(7, { id: key, ...fields });

  test("a person by a key with leading zeros", () => {
    const given = {
      records: [hr("00105", { inactive: true }), record(8)],
      live: { "ad:User": [account(7, {}, { employeeNumber: "00105" })] },
    };
    const wished = wish(world({ ...given, mappings: safety(["00105"]) }));
    expect(find(wished, "ad:User", "person-00105")?.inputs["enabled"]).not.toBe(false);
    expect(wished.people.find((one) => one.key === "00105")?.stage).toBe("held");
    expect(wished.notes.join("\n")).not.toContain("nobody has that key");
  });

  test("names that fit nobody are said in every plan, doubted or not", () => {
    const users = [account(7, { sAMAccountName: "svc-print", userPrincipalName: "print@corp.example.com" })];
    const accounts = ["svc-*", "print@corp.example.com", `CN=Nobody,${base}`, "breakglass*@corp.example.com"];
    const previous = [{ type: "ad:User", name: "person-00105", id: account(7).id, inputs: {}, outputs: {} }];
    for (const trust of [undefined, doubted]) {
      const wished = wish(
        world({
          records: [hr("00105")],
          previous,
          live: { "ad:User": users },
          mappings: safety([105, "00105"], accounts),
          ...(trust ? { trust } : {}),
        }),
      );
      expect(wished.notes.filter((one) => one.includes(" protects "))).toEqual([
        `mappings/safety.yaml:protected.accounts.2 protects CN=Nobody,${base}, and no account that is read is called so: correct it, or take it out`,
        "mappings/safety.yaml:protected.accounts.3 protects breakglass*@corp.example.com, and no account that is read is called so: correct it, or take it out",
        'mappings/safety.yaml:protected.people.0 protects the person 105, and nobody has that key; did you mean "00105"?',
      ]);
    }
  });

  test("a userPrincipalName protects in AD too", () => {
    const [one] = protect([account(7)], ["user7@corp*"], undefined);
    expect(one?.values["protected"]).toBe(true);
    const [other] = protect(
      [{ id: "x", values: { attributes: { userPrincipalName: "user7@corp.example.com" } } }],
      ["user7@corp*"],
      undefined,
    );
    expect(other?.values["protected"]).toBe(true);
  });
});

describe("rows-B2: people.key is another field than Halo's number", () => {
  const made = mappings({
    people: {
      people: {
        source: "halo.users",
        key: "other1",
        login: { is: "p{{ id }}" },
        is: { ad: { employeeNumber: "{{ other1 }}", mail: "{{ emailaddress | downcase }}" }, entra: { employeeId: "{{ other1 }}" } },
      },
    },
    ad: {
      accounts: { first: [{ ou: `OU=Main,OU=Staff,${base}`, attributes: "office" }] },
      attributes: { office: { manager: { person: "{{ custom.CFManager }}" } } },
      groups: [{ name: "GG-Some", ou: `OU=Groups,${base}`, for: { person: ["007"] } }],
      photos: { first: [{ from: "halo" }] },
    },
    entra: { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } },
    halo: {
      boards: [{ name: "CAB", as: "user", for: { person: ["007"] } }],
      licences: { client: 12, link: true },
    },
  });
  const bond = record(41, { other1: "007", "custom.CFManager": "HR-9" });
  const boss = record(9, { other1: "HR-9" });
  const live: { [type: string]: Live[] } = {
    "ad:User": [account(41, {}, { employeeNumber: "007" }), account(9, {}, { employeeNumber: "HR-9" })],
    "ad:Group": [group("GG-Some", [memberOf(account(41))])],
    "ad:Photo": [account(41), account(9)].map(({ id }) => ({ id, values: { photo: "" } })),
    "entra:Licence": [entraUser("u41", { employeeId: "007" }), entraUser("u9", { employeeId: "HR-9" })],
    "entra:Sku": [{ id: "s", values: { name: "SPE_E3", owned: 5, used: 0, state: "Enabled", plans: [] } }],
    "halo:ChangeAdvisoryBoard": [{ id: "6", values: { name: "CAB", users: ["41"], agents: [] } }],
  };
  const wished = wish(world({ mappings: made, records: [bond, boss], live }));

  test("groups, boards, managers, links and photos name the person by the key", () => {
    expect(find(wished, "ad:Group", "GG-Some")?.inputs["members"]).toEqual(["person:007"]);
    expect(find(wished, "halo:ChangeAdvisoryBoard", "CAB")?.inputs["members"]).toEqual(["person:007"]);
    expect(find(wished, "ad:User", "person-007")?.inputs["attributes"]).toMatchObject({ manager: "person:HR-9" });
    expect(find(wished, "halo:Licence", "client-12-SPE_E3")?.inputs["users"]).toEqual(["person:007", "person:HR-9"]);
    expect(wished.asked?.map((one) => one.request.source)).toEqual([
      { kind: "halo", id: "41" },
      { kind: "halo", id: "9" },
    ]);
  });

  test("a ticket's field that names somebody by the key, and its end user by Halo's number", () => {
    const owners = ownersOf([bond, boss, record(7, { other1: "9" })], "other1");
    expect([owners.named("007"), owners.named("hr-9"), owners.named("9"), owners.of(9), owners.of("41"), owners.named("41")]).toEqual([
      0, 1, 2, 1, 0, 0,
    ]);
    expect(ownersOf([bond, boss]).named("9")).toBe(1);
  });

  test("and the system by Halo's number", async () => {
    const run = { haloUsers: { "007": "41", "HR-9": "9" }, people: { ad: {}, entra: {}, halo: {} }, made: "2026-03-01T08:00:00Z" };
    const context = makeContext(run as unknown as Run, () => Promise.resolve([]));
    const inputs = { client: 12, sku: "SPE_E3", count: 5, users: ["person:007"] };
    const linked = { id: "3", values: { client: 12, sku: "SPE_E3", count: 5, users: [41, 9, 77] } };
    expect(licence.view(linked, licence.inputs.parse(inputs), {}, context)["users"]).toEqual(["id:77", "person:007", "person:HR-9"]);
    const cab = { id: "6", values: { name: "CAB", users: ["41", "77"], agents: [] } };
    const wish = board.inputs.parse({ name: "CAB", as: "user", mode: "exact", members: ["person:007"] });
    expect(board.view(cab, wish, {}, context)["members"]).toEqual(["id:77", "person:007"]);
    expect(board.computed(cab, wish, context, {})).toEqual({ resolved: { "person:007": "41" }, waiting: [] });
  });
});

describe("reports R9: in mapping files", () => {
  const people = (more: string): string => `people:\n  source: halo.users\n${more}  login: { is: "p{{ id }}" }\n`;
  const safety = "protected: { people: [00105, HR-7] }\n";

  test("a key that is no number is one where people.key is another field than Halo's number", async () => {
    expect((await load({ people: people("  key: other1\n"), safety })).safety.protected.people).toEqual(["00105", "HR-7"]);
    expect(await mistakes({ people: people(""), safety })).toEqual([
      expect.stringContaining('protected.people[0]: expected the key of a Halo record, such as 41, found "00105"'),
      expect.stringContaining('protected.people[1]: expected the key of a Halo record, such as 41, found "HR-7"'),
    ]);
  });
});

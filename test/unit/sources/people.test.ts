import { afterEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../base/errors.ts";
import type { CustomField } from "../../../clients/halo/custom-fields.ts";
import { holds } from "../../../mappings/language/condition.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Condition } from "../../../mappings/language/words.ts";
import { decodeCustom, decodeField } from "../../../sources/halo/decode.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../sources/halo/fields.ts";
import { costlyFields, readPeople } from "../../../sources/halo/people.ts";
import type { Asked, Reply, Served } from "../clients/halo/server.ts";
import { clientOf, failure, pageOf, people, serve } from "../clients/halo/server.ts";

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

const infos = [
  { id: 201, name: "CFDepartment", label: "Department", type: 2 },
  { id: 202, name: "CFManager", label: "Manager", type: 0 },
  { id: 203, name: "CFStartDate", label: "Start", type: 4 },
];

/** A Halo with these people; `handle` answers first. */
async function halo(
  rows: readonly Record<string, unknown>[],
  handle: (asked: Asked) => Reply | undefined = () => undefined,
): Promise<Served> {
  served = await serve((call) => {
    const special = handle(call);
    if (special) return special;
    if (call.path === "/api/Users") return pageOf(rows, call);
    if (call.path === "/api/FieldInfo") return { json: infos };
    const id = /^\/api\/Users\/(\d+)$/u.exec(call.path)?.[1];
    const row = rows.find((one) => String(one["id"]) === id);
    return row ? { json: { ...row, department: `Dept ${id}` } } : undefined;
  });
  return served;
}

describe("decodeField", () => {
  it.each([
    ["id", 18, 18],
    ["id", "18.0", 18],
    ["id", " 18 ", 18],
    ["id", "abc", undefined],
    ["id", 18.5, undefined],
    ["site_id", 18.0, 18],
    ["site_id", "18.00", 18],
    ["linked_agent_id", null, undefined],
    ["inactive", true, true],
    ["inactive", 0, false],
    ["inactive", "True", true],
    ["inactive", "0", false],
    ["inactive", "maybe", undefined],
    ["surname", "O'Neil", "O'Neil"],
    ["surname", "  ", undefined],
    ["surname", "", undefined],
    ["surname", undefined, undefined],
    ["phonenumber", 4912345, "4912345"],
    ["surname", { a: 1 }, undefined],
    ["contract_end_date", "1899-12-30T00:00:00", undefined],
    ["contract_end_date", "1900-01-01T00:00:00", undefined],
    ["contract_end_date", "0001-01-01T00:00:00", undefined],
    ["contract_end_date", "2026-02-01T00:00:00", "2026-02-01T00:00:00"],
    ["contract_value", "12.50", 12.5],
  ])("%s %j is %j", (field, value, expected) => {
    expect(decodeField(field, value)).toBe(expected);
  });
});

describe("decodeCustom", () => {
  const wanted = [
    { id: 201, name: "CFDepartment", options: [] },
    { id: 202, name: "CFManager", options: undefined },
  ];
  it.each([
    [[{ id: 201, name: "CFDepartment", value: 3, display: "Sales" }], { "custom.CFDepartment": "Sales" }, 1],
    [[{ id: 201.0, value: 3, display: "" }], { "custom.CFDepartment": 3 }, 1],
    [[{ id: 202, value: "114", display: "Grace Example" }], { "custom.CFManager": "114" }, 1],
    [[{ id: 202, type: 2, value: 114, display: "Grace Example" }], { "custom.CFManager": "Grace Example" }, 1],
    [[{ id: 202, value: "", display: "" }], {}, 1],
    [[{ id: 202, value: null }], {}, 1],
    [[{ id: 202, value: "1900-01-01T00:00:00" }], {}, 1],
    [[{ id: 999, value: "x" }, "nonsense"], {}, 0],
    [null, {}, 0],
  ])("%j", (customfields, fields, named) => {
    expect(decodeCustom({ customfields }, wanted)).toEqual({ fields, named });
  });
});

describe("reports R19: a field of several choices", () => {
  const apps: CustomField = {
    id: 205,
    name: "CFApps",
    isList: true,
    options: ["Adobe", "Visio", "Adobe, Creative Cloud"].map((name, index) => ({ id: 18 + index, name })),
  };
  it.each([
    [{ value: "18,19", display: "Adobe, Visio" }, ["Adobe", "Visio"]],
    [{ value: "18", display: "Adobe" }, ["Adobe"]],
    [{ value: "20,19", display: "Adobe, Creative Cloud, Visio" }, ["Adobe, Creative Cloud", "Visio"]],
    [{ value: "18,19" }, ["Adobe", "Visio"]],
    [{ value: [18, { id: 19 }, { id: 7, name: "Gone" }] }, ["Adobe", "Visio", "Gone"]],
    [{ value: 19 }, ["Visio"]],
    [{ value: "", display: " " }, undefined],
  ])("%j is a list", (row, list) => {
    expect(decodeCustom({ customfields: [{ id: 205, ...row }] }, [apps]).fields["custom.CFApps"]).toEqual(list);
    const plain = decodeCustom({ customfields: [{ id: 205, type: 3, ...row }] }, [{ id: 205, name: "CFApps", options: undefined }]);
    expect(plain.fields["custom.CFApps"] === undefined).toBe(list === undefined);
  });

  it("holds where one of the choices is the value, and is read as people write it", () => {
    const { fields } = decodeCustom({ customfields: [{ id: 205, value: "18,19", display: "Adobe, Visio" }] }, [apps]);
    const met = (asked: Condition): boolean => holds(asked, { fields, key: "41", groups: new Set() }).holds;
    expect(met({ "custom.CFApps": "adobe" })).toBe(true);
    expect(met({ "custom.CFApps": ["Word", "Visio"] })).toBe(true);
    expect(met({ "custom.CFApps": { matches: "^Vis" } })).toBe(true);
    expect(met({ "custom.CFApps": "Adobe, Visio" })).toBe(false);
    expect(met({ not: { "custom.CFApps": "Word" } })).toBe(true);
    expect(compile("{{ custom.CFApps | upcase }}").render(fields)).toBe("ADOBE, VISIO");
    expect(compile("{{ custom.CFApps | last }}").render(fields)).toBe("Visio");
    expect(compile("{% if custom.CFApps contains 'Visio' %}yes{% endif %}").render(fields)).toBe("yes");
  });
});

describe("readPeople", () => {
  it("reads active and inactive people, service accounts too, and skips the General Users", async () => {
    const rows = [
      ...people(3),
      { id: 1, name: "General User" },
      { id: 2, name: " general user " },
      {
        id: 3,
        name: "Scanner",
        isserviceaccount: true,
        inactive: "true",
        site_id: "19.0",
        site_name: "Harbour",
        client_name: "Northwind Ferries",
      },
    ];
    const server = await halo(rows);
    const read = await readPeople(clientOf(server), { fields: ["firstname"] });
    expect(read.records.map((record) => record.ref)).toEqual(["halo.users 101", "halo.users 102", "halo.users 103", "halo.users 3"]);
    expect(read.records[3]?.fields).toEqual({
      id: 3,
      name: "Scanner",
      isserviceaccount: true,
      inactive: true,
      site_id: 19,
      site_name: "Harbour",
      client_name: "Northwind Ferries",
    });
    expect(read.read).toEqual({ recordCount: 6, rows: 6, pages: 1, complete: true, doubts: [] });
    expect(read.sites).toEqual([
      { id: 18, name: "", client: "" },
      { id: 19, name: "Harbour", client: "Northwind Ferries" },
    ]);
    expect(read.notes).toEqual([]);
    expect(Object.fromEntries(server.api()[0]?.query ?? [])).toMatchObject({
      includeactive: "true",
      includeinactive: "true",
      activeinactive: "true,true",
      includeserviceaccount: "true",
      includenonserviceaccount: "true",
    });
  });

  it("asks for custom fields by id, one call more, and gives them by the mapping's names", async () => {
    const rows = people(2).map((row, index) => ({
      ...row,
      customfields: [
        { id: 202, name: "CFManager", value: index === 0 ? "102" : "", display: "" },
        { id: 201, value: 1, display: "Sales" },
      ],
    }));
    const server = await halo(rows);
    const read = await readPeople(clientOf(server), { fields: ["custom.CFManager", "custom.cfdepartment"] });
    expect(read.records.map((record) => [record.fields["custom.CFManager"], record.fields["custom.cfdepartment"]])).toEqual([
      ["102", "Sales"],
      [undefined, "Sales"],
    ]);
    expect(server.api().map((one) => one.path)).toEqual(["/api/FieldInfo", "/api/Users"]);
    expect(server.api()[1]?.query.get("include_custom_fields")).toBe("202,201");
  });

  it("an unknown custom field is one error with the nearest right name", async () => {
    const server = await halo(people(2));
    const error = await failure(readPeople(clientOf(server), { fields: ["custom.CFManger"] }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(
      'a mapping names custom.CFManger, but Halo has no such custom field for users (did you mean "custom.CFManager"?)',
    );
    expect(server.api().length).toBe(1);
    const named = new Map([["custom.CFManger", ["mappings/ad.yaml:12", "mappings/halo.yaml:3"]]]);
    const placed = await failure(readPeople(clientOf(server), { fields: ["custom.CFManger"], named }));
    expect(placed.message).toMatch(
      /^Read people from HaloITSM: mappings\/ad\.yaml:12, mappings\/halo\.yaml:3 names custom\.CFManger, but Halo has no such/u,
    );
  });

  it("falls back to details where lists carry no custom fields, and says what that costs", async () => {
    const server = await halo(people(3), (call) => {
      const id = /^\/api\/Users\/(\d+)$/u.exec(call.path)?.[1];
      return id ? { json: { id: Number(id), customfields: [{ id: 202, value: "101" }] } } : undefined;
    });
    const read = await readPeople(clientOf(server), { fields: ["custom.CFManager"] });
    expect(read.records.map((record) => record.fields["custom.CFManager"])).toEqual(["101", "101", "101"]);
    expect(read.notes).toEqual(["This Halo does not give custom fields in lists: they cost one call a person, 3 calls"]);
    expect(read.read.complete).toBe(true);
  });

  it("tells custom fields that nobody has from custom fields that the list keeps back", async () => {
    const rows = people(3).map((row) => ({ ...row, customfields: [] }));
    let details: unknown[] = [];
    const server = await halo(rows, (call) => (call.path === "/api/Users/101" ? { json: { id: 101, customfields: details } } : undefined));
    expect((await readPeople(clientOf(server), { fields: ["custom.CFManager"] })).read.doubts).toEqual([]);
    details = [{ id: 202, value: "" }];
    const { read } = await readPeople(clientOf(server), { fields: ["custom.CFManager"] });
    expect(read.doubts).toEqual(["HaloITSM's list gives custom.CFManager for none of the 3 people, although user 101 has a place for it"]);
    expect(read.complete).toBe(false);
    // The fields once a client, a page, and details of three who might have one, of one where the first does.
    expect(server.api().length).toBe(8);
    details = [];
    const last = await halo(rows, (call) =>
      call.path === "/api/Users/103" ? { json: { id: 103, customfields: [{ id: 202, value: "7" }] } } : undefined,
    );
    expect((await readPeople(clientOf(last), { fields: ["custom.CFManager"] })).read.doubts).toEqual([
      "HaloITSM's list gives custom.CFManager for none of the 3 people, although user 103 has a place for it",
    ]);
  });

  it("asks for details only when the mapping uses a field that lists lack", async () => {
    expect(costlyFields(["title", "department", "custom.CFManager", "department"])).toEqual(["department"]);
    const server = await halo([...people(5), { id: 1, name: "General User" }]);
    const read = await readPeople(clientOf(server), { fields: ["title", "department"] });
    expect(read.records.map((record) => record.fields["department"])).toEqual(["Dept 101", "Dept 102", "Dept 103", "Dept 104", "Dept 105"]);
    expect(server.api().length).toBe(1 + 5);
    expect(server.api()[1]?.query.get("includedetails")).toBe("true");
    expect(read.notes).toEqual(["department costs one call a person: 5 calls"]);
  });

  it("a person whose details cannot be read is left out, never given half, and the read is incomplete", async () => {
    const server = await halo(people(12), (call) =>
      call.path === "/api/Users/105" ? { status: 500, json: { Message: "Execution Timeout Expired." } } : undefined,
    );
    const read = await readPeople(clientOf(server), { fields: ["department"] });
    expect(read.read.complete).toBe(false);
    expect(read.read.doubts[0]).toBe(
      "The read is incomplete: the details of user 105 could not be read (GET /Users/105: HaloITSM answers 500: Execution Timeout Expired.)",
    );
    expect(read.records.length).toBeLessThan(12);
    for (const record of read.records) expect(record.fields["department"]).toBeDefined();
  });

  it("a person who is in the list but has no details makes the read incomplete", async () => {
    const server = await halo(people(3), (call) => (call.path === "/api/Users/102" ? { status: 404, text: "Not Found" } : undefined));
    const read = await readPeople(clientOf(server), { fields: ["department"] });
    expect(read.read.doubts).toEqual(["The read is incomplete: user 102 is in the list, but HaloITSM has no details of them"]);
    expect(read.records.length).toBe(2);
  });

  it("a page that fails makes the read incomplete", async () => {
    const rows = people(250);
    const server = await halo(rows, (call) => (call.query.get("page_no") === "2" ? { status: 500, text: "no" } : undefined));
    const read = await readPeople(clientOf(server), { fields: [] });
    expect(read.records.length).toBe(100);
    expect(read.read).toMatchObject({ complete: false, recordCount: 250, rows: 100 });
    expect(read.read.doubts.length).toBe(2);
  });

  it("rows without an id are doubted; unreadable activity goes on as it came (reports R2: stacks/people/left.ts doubts it)", async () => {
    const server = await halo([...people(2), { id: null, name: "X" }, { id: 9, name: "Y", inactive: "perhaps" }]);
    const read = await readPeople(clientOf(server), { fields: [] });
    expect(read.read.doubts).toEqual(["1 row of /Users came without a usable id"]);
    expect(read.records.at(-1)?.fields["inactive"]).toBe("perhaps");
    expect(read.read.complete).toBe(false);
    expect(read.records.length).toBe(3);
  });
});

describe("the known fields", () => {
  it("are told apart by what they cost", () => {
    expect(LIST_FIELDS).toContain("title");
    expect(LIST_FIELDS).not.toContain("department");
    expect(DETAIL_FIELDS).toContain("department");
    expect(DETAIL_FIELDS.filter((field) => LIST_FIELDS.includes(field))).toEqual([]);
    expect(DETAIL_FIELDS.filter((field) => /password|^_/u.test(field))).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { type Facts, fieldsOf, groupsOf, holds } from "../../../../mappings/language/condition.ts";
import type { Condition } from "../../../../mappings/schema/all.ts";

const facts = (fields: { [field: string]: Json }, more: Partial<Facts> = {}): Facts => ({ fields, key: "41", groups: new Set(), ...more });

describe("one line of a condition", () => {
  it.each<[Condition, { [field: string]: Json }, boolean]>([
    [{ title: "accountant" }, { title: " Accountant " }, true],
    [{ title: "Accountant" }, { title: "Accountants" }, false],
    [{ title: "Café" }, { title: "CAFE\u0301" }, true],
    [{ site_id: 18 }, { site_id: 18.0 }, true],
    [{ site_id: 18 }, { site_id: "18.0" }, true],
    [{ site_id: "18" }, { site_id: 18 }, true],
    [{ site_id: 18 }, { site_id: "18a" }, false],
    [{ site_id: 18 }, { site_id: "0x12" }, false],
    [{ "custom.CFGrade": 7 }, { "custom.CFGrade": "7" }, true],
    [{ other1: "018" }, { other1: "18" }, false],
    [{ isserviceaccount: false }, { isserviceaccount: false }, true],
    [{ isserviceaccount: false }, {}, true],
    [{ isserviceaccount: false }, { isserviceaccount: "False" }, true],
    [{ isserviceaccount: true }, { isserviceaccount: 1 }, true],
    [{ isserviceaccount: true }, {}, false],
    [{ site_name: ["Main", "harbour"] }, { site_name: "Harbour" }, true],
    [{ site_name: ["Main", "harbour"] }, { site_name: "Lab" }, false],
    [{ other2: ["a"] }, { other2: ["b", "A"] }, true],
    [{ title: { matches: "^field" } }, { title: "Field Engineer" }, true],
    [{ title: { matches: "^$" } }, {}, true],
    [{ title: { empty: true } }, { title: "  " }, true],
    [{ title: { empty: true } }, { title: null }, true],
    [{ title: { empty: false } }, { title: 0 }, true],
    [{ title: "" }, {}, true],
    [{ constructor: { empty: true } }, {}, true],
    [{ person: [26, 41] }, {}, true],
    [{ person: ["41"] }, {}, true],
    [{ person: [26] }, {}, false],
    [{}, {}, true],
  ])("%j of %j: %s", (condition, fields, expected) => {
    expect(holds(condition, facts(fields)).holds).toBe(expected);
  });

  it("asks for groups by name, whatever the case", () => {
    expect(holds({ group: "gg-sales" }, facts({}, { groups: new Set(["GG-Sales"]) })).holds).toBe(true);
    expect(holds({ group: "GG-Other" }, facts({}, { groups: new Set(["GG-Sales"]) })).holds).toBe(false);
  });
});

describe("the fields that decided", () => {
  const vpn: Condition = { any: [{ title: { matches: "^Field" } }, { "custom.CFDepartment": "Engineering" }], not: { site_name: "Lab" } };
  it("are those of what holds", () => {
    expect(holds(vpn, facts({ title: "Field Engineer", site_name: "Main" }))).toEqual({ holds: true, fields: ["site_name", "title"] });
    expect(holds(vpn, facts({ "custom.CFDepartment": "engineering", site_name: "Main" }))).toEqual({
      holds: true,
      fields: ["custom.CFDepartment", "site_name"],
    });
  });
  it("are those that made it fail", () => {
    expect(holds(vpn, facts({ title: "Field Engineer", site_name: "Lab" }))).toEqual({ holds: false, fields: ["site_name"] });
    expect(holds(vpn, facts({ title: "Accountant", site_name: "Main" }))).toEqual({
      holds: false,
      fields: ["custom.CFDepartment", "title"],
    });
  });
  it("are all known beforehand, and so are the groups", () => {
    expect(fieldsOf(vpn)).toEqual(["custom.CFDepartment", "site_name", "title"]);
    expect(groupsOf({ any: [{ group: "B" }, { not: { group: "A" } }], group: "B" })).toEqual(["A", "B"]);
  });
});

describe("the laws of conditions", () => {
  const value = fc.oneof(fc.constantFrom("Main", "main ", "Lab", "18", "18.0", "", "true"), fc.constantFrom(18, 0, 1), fc.boolean());
  const test = fc.oneof(
    value,
    fc.array(value, { minLength: 1, maxLength: 3 }),
    fc.record({ empty: fc.boolean() }),
    fc.record({ matches: fc.constantFrom("^M", "a", "8$", "^$") }),
  );
  const { condition } = fc.letrec<{ condition: Condition; line: Condition }>((tie) => ({
    line: fc.oneof(
      fc.tuple(fc.constantFrom("a", "b", "custom.CFc"), test).map(([field, wanted]) => ({ [field]: wanted }) as Condition),
      fc.record({ person: fc.array(fc.constantFrom(41, "42"), { minLength: 1 }) }) as fc.Arbitrary<Condition>,
      fc.record({ group: fc.constantFrom("G", "H") }) as fc.Arbitrary<Condition>,
    ),
    condition: fc.oneof(
      { depthSize: "small" },
      tie("line"),
      fc.record({ any: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Condition>,
      fc.record({ all: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Condition>,
      fc.record({ not: tie("condition") }) as fc.Arbitrary<Condition>,
    ),
  }));
  const some: fc.Arbitrary<Facts> = fc.record({
    fields: fc.dictionary(
      fc.constantFrom("a", "b", "custom.CFc"),
      fc.oneof(value, fc.constant(null), fc.array(value, { maxLength: 2 })),
    ) as fc.Arbitrary<{ [field: string]: Json }>,
    key: fc.constantFrom("41", "42"),
    groups: fc.subarray(["G", "h"]).map((groups) => new Set(groups)),
  });
  const conditions = fc.array(condition, { minLength: 1, maxLength: 4 });

  it("not turns round, twice is nothing", () => {
    fc.assert(
      fc.property(condition, some, (one, is) => {
        expect(holds({ not: one }, is).holds).toBe(!holds(one, is).holds);
        expect(holds({ not: { not: one } }, is)).toEqual(holds(one, is));
      }),
    );
  });
  it("any and all are or and and, by de Morgan's laws too", () => {
    fc.assert(
      fc.property(conditions, some, (many, is) => {
        expect(holds({ any: many }, is).holds).toBe(many.some((one) => holds(one, is).holds));
        expect(holds({ all: many }, is).holds).toBe(many.every((one) => holds(one, is).holds));
        expect(holds({ not: { any: many } }, is)).toEqual(holds({ all: many.map((one) => ({ not: one }) as Condition) }, is));
      }),
    );
  });
  it("the order of lines and entries does not matter", () => {
    fc.assert(
      fc.property(conditions, condition, some, (many, one, is) => {
        const there = { any: many, not: one, b: "Main" } as Condition;
        const back = { b: "Main", not: one, any: [...many].reverse() } as Condition;
        expect(holds(back, is)).toEqual(holds(there, is));
        expect(fieldsOf(back)).toEqual(fieldsOf(there));
      }),
    );
  });
  it("only fields the condition reads decide", () => {
    fc.assert(
      fc.property(condition, some, (one, is) => {
        expect(fieldsOf(one)).toEqual(expect.arrayContaining(holds(one, is).fields));
        expect(holds(one, { ...is, fields: { ...is.fields, other: "x" } })).toEqual(holds(one, is));
      }),
    );
  });
});

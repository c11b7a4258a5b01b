import fc from "fast-check";
import { expect, it } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { type Facts, holds } from "../../../../mappings/language/condition.ts";
import type { Condition } from "../../../../mappings/schema/all.ts";
import { decisionsFor, nothingInEntra } from "../../../../stacks/decide/decide.ts";
import * as w from "../world.ts";

/** Values that are nearly the same, and that a shorter name for them might confuse. */
const value = fc.constantFrom<Json>(18, "18", "18.0", "018", true, "true", null, "", '"', "a\u0000b", ["a", "b"], ["a,b"], "a", { x: 1 });
const fields = fc.dictionary(fc.constantFrom("title", "site_name", "constructor"), value, { maxKeys: 3 });
const leaf = fc.oneof(
  fc.record({ title: fc.constantFrom<Json>(18, "18", true, false, "", ["a", "b"]) }),
  fc.record({ site_name: fc.constantFrom<Json>("a", "018", "a\u0000b") }),
  fc.record({ constructor: fc.constantFrom<Json>("a", false) }),
  fc.record({ title: fc.constantFrom({ empty: true }, { matches: "^a" }), site_name: fc.constantFrom({ empty: false }, { matches: "8" }) }),
  fc.record({ group: fc.constant("GG-VPN") }),
  fc.record({ person: fc.constant([1, 3]) }),
);
const condition = fc.oneof(
  leaf,
  fc.record({ not: leaf }),
  fc.record({ any: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
) as fc.Arbitrary<Condition>;

it("decides for everybody as a condition alone does, whoever has the same values", () => {
  fc.assert(
    fc.property(
      fc.array(fields, { minLength: 2, maxLength: 8 }),
      fc.array(condition, { minLength: 1, maxLength: 4 }),
      (records, conditions) => {
        const people = records.map((of, index) => ({ key: String(index), record: { ref: `hr ${index}`, fields: of }, accounts: {} }));
        const { verdict, facts } = decisionsFor(w.mappings(), people, w.now, nothingInEntra);
        for (const one of conditions)
          for (const person of people) expect(verdict(one, person)).toEqual(holds(one, facts(person.key) as Facts));
      },
    ),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holds } from "../../../../mappings/language/condition.ts";
import { explain } from "../../../../mappings/language/explain.ts";
import type { Condition } from "../../../../mappings/schema/all.ts";

const facts = { fields: { title: "Deckhand", site_name: "Lab", mobile: "" }, key: "41", groups: new Set(["GG-Sales"]) };

describe("explain (H12): the lines that decided", () => {
  it("names the lines that failed, with what the record has", () => {
    expect(explain({ title: ["Mate", "Purser"], site_name: "Lab" } as Condition, facts)).toEqual({
      holds: false,
      points: [{ at: "title", asks: "is Mate or Purser", found: "Deckhand", holds: false }],
    });
  });

  it("turns round under not", () => {
    const { holds: verdict, points } = explain({ not: { site_name: "Lab" } } as Condition, facts);
    expect(verdict).toBe(false);
    expect(points).toEqual([{ at: "not.site_name", asks: "is Lab", found: "Lab", holds: true }]);
  });

  it("goes into any, people and groups", () => {
    const condition = { any: [{ title: { matches: "^Mate" } }, { group: "GG-VPN" }, { person: [7, 8] }] } as Condition;
    expect(explain(condition, facts).points).toEqual([
      { at: "any[0].title", asks: "matches ^Mate", found: "Deckhand", holds: false },
      { at: "any[1].group", asks: "is wanted in the group GG-VPN", holds: false },
      { at: "any[2].person", asks: "is one of the people 7 or 8", found: "41", holds: false },
    ]);
    expect(explain({ mobile: { empty: true } } as Condition, facts).points).toMatchObject([{ asks: "is empty", holds: true }]);
  });

  it("agrees with the decision, and always names a line unless everybody is meant", () => {
    const leaf: fc.Arbitrary<Condition> = fc.oneof(
      fc.record({ title: fc.constantFrom("Deckhand", "Mate") }),
      fc.record({ site_name: fc.constantFrom("Lab", "Main") }),
      fc.record({ group: fc.constantFrom("GG-Sales", "GG-VPN") }),
    ) as fc.Arbitrary<Condition>;
    const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ not: tie("tree") }) as fc.Arbitrary<Condition>,
        fc.record({ any: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Condition>,
        fc.record({ all: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Condition>,
      ),
    }));
    fc.assert(
      fc.property(tree, (condition) => {
        const { holds: verdict, points } = explain(condition, facts);
        expect(verdict).toBe(holds(condition, facts).holds);
        expect(points.length).toBeGreaterThan(0);
        // A line counts for the verdict as it stands, or turned round once for each `not` above it.
        for (const point of points)
          expect(point.holds).toBe((point.at.split(/[.[]/u).filter((part) => part === "not").length % 2 === 0) === verdict);
      }),
    );
  });
});

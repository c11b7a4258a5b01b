/** Limits as they count while a raise is not applied: of what was last applied and what the file says, the lower. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import { type Limit, type Limits, limitsOf, standing } from "../../../../stacks/plan/limits.ts";

const usual = limitsOf(safetyFile.parse({}).limits);
const disabled = (limit: Partial<Limit>): Limits => ({ ...usual, disabled: { below: 3, per: [], ...limit } });

describe("security-5: limits that were raised", () => {
  test.each<[what: string, last: Partial<Limit>, now: Partial<Limit>, counts: Partial<Limit>, raised: RegExp[]]>([
    ["more", { most: 20 }, { most: 500 }, { most: 20 }, [/raises limits\.disabled\.most from 20 to 500 since it was last applied$/u]],
    ["a larger share", { share: 5 }, { share: 50 }, { share: 5 }, [/raises limits\.disabled\.share from 5 % to 50 %/u]],
    ["more in any case", { most: 5 }, { most: 5, below: 9 }, { most: 5 }, [/raises limits\.disabled\.below from 3 to 9/u]],
    [
      "one that is gone",
      { most: 20, share: 5 },
      { share: 5 },
      { most: 20, share: 5 },
      [/takes limits\.disabled\.most away, which was 20/u],
    ],
    [
      "no longer by site",
      { most: 5, per: ["site_name"] },
      { most: 5 },
      { most: 5, per: ["site_name"] },
      [/takes limits\.disabled\.per away/u],
    ],
    ["by another field", { most: 5, per: ["a"] }, { most: 5, per: ["b"] }, { most: 5, per: ["b", "a"] }, [/per away, which was a /u]],
    ["less", { most: 20 }, { most: 5 }, { most: 5 }, []],
    ["a limit where there was none", { most: 20 }, { most: 20, share: 5, per: ["a"] }, { most: 20, share: 5, per: ["a"] }, []],
    ["the same", { most: 20, share: 5 }, { most: 20, share: 5 }, { most: 20, share: 5 }, []],
  ])("%s", (_what, last, now, counts, raised) => {
    const found = standing(disabled(now), disabled(last));
    expect(found.limits).toEqual(disabled(counts));
    expect(found.raised).toEqual(raised.map((text) => expect.stringMatching(text)));
  });

  test("what was never applied is the file's, and so is a limit that an earlier version did not know", () => {
    expect(standing(usual, undefined)).toEqual({ limits: usual, raised: [] });
    const { gained: _gained, ...known } = usual;
    expect(standing(usual, known)).toEqual({ limits: usual, raised: [] });
  });

  test("property: what counts is never higher than either, and nothing is raised where the file is not", () => {
    const limit = fc
      .record({ most: fc.option(fc.nat(50), { nil: undefined }), share: fc.option(fc.nat(99), { nil: undefined }), below: fc.nat(9) })
      .map((one): Limit => ({ ...one, per: [] }));
    const above = (a: Limit, b: Limit): boolean =>
      (a.most ?? Number.POSITIVE_INFINITY) > (b.most ?? Number.POSITIVE_INFINITY) ||
      (a.share ?? 100) > (b.share ?? 100) ||
      a.below > b.below;
    fc.assert(
      fc.property(limit, limit, (last, now) => {
        const { limits, raised } = standing(disabled(now), disabled(last));
        expect(above(limits.disabled, now) || above(limits.disabled, last)).toBe(false);
        expect(raised.length > 0).toBe(above(now, last));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import { guard, recentLosses } from "../../../../stacks/plan/guard.ts";
import { now } from "../world.ts";

const limits = safetyFile.parse({}).limits;
const population = { accounts: 1000, memberships: 5000, licences: 1000 };
const none = { disabled: 0, memberships: 0, licences: 0 };
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();

describe("guard", () => {
  test("counts what was lost in the last 24 hours, so that a big loss cannot be split up", () => {
    const recent = [{ at: hoursAgo(5), ...none, disabled: 3 }];
    const result = guard({ losses: { ...none, disabled: 38 }, population, limits, recent, now });
    expect(result).toEqual({
      verdict: "refused",
      breaches: [
        "41 accounts would be disabled in 24 hours (38 now, 3 before); the limit is 20 (mappings/safety.yaml limits.disabled.most)",
      ],
    });
  });
  test("drops losses older than 24 hours, and keeps those of a clock that was ahead", () => {
    const list = [hoursAgo(24), hoursAgo(23.9), hoursAgo(-1)].map((at) => ({ at, ...none, disabled: 20 }));
    expect(recentLosses(list, now).map((one) => one.at)).toEqual([hoursAgo(23.9), hoursAgo(-1)]);
    expect(
      guard({ losses: { ...none, disabled: 1 }, population, limits, recent: [{ at: hoursAgo(25), ...none, disabled: 20 }], now }).verdict,
    ).toBe("ok");
  });
  test("`below` is always allowed, whatever the share; above it the share counts", () => {
    const small = { accounts: 10, memberships: 10, licences: 10 };
    expect(guard({ losses: { ...none, disabled: 3 }, population: small, limits, recent: [], now }).verdict).toBe("ok");
    expect(guard({ losses: { ...none, disabled: 4 }, population: small, limits, recent: [], now }).breaches).toEqual([
      "4 accounts would be disabled in 24 hours; the limit is 5 % of 10 = 3 (mappings/safety.yaml limits.disabled.share)",
    ]);
  });
  test("names every limit that would be passed", () => {
    const { breaches } = guard({ losses: { disabled: 51, memberships: 501, licences: 51 }, population, limits, recent: [], now });
    expect(breaches.map((breach) => /limits\.\S+(?=\))/u.exec(breach)?.[0])).toEqual([
      "limits.disabled.most",
      "limits.disabled.share",
      "limits.membershipsLost.most",
      "limits.membershipsLost.share",
      "limits.licencesLost.most",
      "limits.licencesLost.share",
    ]);
  });
  test("a plan that takes nothing is allowed after the worst of days", () => {
    expect(
      guard({ losses: none, population, limits, recent: [{ at: hoursAgo(1), disabled: 900, memberships: 900, licences: 900 }], now })
        .verdict,
    ).toBe("ok");
  });
  test("is monotone: losing more never turns a refusal into an approval", () => {
    const losses = fc.record({ disabled: fc.nat(60), memberships: fc.nat(300), licences: fc.nat(60) });
    const one = fc.constantFrom("disabled" as const, "memberships" as const, "licences" as const);
    fc.assert(
      fc.property(losses, one, fc.nat(1000), losses, (some, kind, accounts, before) => {
        const judge = (given: typeof some) =>
          guard({
            losses: given,
            population: { accounts, memberships: accounts, licences: accounts },
            limits,
            recent: [{ at: hoursAgo(2), ...before }],
            now,
          });
        if (judge(some).verdict === "refused") expect(judge({ ...some, [kind]: some[kind] + 1 }).verdict).toBe("refused");
      }),
    );
  });
});

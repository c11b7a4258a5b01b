import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suggestion } from "../../../../clients/halo/nearest.ts";
import { makeLimiter } from "../../../../clients/http/limiter.ts";
import { fakeClock } from "./server.ts";

describe("makeLimiter", () => {
  it("never lets more than the limit through in any window, whatever the pace, the bursts and the pauses", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(
          fc.record({
            burst: fc.integer({ min: 1, max: 9 }),
            gap: fc.integer({ min: 0, max: 40_000 }),
            pause: fc.option(fc.integer({ min: 1, max: 60 })),
          }),
          { maxLength: 12 },
        ),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 }),
        async (limit, window, rounds, ago) => {
          const clock = fakeClock();
          const times = ago.map((ms) => clock.now().getTime() - ms).slice(0, limit);
          const limiter = makeLimiter({ limit, window, spent: times, now: clock.now, sleep: clock.sleep });
          for (const { burst, gap, pause } of rounds) {
            const closed = clock.now().getTime() + (pause ?? 0) * 1000;
            if (pause !== null) limiter.pause(pause);
            await Promise.all(
              Array.from({ length: burst }, async () => {
                await limiter.take();
                const at = limiter.spent().at(-1) ?? 0;
                times.push(at);
                expect(at).toBeGreaterThanOrEqual(closed);
              }),
            );
            clock.move(gap);
          }
          for (const start of times)
            expect(times.filter((time) => time >= start && time < start + window * 1000).length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("spends the window in a burst, without waiting", async () => {
    const clock = fakeClock();
    const limiter = makeLimiter({ limit: 300, window: 300, now: clock.now, sleep: clock.sleep });
    for (let n = 0; n < 300; n++) await limiter.take();
    expect(clock.slept()).toBe(0);
    await limiter.take();
    expect(clock.slept()).toBe(301_000);
  });
});

describe("suggestion", () => {
  it.each([
    ["Servce Desk", ["Administrator", "Service Desk", "Field Engineer"], ' (did you mean "Service Desk"?)'],
    ["custom.CFManger", ["custom.CFDepartment", "custom.CFManager"], ' (did you mean "custom.CFManager"?)'],
    ["nothing like it", ["Administrator"], ' (did you mean "Administrator"?)'],
    ["x", [], " (there are none)"],
  ])("%s", (wanted, known, expected) => {
    expect(suggestion(wanted, known)).toBe(expected);
  });
});

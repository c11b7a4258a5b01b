/** How far a run is and how long it will take, by clocks of the tests' own. */
import { describe, expect, it } from "vitest";
import { Followed } from "../../../cli/commands/following.ts";
import { type Dealt, leftWords, type ProgressEvent, progressLine, timeLeft } from "../../../cli/progress.ts";
import { seldom, silent, withEvents } from "../../../cli/say.ts";
import type { Outcome } from "../../../providers/core/outcomes.ts";
import type { Run } from "../../../providers/core/run.ts";
import type { Step } from "../../../stacks/plan/input.ts";

const start = Date.parse("2026-11-30T08:00:00Z");
const allowed = { writes: 2940, window: 150_000 };
const first = { total: 100_000, counted: 100_000, started: start, allowed };
/** So many dealt with, evenly between two seconds after the start. */
const dealt = (count: number, from: number, to: number, counted = true): Dealt[] =>
  Array.from({ length: count }, (_, n) => ({ at: start + (from + ((to - from) * n) / count) * 1000, counted }));

describe("time left", () => {
  it("of 100,000 first licences is said by the quota from the beginning: a quick start fools nobody", () => {
    expect(timeLeft(first, [], start)).toEqual({ seconds: 4953, by: "quota" });
    // 2,940 in 20 seconds would be all in 11 minutes.
    const left = timeLeft(first, dealt(2940, 0, 20), start + 20_000);
    expect(left).toEqual({ seconds: 4953, by: "quota" });
    expect(leftWords(left ?? { seconds: 0, by: "quota" })).toBe("about 1 h 23 min left, as Microsoft Graph allows no more writes");
  });

  it("is right to 5 % at any time of a run that the quota holds back", () => {
    for (const part of [0.1, 0.3, 0.5, 0.9]) {
      const done = Math.floor(100_000 * part);
      const seconds = (done / 2940) * 150;
      const left = timeLeft(first, dealt(done, 0, seconds), start + seconds * 1000);
      const really = ((100_000 - done) / 2940) * 150;
      expect(Math.abs((left?.seconds ?? 0) - really) / really).toBeLessThan(0.05);
    }
  });

  it("is what was measured where that is longer, and what was measured lately at that", () => {
    expect(timeLeft({ ...first, counted: 0 }, dealt(1000, 0, 100, false), start + 100_000)).toEqual({ seconds: 9900, by: "measured" });
    // Half an hour at one a second, then ten minutes at one in ten seconds.
    const slower = [...dealt(1800, 0, 1800), ...dealt(60, 1800, 2400)];
    expect(timeLeft({ ...first, total: 2460, counted: 2460 }, slower, start + 2_400_000)).toEqual({ seconds: 6000, by: "measured" });
  });

  it("is not said before anything is known, and at the end there is none", () => {
    const few = { ...first, total: 100, counted: 100 };
    expect(timeLeft(few, dealt(3, 0, 1), start + 2000)).toBeUndefined();
    expect(timeLeft(few, [], start + 60_000)).toBeUndefined();
    expect(timeLeft(few, dealt(100, 0, 50), start + 60_000)).toBeUndefined();
  });
});

describe("what is said", () => {
  const event = (at: number, more: Partial<ProgressEvent> = {}): ProgressEvent => ({
    ...{ format: "haloform.progress/1", at: new Date(start + at * 1000).toISOString(), total: 100_000, done: 1200, notMade: 0 },
    ...more,
  });

  it("is a sentence", () => {
    expect(progressLine(event(0))).toBe("1,200 of 100,000 changes done");
    expect(progressLine(event(0, { notMade: 2, left: { seconds: 59, by: "measured" } }))).toBe(
      "1,200 of 100,000 changes done, 2 of them not made; about 59 s left",
    );
    expect(leftWords({ seconds: 61, by: "measured" })).toBe("about 2 min left");
  });

  it("comes seldom, and not at all in a run that is soon over", () => {
    const told: string[] = [];
    const tell = seldom(({ at }) => told.push(at), 60_000);
    for (let second = 0; second <= 130; second += 1) tell(event(second));
    expect(told).toEqual(["2026-11-30T08:01:00.000Z", "2026-11-30T08:02:00.000Z"]);
  });

  it("reaches programs every ten seconds and at the end", () => {
    const events: ProgressEvent[] = [];
    const bar = withEvents(silent, (one) => events.push(one)).progress("Applying", 100_000);
    for (let second = 0; second <= 25; second += 1) bar.to(event(second, { done: second }));
    bar.end();
    expect(events.map(({ done }) => done)).toEqual([10, 20, 25]);
  });
});

describe("a run that is followed", () => {
  const licence = (person: string): Step => ({
    ...{ op: "create", type: "entra:Licence", name: person },
    after: { person, skus: [] },
  });
  const outcome = (person: string, more: Partial<Outcome> = {}): Outcome => ({
    ...{ type: "entra:Licence", key: `entra:Licence::${person}`, op: "create", result: "done" },
    ...{ calls: { halo: 0, graph: 0, ldap: 0 }, ms: 1, ...more },
  });

  it("counts changes, not outcomes, and says by how much of the quota the rest is held", () => {
    const steps = [...Array.from({ length: 400 }, (_, n) => licence(String(n))), { ...licence("x"), op: "same" as const }];
    const run = { settings: { entra: { limit: 100 } }, adopt: {} } as unknown as Run;
    const followed = new Followed({ steps, run }, start);
    expect(followed.at(start)).toEqual({
      ...{ format: "haloform.progress/1", at: "2026-11-30T08:00:00.000Z", total: 400, done: 0, notMade: 0 },
      left: { seconds: 463, by: "quota" },
    });
    followed.add([outcome("0"), outcome("0", { op: "link" }), outcome("1", { result: "parked" }), outcome("1")], start + 1000);
    expect(followed.at(start + 1000)).toMatchObject({ done: 2, notMade: 1, left: { by: "quota" } });
  });
});

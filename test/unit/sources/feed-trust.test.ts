/** Whether the read of a feed (assets, tickets, software, devices) may be believed, line by line of the rule. */
import { describe, expect, it } from "vitest";
import { type FeedRead, judgeFeeds, perCent } from "../../../sources/trust.ts";

const rules = { shrink: 20, emptied: 50 };
const read = (count: number, more: Partial<FeedRead> = {}): FeedRead => ({ count, doubts: [], ...more });
/** What the last good read left of one feed. */
const judged = (now: FeedRead, memory: { [feed: string]: number } | undefined, feed = "assets") =>
  judgeFeeds({ [feed]: now }, memory, rules);
const short = "are missing; if that is right, raise it for one run";

describe("how many there are", () => {
  it("a first read is believed, and remembered with its parts and fields", () => {
    const all = judged(read(9, { parts: { Laptop: 7 }, filled: { serial: 5 } }), undefined);
    expect(all).toEqual({ doubted: [], sentences: [], memory: { assets: 9, "assets/Laptop": 7, "assets.serial": 5 } });
  });
  it.each([
    ["exactly the share", 20, 25, false],
    ["more than the share", 19, 25, true],
    ["few, whatever their share", 0, 4, false],
    ["as many as say something", 0, 5, true],
    ["more than before", 30, 25, false],
  ])("%s: %i of %i", (_what, now, before, doubted) => {
    const one = judged(read(now), { assets: before });
    expect(one.doubted).toEqual(doubted ? ["assets"] : []);
    // A doubted read teaches nothing.
    expect(one.memory).toEqual({ assets: doubted ? before : now });
  });
  it("a small part that is gone behind a large one that is there, and only the first is said", () => {
    const parts = { Laptop: 100, Desk: 0, Phone: 0 };
    const before = { assets: 110, "assets/Laptop": 100, "assets/Desk": 5, "assets/Phone": 5 };
    expect(judged(read(100, { parts }), before).sentences).toEqual([
      `The read of Halo's assets is doubted, so nothing that depends on it is taken from anybody: Desk: 0 instead of the 5 of the last good read, more than the 20 % of trust.shrink ${short}`,
    ]);
  });
  it("what a read says of itself is said alone", () => {
    const now = read(0, { doubts: ["half of the pages failed"], filled: { serial: 0 } });
    expect(judged(now, { tickets: 50, "tickets.serial": 50 }, "tickets").sentences).toEqual([
      "The read of Halo's tickets is doubted, so nothing that depends on it is taken from anybody: half of the pages failed",
    ]);
  });
  it("a name that every object has is no memory", () => expect(judged(read(3), {}, "constructor").doubted).toEqual([]));
});

describe("fields that emptied", () => {
  const fall = (now: number, count: number, had: number, before: number) =>
    judged(read(count, { filled: { serial: now } }), { assets: before, "assets.serial": had }).sentences;
  it("by more than the share of those who are there", () => {
    expect(fall(40, 100, 100, 100)).toEqual([
      "The read of Halo's assets is doubted, so nothing that depends on it is taken from anybody: serial is filled for 40 of 100, at the last good read for 100 of 100: a fall by 60 %, more than the 50 % of trust.emptied",
    ]);
    expect(fall(50, 100, 100, 100)).toEqual([]);
    // Fewer rows have fewer values.
    expect(fall(45, 90, 100, 110)).toEqual([]);
  });
  it("of few, and where there is nothing now or was nothing before, it says nothing", () => {
    expect(fall(0, 100, 4, 100)).toEqual([]);
    expect(fall(0, 100, 5, 100)).toHaveLength(1);
    expect(fall(0, 0, 5, 4)).toEqual([]);
    expect(fall(0, 100, 5, 0)).toEqual([]);
  });
  it("is not said beside numbers that fell", () => expect(fall(0, 10, 100, 100)[0]).not.toContain("serial"));
});

it("what changes hour by hour is remembered anew only where it changed by more", () => {
  const devices = (count: number) => judged(read(count, { coarse: 5 }), { devices: 100 }, "devices").memory;
  expect([devices(105), devices(95), devices(106), devices(94)]).toEqual([
    { devices: 100 },
    { devices: 100 },
    { devices: 106 },
    { devices: 94 },
  ]);
});

it("devices are called by their places", () => {
  expect(judged(read(1), { devices: 100 }, "devices").sentences[0]).toMatch(/^The read of devices of Intune and Entra ID is doubted/u);
});

it.each([
  [9.96, "10.0 %"],
  [0.04, "0.0 %"],
  [10.4, "10 %"],
])("%f per cent", (value, said) => expect(perCent(value)).toBe(said));

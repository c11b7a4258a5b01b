/** Days in conditions and of people: reports-R18, outside O6. */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { type Facts, holds } from "../../../../mappings/language/condition.ts";
import { dayMeant, dayOf, isZone, shifted, todayIn } from "../../../../mappings/language/days.ts";
import { explain } from "../../../../mappings/language/explain.ts";
import { FEED_FIELDS } from "../../../../mappings/language/feed-tests.ts";
import type { Condition } from "../../../../mappings/language/words.ts";

const facts = (value: Json): Facts => ({ fields: { day: value }, key: "1", groups: new Set(), today: "2026-03-01" });
const verdict = (value: Json, day: object, negated = false) => {
  const { holds: is, unsure } = holds(negated ? { not: { day } } : { day }, facts(value));
  return unsure ? "unsure" : is;
};

describe("which day it is", () => {
  it("is that of the zone", () => {
    const late = new Date("2026-02-28T23:30:00Z");
    expect([
      todayIn(late, "UTC"),
      todayIn(late, "Europe/Oslo"),
      todayIn(late, "America/New_York"),
      todayIn(late, "Pacific/Kiritimati"),
    ]).toEqual([...["2026-02-28", "2026-03-01", "2026-02-28", "2026-03-01"]]);
    expect(["UTC", "Europe/Oslo", "America/Argentina/Buenos_Aires", "Etc/GMT+5"].every(isZone)).toBe(true);
    expect(["", "Oslo", "+01:00", "Europe/Olso", "CET2"].some(isZone)).toBe(false);
  });

  it.each([
    ["today", "2026-03-01"],
    ["1 day ago", "2026-02-28"],
    ["in 14 days", "2026-03-15"],
    ["In 1 Year", "2027-03-01"],
    ["2027-01-04", "2027-01-04"],
    ["2027-02-30", undefined],
    ["14 days", undefined],
    ["in 14 days ago", undefined],
    ["tomorrow", undefined],
  ])("%s", (text, expected) => {
    expect(dayMeant(text, "2026-03-01")).toBe(expected);
  });
});

describe("reports-R18: a moment in UTC is of the day that it is where people work", () => {
  it.each([
    ["2026-02-28T23:00:00Z", "Europe/Oslo", "2026-03-01"],
    ["2026-03-01T04:30:00Z", "America/New_York", "2026-02-28"],
    ["20260228230000.0Z", "Europe/Oslo", "2026-03-01"],
    // A day, as systems write one.
    ["2026-03-01T00:00:00Z", "America/New_York", "2026-03-01"],
    ["2026-02-28T23:59:59Z", "Europe/Oslo", "2026-02-28"],
    ["2026-02-28T23:59:59.9999999Z", "Europe/Oslo", "2026-02-28"],
    // The clock of the place that wrote it.
    ["2026-02-28T23:00:00", "Europe/Oslo", "2026-02-28"],
    ["2026-02-28T23:00:00-05:00", "Europe/Oslo", "2026-02-28"],
    ["2026-02-28T23:00:00Z", "UTC", "2026-02-28"],
  ])("%s in %s is %s", (text, zone, day) => {
    expect(dayOf(text, zone)).toBe(day);
    const on = (today: string): boolean => holds({ day: { after: "1 day ago" } }, { ...facts(text), today, zone }).holds;
    expect([on(day), on(shifted(day, 1))]).toEqual([true, false]);
    const row = { [FEED_FIELDS.tickets]: [{ type: "Leave", status: "Open", by: "user_id", until: text }] };
    const open = (today: string): boolean =>
      holds({ hasTicket: { type: "Leave", status: "Open", ends: "until" } }, { fields: row, key: "1", groups: new Set(), today, zone })
        .holds;
    expect([open(day), open(shifted(day, 1))]).toEqual([true, false]);
  });
});

describe("reports-R18: conditions that know days", () => {
  it.each([
    ["2026-02-28", { before: "today" }, true],
    ["2026-03-01", { before: "today" }, false],
    ["2026-03-01T00:00:00", { after: "1 day ago" }, true],
    ["20260215", { after: "14 days ago", before: "in 14 days" }, false],
    ["2026-02-16", { after: "14 days ago", before: "in 14 days" }, true],
    ["9999-12-31", { after: "today" }, true],
    ["", { before: "today" }, false],
    ["0001-01-01T00:00:00", { before: "today" }, false],
  ])("%s %o", (value, day, expected) => {
    expect(verdict(value, day)).toBe(expected);
    expect(verdict(value, day, true)).toBe(!expected);
  });

  it("a value that is no day opens nothing and closes nothing, whichever way it is asked", () => {
    for (const value of ["soon", "31/12/2027", "45000", true]) {
      expect(verdict(value, { before: "today" })).toBe("unsure");
      expect(verdict(value, { before: "today" }, true)).toBe("unsure");
    }
  });

  it("says what it asks", () => {
    expect(explain({ day: { after: "14 days ago", before: "today" } }, facts("2026-02-20")).points).toEqual([
      { at: "day", asks: "is after 14 days ago and is before today", found: "2026-02-20", holds: true },
    ]);
  });
});

describe("days of tickets and devices", () => {
  const rows = (row: { [field: string]: Json }): Facts => ({
    ...facts(""),
    fields: {
      "halo:tickets": [{ type: "Access", status: "Approved", by: "user_id", until: "2026-12-31", ...row }],
      "halo:assets": [{ type: "Laptop", ...row }],
    },
  });
  const told = (condition: Condition, row: { [field: string]: Json }) => {
    const { holds: is, unsure } = holds(condition, rows(row));
    return unsure ? "unsure" : is;
  };
  const ticket = { type: "Access", status: "Approved" };
  it.each<[string, Condition, string]>([
    ["first day", { hasTicket: { ...ticket, starts: "day" } }, "2026-02-28"],
    ["last day", { hasTicket: { ...ticket, ends: "day" } }, "2026-03-01"],
    ["field of a ticket", { hasTicket: { ...ticket, day: { before: "today" } } }, "2026-02-28"],
    ["field of an asset", { hasAsset: { type: "Laptop", day: { before: "today" } } }, "2026-02-28"],
  ])("%s that is no day opens nothing and closes nothing, whichever way it is asked", (_what, condition, fits) => {
    expect(told(condition, { day: fits })).toBe(true);
    expect(told({ not: condition }, { day: fits })).toBe(false);
    for (const odd of ["soon", "31/12/2027"]) {
      expect(told(condition, { day: odd })).toBe("unsure");
      expect(told({ not: condition }, { day: odd })).toBe("unsure");
      // What does not fit anyway is no doubt, and one that is sure is enough.
      expect(told(condition, { day: odd, type: "Phone" })).toBe(false);
      const both = rows({ day: odd });
      const more = Object.fromEntries(
        Object.entries(both.fields).map(([feed, all]) => [
          feed,
          [...(all as Json[]), { ...(all as { [field: string]: Json }[])[0], day: fits }],
        ]),
      );
      expect(holds(condition, { ...both, fields: more })).toMatchObject({ holds: true });
      expect(holds(condition, { ...both, fields: more }).unsure).toBeUndefined();
    }
  });
  it("a first and a last day are days of the zone", () => {
    const condition: Condition = { hasTicket: { ...ticket, starts: "from", ends: "until" } };
    const on = (today: string): boolean => holds(condition, { ...rows({ from: "2026-03-01", until: "2026-03-02" }), today }).holds;
    expect(["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"].map(on)).toEqual([false, true, true, false]);
  });
});

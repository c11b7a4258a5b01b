/** Days that nobody can read: said with the name, and nothing hangs on them. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { withJoiners } from "../../../../stacks/people/believed.ts";
import { noDays, standingOf } from "../../../../stacks/people/days.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import * as w from "../world.ts";

describe("a condition's day that is none is said by name", () => {
  const given = w.mappings({
    ad: {
      ...w.adDefault,
      groups: [
        { name: "GG-New", for: { started: { after: "30 days ago" } } },
        { name: "GG-Loan", for: { hasAsset: { type: "Laptop", Returned: { before: "today" } } } },
        { name: "GG-VPN", for: { hasTicket: { type: "Access", status: "Done", starts: "from", ends: "until" } } },
      ],
    },
  });
  const fields: { [field: string]: Json } = {
    started: "soon",
    Returned: "never asked of the record",
    "halo:assets": [
      { type: "Laptop", Returned: "in May" },
      { type: "Phone", Returned: "not asked of phones" },
    ],
    "halo:tickets": [{ type: "access", status: "Done", by: "user_id", from: "2026-01-01", until: "summer" }],
  };
  test("of records, assets and tickets, of the types that are asked", () => {
    const said = noDays([w.record(1, fields), w.record(2, { started: "2026-01-01" })], given);
    expect(said.map((line) => line.replace(/: what hangs.*$/u, ""))).toEqual([
      'Conditions ask for a day in Returned of assets, and Ada1 Example1 (1) says "in May"',
      'Conditions ask for a day in started, and Ada1 Example1 (1) says "soon"',
      'Conditions ask for a day in until of tickets, and Ada1 Example1 (1) says "summer"',
    ]);
  });
});

describe("people.tickets: a day that is none", () => {
  const given = w.mappings({
    people: {
      people: {
        ...w.peopleDefault.people,
        key: "other1",
        tickets: {
          first: [
            {
              ...{ type: "Starter", status: "Approved", starts: "custom.CFStart", ends: "custom.CFEnd" },
              fields: { other1: "{{ custom.CFNumber }}", firstname: "Nova", surname: "Joiner", site_name: "Main" },
            },
          ],
        },
      },
    },
    entra: null,
    halo: null,
  });
  const read = (until: string, now = w.now) => {
    const ticket = { "custom.CFNumber": "E900", "custom.CFStart": "2026-01-01", "custom.CFEnd": until };
    const feeds = { reports: {}, notes: [], tickets: [{ id: 11, type: "Starter", status: "Approved", fields: ticket }] };
    const people = { records: [w.record(1, { other1: "E1" })], read: { complete: true, doubts: [] }, feeds };
    return withJoiners(people as unknown as Parameters<typeof withJoiners>[0], given, [], [], now);
  };
  test("makes nobody, and takes nothing from whom the ticket made before", () => {
    const first = w.world({ mappings: given, records: read("2027-01-01").records });
    const done = w.apply(first, wish(first));
    expect(done.live["ad:User"]).toHaveLength(2);
    const { records, notes, hidden } = read("summer");
    expect([records.length, notes]).toEqual([
      1,
      ['Ticket 11 (Starter) makes nobody: custom.CFEnd says "summer", which is no day; write it like 2027-01-04'],
    ]);
    const then = wish(w.next(first, done, { records, hidden }));
    expect(then.people.map(({ key, stage }) => [key, stage])).toEqual([
      ["E1", "active"],
      ["E900", "held"],
    ]);
    expect(then.notes.join("\n")).toContain(
      'Nova Joiner (E900) is missing: of ticket 11 custom.CFEnd says "summer", which is no day; keeps everything as it is until Halo is clear',
    );
    const over = wish(w.next(first, done, { records: read("2026-01-31").records }));
    expect(over.people.map(({ key, stage }) => [key, stage])).toContainEqual(["E900", "leaver"]);
  });
  test("the last day is one where people work", () => {
    const oslo = { ...given, people: { ...given.people, zone: "Europe/Oslo" } };
    const late = new Date("2026-01-31T23:30:00Z");
    const count = (mappings: typeof given): number => {
      const ticket = { "custom.CFNumber": "E900", "custom.CFEnd": "2026-01-31" };
      const feeds = { reports: {}, notes: [], tickets: [{ id: 11, type: "Starter", status: "Approved", fields: ticket }] };
      const people = { records: [], read: { complete: true, doubts: [] }, feeds };
      return withJoiners(people as unknown as Parameters<typeof withJoiners>[0], mappings, [], [], late).records.length;
    };
    expect([count(given), count(oslo)]).toEqual([1, 0]);
  });
});

describe("a first and a last day that a system keeps as moments in UTC", () => {
  const { people } = w.mappings({ people: { people: { ...w.peopleDefault.people, starts: "first", ends: "last", zone: "Europe/Oslo" } } });
  const standing = (fields: { [field: string]: Json }, now: string) => standingOf({ people }, new Date(now))(w.record(1, fields)).is;
  test("nobody starts the evening before, and a last day is worked to its end", () => {
    const fields = { first: "2026-02-28T23:00:00Z", last: "2026-03-30T22:00:00Z" };
    expect(standing(fields, "2026-02-28T22:30:00Z")).toBe("later");
    expect(standing(fields, "2026-02-28T23:30:00Z")).toBe("here");
    expect(standing(fields, "2026-03-31T21:30:00Z")).toBe("here");
    expect(standing(fields, "2026-03-31T22:30:00Z")).toBe("over");
  });
});

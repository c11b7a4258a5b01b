/** Conditions about assets, software and tickets, and people made from tickets: what load.ts refuses, and what is read for them. */
import { describe, expect, test } from "vitest";
import { feedsBesideGroups, feedsOf } from "../../../../mappings/language/feeds.ts";
import { load, mistakes } from "../helpers.ts";

const ad = (members: string): string => `accounts:
  first:
  - { ou: "OU=Staff,DC=corp,DC=example,DC=com", attributes: staff }
attributes: { staff: { description: "{{ emailaddress }}" } }
groups:
  - { name: GG-One, for: ${members} }
`;
const people = (key: string, tickets: string): string => `people:
  source: halo.users
  key: ${key}
  tickets:
    first:
    - ${tickets}
  login: { is: "{{ firstname }}" }
`;

describe("S3: conditions on Halo's feeds", () => {
  test("say what is read, and nothing is read where none asks", async () => {
    const none = await load({ ad: ad("{ title: Lead }") });
    expect(feedsOf(none)).toBeUndefined();
    const asked = await load({
      ad: ad(
        "{ any: [{ hasAsset: [Laptop, laptop] }, { not: { hasAsset: { type: Phone, IMEI: { empty: false } } } }, { hasSoftware: CAD }], hasTicket: { type: Access request, status: [Approved, Done], person: custom.CFFor, ends: custom.CFUntil, team: Bridge } }",
      ),
    });
    expect(feedsOf(asked)).toEqual({
      assets: { types: ["Phone", "laptop"], fields: ["IMEI"] },
      software: ["CAD"],
      tickets: [{ type: "Access request", statuses: ["Approved", "Done"] }],
      ticketFields: ["custom.CFFor", "custom.CFUntil", "team"],
    });
    expect(feedsBesideGroups(asked)).toEqual(new Set());
    // Reading a record's fields is not changed by it.
    expect(asked.fields).toEqual(none.fields.filter((field) => field !== "title"));
  });

  test.each([
    ["{ hasAsset: { Purpose: Developer } }", "type"],
    ["{ hasTicket: { type: Access request } }", "status"],
    ["{ hasTicket: { type: A, status: B, ends: nonsense } }", "expected a field of a ticket"],
    ["{ hasTicket: { type: A, status: B, sumary: x } }", 'found sumary; did you mean "summary"?'],
    ["{ hasTicket: { type: A, status: B, until: custom.CFUntil } }", 'found until; did you mean "ends"?'],
    ["{ has_ticket: { type: A, status: B } }", 'found "has_ticket"; did you mean "hasTicket"?'],
    ["{ hasAsset: { type: Laptop, Purpose: { matches: '(' } } }", "expected a regular expression"],
    ["{ hasAsset: 7 }", "hasAsset"],
  ])("%s is a mistake", async (members, words) => {
    const lines = await mistakes({ ad: ad(members) });
    expect(lines.join("\n")).toContain(words);
    expect(lines[0]).toMatch(/^mappings\/ad\.yaml:6:/u);
  });

  test("cannot say who is a person", async () => {
    const lines = await mistakes({
      people: 'people:\n  source: halo.users\n  for: { hasAsset: Laptop }\n  login: { is: "{{ firstname }}" }\n',
      ad: ad("{ title: Lead }"),
    });
    expect(lines.join("\n")).toContain("found hasAsset; this decides who is a person at all");
  });
});

describe("A25: people.tickets", () => {
  const line =
    '{ type: New starter, status: Approved, starts: startdate, fields: { other1: "{{ custom.CFNumber }}", firstname: "{{ summary }}" } }';
  test("is read with the fields of its templates", async () => {
    const loaded = await load({ people: people("other1", line), ad: ad("{ title: Lead }") });
    const need = feedsOf(loaded);
    expect(need?.tickets).toEqual([{ type: "New starter", statuses: ["Approved"] }]);
    expect(need?.ticketFields).toEqual(["custom.CFNumber", "startdate", "summary"]);
  });
  test.each([
    ["id", line, "expected another people.key than id"],
    ["other2", line, "expected the field other2, which is people.key"],
    ["other1", line.replace("startdate", "first day"), "expected a field of a ticket with a date"],
    ["other1", line.replace("summary", "sumary"), 'found "sumary"; did you mean "summary"?'],
    ["other1", line.replace("firstname", "firstnam"), 'found "firstnam"; did you mean "firstname"?'],
  ])("key %s, %s", async (key, ticket, words) => {
    expect((await mistakes({ people: people(key, ticket), ad: ad("{ title: Lead }") })).join("\n")).toContain(words);
  });
});

/** Lines are counted for people by the key that their record has now, whatever they are known under. */
import { expect, test } from "vitest";
import { checked } from "../../../../stacks/check/check.ts";
import { byRecordKey } from "../../../../stacks/check/warning.ts";
import { roster } from "../../../../stacks/people/roster.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import * as w from "../world.ts";

test("a feed that counted anew: everybody's key was another's, and each line counts whom it holds for", () => {
  const mappings = w.mappings({
    people: { people: { ...w.peopleDefault.people, newKey: { decide: "automatic" } } },
    ad: { ...w.adDefault, groups: [{ name: "GG-Lead", for: { title: "Lead" } }] },
  });
  const mail = (id: number) => ({ firstname: `Ada${id}`, surname: `Example${id}`, emailaddress: `user${id}@corp.example.com` });
  const first = w.world({ mappings, records: [1, 2, 3].map((id) => w.record(id, mail(id))) });
  const done = w.apply(first, wish(first));
  const records = [1, 2, 3].map((id) => ({ ...w.record(id + 1, mail(id)), ref: `halo.users ${id + 1}` }));
  const lead = records.map((one, index) => (index === 0 ? { ...one, fields: { ...one.fields, title: "Lead" } } : one));
  const wished = wish(w.next(first, done, { records: lead }));
  expect(wished.people.map(({ key, recordKey }) => [key, recordKey])).toEqual([
    ["1", "2"],
    ["2", "3"],
    ["3", "4"],
  ]);
  const read = roster(lead, mappings);
  const made = checked({ mappings, now: w.now, roster: read, live: {}, facts: byRecordKey(wished.people, wished.facts) });
  const line = made.lines.find(({ of }) => of === "groups GG-Lead");
  expect(line).toMatchObject({ holds: 1 });
  const account = made.lines.find(({ of }) => of.startsWith("accounts"));
  expect(account).toMatchObject({ holds: 3 });
});

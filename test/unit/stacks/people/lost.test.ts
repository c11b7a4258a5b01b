/** A field that lost its values and decides who is a person, where they belong or what they get (reports R2). */
import { expect, test } from "vitest";
import type { Memory, SourceRecord } from "../../../../stacks/model/types.ts";
import { believed } from "../../../../stacks/people/believed.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { adDefault, base, find, mappings, peopleDefault, record, staff, world } from "../world.ts";

const maps = mappings({
  people: { people: { ...peopleDefault.people, for: { not: { kind: "Service" } } } },
  ad: {
    ...adDefault,
    accounts: {
      first: [
        { for: { trade: "Deck" }, ou: staff("Main"), attributes: "office" },
        { ou: `OU={{ place | default: 'Other' }},OU=Staff,${base}`, attributes: "office" },
      ],
    },
    groups: [{ name: "GG-Shore", ou: `OU=Groups,${base}`, for: { not: { afloat: true } } }],
  },
  entra: null,
  halo: null,
});
const fields = ["kind", "trade", "place", "afloat", "title"];
const staffOf = (id: number): SourceRecord => record(id, { kind: "Staff", trade: "Deck", place: "Lab", afloat: true, title: "Deckhand" });
const memory: Memory = {
  format: "haloform.memory/1",
  source: { count: 10, filled: Object.fromEntries(fields.map((field) => [field, 10])) },
  people: {},
};
/** What becomes of the last of ten people, whom nobody knew, where a column is gone for all, or for all but that one. */
function newcomer(lost: string, has = false) {
  const records = Array.from({ length: 10 }, (_, index) => staffOf(index + 1)).map((one, index) => {
    const { [lost]: value = "", ...others } = one.fields;
    return { ...one, fields: has && index === 9 ? { ...others, [lost]: value } : others };
  });
  const read = { recordCount: 10, rows: 10, pages: 1, complete: true, doubts: [] };
  const { trust } = believed({ name: "hr", called: "hr", read, records }, { ...maps, fields }, memory, new Date("2026-03-01"));
  expect(trust.verdict).toBe("doubted");
  return wish(world({ mappings: maps, records, trust, memory }));
}

test.each([
  ["kind", "who is a person"],
  ["trade", "by which line somebody has an account"],
  ["place", "where an account is made"],
  ["afloat", "who is in a group"],
])("nobody new is made while %s is doubted, which says %s", (lost) => {
  const made = newcomer(lost);
  expect(made.resources.filter((one) => one.person !== undefined)).toEqual([]);
  expect(made.parked.map(({ key }) => key)).toContain("10");
  expect(made.parked.find(({ key }) => key === "10")?.reason).toMatch(
    new RegExp(
      `^what this person is to have is not known: ${lost} decides it and is doubted \\(${lost} is filled for 0 of 10 people, `,
      "u",
    ),
  );
});

test("whose record has a value is made, and so is everybody where the field decides nothing", () => {
  expect(find(newcomer("trade", true), "ad:User", "person-10")).toBeDefined();
  expect(newcomer("title").resources.filter((one) => one.type === "ad:User")).toHaveLength(10);
});

/** Who is taken over without being asked about (people.newKey.decide: automatic), and by which of several records: reports R3, outside O5. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Values } from "../../../../base/json.ts";
import type { peopleFile } from "../../../../mappings/schema/people.ts";
import { sameHumans } from "../../../../stacks/match/again.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { roster } from "../../../../stacks/people/roster.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { apply, find, mappings, next, staff, world } from "../world.ts";

type People = z.input<typeof peopleFile>["people"];

const given = (newKey: People["newKey"] = {}, more: Partial<People> = {}) =>
  mappings({
    people: { people: { source: "hr", key: "id", login: { is: "p{{ id }}" }, newKey, ...more } },
    ad: { accounts: { first: [{ ou: staff("Main"), attributes: "a" }] }, attributes: { a: { displayName: "{{ name }}" } } },
    ...{ entra: null, halo: null },
  });
const record = (id: string, name: string, fields: Values = {}): SourceRecord => {
  const [firstname = "", surname = ""] = name.split(" ");
  const emailaddress = `${firstname}.${surname}@corp.example.com`.toLowerCase();
  return { ref: `hr ${id}`, fields: { id, name, firstname, surname, emailaddress, inactive: false, ...fields } };
};
/** What a second run finds, over what the first one of these people left. */
function later(
  first: readonly SourceRecord[],
  second: readonly SourceRecord[],
  newKey: People["newKey"],
  more: Partial<People> = {},
): World {
  const there = world({ records: first, mappings: given(newKey, more) });
  return next(there, apply(there, wish(there)), { records: second });
}
const again = (there: World) => sameHumans(roster(there.records, there.mappings), there);
/** The record's key of everybody who is known by another. */
const taken = (there: World): [string, string | undefined][] =>
  again(there).roster.rows.flatMap(({ key, recordKey }) => (recordKey === undefined ? [] : [[key, recordKey]]));
const asked = (there: World): string[] => [...again(there).cases.keys()];
const other = { emailaddress: "another@corp.example.com" };
const decide = "automatic" as const;
const ada = record("00901", "Ada Example");
const ben = record("00902", "Ben Other");

describe("taken over by itself", () => {
  test("an address and the name; said with names, in order", () => {
    const one = later([ada, ben], [record("77", "Ada Example"), ben], { decide });
    expect([taken(one), asked(one)]).toEqual([[["00901", "77"]], []]);
    expect(again(one).notes).toEqual([
      "1 person is known again under another key, and keep what they have: Ada Example (77), before 00901, by the address ada.example@corp.example.com and the name Ada Example",
    ]);
    const both = later([ada, ben], [record("88", "Ada Example"), record("77", "Ben Other")], { decide });
    expect(again(both).notes[0]).toMatch(
      /^2 people are known again under another key, .*: Ada Example \(88\), before .*, Ben Other \(77\)/u,
    );
    expect(again(later([ada], [ada], { decide })).notes).toEqual([]);
  });
  test("only where the mapping says so, and not while the read is doubted", () => {
    const there = later([ada], [record("77", "Ada Example")], {});
    expect([taken(there), asked(there)]).toEqual([[], ["77"]]);
    const automatic = later([ada], [record("77", "Ada Example")], { decide });
    const trust: World["trust"] = { verdict: "doubted", doubts: ["x"], memory: undefined };
    expect(taken({ ...automatic, trust })).toEqual([]);
  });
  test("not by the name alone, where nothing else is known: that is asked", () => {
    const there = later([ada], [record("77", "Ada Example", { emailaddress: "" })], { decide });
    expect([taken(there), asked(there)]).toEqual([[], ["77"]]);
  });
  test("not where two known before fit alike", () => {
    const birth = { decide, birth: ["born"] };
    const born = { born: "1990-01-01" };
    const first = [record("00901", "Ada Example", born), record("00902", "Ada Example", { ...born, ...other })];
    const left = first.map((one) => ({ ...one, fields: { ...one.fields, inactive: true } }));
    const there = later(first, [...left, record("77", "Ada Example", born)], birth);
    expect([taken(there), asked(there)]).toEqual([[], ["77"]]);
  });
  test("not where two newcomers fit one alike", () => {
    const there = later([ada], [record("77", "Ada Example"), record("78", "Ada Example")], { decide });
    expect([taken(there), asked(there).sort()]).toEqual([[], ["77", "78"]]);
  });
  test("a namesake with another address does not come into question", () => {
    const there = later([ada, record("00902", "Ada Example", other)], [record("77", "Ada Example")], { decide });
    expect(taken(there)).toEqual([["00901", "77"]]);
  });
});

describe("several records of one person, by newKey.same", () => {
  const same = [
    { person: "77", was: "00901" },
    { person: "78", was: "00901" },
  ];
  test("one that is here goes before one that has left, in whichever order the lines are", () => {
    for (const lines of [same, same.toReversed()]) {
      const records = [record("77", "Ada Example", { inactive: true }), record("78", "Ada Example")];
      const there = later([ada], records, { same: lines });
      expect([taken(there), asked(there)]).toEqual([[["00901", "78"]], []]);
      if (lines === same) expect(again(there).roster.rows.map(({ key }) => key)).toEqual(["00901"]);
      expect(find(wish(there), "ad:User", "person-00901")?.inputs["enabled"]).toBe(true);
    }
  });
  test("of two that are here the first line counts, and the other is asked about", () => {
    const there = later([ada], [record("77", "Ada Example"), record("78", "Ada Example")], { same });
    expect([taken(there), asked(there)]).toEqual([[["00901", "77"]], ["78"]]);
  });
  test("whose only record has left has left under the key of before", () => {
    const there = later([ada, ben], [record("77", "Ada Example", { inactive: true }), ben], { same });
    expect(taken(there)).toEqual([["00901", "77"]]);
    expect(find(wish(there), "ad:User", "person-00901")?.inputs["enabled"]).toBe(false);
  });
  test("a line about a key that nobody has or had, or of a record that is not there, means nothing", () => {
    for (const line of [
      { person: "77", was: "5" },
      { person: "5", was: "00901" },
    ]) {
      const there = later([ada], [ada, record("77", "Cyd Third")], { same: [line] });
      expect([taken(there), asked(there)]).toEqual([[], []]);
    }
  });
  test("of a record that is here and had nothing yet, it is asked which of the two goes on", () => {
    const there = later([ben], [ben, ada, record("77", "Ada Example", other)], { same });
    expect([taken(there), asked(there)]).toEqual([[], ["77"]]);
  });
});

describe("an earlier key that somebody has as their own by now", () => {
  // 901 was taken over from 00901, and another human has come under 00901's later key.
  const people = { 901: { name: "Cyd Third" }, "00901": { name: "Ada Example", key: "901" } };
  const memory: World["memory"] = { format: "haloform.memory/1", source: { count: 2, filled: {} }, people };
  const there = (newKey: People["newKey"]) => world({ records: [record("77", "Cyd Third", other)], mappings: given(newKey), memory });
  test("means that one", () => {
    expect(asked(there({}))).toEqual(["77"]);
    expect(asked(there({ different: [{ person: "77", isNot: "901" }] }))).toEqual([]);
    expect(taken(there({ same: [{ person: "77", was: "901" }] }))).toEqual([["901", "77"]]);
  });
});

test("whoever people.for leaves out by now keeps what they have, and nobody new is asked about them", () => {
  const out = { ...ada, fields: { ...ada.fields, kind: "Contractor" } };
  const there = later([ada], [out, record("77", "Ada Example", other)], { decide }, { for: { not: { kind: "Contractor" } } });
  expect([taken(there), asked(there)]).toEqual([[], []]);
  expect(find(wish(there), "ad:User", "person-00901")?.inputs["enabled"]).toBe(true);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { hasLeft, LEFT_WORDS } from "../../../../mappings/language/left.ts";
import type { Memory } from "../../../../stacks/model/types.ts";
import { believed } from "../../../../stacks/people/believed.ts";
import { leftOf } from "../../../../stacks/people/left.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { find, mappings, peopleDefault, record, world } from "../world.ts";

const rows = (values: readonly (Json | undefined)[]) => values.map((value, index) => record(41 + index, { inactive: value as Json }));
const told = (values: readonly (Json | undefined)[], memory?: Memory, maps = mappings()) => leftOf(rows(values), maps, memory);
const remembered = (count: number, filled: number, people: Memory["people"] = {}): Memory => ({
  format: "haloform.memory/1",
  source: { count, filled: { inactive: filled } },
  people,
});
const gone = { name: "Ada", leaverSince: "2026-02-01T00:00:00.000Z" };

describe("reports R2: who has left, in words", () => {
  it.each<[Json | undefined, boolean | undefined]>([
    ...["true", "Yes", " INACTIVE ", "inaktiv", "ja", "1", "1.0", "WAHR", "oui"].map((word): [Json, boolean] => [word, true]),
    ...["false", "No", "Active", "aktiv", "nein", "0", "0.0", "FALSCH", "", "  "].map((word): [Json, boolean] => [word, false]),
    ...[true, 1].map((value): [Json, boolean] => [value, true]),
    ...[false, 0, null, undefined].map((value): [Json | undefined, boolean] => [value, false]),
    ...["Maybe", "2", "-1", 2, "Leaver soon", [], {}, ["true"]].map((value): [Json, undefined] => [value, undefined]),
  ])("%j is %s", (value, left) => {
    expect(hasLeft(value)).toBe(left);
  });

  it("a source without the field is told of once, and of one that is called nearly so every time", () => {
    const csv = (fields: { [field: string]: Json }) => {
      const { inactive: _none, ...rest } = record(41).fields;
      return [{ ...record(41), fields: { ...rest, ...fields } }];
    };
    const notes = (fields: { [field: string]: Json }, memory?: Memory, maps = mappings()) => leftOf(csv(fields), maps, memory).notes;
    const before = remembered(1, 0);
    expect(notes({})).toEqual([
      expect.stringMatching(/^No record has inactive, .*only who is missing from the source has left; call the field so/u),
    ]);
    expect(notes({}, before)).toEqual([]);
    expect(notes({ Inactive: "yes" }, before)).toEqual([expect.stringMatching(/has left; did you mean "Inactive"\?; call the field so/u)]);
    expect(notes({ active: "yes" }, before)).toEqual([]);
    expect(notes({ inactive: "" })).toEqual([]);
    const ends = { people: { ...peopleDefault.people, ends: "{{ lastday }}" } };
    expect(notes({}, undefined, mappings({ people: ends }))).toEqual([]);
  });

  it("no word means both", () => {
    expect(LEFT_WORDS.left.filter((word) => LEFT_WORDS.here.includes(word))).toEqual([]);
  });

  it("a mapping declares more words, and they count first", () => {
    const people = { people: { ...peopleDefault.people, inactive: { left: ["Ausgetreten", "0"], here: ["Angestellt"] } } };
    const { records, doubts } = told(["AUSGETRETEN ", "angestellt", "0", "1"], undefined, mappings({ people }));
    expect(doubts).toEqual([]);
    expect(records.map((one) => one.fields["inactive"])).toEqual([true, false, true, true]);
  });

  it("any other value is doubted, naming record and field, and nothing is made for its person alone", () => {
    const read = { recordCount: 3, rows: 3, pages: 1, complete: true, doubts: [] };
    const { records, trust } = believed(
      { name: "hr", called: "hr", read, records: [record(41), record(42, { inactive: "Maybe" }), record(43, { inactive: "Inaktiv" })] },
      mappings(),
      undefined,
      new Date("2026-03-01T08:00:00.000Z"),
    );
    expect(trust.verdict).toBe("doubted");
    expect(trust.doubts).toEqual([
      expect.stringMatching(/^inactive says who has left, and halo\.users 42 says "Maybe", which means neither/u),
    ]);
    const made = wish(world({ records, trust }));
    expect(find(made, "ad:User", "person-41")).toBeDefined();
    expect(find(made, "ad:User", "person-42")).toBeUndefined();
    expect(find(made, "ad:User", "person-43")).toBeUndefined();
    expect(made.resources.filter((one) => JSON.stringify(one.inputs).includes("person:42"))).toEqual([]);
    expect(made.parked).toEqual([expect.objectContaining({ key: "42", where: "source" })]);
  });

  it("a field that vanished, was emptied or turned round for many is doubted", () => {
    expect(told([undefined, undefined], remembered(2, 1)).doubts).toEqual([expect.stringMatching(/is gone or empty for all 2 people/u)]);
    expect(told([false, ""], remembered(2, 2)).doubts).toEqual([
      expect.stringMatching(/is empty for halo\.users 42, and had a value for all 2/u),
    ]);
    const left = { 41: gone, 42: gone, 43: gone };
    expect(told(["", "", "x"], remembered(9, 3, left)).isDoubted).toBe(true);
    expect(told([false, "no", "0"], remembered(9, 3, left)).doubts).toEqual([
      expect.stringMatching(/3 of the 3 people who had left are back/u),
    ]);
    // One or two who are back are an ordinary week, and a source that never had the field says nothing by having none.
    expect(told([false, "no", "true"], remembered(9, 3, left)).doubts).toEqual([]);
    expect(told(["", "true", "true"], remembered(9, 3, left)).doubts).toEqual([]);
    expect(told([undefined, undefined], remembered(2, 0)).doubts).toEqual([]);
    expect(told([undefined, undefined]).doubts).toEqual([]);
  });

  it("nobody new is made, and nobody who had left is enabled, while the field is doubted", () => {
    const read = { recordCount: 2, rows: 2, pages: 1, complete: true, doubts: [] };
    const people = [record(41), record(42, { firstname: "Neu" })].map(({ ref, fields: { inactive: _, ...fields } }) => ({ ref, fields }));
    const memory = remembered(2, 2, { 41: gone });
    const { records, trust } = believed({ name: "hr", called: "hr", read, records: people }, mappings(), memory, new Date("2026-03-01"));
    const inputs = { ...find(wish(world({ records: [record(41)] })), "ad:User", "person-41")?.inputs, enabled: false };
    const previous = [{ type: "ad:User", name: "person-41", id: "1", inputs, outputs: {} }];
    const live = { "ad:User": [{ id: "1", values: { ...inputs, memberOf: [], protected: false, distinguishedName: "CN=A,DC=x" } }] };
    const made = wish(world({ records, trust, memory, previous, live }));
    expect(find(made, "ad:User", "person-41")?.inputs["enabled"]).toBe(false);
    expect(find(made, "ad:User", "person-42")).toBeUndefined();
    expect(made.memory.people["41"]).toMatchObject({ leaverSince: gone.leaverSince });
    expect(made.memory.source).toEqual(memory.source);
  });

  it("whatever a source says, what is not known to be here is never made (property)", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom("Inactive", "aktiv", "ja", null, []));
    fc.assert(
      fc.property(value, (inactive) => {
        const { records } = told([inactive as Json]);
        const made = wish(world({ records }));
        expect(find(made, "ad:User", "person-41") !== undefined).toBe(hasLeft(inactive as Json) === false);
      }),
      { numRuns: 200 },
    );
  });
});

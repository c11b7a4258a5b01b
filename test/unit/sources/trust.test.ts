import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadReport } from "../../../sources/record.ts";
import type { TrustQuestion } from "../../../sources/trust.ts";
import { judge } from "../../../sources/trust.ts";
import type { Memory, SourceRecord } from "../../../stacks/model/types.ts";

const fields = ["firstname", "surname", "emailaddress", "title"];
const trust = { shrink: 20, emptied: 50, onDoubt: "hold" as const };

const person = (id: number, more: SourceRecord["fields"] = {}): SourceRecord => ({
  ref: `halo.users ${id}`,
  fields: { id, firstname: "Ada", surname: `Example${id}`, emailaddress: `p${id}@corp.example.com`, title: "Deckhand", ...more },
});
const crowd = (count: number, more: SourceRecord["fields"] = {}): SourceRecord[] =>
  Array.from({ length: count }, (_, index) => person(101 + index, more));
const good = (count: number): ReadReport => ({
  recordCount: count,
  rows: count,
  pages: Math.ceil(count / 100),
  complete: true,
  doubts: [],
});
const remembered = (count: number): Memory["source"] => ({ count, filled: Object.fromEntries(fields.map((field) => [field, count])) });
const ask = (records: readonly SourceRecord[], more: Partial<TrustQuestion> = {}) =>
  judge({ records, read: good(records.length), memory: undefined, trust, fields, ...more });

describe("judge", () => {
  it("trusts a first read that adds up, and remembers it", () => {
    expect(ask(crowd(250))).toEqual({
      verdict: "trusted",
      doubts: [],
      memory: { count: 250, filled: { emailaddress: 250, firstname: 250, surname: 250, title: 250 } },
    });
  });

  it("a field that no record has is filled for nobody, whatever it is called", () => {
    expect(ask(crowd(3), { fields: ["toString"] }).memory).toEqual({ count: 3, filled: { toString: 0 } });
  });

  it("refuses nobody at all, whatever the settings, and keeps its memory", () => {
    const memory = remembered(250);
    expect(ask([], { memory, trust: { shrink: 100, emptied: 100, onDoubt: "hold" } })).toEqual({
      verdict: "refused",
      doubts: ["The source gave no people at all (0 rows on 0 pages); nothing is planned"],
      memory,
    });
  });

  it.each([
    [
      "an incomplete read",
      { read: { ...good(250), complete: false, doubts: ["The read is incomplete: page 2 failed"] } },
      "The read is incomplete: page 2 failed",
    ],
    [
      "a read that is incomplete without saying why",
      { read: { ...good(250), complete: false } },
      "The read is incomplete: 250 rows on 3 pages",
    ],
    ["a count that does not add up", { read: { ...good(250), recordCount: 260 } }, "The source says it has 260 records but gave 250"],
    [
      "a feed that shrank",
      { memory: remembered(313) },
      "250 people instead of the 313 of the last good read: 20 % are missing, more than the 20 % of trust.shrink; if that is right, raise it for one run",
    ],
  ] satisfies [string, Partial<TrustQuestion>, string][])("doubts %s", (_name, more, doubt) => {
    const verdict = ask(crowd(250), more);
    expect(verdict).toEqual({ verdict: "doubted", doubts: [doubt], memory: "memory" in more ? more.memory : undefined });
    expect(ask(crowd(250), { ...more, trust: { ...trust, onDoubt: "refuse" } }).verdict).toBe("refused");
  });

  it("shrinking by exactly the allowed share is trusted", () => {
    expect(ask(crowd(200), { memory: remembered(250) }).verdict).toBe("trusted");
    expect(ask(crowd(199), { memory: remembered(250) }).verdict).toBe("doubted");
  });

  it("growing and changing is trusted", () => {
    expect(ask(crowd(900), { memory: remembered(250) }).verdict).toBe("trusted");
  });

  it("doubts ids that are there twice, and shows some", () => {
    const records = [...crowd(5), ...crowd(5)];
    expect(ask(records).doubts).toEqual(["5 ids are there more than once: halo.users 101, halo.users 102, halo.users 103, …"]);
    expect(ask([...crowd(5), person(101)]).doubts).toEqual(["1 id is there more than once: halo.users 101"]);
  });

  it("doubts a column that emptied, by its share of the people", () => {
    const half = [...crowd(100), ...crowd(150, { title: "" }).map((record, index) => ({ ...record, ref: `halo.users ${1000 + index}` }))];
    expect(ask(half, { memory: remembered(250) }).doubts).toEqual([
      "title is filled for 100 of 250 people, at the last good read for 250 of 250: a fall by 60 %, more than the 50 % of trust.emptied",
    ]);
    expect(ask(half, { memory: remembered(250), fields: ["firstname"] }).verdict).toBe("trusted");
    expect(ask(crowd(205), { memory: { count: 250, filled: { title: 250 } } }).verdict).toBe("trusted");
  });

  it.each(["", "  ", null])("doubts, on the first run too, a name that is %j for everybody", (empty) => {
    expect(ask(crowd(250, { surname: empty })).doubts).toEqual(["surname is empty for all 250 people, and the mapping uses it"]);
    expect(ask(crowd(250, { title: empty })).verdict).toBe("trusted");
    expect(ask(crowd(250, { surname: empty }), { fields: ["firstname"] }).verdict).toBe("trusted");
  });

  it("says each doubt once", () => {
    const { doubts } = ask(crowd(100, { firstname: "" }), {
      read: { ...good(100), recordCount: 250, complete: false, doubts: ["HaloITSM says /Users has 250 rows but gave 100"] },
      memory: remembered(250),
    });
    expect(doubts.length).toBe(3);
    expect(new Set(doubts).size).toBe(3);
  });
});

describe("judge, always", () => {
  const anyPeople = fc.array(
    fc.record({ id: fc.integer({ min: 1, max: 60 }), title: fc.constantFrom("", "Deckhand"), surname: fc.constantFrom("", "Example") }),
    { maxLength: 40 },
  );
  const anyMemory = fc.option(
    fc.record({
      count: fc.integer({ min: 0, max: 80 }),
      filled: fc.record({ title: fc.integer({ min: 0, max: 80 }), surname: fc.integer({ min: 0, max: 80 }) }),
    }),
    { nil: undefined },
  );
  const anyRules = fc.record({
    shrink: fc.integer({ min: 0, max: 100 }),
    emptied: fc.integer({ min: 0, max: 100 }),
    onDoubt: fc.constantFrom("hold" as const, "refuse" as const),
  });
  const anyRead = fc.record({
    lie: fc.integer({ min: -2, max: 2 }),
    complete: fc.boolean(),
    doubts: fc.array(fc.constant("page 2 failed"), { maxLength: 1 }),
  });

  const questions = fc.record({ people: anyPeople, memory: anyMemory, trust: anyRules, read: anyRead }).map(
    ({ people, memory, trust: rules, read }): TrustQuestion => ({
      records: people.map(({ id, ...more }) => person(id, more)),
      read: { recordCount: people.length + read.lie, rows: people.length, pages: 1, complete: read.complete, doubts: read.doubts },
      memory,
      trust: rules,
      fields: ["title", "surname"],
    }),
  );

  it("trusts exactly what it has no doubt about, and renews its memory only then", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const { verdict, doubts, memory } = judge(question);
        expect(verdict === "trusted").toBe(doubts.length === 0);
        if (verdict === "trusted") expect(memory?.count).toBe(question.records.length);
        else expect(memory).toBe(question.memory);
        if (question.records.length === 0) expect(verdict).toBe("refused");
        if (question.trust.onDoubt === "refuse") expect(verdict).not.toBe("doubted");
      }),
    );
  });

  it("never trusts a short, lying or doubled read, nor one that shrank too far", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const { records, read, memory, trust: rules } = question;
        const bad =
          !read.complete ||
          read.doubts.length > 0 ||
          read.recordCount !== read.rows ||
          new Set(records.map((record) => record.ref)).size < records.length ||
          (memory !== undefined && records.length < memory.count * (1 - rules.shrink / 100) - 1e-9);
        if (bad) expect(judge(question).verdict).not.toBe("trusted");
      }),
    );
  });

  it("gives the same for the same people in another order, and trusts the same read again", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const first = judge(question);
        const turned = judge({ ...question, records: question.records.toReversed(), fields: question.fields.toReversed() });
        expect(turned.verdict).toBe(first.verdict);
        if (first.verdict !== "trusted") return;
        expect(JSON.stringify(turned.memory)).toBe(JSON.stringify(first.memory));
        const again = judge({ ...question, memory: first.memory });
        expect(again).toEqual(first);
      }),
    );
  });

  it("stricter settings never trust more", () => {
    fc.assert(
      fc.property(questions, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (question, shrink, emptied) => {
        const stricter = {
          ...question.trust,
          shrink: Math.min(shrink, question.trust.shrink),
          emptied: Math.min(emptied, question.trust.emptied),
        };
        if (judge(question).verdict !== "trusted") expect(judge({ ...question, trust: stricter }).verdict).not.toBe("trusted");
      }),
    );
  });
});

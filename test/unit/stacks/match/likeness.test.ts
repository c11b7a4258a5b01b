/** What speaks for somebody being somebody known before, rule by rule: enough for a takeover, enough to ask, or nothing. */
import { describe, expect, it } from "vitest";
import { likenesses } from "../../../../stacks/match/likeness.ts";
import type { Trace } from "../../../../stacks/match/traces.ts";
import type { Row } from "../../../../stacks/people/roster.ts";
import { mappings } from "../world.ts";

const world = {
  mappings: mappings({
    people: { people: { source: "hr", key: "id", login: { is: "{{ id }}" }, newKey: { birth: ["born", "place"] } } },
  }),
};
const row = (key: string, name: string, fields: Row["record"]["fields"] = {}): Row => {
  const [firstname = "", surname = ""] = name.split(" ");
  return {
    key,
    name: name || key,
    inactive: false,
    record: { ref: `hr ${key}`, fields: { id: key, name, firstname, surname, ...fields } },
  };
};
const trace = (more: Partial<Trace> = {}): Trace => ({
  ...{ key: "00901", name: "Ada Example", names: ["Ada Example"], likes: [], isOn: true },
  ...{ addresses: new Set(["ada@example.com"]), numbers: new Set(["ad.employeeNumber 901"]) },
  ...more,
});
const mail = { emailaddress: "ada@example.com" };
const other = { emailaddress: "other@example.com" };
/** Like `mail`, `number 7`: by what; whether it is enough, and whether who is gone stays. */
const like = (newcomer: Row, former: Trace, isOther = (_key: string, _was: string) => false) => {
  const [found, ...more] = likenesses(world, [newcomer], [former], isOther);
  expect(more).toEqual([]);
  if (found?.sure) expect(found.stays).toBe(true);
  return found && [found.by, found.sure ? "sure" : found.stays ? "ask" : "ask only"];
};
/** The record that says that somebody has left. */
const left = (fields: Row["record"]["fields"]): Partial<Trace> => ({ row: { ...row("00901", "Ada Example", fields), inactive: true } });
const born = { born: "1990-01-01", place: "Oslo" };

describe("enough for a takeover", () => {
  it.each<[string, Row, Trace, string]>([
    ["an address and the name", row("7", "Ada Example", mail), trace(), "the address ada@example.com and the name Ada Example"],
    ["an address and the first name", row("7", "Ada Married", mail), trace(), "the address ada@example.com"],
    [
      "an address and the name, in letters that have no plain ones",
      row("7", "王 芳", mail),
      trace({ names: ["王 芳"] }),
      "the address ada@example.com and the name 王 芳",
    ],
    ["a number and the first name", row("7", "Ada Married", { id: "901" }), trace({ addresses: new Set() }), "the number 901"],
    [
      "an address, a surname and nearly the same key",
      row("901", "Bea Example", mail),
      trace({ numbers: new Set() }),
      "the address ada@example.com and the key 901",
    ],
    ["the name and nearly the same key", row("901", "Ada Example"), trace({ numbers: new Set() }), "the name Ada Example and the key 901"],
    ["the name in another order", row("901", "Example Ada"), trace({ numbers: new Set() }), "the name Example Ada and the key 901"],
    [
      "the name and the birth fields",
      row("7", "Ada Example", { ...other, ...born }),
      trace(left({ ...born, born: " 1990-01-01 " })),
      "the name Ada Example and the birth fields",
    ],
  ])("%s", (_what, newcomer, former, by) => expect(like(newcomer, former)).toEqual([by, "sure"]));
});

describe("enough to ask, and not for a takeover", () => {
  it.each<[string, Row, Trace, string]>([
    ["an address and the surname: a family", row("7", "Bea Example", mail), trace(), "the address ada@example.com"],
    ["an address alone", row("7", "Bea Other", mail), trace(), "the address ada@example.com"],
    [
      "an address and nearly the same key, another name",
      row("901", "Bea Other", mail),
      trace({ numbers: new Set() }),
      "the address ada@example.com and the key 901",
    ],
    ["a number alone", row("7", "Bea Other", { id: "901" }), trace(), "the number 901"],
    ["a number alone, with another address", row("7", "Bea Other", { id: "901", ...other }), trace(), "the number 901"],
    ["the name, where no address is known of either", row("7", "Ada Example"), trace(), "the name Ada Example"],
    [
      "the name, where no address is known of who was here",
      row("7", "Ada Example", other),
      trace({ addresses: new Set() }),
      "the name Ada Example",
    ],
    ["nearly the same key and the surname", row("901", "Bea Example"), trace({ numbers: new Set() }), "the key 901"],
    ["nearly the same key, and the record names nobody", row("901", ""), trace({ numbers: new Set() }), "the key 901"],
    ["nearly the same key, and nobody knows a name", row("901", "Bea Other"), trace({ numbers: new Set(), names: [] }), "the key 901"],
    [
      "an address and the name, born on another day",
      row("7", "Ada Example", { ...mail, ...born }),
      trace(left({ ...born, born: "1991-01-01" })),
      "the address ada@example.com and the name Ada Example",
    ],
    ["what an earlier plan asked", row("7", "Bea Other", other), trace({ likes: ["7"] }), "what an earlier plan asked"],
    [
      "the name of a record that was asked about and is inactive now",
      row("8", "Bea Other", other),
      trace({ likes: ["7"], ended: new Map([["7", row("7", "Bea Other")]]) }),
      "what an earlier plan asked",
    ],
    [
      "the first name, where a record that was asked about is gone",
      row("8", "Ada Other", other),
      trace({ likes: ["7"], ended: new Map([["7", undefined]]) }),
      "what an earlier plan asked",
    ],
  ])("%s", (_what, newcomer, former, by) => expect(like(newcomer, former)).toEqual([by, "ask"]));

  it("the name, with another address: who is only gone is no reason to keep an account on", () => {
    expect(like(row("7", "Ada Example", other), trace())).toEqual(["the name Ada Example", "ask only"]);
  });
});

describe("nothing", () => {
  it.each<[string, Row, Trace]>([
    ["another name and address", row("7", "Bea Other", other), trace()],
    ["the first name alone", row("7", "Ada Other", other), trace()],
    ["the surname alone", row("7", "Bea Example", other), trace()],
    ["the name, born on another day", row("7", "Ada Example", born), trace(left({ ...born, place: "Bergen" }))],
    [
      "nearly the same key and the surname, born on another day",
      row("901", "Bea Example", born),
      trace({ numbers: new Set(), ...left({ ...born, born: "1991-01-01" }) }),
    ],
    ["nearly the same key, and another name", row("901", "Bea Other"), trace({ numbers: new Set() })],
    ["another key", row("0901x", "Bea Example"), trace({ numbers: new Set() })],
    [
      "another name than that of a record that was asked about and is inactive now",
      row("8", "Ada Third", other),
      trace({ likes: ["7"], ended: new Map([["7", row("7", "Bea Other")]]) }),
    ],
    [
      "the surname, where a record that was asked about is gone",
      row("8", "Bea Example", other),
      trace({ likes: ["7"], ended: new Map([["7", undefined]]) }),
    ],
    ["a name that has no letters, of two", row("7", "", other), trace({ names: [] })],
  ])("%s", (_what, newcomer, former) => expect(like(newcomer, former)).toBeUndefined());

  it("the record of their own key, and whom the mapping tells apart", () => {
    expect(like(row("00901", "Ada Example", mail), trace())).toBeUndefined();
    expect(like(row("7", "Ada Example", mail), trace(), (key, was) => key === "7" && was === "00901")).toBeUndefined();
  });
  it("birth fields that are empty in one of the two say nothing", () => {
    expect(like(row("7", "Ada Example", { ...born, place: "" }), trace(left(born)))).toEqual(["the name Ada Example", "ask"]);
    expect(like(row("7", "Ada Example", born), trace())).toEqual(["the name Ada Example", "ask"]);
  });
});

it("keys are nearly the same without signs and leading zeros, and a key of zeros is one", () => {
  const alike = (one: string, was: string): boolean => like(row(one, ""), trace({ key: was, names: [], numbers: new Set() })) !== undefined;
  for (const [one, was] of [
    ["A-1", "a1"],
    ["0", "000"],
    ["1 23", "0123"],
    ["E.7", "e7"],
  ] as const)
    expect(alike(one, was), `${one} ${was}`).toBe(true);
  for (const [one, was] of [
    ["10", "1"],
    ["A1", "1"],
    ["1", "1a"],
  ] as const)
    expect(alike(one, was), `${one} ${was}`).toBe(false);
});

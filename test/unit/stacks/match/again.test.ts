/** The same human under another key, and another human under the same: reports R3, R8; outside O5. Every way out is tried. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Json, Values } from "../../../../base/json.ts";
import type { peopleFile } from "../../../../mappings/schema/people.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { type World, wish } from "../../../../stacks/wish/wish.ts";
import { account, apply, base, connect, doubted, entraUser, find, guid, inputsOf, mappings, next, record, staff, world } from "../world.ts";

type NewKey = NonNullable<z.input<typeof peopleFile>["people"]["newKey"]>;

const given = (newKey: NewKey = {}) =>
  mappings({
    people: { people: { source: "hr", key: "id", login: { is: "{{ firstname | slice: 0 }}{{ surname | ascii | downcase }}" }, newKey } },
    ad: {
      accounts: { first: [{ ou: staff("Main"), attributes: "a" }] },
      attributes: { a: { displayName: "{{ name }}", userPrincipalName: "{{ login }}@corp.example.com" } },
      groups: [
        { name: "GG-All", ou: `OU=Groups,${base}`, for: {} },
        { name: "GG-Some", ou: `OU=Groups,${base}`, for: {}, mode: "additive" },
        { name: "GG-Two", ou: `OU=Groups,${base}`, for: { person: ["2", "902"] } },
      ],
    },
    entra: { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } },
    halo: { agents: { every: [{ for: {}, roles: ["Approver"] }] } },
  });

function person(key: string, name: string, fields: { [field: string]: Json } = {}): SourceRecord {
  const [firstname = "", surname = ""] = name.split(" ");
  const emailaddress = `${firstname}.${surname}@corp.example.com`.toLowerCase();
  return { ref: `hr ${key}`, fields: { id: key, name, firstname, surname, emailaddress, inactive: false, ...fields } };
}
const ada = person("00901", "Ada Example");
const ben = person("00902", "Ben Other");
const cyd = person("00903", "Cyd Third");

/** The second run over what the first one of these people left. */
function secondRun(first: readonly SourceRecord[], second: readonly SourceRecord[], newKey?: NewKey, more: Partial<World> = {}): World {
  const there = world({ records: first, mappings: given() });
  return next(there, settled(there), { records: second, mappings: given(newKey), ...more });
}
function settled(there: World) {
  const done = apply(there, wish(there));
  connect(done.live);
  const again = next(there, done);
  return apply(again, wish(again));
}
const rekeyed = (one: SourceRecord, key: string, fields: Values = {}): SourceRecord => ({
  ref: `hr ${key}`,
  fields: { ...one.fields, id: key, ...fields },
});
const reasons = (there: World): string[] => wish(there).parked.map((one) => one.reason);
const accountsAfter = (there: World) => apply(there, wish(there)).live["ad:User"] ?? [];
/** Nothing differs from what the last run wished, but for the number. */
const isQuiet = (there: World): boolean => {
  const wished = wish(there);
  const done = apply(there, wished);
  const mails = (done.live["ad:User"] ?? []).map((one) => (one.values["attributes"] as Values)["mail"]);
  return (
    new Set(mails).size === mails.length &&
    (done.live["ad:User"] ?? []).length === (there.live["ad:User"] ?? []).length &&
    (done.live["ad:User"] ?? []).every((one) => one.values["enabled"] === true)
  );
};

describe("reports R3: one human, a new key", () => {
  const lost = [rekeyed(ada, "901"), rekeyed(ben, "902"), rekeyed(cyd, "903")];
  test("lost zeros: a case each, nobody is disabled and nobody gets a second account", () => {
    const there = secondRun([ada, ben, cyd], lost);
    const wished = wish(there);
    expect(wished.parked.map(({ key }) => key)).toEqual(["901", "902", "903"]);
    expect(wished.parked[0]?.reason).toBe(
      'looks like Ada Example (00901), gone from the source hr, by the address ada.example@corp.example.com and the name Ada Example and the key 901 (AD CN=Ada Example,OU=Main,OU=Staff,DC=corp,DC=example,DC=com), who keeps everything until then; no second account is made until it is said under people.newKey (mappings/people.yaml:people.newKey): write { person: "901", was: "00901" } in same if they are one person, who then takes the account over, or { person: "901", isNot: "00901" } in different if not',
    );
    expect(isQuiet(there)).toBe(true);
    expect(inputsOf(wished)["ad:Group::GG-All"]?.["members"]).toEqual(["person:00901", "person:00902", "person:00903"]);
    expect(wished.people.filter((one) => one.stage === "held").map((one) => one.key)).toEqual(["00901", "00902", "00903"]);
  });

  test.each([
    ["by the mapping's lines", { same: ["901", "902", "903"].map((key) => ({ person: key, was: `00${key}` })) }],
    ["at once, where the mapping allows it", { decide: "automatic" as const }],
  ])("taken over %s: everything stays whose it is, and only the number changes", (_how, newKey) => {
    const there = secondRun([ada, ben, cyd], lost, newKey);
    const wished = wish(there);
    expect(wished.parked).toEqual([]);
    expect(wished.people.map((one) => [one.key, one.recordKey, one.stage])).toEqual([
      ["00901", "901", "active"],
      ["00902", "902", "active"],
      ["00903", "903", "active"],
    ]);
    expect(wished.resources.filter((one) => one.adopt !== undefined)).toEqual([]);
    expect(find(wished, "ad:User", "person-00901")?.inputs["attributes"]).toMatchObject({ employeeNumber: "901" });
    expect(inputsOf(wished)["ad:Group::GG-Two"]?.["members"]).toEqual(["person:00902"]);
    expect(isQuiet(there)).toBe(true);
    // The next run knows it by the memory, with no line and nothing automatic, and whatever else changes then.
    const later = next(there, apply(there, wished), {
      mappings: given(),
      records: [rekeyed(ada, "901", { emailaddress: "a@corp.example.com" })],
    });
    const then = wish(later);
    expect(then.people[0]).toMatchObject({ key: "00901", recordKey: "901", stage: "active" });
    expect(then.parked).toEqual([]);
    // Leaving is seen under the new key too.
    const left = wish({ ...later, records: [rekeyed(ada, "901", { inactive: true }), lost[1] as SourceRecord] });
    expect(left.people.find((one) => one.key === "00901")?.stage).toBe("leaver");
  });

  test("they are not one person: each has an account of their own, and the one who left is disabled", () => {
    const namesake = person("901", "Ada Example", { emailaddress: "ada2@corp.example.com" });
    expect(reasons(secondRun([ada, ben], [namesake, ben]))[0]).toContain(
      "looks like Ada Example (00901), gone from the source hr, by the name Ada Example",
    );
    const there = secondRun([ada, ben], [namesake, ben], { different: [{ person: "901", isNot: "00901" }] });
    expect(wish(there).parked).toEqual([]);
    expect(accountsAfter(there).map((one) => one.values["enabled"])).toEqual([false, true, true]);
  });

  test("birth fields tell namesakes apart, and make one of two", () => {
    const birth = ["custom.CFBirth"];
    const born = (one: SourceRecord, day: string): SourceRecord => ({ ...one, fields: { ...one.fields, "custom.CFBirth": day } });
    const left = born(rekeyed(ada, "00901", { inactive: true }), "1990-01-01");
    const fresh = person("7", "Ada Example", { emailaddress: "ada7@corp.example.com" });
    const there = secondRun([ada, ben], [left, ben, born(fresh, "1991-02-02")], { birth, decide: "automatic" });
    expect(wish(there).parked).toEqual([]);
    expect(accountsAfter(there)).toHaveLength(3);
    const same = secondRun([ada, ben], [left, ben, born(fresh, "1990-01-01")], { birth, decide: "automatic" });
    expect(wish(same).parked).toEqual([]);
    expect(accountsAfter(same)).toHaveLength(2);
  });

  test("by its own record somebody has left, and only the name is alike: disabled all the same, which is said", () => {
    const there = secondRun([ada, ben], [rekeyed(ada, "00901", { inactive: true }), ben, person("7", "Ada Example", { emailaddress: "" })]);
    const wished = wish(there);
    expect(wished.parked.find((one) => one.key === "7")?.reason).toContain(
      "inactive in the source hr, by the name Ada Example (AD CN=Ada Example",
    );
    expect(wished.parked.find((one) => one.key === "7")?.reason).toContain("who is a leaver all the same");
    expect(find(wished, "ad:User", "person-00901")?.inputs["enabled"]).toBe(false);
  });

  test("nothing is taken over while the read is doubted, and nobody loses anything", () => {
    const there = secondRun([ada, ben, cyd], lost, { decide: "automatic" }, { trust: doubted });
    expect(wish(there).parked).toHaveLength(3);
    expect(isQuiet(there)).toBe(true);
  });
});

describe("outside O5: rehired under a new record", () => {
  const left = rekeyed(ada, "00901", { inactive: true });
  const back = rekeyed(ada, "77");
  const gone = (): World => {
    const first = secondRun([ada, ben], [left, ben]);
    return next(first, apply(first, wish(first)), { records: [left, ben, back] });
  };
  test("a case, and no second account with the same address", () => {
    const there = gone();
    expect(reasons(there)).toEqual([
      expect.stringMatching(/^looks like Ada Example \(00901\), inactive in the source hr, .* who is a leaver all the same/u),
    ]);
    expect(accountsAfter(there).map((one) => one.values["enabled"])).toEqual([false, true]);
  });
  test("taken over: enabled again with what the mapping wishes, as somebody who is back", () => {
    const there = { ...gone(), mappings: given({ same: [{ person: 77, was: "00901" }] }) };
    const wished = wish(there);
    expect(wished.parked).toEqual([]);
    expect(accountsAfter(there).map((one) => one.values["enabled"])).toEqual([true, true]);
    expect(inputsOf(wished)["ad:Group::GG-All"]?.["members"]).toContain("person:00901");
    expect(wished.memory.people["00901"]).toMatchObject({ name: "Ada Example", key: "77" });
  });
  test("the old record is gone as well: known by the state alone", () => {
    const there = gone();
    const forgotten = { ...there, records: [ben, back] };
    expect(reasons(forgotten)).toHaveLength(1);
    expect(accountsAfter({ ...forgotten, mappings: given({ decide: "automatic" }) }).map((one) => one.values["enabled"])).toEqual([
      true,
      true,
    ]);
  });
});

describe("what an earlier plan asked, and nobody has answered", () => {
  const bea = person("1", "Bea Example");
  const counted = rekeyed(bea, "2");
  const married = rekeyed(counted, "2", { name: "Bea Married", surname: "Married", emailaddress: "bea.married@corp.example.com" });
  /** Renumbered, then married with another address: the case of before, by no more than what was asked. */
  const asked = (): World => {
    const first = secondRun([bea, ben], [counted, ben]);
    const second = next(first, apply(first, wish(first)), { records: [married, ben] });
    expect(reasons(second)).toEqual([
      expect.stringContaining("looks like Bea Example (1), gone from the source hr, by what an earlier plan asked"),
    ]);
    return next(second, apply(second, wish(second)));
  };
  const merged = rekeyed(married, "3");
  test.each([
    ["inactive", [rekeyed(married, "2", { inactive: true })]],
    ["gone", []],
  ])("the record that was asked about is %s, and another one is hers: asked again, and no second account", (_how, old) => {
    const there = { ...asked(), records: [...old, ben, merged] };
    expect(reasons(there)).toEqual([
      expect.stringMatching(/^looks like Bea Example \(1\), .* by what an earlier plan asked .* who keeps everything/u),
    ]);
    expect(isQuiet(there)).toBe(true);
  });
  test("she leaves and is rehired before anybody answers: a case, and no second account", () => {
    const left = { ...asked(), records: [rekeyed(married, "2", { inactive: true }), ben] };
    const back = next(left, apply(left, wish(left)), { records: [...left.records, merged] });
    expect(reasons(back)).toEqual([expect.stringMatching(/^looks like Bea Example \(1\), .* by what an earlier plan asked/u)]);
    expect(accountsAfter(back)).toHaveLength(2);
  });
  test("somebody else's record, as was said: nobody who comes later is asked about", () => {
    const there = { ...asked(), mappings: given({ different: [{ person: "2", isNot: "1" }] }) };
    const later = next(there, apply(there, wish(there)), { records: [ben, merged] });
    expect(reasons({ ...later, records: [ben, person("3", "Cyd Third")] })).toEqual([]);
    expect(reasons(later).join()).not.toContain("Bea Example (1)");
  });
});

test("an address that two newcomers have takes over nobody's account, though one has the first name too", () => {
  const other = person("8", "Zugi Xoge", { emailaddress: "ada.example@corp.example.com" });
  const first = person("9", "Ada Xoge", { emailaddress: "ada.example@corp.example.com" });
  const there = secondRun([ada, ben, cyd], [ben, cyd, other, first], { decide: "automatic" });
  expect(wish(there).parked.map(({ key, reason }) => [key, reason.slice(0, 32)])).toEqual([
    ["8", "looks like Ada Example (00901), "],
    ["9", "looks like Ada Example (00901), "],
  ]);
  expect(isQuiet(there)).toBe(true);
});

describe("newKey.same of two keys that both have accounts of their own", () => {
  const twice = person("77", "Ada Second", { emailaddress: "ada2@corp.example.com" });
  const same = given({ same: [{ person: "77", was: "00901" }] });
  const there = (): World => ({ ...secondRun([ada, ben, twice], [ben, twice]), mappings: same });
  const labels = (one: World) => Object.fromEntries(wish(one).people.map(({ key, recordKey, stage }) => [key, [recordKey, stage]]));
  test("nothing is done with either, and the case says which is which and what to do", () => {
    expect(reasons(there())).toEqual([
      "people.newKey.same (mappings/people.yaml:people.newKey) says that 77 is 00901, and each has accounts of their own: Ada Second (AD CN=Ada Second,OU=Main,OU=Staff,DC=corp,DC=example,DC=com) and Ada Example (AD CN=Ada Example,OU=Main,OU=Staff,DC=corp,DC=example,DC=com): nothing is done with either; delete what 77 has where 00901 is to go on with theirs, or turn it off by hand; take the line out where 77 is to go on and 00901 has left",
    ]);
    expect(isQuiet(there())).toBe(true);
  });
  /** The accounts of 77, turned off or deleted by hand. */
  const without = (how: (account: Live) => Live[]): World => {
    const world = there();
    const ids = new Set(world.previous.filter((one) => one.name === "person-77").map((one) => one.id));
    const live = Object.entries(world.live).map(([type, all]) => [type, all.flatMap((one) => (ids.has(one.id) ? how(one) : [one]))]);
    return { ...world, live: Object.fromEntries(live) as { [type: string]: Live[] } };
  };
  test("deleted by hand: the record takes over what the earlier key has, for good", () => {
    const gone = without(() => []);
    expect(reasons(gone)).toEqual([]);
    expect(labels(gone)).toMatchObject({ "00901": ["77", "active"] });
    const later = next(gone, apply(gone, wish(gone)), { mappings: given() });
    expect(reasons(later)).toEqual([]);
    expect(labels(later)).toEqual({ "00901": ["77", "active"], "00902": [undefined, "active"] });
    expect(accountsAfter(later).map((one) => [one.values["name"], one.values["enabled"]])).toEqual([
      ["Ada Second", true],
      ["Ben Other", true],
    ]);
  });
  test("turned off by hand: it stays off, and what both cannot have is said", () => {
    const off = without((one) => [{ ...one, values: { ...one.values, enabled: false } }]);
    expect(labels(off)).toMatchObject({ "00901": ["77", "active"], "77": [undefined, "leaver"] });
    expect(accountsAfter(off).map((one) => [one.values["name"], one.values["enabled"]])).toEqual([
      ["Ada Example", true],
      ["Ben Other", true],
      ["Ada Second", false],
    ]);
  });
  test("without the line: 77 goes on, and 00901 has left", () => {
    const world = { ...there(), mappings: given() };
    expect(reasons(world)).toEqual([]);
    expect(labels(world)).toMatchObject({ "77": [undefined, "active"], "00901": [undefined, "leaver"] });
  });
  test("said of two who are both here: nothing but a case", () => {
    const world = { ...secondRun([ada, ben, twice], [ada, ben, twice]), mappings: same };
    expect(reasons(world)).toEqual([expect.stringMatching(/^people.newKey.same .* says that 77 is 00901, and each has a record/u)]);
    expect(isQuiet(world)).toBe(true);
  });
});

describe("asked, and then the record says something else", () => {
  const left = rekeyed(ada, "00901", { inactive: true });
  const back = rekeyed(ada, "77");
  const married = rekeyed(back, "77", { name: "Ada Married", surname: "Married", emailaddress: "ada.married@corp.example.com" });
  test("merged, and then married: who was kept is kept, and asked about", () => {
    const merged = secondRun([ada, ben], [left, ben, back]);
    expect(reasons(merged)).toEqual([expect.stringMatching(/^looks like Ada Example \(00901\), .* who keeps everything until then/u)]);
    const there = next(merged, apply(merged, wish(merged)), { records: [left, ben, married] });
    expect(reasons(there)).toEqual([expect.stringMatching(/^looks like Ada Example \(00901\), .* who keeps everything until then/u)]);
    expect(isQuiet(there)).toBe(true);
  });
  test("left, rehired, and then married: asked about, and no second account", () => {
    const gone = secondRun([ada, ben], [left, ben]);
    const rehired = next(gone, apply(gone, wish(gone)), { records: [left, ben, back] });
    expect(reasons(rehired)).toHaveLength(1);
    const there = next(rehired, apply(rehired, wish(rehired)), { records: [left, ben, married] });
    expect(reasons(there)).toEqual([expect.stringMatching(/^looks like Ada Example \(00901\), .* who is a leaver all the same/u)]);
    expect(accountsAfter(there)).toHaveLength(2);
    // Answered, it is asked no more.
    const other = { ...there, mappings: given({ different: [{ person: "77", isNot: "00901" }] }) };
    const after = next(other, apply(other, wish(other)), { mappings: given() });
    expect(reasons(after)).toEqual([]);
    expect(after.memory?.people["00901"]?.likes).toBeUndefined();
  });
});

test("a namesake with an account of their own is not asked about, the next time neither", () => {
  const namesake = person("7", "Ada Example", { emailaddress: "ada7@corp.example.com" });
  const left = rekeyed(ada, "00901", { inactive: true });
  const first = secondRun([ada, ben], [left, ben]);
  const users = [
    ...(first.live["ad:User"] ?? []),
    account(7, { name: "Ada Example 7" }, { employeeNumber: "7", mail: "ada7@corp.example.com" }),
  ];
  const there = { ...first, live: { ...first.live, "ad:User": users }, records: [left, ben, namesake] };
  const wished = wish(there);
  expect([wished.parked, find(wished, "ad:User", "person-7")?.adopt]).toEqual([[], guid(7)]);
  const later = next(there, apply(there, wished));
  expect(reasons(later)).toEqual([]);
  expect(later.memory?.people["00901"]?.likes).toBeUndefined();
});

describe("lines of newKey.same that contradict", () => {
  test("two records that are here as one person's: the first counts, the other is a case", () => {
    const second = person("78", "Ada Example", { emailaddress: "ada78@corp.example.com" });
    const both = [
      { person: "77", was: "00901" },
      { person: "78", was: "00901" },
    ];
    const there = { ...secondRun([ada, ben], [ben, rekeyed(ada, "77"), second]), mappings: given({ same: both }) };
    expect(reasons(there)).toEqual([
      expect.stringMatching(/^people.newKey.same .* says that 78 is 00901, and each has a record of somebody who is here/u),
    ]);
    expect(wish(there).people.map(({ key, recordKey }) => [key, recordKey])).toEqual([
      ["00901", "77"],
      ["00902", undefined],
      ["78", undefined],
    ]);
  });
  test("an earlier answer that was wrong: said, and different takes it back", () => {
    const first = secondRun([ada, ben, cyd], [ben, person("77", "Dee Fourth")], { same: [{ person: "77", was: "00903" }] });
    const wrong = next(first, apply(first, wish(first)));
    expect(wish(wrong).people.find(({ key }) => key === "00903")?.recordKey).toBe("77");
    const same = [{ person: "77", was: "00901" }];
    expect(reasons({ ...wrong, mappings: given({ same }) })).toEqual([
      'people.newKey.same (mappings/people.yaml:people.newKey) says that 77 is 00901, and 77 is known as 00903: write { person: "77", isNot: "00903" } in different too, or take the line out',
    ]);
    const right = wish({ ...wrong, mappings: given({ same, different: [{ person: "77", isNot: "00903" }] }) });
    // What the other account got meanwhile is still its own, which is said.
    expect(right.parked.filter(({ reason }) => !reason.includes("is that of Dee Fourth (00903)"))).toEqual([]);
    expect(right.people.map(({ key, recordKey, stage }) => [key, recordKey, stage])).toEqual([
      ["00901", "77", "active"],
      ["00902", undefined, "active"],
      ["00903", undefined, "leaver"],
    ]);
  });
});

describe("reports R8: a key that was given to somebody else", () => {
  const nia = person("00901", "Nia Quist");
  test("nothing of the one known under it is given to the other", () => {
    const there = secondRun([ada, ben], [nia, ben]);
    const wished = wish(there);
    expect(wished.parked.map((one) => one.reason)).toEqual([
      'the record 00901 of the source hr is Nia Quist now, and what is known under this key is Ada Example\'s (AD CN=Ada Example,OU=Main,OU=Staff,DC=corp,DC=example,DC=com): nothing is given from one to the other; give Nia Quist a key of their own in the source hr, or write who they are under people.newKey.same (mappings/people.yaml:people.newKey): { person: "00901", was: "00901" }',
    ]);
    expect(find(wished, "ad:User", "person-00901")?.inputs["name"]).toBe("Ada Example");
    expect(isQuiet(there)).toBe(true);
    // It stays so.
    expect(reasons(next(there, apply(there, wished)))).toHaveLength(1);
  });
  test("asked, and nobody has answered: a new address of the one who is known does not answer it", () => {
    const namesake = person("00901", "Ada Third", { emailaddress: "ada3@corp.example.com" });
    const asked = secondRun([ada, ben], [namesake, rekeyed(ada, "904"), ben]);
    expect(reasons(asked)).toHaveLength(2);
    const moved = next(asked, apply(asked, wish(asked)), {
      records: [namesake, rekeyed(ada, "904", { emailaddress: "ada4@corp.example.com" }), ben],
    });
    expect(reasons(moved)).toHaveLength(2);
    expect(find(wish(moved), "ad:User", "person-00901")?.inputs["name"]).toBe("Ada Example");
    const answered = { ...moved, mappings: given({ different: [{ person: "904", isNot: "00901" }] }) };
    expect(find(wish(answered), "ad:User", "person-00901")?.inputs["name"]).toBe("Ada Third");
  });
  // Found by `converges` in properties.test.ts (seed 0, path 4104): the next run gave one's account to the other.
  test("what spoke for another is written over by the run that asks: it is asked until somebody answers", () => {
    const [one, two] = ["one@corp.example.com", "two@corp.example.com"];
    const of = (id: number, firstname: string, emailaddress: string, fields: Values = {}) =>
      record(id, { firstname, surname: "Example", emailaddress, ...fields });
    const live: { [type: string]: Live[] } = {
      "ad:User": [
        account(3, { name: "Ada Example" }, { employeeNumber: "3", mail: two }),
        account(1, { name: "Ada Example 1" }, { employeeNumber: "1", mail: one }),
      ],
    };
    connect(live);
    const start = world({ records: [of(3, "Zoe", ""), of(1, "Ada", two, { "custom.CFDepartment": "Service Desk" })], live });
    const there = next(start, apply(start, wish(start)), { records: [of(3, "Ada", two), of(1, "Ada", one)] });
    const wished = wish(there);
    expect(wished.parked.map(({ reason }) => reason.split(" (")[0])).toEqual([
      "the record 3 of Halo is Ada Example now, and what is known under this key is Zoe Example's",
    ]);
    expect(wished.memory.people["3"]).toMatchObject({ name: "Zoe Example", likes: ["3"] });
    const later = next(there, apply(there, wished));
    expect(wish(later).parked).toEqual(wished.parked);
    expect(inputsOf(wish(later))).toEqual(inputsOf(wished));
    expect(wish(later).memory).toEqual(wished.memory);
    // Gone or inactive for a run, and disabled: whoever has the record then is asked about all the same, and nobody else is.
    const starts = (all: readonly string[]) => all.map((reason) => reason.split(" (")[0]);
    for (const those of [[], [of(3, "Ada", two, { inactive: true })]]) {
      const away = { ...later, records: [of(1, "Ada", one), record(7, { firstname: "Zoe" }), ...those] };
      expect(reasons(away)).toEqual([]);
      expect(starts(reasons({ ...next(away, apply(away, wish(away))), records: later.records }))).toEqual(starts(reasons(later)));
    }
    // The first name known is an answer, and so is a line; the question is forgotten.
    const renamed = wish({ ...later, records: [of(3, "Zoe", two), of(1, "Ada", one)] });
    expect([renamed.parked, renamed.memory.people["3"]]).toEqual([[], { name: "Zoe Example" }]);
    const maps = mappings();
    const { people } = maps;
    const same = [{ person: "3", was: "3" }];
    const said = wish({ ...later, mappings: { ...maps, people: { ...people, newKey: { ...people.newKey, same } } } });
    expect([said.parked, said.memory.people["3"]]).toEqual([[], { name: "Ada Example" }]);
  });
  test("the one known is here by another record: she goes on, and the other is still asked about", () => {
    const back = rekeyed(person("00901", "Ada Third"), "905");
    const there = secondRun([ada, ben], [nia, back, ben], { same: [{ person: "905", was: "00901" }] });
    const wished = wish(there);
    expect(wished.parked.map(({ key, reason }) => [key, reason.slice(0, 58)])).toEqual([
      ["00901", "the record 00901 of the source hr is Nia Quist now, and wh"],
    ]);
    expect(wished.people.map(({ key, recordKey, stage }) => [key, recordKey, stage])).toEqual([
      ["00901", "905", "active"],
      ["00902", undefined, "active"],
    ]);
    expect(find(wished, "ad:User", "person-00901")?.inputs["name"]).toBe("Ada Third");
    // Her new name is learnt: under a third key she is known by it, and no second account is made.
    const later = next(there, apply(there, wished), { records: [nia, rekeyed(back, "906", { emailaddress: "" }), ben], mappings: given() });
    expect(reasons(later).filter((one) => one.startsWith("looks like Ada Third (00901)"))).toHaveLength(1);
    expect(accountsAfter(later)).toHaveLength(2);
  });
  test("a key of her own: both are who they are", () => {
    const there = secondRun([ada, ben], [rekeyed(nia, "904"), ben]);
    expect(wish(there).parked).toEqual([]);
    expect(accountsAfter(there).map((one) => [one.values["name"], one.values["enabled"]])).toEqual([
      ["Ada Example", false],
      ["Ben Other", true],
      ["Nia Quist", true],
    ]);
  });
  test("one person after all: renamed", () => {
    const there = secondRun([ada, ben], [nia, ben], { same: [{ person: "00901", was: "00901" }] });
    expect(wish(there).parked).toEqual([]);
    expect(find(wish(there), "ad:User", "person-00901")?.inputs["name"]).toBe("Nia Quist");
  });
  test("a feed that counts anew: everybody's key is the next one's, and everything stays whose it is", () => {
    const first = ["Ada Example", "Ben Other", "Cyd Third", "Dan Fourth"].map((name, index) => person(String(index + 1), name));
    const second = first.map((one, index) => rekeyed(one, String(index + 2)));
    const asked = secondRun(first, second);
    expect(wish(asked).parked).toHaveLength(4);
    expect(isQuiet(asked)).toBe(true);
    const there = secondRun(first, second, { decide: "automatic" });
    const wished = wish(there);
    expect(wished.parked).toEqual([]);
    expect(wished.people.map((one) => [one.key, one.recordKey, one.name])).toEqual([
      ["1", "2", "Ada Example"],
      ["2", "3", "Ben Other"],
      ["3", "4", "Cyd Third"],
      ["4", "5", "Dan Fourth"],
    ]);
    expect(isQuiet(there)).toBe(true);
    const later = next(there, apply(there, wished), { mappings: given() });
    expect(wish(later).parked).toEqual([]);
    expect(isQuiet(later)).toBe(true);
  });
});

describe("somebody known under an earlier key is meant by either", () => {
  const known = (records: readonly SourceRecord[], newKey?: NewKey, more: Partial<World> = {}): World => {
    const taken = secondRun([ada, ben], [rekeyed(ada, "901"), ben], { same: [{ person: "901", was: "00901" }] });
    return next(taken, apply(taken, wish(taken)), { records, mappings: given(newKey), ...more });
  };
  const moved = rekeyed(ada, "950");

  test.each(["00901", "901"])("one person by a line that names %s", (was) => {
    const there = known([moved, ben], { same: [{ person: "950", was }] });
    const wished = wish(there);
    expect(wished.parked).toEqual([]);
    expect(wished.people[0]).toMatchObject({ key: "00901", recordKey: "950", stage: "active" });
  });

  test.each(["00901", "901"])("nobody known before by a line that names %s", (isNot) => {
    const there = known([rekeyed(ada, "950", { emailaddress: "ada2@corp.example.com" }), ben], { different: [{ person: "950", isNot }] });
    expect(wish(there).parked.filter(({ where }) => where === "matching")).toEqual([]);
  });

  test.each(["00901", "901"])("gone and protected as %s: nothing is taken away, and the line fits somebody", (key) => {
    const maps = given();
    const there = known([ben], undefined, {
      mappings: { ...maps, safety: { ...maps.safety, protected: { ...maps.safety.protected, people: [key] } } },
    });
    const wished = wish(there);
    expect(wished.people[0]).toMatchObject({ key: "00901", stage: "held" });
    expect(find(wished, "ad:User", "person-00901")?.inputs["enabled"]).toBe(true);
    expect(wished.notes.filter((note) => note.includes("nobody has that key"))).toEqual([]);
  });
});

describe("whom the very run gets to know", () => {
  const old = person("7", "Ada Example", { inactive: true });
  const back = person("8", "Ada Example");
  const hers = (values: Values = {}) => [account(7, { displayName: "Ada Example", ...values }, { employeeNumber: "7", mail: "" })];
  const first = (records: readonly SourceRecord[], users: Live[] = hers()) => {
    const live: { [type: string]: Live[] } = { "ad:User": users };
    connect(live);
    return world({ records, mappings: given(), live });
  };

  test.each([
    ["by the address of both records", old, hers()],
    [
      "by an address of the account alone",
      person("7", "Ada Example", { inactive: true, emailaddress: "" }),
      hers({ userPrincipalName: "ada.example@corp.example.com" }),
    ],
  ])(
    "somebody who has left is here by another record: asked on the first run, and nothing is made or disabled (%s)",
    (_by, gone, users) => {
      const there = first([gone, back], users);
      const wished = wish(there);
      expect(wished.parked.map(({ key, reason }) => [key, reason.split(" and the name")[0]])).toEqual([
        ["8", "looks like Ada Example (7), inactive in the source hr, by the address ada.example@corp.example.com"],
      ]);
      expect(wished.people.find(({ key }) => key === "7")?.stage).toBe("held");
      expect(accountsAfter(there).map(({ values }) => values["enabled"])).toEqual([true]);
      const later = next(there, apply(there, wished));
      expect(inputsOf(wish(later))).toEqual(inputsOf(wished));
      expect(wish(later).memory).toEqual(wished.memory);
      // Nobody has answered: another name and another address are no answer.
      expect(accountsAfter({ ...later, records: [gone, person("8", "Zoe Other")] })).toHaveLength(1);
    },
  );

  test("a namesake with another address: asked before an account is made, and who has left is a leaver all the same", () => {
    const namesake = person("8", "Ada Example", { emailaddress: "ada2@corp.example.com" });
    const there = first([old, namesake]);
    const wished = wish(there);
    expect(wished.parked.map(({ key }) => key)).toEqual(["8"]);
    expect(accountsAfter(there).map(({ values }) => values["enabled"])).toEqual([false]);
    const later = next(there, apply(there, wished));
    expect(inputsOf(wish(later))).toEqual(inputsOf(wished));
    expect(wish(later).memory).toEqual(wished.memory);
  });

  test("whoever has an account of their own by then is not asked about", () => {
    const own = account(8, { displayName: "Ada Example" }, { employeeNumber: "8", mail: "" });
    const there = first([old, back], [...hers(), own]);
    expect(reasons(there)).toEqual([]);
    expect(accountsAfter(there).map(({ values }) => values["enabled"])).toEqual([false, true]);
  });

  // Found by `converges` in properties.test.ts (seed 74002, path 1775): by the account that the run found for 3, their own record was somebody else's.
  test("whoever was remembered without an account, and has one of their own by then, is not asked about", () => {
    const two = { emailaddress: "two@corp.example.com" };
    const users = ["3", "1"].map((number) =>
      account(Number(number), { displayName: "Ada Example" }, { employeeNumber: number, mail: two.emailaddress }),
    );
    const start = first([person("3", "Ada Example", two), person("6", "Bob One"), person("6", "Bob Two")], users);
    const copy = start.live["entra:Licence"]?.find(({ values }) => values["immutableId"] === immutableIdOf(guid(1)));
    const licence = { person: "1", usageLocation: "GB", skus: [], of: ["SPE_E3"] };
    const there: World = {
      ...start,
      previous: [{ type: "entra:Licence", name: "person-1", id: copy?.id ?? "", inputs: licence, outputs: {} }],
      memory: {
        format: "haloform.memory/1",
        source: { count: 3, filled: {} },
        people: { 1: { name: "Li Gone" }, 3: { name: "Ada Long", likes: ["6"] } },
      },
    };
    const wished = wish(there);
    expect(wished.parked.filter(({ key }) => key === "3")).toEqual([]);
    expect(find(wished, "ad:User", "person-3")?.adopt).toBe(guid(3));
    const later = wish(next(there, apply(there, wished)));
    expect(later.parked).toEqual(wished.parked);
    expect(later.memory).toEqual(wished.memory);
  });

  // Found by `converges` in properties.test.ts (seed 74003, path 1305): looks contradicted each other for ever.
  test("an account that the run finds is its record's, whatever name was remembered without one", () => {
    const of = (id: number, firstname: string, emailaddress: string, inactive = false) =>
      record(id, { firstname, surname: "Example", emailaddress, inactive });
    const mail = "one@corp.example.com";
    const live: { [type: string]: Live[] } = {
      "ad:User": [
        account(100, { name: "Ada Example", enabled: false }, { employeeNumber: "3", mail }),
        account(101, { name: "Ada Example 1", enabled: false }, { employeeNumber: "", mail }),
      ],
    };
    connect(live);
    const start = world({ records: [of(1, "Ada", mail), of(3, "Zoe", "", true), of(4, "Ada", mail)], live });
    const records = [of(1, "Ada", mail, true), of(2, "Ada", ""), of(3, "Ada", "two@corp.example.com")];
    const there = next(start, apply(start, wish(start)), { records });
    expect(there.memory?.people).toEqual({ 3: { name: "Zoe Example", likes: ["1", "4"] } });
    const wished = wish(there);
    const later = wish(next(there, apply(there, wished)));
    expect(later.parked).toEqual(wished.parked);
    expect(inputsOf(later)).toEqual(inputsOf(wished));
    expect(later.memory).toEqual(wished.memory);
  });

  // Found by `converges` in properties.test.ts (seed 6002, path 2371): the account went to 4, and the next run asked.
  test("the account of somebody inactive, found in this run, is theirs, also where a key was given away", () => {
    const of = (id: number, surname: string, emailaddress: string, fields: Values = {}) =>
      record(id, { firstname: "Ada", surname, emailaddress, ...fields });
    const [mail, other] = ["one@corp.example.com", "three@corp.example.com"];
    const start = world({ records: [of(10, "Example", "")] });
    const done = apply(start, wish(start));
    done.live["ad:User"]?.push(
      account(1, { name: "Ada Example" }, { employeeNumber: "1", mail }),
      account(3, { name: "Ada Example 1" }, { employeeNumber: "3", mail }),
    );
    connect(done.live);
    const records = [of(1, "Example", ""), of(4, "Example", mail), of(10, "Smith", mail), of(3, "Example", other, { inactive: true })];
    const there = next(start, done, { records });
    const wished = wish(there);
    expect(wished.people.find(({ key }) => key === "3")?.accounts.ad).toBe(guid(3));
    const later = wish(next(there, apply(there, wished)));
    expect(inputsOf(later)).toEqual(inputsOf(wished));
    expect(later.memory).toEqual(wished.memory);
  });

  // Found by `converges` in properties.test.ts (seed 1005, path 391): the next run took the record for somebody else's.
  test("an account that nothing is written to: the record by which it was found is theirs, also where a key was given away", () => {
    const of = (id: number, firstname: string, emailaddress: string, fields: Values = {}) =>
      record(id, { firstname, surname: "Example", emailaddress, ...fields });
    const [mail, other] = ["one@corp.example.com", "two@corp.example.com"];
    const start = world({ records: [of(5, "Ada", mail), of(6, "Bob", "")] });
    const done = apply(start, wish(start));
    done.live["entra:Licence"]?.push(entraUser("cloud", { employeeId: "1" }));
    const nowhere = { site_name: "Elsewhere" };
    const records = [of(1, "Ada", mail, { surname: "Other", ...nowhere }), of(5, "Ada", other), of(5, "Ada", other), of(6, "Zoe", "")];
    const there = next(start, done, { records });
    const wished = wish(there);
    expect(wished.people.find(({ key }) => key === "1")?.accounts.entra).toBe("cloud");
    expect(wished.memory.people["1"]).toEqual({ name: "Ada Other", addresses: [mail] });
    const again = next(there, apply(there, wished));
    expect(wish(again).parked).toEqual(wished.parked);
    expect(wish(again).memory).toEqual(wished.memory);
  });

  test("what an account says, or is given, is not remembered beside it", () => {
    const there = first([person("8", "Ada Example", { emailaddress: "ada8@corp.example.com" })]);
    expect(wish(there).memory.people["8"]).toEqual({ name: "Ada Example" });
  });
});

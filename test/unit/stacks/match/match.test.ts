import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import { type Account, type Claimant, match as matched } from "../../../../stacks/match/match.ts";

type Fields = { [field: string]: string };
const account = (id: string, fields: Fields = {}, isProtected = false): Account => ({
  id,
  label: `CN=${id}`,
  protected: isProtected,
  values: (field) => (fields[field] === undefined ? [] : [fields[field]]),
});
const person = (key: string, fields: Fields = {}, more: Partial<Claimant> = {}): Claimant => ({
  key,
  called: `Ada (${key})`,
  wants: (field) => fields[field],
  ...more,
});
const order = ["employeeNumber", "mail"];

const match = (system: string, ...more: [readonly Claimant[], readonly Account[], readonly string[]]) =>
  matched({ system, source: "Halo" }, ...more);

describe("match", () => {
  test("the id the state knows comes before every field", () => {
    const accounts = [account("a"), account("b", { employeeNumber: "1" })];
    expect(match("AD", [person("1", { employeeNumber: "1" }, { known: "a" })], accounts, order).found.get("1")).toBe("a");
  });
  test("an id that is gone is looked for by the fields", () => {
    expect(
      match("AD", [person("1", { employeeNumber: "1" }, { known: "gone" })], [account("b", { employeeNumber: "1" })], order).found.get("1"),
    ).toBe("b");
  });
  test("the linked account comes before the fields, after the state", () => {
    const accounts = [account("linked"), account("field", { mail: "x@example.com" }), account("state")];
    const wants = { mail: "x@example.com" };
    expect(match("Entra", [person("1", wants, { linked: "linked" })], accounts, order).found.get("1")).toBe("linked");
    expect(match("Entra", [person("1", wants, { linked: "linked", known: "state" })], accounts, order).found.get("1")).toBe("state");
  });
  test("a field that finds nobody gives way to the next; case and blanks do not matter", () => {
    const accounts = [account("a", { mail: " ADA@Example.com" })];
    expect(match("AD", [person("1", { employeeNumber: "1", mail: "ada@example.com " })], accounts, order).found.get("1")).toBe("a");
  });
  test("an empty value finds nobody, even where accounts have it empty", () => {
    expect(match("AD", [person("1", { mail: "" })], [account("a", { mail: "" })], order)).toEqual({
      found: new Map(),
      anew: new Set(),
      parked: new Map(),
      guests: new Map(),
      open: new Set(),
    });
  });
  test("two accounts for one person: parked, both named", () => {
    const { found, parked } = match(
      "AD",
      [person("1", { employeeNumber: "7" })],
      [account("b", { employeeNumber: "7" }), account("a", { employeeNumber: "7" })],
      order,
    );
    expect(found.size).toBe(0);
    expect(parked.get("1")).toBe("2 AD accounts have employeeNumber 7: CN=a; CN=b; make employeeNumber unique or correct it in Halo");
  });
  test("one account for two people: both parked, both named", () => {
    const { found, parked } = match(
      "AD",
      [person("1", { employeeNumber: "7" }), person("2", { mail: "m@example.com" })],
      [account("a", { employeeNumber: "7", mail: "m@example.com" })],
      order,
    );
    expect(found.size).toBe(0);
    expect([...parked.keys()].sort()).toEqual(["1", "2"]);
    expect(parked.get("2")).toContain("Ada (1); Ada (2)");
  });
  test("an account that is somebody's by id is not available to others", () => {
    const { found, parked } = match(
      "AD",
      [person("1", {}, { known: "a" }), person("2", { mail: "m@example.com" })],
      [account("a", { mail: "m@example.com" })],
      order,
    );
    expect([...found]).toEqual([["1", "a"]]);
    expect(parked.size).toBe(0);
  });
  test("a protected account is never taken over by its fields", () => {
    const { found, parked } = match(
      "AD",
      [person("1", { mail: "m@example.com" })],
      [account("admin", { mail: "m@example.com" }, true)],
      order,
    );
    expect(found.size).toBe(0);
    expect(parked.get("1")).toContain("CN=admin (found by mail m@example.com) is protected");
  });
  const olaf = { ...account("olaf", { employeeNumber: "806", mail: "olaf@x.test" }), names: () => ["Olaf Ferry"] };
  const nia = { employeeNumber: "806", mail: "nia@x.test" };
  test("reports R8: one field that fits, and all others that both have speak against it: a human decides, with the values", () => {
    const { found, parked } = match("AD", [person("806", nia, { name: "Nia Quist" })], [olaf], order);
    expect(found.size).toBe(0);
    expect(parked.get("806")).toBe(
      "the AD account CN=olaf has employeeNumber 806, and everything else speaks against it: mail olaf@x.test and not nia@x.test; it is called Olaf Ferry; correct employeeNumber in Halo, or the account's values where it is the person's",
    );
    // an id that the state knows is not weighed
    expect(match("AD", [person("806", nia, { known: "olaf" })], [olaf], order).found.get("806")).toBe("olaf");
  });
  test.each([
    ["who marries keeps the first name", "Olaf Quist", {}],
    ["a field that agrees", "Nia Quist", { mail: "olaf@x.test" }],
    ["accents are none", "Ölaf Berg", {}],
  ])("reports R8: not where %s", (_why, name, fields) => {
    expect(match("AD", [person("806", { ...nia, ...fields }, { name })], [olaf], order).found.get("806")).toBe("olaf");
  });
  test.each([
    ["the record", { mail: "" }, {}],
    ["the account", {}, { mail: "" }],
  ])("reports R8: nothing else is filled in %s: then two names without a word in common speak against it", (_where, fields, has) => {
    const there = { ...account("olaf", { employeeNumber: "806", mail: "olaf@x.test", ...has }), names: () => ["", "Olaf Ferry", "olaf"] };
    const asked = match("AD", [person("806", { ...nia, ...fields }, { name: "Nia Quist" })], [there], order);
    expect(asked.found.size).toBe(0);
    expect(asked.parked.get("806")).toBe(
      "the AD account CN=olaf has employeeNumber 806, and everything else speaks against it: the name Olaf Ferry and not Nia Quist; correct employeeNumber in Halo, or the account's values where it is the person's",
    );
  });
  test.each([
    ["a login, which is no name of a person", "Nia Quist", "oferry"],
    ["a sign of somebody's", "Nia Quist", "u806 (2)"],
    ["another script, in which it may be the same", "王芳", "Olaf Ferry"],
    ["another script", "Nia Quist", "王 芳"],
    ["a word of the other name", "Nia Ferry", "Olaf Ferry"],
    ["no name at all", "", "Olaf Ferry"],
  ])("reports R8: %s says nothing", (_what, name, called) => {
    const there = { ...account("olaf", { employeeNumber: "806" }), names: () => [called] };
    expect(match("AD", [person("806", { ...nia, mail: "" }, { name })], [there], order).found.get("806")).toBe("olaf");
  });
  test("reports R8: the later field is weighed too, and an id that was written down is not", () => {
    const all = [account("a", { employeeNumber: "1", mail: "x@x.test" })];
    expect(match("AD", [person("7", { employeeNumber: "7", mail: "x@x.test" })], all, order).parked.get("7")).toContain(
      "has mail x@x.test, and everything else speaks against it: employeeNumber 1 and not 7",
    );
    const linked = [account("a", { id: "a", mail: "x@x.test" })];
    expect(match("Halo agent", [person("7", { id: "a", mail: "y@x.test" })], linked, ["id", "mail"]).found.get("7")).toBe("a");
  });
  test("an account that is protected does not make another ambiguous, and a later field goes past it", () => {
    const admin = account("admin", { employeeNumber: "1" }, true);
    const both = [admin, account("day", { employeeNumber: "1" })];
    expect(match("AD", [person("1", { employeeNumber: "1" })], both, order).found.get("1")).toBe("day");
    const byMail = [admin, account("day", { mail: "x@x.test" })];
    expect(match("AD", [person("1", { employeeNumber: "1", mail: "x@x.test" })], byMail, order).found.get("1")).toBe("day");
    const more = match("AD", [person("1", { employeeNumber: "1" })], [admin, account("admin2", { employeeNumber: "1" }, true)], order);
    expect(more.parked.get("1")).toContain("2 AD accounts have employeeNumber 1");
  });
  test("an inactive record does not park the active one that fits better", () => {
    const all = [account("a", { employeeNumber: "2", mail: "x@x.test" })];
    const old = person("1", { employeeNumber: "9", mail: "x@x.test" }, { name: "Ada", inactive: true });
    const now = person("2", { employeeNumber: "2", mail: "x@x.test" }, { name: "Ada" });
    expect([...match("AD", [old, now], all, ["mail", "employeeNumber"]).found]).toEqual([["2", "a"]]);
    const equal = { employeeNumber: "", mail: "x@x.test" };
    const twins = [person("1", equal, { inactive: true }), person("2", equal)];
    expect([...match("AD", twins, all, ["mail"]).parked.keys()].sort()).toEqual(["1", "2"]);
  });
  test("reports R5: a guest is nobody's account, and is told", () => {
    const guest = { ...account("guest", { mail: "x@x.test" }), guest: true };
    const alone = match("Entra ID", [person("1", { mail: "x@x.test" })], [guest], order);
    expect([alone.found.size, alone.parked.size, alone.guests.get("1")]).toEqual([0, 0, { account: guest, by: "mail x@x.test" }]);
    const own = match("Entra ID", [person("1", { mail: "x@x.test" })], [guest, account("own", { mail: "x@x.test" })], order);
    expect(own.found.get("1")).toBe("own");
  });
  describe("while a read is doubted", () => {
    const doubting = (doubted: string, ...more: [readonly Claimant[], readonly Account[], readonly string[]]) =>
      matched({ system: "AD", source: "Halo", doubted }, ...more);
    const ofPeople = "the read of Halo";
    const wants = { employeeNumber: "1", mail: "one@example.com" };
    const theirs = account("a", { employeeNumber: "1" });
    test("whom the state knows keeps the account, and nobody is matched anew", () => {
      const known = doubting(ofPeople, [person("1", wants, { known: "a" })], [theirs], order);
      expect([...known.found]).toEqual([["1", "a"]]);
      const fresh = doubting(ofPeople, [person("1", wants)], [theirs], order);
      expect([...fresh.found]).toEqual([]);
      expect(fresh.parked.get("1")).toMatch(
        /^the read of Halo is doubted, and nobody is matched anew until it can be trusted: .* of AD has employeeNumber 1; wait/u,
      );
      expect([...fresh.open]).toEqual(["a"]);
    });
    test("whoever had an account by the last run finds it by its fields, where nobody else claims it", () => {
      const before = person("1", wants, { before: true });
      expect([...doubting(ofPeople, [before], [theirs], order).found]).toEqual([["1", "a"]]);
      const two = doubting(ofPeople, [before, person("2", wants, { before: true })], [theirs], order);
      expect([...two.found]).toEqual([]);
      expect([...two.parked.keys()]).toEqual(["1", "2"]);
    });
    test("who has no name, or nothing in a field by which people are recognised, is made nobody new", () => {
      const without = (doubted: string, wishes: { [field: string]: string }, more: Partial<Claimant> = {}) =>
        doubting(doubted, [person("1", wishes, more)], [], order).parked.get("1");
      expect(without(ofPeople, { employeeNumber: "1", mail: "" })).toMatch(/^the read of Halo is doubted, and gives no mail by which/u);
      expect(without(ofPeople, wants, { unnamed: true })).toMatch(/gives no name by which/u);
      expect(without(ofPeople, wants)).toBeUndefined();
      // What is doubted of a system says nothing of the people.
      expect(without("the read of Entra ID", { employeeNumber: "1", mail: "" })).toBeUndefined();
    });
  });
  test("whom only the fields give an account is told apart", () => {
    const people = [person("1", { mail: "one@example.com" }), person("2", {}, { known: "b" }), person("3", {}, { linked: "c" })];
    const accounts = [account("a", { mail: "one@example.com" }), account("b"), account("c")];
    const { found, anew } = match("AD", people, accounts, order);
    expect([found.size, [...anew]]).toEqual([3, ["1"]]);
  });
  test("immutableId is the raw objectGUID, first groups little-endian (the example of Microsoft's documentation of GUIDs)", () => {
    expect(immutableIdOf("00112233-4455-6677-8899-aabbccddeeff")).toBe(
      Buffer.from("33221100554477668899aabbccddeeff", "hex").toString("base64"),
    );
    expect(immutableIdOf("no guid")).toBeUndefined();
  });

  const few = fc.constantFrom("", "1", "2", "3");
  const people = fc.uniqueArray(
    fc.record({ key: fc.nat(9).map(String), employeeNumber: few, mail: few, known: fc.option(fc.nat(6).map(String), { nil: undefined }) }),
    { selector: (one) => one.key },
  );
  const accounts = fc.uniqueArray(fc.record({ id: fc.nat(6).map(String), employeeNumber: few, mail: few, guarded: fc.boolean() }), {
    selector: (one) => one.id,
  });
  test("is symmetric: the order of people and accounts changes nothing, no account has two owners, nobody is found and parked", () => {
    fc.assert(
      fc.property(people, accounts, (some, all) => {
        const claimants = some.map(({ key, known, ...fields }) => person(key, fields, { known }));
        const live = all.map(({ id, guarded, ...fields }) => account(id, fields, guarded));
        const there = match("AD", claimants, live, order);
        const back = match("AD", [...claimants].reverse(), [...live].reverse(), order);
        expect(new Map([...back.found].sort())).toEqual(new Map([...there.found].sort()));
        expect(new Map([...back.parked].sort())).toEqual(new Map([...there.parked].sort()));
        expect(new Set(there.found.values()).size).toBe(there.found.size);
        for (const key of there.found.keys()) expect(there.parked.has(key)).toBe(false);
      }),
    );
  });
});

/** Whose account an Entra account is (reports R7), and what each parked state of matching advises: done, it works. */
import { describe, expect, test } from "vitest";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import type { SourceRecord } from "../../../../stacks/model/types.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, entraUser, guid, mappings, record, world } from "../world.ts";

const given = mappings({ halo: null });
const there = (records: readonly SourceRecord[], users: readonly Live[], cloud: readonly Live[] = []) =>
  wish(world({ mappings: given, records, live: { "ad:User": users, "entra:Licence": cloud } }));
const parkedOf = (...asked: Parameters<typeof there>): string[] => there(...asked).parked.map((one) => one.reason);
/** Base64 of a GUID that is no account's. */
const elsewhere = immutableIdOf("99999999-9999-4999-8999-999999999999") ?? "";

describe("reports R7: the cloud account of an AD account", () => {
  const sid = "S-1-5-21-1-2-3-1001";
  const login = { onPremisesSamAccountName: "user1", onPremisesDomainName: "corp.example.com" };
  test.each([
    ["mS-DS-ConsistencyGuid", account(1, {}, { "mS-DS-ConsistencyGuid": elsewhere }), { immutableId: elsewhere, synced: true }],
    ["objectGUID", account(1), { immutableId: immutableIdOf(guid(1)) ?? "", synced: true }],
    ["onPremisesSecurityIdentifier", account(1, { sid }), { onPremisesSecurityIdentifier: sid, synced: true }],
    ["the login with its domain", account(1), { ...login, synced: true }],
  ])("is known by %s, though nothing else is filled", (_by, user, values) => {
    const wished = there([record(1)], [user], [entraUser("copy", { userPrincipalName: "x@corp.example.com", ...values })]);
    expect(wished.people[0]?.accounts).toMatchObject({ ad: guid(1), entra: "copy" });
  });
  test("in this order; a login of another domain is another's", () => {
    const user = account(1, { sid }, { "mS-DS-ConsistencyGuid": elsewhere });
    const copies = [
      entraUser("by-login", { ...login, synced: true }),
      entraUser("by-sid", { onPremisesSecurityIdentifier: sid, synced: true }),
      entraUser("by-guid", { immutableId: elsewhere, synced: true }),
    ];
    expect(there([record(1)], [user], copies).people[0]?.accounts.entra).toBe("by-guid");
    expect(there([record(1)], [user], copies.slice(0, 2)).people[0]?.accounts.entra).toBe("by-sid");
    const other = entraUser("other", { ...login, onPremisesDomainName: "other.example.org", synced: true });
    expect(there([record(1)], [user], [other]).people[0]?.accounts.entra).toBeUndefined();
  });
  test("a namesake that is anchored elsewhere is said, and each way out works", () => {
    const namesake = entraUser("n", { mail: "user1@corp.example.com", displayName: "Ada1 Example1", immutableId: elsewhere, synced: true });
    expect(parkedOf([record(1)], [account(1)], [namesake])).toEqual([
      `the Entra ID account n@corp.example.com looks like this person and is anchored to another AD account than CN=Ada1 Example1,OU=Main,OU=Staff,DC=corp,DC=example,DC=com (onPremisesImmutableId ${elsewhere}): correct its values, or let mS-DS-ConsistencyGuid of the AD account say the same`,
    ]);
    expect(parkedOf([record(1)], [account(1)], [{ ...namesake, values: { ...namesake.values, mail: "" } }])).toEqual([]);
    const told = there([record(1)], [account(1, {}, { "mS-DS-ConsistencyGuid": elsewhere })], [namesake]);
    expect([told.parked, told.people[0]?.accounts.entra]).toEqual([[], "n"]);
  });
  test("synced from an AD account that is not known as the person's: corrected there, or on the Entra account", () => {
    const stranger = account(7, { name: "Example" }, { employeeNumber: "", mail: "" });
    const copy = entraUser("c", {
      mail: "user1@corp.example.com",
      displayName: "Ada1 Example1",
      immutableId: immutableIdOf(guid(7)) ?? "",
      synced: true,
    });
    expect(parkedOf([record(1)], [stranger], [copy])[0]).toContain("correct employeeNumber, mail there, or the Entra account's own values");
    const corrected = there([record(1)], [account(7, { name: "Example" }, { employeeNumber: "1", mail: "" })], [copy]);
    expect([corrected.parked, corrected.people[0]?.accounts]).toEqual([[], { ad: guid(7), entra: "c" }]);
    expect(parkedOf([record(1)], [stranger], [{ ...copy, values: { ...copy.values, mail: "" } }])).toEqual([]);
  });
});

describe("reports R7: an account of the cloud that comes from an AD account which is not read", () => {
  const copy = (values: object = {}) =>
    entraUser("c", { mail: "user1@corp.example.com", displayName: "Ada1 Example1", immutableId: elsewhere, synced: true, ...values });
  const adOf = (...asked: Parameters<typeof there>) => there(...asked).resources.filter(({ type }) => type === "ad:User");
  test("makes no second account in AD; what hangs on the cloud's goes on", () => {
    const wished = there([record(1)], [account(9)], [copy()]);
    expect(wished.parked.map(({ where, reason }) => [where, reason])).toEqual([
      [
        "matching",
        `the Entra ID account c@corp.example.com comes from an account of Active Directory that is not read here (onPremisesImmutableId ${elsewhere}), and a new one would be a second: let haloform:ad read where it lies, take the person out of mappings/ad.yaml:accounts.0, or clear onPremisesImmutableId so that Entra Connect joins the new one with it`,
      ],
    ]);
    expect(wished.resources.filter(({ type, person }) => type === "ad:User" && person === "1")).toEqual([]);
    expect(wished.people[0]?.accounts).toEqual({ entra: "c" });
    expect(wished.resources.some(({ type, person }) => type === "entra:Licence" && person === "1")).toBe(true);
  });
  test("each way out works", () => {
    const original = account(1, {}, { "mS-DS-ConsistencyGuid": elsewhere });
    expect(there([record(1)], [original], [copy()])).toMatchObject({ parked: [], people: [{ accounts: { ad: original.id, entra: "c" } }] });
    expect(parkedOf([record(1)], [], [copy({ immutableId: "", synced: false })])).toEqual([]);
    expect(adOf([record(1)], [], [copy({ immutableId: "", synced: false })])).toHaveLength(1);
    const elsewhereOnly = { ...given, ad: { ...given.ad, accounts: [] } } as typeof given;
    const wished = wish(world({ mappings: elsewhereOnly, records: [record(1)], live: { "ad:User": [], "entra:Licence": [copy()] } }));
    expect(wished.parked).toEqual([]);
  });
});

describe("reports R7: an account that one person's address finds, and another has the address too, with an account of theirs", () => {
  const mail = "user1@corp.example.com";
  const both = [record(1, { firstname: "Cleo", surname: "Quist" }), record(2, { firstname: "Dan", surname: "Quist", emailaddress: mail })];
  const further = (name: string) => account(9, { name, displayName: name }, { employeeNumber: "", mail });
  test("is nobody's until its name, or the record, says whose it is", () => {
    const parked = parkedOf(both, [account(1, { name: "Cleo Quist" }), further("Cleo Quist")]);
    expect(parked).toContainEqual(
      `the AD account CN=Cleo Quist,OU=Main,OU=Staff,DC=corp,DC=example,DC=com has mail ${mail}, and so has Cleo Quist (1), who has another account; correct mail of whoever it is not in Halo, or let the account's name say whose it is`,
    );
    const named = there(both, [account(1, { name: "Cleo Quist" }), further("Dan Quist")]);
    expect(named.people.find(({ key }) => key === "2")?.accounts.ad).toBe(guid(9));
  });
});

describe("ways out of what matching parks", () => {
  const mail = "user1@corp.example.com";
  test("one account, two people: the one it is not corrected in the source", () => {
    const shared = account(9, { name: "Example" }, { employeeNumber: "", mail });
    expect(parkedOf([record(1), record(2, { emailaddress: mail })], [shared])).toHaveLength(2);
    const wished = there([record(1), record(2)], [shared]);
    expect([wished.parked, wished.people[0]?.accounts.ad]).toEqual([[], shared.id]);
  });
  test("two accounts, one person: the field made unique", () => {
    const [one, two] = [8, 9].map((id) => account(id, { name: `Ada1 Example ${id}` }, { employeeNumber: "1", mail: "" })) as [Live, Live];
    expect(parkedOf([record(1)], [one, two])[0]).toContain("make employeeNumber unique or correct it in Halo");
    const wished = there([record(1)], [one, account(9, {}, { employeeNumber: "9" })]);
    expect([wished.parked, wished.people[0]?.accounts.ad]).toEqual([[], one.id]);
  });
  test("everything else speaks against it: the number corrected in the source, or the account's values", () => {
    const olaf = account(9, { name: "Olaf Ferry" }, { employeeNumber: "1", mail: "olaf@corp.example.com" });
    expect(parkedOf([record(1)], [olaf])[0]).toContain("correct employeeNumber in Halo, or the account's values where it is the person's");
    expect(parkedOf([record(1, { id: 4 })], [olaf])).toEqual([]);
    const wished = there([record(1)], [account(9, { name: "Olaf Ferry" }, { employeeNumber: "1", mail })]);
    expect([wished.parked, wished.people[0]?.accounts.ad]).toEqual([[], olaf.id]);
    const nameless = { employeeNumber: "1", mail: "" };
    expect(parkedOf([record(1)], [account(9, { name: "Olaf Ferry" }, nameless)])[0]).toContain("the name Olaf Ferry and not Ada1 Example1");
    const renamed = there([record(1)], [account(9, { name: "Olaf Ferry", displayName: "Example, Ada1" }, nameless)]);
    expect([renamed.parked, renamed.people[0]?.accounts.ad]).toEqual([[], olaf.id]);
  });
  test("protected: its privileges taken away", () => {
    const admin = account(1, { protected: true });
    expect(parkedOf([record(1)], [admin])[0]).toContain("manage it by hand or take its privileges away");
    expect(there([record(1)], [account(1)]).people[0]?.accounts.ad).toBe(admin.id);
  });
});

describe("people.is", () => {
  test("is written where no attribute template names it", () => {
    const ad = { accounts: { first: [{ ou: "OU=Main,OU=Staff,DC=corp,DC=example,DC=com" }] } };
    const wished = wish(world({ mappings: mappings({ ad, entra: null, halo: null }), records: [record(1)] }));
    const user = wished.resources.find((one) => one.type === "ad:User");
    expect(user?.inputs["attributes"]).toEqual({ employeeNumber: "1", mail: "user1@corp.example.com" });
    expect(user?.because["attributes.mail"]).toMatchObject({ rule: "mappings/people.yaml:people.is.ad.mail", field: "emailaddress" });
  });
});

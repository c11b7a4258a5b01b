/** Whose account is whose, through the middle: guests (reports R5), numbers used again (R8), protected accounts. */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, base, entraUser, find, mappings, record, world } from "../world.ts";

describe("reports R5: guests", () => {
  const entra = { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } };
  const guest = entraUser("g", { userType: "Guest", mail: "user1@corp.example.com" });
  const own = entraUser("own", { mail: "user1@corp.example.com" });
  const people = (external = false): Parameters<typeof mappings>[0] => ({
    people: { people: { source: "halo.users", login: { is: "p{{ id }}" }, external } },
    ...{ ad: null, halo: null, entra },
  });

  test("has the person's address: the person's own account gets the licence, and the guest is told", () => {
    const wished = wish(world({ mappings: mappings(people()), records: [record(1)], live: { "entra:Licence": [guest, own] } }));
    expect(wished.people[0]?.accounts.entra).toBe("own");
    expect(wished.parked).toEqual([]);
    const alone = wish(world({ mappings: mappings(people()), records: [record(1)], live: { "entra:Licence": [guest] } }));
    expect(alone.people[0]?.accounts.entra).toBeUndefined();
    expect(alone.notes).toEqual([
      "The guest g@corp.example.com in Entra ID has mail user1@corp.example.com, as Ada1 Example1 (1) should have: guests are nobody's account here, and it is left alone (people.external: true asks for guests)",
    ]);
  });

  test("asked for with external: true, are recognised and never renamed", () => {
    const accounts = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
    const attributes = { staff: { displayName: "{{ firstname }} {{ surname }}", mailNickname: "{{ login }}", department: "Sales" } };
    const given = mappings({ ...people(true), entra: { ...entra, accounts, attributes } });
    const user = { ...guest, values: { ...guest.values, attributes: {} } };
    const wished = wish(world({ mappings: given, records: [record(1)], live: { "entra:Licence": [guest], "entra:User": [user] } }));
    expect(wished.people[0]?.accounts.entra).toBe("g");
    const inputs = find(wished, "entra:User", "person-1")?.inputs as Values;
    expect(inputs["userPrincipalName"]).toBe("g@corp.example.com");
    expect(inputs["attributes"]).toEqual({ displayName: "g", department: "Sales", employeeId: "1" });
  });
});

describe("reports R8: a number used again", () => {
  const olaf = account(806, { name: "Olaf Ferry" }, { mail: "olaf@corp.example.com" });
  const nia = record(806, { firstname: "Nia", surname: "Quist", emailaddress: "nia@corp.example.com" });
  const given = mappings({
    entra: null,
    halo: null,
    ad: { accounts: { first: [{ ou: `OU=Main,OU=Staff,${base}`, attributes: "a" }] }, attributes: { a: { employeeNumber: "{{ id }}" } } },
  });

  test("parks the new person, and nothing is done to the other's account", () => {
    const wished = wish(world({ mappings: given, records: [nia], live: { "ad:User": [olaf] } }));
    expect(find(wished, "ad:User", "person-806")).toBeUndefined();
    expect(wished.parked.map((one) => one.reason)).toEqual([
      expect.stringMatching(
        /has employeeNumber 806, and everything else speaks against it: mail olaf@.* and not nia@.*; it is called Olaf Ferry/u,
      ),
    ]);
  });

  test("an administrator's second account with the same number parks nobody", () => {
    const day = account(806, { name: "Nia Quist" }, { mail: "nia@corp.example.com" });
    const admin = { ...account(9, { protected: true, name: "Nia Quist (admin)" }, { employeeNumber: "806", mail: "" }) };
    const wished = wish(world({ mappings: given, records: [nia], live: { "ad:User": [admin, day] } }));
    expect(wished.people[0]?.accounts.ad).toBe(day.id);
    expect(wished.parked).toEqual([]);
  });
});

/** Addresses of proxyAddresses are those of mail: by them somebody is known again, whichever is the primary one. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../base/json.ts";
import { tracesOf } from "../../../../stacks/match/traces.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, entraUser, mappings, peopleDefault, record, world } from "../world.ts";

const proxies = (...addresses: Json[]) => account(7, {}, { mail: "", proxyAddresses: addresses });
const state = (inputs: { [name: string]: Json } = {}) => ({
  ...{ type: "ad:User", name: "person-7", id: account(7).id, outputs: {} },
  inputs: { person: "7", attributes: inputs },
});

describe("addresses of an account", () => {
  const addressesOf = (given: Parameters<typeof world>[0]) => [...tracesOf(world(given))("7").addresses].sort();

  test.each<[string, Json[], string[]]>([
    ["the primary one", ["SMTP:Ada@corp.example.com"], ["ada@corp.example.com"]],
    ["others", ["smtp:old@corp.example.com", "Smtp:older@corp.example.com"], ["old@corp.example.com", "older@corp.example.com"]],
    ["of another kind, as it stands", ["sip:ada@corp.example.com", "x500:/o=smtp:a@b"], ["sip:ada@corp.example.com", "x500:/o=smtp:a@b"]],
  ])("%s", (_, addresses, expected) => {
    const own = ["user7@corp.example.com"];
    expect(addressesOf({ records: [], previous: [state()], live: { "ad:User": [proxies(...addresses)] } })).toEqual(
      [...expected, ...own].sort(),
    );
    // Also of an account that is gone, by what was wished of it.
    expect(addressesOf({ records: [], previous: [state({ proxyAddresses: addresses })] })).toEqual(expected);
  });
});

describe("an address of the record by which an account is found, and which nothing writes there", () => {
  // Accounts are found and given licences, and their addresses are a human's.
  const people = { people: { ...peopleDefault.people, is: { entra: { employeeId: "{{ id }}", mail: "{{ emailaddress }}" } } } };
  const entra = { usageLocation: "GB", licences: { every: [{ sku: "SPE_E3", for: {} }] } };
  const given = { mappings: mappings({ people, ad: null, entra, halo: null }) };
  const old = record(7, { emailaddress: "old@corp.example.com" });
  const remembered = (addresses: Json[]) => {
    const live = { "entra:Licence": [entraUser("e7", { employeeId: "7", addresses })] };
    return wish(world({ ...given, records: [old], live })).memory.people["7"];
  };

  test("is remembered where no account has it, and is not where one has it among others", () => {
    expect(remembered(["smtp:new@corp.example.com"])?.addresses).toEqual(["old@corp.example.com"]);
    expect(remembered(["smtp:new@corp.example.com", "smtp:Old@corp.example.com"])?.addresses).toBeUndefined();
    expect(remembered([])?.name).toBe("Ada7 Example7");
  });
});

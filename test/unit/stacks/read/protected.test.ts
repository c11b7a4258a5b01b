/** protected.accounts in every directory where a name can mean an account: middle, the smaller ones. */
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { immutableIdOf } from "../../../../stacks/match/anchors.ts";
import { protectAll } from "../../../../stacks/read/inside.ts";
import { fitsNobody } from "../../../../stacks/read/protected.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { account, base, entraUser, guid, mappings, record, world } from "../world.ts";

const agent = (id: string, values: Values = {}): Live => ({
  id,
  values: { name: `Agent ${id}`, email: `agent${id}@corp.example.com`, ...values },
});

/** Who is protected, as `system id`. */
function guarded(patterns: readonly string[]): string[] {
  const synced = { synced: true, immutableId: immutableIdOf(guid(1)) ?? "", onPremisesSamAccountName: "user1" };
  const all = {
    "ad:User": [account(1, { path: `OU=Service,${base}` }), account(2)],
    // The copy has another name than its account.
    "entra:Licence": [entraUser("ada.one", synced), entraUser("breakglass1"), entraUser("other")],
    "entra:User": [entraUser("ada.one", synced), entraUser("breakglass1"), entraUser("other")],
    "halo:Agent": [agent("7", { name: "user1" }), agent("8", { email: "breakglass1@corp.example.com" })],
  };
  protectAll(all, { accounts: patterns }, undefined);
  return Object.entries(all).flatMap(([type, lives]) =>
    lives.flatMap((one) => (one.values["protected"] === true ? [`${type} ${one.id}`] : [])),
  );
}

describe("a name in protected.accounts protects whatever it can mean", () => {
  const first = [`ad:User ${guid(1)}`, "entra:Licence ada.one", "entra:User ada.one"];

  it.each([
    ["a login, in AD, its copy in Entra ID, and Halo", "USER1", [...first, "halo:Agent 7"]],
    [
      "a login with a wildcard, of a cloud account too",
      "breakglass*",
      ["entra:Licence breakglass1", "entra:User breakglass1", "halo:Agent 8"],
    ],
    ["a userPrincipalName, in all of them", "breakglass1@corp.*", ["entra:Licence breakglass1", "entra:User breakglass1", "halo:Agent 8"]],
    ["the name of the copy, its account of AD too", "ada.one@corp.example.com", first],
    ["a distinguishedName, its copy too", `cn=ada1 example1, ou=service,${base}`, first],
    ["a distinguishedName with a wildcard", `*,OU=Service,${base}`, first],
    ["nothing that is only a part of it", "user", []],
  ])("%s", (_, pattern, expected) => {
    expect(guarded([pattern])).toEqual(expected);
  });

  it("fits nobody only where no directory has such an account", () => {
    const live = { "ad:User": [account(2)], "entra:Licence": [entraUser("breakglass1")], "halo:Agent": [agent("7")] };
    const safety = { protected: { accounts: ["agent7@*", "breakglass*", "user2", "user3", `*,OU=Nowhere,${base}`] } };
    expect(fitsNobody({ mappings: mappings({ safety }), live }, [])).toEqual([
      "mappings/safety.yaml:protected.accounts.3 protects user3, and no account that is read is called so: correct it, or take it out",
      `mappings/safety.yaml:protected.accounts.4 protects *,OU=Nowhere,${base}, and no account that is read is called so: correct it, or take it out`,
    ]);
  });
});

describe("a protected agent of Halo", () => {
  const inputs: Values = {
    ...{ person: "1", name: "Ada1 Example1", email: "user1@corp.example.com", firstname: "Ada1", surname: "Example1", enabled: true },
    ...{ roles: ["Service Desk"], teams: ["First line"], of: { roles: ["Field Engineer", "Service Desk"], teams: ["First line"] } },
  };
  const previous = [{ type: "halo:Agent", name: "person-1", id: "7", inputs, outputs: {} }];
  const made = (inactive: boolean) => {
    const all = { "halo:Agent": [agent("7", { ...inputs, teams: ["First line"], isapiagent: false })] };
    protectAll(all, { accounts: ["user1@*"] }, undefined);
    const records = [record(1, { inactive, title: "Clerk" })];
    return wish(world({ records, previous, live: all, mappings: mappings({ ad: null, entra: null }) }));
  };

  it("stays as it is, whatever the mapping says of it", () => {
    const { resources, parked } = made(false);
    expect(resources.find((one) => one.type === "halo:Agent")?.inputs).toEqual(inputs);
    expect(parked).toEqual([]);
  });

  it("of somebody who has left is a human's, with the reason", () => {
    const { resources, parked } = made(true);
    expect(resources.find((one) => one.type === "halo:Agent")?.inputs).toEqual(inputs);
    expect(parked.map((one) => one.reason)).toEqual([
      "the Halo agent Ada1 Example1 would be disabled, and is protected: mappings/safety.yaml protects it (protected.accounts: user1@*); disable it by hand, or take it out there",
    ]);
  });
});

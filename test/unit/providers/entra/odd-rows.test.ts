/**
 * One odd row of Graph's or Exchange's: it ends no list with a schema's own words, and is never dropped without a word. A field that
 * is not what it should be is left out and said, as the object itself must not look gone; what has no id is counted and said.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { taken } from "../../../../base/notes.ts";
import type { EntraClient } from "../../../../clients/graph/client.ts";
import { listUnits, unitsNamed } from "../../../../providers/entra/administrative-unit/read.ts";
import { appAssignment } from "../../../../providers/entra/app/assignment.ts";
import { readContacts } from "../../../../providers/entra/contacts.ts";
import { readLinks } from "../../../../providers/entra/group/links.ts";
import { getGroup, listGroups } from "../../../../providers/entra/group/read.ts";
import { catalogueOf } from "../../../../providers/entra/licence/skus.ts";
import { automaticReplies } from "../../../../providers/entra/mailbox/auto-reply.ts";
import { mailbox } from "../../../../providers/entra/mailbox/mailbox.ts";
import { readEligible, readRoleHolders } from "../../../../providers/entra/role-holders.ts";
import { readOwned } from "../../../../providers/entra/user/duties.ts";
import { getUser, listUsers } from "../../../../providers/entra/user/list.ts";
import { getAccount, listAccounts } from "../../../../providers/entra/user/live.ts";
import { readSignIns } from "../../../../providers/entra/user/sign-ins.ts";
import { readDevices, readRegisteredDevices } from "../../../../sources/entra/devices.ts";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const sku = { skuId: id(900), skuPartNumber: "SPE_E3" };

/** Answers lists by their path, and everything else with `one`. */
function graph(lists: { [path: string]: unknown[] }, one: unknown = {}): EntraClient {
  const client: Partial<EntraClient> = {
    base: "https://graph.example.com/v1.0",
    list: async (path) => lists[path] ?? (path === "/subscribedSkus" ? [sku] : []),
    get: async () => one,
    read: async () => ({ status: 200, headers: { get: () => null }, body: one }),
    submit: async () => ({ status: 200, headers: { get: () => null }, body: one }),
  };
  return client as EntraClient;
}
const ids = (all: readonly { id: string }[]): string[] => all.map((one) => one.id);

beforeEach(() => void taken());

describe("lists", () => {
  it("accounts: a field that is odd is left out, who has no id is counted", async () => {
    const odd = { id: id(2), userPrincipalName: "b@example.com", accountEnabled: "yes", onPremisesSyncEnabled: 1 };
    const client = graph({ "/users": [{ id: id(1), accountEnabled: true }, odd, { displayName: "nobody" }] });
    const accounts = await listAccounts(client);
    expect(ids(accounts)).toEqual([id(1), id(2)]);
    expect(accounts[1]?.values).toMatchObject({ userPrincipalName: "b@example.com", unseen: ["accountEnabled"] });
    expect(taken()).toEqual([
      expect.stringMatching(/^1 row of Entra ID's users was not understood: id: /u),
      `1 value of accountEnabled of Entra ID's users was not understood (the first is of ${id(2)})`,
      `1 value of onPremisesSyncEnabled of Entra ID's users was not understood (the first is of ${id(2)})`,
    ]);
  });

  it("users with their licences: as accounts are, and nobody looks gone", async () => {
    const odd = { id: id(2), usageLocation: 44, licenseAssignmentStates: "none" };
    const users = await listUsers(graph({ "/users": [odd, { id: id(1), usageLocation: "GB" }, null] }));
    expect(ids(users)).toEqual([id(1), id(2)]);
    expect(taken()).toHaveLength(3);
  });

  it("licences that the tenant owns", async () => {
    const catalogue = await catalogueOf(graph({ "/subscribedSkus": [{ skuId: 5 }, sku] }));
    expect(catalogue.skus.map((one) => one.name)).toEqual(["SPE_E3"]);
    expect(taken()).toEqual([expect.stringMatching(/^1 row of the tenant's licences was not understood: skuId: /u)]);
  });

  it("groups, units, applications' roles and contacts", async () => {
    const groups = [{ id: id(1), displayName: "A", groupTypes: "Unified" }, { displayName: "B" }];
    expect(ids(await listGroups(graph({ "/groups": groups }), { members: [], owners: [], licences: [] }))).toEqual([id(1)]);
    expect(taken()).toHaveLength(2);
    const units = [{ id: id(1), displayName: "A", membershipType: 1 }, {}];
    expect(ids(await listUnits(graph({ "/directory/administrativeUnits": units }), { members: [] }))).toEqual([id(1)]);
    expect(taken()).toHaveLength(2);
    const assigned = [{ id: "a", appRoleId: id(0), principalId: id(1) }, { id: "b" }];
    const applications = [{ id: id(7), displayName: 7 }, {}];
    const lists = { "/servicePrincipals": applications, [`/servicePrincipals/${id(7)}/appRoleAssignedTo`]: assigned };
    expect(await appAssignment.list(graph(lists), { applications: ["name:7"] })).toHaveLength(1);
    expect(taken()).toHaveLength(3);
    expect(ids((await readContacts(graph({ "/contacts": [{ id: id(1), mail: 1 }, {}] }))) ?? [])).toEqual([id(1)]);
    expect(taken()).toHaveLength(2);
  });

  it("a unit that is looked for before it is made: one that is not understood could be it", async () => {
    const looked = unitsNamed(graph({ "/directory/administrativeUnits": [{ displayName: "A" }] }), "A");
    await expect(looked).rejects.toThrow(
      /^Could not look for the administrative unit A: 1 row of .+ was not understood: id: .+nothing is made/u,
    );
  });

  it("devices", async () => {
    expect(ids(await readDevices(graph({ "/deviceManagement/managedDevices": [{ id: id(1), model: 1 }, {}] })))).toEqual([id(1)]);
    expect(taken()).toHaveLength(2);
    expect(ids(await readRegisteredDevices(graph({ "/devices": [{ id: id(1), isCompliant: "yes" }, {}] })))).toEqual([id(1)]);
    expect(taken()).toHaveLength(2);
  });

  it("links, owners and sign-ins", async () => {
    const page = { value: [{ id: id(1), "@odata.type": 1 }, {}] };
    expect([...(await readLinks(graph({}, page), [id(9)], "owners"))]).toEqual([[id(9), [id(1)]]]);
    expect(taken()).toHaveLength(2);
    const owned = [{ id: id(9), owners: [{ id: id(1) }] }, { owners: [] }];
    expect([...(await readOwned(graph({ "/groups": owned }), [id(1)]))]).toEqual([[id(9), { name: "", owners: [id(1)] }]]);
    expect(taken()).toHaveLength(1);
    const seen = [{ id: id(1), signInActivity: { lastSignInDateTime: "2026-01-01T00:00:00Z" } }, {}];
    expect([...(await readSignIns(graph({ "/users": seen }))).seen.keys()]).toEqual([id(1)]);
    expect(taken()).toHaveLength(1);
  });

  it("mailboxes: one that is not understood could be the one that must not be taken for gone", async () => {
    const client = { invoke: async () => [{ ExternalDirectoryObjectId: id(1), RecipientTypeDetails: 5 }] };
    await expect(mailbox.list(client as never, { ids: [id(1)] })).rejects.toThrow(
      /^Could not read mailboxes: 1 row of Exchange's mailboxes was not understood: RecipientTypeDetails: /u,
    );
  });
});

describe("who may take up a place in a group", () => {
  const answering = (answers: { [group: string]: [status: number, body: unknown] }): EntraClient =>
    ({
      base: "https://graph.example.com/v1.0",
      read: async (path: string) => {
        const group = decodeURIComponent(path).split("'")[1] ?? "";
        const [status, body] = answers[group] ?? [404, {}];
        return { status, headers: { get: () => null }, body };
      },
    }) as Partial<EntraClient> as EntraClient;
  const groups = [
    { id: "a", name: "Admins" },
    { id: "b", name: "Breakers" },
  ];
  const of = (...principals: string[]) => ({ value: principals.map((principalId) => ({ principalId, accessId: "member" })) });
  const refused = (code: string) => ({ error: { code, message: "no" } });

  it("is told by principal; a group that is gone, or a tenant without the licence, has nobody", async () => {
    expect(await readEligible(answering({ a: [200, of("1", "2", "1")], b: [200, of("2")] }), groups)).toEqual([
      { id: "1", values: { places: ["Admins"] } },
      { id: "2", values: { places: ["Admins", "Breakers"] } },
    ]);
    for (const status of [400, 403])
      expect(await readEligible(answering({ a: [status, refused("AadPremiumLicenseRequired")] }), groups)).toEqual([]);
  });

  it("is not known where one group may not be read, never taken for nobody", async () => {
    for (const status of [400, 403])
      expect(await readEligible(answering({ a: [200, of("1")], b: [status, refused("UnknownError")] }), groups)).toBeUndefined();
    await expect(readEligible(answering({ a: [500, refused("x")] }), groups)).rejects.toThrow(
      /read who may take up a place in the group Admins/u,
    );
    expect(await readEligible(answering({ a: [200, { value: [{ accessId: "member" }] }] }), groups)).toEqual([]);
    expect(taken()).toEqual([expect.stringMatching(/^1 row of who may take up a place in a group was not understood/u)]);
  });
});

it.each([
  ["links", (client: EntraClient) => readLinks(client, [id(1)], "members")],
  ["who holds a role: whoever is on the next page would not be protected", readRoleHolders],
  ["who may take up a place", (client: EntraClient) => readEligible(client, [{ id: id(1), name: "A" }])],
])("%s: a next page on another host is not followed, and the list is not taken for whole", async (_what, read) => {
  const page = { value: [{ id: id(1), principalId: id(2) }], "@odata.nextLink": "https://elsewhere.example.com/v1.0/next" };
  await expect(read(graph({}, page))).rejects.toThrow(
    /^Could not read .+: Graph named a next page on another host; it was not followed\.$/u,
  );
});

it.each([
  ["a user", () => getUser(graph({}, { id: 5 }), id(1))],
  ["an account", () => getAccount(graph({}, { id: 5 }), id(1))],
  ["a group", () => getGroup(graph({}, { id: 5 }), id(1))],
  ["an automatic reply", () => automaticReplies.get(graph({}, 5), id(1))],
  ["links that go on somewhere odd", () => readLinks(graph({}, { value: [], "@odata.nextLink": 5 }), [id(1)], "members")],
  ["links", () => readLinks(graph({}, { value: 5 }), [id(1)], "members")],
])("%s by itself: an answer that is none is said in one line, and is not taken for gone", async (_what, read) => {
  await expect(read()).rejects.toThrow(/^Could not read .+: Graph's answer was not understood \(.+\); try again/u);
});

/**
 * Licences against the sandbox: Microsoft's side refuses what Microsoft refuses, and halo:Licence lives by Halo's contract
 * (../shared/contracts/halo-openapi.json, where that is there): a property or parameter it does not have fails the test.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { adapt } from "../../providers/core/adapter.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition } from "../../providers/core/definition.ts";
import { operationKey, type Run } from "../../providers/core/run.ts";
import { doubleWrites, readConnections, type Writes } from "../../providers/halo/entra-import.ts";
import { licence } from "../../providers/halo/licence.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { trusted } from "../trusted.ts";
import { memoryContext, update } from "./context.ts";
import { clientOf, ended, haloOf } from "./halo.ts";
import { lifecycle } from "./lifecycle.ts";

const tls = trusted();
const context = memoryContext(async () => []);
let halo: HaloServer;
let people: string[];

const connection = {
  id: 3,
  name: "Northwind",
  type: 0,
  halointegratorenabled: true,
  licence_import_type: 1,
  mappings_user: [
    { id: 1, name: "Job Title", thirdpartyname: "jobTitle", dontupdate: false },
    { id: 2, name: "phonenumber", thirdpartyname: "businessPhones", dontupdate: true },
  ],
};

beforeAll(async () => {
  const seed = organisation({ people: 20 }).halo;
  halo = await haloOf(20, { tls, seed: { ...seed, connections: [connection] } });
  people = [...halo.state.users.keys()].slice(0, 4).map((id) => `person:${id}`);
});

afterAll(() => ended(halo));

const connect = (): HaloClient => clientOf(halo);
const wish = (sku: string, count: number, users?: string[]) =>
  licence.inputs.parse({ client: 12, sku, count, ...(users ? { users } : {}) });
const linksOf = (id: string): number[] =>
  [...halo.state.links.values()].filter((one) => String(one["licence_id"]) === id).map((one) => Number(one["user_id"]));

describe("H13: halo:Licence", () => {
  lifecycle({
    definition: licence,
    client: connect,
    asked: { client: 12, linked: ["SPE_F3"] },
    samples: () => ({
      create: { client: 12, sku: "SPE_F3", count: 10, users: people.slice(0, 2) },
      updates: {
        count: { client: 12, sku: "SPE_F3", count: 12, users: people.slice(0, 2) },
        users: { client: 12, sku: "SPE_F3", count: 12, users: people.slice(1, 4) },
      },
    }),
    missing: "999999",
  });

  it("providers-B1, middle-B1: a new licence beside an existing one adopts neither its id nor its row", async () => {
    const client = connect();
    halo.state.licences.set(907, { id: 907, client_id: 12, name: "Microsoft 365 F5", product_sku: "SPE_F5", count: 4, is_active: true });
    const live = await licence.list(client, { client: 12, linked: [] });
    const wished = [wish("SPE_F5", 4), wish("POWER_BI", 25)];
    // As stacks/prepare.ts hands it over: what matching found, by the key of the operation.
    const adopt = Object.fromEntries(
      wished.flatMap((one) => {
        const id = licence.find(live, one);
        return id === undefined ? [] : [[operationKey(licence, one), id]];
      }),
    );
    const run = {
      made: "2026-01-15T08:00:00Z",
      mode: "stock",
      people: { ad: {}, entra: {}, halo: {} },
      live: { "halo:Licence": live },
      adopt,
    };
    const session = {
      run: run as unknown as Run,
      folder: undefined,
      context: makeContext(run as unknown as Run, async () => []),
      beforeWrite: () => undefined,
    };
    const adapted = adapt({ ...(licence as unknown as Definition), client: async () => client }, async () => session);
    const made = [];
    for (const one of wished) made.push((await adapted.create(one)).id);
    expect(made[0]).toBe("907");
    expect(made[1]).not.toBe("907");
    expect(halo.state.licences.get(907)).toMatchObject({ product_sku: "SPE_F5", count: 4 });
  });

  it("takes one link away without the user's others", async () => {
    const client = connect();
    const one = await licence.create(client, wish("VISIO", 5, people.slice(0, 2)), context);
    const other = await licence.create(client, wish("PROJECT", 5, people.slice(0, 2)), context);
    await update(licence, client, one.id, wish("VISIO", 5, people.slice(1, 2)), wish("VISIO", 5), context);
    expect([linksOf(one.id).length, linksOf(other.id).length]).toEqual([1, 2]);
    // Where links are not managed they stay.
    await update(licence, client, one.id, wish("VISIO", 6), wish("VISIO", 5), context);
    expect(linksOf(one.id).length).toBe(1);
  });

  it("makes one, however the answer is lost, and takes an existing one over under the name it has", async () => {
    const client = connect();
    halo.faults.cutWrites = 1;
    const made = await licence.create(client, wish("SPE_F1", 3), context);
    expect([...halo.state.licences.values()].filter((one) => one["product_sku"] === "SPE_F1").map((one) => String(one["id"]))).toEqual([
      made.id,
    ]);
    const named = { id: 900, client_id: 12, name: "Microsoft 365 E5", product_sku: "SPE_E5", count: 1, is_active: true };
    halo.state.licences.set(900, named);
    expect(await licence.create(client, wish("SPE_E5", 7), context)).toEqual({ id: "900", outputs: { name: "Microsoft 365 E5" } });
    expect(halo.state.licences.get(900)).toMatchObject({ name: "Microsoft 365 E5", count: 7 });
  });

  it("does not write what Halo's own import keeps, nor one of two of the same SKU", async () => {
    const client = connect();
    halo.state.licences.set(901, { id: 901, client_id: 12, name: "E1", product_sku: "E1", count: 1, azure_connection_id: 3 });
    const written = halo.log.filter((entry) => entry.write).length;
    await expect(licence.create(client, wish("E1", 7), context)).rejects.toThrow(/Halo's own Entra import \(connection 3\) keeps it/u);
    halo.state.licences.set(902, { id: 902, client_id: 12, name: "E1", product_sku: "E1", count: 1 });
    await expect(licence.create(client, wish("E1", 7), context)).rejects.toThrow(/client 12 has 2 of that SKU/u);
    expect(halo.log.filter((entry) => entry.write).length).toBe(written);
  });

  it("providers-B7: somebody who is linked twice has it, and loses it wholly", async () => {
    const client = connect();
    const { id } = await licence.create(client, wish("TWICE", 3, people.slice(0, 2)), context);
    const [first] = linksOf(id);
    halo.state.links.set(70_001, { id: 70_001, licence_id: Number(id), user_id: first, count: 1 });
    expect(linksOf(id).filter((user) => user === first)).toHaveLength(2);
    await update(licence, client, id, wish("TWICE", 4, people.slice(0, 2)), wish("TWICE", 3, people.slice(0, 2)), context);
    expect(halo.state.licences.get(Number(id))?.["count"]).toBe(4);
    await update(licence, client, id, wish("TWICE", 4, []), wish("TWICE", 4, people.slice(0, 2)), context);
    expect(linksOf(id)).toEqual([]);
  });

  it("refuses to believe what Halo did not store", async () => {
    await expect(licence.create(connect(), wish("GHOST", 1, ["person:99999"]), context)).rejects.toThrow(RefusedError);
  });
});

describe("H13: Halo's own integrations", () => {
  const nothing: Writes = {
    ...{ licences: false, links: false, entraLicences: false, users: [], agents: [], usersMade: false, userRoles: false },
    ...{ agentsEnabled: false, agentRoles: false, agentTeams: false, seats: false, boards: false, peopleFromHalo: false },
  };
  const everything: Writes = {
    ...{ licences: true, links: true, entraLicences: true, users: ["title", "phonenumber"], agents: ["name", "email"], usersMade: true },
    ...{ userRoles: true, agentsEnabled: true, agentRoles: true, agentTeams: true, seats: true, boards: true, peopleFromHalo: true },
  };
  const said = async (settings: object, writes: Writes): Promise<string[]> => {
    const known = { id: 3, name: "Northwind", type: 0, halointegratorenabled: true, ...settings };
    halo.state.connections.splice(0, Number.POSITIVE_INFINITY, known);
    return doubleWrites(await readConnections(connect()), writes);
  };
  const import_ = "Halo's own Entra import (Northwind) writes";
  const end = "turn one of the two off";

  it("are read, and named where they write what haloform writes", async () => {
    const found = await readConnections(connect());
    const writes = { ...nothing, licences: true, entraLicences: true, users: ["title", "phonenumber"], peopleFromHalo: true };
    expect(doubleWrites(found, writes)).toEqual([`${import_} software licences too: ${end}`, `${import_} title of users too: ${end}`]);
    expect(doubleWrites(found, { ...nothing, entraLicences: true, peopleFromHalo: true })).toEqual([]);
    expect(await said({ type: 2, halointegratorenabled: false, allow_subscription_management: true }, writes)).toEqual([
      "Halo's CSP integration (Northwind) writes licences in Entra ID too: turn one of the two off",
    ]);
  });

  // halo-real-1.1: each writer of a connection by its own switch, against what haloform writes of the same.
  it.each<[what: string, settings: object, writes: Partial<Writes>, said: string[]]>([
    ["assign_licences", { assign_licences: true }, { entraLicences: true }, [`${import_} licences in Entra ID too: ${end}`]],
    ["manage_licenses", { manage_licenses: true }, { seats: true }, [`${import_} seats of agents too: ${end}`]],
    [
      "license_type of a role",
      { mappings_agent_roles: [{ id: 1, license_type: 2 }] },
      { seats: true },
      [`${import_} seats of agents too: ${end}`],
    ],
    ["deactivate_agents", { deactivate_agents: true }, { agentsEnabled: true }, [`${import_} whether agents are enabled too: ${end}`]],
    [
      "delta_deactivate_agents",
      { delta_deactivate_agents: 2 },
      { agentsEnabled: true },
      [`${import_} whether agents are enabled too: ${end}`],
    ],
    ["deactivate_users", { deactivate_users: true }, { usersMade: true }, [`${import_} whether users are active too: ${end}`]],
    ["delta_deactivate_users", { delta_deactivate_users: 1 }, { usersMade: true }, [`${import_} whether users are active too: ${end}`]],
    ["mappings_agent_roles", { mappings_agent_roles: [{ id: 1 }] }, { agentRoles: true }, [`${import_} roles of agents too: ${end}`]],
    ["roleid", { mappings_site: [{ id: 1, roleid: "a1b2" }] }, { agentRoles: true }, [`${import_} roles of agents too: ${end}`]],
    ["mappings_user_roles", { mappings_user_roles: [{ id: 1 }] }, { userRoles: true }, [`${import_} roles of users too: ${end}`]],
    [
      "userroleid",
      { mappings_site: [{ id: 1, roleid: "0", userroleid: 4 }] },
      { userRoles: true },
      [`${import_} roles of users too: ${end}`],
    ],
    ["mappings_cab", { mappings_cab: [{ id: 1 }] }, { boards: true }, [`${import_} members of change advisory boards too: ${end}`]],
    [
      "remove_missing_agents_from_team",
      { remove_missing_agents_from_team: true },
      { agentTeams: true },
      [`${import_} teams of agents too: ${end}`],
    ],
    [
      "createunmatchedusers",
      { createunmatchedusers: true },
      { usersMade: true },
      [`${import_} new users (it makes one of everybody whom it does not match) too: ${end}`],
    ],
  ])("halo-real-1.1: %s is said where haloform writes the same, and only there", async (_what, settings, writes, lines) => {
    expect(await said(settings, { ...nothing, ...writes })).toEqual(lines);
    expect(await said(settings, nothing)).toEqual([]);
    expect(await said({}, everything)).toEqual([]);
    // The nightly run is off: what Entra ID pushes runs all the same, and what nobody pushes is started by hand.
    expect(await said({ ...settings, halointegratorenabled: false, use_delta_queries: true }, { ...nothing, ...writes })).toEqual(lines);
    const byHand = await said({ ...settings, halointegratorenabled: false }, { ...nothing, ...writes });
    const always = "assign_licences" in settings;
    expect(byHand).toEqual(lines.map((line) => (always ? line : line.replace(`: ${end}`, ` whenever somebody starts it by hand: ${end}`))));
  });

  it("halo-real-1.1: seats of agents are no licences in Entra ID; links, tickets and deactivation are said for what they do", async () => {
    expect(
      await said({ manage_licenses: true, licensed_roles_list: [{ id: "a", name: "Service desk" }] }, { ...nothing, entraLicences: true }),
    ).toEqual([]);
    const none = { mappings_site: [{ id: 1, roleid: "0", userroleid: -1 }], mappings_agent_roles: [] };
    expect(await said(none, everything)).toEqual([]);
    expect(await said({ assign_licences: true }, { ...nothing, links: true })).toEqual([
      expect.stringMatching(/gives and takes licences in Entra ID as users of Halo are linked.*halo\.yaml licences\.link/u),
    ]);
    expect(await said({ reassign_tickets_for_inactive_agents: true }, { ...nothing, agentsEnabled: true })).toEqual([
      expect.stringContaining("hands over the open tickets of agents"),
    ]);
    const carried = [expect.stringContaining("one mistake in Entra ID would be carried on by both")];
    expect(
      await said(
        { delta_deactivate_users: 1, use_delta_queries: true, halointegratorenabled: false },
        { ...nothing, peopleFromHalo: true },
      ),
    ).toEqual(carried);
    expect(await said({ deactivate_users: true, halointegratorenabled: false }, { ...nothing, peopleFromHalo: true })).toEqual([]);
  });

  it("halo-real-1.1: the CSP integration and the Entra integration both on is said, whatever haloform writes", async () => {
    halo.state.connections.push({ id: 4, name: "Partner", type: 2, licence_import_type: 1 });
    halo.state.connections.splice(0, 1, { ...connection, licence_import_type: 2 });
    const both = doubleWrites(await readConnections(connect()), nothing);
    expect(both).toEqual([
      expect.stringMatching(/CSP integration \(Partner\) and Halo's own Entra import \(Northwind\) both keep licences/u),
    ]);
    halo.state.connections.splice(1, 1, { id: 4, name: "Partner", type: 2 });
    expect(doubleWrites(await readConnections(connect()), nothing)).toEqual([]);
  });
});

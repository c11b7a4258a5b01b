/**
 * Licences against the sandbox: Microsoft's side refuses what Microsoft refuses, and halo:Licence lives by Halo's contract
 * (../shared/contracts/halo-openapi.json, where that is there): a property or parameter it does not have fails the test.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../base/errors.ts";
import { connectHalo, type HaloClient } from "../../clients/halo/client.ts";
import { adapt } from "../../providers/core/adapter.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition } from "../../providers/core/definition.ts";
import { operationKey, type Run } from "../../providers/core/run.ts";
import { doubleWrites, readConnections } from "../../providers/halo/entra-import.ts";
import { licence } from "../../providers/halo/licence.ts";
import { haloContract } from "../../sandbox/contracts/halo.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { startHalo } from "../../sandbox/halo/server.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { certificates } from "../../sandbox/tls.ts";
import { memoryContext, update } from "./context.ts";
import { lifecycle } from "./lifecycle.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "haloform-licences-"));
const before = tls.getCACertificates("default");
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
  const { ca, tls: pair } = await certificates(folder);
  tls.setDefaultCACertificates([...before, readFileSync(ca, "utf8")]);
  const seed = organisation({ people: 20 }).halo;
  halo = await startHalo({
    tls: pair,
    seed: { ...seed, connections: [connection] },
    clients: [{ id: "haloform", secret: "invented", write: true, scopes: ["all"] }],
    tenant: "northwind",
    contract: haloContract(contracts),
  });
  people = [...halo.state.users.keys()].slice(0, 4).map((id) => `person:${id}`);
});

afterAll(async () => {
  expect([...halo.violations], "what Halo would have ignored in silence").toEqual([]);
  await halo.stop();
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

const connect = (): HaloClient => {
  let waited = 0;
  return connectHalo({ resourceServer: halo.url, clientId: "haloform", scope: "all", limit: 10_000, window: 300 }, "invented", {
    sleep: async (milliseconds) => void (waited += milliseconds),
    now: () => new Date(Date.now() + waited),
  });
};
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
  it("are read, and named where they write what haloform writes", async () => {
    const found = await readConnections(connect());
    expect(
      doubleWrites(found, { licences: true, entraLicences: true, users: ["title", "phonenumber"], agents: [], peopleFromHalo: true }),
    ).toEqual([
      "Halo's own Entra import (Northwind) writes software licences too: turn one of the two off",
      "Halo's own Entra import (Northwind) writes title of users too: turn one of the two off",
    ]);
    expect(doubleWrites(found, { licences: false, entraLicences: true, users: [], agents: [], peopleFromHalo: true })).toEqual([]);
    const csp = found.map((one) => ({
      ...one,
      type: 2,
      licence_import_type: 0,
      halointegratorenabled: false,
      allow_subscription_management: true,
    }));
    expect(doubleWrites(csp, { licences: true, entraLicences: true, users: ["title"], agents: [], peopleFromHalo: true })).toEqual([
      "Halo's CSP integration (Northwind) writes licences in Entra ID too: turn one of the two off",
    ]);
  });
});

/**
 * entra:Licence and entra:Group against the sandbox's Microsoft Graph, which has Graph's limits, licence rules and delays
 * and writes down what breaks the contract. Its judge is ../shared/contracts/graph-v1.0.csdl.xml, where that is there;
 * without it only the names and types of properties go unchecked.
 */

import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PendingError, RefusedError } from "../../base/errors.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { operations } from "../../clients/graph/permissions.ts";
import { group } from "../../providers/entra/group/group.ts";
import { groupProperties } from "../../providers/entra/group/read.ts";
import { licence } from "../../providers/entra/licence/licence.ts";
import { catalogueOf, skuLives } from "../../providers/entra/licence/skus.ts";
import { immutableIdOfGuid } from "../../providers/entra/user/find.ts";
import { userProperties } from "../../providers/entra/user/list.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankUser, failLicence, inherited, join as joinGroup, putUser, seedTenant, setDirect } from "../../sandbox/graph/state.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { principalName } from "../../sandbox/organisation/policy.ts";
import { trusted } from "../trusted.ts";
import { listed, memoryContext, update } from "./context.ts";
import { appWith, clientOf, tenantId } from "./graph.ts";
import { lifecycle } from "./lifecycle.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const pair = trusted();
const rights = (needed: "read" | "write"): string[] => [
  ...new Set(operations.filter((one) => needed === "write" || one.needed === "read").map((one) => one.permission)),
];
/** Their secrets are made for this run. */
const apps = [
  appWith(rights("write")),
  { id: "00000000-0000-4000-8000-0000000000bb", name: "preview", secret: crypto.randomUUID(), roles: rights("read") },
];
const model = csdl(contracts);
let graph: GraphServer;

const connect = ({ app = 0, syncWait = 0 } = {}): EntraClient => clientOf(graph, apps[app] ?? { id: "", secret: "" }, syncWait);

/** An account as Entra Connect would bring it. */
function user(name: string, more: object = {}): string {
  const row = blankUser(graph.state, {
    userPrincipalName: `${name}@corp.example.com`,
    displayName: name,
    mail: `${name}@corp.example.com`,
    ...more,
  });
  putUser(graph.state, row);
  return String(row["id"]);
}

const direct = (id: string): string[] =>
  (graph.state.direct.get(id) ?? []).map((one) => graph.state.skus.find((sku) => sku.id === one.skuId)?.partNumber ?? "").sort();
const skuId = (part: string): string => graph.state.skus.find((one) => one.partNumber === part)?.id ?? "";
const groupNamed = (name: string): string =>
  String([...graph.state.groups.current.values()].find((row) => row["displayName"] === name)?.["id"]);
const used = (part: string): number => graph.state.holders.get(skuId(part))?.size ?? 0;
const of = ["SPE_E3", "SPE_E5"];
const e3 = { sku: "SPE_E3", without: ["YAMMER_ENTERPRISE"] };
const wish = (person: string, more: object = {}) => licence.inputs.parse({ person, usageLocation: "GB", skus: [e3], of, ...more });
const contextOf = (client: EntraClient, accounts: Parameters<typeof memoryContext>[1] = {}, groups: readonly string[] = []) =>
  memoryContext(
    (type) => (type === "entra:Group" ? group.list(client, { members: groups, owners: [], licences: [] }) : listed(licence, client)),
    accounts,
  );

beforeAll(async () => {
  const { tenant, people } = organisation({ people: 250 });
  graph = await startGraph({ tls: pair, tenant: tenantId, apps, skus: tenant.skus, csdl: model });
  for (const person of people) user(person.email.split("@")[0] ?? "", { userPrincipalName: principalName(person), mail: person.email });
  seedTenant(graph.state, tenant);
});

afterEach(() => graph.faults.reset());

afterAll(async () => {
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
});

it.skipIf(model === undefined)(
  "asks for nothing that Graph's own CSDL does not have (skipped where ../shared/contracts is not there)",
  () => {
    expect(userProperties.filter((name) => !model?.property("user", name))).toEqual([]);
    expect(groupProperties.filter((name) => !model?.property("group", name))).toEqual([]);
  },
);

describe("a life in the sandbox's Graph", () => {
  let ada = "";
  lifecycle({
    definition: licence,
    client: () => connect(),
    samples: () => {
      ada = user("ada.life");
      return {
        create: { person: "900", usageLocation: "GB", skus: [e3], of },
        updates: {
          plans: { person: "900", usageLocation: "GB", skus: [{ sku: "SPE_E3", without: ["TEAMS1"] }], of },
          swap: { person: "900", usageLocation: "GB", skus: [{ sku: "SPE_E5", without: [] }], of },
          none: { person: "900", usageLocation: "GB", skus: [], of },
        },
      };
    },
    accounts: () => ({ entra: { "900": ada } }),
    missing: "00000000-0000-4000-8000-000000000000",
    fixed: ["of", "usageLocation"],
  });

  const ids: Record<string, string> = {};
  const members = (n: number) => Array.from({ length: n }, (_, i) => `person:${i}`);
  const groups = ["SG-Pilots", "SG-Harbour pilots"];
  lifecycle({
    definition: group,
    client: () => connect(),
    samples: () => {
      for (let i = 0; i < 45; i += 1) ids[String(i)] = user(`pilot${i}`);
      const base = { mode: "exact" as const, create: true };
      return {
        create: { ...base, name: "SG-Pilots", description: "Pilots", members: members(3) },
        updates: {
          many: { ...base, name: "SG-Pilots", description: "Pilots", members: members(45) },
          fewer: { ...base, name: "SG-Pilots", description: "Pilots", members: ["person:7", "person:44"] },
          description: { ...base, name: "SG-Pilots", description: "", members: ["person:7", "person:44"] },
          name: { ...base, name: "SG-Harbour pilots", description: "", members: ["person:7"] },
          nobody: { ...base, name: "SG-Harbour pilots", description: "", members: [] },
        },
      };
    },
    accounts: () => ({ entra: ids }),
    asked: { members: groups, owners: [], licences: [] },
    missing: "00000000-0000-4000-8000-000000000000",
    fixed: ["mode", "create"],
  });
});

describe("reading", () => {
  it("takes ⌈N / 999⌉ calls for users, groups and SKUs, and one more for 20 groups' members", async () => {
    const client = connect({ app: 1 });
    await licence.list(client, { properties: ["employeeId", "department"] });
    expect(client.calls()).toBe(2);
    await group.list(client, { members: ["SG-Intranet", "LIC-Visio"], owners: [], licences: [] });
    expect(client.calls()).toBe(4);
  });

  it("keeps apart what is direct and what comes through a group", async () => {
    const all = await listed(licence, connect({ app: 1 }));
    const office = groupNamed("LIC-Office");
    const through = all.filter((one) => (one.values["inherited"] as { group: string }[]).some((entry) => entry.group === office));
    expect(through.length).toBe(3);
    expect(through.every((one) => !(one.values["direct"] as { sku: string }[]).some((entry) => entry.sku === "SPE_E3"))).toBe(true);
  });

  it("reads the same through small and empty pages, 429 and 503", async () => {
    const read = (client: EntraClient) =>
      Promise.all([listed(licence, client), group.list(client, { members: ["SG-Intranet"], owners: [], licences: [] })]);
    const plain = await read(connect());
    Object.assign(graph.faults, { shrinkPages: 40, throttled: 2, retryAfter: 0.5, failing: 2 });
    expect(await read(connect())).toEqual(plain);
    Object.assign(graph.faults, { shrinkPages: 3, emptyPages: 2 });
    expect(await group.list(connect(), { members: ["SG-Intranet"], owners: [], licences: [] })).toEqual(plain[1]);
  });

  it("needs no right to write, and names the right it lacks", async () => {
    const client = connect({ app: 1 });
    const id = user("rights", { usageLocation: "GB" });
    await expect(licence.create(client, wish("950"), contextOf(client, { entra: { "950": id } }))).rejects.toThrow(
      /LicenseAssignment\.ReadWrite\.All/u,
    );
    const names = contextOf(client, { entra: { "950": id } });
    await expect(group.create(client, group.inputs.parse({ name: "SG-Rights", members: [] }), names)).rejects.toThrow(
      /Group\.ReadWrite\.All/u,
    );
  });
});

describe("licences", () => {
  it("parks exactly the one for whom there is no seat", async () => {
    const client = connect();
    const ids = Array.from({ length: 6 }, (_, i) => user(`seat${i}`, { usageLocation: "GB" }));
    graph.faults.seats = { SPE_E5: used("SPE_E5") + 5 };
    const context = contextOf(client, { entra: Object.fromEntries(ids.map((id, i) => [`seat${i}`, id])) });
    const results = await Promise.allSettled(
      ids.map((_, i) => licence.create(client, wish(`seat${i}`, { skus: [{ sku: "SPE_E5", without: [] }] }), context)),
    );
    const refused = results.filter((one) => one.status === "rejected");
    expect(refused.length).toBe(1);
    expect(refused[0]?.reason).toBeInstanceOf(RefusedError);
    expect(String(refused[0]?.reason.message)).toMatch(/no free SPE_E5 licence \(owned \d+, used \d+\); buy or free one/u);
    expect(ids.filter((id) => direct(id).includes("SPE_E5")).length).toBe(5);
  });

  it("swaps at full stock in one call, without losing what the mapping does not own", async () => {
    const client = connect();
    const id = user("swapper", { usageLocation: "GB" });
    setDirect(graph.state, id, [
      { skuId: skuId("SPE_E3"), disabledPlans: [] },
      { skuId: skuId("POWER_BI_STANDARD"), disabledPlans: [] },
    ]);
    graph.faults.seats = { SPE_E5: used("SPE_E5") + 1, SPE_E3: used("SPE_E3") };
    const context = contextOf(client, { entra: { swap: id } });
    const posts = () => graph.log.filter((entry) => entry.path.endsWith(`/users/${id}/assignLicense`)).length;
    const wished = wish("swap", { skus: [{ sku: "SPE_E5", without: [] }] });
    await update(licence, client, id, wished, wish("swap"), context);
    expect(direct(id)).toEqual(["POWER_BI_STANDARD", "SPE_E5"]);
    expect(posts()).toBe(1);
    // The same again, from a new read: nothing to do.
    context.refresh();
    const calls = client.calls();
    await update(licence, client, id, wished, wished, context);
    expect([posts(), client.calls() - calls]).toEqual([1, 1]);
  });

  it("counts a licence of a group as had, and leaves it where nobody wishes it", async () => {
    const client = connect();
    const id = user("through", { usageLocation: "GB" });
    joinGroup(graph.state, groupNamed("LIC-Office"), id);
    const context = contextOf(client, { entra: { through: id } });
    const made = await licence.create(client, wish("through"), context);
    expect(made.outputs).toEqual({ userPrincipalName: "through@corp.example.com", inherited: ["SPE_E3"] });
    await update(licence, client, id, wish("through", { skus: [] }), wish("through"), context);
    expect(direct(id)).toEqual([]);
    expect(inherited(graph.state, id).length).toBe(1);
  });

  it("says why plans cannot be as wished", async () => {
    const client = connect();
    const id = user("plans", { usageLocation: "GB" });
    const context = contextOf(client, { entra: { plans: id } });
    const create = (skus: object[]) => licence.create(client, wish("plans", { skus }), context);
    await expect(create([{ sku: "SPE_E3", without: ["SHAREPOINTENTERPRISE"] }])).rejects.toThrow(/depends on the service.*switch off/u);
    await expect(create([{ sku: "SPE_E3" }, { sku: "SPE_E5" }])).rejects.toThrow(/mutually exclusive.*switch off/u);
    await expect(create([{ sku: "SPE_E33" }])).rejects.toThrow(/did you mean SPE_E3\?/u);
    await expect(
      licence.create(
        client,
        licence.inputs.parse({ person: "plans", skus: [e3], of }),
        contextOf(client, { entra: { plans: user("nowhere") } }),
      ),
    ).rejects.toThrow(/usage location/u);
    expect(direct(id)).toEqual([]);
  });

  it("A9: a suspended subscription gives nobody a seat, and takes nothing from those who have one", async () => {
    const client = connect();
    const [has = "", wants = ""] = [user("retired1", { usageLocation: "GB" }), user("retired2", { usageLocation: "GB" })];
    setDirect(graph.state, has, [{ skuId: skuId("SPE_E3"), disabledPlans: [] }]);
    graph.faults.skuStates = { SPE_E3: "Suspended" };
    const context = contextOf(client, { entra: { has, wants } });
    await expect(licence.create(client, wish("wants"), context)).rejects.toThrow(/no free SPE_E3 licence \(owned 0, used/u);
    const asked = graph.log.filter((entry) => entry.path.endsWith("/assignLicense")).length;
    await licence.create(client, wish("has", { skus: [{ sku: "SPE_E3", without: [] }] }), context);
    expect(graph.log.filter((entry) => entry.path.endsWith("/assignLicense")).length).toBe(asked);
    expect(direct(has)).toEqual(["SPE_E3"]);
    expect(skuLives(await catalogueOf.again(client)).find((one) => one.values["name"] === "SPE_E3")?.values).toMatchObject({
      owned: 0,
      state: "Suspended",
    });
  });

  it("A9: a group's licence that failed is on record with its error, gives nothing, and is never removed directly", async () => {
    const client = connect();
    const id = user("failed", { usageLocation: "GB" });
    const office = groupNamed("LIC-Office");
    joinGroup(graph.state, office, id);
    const before = used("SPE_E3");
    failLicence(graph.state, id, office, skuId("SPE_E3"), "CountViolation");
    expect(used("SPE_E3")).toBe(before - 1);
    const live = await licence.get(client, id);
    expect(live?.values["inherited"]).toEqual([{ sku: "SPE_E3", group: office, error: "CountViolation" }]);
    await update(licence, client, id, wish("failed", { skus: [] }), wish("failed"), contextOf(client, { entra: { failed: id } }));
    expect(inherited(graph.state, id).map((one) => one.error)).toEqual(["CountViolation"]);
  });

  it("waits for Entra Connect as long as it may, else is pending", async () => {
    const guid = "8f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0";
    const context = contextOf(connect(), { ad: { late: guid } });
    await expect(licence.create(connect(), wish("late"), context)).rejects.toThrow(PendingError);
    const waiting = licence.create(connect({ syncWait: 100 }), wish("late"), context);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const id = user("late", { onPremisesSyncEnabled: true, onPremisesImmutableId: immutableIdOfGuid(guid) });
    expect((await waiting).id).toBe(id);
    expect(direct(id)).toEqual(["SPE_E3"]);
    expect(context.account("entra", "late")).toBe(id);
  });

  it.each([
    ["lost answers", { cutWrites: 2 }],
    ["lost requests", { dropWrites: 2 }],
    ["429 inside the batch", { throttledInside: 7, retryAfter: 0.3 }],
    ["replication", { lag: 40 }],
  ])("comes through %s", async (name, faults) => {
    const client = connect();
    const tag = name.replaceAll(" ", "-");
    const ids = Array.from({ length: 25 }, (_, i) => user(`${tag}${i}`));
    for (const id of ids.slice(0, 5)) {
      putUser(graph.state, { ...graph.state.users.current.get(id), usageLocation: "GB" });
      setDirect(graph.state, id, [{ skuId: skuId("SPE_E5"), disabledPlans: [] }]);
    }
    const context = contextOf(client, { entra: Object.fromEntries(ids.map((id, i) => [`${tag}${i}`, id])) });
    await context.live("entra:Licence");
    Object.assign(graph.faults, faults);
    const results = await Promise.allSettled(
      ids.map((id, i) => update(licence, client, id, wish(`${tag}${i}`), wish(`${tag}${i}`, { skus: [] }), context)),
    );
    expect(results.filter((one) => one.status === "rejected").map((one) => String(one.reason))).toEqual([]);
    expect(ids.every((id) => direct(id).join() === "SPE_E3")).toBe(true);
    for (const id of ids) setDirect(graph.state, id, []);
  });

  it("makes 100 changes in about a twentieth of the calls", async () => {
    const client = connect();
    const ids = Array.from({ length: 100 }, (_, i) => user(`many${i}`, { usageLocation: "GB" }));
    graph.faults.seats = { SPE_E3: 10_000 };
    const context = contextOf(client);
    await context.live("entra:Licence");
    const calls = client.calls();
    await Promise.all(ids.map((id, i) => update(licence, client, id, wish(`many${i}`), wish(`many${i}`, { skus: [] }), context)));
    expect(client.calls() - calls).toBe(5);
    for (const id of ids) setDirect(graph.state, id, []);
  });
});

describe("groups", () => {
  it("is made once, however its making is cut short, and while replicas lag behind", async () => {
    const ids = Array.from({ length: 30 }, (_, i) => user(`cut${i}`));
    const wished = group.inputs.parse({ name: "SG-Night crew & Ö", members: ids.map((_, i) => `person:cut${i}`) });
    const accounts = { entra: Object.fromEntries(ids.map((id, i) => [`cut${i}`, id])) };
    Object.assign(graph.faults, { cutWrites: 3, lag: 60 });
    const client = connect();
    // Both runs listed the groups before it was there.
    const first = await group.create(
      client,
      wished,
      memoryContext(async () => [], accounts),
    );
    const second = await group.create(
      client,
      wished,
      memoryContext(async () => [], accounts),
    );
    expect(second.id).toBe(first.id);
    expect([...graph.state.groups.current.values()].filter((row) => row["displayName"] === wished.name).length).toBe(1);
    expect(graph.state.members.of(first.id).sort()).toEqual([...ids].sort());
  });

  it.each([
    ["SYNC-Printers", /synchronised from Active Directory/u],
    ["DYN-Engineering", /follow a rule/u],
  ])("does not write to %s", async (name, message) => {
    const client = connect();
    const writes = graph.log.filter((entry) => entry.write).length;
    await expect(group.create(client, group.inputs.parse({ name, members: [] }), contextOf(client, {}, [name]))).rejects.toThrow(message);
    expect(graph.log.filter((entry) => entry.write).length).toBe(writes);
  });

  it("in additive mode leaves others alone", async () => {
    const client = connect();
    const [one = "", other = ""] = [user("guest1"), user("guest2")];
    const before = graph.state.members.of(groupNamed("SG-Intranet")).length;
    const accounts = { entra: { one, other } };
    const wished = (members: string[]) => group.inputs.parse({ name: "SG-Intranet", mode: "additive", members });
    const context = contextOf(client, accounts, ["SG-Intranet"]);
    const made = await group.create(client, wished(["person:one", "person:other"]), context);
    expect(graph.state.members.of(made.id).length).toBe(before + 2);
    context.refresh();
    const live = (await context.liveById("entra:Group")).get(made.id);
    if (!live) throw new Error("no SG-Intranet");
    const next = wished(["person:other"]);
    await update(group, client, made.id, next, group.view(live, next, made.outputs, context), context);
    expect(graph.state.members.of(made.id).length).toBe(before + 1);
    expect(graph.state.members.has(made.id, one)).toBe(false);
  });

  it("never addresses a member itself", () => {
    const deletes = graph.log.filter((entry) => entry.method === "DELETE");
    expect(deletes.length).toBeGreaterThan(40);
    expect(deletes.every((entry) => entry.path.endsWith("/$ref"))).toBe(true);
  });
});

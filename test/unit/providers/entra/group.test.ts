import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import type { EntraClient } from "../../../../clients/graph/client.ts";
import { group } from "../../../../providers/entra/group/group.ts";
import { type GroupInputs, type GroupOutputs, uniqueNameOf } from "../../../../providers/entra/group/inputs.ts";
import { immutableIdOfGuid } from "../../../../providers/entra/user/find.ts";
import { type MemoryContext, memoryContext, update as updateById } from "../../../contract/context.ts";
import { fakeClock, type GraphServer, graphProblem, startGraphServer } from "../../clients/graph/graph-server.ts";
import { makeTenant, type Tenant } from "./tenant.ts";

let graph: GraphServer;
let tenant: Tenant;
let client: EntraClient;
beforeAll(async () => {
  graph = await startGraphServer();
});
afterAll(() => graph.close());
beforeEach(() => {
  tenant = makeTenant();
  Object.assign(tenant, { origin: graph.origin });
  graph.script = (request) => tenant.script(request);
  graph.outer = [];
  graph.inner = [];
  client = graph.client({ clock: fakeClock() });
  for (let i = 0; i < 60; i += 1) tenant.user({ id: `u${i}` });
});

const wish = (values: Partial<GroupInputs> = {}): GroupInputs =>
  group.inputs.parse({ name: "SG-Intranet", members: ["person:1", "person:2"], ...values });
const people = (n: number): { [key: string]: string } => Object.fromEntries(Array.from({ length: n }, (_, i) => [String(i), `u${i}`]));
const contextOf = (accounts: Parameters<typeof memoryContext>[1] = { entra: people(60) }): MemoryContext =>
  memoryContext(() => group.list(client, { members: ["SG-Intranet"], owners: [], licences: [] }), accounts);
const writes = (): string[] =>
  [...graph.outer.filter((one) => one.path !== "/v1.0/$batch"), ...graph.inner]
    .filter((one) => one.method !== "GET")
    .map((one) => `${one.method} ${one.path}`);
const existing = (members: string[], more: object = {}): void =>
  void tenant.groups.set("g1", { id: "g1", displayName: "SG-Intranet", securityEnabled: true, mailEnabled: false, members, ...more });

/** What the adapter does: view, then update when something differs. */
async function update(inputs: GroupInputs, outputs: Values = {}, context = contextOf()): Promise<GroupOutputs> {
  const live = (await context.liveById("entra:Group")).get("g1");
  if (!live) throw new Error("no such group");
  return updateById(group, client, "g1", inputs, group.view(live, inputs, outputs, context), context);
}

describe("reading", () => {
  it("reads members only of the groups named, in batches, all pages", async () => {
    for (let i = 0; i < 30; i += 1) tenant.groups.set(`x${i}`, { id: `x${i}`, displayName: `Group ${i}`, members: ["u1"] });
    existing(Array.from({ length: 25 }, (_, i) => `u${i}`));
    tenant.page = 20;
    const all = await group.list(client, { members: ["sg-intranet", "Group 3"], owners: [], licences: [] });
    expect(all.find((one) => one.id === "g1")?.values["members"]).toEqual(Array.from({ length: 25 }, (_, i) => `u${i}`).sort());
    expect(all.find((one) => one.id === "x3")?.values["members"]).toEqual(["u1"]);
    expect("members" in (all.find((one) => one.id === "x4")?.values ?? {})).toBe(false);
    expect(client.calls()).toBe(2 + 2);
  });
});

describe("making", () => {
  it("makes a missing group once, whatever happens in between", async () => {
    const made = await group.create(client, wish({ description: "Readers" }), contextOf());
    const [created] = [...tenant.groups.values()];
    expect(created).toMatchObject({
      id: made.id,
      displayName: "SG-Intranet",
      uniqueName: "haloform-sg-intranet",
      mailNickname: "haloform-sg-intranet",
      mailEnabled: false,
      securityEnabled: true,
      description: "Readers",
      members: ["u1", "u2"],
    });
    expect(made.outputs).toEqual({ resolved: { "person:1": "u1", "person:2": "u2" }, waiting: [] });
    // The list of the next run may be older than the group: uniqueName finds it all the same.
    const blind = memoryContext(async () => [], { entra: people(3) });
    created?.members.push("u9");
    expect((await group.create(client, wish(), blind)).id).toBe(made.id);
    expect(created?.members).toEqual(["u1", "u2"]);
    expect(tenant.groups.size).toBe(1);
  });

  it("finishes the group of this name that is there", async () => {
    existing(["u1", "u9"]);
    const made = await group.create(client, wish(), contextOf());
    expect(made.id).toBe("g1");
    expect(tenant.groups.get("g1")?.members.sort()).toEqual(["u1", "u2"]);
  });

  it("refuses two of one name, and none where it must exist", async () => {
    await expect(group.create(client, wish({ create: false }), contextOf())).rejects.toThrow(/none of this name/u);
    existing([]);
    tenant.groups.set("g2", { id: "g2", displayName: "sg-intranet", members: [] });
    await expect(group.create(client, wish(), contextOf())).rejects.toThrow(/2 have this name \(g1, g2\)/u);
    expect(writes()).toEqual([]);
  });

  it.each([
    ["Sales", "haloform-sales"],
    ["SG-Intranet", "haloform-sg-intranet"],
    ["Sales & Öl", /^haloform-sales-o-l-[0-9a-f]{8}$/u],
    ["販売", /^haloform-[0-9a-f]{8}$/u],
    ["x".repeat(256), /^haloform-x{40}-[0-9a-f]{8}$/u],
  ])("gives %s the key %s", (name, key) => {
    expect(uniqueNameOf(name)).toMatch(typeof key === "string" ? new RegExp(`^${key}$`, "u") : key);
    expect(uniqueNameOf(name)).toMatch(/^[a-z0-9-]{1,64}$/u);
  });
});

describe("members", () => {
  it("adds 20 a request, removes in batches, both addressed as references", async () => {
    existing(Array.from({ length: 22 }, (_, i) => `u${i + 38}`));
    await update(wish({ members: Array.from({ length: 38 }, (_, i) => `person:${i}`) }));
    expect(tenant.groups.get("g1")?.members.sort()).toEqual(Array.from({ length: 38 }, (_, i) => `u${i}`).sort());
    expect(writes().filter((one) => one.startsWith("PATCH")).length).toBe(2);
    const removals = writes().filter((one) => one.startsWith("DELETE"));
    expect(removals.length).toBe(22);
    expect(removals.every((one) => /^DELETE \/v1\.0\/groups\/g1\/members\/u\d+\/\$ref$/u.test(one))).toBe(true);
    const bind = graph.inner.find((one) => one.method === "PATCH")?.body as { "members@odata.bind": string[] };
    expect(bind["members@odata.bind"][0]).toBe(`${graph.origin}/v1.0/directoryObjects/u0`);
  });

  it("falls back to single adds where one of the 20 is there already, and takes that for success", async () => {
    existing([]);
    const context = contextOf();
    await context.live("entra:Group");
    tenant.groups.get("g1")?.members.push("u5");
    await update(wish({ members: Array.from({ length: 8 }, (_, i) => `person:${i}`) }), {}, context);
    expect(tenant.groups.get("g1")?.members.sort()).toEqual(Array.from({ length: 8 }, (_, i) => `u${i}`));
    expect(writes().filter((one) => one.startsWith("POST")).length).toBe(8);
  });

  it("adds and removes the others when one cannot be, and then says which", async () => {
    existing(["u9"]);
    await expect(update(wish({ members: ["person:1", "id:ghost", "person:2"] }))).rejects.toThrow(
      /^Could not add ghost to the group SG-Intranet: .*does not exist/u,
    );
    expect(tenant.groups.get("g1")?.members.sort()).toEqual(["u1", "u2"]);
  });

  it("takes a member who is gone already for removed", async () => {
    existing(["u1", "u2", "u9"]);
    const context = contextOf();
    await context.live("entra:Group");
    existing(["u1", "u2"]);
    await update(wish(), {}, context);
    expect(tenant.groups.get("g1")?.members).toEqual(["u1", "u2"]);
  });

  it("waits until a fresh group is known everywhere", async () => {
    let refusals = 3;
    tenant.instead = (request) =>
      request.inner && request.method === "PATCH" && refusals-- > 0
        ? graphProblem(
            404,
            "Request_ResourceNotFound",
            "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
          )
        : undefined;
    await group.create(client, wish(), contextOf());
    expect([...tenant.groups.values()][0]?.members).toEqual(["u1", "u2"]);
    expect(writes().some((one) => one.startsWith("POST"))).toBe(false);
  });

  it("lets somebody who comes later in the run join when announced", async () => {
    existing(["u1"]);
    const context = contextOf({ entra: { "1": "u1" } });
    const outputs = await update(wish(), {}, context);
    expect(outputs).toEqual({ resolved: { "person:1": "u1" }, waiting: ["person:2"] });
    context.announce("entra", "2", "u2");
    await context.settle();
    expect(tenant.groups.get("g1")?.members).toEqual(["u1", "u2"]);
  });

  it("finds somebody whom Entra Connect has brought", async () => {
    const guid = "8f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0";
    tenant.user({ id: "synced", onPremisesImmutableId: immutableIdOfGuid(guid) });
    existing(["u1"]);
    const outputs = await update(wish(), {}, contextOf({ entra: { "1": "u1" }, ad: { "2": guid } }));
    expect(outputs.resolved).toEqual({ "person:1": "u1", "person:2": "synced" });
  });
});

describe("view", () => {
  it("shows people as people, by the run or by the last outputs, and others by id", async () => {
    existing(["u1", "u2", "u7"]);
    const context = contextOf({ entra: { "1": "u1" } });
    const [live] = await context.live("entra:Group");
    if (!live) throw new Error("none");
    const outputs = { resolved: { "person:2": "u2" }, waiting: [] };
    expect(group.view(live, wish(), outputs, context).members).toEqual(["id:u7", "person:1", "person:2"]);
    expect(group.computed(live, wish(), context, outputs)).toEqual({ resolved: { "person:1": "u1", "person:2": "u2" }, waiting: [] });
    // Somebody no longer wished whom the run does not know is removed by id.
    await updateById(
      group,
      client,
      "g1",
      wish({ members: ["person:1"] }),
      group.view(live, wish({ members: ["person:1"] }), outputs, context),
      context,
    );
    expect(tenant.groups.get("g1")?.members).toEqual(["u1"]);
  });

  it("in additive mode shows and removes only whom haloform put there", async () => {
    existing(["u1", "u2", "u7"]);
    const outputs = { resolved: { "person:1": "u1", "person:2": "u2" }, waiting: [] };
    await update(wish({ mode: "additive", members: ["person:1", "person:3"] }), outputs);
    expect(tenant.groups.get("g1")?.members.sort()).toEqual(["u1", "u3", "u7"]);
  });

  it("does not take unread members for none", async () => {
    tenant.groups.set("g1", { id: "g1", displayName: "Old name", members: ["u1"] });
    const context = contextOf();
    const [live] = await context.live("entra:Group");
    if (!live) throw new Error("none");
    expect(group.view(live, wish(), {}, context)).toMatchObject({ name: "Old name", members: ["person:1", "person:2"] });
    await update(wish(), {}, context);
    expect(tenant.groups.get("g1")?.displayName).toBe("SG-Intranet");
  });

  it("manages a description only when the mapping has one, and clears it by null", async () => {
    existing(["u1", "u2"], { description: "by hand" });
    await update(wish());
    expect(writes()).toEqual([]);
    await update(wish({ description: "" }));
    expect(graph.outer.find((one) => one.method === "PATCH")?.body).toEqual({ description: null });
  });
});

describe("refusing", () => {
  it.each([
    [{ onPremisesSyncEnabled: true }, /synchronised from Active Directory/u],
    [{ groupTypes: ["DynamicMembership"] }, /follow a rule/u],
    [{ isAssignableToRole: true }, /Entra roles/u],
    [{ mailEnabled: true, groupTypes: [] }, /only Exchange/u],
  ])("does not write to a group with %j", async (values, message) => {
    existing(["u9"], values);
    await expect(update(wish())).rejects.toThrow(message);
    await expect(group.create(client, wish(), contextOf())).rejects.toThrow(message);
    expect(writes()).toEqual([]);
  });
});

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntraClient } from "../../clients/graph/client.ts";
import { operations } from "../../clients/graph/permissions.ts";
import { unitProperties } from "../../providers/entra/administrative-unit/read.ts";
import { administrativeUnit } from "../../providers/entra/administrative-unit/unit.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { putUnit, unitsOf } from "../../sandbox/graph/administrative-units.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankGroup, blankUser, putUser } from "../../sandbox/graph/state.ts";
import { trusted } from "../trusted.ts";
import { memoryContext, update } from "./context.ts";
import { appWith, clientOf, tenantId } from "./graph.ts";
import { lifecycle } from "./lifecycle.ts";

const pair = trusted();
const roles = [...new Set(operations.map((one) => one.permission))];
const app = appWith(roles);
const model = csdl(fileURLToPath(new URL("../../../shared/contracts", import.meta.url)));
const missing = "00000000-0000-4000-8000-000000000000";
let graph: GraphServer;
const people: Record<string, string> = {};

const connect = (): EntraClient => clientOf(graph, app);

const writes = (): number => graph.log.filter((entry) => entry.write).length;
const idOf = (key: number): string => people[String(key)] ?? "";
const refs = (n: number): string[] => Array.from({ length: n }, (_, i) => `person:${i}`);
const membersOf = (id: string): string[] => [...(unitsOf(graph.state).members.get(id) ?? [])].sort();
const wish = (name: string, members: string[], more: object = {}) => administrativeUnit.inputs.parse({ name, members, ...more });
const contextOf = (client: EntraClient, members: string[] = [], accounts = people) =>
  memoryContext(() => administrativeUnit.list(client, { members }), { entra: accounts });
const live = async (client: EntraClient, name: string) =>
  (await administrativeUnit.list(client, { members: [name] })).filter((one) => one.values["name"] === name);

beforeAll(async () => {
  graph = await startGraph({ tls: pair, tenant: tenantId, apps: [app], skus: [], csdl: model });
  for (let i = 0; i < 45; i += 1) {
    const row = blankUser(graph.state, { userPrincipalName: `p${i}@corp.example.com`, displayName: `P ${i}` });
    putUser(graph.state, row);
    people[String(i)] = String(row["id"]);
  }
});

afterAll(async () => {
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
});

it.skipIf(model === undefined)("asks for nothing that Graph's CSDL does not have (skipped where ../shared/contracts is not there)", () => {
  expect(unitProperties.filter((name) => !model?.property("administrativeUnit", name))).toEqual([]);
});

describe("lives in the sandbox's Graph", () => {
  const first = { name: "Deck", description: "Everybody afloat", mode: "exact" as const, members: refs(3), create: true };
  lifecycle({
    definition: administrativeUnit,
    client: connect,
    samples: () => ({
      create: first,
      updates: {
        more: { ...first, members: refs(45) },
        fewer: { ...first, members: ["person:7", "person:44"] },
        rest: { ...first, name: "Deck crew", description: "", members: [] },
      },
    }),
    accounts: () => ({ entra: people }),
    asked: { members: ["deck", "Deck crew"] },
    missing,
    fixed: ["mode", "create"],
  });
});

describe("administrative units", () => {
  it("take in those whose accounts are made later in the same run", async () => {
    const client = connect();
    const { "9": later = "", ...known } = people;
    const context = contextOf(client, [], known);
    const { id, outputs } = await administrativeUnit.create(client, wish("Late", ["person:8", "person:9"]), context);
    expect(outputs).toEqual({ resolved: { "person:8": idOf(8) }, waiting: ["person:9"] });
    expect(membersOf(id)).toEqual([idOf(8)]);
    context.announce("entra", "9", later);
    await context.settle();
    expect(membersOf(id)).toEqual([idOf(8), later].sort());
  });

  it("of additive mode keep whom somebody else put in, and lose whom haloform put in and nobody wants any more", async () => {
    const client = connect();
    const id = putUnit(graph.state, { displayName: "Additive" }, [idOf(1)]);
    const context = contextOf(client, ["Additive"]);
    const both = wish("Additive", ["person:2", "person:3"], { mode: "additive" });
    const { outputs } = await administrativeUnit.create(client, both, context);
    context.refresh();
    const [there] = await live(client, "Additive");
    if (!there) throw new Error("no unit");
    expect(administrativeUnit.view(there, both, outputs, context)).toEqual(both);
    const one = wish("Additive", ["person:3"], { mode: "additive" });
    await update(administrativeUnit, client, id, one, both, context, outputs);
    expect(membersOf(id)).toEqual([idOf(1), idOf(3)].sort());
  });

  it("keep their groups and devices, which are not shown, whatever is wished of the people", async () => {
    const client = connect();
    const group = blankGroup(graph.state, { displayName: "SG-Deck", mailNickname: "deck" });
    graph.state.groups.put(String(group["id"]), group);
    const others = [String(group["id"]), "11111111-2222-4333-8444-555555555555"];
    const id = putUnit(graph.state, { displayName: "Mixed" }, [...others, idOf(1)]);
    const [there] = await live(client, "Mixed");
    expect(there?.values["members"]).toEqual([idOf(1)]);
    await administrativeUnit.create(client, wish("Mixed", []), contextOf(client, ["Mixed"]));
    expect(membersOf(id)).toEqual(others.sort());
  });

  it("that somebody else has filled meanwhile end as they are wished: in already, out already", async () => {
    const client = connect();
    const id = putUnit(graph.state, { displayName: "Meanwhile" }, [idOf(1), idOf(2)]);
    const context = contextOf(client, ["Meanwhile"]);
    await context.live("entra:AdministrativeUnit");
    unitsOf(graph.state).members.set(id, [idOf(3)]);
    await administrativeUnit.create(client, wish("Meanwhile", ["person:3", "person:4"]), context);
    expect(membersOf(id)).toEqual([idOf(3), idOf(4)].sort());
  });

  it("made since the list was read are found, not made a second time", async () => {
    const client = connect();
    const context = contextOf(client);
    await context.live("entra:AdministrativeUnit");
    const id = putUnit(graph.state, { displayName: "O'Hara's" });
    expect((await administrativeUnit.create(client, wish("O'Hara's", ["person:1"]), context)).id).toBe(id);
    expect(await live(client, "O'Hara's")).toHaveLength(1);
  });

  it.each([
    ["Restricted", { isMemberManagementRestricted: true }, /its management is restricted.*by hand, or name another$/u],
    ["Dynamic", { membershipType: "Dynamic", membershipRule: '(user.department -eq "Deck")' }, /follow a rule in Entra ID/u],
  ])("that are not haloform's to change are refused before anything is sent: %s", async (name, row, message) => {
    const client = connect();
    const id = putUnit(graph.state, { displayName: name, ...row }, [idOf(1)]);
    const sent = writes();
    const context = contextOf(client, [name]);
    await expect(administrativeUnit.create(client, wish(name, ["person:2"]), context)).rejects.toThrow(message);
    await expect(update(administrativeUnit, client, id, wish(name, []), wish(name, ["person:1"]), context)).rejects.toThrow(message);
    expect(writes()).toBe(sent);
  });

  it("of which two have the name, or none and none may be made, are refused", async () => {
    const client = connect();
    for (const displayName of ["Twice", "twice"]) putUnit(graph.state, { displayName });
    await expect(administrativeUnit.create(client, wish("Twice", []), contextOf(client))).rejects.toThrow(/2 have this name/u);
    await expect(administrativeUnit.create(client, wish("Nowhere", [], { create: false }), contextOf(client))).rejects.toThrow(
      /set `create: true` in mappings\/entra\.yaml/u,
    );
  });

  it("are told what permission is missing", async () => {
    const client = connect();
    const all = app.roles;
    app.roles = all.filter((one) => one !== "AdministrativeUnit.ReadWrite.All");
    try {
      await expect(administrativeUnit.create(client, wish("Forbidden", []), contextOf(client))).rejects.toThrow(
        /to create an administrative unit the app needs the application permission AdministrativeUnit\.ReadWrite\.All/u,
      );
    } finally {
      app.roles = all;
    }
  });
});

describe("what the sandbox's Graph refuses as the real one does", () => {
  const send = async (method: "POST" | "PATCH" | "DELETE", path: string, body?: object) => {
    const answer = await connect().submit({
      method,
      path: `/directory/administrativeUnits${path}`,
      ...(body ? { body } : {}),
      repeatable: false,
    });
    return `${answer.status} ${(answer.body as { error?: { message?: string } } | undefined)?.error?.message ?? ""}`;
  };
  const member = (id: string) => ({ "@odata.id": `${graph.url}/v1.0/directoryObjects/${id}` });

  it("members twice or unknown, units unknown, restricted or dynamic, a flag that never changes, a name too long", async () => {
    const plain = putUnit(graph.state, { displayName: "Plain" }, [idOf(1)]);
    expect(await send("POST", `/${plain}/members/$ref`, member(idOf(2)))).toMatch(/^204/u);
    expect(await send("POST", `/${plain}/members/$ref`, member(idOf(2)))).toMatch(/^400 .*already exist/u);
    expect(await send("POST", `/${plain}/members/$ref`, member(missing))).toMatch(/^404/u);
    expect(await send("DELETE", `/${plain}/members/${idOf(5)}/$ref`)).toMatch(/^400 .*do not exist/u);
    expect(await send("PATCH", `/${missing}`, { description: "x" })).toMatch(/^404/u);
    expect(await send("PATCH", `/${plain}`, { isMemberManagementRestricted: true })).toMatch(/^400 .*immutable/u);
    expect(await send("PATCH", `/${plain}`, { displayName: "x".repeat(257) })).toMatch(/^400 .*displayName/u);
    expect(await send("POST", "", { description: "no name" })).toMatch(/^400 .*displayName/u);
    const restricted = putUnit(graph.state, { displayName: "R", isMemberManagementRestricted: true }, [idOf(1)]);
    expect(await send("POST", `/${restricted}/members/$ref`, member(idOf(2)))).toMatch(/^403/u);
    expect(await send("DELETE", `/${restricted}/members/${idOf(1)}/$ref`)).toMatch(/^403/u);
    const dynamic = putUnit(graph.state, { displayName: "D", membershipType: "Dynamic", membershipRule: "x" });
    expect(await send("POST", `/${dynamic}/members/$ref`, member(idOf(2)))).toMatch(/^400 .*dynamic/u);
  });
});

it("reads units in one call and the people of managed ones 20 a call", async () => {
  const client = connect();
  for (let i = 0; i < 30; i += 1) putUnit(graph.state, { displayName: `U-${i}` });
  await administrativeUnit.list(client, { members: [] });
  expect(client.calls()).toBe(1);
  await administrativeUnit.list(client, { members: Array.from({ length: 15 }, (_, i) => `U-${i}`) });
  expect(client.calls()).toBe(1 + 1 + 1);
});

/**
 * entra:Group whole and entra:AppAssignment against the sandbox's Microsoft Graph, whose judge is
 * ../shared/contracts/graph-v1.0.csdl.xml where that is there (without it names and types of properties go unchecked).
 */

import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntraClient } from "../../clients/graph/client.ts";
import { operations } from "../../clients/graph/permissions.ts";
import { appAssignment } from "../../providers/entra/app/assignment.ts";
import { applicationProperties, assignmentProperties } from "../../providers/entra/app/read.ts";
import { group } from "../../providers/entra/group/group.ts";
import { asksOf, nothingAsked, uniqueNameOf } from "../../providers/entra/group/inputs.ts";
import { groupProperties, licenceProperties } from "../../providers/entra/group/read.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { enterprise } from "../../sandbox/graph/apps.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankGroup, blankUser, inherited, putUser, seedTenant } from "../../sandbox/graph/state.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { trusted } from "../trusted.ts";
import { memoryContext, update } from "./context.ts";
import { appWith, clientOf, tenantId } from "./graph.ts";
import { lifecycle } from "./lifecycle.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const pair = trusted();
const roles = [...new Set(operations.map((one) => one.permission))];
const app = appWith(roles);
const model = csdl(contracts);
const missing = "00000000-0000-4000-8000-000000000000";
let graph: GraphServer;
const people: Record<string, string> = {};

const connect = (): EntraClient => clientOf(graph, app);

const made = (row: object): string => {
  const blank = blankGroup(graph.state, { ...row });
  graph.state.groups.put(String(blank["id"]), blank);
  return String(blank["id"]);
};
const writes = (): number => graph.log.filter((entry) => entry.write).length;
const idOf = (key: number): string => people[String(key)] ?? "";
const refs = (n: number): string[] => Array.from({ length: n }, (_, i) => `person:${i}`);
const contextOf = (client: EntraClient, asked = nothingAsked) =>
  memoryContext((type) => (type === "entra:Group" ? group.list(client, asked) : Promise.resolve([])), { entra: people });

beforeAll(async () => {
  const { tenant } = organisation({ people: 40 });
  graph = await startGraph({ tls: pair, tenant: tenantId, apps: [app], skus: tenant.skus, csdl: model });
  seedTenant(graph.state, tenant);
  for (let i = 0; i < 45; i += 1) {
    const row = blankUser(graph.state, {
      userPrincipalName: `p${i}@corp.example.com`,
      displayName: `P ${i}`,
      department: i < 3 ? "Sales" : "Deck",
    });
    putUser(graph.state, row);
    people[String(i)] = String(row["id"]);
  }
});

afterAll(async () => {
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
});

it.skipIf(model === undefined)("asks for nothing that Graph's CSDL does not have (skipped where ../shared/contracts is not there)", () => {
  expect([...groupProperties, ...licenceProperties].filter((name) => !model?.property("group", name))).toEqual([]);
  expect(applicationProperties.filter((name) => !model?.property("servicePrincipal", name))).toEqual([]);
  expect(assignmentProperties.filter((name) => !model?.property("appRoleAssignment", name))).toEqual([]);
});

describe("lives in the sandbox's Graph", () => {
  const base = { name: "M365 Pilots", kind: "microsoft365" as const, mode: "exact" as const, create: true };
  const first = {
    ...base,
    description: "Pilots",
    mailNickname: "pilots",
    visibility: "Private" as const,
    members: refs(3),
    owners: refs(1),
    licences: [{ sku: "VISIOCLIENT", without: [] }],
    may: ["person:9"],
  };
  lifecycle({
    definition: group,
    client: connect,
    samples: () => ({
      create: first,
      updates: {
        members: { ...first, members: refs(45) },
        owners: { ...first, owners: ["person:2", "person:3"] },
        plans: { ...first, licences: [{ sku: "VISIOCLIENT", without: ["VISIOONLINE"] }] },
        "no licences": { ...first, licences: [] },
        rest: {
          ...first,
          name: "M365 Sailors",
          description: "",
          mailNickname: "sailors",
          visibility: "Public" as const,
          members: [],
          owners: ["person:3"],
          licences: [],
          may: [],
        },
      },
    }),
    accounts: () => ({ entra: people }),
    asked: asksOf(["M365 Pilots", "M365 Sailors"].map((name) => ({ ...first, name }))),
    missing,
    fixed: ["mode", "create", "kind", "may"],
  });

  lifecycle({
    definition: group,
    client: connect,
    samples: () => ({
      create: { name: "DYN-Sales", rule: '(user.department -eq "Sales")', ruleState: "On" as const, mode: "exact" as const, create: true },
      updates: {
        rule: { name: "DYN-Sales", rule: '(user.department -eq "Deck")', ruleState: "On" as const, mode: "exact" as const, create: true },
        paused: {
          name: "DYN-Deck",
          rule: '(user.department -eq "Deck")',
          ruleState: "Paused" as const,
          mode: "exact" as const,
          create: true,
        },
      },
    }),
    asked: nothingAsked,
    missing,
    fixed: ["mode", "create"],
  });

  const role = { name: "Timesheets: Approver", application: "name:Timesheets", role: "Approver", mode: "exact" as const };
  lifecycle({
    definition: appAssignment,
    client: connect,
    samples: () => ({
      create: { ...role, members: ["person:1", "person:2"] },
      updates: {
        more: { ...role, members: refs(25) },
        group: { ...role, members: ["group:SG-Deck", "person:2"] },
        nobody: { ...role, members: [] },
      },
    }),
    accounts: () => ({ entra: { ...people, "group:SG-Deck": made({ displayName: "SG-Deck", mailNickname: "deck" }) } }),
    asked: { applications: ["name:Timesheets"] },
    missing: `${missing}/${missing}`,
    fixed: ["name", "mode"],
  });
});

describe("groups", () => {
  it("A6 A7 A8: any difference of members ends in what is wished, 20 a request, whoever came or went meanwhile", async () => {
    const client = connect();
    const id = made({ displayName: "SG-Delta", mailNickname: "delta" });
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 44 }), { maxLength: 45 });
    await fc.assert(
      fc.asyncProperty(set, set, set, async (start, wish, meanwhile) => {
        for (const member of graph.state.members.of(id)) graph.state.members.remove(id, member);
        for (const one of start) graph.state.members.add(id, idOf(one));
        const wished = group.inputs.parse({ name: "SG-Delta", members: wish.map((one) => `person:${one}`) });
        const context = contextOf(client, { ...nothingAsked, members: ["SG-Delta"] });
        const live = (await context.liveById("entra:Group")).get(id);
        if (!live) throw new Error("no group");
        // Somebody does by hand a part of what is to be done: joined already, gone already.
        for (const one of meanwhile)
          if (wish.includes(one)) graph.state.members.add(id, idOf(one));
          else if (start.includes(one)) graph.state.members.remove(id, idOf(one));
        await update(group, client, id, wished, group.view(live, wished, {}, context), context);
        expect(graph.state.members.of(id).sort()).toEqual(wish.map(idOf).sort());
      }),
      { numRuns: 12 },
    );
    const bulk = graph.log.filter((entry) => entry.method === "PATCH" && entry.body && "members@odata.bind" in (entry.body as object));
    expect(bulk.length).toBeGreaterThan(5);
    for (const entry of bulk)
      expect((entry.body as { "members@odata.bind": string[] })["members@odata.bind"].length).toBeLessThanOrEqual(20);
  });

  it("contain groups that are made in the same run", async () => {
    const client = connect();
    const context = contextOf(client);
    const outer = await group.create(client, group.inputs.parse({ name: "SG-Outer", members: ["group:SG-Inner"] }), context);
    expect(outer.outputs.waiting).toEqual(["group:SG-Inner"]);
    const inner = await group.create(client, group.inputs.parse({ name: "SG-Inner", members: [] }), context);
    await context.settle();
    expect(graph.state.members.of(outer.id)).toEqual([inner.id]);
  });

  it("come back from the bin where Microsoft 365 keeps them, with what they had", async () => {
    const wished = group.inputs.parse({ name: "M365 Lost", kind: "microsoft365", members: refs(2) });
    const client = connect();
    const first = await group.create(client, wished, contextOf(client));
    // Others, who do not wait for what was just made.
    await connect().remove(`/groups/${first.id}`);
    const again = connect();
    expect(await group.get(again, first.id)).toBeUndefined();
    const back = await group.create(again, wished, contextOf(again));
    expect(back.id).toBe(first.id);
    expect(back.said).toBe("the deleted group M365 Lost was restored");
    expect(graph.state.members.of(back.id).sort()).toEqual([idOf(0), idOf(1)].sort());
    expect([...graph.state.groups.current.values()].filter((row) => row["uniqueName"] === uniqueNameOf("M365 Lost")).length).toBe(1);
  });

  it("give licences later, and name those whom they could not reach", async () => {
    const { note: _first, ...notes } = await import("../../base/notes.ts");
    const client = connect();
    graph.faults.seats["VISIOCLIENT"] =
      (graph.state.holders.get(graph.state.skus.find((sku) => sku.partNumber === "VISIOCLIENT")?.id ?? "")?.size ?? 0) + 1;
    const wished = group.inputs.parse({ name: "LIC-Tight", members: refs(2), licences: [{ sku: "visioclient" }] });
    notes.taken();
    const { id } = await group.create(client, wished, contextOf(client));
    expect(notes.taken().join()).toMatch(/LIC-Tight could not give its licences to P \d/u);
    expect([idOf(0), idOf(1)].every((one) => inherited(graph.state, one).some((through) => through.group === id))).toBe(true);
    const context = contextOf(client, asksOf([wished]));
    const live = (await context.liveById("entra:Group")).get(id);
    if (!live) throw new Error("no group");
    expect(group.view(live, wished, {}, context)).toEqual(wished);
    delete graph.faults.seats["VISIOCLIENT"];
    await expect(group.create(client, group.inputs.parse({ ...wished, licences: [{ sku: "VISIOCLIANT" }] }), context)).rejects.toThrow(
      /did you mean VISIOCLIENT/u,
    );
  });

  it.each([
    ["mail-enabled security", { mailEnabled: true, securityEnabled: true }, /needs Exchange Online/u],
    ["distribution list", { mailEnabled: true, securityEnabled: false }, /needs Exchange Online/u],
    ["role-assignable", { isAssignableToRole: true }, /protected\.allow/u],
    ["synced", { onPremisesSyncEnabled: true }, /ad\.yaml/u],
    ["dynamic", { groupTypes: ["DynamicMembership"], membershipRule: '(user.department -eq "Sales")' }, /its `rule`/u],
  ])("of a sort that is not haloform's to change are refused before anything is sent: %s", async (name, row, message) => {
    const client = connect();
    made({ displayName: name, mailNickname: "x", ...row });
    const sent = writes();
    await expect(
      group.create(client, group.inputs.parse({ name, members: ["person:1"] }), contextOf(client, { ...nothingAsked, members: [name] })),
    ).rejects.toThrow(message);
    expect(writes()).toBe(sent);
  });
});

describe("what the sandbox's Graph refuses as the real one does", () => {
  const send = async (method: "POST" | "PATCH" | "DELETE", path: string, body?: object) => {
    const answer = await connect().submit({ method, path, ...(body ? { body } : {}), repeatable: false });
    const said = (answer.body as { error?: { message?: string } } | undefined)?.error?.message ?? "";
    return `${answer.status} ${said}`;
  };
  const bind = (n: number) => ({
    "members@odata.bind": Array.from({ length: n }, (_, i) => `${graph.url}/v1.0/directoryObjects/${idOf(i)}`),
  });

  it("members of dynamic, synced, mail-enabled and role-assignable groups, and 21 at once", async () => {
    expect(
      await send("PATCH", `/groups/${made({ displayName: "d", groupTypes: ["DynamicMembership"], membershipRule: "x" })}`, bind(1)),
    ).toMatch(/^400/u);
    expect(await send("PATCH", `/groups/${made({ displayName: "s", onPremisesSyncEnabled: true })}`, bind(1))).toMatch(
      /^400 .*on-premises mastered/u,
    );
    expect(await send("PATCH", `/groups/${made({ displayName: "l", mailEnabled: true })}`, bind(1))).toMatch(/^400 .*mail-enabled/u);
    expect(await send("PATCH", `/groups/${made({ displayName: "r", isAssignableToRole: true })}`, bind(1))).toMatch(/^403/u);
    const plain = made({ displayName: "p" });
    expect(await send("PATCH", `/groups/${plain}`, bind(21))).toMatch(/^400 .*limit of 20/u);
    graph.violations.clear(); // it was meant
    expect(await send("PATCH", `/groups/${plain}`, bind(20))).toMatch(/^204/u);
    expect(await send("PATCH", `/groups/${plain}`, bind(20))).toMatch(/^400 .*already exist/u);
  });

  it("the last owner of a Microsoft 365 group, a rule it cannot read, an app role given twice or unknown", async () => {
    const client = connect();
    const { id } = await group.create(
      client,
      group.inputs.parse({ name: "M365 Owned", kind: "microsoft365", members: [], owners: ["person:1"] }),
      contextOf(client),
    );
    expect(await send("DELETE", `/groups/${id}/owners/${idOf(1)}/$ref`)).toMatch(/^400 .*at least one owner/u);
    const dynamic = made({ displayName: "d2", groupTypes: ["DynamicMembership"], membershipRule: '(user.city -eq "X")' });
    expect(await send("PATCH", `/groups/${dynamic}`, { membershipRule: "everybody" })).toMatch(/^400 .*syntax/u);
    const timesheets = enterprise(graph.state).principals[0] ?? {};
    const resourceId = String(timesheets["id"]);
    const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
    const appRoleId = String((timesheets["appRoles"] as { id: string }[])[0]?.id);
    expect(await send("POST", path, { principalId: idOf(1), resourceId, appRoleId })).toMatch(/^201/u);
    expect(await send("POST", path, { principalId: idOf(1), resourceId, appRoleId })).toMatch(/^400 .*already exists on the object/u);
    expect(await send("POST", path, { principalId: idOf(1), resourceId, appRoleId: missing })).toMatch(/^400 .*was not found/u);
    // and our own client takes "has it already" for success
    const role = appAssignment.inputs.parse({
      name: "Timesheets: User",
      application: "name:Timesheets",
      role: "User",
      members: ["person:1"],
    });
    const stale = (await appAssignment.list(client, { applications: ["name:Timesheets"] })).map((one) => ({
      ...one,
      values: { ...one.values, members: [] },
    }));
    const context = memoryContext(async () => stale, { entra: people });
    expect((await appAssignment.create(client, role, context)).outputs.resolved).toEqual({ "person:1": idOf(1) });
  });
});

it("reads members and owners of managed groups only, 20 a call, and an application with its assignments in two", async () => {
  const client = connect();
  for (let i = 0; i < 30; i += 1) made({ displayName: `SG-${i}`, mailNickname: `sg${i}` });
  await group.list(client, { members: [], owners: [], licences: [] });
  expect(client.calls()).toBe(1);
  const names = Array.from({ length: 10 }, (_, i) => `SG-${i}`);
  await group.list(client, asksOf(names.map((name) => ({ name, owners: {} }))));
  expect(client.calls()).toBe(1 + 1 + 1);
  await appAssignment.list(client, { applications: ["name:Timesheets", "name:Harbour Wiki"] });
  expect(client.calls()).toBeLessThanOrEqual(3 + 1 + 2);
});

/**
 * halo:Role and halo:Agent against the sandbox's HaloITSM, which is as strict as the real one and writes down what the real
 * one would ignore in silence. Its judge is ../shared/contracts/halo-openapi.json, where that is there.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError, RefusedError } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { UncertainError } from "../../clients/http/answer.ts";
import { agent } from "../../providers/halo/agent/agent.ts";
import { role } from "../../providers/halo/agent/role.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { readPeople } from "../../sources/halo/people.ts";
import { judge } from "../../sources/trust.ts";
import { trusted } from "../trusted.ts";
import { listed, memoryContext, update } from "./context.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";
import { lifecycle } from "./lifecycle.ts";

const context = memoryContext(async () => []);
const tls = trusted();
let halo: HaloServer;

beforeAll(async () => {
  const preview = { id: "preview", secret: "invented too", write: false, scopes: ["all"] };
  halo = await haloOf(250, { tls, clients: [application, preview] });
});

afterEach(() => halo.faults.reset());

afterAll(() => ended(halo));

const connect = (who: { clientId?: string; secret?: string } = {}): HaloClient => clientOf(halo, who);

const of = { roles: ["Service Desk", "Field Engineer"], teams: ["First line", "Onsite"] };
const wish = (name: string, more: object = {}) =>
  agent.inputs.parse({
    person: name,
    name: `${name} Example`,
    email: `${name}@corp.example.com`,
    firstname: name,
    surname: "Example",
    enabled: true,
    roles: ["Service Desk"],
    teams: ["First line"],
    team: "First line",
    of,
    ...more,
  });
const agentsOf = (email: string) => [...halo.state.agents.values()].filter((one) => one["email"] === email);
const posts = (path: string) => halo.log.filter((entry) => entry.method === "POST" && entry.path === path).length;

describe("a life in the sandbox's Halo", () => {
  lifecycle({
    definition: role,
    client: () => connect(),
    samples: () => ({
      create: { name: "Night watch", notes: "Made by haloform", permissions: [{ type: "CanViewTickets", value: "1" }] },
      updates: {
        notes: { name: "Night watch", notes: "", permissions: [{ type: "CanViewTickets", value: "1" }] },
        permissions: {
          name: "Night watch",
          notes: "",
          permissions: [
            { type: "CanViewTickets", value: "2" },
            { type: "CanEditTickets", value: "1" },
          ],
        },
        name: {
          name: "Night's watch",
          notes: "",
          permissions: [
            { type: "CanViewTickets", value: "2" },
            { type: "CanEditTickets", value: "1" },
          ],
        },
      },
    }),
    missing: "00000000-0000-4000-8000-000000000000",
  });

  const base = {
    person: "999",
    name: "Zoë O'Neil",
    email: "Zoe.ONeil@corp.example.com",
    firstname: "Zoë",
    surname: "O'Neil",
    enabled: true,
    roles: ["Service Desk"],
    teams: ["First line"],
    team: "First line",
    of,
  };
  lifecycle({
    definition: agent,
    client: () => connect(),
    samples: () => ({
      create: base,
      updates: {
        name: { ...base, name: "Zoë Ó Neil-Example", firstname: "Zoe", surname: "Ó Neil-Example" },
        email: { ...base, email: "zoe@corp.example.com" },
        roles: { ...base, roles: ["Field Engineer", "Service Desk"] },
        none: { ...base, roles: [], teams: [] },
        teams: { ...base, teams: ["Onsite"], team: "Onsite" },
        enabled: { ...base, enabled: false },
      },
    }),
    missing: "999999",
    fixed: ["person", "of"],
  });
});

describe("halo:Agent", () => {
  it("lists agents and roles in two calls, disabled and API agents too", async () => {
    const client = connect();
    const [roles, agents] = [await listed(role, client), await listed(agent, client)];
    expect(client.calls()).toBe(2);
    expect(roles.map((one) => one.values["name"])).toEqual(expect.arrayContaining(["Administrator", "Service Desk", "Field Engineer"]));
    expect(agents.length).toBe(halo.state.agents.size);
    expect(agents.find((one) => one.id === "1")?.values).toEqual({
      name: "Iris Outside",
      email: "iris@msp.example.org",
      firstname: "Iris",
      surname: "Outside",
      enabled: true,
      roles: ["Administrator"],
      teams: ["Second line"],
      team: "Second line",
      licenceType: 1,
      isapiagent: false,
    });
    expect(agents.find((one) => one.id === "2")?.values["isapiagent"]).toBe(true);
    halo.faults.wrappedAgents = true;
    expect(await listed(agent, client)).toEqual(agents);
  });

  it("keeps roles and teams of others, with their rows' own ids", async () => {
    const { id } = await agent.create(connect(), wish("keeper"), context);
    const row = halo.state.agents.get(Number(id));
    const admin = [...halo.state.roles.values()].find((one) => one["name"] === "Administrator");
    Object.assign(row ?? {}, {
      roles: [...((row?.["roles"] as string[]) ?? []), admin?.["id"]],
      teams: [
        ...((row?.["teams"] as object[]) ?? []),
        { id: 77001, agent_id: Number(id), team_id: 2, team_name: "Second line", is_manager: true, in_section: true },
      ],
    });
    await update(agent, connect(), id, wish("keeper", { roles: ["Field Engineer"], teams: [] }), wish("keeper"), context);
    const live = await agent.get(connect(), id);
    expect(live?.values["roles"]).toEqual(["Administrator", "Field Engineer"]);
    expect(live?.values["teams"]).toEqual(["Second line"]);
    expect(halo.state.agents.get(Number(id))?.["teams"]).toMatchObject([{ id: 77001, is_manager: true }]);
    const last = halo.log.findLast((entry) => entry.path === "/api/Agent" && entry.write)?.body as Record<string, unknown>[];
    expect(Object.keys(last[0] ?? {}).sort()).toEqual(["delete_teams", "id", "roles"]);
  });

  it("H1: job title, mobile number and extension are written where they are wished, cleared by an empty wish, and else left alone", async () => {
    const texts = { jobtitle: "Desk lead", sms: "+44 7700 900100", extensionnumber: "4711" };
    const { id } = await agent.create(connect(), wish("phones", texts), context);
    expect((await agent.get(connect(), id))?.values).toMatchObject(texts);
    expect((await listed(agent, connect())).find((one) => one.id === id)?.values).toMatchObject(texts);
    await update(agent, connect(), id, wish("phones", { sms: "" }), wish("phones", texts), context);
    expect(halo.state.agents.get(Number(id))).toMatchObject({ ...texts, sms: "" });
  });

  it("writes nothing when nothing differs", async () => {
    const { id } = await agent.create(connect(), wish("still"), context);
    const writes = posts("/api/Agent");
    await update(agent, connect(), id, wish("still"), wish("still"), context);
    expect(posts("/api/Agent")).toBe(writes);
  });

  it("finds what a create made whose answer was lost, and does not post twice", async () => {
    halo.faults.cutWrites = 1;
    const writes = posts("/api/Agent");
    const { id } = await agent.create(connect(), wish("lost"), context);
    expect(agentsOf("lost@corp.example.com").map((one) => String(one["id"]))).toEqual([id]);
    expect(posts("/api/Agent")).toBe(writes + 1);
  });

  it("says that it is not sure when a create got lost before it was done; the next run makes one", async () => {
    halo.faults.dropWrites = 1;
    await expect(agent.create(connect(), wish("dropped"), context)).rejects.toBeInstanceOf(UncertainError);
    expect(agentsOf("dropped@corp.example.com").length).toBe(0);
    await agent.create(connect(), wish("dropped"), context);
    await agent.create(connect(), wish("dropped", { email: "DROPPED@corp.example.com" }), context);
    expect(agentsOf("dropped@corp.example.com").length).toBe(1);
  });

  it("two wishes for one address at the same time make one agent", async () => {
    const client = connect();
    const [first, second] = await Promise.all([agent.create(client, wish("twin"), context), agent.create(client, wish("twin"), context)]);
    expect(first.id).toBe(second.id);
    expect(agentsOf("twin@corp.example.com").length).toBe(1);
  });

  it("finishes what an interrupted run half made", async () => {
    await connect().post("Agent", { name: "Half", email: "half@corp.example.com" });
    const { id } = await agent.create(connect(), wish("half"), context);
    expect((await agent.get(connect(), id))?.values).toMatchObject({
      name: "half Example",
      roles: ["Service Desk"],
      teams: ["First line"],
      team: "First line",
    });
  });

  it("sees an update whose answer was lost", async () => {
    const { id } = await agent.create(connect(), wish("update"), context);
    halo.faults.cutWrites = 1;
    await update(agent, connect(), id, wish("update", { enabled: false }), wish("update"), context);
    expect((await agent.get(connect(), id))?.values["enabled"]).toBe(false);
    halo.faults.dropWrites = 1;
    await expect(update(agent, connect(), id, wish("update"), wish("update", { enabled: false }), context)).rejects.toBeInstanceOf(
      UncertainError,
    );
  });

  it.each([
    [
      "a role that does not exist",
      { roles: ["Servce Desk"] },
      'Could not find the role "Servce Desk" in Halo (did you mean "Service Desk"?)',
    ],
    ["a team that does not exist", { teams: ["Fist line"] }, 'Could not find the team "Fist line" in Halo (did you mean "First line"?)'],
    ["a default team that does not exist", { team: "Onsight" }, 'Could not find the team "Onsight" in Halo (did you mean "Onsite"?)'],
    ["no name", { name: " " }, "the name is empty"],
    ["no address", { email: "" }, "the e-mail address is empty"],
  ])("refuses %s, and makes nobody", async (_name, more, words) => {
    const count = halo.state.agents.size;
    const error = await agent.create(connect(), wish("refused", more), context).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(RefusedError);
    expect(String(error)).toContain(words);
    expect(halo.state.agents.size).toBe(count);
  });

  it("knows a role that was made in this run", async () => {
    const client = connect();
    await agent.create(client, wish("early"), context);
    await role.create(client, role.inputs.parse({ name: "Quay crew" }), context);
    const { id } = await agent.create(client, wish("crew", { roles: ["quay crew"] }), context);
    expect((await agent.get(client, id))?.values["roles"]).toEqual(["Quay crew"]);
    const live = await agent.get(client, id);
    const managed = wish("crew", { roles: ["quay crew"] });
    expect(live && agent.view(live, managed, {}, context)).toEqual(managed);
  });

  it("says in Halo's own words why it was refused, warned or not allowed", async () => {
    halo.faults.refuse = ["locked@corp"];
    await expect(agent.create(connect(), wish("locked"), context)).rejects.toThrow(
      "HaloITSM answers 400: The record could not be saved: it is locked by another process",
    );
    halo.faults.warn = ["warned@corp"];
    await expect(agent.create(connect(), wish("warned"), context)).rejects.toThrow(
      "HaloITSM warns: This change needs the approval of an administrator",
    );
    const readOnly = connect({ clientId: "preview", secret: "invented too" });
    await expect(agent.create(readOnly, wish("visitor"), context)).rejects.toThrow(
      "HaloITSM answers 403: You do not have permission to do this; give the agent that the Halo application logs in as the right",
    );
    expect(agentsOf("visitor@corp.example.com").length).toBe(0);
  });

  it("never disables an API-only agent, and never takes one for a person", async () => {
    const program = halo.state.agents.get(2);
    Object.assign(program ?? {}, { email: "program@corp.example.com" });
    const disabled = wish("program", { name: "haloform", enabled: false, roles: [], teams: [], of: { roles: [], teams: [] } });
    await expect(update(agent, connect(), "2", disabled, disabled, context)).rejects.toThrow("is an API-only agent");
    expect(halo.state.agents.get(2)?.["isdisabled"]).toBe(false);
    await expect(agent.create(connect(), wish("program"), context)).rejects.toThrow("the API-only agent 2 has that address");
  });

  it("does not guess between two agents with one address", async () => {
    for (const name of ["One", "Two"]) await connect().post("Agent", { name, email: "shared@corp.example.com" });
    await expect(agent.create(connect(), wish("shared"), context)).rejects.toThrow("Halo has 2 agents with that address");
    expect(agent.find(await listed(agent, connect()), wish("shared"))).toBeUndefined();
  });

  it("takes a bare record as an answer, too", async () => {
    halo.faults.bareReply = true;
    const { id } = await agent.create(connect(), wish("bare"), context);
    expect(agentsOf("bare@corp.example.com").map((one) => String(one["id"]))).toEqual([id]);
  });
});

describe("halo:Role", () => {
  it("keeps permissions that the mapping does not name", async () => {
    const client = connect();
    const { id } = await role.create(
      client,
      role.inputs.parse({ name: "Harbour master", permissions: [{ type: "A", value: "1" }] }),
      context,
    );
    await client.post("Roles", {
      id,
      claims: [
        { type: "A", value: "1" },
        { type: "B", value: "9" },
      ],
    });
    const wished = role.inputs.parse({ name: "Harbour master", permissions: [{ type: "a", value: "2" }] });
    await update(role, client, id, wished, wished, context);
    expect(halo.state.roles.get(id)?.["claims"]).toEqual([
      { type: "B", value: "9" },
      { type: "a", value: "2" },
    ]);
  });

  it("does without permissions in lists, and asks for those that are managed", async () => {
    halo.faults.thinRoles = true;
    const client = connect();
    const managed = role.inputs.parse({ name: "Service Desk", permissions: [{ type: "CanViewTickets", value: "1" }] });
    const thin = (await listed(role, client)).find((one) => one.values["name"] === "Service Desk");
    expect(thin?.values).not.toHaveProperty("permissions");
    expect(thin && role.view(thin, managed, {}, context)).toEqual(managed);
    const calls = client.calls();
    const full = (await role.list(client, { detailed: ["service desk"] })).find((one) => one.values["name"] === "Service Desk");
    expect(full?.values["permissions"]).toEqual([{ type: "CanViewTickets", value: "1" }]);
    expect(client.calls()).toBe(calls + 2);
  });

  it("finds what a create made whose answer was lost", async () => {
    halo.faults.cutWrites = 1;
    const { id } = await role.create(connect(), role.inputs.parse({ name: "Lost role" }), context);
    expect([...halo.state.roles.values()].filter((one) => one["name"] === "Lost role").map((one) => one["id"])).toEqual([id]);
  });
});

describe("the people of the sandbox", () => {
  const fields = ["firstname", "surname", "emailaddress", "title", "site_name", "custom.CFDepartment", "custom.CFManager"];
  const rules = { shrink: 20, emptied: 50, onDoubt: "hold" as const };

  it("are read completely, and trusted", async () => {
    const client = connect();
    const { records, read } = await readPeople(client, { fields });
    const real = [...halo.state.users.values()].filter((row) => row["name"] !== "General User");
    expect(records.length).toBe(real.length);
    expect(client.calls()).toBeLessThanOrEqual(Math.ceil(real.length / 100) + 2);
    const verdict = judge({ records, read, memory: undefined, trust: rules, fields });
    expect(verdict).toMatchObject({ verdict: "trusted", doubts: [] });
    const sample = records.find((record) => record.fields["custom.CFManager"] !== undefined);
    expect(sample?.fields["custom.CFManager"]).toMatch(/^\d+$/u);
    expect(sample?.fields["custom.CFDepartment"]).toMatch(/^[A-Z]/u);
    expect(Number.isInteger(sample?.fields["site_id"])).toBe(true);
  });

  it("cost one call each where the mapping uses details", async () => {
    const client = connect();
    const { records, read, notes } = await readPeople(client, { fields: ["department"] });
    expect(read.complete).toBe(true);
    expect(records.filter((record) => record.fields["department"] !== undefined).length).toBeGreaterThan(200);
    expect(notes.length).toBe(1);
  });

  it.each([
    ["page 2 answers 500", { pages: { 2: "500" } }, "doubted", "page 2 of /Users failed"],
    ["page 2 is an HTML page", { pages: { 2: "html" } }, "doubted", "page 2 of /Users failed"],
    ["page 2 is cut", { pages: { 2: "truncated" } }, "doubted", "is not readable JSON"],
    ["page 2 is empty", { pages: { 2: "empty" } }, "doubted", "rows but gave 100"],
    ["page 2 drops the connection", { pages: { 2: "drop" } }, "doubted", "cannot be reached or broke off"],
    ["the count is too high", { recordCount: 9 }, "doubted", "rows but gave"],
    ["the count is too low", { recordCount: -9 }, "doubted", "rows but gave"],
    ["half the people are missing", { missing: 0.5 }, "doubted", "more than the 20 % of trust.shrink"],
    ["everybody is missing", { missing: 1 }, "refused", "no people at all"],
    ["all surnames are empty", { emptied: ["surname"] }, "doubted", "surname is filled for 0 of"],
    [
      "all custom fields are empty",
      { emptied: ["customfields"] },
      "doubted",
      "HaloITSM's list gives custom.CFDepartment, custom.CFManager for none of the",
    ],
    ["rows come twice", { duplicates: 2 }, "doubted", "twice"],
    ["a few calls are throttled and fail", { throttled: 1, failing: 2, unauthorised: 1 }, "trusted", ""],
  ] satisfies [string, Partial<HaloServer["faults"]>, string, string][])("when %s: %s", async (_name, faults, verdict, words) => {
    const good = await readPeople(connect(), { fields });
    const { memory } = judge({ records: good.records, read: good.read, memory: undefined, trust: rules, fields });
    Object.assign(halo.faults, faults);
    const { records, read } = await readPeople(connect(), { fields });
    const judged = judge({ records, read, memory, trust: rules, fields });
    expect(judged.verdict).toBe(verdict);
    expect(judged.doubts.join(" | ")).toContain(words);
    expect(judged.memory).toEqual(memory);
  });

  it("are not read with a wrong secret: one line says what to renew", async () => {
    const error = await readPeople(connect({ secret: "wrong" }), { fields }).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain("renew the secret of the application haloform in Halo");
    expect(String(error)).not.toContain("wrong");
  });
});

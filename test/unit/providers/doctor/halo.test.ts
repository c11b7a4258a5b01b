/** The doctor at the sandbox's HaloITSM, and at a small Halo that says who signed in. */
import { afterEach, describe, expect, it } from "vitest";
import type { HaloClient } from "../../../../clients/halo/client.ts";
import type { Check } from "../../../../providers/core/check.ts";
import { doctorHalo, type HaloNeeds } from "../../../../providers/halo/doctor/doctor.ts";
import { licence } from "../../../../providers/halo/licence.ts";
import { ticket } from "../../../../providers/halo/ticket/ticket.ts";
import { user } from "../../../../providers/halo/user/user.ts";
import type { HaloServer } from "../../../../sandbox/halo/context.ts";
import { startHalo } from "../../../../sandbox/halo/server.ts";
import { organisation } from "../../../../sandbox/organisation/index.ts";
import { type Reply, serve, type WebServer } from "../../../../sandbox/web/server.ts";
import { customFields } from "../../../../sources/halo/custom.ts";
import { trusted } from "../../../trusted.ts";

const tls = trusted();
const secret = "invented-secret-1";
const now = (): Date => new Date();
const open: { stop(): Promise<void> }[] = [];

const needs = (fields: string[] = ["firstname", "custom.CFDepartment"]): HaloNeeds => ({
  fields: (client) => customFields(client, fields),
  agents: { roles: ["Administrator"], teams: ["First line"] },
});

afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});

async function sandbox(): Promise<HaloServer> {
  const server = await startHalo({
    tls,
    seed: organisation({ people: 20 }).halo,
    tenant: "northwind",
    clients: [{ id: "haloform", secret, write: true, scopes: ["all"], key: "invented-key-1" }],
  });
  open.push(server);
  return server;
}

/** A Halo that answers what it is told to; paths below /api in lower case. */
async function small(answers: { [path: string]: Reply }): Promise<WebServer> {
  const server = await serve({
    tls,
    handle(call) {
      const path = call.path.toLowerCase().replace(/^\/api/u, "");
      if (path === "/auth/token") return { status: 200, body: { access_token: "t", expires_in: 3600, token_type: "Bearer" } };
      return answers[path] ?? { status: 404, text: "Not Found" };
    },
  });
  open.push(server);
  return server;
}

const ask = (
  url: string,
  more: { secret?: string; env?: Record<string, string>; scope?: string; needs?: HaloNeeds; now?: () => Date } = {},
): Promise<Check[]> =>
  doctorHalo(
    { resourceServer: url, clientId: "haloform", scope: more.scope ?? "all", limit: 10_000, window: 300 },
    more.env ?? { HALO_CLIENT_SECRET: more.secret ?? secret },
    more.needs ?? needs(),
    more.now ?? now,
  );
const bad = (checks: readonly Check[]): Check[] => checks.filter((check) => check.state === "bad");
const said = (checks: readonly Check[]): string => checks.map((check) => `${check.state} ${check.said}`).join("\n");

describe("the sandbox's Halo", () => {
  it("is found, entered and looked at", async () => {
    const halo = await sandbox();
    const checks = await ask(halo.url);
    expect(bad(checks)).toEqual([]);
    const all = said(checks);
    expect(all).toContain(`ok the authorisation server is ${halo.url}/auth, tenant northwind, as`);
    expect(all).toContain("ok its clock agrees with ours");
    expect(all).toContain("ok may read people");
    expect(all).toContain("ok has the custom fields of the mapping: CFDepartment");
    expect(all).toMatch(/ok sees \d+ (?:other )?agents, 3 roles, 3 teams/u);
    expect(halo.log.filter((entry) => entry.write)).toEqual([]);
    expect([...halo.violations]).toEqual([]);
  });

  it("says no to a wrong secret in one line that does not show it", async () => {
    const checks = await ask((await sandbox()).url, { secret: "another-secret-2" });
    expect(bad(checks)).toMatchObject([
      { said: expect.stringContaining("invalid_client"), advice: expect.stringContaining("HALO_CLIENT_SECRET") },
    ]);
    expect(JSON.stringify(checks)).not.toContain("another-secret-2");
    expect(bad(await ask((await sandbox()).url, { secret: "" }))).toMatchObject([
      { said: "Sign in to HaloITSM: HALO_CLIENT_SECRET is not set" },
    ]);
  });

  it("is entered by an API key as well, whose name and rights are told; one that has ended is one line that does not show it", async () => {
    const halo = await sandbox();
    const me = halo.state.agents.get(2) ?? {};
    halo.state.agents.set(2, { ...me, claims: [{ type: "users_access", value: 2 }, { type: "colour", value: 1 }, null] });
    const checks = await ask(halo.url, { env: { HALO_API_KEY: "invented-key-1" } });
    expect(bad(checks)).toEqual([]);
    expect(said(checks)).toMatch(/ok signed in as .+ by an API key\n/u);
    expect(said(checks)).toContain("ok tells of the rights of that agent: users_access 2\n");
    expect(said(checks)).not.toContain("halo.scope");
    expect(halo.log.some(({ path }) => path === "/auth/token")).toBe(false);
    const wrong = await ask(halo.url, { env: { HALO_API_KEY: "another-key-2" } });
    expect(bad(wrong)).toMatchObject([
      { said: expect.stringMatching(/answers 401 to the API key/u), advice: expect.stringContaining("HALO_API_KEY") },
    ]);
    expect(JSON.stringify(wrong)).not.toContain("another-key-2");
    const both = await ask(halo.url, { env: { HALO_API_KEY: "invented-key-1", HALO_CLIENT_SECRET: secret } });
    expect(bad(both)).toMatchObject([{ said: expect.stringContaining("HALO_CLIENT_SECRET and HALO_API_KEY are both set") }]);
  });

  it("says which release it is, and what of it is deprecated that is used", async () => {
    const halo = await sandbox();
    halo.state.deprecated.push({ table: "Users", field: "Title" }, { table: "Faults", field: "other" });
    const checks = await ask(halo.url, { needs: { ...needs(), uses: ["title", "emailaddress"] } });
    expect(said(checks)).toContain("ok is release 2.250.133");
    expect(said(checks)).toContain("warn calls deprecated what is used of it: title");
    expect(bad(checks)).toEqual([]);
  });

  it("outside-O11: everything that a preview reads is asked for as the preview asks, a row each, and what is refused is said alone", async () => {
    const halo = await sandbox();
    const reads = [
      { what: "users", read: (client: HaloClient) => user.list(client, { fields: ["title", "custom.CFDepartment"] }) },
      { what: "licences", read: (client: HaloClient) => licence.list(client, { client: 12, linked: [] }) },
      {
        what: "tickets",
        read: (client: HaloClient) => ticket.list(client, { type: "Service request", done: "Closed", parked: "With user" }),
      },
    ];
    const checks = await ask(halo.url, { needs: { ...needs(), reads } });
    expect(said(checks)).toContain("ok lets a preview read users, licences and tickets");
    expect(halo.log.filter(({ path, query }) => path === "/api/Users" && query.includes("page_size=1&"))).not.toEqual([]);
    expect(halo.log.filter(({ query }) => query.includes("page_size=100"))).toEqual([]);
    // What the doctor has asked already it does not ask again for a reader.
    expect(halo.log.filter(({ path }) => path === "/api/FieldInfo")).toHaveLength(1);
    const [first] = halo.options.clients;
    if (first) first.scopes = ["all:standard", "read:customers", "read:tickets", "admin"];
    const narrow = await ask(halo.url, { needs: { ...needs(), reads }, scope: "read:customers read:tickets" });
    expect(said(narrow)).toContain("ok lets a preview read users and tickets");
    expect(bad(narrow)).toMatchObject([{ said: expect.stringMatching(/GET \/SoftwareLicence: HaloITSM answers 403/u) }]);
    expect(halo.log.filter((entry) => entry.write)).toEqual([]);
  });

  it("halo-real-1.1, 3: says who else writes the same, SailPoint too", async () => {
    const halo = await sandbox();
    const writes = {
      ...{ licences: false, links: false, entraLicences: false, users: [], agents: [], usersMade: false, userRoles: false },
      ...{ agentsEnabled: true, agentRoles: true, agentTeams: false, seats: false, boards: false, peopleFromHalo: false },
    };
    expect(said(await ask(halo.url, { needs: { ...needs(), writes } }))).toContain(
      "ok has no integration of its own that writes what haloform writes",
    );
    halo.state.sailPoint.push({ id: 1, name: "Identity Northwind" });
    halo.state.connections.push({ id: 3, name: "Northwind", halointegratorenabled: true, deactivate_agents: true });
    const checks = await ask(halo.url, { needs: { ...needs(), writes } });
    expect(checks.filter(({ state }) => state === "warn")).toMatchObject([
      {
        said: "SailPoint (Identity Northwind) makes and changes agents of Halo and their roles, as haloform does",
        advice: "Turn one of the two off.",
      },
      { said: "Halo's own Entra import (Northwind) writes whether agents are enabled too", advice: "Turn one of the two off." },
    ]);
  });

  it("H13: says that Halo itself parts users from their licences, where haloform links them", async () => {
    const halo = await sandbox();
    const writes = {
      ...{ licences: true, links: true, entraLicences: true, users: [], agents: [], usersMade: false, userRoles: false },
      ...{ agentsEnabled: false, agentRoles: false, agentTeams: false, seats: false, boards: false, peopleFromHalo: false },
    };
    const warned = async (more = {}) =>
      (await ask(halo.url, { needs: { ...needs(), writes: { ...writes, ...more } } })).filter(({ state }) => state === "warn");
    expect(await warned()).toEqual([]);
    halo.state.control["remove_licences_when_inactive"] = true;
    expect(await warned()).toMatchObject([
      {
        said: expect.stringMatching(/^Halo parts users from their licences when they become inactive \(remove_licences_when_inactive\)/u),
        advice: "Turn that setting off, or let leavers give up their licences (safety.yaml).",
      },
    ]);
    expect(await warned({ links: false })).toEqual([]);
  });

  it("lacks a field, a role and a team that the mapping names", async () => {
    const asked = { ...needs(["custom.CFDepartement"]), agents: { roles: ["Administrators"], teams: ["Third line"] } };
    const checks = await ask((await sandbox()).url, { needs: asked });
    expect(bad(checks).map((check) => check.said)).toEqual([
      expect.stringContaining("custom.CFDepartement, but Halo has no such custom field"),
      expect.stringContaining('Could not find the role "Administrators"'),
      expect.stringContaining('Could not find the team "Third line"'),
    ]);
  });

  it("with nobody in it is not believed", async () => {
    const halo = await sandbox();
    halo.state.users.clear();
    halo.state.agents.clear();
    const checks = await ask(halo.url);
    expect(bad(checks)).toMatchObject([
      { said: "sees no people at all", advice: expect.stringContaining("Administrator") },
      { said: "sees no agents", advice: expect.stringContaining("default team") },
    ]);
  });

  it("whose clock is 10 minutes off", async () => {
    expect(bad(await ask((await sandbox()).url, { now: () => new Date(Date.now() + 600_000) }))).toMatchObject([
      { said: expect.stringMatching(/its clock is \d+ s behind ours/u) },
    ]);
  });

  it("that is not there is one line", async () => {
    expect(await ask("https://localhost:1")).toMatchObject([
      { state: "bad", said: expect.stringContaining("localhost:1 cannot be reached") },
    ]);
  });

  it("that breaks off in one place does not hide the others", async () => {
    const halo = await sandbox();
    halo.faults.pages = { 1: "500" };
    const checks = await ask(halo.url);
    expect(bad(checks)).toMatchObject([{ said: expect.stringContaining("GET /Users: HaloITSM answers 500") }]);
    expect(said(checks)).toContain("ok sees");
  });
});

describe("the agent the application logs in as", () => {
  const me = { id: 7, name: "API haloform", isapiagent: true, team: "", role_list: "", teams: [], roles: [] };
  const users = { status: 200, body: { record_count: 1, users: [{ id: 1, name: "Ada Example" }] } };
  const lists = {
    "/users": users,
    "/fieldinfo": { status: 200, body: [{ id: 201, name: "CFDepartment" }] },
    "/roles": { status: 200, body: [{ id: "r1", name: "Administrator" }] },
    "/team": { status: 200, body: [{ id: 1, name: "First line" }] },
  };

  it("is named; outside O11: one that sees only itself does not pass, with the reason", async () => {
    const halo = await small({ ...lists, "/agent/me": { status: 200, body: me }, "/agent": { status: 200, body: [me] } });
    const checks = await ask(halo.url);
    expect(bad(checks)).toMatchObject([{ said: "sees no agents but itself", advice: expect.stringContaining("default team") }]);
    const all = said(checks);
    expect(all).toContain("ok signed in as API haloform (API agent; no default team) by the application haloform (scope all)");
    expect(all).toContain("warn cannot tell whether API haloform may change agents and roles");
    expect(all).toMatch(/warn .*api\/authinfo does not say where the authorisation server is \(404\)/u);
  });

  it("is an administrator when Halo says so", async () => {
    const chief = { ...me, role_list: "Administrator", team: "First line" };
    const halo = await small({
      ...lists,
      "/agent/me": { status: 200, body: chief },
      "/agent": { status: 200, body: [chief, { ...me, id: 8, name: "Ben", isapiagent: false }] },
    });
    const checks = await ask(halo.url);
    expect(said(checks)).toContain("ok signed in as API haloform (API agent; roles Administrator; team First line)");
    expect(said(checks)).toContain("ok sees 1 other agents, 1 roles, 1 teams");
    expect(said(checks)).not.toContain("cannot tell");
  });
});

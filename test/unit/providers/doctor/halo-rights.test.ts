/** S2, C5: the least rights in Halo, and what the doctor says of an application and an agent that have fewer. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { printInitHalo } from "../../../../cli/commands/setup/init.ts";
import type { Check } from "../../../../providers/core/check.ts";
import { doctorHalo, type HaloNeeds } from "../../../../providers/halo/doctor/doctor.ts";
import { type HaloUse, lackingScopes, readingOnly, rightsFor } from "../../../../providers/halo/doctor/rights.ts";
import type { HaloServer } from "../../../../sandbox/halo/context.ts";
import { haloUse } from "../../../../stacks/read/rights.ts";
import { application, ended, haloOf } from "../../../contract/halo.ts";
import { trusted } from "../../../trusted.ts";
import { mappings } from "../../stacks/world.ts";

const nothing: HaloUse = { users: "none", agents: "none", assets: "none", tickets: "none", licences: "none" };

describe("S2: the least rights", () => {
  it("users read only, assets read and modify: no more than that", () => {
    expect(rightsFor({ ...nothing, users: "read", assets: "write" })).toEqual({
      scopes: ["read:customers", "edit:assets"],
      administrator: false,
      role: [
        { area: "User Access Level", access: "Read Only" },
        { area: "Assets Access Level", access: "Read and Modify" },
      ],
    });
    expect(rightsFor(readingOnly({ ...nothing, users: "write", agents: "write" }))).toMatchObject({
      scopes: ["read:customers"],
      administrator: false,
    });
    expect(rightsFor({ ...nothing, users: "read", agents: "write" })).toMatchObject({
      scopes: ["admin", "read:customers"],
      administrator: true,
    });
    expect(rightsFor(nothing).scopes, "no scope at all makes Halo refuse every call").toHaveLength(1);
  });

  it("follow from the mappings", () => {
    const plain = { ad: null, entra: null };
    expect(haloUse(mappings({ ...plain, halo: null }))).toEqual({ ...nothing, users: "read" });
    expect(haloUse(mappings({ ...plain, halo: { roles: [], agents: { every: [] } } }))).toEqual({ ...nothing, users: "read" });
    expect(haloUse(mappings({ ...plain, halo: { boards: [{ name: "CAB", for: {} }] } }))).toMatchObject({ agents: "write" });
  });

  it("know which scopes hold others", () => {
    expect(lackingScopes("all", ["admin", "edit:assets"])).toEqual([]);
    expect(lackingScopes("all:standard", ["admin", "read:assets"])).toEqual(["admin"]);
    expect(lackingScopes("edit:assets", ["read:assets", "read:customers"])).toEqual(["read:customers"]);
    expect(lackingScopes("read:assets", ["edit:assets"])).toEqual(["edit:assets"]);
  });

  it("are printed without a scope that Halo does not have", () => {
    const { scopes, role } = rightsFor({ ...nothing, users: "write" });
    const application = {
      name: "haloform",
      purpose: "up",
      authentication: "Client ID and Secret (Services)",
      loginType: "Agent",
      agent: { apiOnly: true, defaultTeam: "any", clients: "no restriction", administrator: false },
      scopes,
      scope: scopes.join(" "),
      role,
    } as const;
    const text = printInitHalo({ format: "haloform.init-halo/1", uses: { ...nothing, users: "write" }, applications: [application] });
    expect(text).toContain("User Access Level: Read and Modify");
    expect(text).not.toMatch(/(?:read|edit):(?:users|agents)/u);
  });
});

describe("C5: the doctor", () => {
  const tls = trusted();
  let halo: HaloServer;

  beforeAll(async () => {
    halo = await haloOf(20, { tls, clients: [{ ...application, agent: 2 }] });
  });
  beforeEach(() => {
    Object.assign(halo.state.agents.get(2) ?? {}, { isdisabled: false, isapiagent: true, team: "First line", clients: [] });
  });
  afterAll(() => ended(halo));

  const ask = async (more: Partial<HaloNeeds> = {}, scope = "all"): Promise<Check[]> =>
    doctorHalo(
      { resourceServer: halo.url, clientId: "haloform", scope, limit: 10_000, window: 300 },
      { HALO_CLIENT_SECRET: "invented" },
      {
        fields: async () => [],
        agents: { roles: [], teams: [] },
        rights: rightsFor({ ...nothing, users: "read", agents: "write" }),
        ...more,
      },
      () => new Date(),
    );
  const odd = (checks: readonly Check[]): string[] => checks.filter((one) => one.state !== "ok").map((one) => `${one.state} ${one.said}`);

  it("has nothing to say of an application that has enough, but how much would do", async () => {
    const checks = await ask({ last: { people: 20, at: "2026-11-20" } });
    expect(odd(checks)).toEqual([]);
    expect(checks.map((one) => one.said).join("\n")).toContain("`admin read:customers` would do");
  });

  it("warns of scopes that are lacking", async () => {
    expect(odd(await ask({}, "all:standard"))).toEqual(["warn halo.scope (all:standard) lacks admin"]);
  });

  it("tells a list that has become short, which Halo does not", async () => {
    const users = halo.state.users.size;
    Object.assign(halo.state.agents.get(2) ?? {}, { clients: [{ client_id: 12, client_name: "Northwind Ferries" }] });
    expect(odd(await ask({ last: { people: users * 2, at: "2026-11-20" } }))).toEqual([
      "warn haloform is restricted to Northwind Ferries: people of other clients are missing without a word",
      `bad sees ${users} people, but the run of 2026-11-20 knew ${users * 2}: the list has become short`,
    ]);
  });

  it("tells an agent without a default team, one that takes a licence, and one that is disabled", async () => {
    Object.assign(halo.state.agents.get(2) ?? {}, { team: "" });
    expect(odd(await ask())).toEqual([
      "warn haloform has no default team, without which an API-only agent sees no other agents",
      "bad sees no agents but itself",
    ]);
    Object.assign(halo.state.agents.get(2) ?? {}, { team: "First line", isapiagent: false });
    expect(odd(await ask()).join()).toContain("takes an agent licence");
    Object.assign(halo.state.agents.get(2) ?? {}, { isapiagent: true, isdisabled: true });
    expect((await ask()).find((one) => one.state === "bad")?.advice).toContain("the agent it logs in as is enabled");
  });
});

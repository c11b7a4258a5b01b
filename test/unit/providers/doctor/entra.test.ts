import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Check } from "../../../../providers/core/check.ts";
import { doctorEntra } from "../../../../providers/entra/doctor/doctor.ts";
import type { EntraNeeds } from "../../../../providers/entra/doctor/granted.ts";
import { csdl } from "../../../../sandbox/contracts/csdl.ts";
import { type GraphServer, startGraph } from "../../../../sandbox/graph/server.ts";
import { seedTenant } from "../../../../sandbox/graph/state.ts";
import type { GraphApp } from "../../../../sandbox/graph/token.ts";
import { organisation } from "../../../../sandbox/organisation/index.ts";
import { trusted } from "../../../trusted.ts";
import { graphProblem, startGraphServer } from "../../clients/graph/graph-server.ts";

const pair = trusted();
const tenantId = "11111111-0000-4000-8000-000000000001";
const writer = [
  "User.ReadWrite.All",
  "Group.ReadWrite.All",
  "LicenseAssignment.ReadWrite.All",
  "Organization.Read.All",
  "Application.Read.All",
];
const reader = ["User.Read.All", "GroupMember.Read.All", "LicenseAssignment.Read.All", "Organization.Read.All", "Application.Read.All"];
const secret = "invented~secret-of-this-test";
const needs: EntraNeeds = { skus: [{ sku: "SPE_E3", without: [] }], usageLocation: true, groups: true };
const now = (): Date => new Date();
let graph: GraphServer;

beforeAll(async () => {
  const world = organisation({ people: 20 });
  const apps: GraphApp[] = [
    { id: "aaaaaaaa-0000-4000-8000-000000000001", name: "haloform", secret, roles: writer },
    { id: "aaaaaaaa-0000-4000-8000-000000000002", name: "haloform preview", secret, roles: reader },
  ];
  const contract = csdl(fileURLToPath(new URL("../../../../../shared/contracts", import.meta.url)));
  graph = await startGraph({ tls: pair, tenant: tenantId, skus: world.tenant.skus, apps, csdl: contract });
  seedTenant(graph.state, world.tenant);
});
afterEach(() => {
  graph.faults.reset();
  for (const [index, app] of graph.apps.entries()) app.roles = index === 0 ? writer : reader;
});
afterAll(async () => {
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
});

function ask(
  app: 0 | 1,
  more: { needs?: EntraNeeds; now?: () => Date; secret?: string; tenantId?: string; graph?: string } = {},
): Promise<Check[]> {
  const config = {
    tenantId: more.tenantId ?? tenantId,
    clientId: graph.apps[app]?.id ?? "",
    authority: graph.url,
    graph: more.graph ?? graph.url,
    syncWait: 0,
  };
  return doctorEntra(config, { ENTRA_CLIENT_SECRET: more.secret ?? secret }, more.needs ?? needs, more.now ?? now);
}
const bad = (checks: readonly Check[]): Check[] => checks.filter((check) => check.state === "bad");
const said = (checks: readonly Check[]): string => checks.map((check) => `${check.state} ${check.said}`).join("\n");

describe("the app that applies", () => {
  it("is named with its tenant, and has what it needs", async () => {
    const checks = await ask(0);
    expect(bad(checks)).toEqual([]);
    const all = said(checks);
    expect(all).toContain(
      `ok signed in to Northwind Ferries (${tenantId}) as haloform (${graph.apps[0]?.id}) by the client secret (ENTRA_CLIENT_SECRET)`,
    );
    expect(all).toContain("ok its clock agrees with ours");
    expect(all).toMatch(/ok Entra Connect synchronised \d minutes? ago/u);
    expect(all).toContain(
      "ok may read users and their licence assignments, read which applications a leaver owns, read the licences the tenant owns, read groups, read a group's members",
    );
    // Group.ReadWrite.All holds GroupMember.ReadWrite.All.
    expect(all).toContain(
      "ok may assign and remove licences, set a user's usageLocation, create or change a group, add a group member, remove a group member",
    );
    expect(all).toMatch(/ok free seats: SPE_E3 \d+ of \d+/u);
    expect(JSON.stringify(checks)).not.toContain(secret);
    expect(graph.log.filter((entry) => entry.write)).toEqual([]);
    expect([...graph.violations]).toEqual([]);
  });

  it("is told of licences that do not exist, and of those that are used up", async () => {
    graph.faults.seats = { SPE_E3: 0 };
    const checks = await ask(0, {
      needs: {
        ...needs,
        skus: [
          { sku: "SPE_E33", without: [] },
          { sku: "SPE_E3", without: [] },
          { sku: "SPE_E5", without: ["NO_SUCH_PLAN"] },
        ],
      },
    });
    expect(said(checks)).toMatch(/warn SPE_E3 has no free seat \(owned 0, used \d+\)/u);
    expect(bad(checks).map((check) => check.said)).toEqual([
      expect.stringContaining("owns no licence SPE_E33; did you mean SPE_E3?"),
      expect.stringContaining("SPE_E5 has no service plan NO_SUCH_PLAN"),
    ]);
  });

  it("is told when it cannot be told", async () => {
    for (const app of graph.apps) app.roles = app.roles.filter((role) => role !== "Application.Read.All");
    const checks = await ask(0);
    expect(bad(checks)).toEqual([]);
    expect(checks.find((check) => check.state === "warn" && check.said.startsWith("cannot tell whether it may write"))).toMatchObject({
      said: expect.stringContaining("LicenseAssignment.ReadWrite.All, User.ReadWrite.All, Group.ReadWrite.All, GroupMember.ReadWrite.All"),
      advice: expect.stringContaining("Application.Read.All"),
    });
  });
});

describe("the app that previews", () => {
  it("lacks the writing permissions, each named", async () => {
    const checks = await ask(1);
    expect(bad(checks).map((check) => check.said)).toEqual([
      "may not assign and remove licences: LicenseAssignment.ReadWrite.All is missing",
      "may not set a user's usageLocation: User.ReadWrite.All is missing",
      "may not create or change a group: Group.ReadWrite.All is missing",
      "may not add a group member, remove a group member: GroupMember.ReadWrite.All is missing",
    ]);
    expect(bad(checks)[0]?.advice).toMatch(
      /give the app the application permission LicenseAssignment\.ReadWrite\.All with admin consent; preview and drift work without it/u,
    );
  });

  it("is asked for no more than the mapping does", async () => {
    expect(bad(await ask(1, { needs: { skus: [], usageLocation: true, groups: false } }))).toEqual([]);
    expect(bad(await ask(1, { needs: { skus: [{ sku: "SPE_E3", without: [] }], usageLocation: false, groups: false } }))).toHaveLength(1);
  });

  it("that may not read something is told which permission that takes", async () => {
    for (const app of graph.apps) app.roles = ["LicenseAssignment.Read.All", "Application.Read.All"];
    const checks = await ask(1, { needs: { skus: [], usageLocation: false, groups: false } });
    expect(bad(checks)).toMatchObject([
      { said: "may not read users and their licence assignments", advice: expect.stringContaining("User.Read.All") },
      { said: "may not read groups", advice: expect.stringContaining("GroupMember.Read.All") },
    ]);
  });
});

describe("mail contacts, whose addresses nobody new may get", () => {
  const naming: EntraNeeds = { skus: [], usageLocation: false, groups: false, uses: ["names"] };
  it("are read by whoever may, and a warning where they are not: everything else goes on", async () => {
    expect(said(await ask(1, { needs: naming }))).toContain(
      "warn may not read mail contacts, whose addresses nobody new may get: new names and addresses are not compared with those of mail contacts",
    );
    for (const app of graph.apps) app.roles = [...reader, "OrgContact.Read.All"];
    const checks = await ask(1, { needs: naming });
    expect(bad(checks)).toEqual([]);
    expect(said(checks)).toMatch(/ok may .*read mail contacts/u);
    for (const app of graph.apps) app.roles = ["User.Read.All", "Directory.Read.All", "LicenseAssignment.Read.All"];
    expect(said(await ask(1, { needs: naming }))).toMatch(/ok may .*read mail contacts/u);
    // Where nobody gets a name it is not asked for.
    for (const app of graph.apps) app.roles = reader;
    expect(said(await ask(1, { needs: { ...naming, uses: [] } }))).not.toContain("contacts");
  });
});

describe("what keeps the doctor out", () => {
  it("is a wrong secret, an unknown app or tenant, with Microsoft's number and what to do", async () => {
    const wrong = bad(await ask(0, { secret: "another~invented-secret" }));
    expect(wrong).toMatchObject([
      {
        said: expect.stringContaining("AADSTS7000215"),
        advice: expect.stringContaining("ENTRA_CLIENT_SECRET must hold the secret's value"),
      },
    ]);
    expect(JSON.stringify(wrong)).not.toContain("another~invented-secret");
    expect(bad(await ask(0, { tenantId: "22222222-0000-4000-8000-000000000002" }))).toMatchObject([
      { advice: expect.stringContaining("tenantId") },
    ]);
  });

  it("is nobody there, or no credential at all", async () => {
    expect(bad(await ask(0, { graph: "https://localhost:1" }))).toMatchObject([
      { said: expect.stringContaining("localhost:1 cannot be reached") },
    ]);
    const config = { tenantId, clientId: "x", authority: graph.url, graph: graph.url, syncWait: 0 };
    expect(bad(await doctorEntra(config, {}, needs, now))).toMatchObject([
      { said: expect.stringContaining("the environment holds no credential") },
    ]);
  });

  it("is not a clock 10 minutes off, nor a stalled Entra Connect: those are said", async () => {
    expect(bad(await ask(0, { now: () => new Date(Date.now() - 600_000) }))).toMatchObject([
      { said: expect.stringMatching(/its clock is \d+ s ahead of ours/u) },
    ]);
    const late = await ask(0, { now: () => new Date(Date.now() + 5 * 3_600_000) });
    expect(late.find((check) => check.said.includes("Entra Connect"))).toMatchObject({
      state: "warn",
      said: "Entra Connect synchronised last 5 hours ago: it seems to have stalled",
    });
  });
});

describe("the app's own secret", () => {
  it("is warned of before it ends; the first letters tell which of several is ours", async () => {
    const soon = new Date(Date.now() + 10 * 86_400_000).toISOString();
    const later = new Date(Date.now() + 300 * 86_400_000).toISOString();
    const scripted = await startGraphServer(({ path }) => {
      if (path.startsWith("/v1.0/applications"))
        return {
          status: 200,
          body: {
            value: [
              {
                passwordCredentials: [
                  { endDateTime: soon, hint: "inv" },
                  { endDateTime: later, hint: "abc" },
                ],
                keyCredentials: [],
              },
            ],
          },
        };
      return graphProblem(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    });
    const config = {
      tenantId,
      clientId: "aaaaaaaa-0000-4000-8000-000000000001",
      authority: scripted.origin,
      graph: scripted.origin,
      syncWait: 0,
    };
    const with_ = async (own: string): Promise<Check | undefined> =>
      (await doctorEntra(config, { ENTRA_CLIENT_SECRET: own }, undefined, now)).find((check) =>
        check.said.startsWith("the app's client secret"),
      );
    expect(await with_("invented")).toMatchObject({
      state: "warn",
      said: expect.stringMatching(/\((?:9|10) days\)/u),
      advice: expect.stringContaining("federated"),
    });
    expect(await with_("abcdefgh")).toMatchObject({ state: "ok" });
    await scripted.close();
  });
});

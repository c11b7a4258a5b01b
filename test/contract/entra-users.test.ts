/**
 * entra:User against the sandbox's Microsoft Graph, which refuses what Graph refuses. Its judge is
 * ../shared/contracts/graph-v1.0.csdl.xml, where that is there; without it names and types of properties go unchecked.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PendingError, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { immutableIdOfGuid } from "../../providers/entra/user/find.ts";
import type { UserInputs, UserOutputs } from "../../providers/entra/user/inputs.ts";
import { resetCloudPassword, temporaryAccessPass } from "../../providers/entra/user/reset.ts";
import { user } from "../../providers/entra/user/user.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { managerKey, passwordKey, privilegedKey } from "../../sandbox/graph/accounts.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankUser, putUser } from "../../sandbox/graph/state.ts";
import type { Row } from "../../sandbox/web/json.ts";
import { trusted } from "../trusted.ts";
import { waitingIn } from "../vault.ts";
import { listed, type MemoryContext, memoryContext, update } from "./context.ts";
import { appWith, clientOf, tenantId } from "./graph.ts";
import { lifecycle } from "./lifecycle.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "haloform-entra-users-"));
const pair = trusted();
const roles = [
  "User.ReadWrite.All",
  "User-LifeCycleInfo.ReadWrite.All",
  "User-PasswordProfile.ReadWrite.All",
  "LicenseAssignment.Read.All",
  "UserAuthMethod-TAP.ReadWrite.All",
];
const app = appWith(roles);
let graph: GraphServer;

const connect = (): EntraClient => clientOf(graph, app);

const row = (id: string): Row => graph.state.users.current.get(id) ?? {};
const named = (upn: string): Row => row(graph.state.byName.get(upn) ?? "");
const contextOf = (client: EntraClient, accounts: Parameters<typeof memoryContext>[1] = {}): MemoryContext =>
  memoryContext(() => listed(user, client), accounts);
const wish = (person: string, more: Partial<UserInputs> = {}): UserInputs =>
  user.inputs.parse({
    person,
    hybrid: false,
    userPrincipalName: `p${person}@corp.example.com`,
    enabled: true,
    attributes: { displayName: `Person ${person}`, employeeId: person },
    ...more,
  });
const writes = (): string[] =>
  graph.log
    .filter((one) => one.write && one.status < 300)
    .map((one) => `${one.method} ${one.path.replace(/[\da-f]{8}-[\da-f-]{27}/gu, "ID")}`);

beforeAll(async () => {
  graph = await startGraph({ tls: pair, tenant: tenantId, apps: [app], skus: [], csdl: csdl(contracts) });
});
afterEach(() => {
  graph.faults.reset();
  graph.log.length = 0;
});
afterAll(async () => {
  expect([...graph.violations], "what Graph would have refused by its contract").toEqual([]);
  await graph.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a life in the sandbox's Graph", () => {
  const boss = "00000000-0000-4000-8000-00000000b055";
  const base = { person: "700", hybrid: false, userPrincipalName: "alife@corp.example.com", enabled: true };
  const attributes = {
    ...{ displayName: "Ada Life", givenName: "Ada", surname: "Life", jobTitle: "Analyst", employeeId: "700", usageLocation: "GB" },
    ...{ businessPhones: "+44 1632 960001", employeeHireDate: "2026-01-15", otherMails: ["b@example.org", "a@example.org"] },
    ...{ extensionAttribute3: "blue", costCenter: "12", division: "North", manager: "person:699" },
  };
  lifecycle<UserInputs, UserOutputs, EntraClient, { properties: readonly string[] }>({
    definition: user,
    client: () => connect(),
    samples: () => {
      putUser(graph.state, { ...blankUser(graph.state, { userPrincipalName: "boss@corp.example.com", displayName: "Boss" }), id: boss });
      return {
        create: { ...base, attributes },
        updates: {
          attributes: {
            ...base,
            attributes: { ...attributes, jobTitle: "", otherMails: [], extensionAttribute3: "", division: "South", manager: "" },
          },
          name: { ...base, userPrincipalName: "ada.life@corp.example.com", attributes },
          blocked: { ...base, userPrincipalName: "ada.life@corp.example.com", enabled: false, sessions: "revoked", attributes },
          back: { ...base, userPrincipalName: "ada.life@corp.example.com", attributes },
        },
      };
    },
    accounts: () => ({ entra: { "699": boss } }),
    missing: "00000000-0000-4000-8000-000000000000",
    fixed: ["hybrid"],
  });

  it("A1: wrote what Graph keeps, in Graph's shapes", () => {
    const found = named("ada.life@corp.example.com");
    expect(found).toMatchObject({
      ...{ accountEnabled: true, mailNickname: "alife", businessPhones: ["+44 1632 960001"], [managerKey]: boss },
      ...{ employeeHireDate: "2026-01-15T00:00:00Z", otherMails: ["a@example.org", "b@example.org"] },
      ...{ onPremisesExtensionAttributes: { extensionAttribute3: "blue" }, employeeOrgData: { costCenter: "12", division: "North" } },
    });
    expect(String(found[passwordKey]).length).toBeGreaterThanOrEqual(20);
  });
});

describe("accounts of the cloud", () => {
  it("A3: blocks sign-in, then ends the sessions as a step of its own, and does that again where it failed", async () => {
    const client = connect();
    const context = contextOf(client);
    const { id, outputs } = await user.create(client, wish("701"), context);
    const blocked = wish("701", { enabled: false, sessions: "revoked" });
    context.refresh();
    graph.log.length = 0;
    const done = await update(user, client, id, blocked, wish("701"), context, outputs);
    expect(writes()).toEqual(["PATCH /v1.0/users/ID", "POST /v1.0/users/ID/revokeSignInSessions"]);
    expect(done["revoked"]).toBe(true);
    const [live] = (await listed(user, client)).filter((one) => one.id === id);
    if (!live) throw new Error("gone");
    expect(user.view(live, blocked, done, context)).toEqual(blocked);
    // The last outputs know nothing of a revocation: it is still to be done.
    expect(user.view(live, blocked, outputs, context).sessions).toBeUndefined();
    graph.log.length = 0;
    context.refresh();
    await update(user, client, id, blocked, user.view(live, blocked, outputs, context), context, outputs);
    expect(writes()).toEqual(["POST /v1.0/users/ID/revokeSignInSessions"]);
  });

  it("A2: deletes only what is blocked, and restores it with its id and its password", async () => {
    const client = connect();
    const context = contextOf(client);
    const { id } = await user.create(client, wish("702"), context);
    const password = row(id)[passwordKey];
    const gone = wish("702", { enabled: false, sessions: "revoked", deleted: true });
    context.refresh();
    await expect(update(user, client, id, gone, wish("702"), context)).rejects.toThrow(/somebody has enabled it since the plan/u);
    const blocked = wish("702", { enabled: false, sessions: "revoked" });
    const last = await update(user, client, id, blocked, wish("702"), context);
    context.refresh();
    await update(user, client, id, gone, blocked, context, last);
    expect(graph.state.users.current.has(id)).toBe(false);
    context.refresh();
    const [grave] = (await context.live("entra:User")).filter((one) => one.id === id);
    if (!grave) throw new Error("not among the deleted");
    expect(grave.values).toMatchObject({ deleted: true, userPrincipalName: "p702@corp.example.com" });
    expect(user.view(grave, gone, last, context)).toEqual(gone);
    await update(user, client, id, gone, gone, context, last);
    const back = wish("702", { attributes: { displayName: "Person 702", employeeId: "702", jobTitle: "Back" } });
    await update(user, client, id, back, user.view(grave, back, last, context), context, last);
    expect(row(id)).toMatchObject({ accountEnabled: true, jobTitle: "Back", [passwordKey]: password });
    expect(graph.state.deleted.has(id)).toBe(false);
  });

  it("A26: finishes what a run made whose answer was lost, and says who holds a name that is somebody else's", async () => {
    const client = connect();
    const stale = contextOf(client);
    await stale.live("entra:User");
    const first = await user.create(client, wish("703"), contextOf(client));
    const again = await user.create(
      client,
      wish("703", { attributes: { displayName: "Person 703", employeeId: "703", city: "Hull" } }),
      stale,
    );
    expect(again.id).toBe(first.id);
    expect(row(first.id)["city"]).toBe("Hull");
    const rival = wish("704", { userPrincipalName: "p703@corp.example.com" });
    await expect(user.create(client, rival, stale)).rejects.toThrow(
      /p703@corp\.example\.com belongs to the account .* whose employeeId is 703/u,
    );
    putUser(
      graph.state,
      blankUser(graph.state, { userPrincipalName: "x@corp.example.com", displayName: "X", mail: "p705@corp.example.com" }),
    );
    await expect(user.create(client, wish("705"), stale)).rejects.toThrow(/has the name or one of the addresses.*proxyAddresses/u);
  });

  it("waits for replicas that do not know a new account yet", async () => {
    const client = connect();
    graph.faults.lag = 60;
    const context = contextOf(client, { entra: { "699": String(named("boss@corp.example.com")["id"]) } });
    const { id } = await user.create(
      client,
      wish("706", { attributes: { displayName: "P", employeeId: "706", manager: "person:699" } }),
      context,
    );
    expect(row(id)[managerKey]).toBe(context.account("entra", "699"));
  });

  it("explains in one line that a privileged account is not for applications", async () => {
    const client = connect();
    const context = contextOf(client);
    const { id } = await user.create(client, wish("707"), context);
    putUser(graph.state, { ...row(id), [privilegedKey]: true });
    const message = await update(user, client, id, wish("707", { enabled: false, sessions: "revoked" }), wish("707"), context).catch(
      String,
    );
    expect(message).toMatch(
      /Could not block sign-in of p707@corp\.example\.com: Authorization_RequestDenied; the account holds an Entra role/u,
    );
    expect(message).not.toContain("\n");
  });

  it("lets nobody in before the command has the password: the next run finishes an account that is marked", async () => {
    const client = connect();
    const rules = { length: 20, sets: ["upper" as const, "lower" as const, "digits" as const], mustChange: true };
    const withCommand = (program: string): MemoryContext =>
      Object.assign(contextOf(client), { cloudPasswords: { ...rules, handover: { command: [program], timeout: 10, env: [] } } });
    await expect(user.create(client, wish("708"), withCommand("/bin/false"))).rejects.toThrow(
      /ended with exit code 1; the account stays blocked/u,
    );
    const { id } = named("p708@corp.example.com") as { id: string };
    expect(row(id)["accountEnabled"]).toBe(false);
    const first = row(id)[passwordKey];
    const again = await user.create(client, wish("708"), withCommand("/bin/true"));
    expect(again.id).toBe(id);
    expect(row(id)).toMatchObject({ accountEnabled: true, faxNumber: null });
    expect(row(id)[passwordKey]).not.toBe(first);
  });

  it("A13: gives a new password and a Temporary Access Pass on request, and nothing else of the account changes", async () => {
    const client = connect();
    const { id } = await user.create(client, wish("709"), contextOf(client));
    const was = row(id);
    graph.log.length = 0;
    const rules = {
      length: 24,
      sets: ["upper" as const, "lower" as const, "digits" as const],
      mustChange: true,
      handover: "nobody" as const,
    };
    await resetCloudPassword(client, { id, person: "709", rules, now: new Date(), revoke: true });
    expect(writes()).toEqual(["PATCH /v1.0/users/ID", "POST /v1.0/users/ID/revokeSignInSessions"]);
    expect(row(id)[passwordKey]).not.toBe(was[passwordKey]);
    const { [passwordKey]: _a, signInSessionsValidFromDateTime: _b, ...rest } = row(id);
    const { [passwordKey]: _c, ...before } = was;
    expect(rest).toEqual(before);
    const pass = await temporaryAccessPass(client, { id, person: "709", minutes: 60 });
    expect(pass.pass).toBe(row(id)["$pass"]);
    expect(JSON.stringify(graph.log)).not.toContain(String(row(id)[passwordKey]));
  });
});

it("providers-B4: a reset that Graph refuses, or whose answer is lost, loses no password that waits to be read", async () => {
  const vault = join(folder, "passwords");
  const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
  process.env["PULUMI_CONFIG_PASSPHRASE"] = "passphrase of a test";
  try {
    const client = connect();
    const rules = {
      length: 20,
      sets: ["upper" as const, "lower" as const, "digits" as const],
      mustChange: true,
      handover: "output" as const,
      vault,
    };
    const { id } = await user.create(client, wish("710"), Object.assign(contextOf(client), { cloudPasswords: rules }));
    const kept = () => waitingIn(vault, "passphrase of a test");
    const [first] = kept();
    expect(first).toMatchObject({ person: "710", system: "entra", taken: true, password: row(id)[passwordKey] });
    const reset = (now: string) => resetCloudPassword(client, { id, person: "710", rules, now: new Date(now), revoke: false });
    graph.faults.refuse = [id];
    await expect(reset("2027-01-01T00:00:00Z")).rejects.toThrow(RefusedError);
    expect(kept()).toEqual([first]);
    graph.faults.refuse = [];
    // Cut each time until the client gives up: nobody knows whether Graph has it, so both wait.
    graph.faults.cutWrites = 6;
    await expect(reset("2027-01-02T00:00:00Z")).rejects.toThrow(UnreachableError);
    expect(kept()).toMatchObject([{ password: first?.password }, { taken: false, password: row(id)[passwordKey] }]);
    await reset("2027-01-03T00:00:00Z");
    expect(kept()).toMatchObject([{ why: "reset", taken: true, password: row(id)[passwordKey] }]);
  } finally {
    if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
  }
});

describe("accounts that come from Active Directory", () => {
  const guid = "8f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f1";
  const hybrid = (attributes: object): UserInputs => user.inputs.parse({ person: "720", hybrid: true, attributes });

  it("are pending until Entra Connect has brought them; then only what the cloud masters is written", async () => {
    const client = connect();
    const context = contextOf(client, { ad: { "720": guid } });
    await expect(user.create(client, hybrid({ usageLocation: "no" }), context)).rejects.toThrow(PendingError);
    expect(writes()).toEqual([]);
    const synced = blankUser(graph.state, {
      ...{ userPrincipalName: "ad720@corp.example.com", displayName: "From AD", onPremisesSyncEnabled: true },
      onPremisesImmutableId: immutableIdOfGuid(guid),
    });
    putUser(graph.state, synced);
    context.refresh();
    const { id } = await user.create(client, hybrid({ usageLocation: "no" }), context);
    expect(id).toBe(synced["id"]);
    expect(row(id)["usageLocation"]).toBe("NO");
    await expect(update(user, client, id, hybrid({ jobTitle: "X" }), hybrid({ jobTitle: "" }), context)).rejects.toThrow(
      /on-premises mastered.*synchronised from Active Directory: change it there/u,
    );
    await expect(
      resetCloudPassword(client, {
        id,
        person: "720",
        rules: { length: 20, sets: ["upper", "lower", "digits"], mustChange: true, handover: "nobody" },
        now: new Date(),
        revoke: false,
      }),
    ).rejects.toThrow(/comes from Active Directory/u);
  });
});

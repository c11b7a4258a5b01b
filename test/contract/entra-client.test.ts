/**
 * The Graph client against the sandbox's Entra ID: each way of signing in, and what goes wrong for a while: a throttled
 * tenant, tokens that die or are taken back, a permission withdrawn, replicas that disagree, delta links that expired.
 * Its judge is ../shared/contracts/graph-v1.0.csdl.xml; where that is not there, only names and types go unchecked.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError, RefusedError, UnreachableError } from "../../base/errors.ts";
import { look as lookSince } from "../../cli/commands/drift/changes.ts";
import { entraFeed } from "../../cli/commands/drift/entra.ts";
import { runOf } from "../../cli/commands/drift/since.ts";
import { type ConnectOptions, connectEntra, type EntraClient } from "../../clients/graph/client.ts";
import { graphError } from "../../clients/graph/errors.ts";
import type { Definition } from "../../providers/core/definition.ts";
import { changesSince, DeltaExpired, linksNow } from "../../providers/entra/delta.ts";
import { permissionsOrUnknown } from "../../providers/entra/doctor/permission-list.ts";
import { licence } from "../../providers/entra/licence/licence.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { type Issuer, startIssuer, startManagedIdentity } from "../../sandbox/graph/issuer.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import {
  blankGroup,
  blankUser,
  deleteUser,
  join as joinGroup,
  leave,
  putUser,
  restoreUser,
  seedTenant,
  setDirect,
} from "../../sandbox/graph/state.ts";
import type { GraphApp } from "../../sandbox/graph/token.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { certificates } from "../../sandbox/tls.ts";
import type { PreviousResource } from "../../stacks/model/types.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-graph-"));
const before = tls.getCACertificates("default");
const roles = [
  "User.ReadWrite.All",
  "Group.ReadWrite.All",
  "LicenseAssignment.ReadWrite.All",
  "Organization.Read.All",
  "Application.Read.All",
];
const [tenantA, tenantB] = ["11111111-0000-4000-8000-00000000000a", "11111111-0000-4000-8000-00000000000b"];
const clientId = "aaaaaaaa-0000-4000-8000-000000000001";
const secret = crypto.randomUUID();
const subject = "repo:example@1001/people@2002:environment:production";
const model = csdl(fileURLToPath(new URL("../../../shared/contracts", import.meta.url)));
let graph: GraphServer;
let other: GraphServer;
let issuer: Issuer;
let time = Date.now();

/** Pauses take no time; the sandbox's clock goes on with them, by a clock of both. */
function clock(): NonNullable<ConnectOptions["clock"]> & { slept: number } {
  const made = {
    slept: 0,
    now: () => time,
    async sleep(ms: number) {
      made.slept += ms;
      time += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return made;
}

function connect(
  env: { [name: string]: string } = { ENTRA_CLIENT_SECRET: secret },
  more: ConnectOptions & { tenant?: GraphServer } = {},
): EntraClient {
  const { tenant = graph, ...options } = more;
  const config = { tenantId: tenant === graph ? tenantA : tenantB, clientId, authority: tenant.url, graph: tenant.url, syncWait: 0 };
  return connectEntra(config, env, { counter: { graph: 0 }, clock: clock(), ...options });
}

const tokensAsked = (): number => graph.log.filter((entry) => entry.path.endsWith("/token")).length;
const failure = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => {
      throw new Error("It should have failed.");
    },
    (error: Error) => error,
  );
function user(name: string, more: object = {}): string {
  const row = blankUser(graph.state, { userPrincipalName: `${name}@corp.example.com`, displayName: name, mailNickname: name, ...more });
  putUser(graph.state, row);
  return String(row["id"]);
}

beforeAll(async () => {
  const { ca, tls: pair } = await certificates(folder);
  tls.setDefaultCACertificates([...before, readFileSync(ca, "utf8")]);
  const [key, cert] = [join(folder, "app.key"), join(folder, "app.crt")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "20", "-subj", "/CN=haloform", "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  writeFileSync(join(folder, "app.pem"), readFileSync(key, "utf8") + readFileSync(cert, "utf8"));
  issuer = await startIssuer(subject);
  const app: GraphApp = {
    ...{ id: clientId, name: "haloform", secret, roles: [...roles], certificates: [readFileSync(cert, "utf8")] },
    federated: [{ issuer: issuer.issuer, subject, audience: "api://AzureADTokenExchange", key: issuer.key }],
  };
  const { tenant } = organisation({ people: 20 });
  graph = await startGraph({ tls: pair, tenant: tenantA, apps: [app], skus: tenant.skus, csdl: model, now: () => time });
  other = await startGraph({
    tls: pair,
    tenant: tenantB,
    apps: [{ ...app, name: "in B" }],
    skus: tenant.skus,
    csdl: model,
    now: () => time,
  });
  seedTenant(graph.state, tenant);
});

afterEach(() => {
  graph.faults.reset();
  issuer.subject = subject;
  const [app] = graph.apps;
  if (app) {
    app.roles = [...roles];
    delete app.secretEnds;
  }
});

afterAll(async () => {
  expect([...graph.violations, ...other.violations], "what Graph would have refused by its contract").toEqual([]);
  await Promise.all([graph.stop(), other.stop(), issuer.stop()]);
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

describe("H10: signing in", () => {
  it("H10: by the certificate, whose signature Entra ID verifies; another one is refused with what to do", async () => {
    const env = { ENTRA_CLIENT_CERTIFICATE_PATH: join(folder, "app.pem") };
    expect((await connect(env).list("/users", ["id"])).length).toBeGreaterThan(0);
    const [app] = graph.apps;
    const trusted = app?.certificates ?? [];
    if (app) app.certificates = [];
    expect((await failure(connect(env).list("/users", ["id"]))).message).toMatch(/AADSTS700027.*upload its public part/u);
    if (app) app.certificates = trusted;
  });

  it("H10: by GitHub's OIDC token with an immutable subject; a renamed repository is told which subject to add", async () => {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: issuer.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: issuer.token };
    expect((await connect(env).list("/users", ["id"])).length).toBeGreaterThan(0);
    issuer.subject = "repo:example@1001/renamed@2002:environment:production";
    const refused = await failure(connect(env).list("/users", ["id"]));
    expect(refused).toBeInstanceOf(ConfigurationError);
    expect(refused.message).toMatch(/AADSTS700213.*repo:example@1001\/renamed@2002:environment:production.*exactly this subject/u);
  });

  it("H10: by the managed identity", async () => {
    const identity = await startManagedIdentity((client) => graph.give(client));
    const given = { IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header };
    const old = Object.keys(given).map((name) => [name, process.env[name]] as const);
    // @azure/identity looks at the process's own environment.
    Object.assign(process.env, given);
    try {
      expect((await connect(given).list("/users", ["id"])).length).toBeGreaterThan(0);
      expect(new Set(identity.asked)).toEqual(new Set([clientId]));
    } finally {
      for (const [name, value] of old)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      await identity.stop();
    }
  });

  it("H10: a token that dies half way is renewed once, for all who wait", async () => {
    const client = connect();
    await client.list("/users", ["id"]);
    const asked = tokensAsked();
    // Graph calls it expired although it looked good for an hour.
    time += 3_700_000;
    await Promise.all([1, 2, 3, 4, 5].map(() => client.list("/groups", ["id"])));
    expect(tokensAsked() - asked).toBe(1);
    const [app] = graph.apps;
    if (app) app.secretEnds = time;
    time += 3_700_000;
    const ended = await failure(client.list("/users", ["id"]));
    expect(ended).toBeInstanceOf(ConfigurationError);
    expect(ended.message).toMatch(/AADSTS7000222.*has expired: make a new one/u);
  });

  it("H10: a token that is taken back is asked for anew with Graph's claims; where that is no help, one line says what to renew", async () => {
    const client = connect();
    await client.list("/users", ["id"]);
    graph.faults.challenge = time + 1;
    const asked = tokensAsked();
    await Promise.all([client.list("/users", ["id"]), client.list("/groups", ["id"])]);
    expect(tokensAsked() - asked).toBe(1);
    graph.faults.unauthorised = 99;
    const refused = await failure(client.list("/users", ["id"]));
    expect(refused).toBeInstanceOf(ConfigurationError);
    expect(refused.message).toMatch(/did not accept the token, nor a new one: .*renew its secret, certificate or federated credential/u);
    expect(refused.message).not.toContain("\n");
  });

  it("H14: two stacks of two tenants read their own people", async () => {
    putUser(other.state, blankUser(other.state, { userPrincipalName: "only.b@b.example.org", displayName: "Only B" }));
    const [a, b] = [connect(), connect(undefined, { tenant: other })];
    const names = async (client: EntraClient) =>
      (await client.list("/users", ["userPrincipalName"])).map((row) => (row as { userPrincipalName: string }).userPrincipalName);
    expect(await names(b)).toEqual(["only.b@b.example.org"]);
    expect(await names(a)).not.toContain("only.b@b.example.org");
    const wrong = { tenantId: tenantB, clientId, authority: graph.url, graph: graph.url, syncWait: 0 };
    expect((await failure(connectEntra(wrong, { ENTRA_CLIENT_SECRET: secret }).list("/users", ["id"]))).message).toMatch(/check tenantId/u);
  });
});

describe("what goes wrong for a while", () => {
  it("a tenant throttled for a minute, outside and inside batches: every change is made, once", async () => {
    const ids = Array.from({ length: 45 }, (_, n) => user(`throttled.${n}`));
    graph.faults.retryAfter = 15;
    graph.faults.throttled = 3;
    graph.faults.throttledInside = 40;
    const slow = clock();
    const client = connect(undefined, { clock: slow });
    const already = graph.log.length;
    const answers = await client.batch(ids.map((id) => ({ method: "PATCH", path: `/users/${id}`, body: { department: "Sales" } })));
    expect(answers.map((one) => one.status)).toEqual(ids.map(() => 204));
    expect(slow.slept).toBeGreaterThanOrEqual(60_000);
    expect(graph.log.slice(already).filter((one) => one.inner && one.method === "PATCH" && one.status === 204).length).toBe(45);
    expect(ids.every((id) => graph.state.users.current.get(id)?.["department"] === "Sales")).toBe(true);
  });

  it("a permission withdrawn in the middle is named, with the request's id", async () => {
    const client = connect();
    const id = user("withdrawn");
    await client.patch(`/users/${id}`, { department: "Sales" });
    const [app] = graph.apps;
    if (app) app.roles = ["User.Read.All"];
    const refused = await failure(client.patch(`/users/${id}`, { department: "Finance" }));
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused).toMatchObject({ status: 403, kind: "forbidden", requestId: expect.stringMatching(/^[\da-f-]{36}$/u) });
    expect(refused.message).toMatch(/needs the application permission User\.ReadWrite\.All/u);
  });

  it("replicas that disagree for 30 s: what was just made is waited for, and nobody is taken for deleted", async () => {
    graph.faults.replicas = 30_000;
    const client = connect();
    const made = await client.post("/groups", {
      displayName: "SG-Fresh",
      mailNickname: "SG-Fresh",
      mailEnabled: false,
      securityEnabled: true,
    });
    const id = String((made.body as { id: string }).id);
    const member = [...graph.state.users.current.keys()][0] ?? "";
    await client.post(`/groups/${id}/members/$ref`, { "@odata.id": `${client.base}/directoryObjects/${member}` });
    for (let n = 0; n < 4; n += 1) expect(await client.get(`/groups/${id}`, ["id"]), `read ${n}`).toMatchObject({ id });
    // Made by somebody else: not known to be new, and still no 404 is believed at once.
    for (let n = 0; n < 4; n += 1) {
      const somebody = user(`fresh.${n}`);
      expect(await client.get(`/users/${somebody}`, ["id"]), `somebody ${n}`).toMatchObject({ id: somebody });
    }
    graph.faults.replicas = 0;
    const gone = user("gone");
    deleteUser(graph.state, gone);
    const asked = graph.log.length;
    expect(await client.get(`/users/${gone}`, ["id"])).toBeUndefined();
    expect(graph.log.length - asked).toBe(3);
  });

  it("a stop goes between requests: nothing more is sent, and a pause ends at once", async () => {
    const stop = new AbortController();
    graph.faults.throttled = 99;
    graph.faults.retryAfter = 200;
    const client = connect(undefined, { signal: stop.signal, clock: { now: Date.now, sleep: () => new Promise(() => {}) } });
    const work = failure(client.list("/users", ["id"]));
    setTimeout(() => stop.abort(), 200);
    const stopped = await work;
    expect(stopped).toBeInstanceOf(UnreachableError);
    expect(stopped.message).toMatch(/the run was stopped; run it again to go on/u);
    const sent = client.calls();
    await failure(client.list("/groups", ["id"]));
    expect(client.calls()).toBe(sent);
  });
});

describe("H11: changes since a link", () => {
  it("H11: gives who changed, who may be restored and whose groups changed; replays change nothing", async () => {
    const client = connect();
    const [changed, gone, back, member] = [user("delta.changed"), user("delta.gone"), user("delta.back"), user("delta.member")];
    const group = blankGroup(graph.state, { displayName: "SG-Delta", mailNickname: "SG-Delta" });
    const id = String(group["id"]);
    graph.state.groups.put(id, group);
    const links = await linksNow(client);
    expect(await changesSince(client, links)).toMatchObject({ changed: new Set(), removed: new Map() });
    await client.patch(`/users/${changed}`, { department: "Finance" });
    deleteUser(graph.state, gone);
    deleteUser(graph.state, back);
    restoreUser(graph.state, back);
    joinGroup(graph.state, id, member);
    const first = await changesSince(client, links);
    expect([...first.changed].sort()).toEqual([changed, back, id].sort());
    expect([...first.removed]).toEqual([[gone, "changed"]]);
    graph.faults.replays = 3;
    leave(graph.state, id, member);
    const second = await changesSince(client, first.links);
    expect(second.changed).toContain(id);
    graph.faults.replays = 0;
    expect(await changesSince(client, second.links)).toMatchObject({ changed: new Set(), removed: new Map() });
    // A large page is followed to its end.
    for (let n = 0; n < 450; n += 1) user(`delta.many.${n}`);
    expect((await changesSince(client, second.links)).changed.size).toBe(450);
  });

  it.each(["gone", "syncStateNotFound", ""] as const)("H11: a link that is lost (%s) says so, also after seven days", async (how) => {
    const client = connect();
    const links = await linksNow(client);
    graph.faults.deltaExpired = how;
    if (how === "") time += 7 * 86_400_000 + 1;
    const lost = await failure(changesSince(client, links));
    expect(lost).toBeInstanceOf(DeltaExpired);
    expect(lost.message).toMatch(/Graph keeps it for seven days/u);
  });

  it("H11: drift reads only what changed, everything when the link is lost, by --full or at first, and nothing by --from-now", async () => {
    const client = connect();
    const definition = { ...licence, client: async () => client } as unknown as Definition;
    const of = ["SPE_E3"];
    const ids = Array.from({ length: 6 }, (_, n) => user(`drift.${n}`, { usageLocation: "GB" }));
    const applied: PreviousResource[] = ids.map((id, n) => ({
      ...{ type: "entra:Licence", name: `person ${n}`, id, modified: new Date(time - 86_400_000).toISOString() },
      inputs: { person: String(n), usageLocation: "GB", skus: [], of },
      outputs: { computed: {} },
    })) as unknown as PreviousResource[];
    const look = (text: string | undefined, how: "last" | "full" | "from-now" = "last") => {
      const notes: string[] = [];
      const run = runOf({ stack: "test", config: {} as never }, applied, new Date(time), { "entra:Licence": { properties: [] } });
      const given = {
        applied,
        run,
        text,
        how,
        notes,
        definitions: new Map([["entra:Licence", definition]]),
        say: () => {},
      };
      return lookSince(entraFeed(client, tenantA), given).then((looked) => ({ ...looked, looked: looked.read.length, notes }));
    };
    const first = await look(undefined);
    expect([first.looked, first.found, first.notes.join()]).toEqual([6, [], expect.stringContaining("There is no earlier")]);
    time += 3_600_000;
    const quiet = await look(first.kept);
    expect([quiet.looked, quiet.notes]).toEqual([0, []]);
    // By hand: a licence that the mapping owns, and that nobody should have.
    const sku = graph.state.skus.find((one) => one.partNumber === "SPE_E3")?.id ?? "";
    setDirect(graph.state, ids[2] ?? "", [{ skuId: sku, disabledPlans: [] }]);
    const changed = await look(quiet.kept);
    expect([changed.looked, changed.found.map((one) => one.resource)]).toEqual([1, ["person 2"]]);
    expect(changed.found).toEqual((await look(changed.kept, "full")).found);
    // Nobody touched it again, and it still differs.
    expect((await look(changed.kept)).found.map((one) => one.resource)).toEqual(["person 2"]);
    graph.faults.deltaExpired = "gone";
    const lost = await look(changed.kept);
    expect([lost.looked, lost.notes.join()]).toEqual([6, expect.stringContaining("Everything in Entra ID was read instead")]);
    graph.faults.deltaExpired = "";
    const now = await look(undefined, "from-now");
    expect([now.checked, now.looked, now.found, (await look(now.kept)).looked]).toEqual([0, 0, [], 0]);
    const foreign = await look(now.kept.replace(tenantA, tenantB));
    expect(foreign.notes.join()).toContain(`for the tenant ${tenantB}`);
  });
});

describe("permissions", () => {
  it("H10: lists what the mapping needs, for preview and for up, and what is missing", async () => {
    const config = { tenantId: tenantA, clientId, authority: graph.url, graph: graph.url, syncWait: 0 };
    const needs = { skus: [{ sku: "SPE_E3", without: [] }], usageLocation: false, groups: true };
    const [app] = graph.apps;
    if (app) app.roles = ["User.Read.All", "GroupMember.Read.All", "LicenseAssignment.ReadWrite.All", "Application.Read.All"];
    const { permissions, note } = await permissionsOrUnknown(config, { ENTRA_CLIENT_SECRET: secret }, needs);
    const of = (set: string, granted: boolean): string[] =>
      permissions.filter((one) => one.set === set && one.granted === granted).map((one) => one.permission);
    expect(note).toBeUndefined();
    expect(of("preview", true)).toEqual(["Application.Read.All", "GroupMember.Read.All", "LicenseAssignment.Read.All", "User.Read.All"]);
    expect(of("preview", false)).toEqual(["PrivilegedEligibilitySchedule.Read.AzureADGroup", "RoleManagement.Read.Directory"]);
    expect(of("up", true)).toEqual(["LicenseAssignment.ReadWrite.All"]);
    expect(of("up", false)).toEqual(expect.arrayContaining(["Group.ReadWrite.All", "GroupMember.ReadWrite.All"]));
    expect(permissions.some((one) => one.permission.startsWith("MailboxSettings"))).toBe(false);
    if (app) app.roles = ["User.Read.All"];
    const blind = await permissionsOrUnknown(config, { ENTRA_CLIENT_SECRET: secret }, needs);
    expect([blind.permissions.every((one) => one.granted === null), blind.note]).toEqual([
      true,
      expect.stringContaining("Application.Read.All"),
    ]);
  });
});

it.skipIf(model === undefined)(
  "the judge of requests finds every name that Graph's CSDL does not have (skipped where ../shared/contracts is not there)",
  () => {
    const id = "0a0a0a0a-0000-4000-8000-000000000001";
    const ask = (method: string, address: string, body?: object): string[] => {
      const url = new URL(address, "https://localhost");
      return (
        model?.request({ method, path: url.pathname, query: url.searchParams, body: body === undefined ? "" : JSON.stringify(body) }) ?? []
      );
    };
    const right: [string, string, object?][] = [
      ["GET", "/users?$select=id,licenseAssignmentStates&$filter=onPremisesImmutableId eq 'department eq x'&$top=999"],
      ["GET", "/users?$filter=proxyAddresses/any(p:p eq 'smtp:x@example.org')"],
      ["GET", `/users/${id}?$expand=manager($select=id,displayName)`],
      ["GET", "/users/delta?$select=id,manager&$deltatoken=latest"],
      ["GET", `/groups/${id}/members?$select=id,userPrincipalName`],
      ["POST", `/users/${id}/assignLicense`, { addLicenses: [{ skuId: id, disabledPlans: [] }], removeLicenses: [] }],
      ["PATCH", `/users/${id}/mailboxSettings`, { automaticRepliesSetting: { status: "disabled" } }],
      ["POST", `/groups/${id}/members/$ref`, { "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/x" }],
      ["POST", `/directory/deletedItems/${id}/restore`],
      ["PATCH", "/groups(uniqueName='x')", { displayName: "x", "members@odata.bind": [] }],
    ];
    expect(right.flatMap(([method, address, body]) => ask(method, address, body))).toEqual([]);
    const wrong: [string, string, object?][] = [
      ["GET", "/user"],
      ["GET", `/users/${id}/boss`],
      ["GET", "/users?$select=id,dept"],
      ["GET", "/users?$filter=dept eq 'x'"],
      ["GET", `/users/${id}?$expand=boss`],
      ["GET", `/users/${id}?$expand=manager($select=dept)`],
      ["GET", "/users?page=2"],
      ["GET", `/users/${id}/assignLicense`],
      ["POST", `/users/${id}/assignLicense`, { addLicenses: [] }],
      ["POST", `/users/${id}/assignLicense`, { addLicenses: [{ sku: id }], removeLicenses: [] }],
      ["POST", `/users/${id}/assignLicense`, { addLicenses: [], removeLicenses: [], force: true }],
      ["PATCH", `/users/${id}`, { dept: "x" }],
      ["PATCH", `/users/${id}/mailboxSettings`, { automaticRepliesSetting: { state: "disabled" } }],
      ["POST", `/groups/${id}/members/$ref`, { id }],
      ["POST", `/users/${id}/deactivate`, {}],
    ];
    expect(wrong.map(([method, address, body]) => ask(method, address, body).length)).toEqual(wrong.map(() => 1));
  },
);

describe("H10: what Graph says, in one line with what to do", () => {
  const headers = new Headers({ "request-id": "0f0f0f0f-1111-4222-8333-444444444444" });
  it.each([
    [
      400,
      "Request_BadRequest",
      "One or more added object references already exist for the following modified properties: 'members'.",
      "already-member",
      "",
    ],
    [
      400,
      "Request_BadRequest",
      "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
      "on-premises",
      "change it there",
    ],
    [
      400,
      "Request_BadRequest",
      "Another object with the same value for property userPrincipalName already exists.",
      "conflict",
      "perhaps a deleted one",
    ],
    [400, "Request_BadRequest", "Request contains a property with duplicate values.", "duplicate", "named twice"],
    [
      400,
      "Request_BadRequest",
      "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
      "domain",
      "verified domains",
    ],
    [
      400,
      "Request_BadRequest",
      "The specified password does not comply with password complexity requirements.",
      "password",
      "make it longer",
    ],
    [
      400,
      "Request_BadRequest",
      "License assignment cannot be done for user with invalid usage location.",
      "usage-location",
      "usageLocation",
    ],
    [400, "Request_BadRequest", "Subscription with SKU x does not have any available licenses.", "no-seat", "buy or free one"],
    [
      400,
      "Request_BadRequest",
      "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset.",
      "exchange",
      "only Exchange Online",
    ],
    [403, "Directory_QuotaExceeded", "The directory object quota limit for the Principal has been exceeded.", "quota", "quota raised"],
    [403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", "forbidden", "User.ReadWrite.All"],
    [
      404,
      "MailboxNotEnabledForRESTAPI",
      "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
      "no-mailbox",
      "15 minutes",
    ],
    [
      404,
      "Request_ResourceNotFound",
      "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
      "absent",
      "",
    ],
  ] as const)("%i %s %s", (status, code, message, kind, advice) => {
    const error = graphError("change Ada", "PATCH", "/users/0a", { status, headers, body: { error: { code, message } } });
    expect(error).toMatchObject({ kind, status, code, requestId: "0f0f0f0f-1111-4222-8333-444444444444" });
    expect(error.message).toContain(advice);
    expect(error.message).toMatch(/^Could not change Ada: .*\(request 0f0f0f0f-1111-4222-8333-444444444444\)$/u);
  });
});

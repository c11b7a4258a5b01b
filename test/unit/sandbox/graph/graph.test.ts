import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { csdl } from "../../../../sandbox/contracts/csdl.ts";
import { type GraphServer, startGraph } from "../../../../sandbox/graph/server.ts";
import { blankUser, putUser, seedTenant } from "../../../../sandbox/graph/state.ts";
import { organisation } from "../../../../sandbox/organisation/index.ts";
import { skus } from "../../../../sandbox/organisation/policy.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import type { Tls } from "../../../../sandbox/web/server.ts";
import { type Answer, ask, contractsDir, hasContracts, trust } from "../https.ts";

const dir = mkdtempSync(join(tmpdir(), "graph-"));
const tenant = "11111111-2222-4333-8444-555555555555";
const world = organisation({ people: 20 });
const contract = csdl(contractsDir);
const roles = [
  "User.ReadWrite.All",
  "Group.ReadWrite.All",
  "GroupMember.ReadWrite.All",
  "LicenseAssignment.ReadWrite.All",
  "Application.Read.All",
  "Organization.Read.All",
];
const text = {
  synced:
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
  already: "One or more added object references already exist for the following modified properties: 'members'.",
};
let tls: Tls;
let graph: GraphServer;
let now = Date.UTC(2026, 0, 1);
let token = "";
let users: string[] = [];

const sign = async (id: string, secret: string, more: Record<string, string> = {}): Promise<Answer> =>
  ask(`${graph.url}/${tenant}/oauth2/v2.0/token`, {
    form: {
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
      scope: "https://graph.microsoft.com/.default",
      ...more,
    },
  });
const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(path.startsWith("https:") ? path : `${graph.url}/v1.0${path}`, { token, headers });
const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`${graph.url}/v1.0${path}`, { method, token, headers, ...(body === undefined ? {} : { body }) });
const words = (answer: Answer): string => `${answer.status} ${answer.json.error.message}`;
const link = (id: unknown): string => `https://graph.microsoft.com/v1.0/directoryObjects/${String(id)}`;
const groupBody = (name: string): object => ({
  displayName: name,
  mailNickname: name.replace(/\W/gu, ""),
  mailEnabled: false,
  securityEnabled: true,
});
const newGroup = async (name: string): Promise<string> => String((await send("POST", "/groups", groupBody(name))).json.id);
const assign = (id: string, add: unknown, remove: unknown = []): Promise<Answer> =>
  send("POST", `/users/${id}/assignLicense`, { addLicenses: add, removeLicenses: remove });

beforeAll(async () => {
  const made = await certificates(dir);
  trust(made.ca);
  tls = made.tls;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  graph = await startGraph({
    ...{ tls, tenant, skus: world.tenant.skus, csdl: contract, now: () => now },
    apps: [
      { id: "writer", name: "haloform", secret: "s3cret", roles: [...roles] },
      { id: "reader", name: "preview", secret: "r3ad", roles: ["User.Read.All", "GroupMember.Read.All"] },
    ],
  });
  for (let number = 1; number <= 250; number++)
    putUser(
      graph.state,
      blankUser(graph.state, {
        displayName: `User ${number}`,
        userPrincipalName: `user${number}@corp.example.com`,
        mail: `user${number}@corp.example.com`,
        mailNickname: `user${number}`,
        usageLocation: number === 2 ? null : "GB",
        department: number % 2 ? "Sales" : "O'Neil & Co",
        onPremisesSyncEnabled: number === 3 ? true : null,
      }),
    );
  users = [...graph.state.users.current.keys()];
  seedTenant(graph.state, {
    ...world.tenant,
    groups: [
      { name: "LIC-Visio", description: "", kind: "cloud", members: ["user5@corp.example.com"], licences: ["VISIOCLIENT"] },
      { name: "SYNC", description: "", kind: "synced", members: [] },
      { name: "DYN", description: "", kind: "dynamic", members: [] },
    ],
    licences: [],
  });
  token = String((await sign("writer", "s3cret")).json.access_token);
});
afterEach(() => graph.stop());

describe("signing in to Entra ID", () => {
  it("works with @azure/identity and an authority of its own", async () => {
    const credential = new ClientSecretCredential(tenant, "writer", "s3cret", { authorityHost: graph.url, disableInstanceDiscovery: true });
    const given = await credential.getToken("https://graph.microsoft.com/.default");
    expect((await ask(`${graph.url}/v1.0/organization`, { token: given.token })).status).toBe(200);
  });
  it("refuses a wrong secret, app, tenant and scope", async () => {
    expect([(await sign("writer", "x")).status, (await sign("writer", "x")).json.error]).toEqual([401, "invalid_client"]);
    expect((await sign("nobody", "x")).json.error).toBe("unauthorized_client");
    expect((await sign("writer", "s3cret", { scope: "User.Read.All" })).json.error).toBe("invalid_scope");
    expect((await ask(`${graph.url}/other/oauth2/v2.0/token`, { form: { grant_type: "client_credentials" } })).json.error).toBe(
      "invalid_request",
    );
    expect((await ask(`${graph.url}/v1.0/users`)).json.error.code).toBe("InvalidAuthenticationToken");
  });
  it("lets an app do what it was consented to and no more", async () => {
    const reader = String((await sign("reader", "r3ad")).json.access_token);
    expect((await ask(`${graph.url}/v1.0/users`, { token: reader })).status).toBe(200);
    const refused = await ask(`${graph.url}/v1.0/users/${users[0]}`, { token: reader, method: "PATCH", body: { city: "Hull" } });
    expect([refused.status, refused.json.error.code]).toEqual([403, "Authorization_RequestDenied"]);
    graph.apps[0]?.roles.splice(0, 1);
    expect((await get("/users")).status).toBe(403);
  });
  it("ends its tokens", async () => {
    now += 3_600_000;
    expect((await get("/users")).status).toBe(401);
  });
});

describe("reading Graph", () => {
  it("pages by 100, up to 999, by an opaque link", async () => {
    expect((await get("/users")).json.value.length).toBe(100);
    expect(words(await get("/users?$top=1000"))).toBe("400 Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.");
    expect((await get("/users?$top=999")).json["@odata.nextLink"]).toBeUndefined();
    graph.faults.emptyPages = 1;
    const ids = new Set<string>();
    let pages = 0;
    for (let next = "/users?$select=id"; next !== "undefined"; pages++) {
      const { json } = await get(next);
      for (const user of json.value) ids.add(String(user.id));
      next = String(json["@odata.nextLink"]);
    }
    expect([pages, ids.size]).toEqual([4, 252]);
  });
  it("gives what is selected and nothing else", async () => {
    expect(Object.keys((await get(`/users/${users[0]}`)).json)).not.toContain("department");
    const [first] = (await get("/users?$select=displayName,employeeId,licenseAssignmentStates&$top=1")).json.value;
    expect(first).toEqual({ displayName: "User 1", employeeId: null, licenseAssignmentStates: [] });
  });
  it.skipIf(!hasContracts)("refuses a property that the contract does not have, and notes it", async () => {
    expect(words(await get("/users?$select=jobtitel"))).toContain(
      "Could not find a property named 'jobtitel' on type 'microsoft.graph.user'",
    );
    expect(graph.violations.size).toBe(1);
  });
  it("filters", async () => {
    const found = async (filter: string, headers = {}, more = ""): Promise<number> =>
      (await get(`/users?$filter=${encodeURIComponent(filter)}&$top=999${more}`, headers)).json.value?.length ?? 0;
    expect(await found("userPrincipalName eq 'USER7@corp.example.com'")).toBe(1);
    expect(await found("department eq 'O''Neil & Co'")).toBe(125);
    expect(await found("startsWith(displayName,'User 24') and department eq 'Sales'")).toBe(5);
    expect(
      await found(
        "(mail eq 'user1@corp.example.com' or mail in ('user2@corp.example.com','user3@corp.example.com')) and accountEnabled eq true",
      ),
    ).toBe(3);
    expect(await found("assignedLicenses/any(x:x/skuId eq c5928f49-12ba-48f7-ada3-0d743a3601d5)")).toBe(1);
    expect(await found("department ne 'Sales'", { ConsistencyLevel: "eventual" }, "&$count=true")).toBe(127);
    expect((await get("/users?$filter=department ne 'Sales'")).json.error.code).toBe("Request_UnsupportedQuery");
    expect((await get("/users?$filter=city eq 'Hull'")).json.error.code).toBe("Request_UnsupportedQuery");
    expect((await get("/users?$filter=mail eq 'x")).status).toBe(400);
  });
  it("finds one by id and name, tenant and permissions", async () => {
    expect((await get("/users/user9@corp.example.com")).json.displayName).toBe("User 9");
    expect((await get("/users('user9@corp.example.com')")).json.displayName).toBe("User 9");
    expect((await get("/users/nobody@corp.example.com")).json.error.code).toBe("Request_ResourceNotFound");
    const principal = (await get("/servicePrincipals?$filter=appId eq 'writer'")).json.value[0];
    expect((await get(`/servicePrincipals/${principal.id}/appRoleAssignments`)).json.value.length).toBe(roles.length);
    expect((await get("/subscribedSkus")).json.value.map((sku) => String(sku.skuPartNumber))).toContain("SPE_E3");
  });
});

describe("changing users", () => {
  it("leaves what AD masters to AD, but not usageLocation", async () => {
    expect(words(await send("PATCH", `/users/${users[2]}`, { department: "X" }))).toBe(`400 ${text.synced}`);
    expect(words(await send("PATCH", `/users/${users[2]}`, { usageLocation: "DE", accountEnabled: false }))).toBe(`400 ${text.synced}`);
    expect((await send("PATCH", `/users/${users[2]}`, { usageLocation: "DE" })).status).toBe(204);
  });
  it("refuses bad values", async () => {
    for (const body of [
      { department: "" },
      { usageLocation: "Germany" },
      { usageLocation: null },
      { id: "x" },
      { businessPhones: ["1", "2"] },
      { userPrincipalName: "user2@corp.example.com" },
    ])
      expect((await send("PATCH", `/users/${users[0]}`, body)).status, JSON.stringify(body)).toBe(400);
  });
  it.skipIf(!hasContracts)("refuses wrong names and types by the contract, and notes them", async () => {
    for (const body of [
      { departmnt: "x" },
      { accountEnabled: "true" },
      { businessPhones: "1" },
      { employeeHireDate: "2026-01-01" },
      { employeeOrgData: { cost: "x" } },
    ])
      expect((await send("PATCH", `/users/${users[0]}`, body)).status, JSON.stringify(body)).toBe(400);
    expect(graph.violations.size).toBe(5);
  });
  it("shows a change later when told so, and says 404 before", async () => {
    graph.faults.lag = 1000;
    await send("PATCH", `/users/${users[0]}`, { department: "Late" });
    expect((await get(`/users/${users[0]}?$select=department`)).json.department).toBe("Sales");
    const id = await newGroup("Fresh");
    expect((await get(`/groups/${id}`)).status).toBe(404);
    expect((await get("/groups?$filter=displayName eq 'Fresh'")).json.value.length).toBe(0);
    expect(words(await send("POST", `/groups/${id}/members/$ref`, { "@odata.id": link(users[0]) }))).toBe(
      "400 The source resource object or one of the objects being referenced do not exist.",
    );
    now += 1001;
    expect((await get(`/users/${users[0]}?$select=department`)).json.department).toBe("Late");
    expect((await get(`/groups/${id}`)).status).toBe(200);
  });
});

describe("licences", () => {
  const e3 = { skuId: skus.SPE_E3, disabledPlans: [] };
  const planId = (name: string): string => world.tenant.skus.flatMap((sku) => sku.plans).find((plan) => plan.name === name)?.id ?? "";
  it("wants both arrays, plans that are not null, a SKU of the tenant and a usage location", async () => {
    expect((await send("POST", `/users/${users[0]}/assignLicense`, { addLicenses: [e3] })).status).toBe(400);
    expect((await assign(users[0] ?? "", [{ skuId: skus.SPE_E3, disabledPlans: null }])).status).toBe(400);
    expect(words(await assign(users[0] ?? "", [{ skuId: tenant, disabledPlans: [] }]))).toBe(
      `400 License ${tenant} does not correspond to a valid company License.`,
    );
    expect(words(await assign(users[1] ?? "", [e3]))).toBe("400 License assignment cannot be done for user with invalid usage location.");
  });
  it("assigns, swaps and replaces plans, and counts one unit a user", async () => {
    const id = users[0] ?? "";
    expect((await assign(id, [{ ...e3, disabledPlans: [planId("YAMMER_ENTERPRISE")] }])).status).toBe(200);
    const states = async () => (await get(`/users/${id}?$select=licenseAssignmentStates`)).json.licenseAssignmentStates;
    expect((await states()).map((state) => [String(state.skuId), state.disabledPlans.length])).toEqual([[skus.SPE_E3, 1]]);
    await assign(id, [e3]);
    expect((await states())[0].disabledPlans.length).toBe(0);
    expect((await assign(id, [{ skuId: skus.SPE_E5, disabledPlans: [] }], [skus.SPE_E3])).status).toBe(200);
    const units = (await get("/subscribedSkus")).json.value.map((sku) => [String(sku.skuPartNumber), Number(sku.consumedUnits)]);
    expect(Object.fromEntries(units)).toMatchObject({ SPE_E3: 0, SPE_E5: 1, VISIOCLIENT: 1 });
  });
  it("knows plans that exclude or need each other", async () => {
    const id = users[0] ?? "";
    await assign(id, [e3]);
    expect(words(await assign(id, [{ skuId: skus.SPE_E5, disabledPlans: [] }]))).toContain("mutually exclusive");
    expect(words(await assign(id, [{ ...e3, disabledPlans: [planId("SHAREPOINTENTERPRISE")] }]))).toContain(
      "depends on the service(s) SHAREPOINTENTERPRISE",
    );
  });
  it("runs out of stock", async () => {
    graph.faults.seats = { SPE_E3: 1 };
    expect((await assign(users[0] ?? "", [e3])).status).toBe(200);
    expect(words(await assign(users[5] ?? "", [e3]))).toBe(
      `400 Subscription with SKU ${skus.SPE_E3} does not have any available licenses.`,
    );
    expect((await assign(users[0] ?? "", [e3])).status).toBe(200);
  });
  it("does not remove what a group gives, or what is not there", async () => {
    const id = users[4] ?? "";
    expect(words(await assign(id, [], [skus.VISIOCLIENT]))).toBe(
      "400 User license is inherited from a group membership and it cannot be removed directly from the user.",
    );
    expect(words(await assign(id, [], [skus.SPE_E3]))).toBe("400 User does not have a corresponding license.");
    const [state] = (await get(`/users/${id}?$select=licenseAssignmentStates`)).json.licenseAssignmentStates;
    expect(state?.assignedByGroup).toEqual(expect.any(String));
  });
});

describe("groups", () => {
  it("wants four properties, and makes a second of the same name without a word", async () => {
    expect(words(await send("POST", "/groups", { displayName: "X" }))).toBe(
      "400 A value is required for property 'mailEnabled' of resource 'Group'.",
    );
    expect((await send("POST", "/groups", { ...groupBody("X"), mailNickname: "a b" })).status).toBe(400);
    expect(await newGroup("Twin")).not.toBe(await newGroup("Twin"));
    expect((await get("/groups?$filter=displayName eq 'Twin'")).json.value.length).toBe(2);
  });
  it("is made once by its uniqueName", async () => {
    const path = "/groups(uniqueName='intra net')";
    expect((await send("PATCH", path, groupBody("Intranet"))).status).toBe(404);
    const made = await send("PATCH", path, groupBody("Intranet"), { Prefer: "create-if-missing" });
    expect(made.status).toBe(201);
    expect((await send("PATCH", path, { description: "again" }, { Prefer: "create-if-missing" })).status).toBe(204);
    expect((await get(`/groups/${made.json.id}?$select=uniqueName,description`)).json).toMatchObject({
      uniqueName: "intra net",
      description: "again",
    });
    expect((await send("POST", "/groups", { ...groupBody("Other"), uniqueName: "intra net" })).json.error.details[0].code).toBe(
      "ObjectConflict",
    );
  });
  it("adds up to 20 members, all or none", async () => {
    const id = await newGroup("Twenty");
    const bind = (from: number, to: number) => send("PATCH", `/groups/${id}`, { "members@odata.bind": users.slice(from, to).map(link) });
    const count = async () => (await get(`/groups/${id}/members?$select=id&$top=999`)).json.value.length;
    expect((await bind(0, 21)).status).toBe(400);
    expect((await bind(0, 20)).status).toBe(204);
    expect(words(await bind(19, 25))).toBe(`400 ${text.already}`);
    expect((await send("PATCH", `/groups/${id}`, { "members@odata.bind": [link(users[30]), link(tenant)] })).status).toBe(404);
    expect(await count()).toBe(20);
    expect(words(await send("POST", `/groups/${id}/members/$ref`, { "@odata.id": link(users[0]) }))).toBe(`400 ${text.already}`);
    expect((await send("DELETE", `/groups/${id}/members/${users[0]}/$ref`)).status).toBe(204);
    expect((await send("DELETE", `/groups/${id}/members/${users[0]}/$ref`)).status).toBe(400);
    expect(await count()).toBe(19);
  });
  it("leaves synced and dynamic groups alone", async () => {
    const idOf = async (name: string) => String((await get(`/groups?$filter=displayName eq '${name}'`)).json.value[0].id);
    const add = async (name: string) => send("POST", `/groups/${await idOf(name)}/members/$ref`, { "@odata.id": link(users[0]) });
    expect(words(await add("SYNC"))).toBe(`400 ${text.synced}`);
    expect((await add("DYN")).status).toBe(400);
    expect((await send("DELETE", `/groups/${await idOf("LIC-Visio")}`)).status).toBe(400);
  });
  it("deletes the member itself where /$ref was forgotten, and notes it", async () => {
    const id = await newGroup("Trap");
    await send("POST", `/groups/${id}/members/$ref`, { "@odata.id": link(users[9]) });
    expect((await send("DELETE", `/groups/${id}/members/${users[9]}`)).status).toBe(204);
    expect((await get(`/users/${users[9]}`)).status).toBe(404);
    expect(graph.violations.size).toBe(1);
  });
});

describe("batches and faults", () => {
  const inner = (count: number): object[] =>
    Array.from({ length: count }, (_, index) => ({ id: String(index), method: "GET", url: `/users/${users[index]}?$select=displayName` }));
  const batch = (requests: object[]): Promise<Answer> => send("POST", "/$batch", { requests });
  it("answers up to 20, in an order of its own", async () => {
    expect((await batch(inner(21))).status).toBe(400);
    const { json } = await batch(inner(20));
    expect(json.responses.map((one) => String(one.id))).not.toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(json.responses.every((one) => String(one.body.displayName) === `User ${Number(one.id) + 1}`)).toBe(true);
    expect(graph.log.filter((entry) => entry.inner).length).toBe(20);
  });
  it("throttles inside, with Retry-After", async () => {
    Object.assign(graph.faults, { throttledInside: 2, retryAfter: 0.5 });
    const { responses } = (await batch(inner(5))).json;
    expect(responses.filter((one) => Number(one.status) === 429).map((one) => String(one.headers["Retry-After"]))).toEqual(["0.5", "0.5"]);
  });
  it("refuses bodies without a type, absolute addresses, double ids, and follows dependsOn", async () => {
    expect((await batch([{ id: "1", method: "PATCH", url: "/users/x", body: {} }])).status).toBe(400);
    expect((await batch([{ id: "1", method: "GET", url: "https://graph.microsoft.com/v1.0/users" }])).status).toBe(400);
    expect((await batch([...inner(1), ...inner(1)])).status).toBe(400);
    const { responses } = (
      await batch([
        { id: "1", method: "GET", url: "/users/nobody" },
        { id: "2", method: "GET", url: "/users", dependsOn: ["1"] },
      ])
    ).json;
    expect(responses.find((one) => String(one.id) === "2").status).toBe(424);
  });
  it("throttles, fails, forgets tokens and cuts connections", async () => {
    graph.faults.throttled = 1;
    const slow = await get("/users");
    expect([slow.status, slow.headers.get("retry-after")]).toEqual([429, "1"]);
    graph.faults.failing = 1;
    expect((await get("/users")).status).toBe(503);
    graph.faults.unauthorised = 1;
    expect((await get("/users")).status).toBe(401);
    graph.faults.cutWrites = 1;
    await expect(send("PATCH", `/users/${users[0]}`, { city: "Hull" })).rejects.toThrow();
    expect((await get(`/users/${users[0]}?$select=city`)).text).toContain("Hull");
    graph.faults.dropWrites = 1;
    await expect(send("PATCH", `/users/${users[0]}`, { city: "York" })).rejects.toThrow();
    expect((await get(`/users/${users[0]}?$select=city`)).text).toContain("Hull");
    graph.faults.refuse = ["user1@corp.example.com"];
    expect((await send("PATCH", `/users/${users[0]}`, { city: "York" })).status).toBe(403);
  });
});

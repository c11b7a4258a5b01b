import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { haloContract } from "../../../../sandbox/contracts/halo.ts";
import type { HaloServer } from "../../../../sandbox/halo/context.ts";
import { startHalo } from "../../../../sandbox/halo/server.ts";
import { organisation } from "../../../../sandbox/organisation/index.ts";
import { certificates } from "../../../../sandbox/tls.ts";
import { type Answer, ask, contractsDir, hasContracts, trust } from "../https.ts";

const dir = mkdtempSync(join(tmpdir(), "halo-"));
let halo: HaloServer;
let now = Date.UTC(2026, 0, 1);
let token = "";

async function tokenOf(form: Record<string, string> = {}): Promise<Answer> {
  return ask(`${halo.url}/auth/token?tenant=t`, {
    form: { grant_type: "client_credentials", client_id: "writer", client_secret: "s3cret", scope: "all", ...form },
  });
}
const get = (path: string): Promise<Answer> => ask(`${halo.url}/api${path}`, { token });
const post = (path: string, body: unknown): Promise<Answer> => ask(`${halo.url}/api${path}`, { token, body });
const page = "pageinate=true&page_size=100&order=id&includeinactive=true";

beforeAll(async () => {
  const { ca, tls } = await certificates(dir);
  trust(ca);
  halo = await startHalo({
    tls,
    seed: organisation({ people: 250 }).halo,
    tenant: "t",
    contract: haloContract(contractsDir),
    now: () => now,
    clients: [
      { id: "writer", secret: "s3cret", write: true, scopes: ["all"] },
      { id: "reader", secret: "r3ad", write: false, scopes: ["all:standard"] },
    ],
  });
  token = (await tokenOf()).json.access_token.toString();
});
afterEach(() => {
  halo.faults.reset();
  halo.violations.clear();
  delete halo.options.limit;
});
afterAll(async () => {
  await halo.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("signing in to Halo", () => {
  it("tells its authorisation server and tenant to anybody", async () => {
    expect((await ask(`${halo.url}/api/authinfo`)).json).toEqual({ auth_url: `${halo.url}/auth`, tenant_id: "t" });
  });
  it("refuses a wrong secret, an unknown client, a scope that does not exist or is not granted", async () => {
    expect([(await tokenOf({ client_secret: "no" })).status, (await tokenOf({ client_secret: "no" })).json.error]).toEqual([
      400,
      "invalid_client",
    ]);
    expect((await tokenOf({ client_id: "nobody" })).json.error).toBe("invalid_client");
    expect((await tokenOf({ scope: "read:agents" })).json.error).toBe("invalid_scope");
    expect((await tokenOf({ client_id: "reader", client_secret: "r3ad", scope: "all" })).json.error).toBe("invalid_scope");
    expect((await tokenOf({ grant_type: "implicit" })).json.error).toBe("unsupported_grant_type");
    expect((await tokenOf({ grant_type: "password" })).json.error).toBe("unauthorized_client");
  });
  it("gives a token without a scope that opens nothing", async () => {
    const empty = (await tokenOf({ scope: "" })).json.access_token.toString();
    expect((await ask(`${halo.url}/api/Agent`, { token: empty })).status).toBe(401);
    expect((await ask(`${halo.url}/api/Agent`)).status).toBe(401);
  });
  it("ends tokens when it said so, or earlier where a test wants that", async () => {
    halo.faults.tokenLife = 60;
    halo.faults.tokenDies = 5000;
    const short = await tokenOf();
    expect(short.json.expires_in).toBe(60);
    expect((await ask(`${halo.url}/api/Roles`, { token: String(short.json.access_token) })).status).toBe(200);
    now += 5001;
    expect((await ask(`${halo.url}/api/Roles`, { token: String(short.json.access_token) })).status).toBe(401);
    halo.faults.reset();
    token = (await tokenOf()).json.access_token.toString();
  });
  it("lets the read-only client read but not write", async () => {
    const reader = (await tokenOf({ client_id: "reader", client_secret: "r3ad", scope: "all:standard" })).json.access_token.toString();
    expect((await ask(`${halo.url}/api/Agent`, { token: reader })).status).toBe(200);
    expect((await ask(`${halo.url}/api/Agent`, { token: reader, body: [{ name: "No" }] })).status).toBe(403);
  });
});

describe("lists of Halo", () => {
  it("caps a page at 100 without a word and echoes what was asked", async () => {
    const { json } = await get("/Users?pageinate=true&page_no=1&page_size=1000&includeinactive=true&order=id");
    expect([json.users.length, json.page_size, json.record_count]).toEqual([100, 1000, 254]);
  });
  it("ignores page parameters without pageinate", async () => {
    const { json } = await get("/Users?page_no=2&page_size=100");
    expect(json.users.length).toBe(50);
    expect("page_no" in json).toBe(false);
  });
  it("gives everybody once over all pages, inactive ones only when asked", async () => {
    const ids = new Set<unknown>();
    for (let number = 1; number <= 4; number++)
      for (const user of (await get(`/Users?${page}&page_no=${number}`)).json.users) ids.add(user.id);
    expect(ids.size).toBe(254);
    expect((await get("/Users?pageinate=true&page_no=9&page_size=100")).json.users).toEqual([]);
    const active = (await get("/Users?pageinate=true&page_no=1&page_size=100")).json.record_count;
    const inactive = (await get("/Users?pageinate=true&page_no=1&page_size=100&includeinactive=true&includeactive=false")).json;
    expect(Number(active) + Number(inactive.record_count)).toBe(254);
    expect(inactive.users.every((user) => user.inactive)).toBe(true);
  });
  it("writes site_id as a double, and list rows without department", async () => {
    const { text, json } = await get(`/Users?${page}&page_no=2`);
    expect(text).toMatch(/"site_id":(?:18|19|20)\.0,/u);
    expect(text).toMatch(/"site_id_int":(?:18|19|20),/u);
    expect(json.users.some((user) => "department" in user || "jobtitle" in user || "customfields" in user)).toBe(false);
    expect((await get(`/Users/${json.users[0].id}?includedetails=true`)).json.department).not.toBe("");
  });
  it("gives the custom fields that are asked for by id", async () => {
    const { json } = await get(`/Users?${page}&page_no=2&include_custom_fields=201,203`);
    expect(json.users[0].customfields.map((field) => field.name)).toEqual(["CFDepartment", "CFStartDate"]);
    expect((await get("/FieldInfo?typeid=4")).json.map((field) => field.id)).toEqual([201, 202, 203]);
    expect([...halo.violations]).toEqual([]);
  });
  it.skipIf(!hasContracts)("ignores an unknown parameter but notes it", async () => {
    expect((await get("/Users?approversonly=true")).status).toBe(200);
    expect([...halo.violations]).toEqual(["GET /Users: there is no parameter approversonly"]);
  });
  it("leaves roles, disabled agents and API agents out unless asked", async () => {
    const plain = (await get("/Agent")).json;
    expect(String((await get("/Agent")).text).startsWith("[")).toBe(true);
    expect(plain.some((agent) => agent.roles !== undefined || String(agent.isapiagent) === "true")).toBe(false);
    const all = (await get("/Agent?includeenabled=true&includedisabled=true&includeapiagents=true&includeroles=true")).json;
    expect(all.length).toBe(plain.length + 2);
    expect(all[0].roles[0].name).toBe("Administrator");
    expect("roles" in (await get("/Agent/1")).json).toBe(false);
    expect((await get("/Agent/1?includedetails=true")).json.roles.length).toBe(1);
  });
  it("finds things by id or says 404", async () => {
    expect((await get("/Users/99999")).status).toBe(404);
    const [role] = (await get("/Roles")).json;
    expect((await get(`/Roles/${role.id}`)).json.name).toBe(role.name);
    expect((await get("/Team/1?includeagents=true")).json.agents.length).toBeGreaterThan(0);
    expect((await get("/Site")).text).toContain('"client_id":12.0');
    expect((await get("/Nothing")).status).toBe(404);
  });
});

describe("writes to Halo", () => {
  it("takes arrays only", async () => {
    const answer = await post("/Agent", { name: "Bare" });
    expect([answer.status, answer.json.ClassName]).toEqual([400, "Newtonsoft.Json.JsonSerializationException"]);
  });
  it("creates whenever there is no id, also the same agent twice", async () => {
    const first = await post("/Agent", [{ name: "Twin", email: "twin@example.org" }]);
    const second = await post("/Agent", [{ name: "Twin", email: "twin@example.org" }]);
    expect(first.json[0].id).not.toBe(second.json[0].id);
    expect(first.json[0]).toMatchObject({ initials: "T", use: "agent", isdisabled: false });
    expect([...halo.state.agents.values()].filter((agent) => agent["name"] === "Twin").length).toBe(2);
  });
  it("updates the fields that are there, and replaces arrays", async () => {
    const roles = (await get("/Roles")).json;
    const { id } = (
      await post("/Agent", [
        { name: "Ada", roles: [{ id: roles[0].id }, { id: roles[1].id }], teams: [{ team_id: 1, team_name: "First line" }] },
      ])
    ).json[0];
    await post("/Agent", [{ id, roles: [{ id: roles[2].id }], isdisabled: true }]);
    const { json } = await get(`/Agent/${id}?includedetails=true`);
    expect(json).toMatchObject({ name: "Ada", isdisabled: true, roles: [{ name: roles[2].name }], teams: [{ team_name: "First line" }] });
    expect((await post("/Agent", [{ id: 987654, isdisabled: true }])).status).toBe(404);
  });
  it("refuses an agent without a name and an id that is written as a float", async () => {
    expect((await post("/Agent", [{ email: "x@example.org" }])).status).toBe(400);
    const float = await ask(`${halo.url}/api/Agent`, { token, raw: '[{"id":1.0,"isdisabled":false}]' });
    expect([float.status, float.json.Message]).toEqual([400, "Input string '1.0' is not a valid integer. Path '$.id'."]);
  });
  it.skipIf(!hasContracts)("ignores unknown properties, echoes them and notes them", async () => {
    const { json } = await post("/Agent", [{ name: "Typo", emailaddress: "t@example.org", Email: "t@example.org" }]);
    expect(json[0]).toMatchObject({ emailaddress: "t@example.org", email: "t@example.org" });
    expect((await get(`/Agent/${json[0].id}`)).json.emailaddress).toBeUndefined();
    expect([...halo.violations]).toEqual(["POST /api/Agent: Uname has no property emailaddress ($.emailaddress)"]);
  });
  it("notes a role or team that does not exist", async () => {
    await post("/Agent", [{ name: "Lost", roles: [{ name: "Administrator" }], teams: [{ team_name: "Nowhere" }], team: "Nowhere" }]);
    expect([...halo.violations].length).toBe(3);
  });
  it("creates roles with a text id, and users with a site", async () => {
    const role = (await post("/Roles", [{ name: "Auditor", claims: [{ type: "a", value: "1" }] }])).json[0];
    expect(typeof role.id).toBe("string");
    expect((await post("/Roles", [{ id: role.id, notes: "x" }])).json[0]).toMatchObject({
      name: "Auditor",
      notes: "x",
      claims: [{ type: "a", value: "1" }],
    });
    expect((await post("/Users", [{ name: "No site" }])).status).toBe(400);
    expect((await post("/Users", [{ name: "With site", site_id: 19 }])).json[0]).toMatchObject({ site_name: "Harbour", client_id: 12 });
    expect((await post("/Team", [{ name: "Night", agents: [{ agent_id: 1 }] }])).json[0].agents.length).toBe(1);
  });
});

describe("faults of Halo", () => {
  it("breaks a page in each way", async () => {
    halo.faults.pages = { 1: "500", 2: "html", 3: "truncated" };
    expect((await get(`/Users?${page}&page_no=1`)).status).toBe(500);
    const html = await get(`/Users?${page}&page_no=2`);
    expect([html.status, html.headers.get("content-type")]).toEqual([200, "text/html"]);
    const cut = await get(`/Users?${page}&page_no=3`);
    expect([cut.status, cut.json]).toEqual([200, undefined]);
    halo.faults.pages = { 2: "drop" };
    await expect(get(`/Users?${page}&page_no=2`)).rejects.toThrow();
  });
  it("lies about the count, loses people, empties columns and doubles rows", async () => {
    const people = halo.state.users.size;
    halo.faults.recordCount = 7;
    expect((await get(`/Users?${page}&page_no=1`)).json.record_count).toBe(people + 7);
    halo.faults.reset();
    halo.faults.missing = 0.5;
    expect((await get(`/Users?${page}&page_no=1`)).json.record_count).toBe(Math.round(people / 2));
    halo.faults.reset();
    halo.faults.emptied = ["name", "customfields"];
    expect(
      (await get(`/Users?${page}&page_no=1&include_custom_fields=201`)).json.users.every(
        (user) => user.name === undefined && user.customfields.length === 0,
      ),
    ).toBe(true);
    halo.faults.reset();
    halo.faults.duplicates = 2;
    const { users } = (await get(`/Users?${page}&page_no=1`)).json;
    expect(new Set(users.map((user) => user.id)).size).toBe(98);
  });
  it("is throttled for some calls, and by its own limit", async () => {
    halo.faults.throttled = 2;
    const statuses = [await get("/Roles"), await get("/Roles"), await get("/Roles")].map((answer) => answer.status);
    expect(statuses).toEqual([429, 429, 200]);
    halo.faults.after = 1;
    halo.faults.throttled = 1;
    expect([(await get("/Roles")).status, (await get("/Roles")).text]).toEqual([
      200,
      "Rate Limit Reached - 300 Requests per rolling 5 minute window",
    ]);
  });
  it("counts a rolling window", async () => {
    now += 600_000;
    halo.options.limit = { requests: 2, seconds: 300 };
    await get("/Roles");
    now += 200_000;
    await get("/Roles");
    expect((await get("/Roles")).status).toBe(429);
    now += 101_000;
    expect((await get("/Roles")).status).toBe(200);
    expect((await get("/Roles")).status).toBe(429);
  });
  it("forgets a token in the middle", async () => {
    halo.faults.unauthorised = 1;
    expect((await get("/Roles")).status).toBe(401);
    expect((await get("/Roles")).status).toBe(401);
    token = (await tokenOf()).json.access_token.toString();
    expect((await get("/Roles")).status).toBe(200);
  });
  it("does a POST whose answer is cut, and does not do one that is dropped", async () => {
    const agents = halo.state.agents.size;
    halo.faults.cutWrites = 1;
    await expect(post("/Agent", [{ name: "Cut" }])).rejects.toThrow();
    expect(halo.state.agents.size).toBe(agents + 1);
    halo.faults.dropWrites = 1;
    await expect(post("/Agent", [{ name: "Dropped" }])).rejects.toThrow();
    expect(halo.state.agents.size).toBe(agents + 1);
  });
  it("refuses, warns, and answers in its other forms", async () => {
    Object.assign(halo.faults, { refuse: ["Locked"], warn: ["Warned"], bareReply: true, thinRoles: true, wrappedAgents: true });
    expect((await post("/Agent", [{ name: "Locked" }])).status).toBe(400);
    const before = halo.state.agents.size;
    expect((await post("/Agent", [{ name: "Warned" }])).json._warning).toContain("approval");
    expect(halo.state.agents.size).toBe(before);
    expect((await post("/Agent", [{ name: "Bare" }])).json.name).toBe("Bare");
    expect("claims" in (await get("/Roles")).json[0]).toBe(false);
    expect(Array.isArray((await get("/Agent")).json.agents)).toBe(true);
  });
});

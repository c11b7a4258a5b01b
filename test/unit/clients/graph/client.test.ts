import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError, UnreachableError } from "../../../../base/errors.ts";
import { coalesce } from "../../../../clients/graph/batch.ts";
import { GraphRefusal } from "../../../../clients/graph/errors.ts";
import { apart, fakeClock, type GraphServer, graphProblem, startGraphServer } from "./graph-server.ts";

let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
});
afterAll(() => graph.close());
beforeEach(() => {
  graph.outer = [];
  graph.inner = [];
  graph.tokens = [];
  graph.tokenScript = undefined;
});

const failure = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It should have failed.");
};

describe("signing in", () => {
  it("asks for one token for many requests at once, with the scope of the configured Graph", async () => {
    graph.script = () => ({ status: 200, body: { value: [] } });
    const client = graph.client();
    await Promise.all(Array.from({ length: 12 }, () => client.list("/users", ["id"])));
    expect(graph.tokens.length).toBe(1);
    expect(graph.tokens[0]?.["scope"]).toContain(`${graph.origin}/.default`);
    expect(graph.outer.every((one) => one.headers["authorization"] === "Bearer token-1")).toBe(true);
    expect(graph.outer[0]?.headers["client-request-id"]).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it("signs an assertion with the certificate", async () => {
    graph.script = () => ({ status: 200, body: { value: [] } });
    const client = graph.client({ env: { ENTRA_CLIENT_CERTIFICATE_PATH: graph.pem } });
    await client.list("/users", ["id"]);
    expect(graph.tokens[0]?.["client_assertion_type"]).toContain("jwt-bearer");
    expect(graph.tokens[0]?.["client_assertion"]?.split(".").length).toBe(3);
  });

  it("fetches GitHub's OIDC token with Entra's audience, and uses it as the assertion", async () => {
    const asked: string[] = [];
    graph.script = (request) => {
      if (!request.path.startsWith("/oidc")) return { status: 200, body: { value: [] } };
      asked.push(`${request.path} ${request.headers["authorization"]}`);
      return { status: 200, body: { value: "header.payload.signature" } };
    };
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${graph.origin}/oidc?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner" };
    await graph.client({ env }).list("/users", ["id"]);
    // MSAL asks for the assertion more than once for one token; each is fetched anew.
    expect(new Set(asked)).toEqual(new Set(["/oidc?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange bearer runner"]));
    expect(graph.tokens[0]?.["client_assertion"]).toBe("header.payload.signature");
  });

  it("names the choices when the environment holds none", () => {
    expect(() => graph.client({ env: {} })).toThrow(ConfigurationError);
    expect(() => graph.client({ env: {} })).toThrow(
      /ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE_PATH.*GitHub's OIDC.*managed identity/u,
    );
    expect(graph.client({ env: { IDENTITY_ENDPOINT: "http://127.0.0.1/msi" } }).signedInBy).toBe("the managed identity");
  });

  it.each([
    [
      "invalid_client",
      "AADSTS7000222: The provided client secret keys for app '00000000-0000-0000-0000-00000000abcd' are expired. Visit the Azure portal.",
      /AADSTS7000222.*has expired: make a new one/u,
    ],
    [
      "invalid_client",
      "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:example/people:environment:production'. Please check.",
      /repo:example\/people:environment:production.*exactly this subject/u,
    ],
    [
      "invalid_request",
      "AADSTS90002: Tenant 'contoso.example.com' not found. Check to make sure you have the correct tenant ID.",
      /check tenantId/u,
    ],
  ])("says what to do about %s %s", async (error, description, expected) => {
    graph.tokenScript = () => ({
      status: 401,
      body: { error, error_description: description, error_codes: [1], trace_id: "t", correlation_id: "c" },
    });
    const thrown = await failure(graph.client().list("/users", ["id"]));
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect(thrown.message).toMatch(expected);
    expect(thrown.message).not.toMatch(/\n|not-a-real-secret/u);
    expect(graph.outer).toEqual([]);
  });

  it("takes a new token once when Graph refuses the one it has", async () => {
    graph.script = (request) =>
      request.headers["authorization"] === "Bearer token-1"
        ? graphProblem(401, "InvalidAuthenticationToken", "Lifetime validation failed.")
        : { status: 200, body: { value: [1] } };
    expect(await graph.client().list("/users", ["id"])).toEqual([1]);
    graph.script = () => graphProblem(401, "InvalidAuthenticationToken", "Access token validation failure.");
    expect(await failure(graph.client().list("/users", ["id"]))).toBeInstanceOf(ConfigurationError);
  });
});

describe("reading", () => {
  it("follows next links as they are, empty pages too, and counts each page", async () => {
    const second = "/v1.0/users?$skiptoken=RFNwdAIAAQ%3d%3d&zebra=1&$select=id&$top=999";
    graph.script = (request) => {
      if (request.path === "/v1.0/users?$select=id,displayName&$top=999")
        return { status: 200, body: { value: [{ id: "1" }], "@odata.nextLink": `${graph.origin}${second}` } };
      if (request.path === second)
        return { status: 200, body: { value: [], "@odata.nextLink": `${graph.origin}/v1.0/users?$skiptoken=third` } };
      return { status: 200, body: { value: [{ id: "2" }] } };
    };
    const counter = { graph: 0 };
    const client = graph.client({ counter });
    expect(await client.list("/users", ["id", "displayName"])).toEqual([{ id: "1" }, { id: "2" }]);
    expect(graph.outer.map((one) => one.path)).toEqual([
      "/v1.0/users?$select=id,displayName&$top=999",
      second,
      "/v1.0/users?$skiptoken=third",
    ]);
    expect([client.calls(), counter.graph]).toEqual([3, 3]);
  });

  it("does not follow a next link to another host", async () => {
    graph.script = () => ({ status: 200, body: { value: [], "@odata.nextLink": "https://graph.example.org/v1.0/users?x" } });
    expect((await failure(graph.client().list("/users", ["id"]))).message).toMatch(/another host \(graph\.example\.org\)/u);
  });

  it("gives undefined for 404 and encodes keys and filters", async () => {
    graph.script = () => ({ status: 404, body: { error: { code: "Request_ResourceNotFound", message: "gone" } } });
    expect(await graph.client().get("/users/x", ["id"])).toBeUndefined();
    graph.script = () => ({ status: 200, body: { value: [] } });
    await graph.client().list("/users", ["id"], { filter: "surname eq 'O''Neil & Söhne #1'" });
    expect(new URL(`${graph.origin}${graph.outer.at(-1)?.path}`).searchParams.get("$filter")).toBe("surname eq 'O''Neil & Söhne #1'");
  });

  it("says that an answer is not Graph's", async () => {
    graph.script = () => ({ status: 200, body: "<html>welcome</html>" });
    expect((await failure(graph.client().list("/users", ["id"]))).message).toMatch(/not a page of Graph's/u);
  });
});

describe("trying again", () => {
  it.each([
    ["429 with seconds", { status: 429, headers: { "Retry-After": "7" } }, 7000],
    ["429 with a decimal", { status: 429, headers: { "Retry-After": "2.5" } }, 2500],
    ["503", { status: 503, headers: { "Retry-After": "1" } }, 1000],
  ])("waits as long as asked: %s", async (_name, first, pause) => {
    let n = 0;
    graph.script = () => (n++ === 0 ? first : { status: 200, body: { value: ["ok"] } });
    const clock = fakeClock();
    expect(await graph.client({ clock }).list("/users", ["id"])).toEqual(["ok"]);
    expect(clock.slept).toEqual([pause]);
  });

  it.each([500, 502, 503, 504])("repeats a GET after %i", async (status) => {
    let n = 0;
    graph.script = () => (n++ < 2 ? { status, body: "<html>gateway</html>" } : { status: 200, body: { value: ["ok"] } });
    expect(await graph.client({ clock: fakeClock() }).list("/users", ["id"])).toEqual(["ok"]);
  });

  it("repeats a GET when the connection breaks or nothing answers in time", async () => {
    let n = 0;
    graph.script = () =>
      n++ === 0 ? { status: 0, drop: true } : n === 2 ? { status: 0, hang: true } : { status: 200, body: { value: ["ok"] } };
    const client = graph.client({ clock: fakeClock(), timeout: 1500 });
    expect(await client.list("/users", ["id"])).toEqual(["ok"]);
    expect(client.calls()).toBe(3);
  });

  it("a body that stalls has no more time than an answer that never comes", async () => {
    let n = 0;
    graph.script = () => (n++ === 0 ? { status: 200, stall: true } : { status: 200, body: { value: ["ok"] } });
    expect(await graph.client({ clock: fakeClock(), timeout: 300 }).list("/users", ["id"])).toEqual(["ok"]);
    expect(n).toBe(2);
  });

  it("does not repeat a POST that may have worked, unless told that it may", async () => {
    graph.script = () => ({ status: 504 });
    expect(await failure(graph.client({ clock: fakeClock() }).post("/users/1/revokeSignInSessions", {}))).toBeInstanceOf(UnreachableError);
    expect(graph.outer.length).toBe(1);
    expect(
      await failure(graph.client({ clock: fakeClock() }).post("/users/1/revokeSignInSessions", {}, { repeatable: true })),
    ).toBeInstanceOf(UnreachableError);
    expect(graph.outer.length).toBe(7);
  });

  it("repeats a POST that was certainly not done", async () => {
    let n = 0;
    graph.script = () => (n++ === 0 ? { status: 429, headers: { "Retry-After": "1" } } : { status: 204 });
    await graph.client({ clock: fakeClock() }).post("/users/1/revokeSignInSessions", {});
    expect(graph.outer.length).toBe(2);
  });

  it("gives up in one line", async () => {
    graph.script = () => ({ status: 503, body: "<html>\n<b>busy</b></html>" });
    const thrown = await failure(graph.client({ clock: fakeClock() }).list("/users", ["id"], { what: "read users" }));
    expect(thrown.message).toMatch(/^Could not read users: Microsoft Graph answered 503 again and again/u);
    graph.script = () => ({ status: 0, drop: true });
    expect((await failure(graph.client({ clock: fakeClock() }).list("/users", ["id"], { what: "read users" }))).message).toMatch(
      /^Could not read users: no answer from localhost:\d+: .+; check the network/u,
    );
    graph.script = () => ({ status: 429, headers: { "Retry-After": "86400" } });
    const clock = fakeClock();
    expect(await failure(graph.client({ clock }).list("/users", ["id"]))).toBeInstanceOf(UnreachableError);
    expect(clock.slept).toEqual([]);
  });
});

describe("batches", () => {
  it("sends 20 at a time, resends only the refused, each after the pause it was asked for, and keeps the order", async () => {
    const refusals = new Map([
      ["/v1.0/users/3", 1],
      ["/v1.0/users/44", 2],
    ]);
    graph.script = apart((request) => {
      const left = refusals.get(request.path) ?? 0;
      if (left === 0) return { status: 200, body: { path: request.path } };
      refusals.set(request.path, left - 1);
      return {
        status: 429,
        headers: { "Retry-After": request.path.endsWith("44") ? "4.25" : "1.5" },
        body: { error: { code: "TooManyRequests", message: "slow down" } },
      };
    });
    const clock = fakeClock();
    const client = graph.client({ clock });
    const answers = await client.batch(Array.from({ length: 45 }, (_, i) => ({ method: "GET" as const, path: `/users/${i}` })));
    expect(answers.map((one) => one.body)).toEqual(Array.from({ length: 45 }, (_, i) => ({ path: `/v1.0/users/${i}` })));
    // Those that come back at the same time share a batch.
    expect(client.calls()).toBe(3 + 1 + 1);
    expect(graph.inner.length).toBe(45 + 3);
    expect(clock.slept.sort()).toEqual([1500, 4250, 4250]);
  });

  it("returns what stays refused and does not repeat an inner POST that may have worked", async () => {
    graph.script = apart((request) => (request.method === "POST" ? { status: 504 } : graphProblem(400, "Request_BadRequest", "no")));
    const answers = await graph.client({ clock: fakeClock() }).batch([
      { method: "POST", path: "/users", body: { displayName: "A" } },
      { method: "PATCH", path: "/users/1", body: { city: "B" } },
    ]);
    expect(answers.map((one) => one.status)).toEqual([504, 400]);
    expect(graph.inner.map((one) => one.headers["Content-Type"])).toEqual(["application/json", "application/json"]);
    expect(graph.outer.length).toBe(1);
  });

  it("joins single requests that come together, each with its own answer", async () => {
    graph.script = apart((request) => (request.path.endsWith("/7") ? graphProblem(400, "Request_BadRequest", "seven") : { status: 204 }));
    const client = graph.client();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => client.submit({ method: "PATCH", path: `/users/${i}`, body: {} })),
    );
    expect(answers.map((one) => one.status)).toEqual(Array.from({ length: 50 }, (_, i) => (i === 7 ? 400 : 204)));
    expect(client.calls()).toBe(3);
  });

  it("sends a full batch at once, waits for more while they keep coming, and lets a lone one wait for moments", async () => {
    const sent: number[] = [];
    const join = coalesce<number, number>(
      async (asked) => {
        sent.push(asked.length);
        return asked;
      },
      { idle: 40, longest: 200 },
    );
    const started = performance.now();
    expect(await join(1)).toBe(1);
    expect(performance.now() - started).toBeLessThan(190);
    const full = Array.from({ length: 20 }, (_, i) => join(i));
    expect(sent).toEqual([1, 20]);
    await Promise.all(full);
    // One every 10 ms: each arrival puts the end off, but not for ever.
    const drip: Promise<number>[] = [];
    for (let i = 0; i < 12; i += 1) {
      drip.push(join(i));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Promise.all(drip);
    expect(sent.slice(2).length, sent.join()).toBeLessThan(6);
    expect(sent.slice(2).reduce((sum, one) => sum + one, 0)).toBe(12);
  });

  it("fails every asker of a batch that could not be sent", async () => {
    graph.script = () => graphProblem(403, "Authorization_RequestDenied", "Insufficient privileges");
    const client = graph.client();
    const both = await Promise.allSettled([
      client.submit({ method: "PATCH", path: "/users/1" }),
      client.submit({ method: "PATCH", path: "/users/2" }),
    ]);
    expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
  });
});

describe("pace", () => {
  it("spends the quota and waits until a window after the first answers, inner ones included", async () => {
    graph.script = apart(() => ({ status: 204 }));
    const clock = fakeClock();
    const client = graph.client({ clock, pace: { writes: 400, window: 10_000 } });
    const twenty = Array.from({ length: 20 }, (_, i) => ({ method: "PATCH" as const, path: `/users/${i}` }));
    for (let n = 0; n < 19; n += 1) await client.batch(twenty);
    expect(clock.slept).toEqual([]);
    await client.batch(twenty);
    expect(clock.slept).toEqual([10_000]);
    await client.list("/users", ["id"]).catch(() => undefined);
    expect(clock.slept).toEqual([10_000]);
  });

  it("a 429 inside a batch holds every other write too, and reads go on", async () => {
    const writes: number[] = [];
    const clock = fakeClock();
    graph.script = (request) => {
      if (request.path === "/v1.0/$batch") return { status: 0 };
      if (request.method === "GET") return { status: 200, body: { value: [] } };
      writes.push(clock.now());
      const refused = { "Retry-After": "9", "x-ms-throttle-information": "WriteLimitExceeded" };
      return writes.length === 1 ? { ...graphProblem(429, "TooManyRequests", "slow down"), headers: refused } : { status: 204 };
    };
    const client = graph.client({ clock });
    const start = clock.now();
    const first = client.patch("/users/1", { city: "Hull" });
    while (writes.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([first, client.patch("/users/2", { city: "Hull" })]);
    expect(writes.slice(1).every((at) => at >= start + 9000)).toBe(true);
    expect(writes).toHaveLength(3);
  });

  it("has at most 8 requests under way", async () => {
    let now = 0;
    let most = 0;
    graph.script = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 40));
      now -= 1;
      return { status: 200, body: { value: [] } };
    };
    const client = graph.client();
    await Promise.all(Array.from({ length: 40 }, () => client.list("/users", ["id"])));
    expect(most).toBe(8);
  });
});

describe("refusals", () => {
  it.each([
    [
      "POST",
      "/users/1/assignLicense",
      400,
      "Subscription with SKU 05e9a617 does not have any available licenses.",
      "no-seat",
      /buy or free one/u,
    ],
    [
      "POST",
      "/users/1/assignLicense",
      400,
      "License assignment cannot be done for user with invalid usage location.",
      "usage-location",
      /usageLocation/u,
    ],
    [
      "POST",
      "/users/1/assignLicense",
      400,
      "User license is inherited from a group membership and it cannot be removed directly from the user.",
      "inherited",
      /licensing group/u,
    ],
    [
      "POST",
      "/users/1/assignLicense",
      400,
      "License assignment failed because service plan 41781fb2 depends on the service(s) 9aaf7827",
      "dependency",
      /without/u,
    ],
    [
      "POST",
      "/users/1/assignLicense",
      400,
      "License 00000000 does not correspond to a valid company License.",
      "unknown-sku",
      /part number/u,
    ],
    [
      "PATCH",
      "/users/1",
      400,
      "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
      "on-premises",
      /change it there/u,
    ],
    [
      "POST",
      "/users/1/assignLicense",
      403,
      "Insufficient privileges to complete the operation.",
      "forbidden",
      /LicenseAssignment\.ReadWrite\.All/u,
    ],
    ["PATCH", "/users/1", 403, "Insufficient privileges to complete the operation.", "forbidden", /User\.ReadWrite\.All/u],
    [
      "DELETE",
      "/groups/1/members/2/$ref",
      403,
      "Insufficient privileges to complete the operation.",
      "forbidden",
      /take|remove a group member.*GroupMember\.ReadWrite\.All/u,
    ],
    [
      "PATCH",
      "/groups(uniqueName='haloform-x')",
      403,
      "Insufficient privileges to complete the operation.",
      "forbidden",
      /create or change a group.*Group\.ReadWrite\.All/u,
    ],
    [
      "PATCH",
      "/groups/1",
      400,
      "Another object with the same value for property mailNickname already exists.",
      "conflict",
      /another object/u,
    ],
  ] as const)("%s %s %i %s", async (method, path, status, message, kind, advice) => {
    graph.script = () => graphProblem(status, status === 403 ? "Authorization_RequestDenied" : "Request_BadRequest", message);
    const client = graph.client();
    const none = { addLicenses: [], removeLicenses: [] };
    const call = method === "POST" ? client.post(path, none) : method === "PATCH" ? client.patch(path, {}) : client.remove(path);
    const thrown = await failure(call);
    expect(thrown).toBeInstanceOf(GraphRefusal);
    const refusal = thrown as GraphRefusal;
    expect([refusal.kind, refusal.status, refusal.requestId]).toEqual([kind, status, "11111111-2222-3333-4444-555555555555"]);
    expect(refusal.message).toMatch(advice);
    expect(refusal.message).toMatch(/^Could not .*\(request 11111111-/u);
    expect(refusal.message).not.toContain("\n");
  });
});

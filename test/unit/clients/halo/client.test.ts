import { afterEach, describe, expect, it } from "vitest";
import { calls as counted } from "../../../../base/calls.ts";
import { ConfigurationError, RefusedError, UnreachableError } from "../../../../base/errors.ts";
import { connectHalo } from "../../../../clients/halo/client.ts";
import { UncertainError } from "../../../../clients/http/answer.ts";
import type { Asked, Reply, Served } from "./server.ts";
import { clientOf, configOf, failure, fakeClock, pageOf, people, secret, serve } from "./server.ts";

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

async function halo(handle: (asked: Asked, url: string) => Reply | undefined): Promise<Served> {
  served = await serve(handle);
  return served;
}

const users = (rows: readonly unknown[]) => (call: Asked) => (call.path === "/api/Users" ? pageOf(rows, call) : undefined);

describe("signing in", () => {
  it("discovers the authorisation server and the tenant, and sends the secret in a form", async () => {
    const server = await halo(users(people(3)));
    await clientOf(server).list("Users", "users");
    expect(server.asked.map((one) => `${one.method} ${one.path}`)).toEqual(["GET /api/authinfo", "POST /auth/token", "GET /api/Users"]);
    const token = server.asked[1];
    expect(token?.query.get("tenant")).toBe("northwind");
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "app-1",
      client_secret: secret,
      scope: "all",
    });
    expect(token?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(server.asked[2]?.headers["authorization"]).toBe("Bearer token-1");
  });

  it("asks nobody where to sign in when that is configured, and the configured tenant wins", async () => {
    const server = await halo((call) =>
      call.path === "/token" ? { json: { access_token: "other", expires_in: "3600" } } : users(people(1))(call),
    );
    await clientOf(server, { authorisationServer: `${server.url}/`, tenant: "t2" }).list("Users", "users");
    expect(server.asked.map((one) => one.path)).toEqual(["/token", "/api/Users"]);
    expect(server.asked[0]?.query.get("tenant")).toBe("t2");
  });

  it("outside O15: asks for the tenant where only the authorisation server is configured", async () => {
    const server = await halo((call) =>
      call.path === "/own/token" ? { json: { access_token: "other", expires_in: "3600" } } : users(people(1))(call),
    );
    await clientOf(server, { authorisationServer: `${server.url}/own` }).list("Users", "users");
    expect(server.asked.map((one) => one.path)).toEqual(["/api/authinfo", "/own/token", "/api/Users"]);
    expect(server.asked[1]?.query.get("tenant")).toBe("northwind");
  });

  it.each([
    ["404", { status: 404, text: "Not Found" }],
    ["a page", { text: "<html><body>Log in</body></html>", type: "text/html" }],
    ["something else", { json: [1] }],
  ] satisfies [string, Reply][])("falls back to <server>/auth when discovery answers %s", async (_name, reply) => {
    const server = await halo((call) => (call.path === "/api/authinfo" ? reply : users(people(1))(call)));
    await clientOf(server).list("Users", "users");
    expect(server.asked[1]?.path).toBe("/auth/token");
    expect(server.asked[1]?.query.has("tenant")).toBe(false);
  });

  it("does not send the secret to another host in clear text", async () => {
    const server = await halo((call) =>
      call.path === "/api/authinfo" ? { json: { auth_url: "http://login.example.org/auth", tenant_id: "t" } } : undefined,
    );
    const error = await failure(clientOf(server).rows("Agent"));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain("http://login.example.org is not an https:// address");
    expect(server.asked.length).toBe(1);
  });

  it.each(["", "/", "/api", "/api/", "/API"])("takes the Resource Server with %j at its end", async (end) => {
    const server = await halo(users(people(1)));
    const clock = fakeClock();
    await connectHalo(configOf(`${server.url}${end}`), secret, clock).list("Users", "users");
    expect(server.asked.at(-1)?.path).toBe("/api/Users");
  });

  it("signs in once for many at the same time, and once more shortly before the token ends", async () => {
    const server = await halo((call) => (call.path === "/api/Team" ? { json: [] } : undefined));
    const clock = fakeClock();
    const client = clientOf(server, {}, clock);
    await Promise.all(Array.from({ length: 8 }, () => client.rows("Team")));
    const tokens = (): number => server.asked.filter((one) => one.path === "/auth/token").length;
    expect(tokens()).toBe(1);
    clock.move(3530_000);
    await client.rows("Team");
    expect(tokens()).toBe(1);
    clock.move(20_000);
    await client.rows("Team");
    expect(tokens()).toBe(2);
  });

  it("signs in again exactly once on 401, and says what to check when that does not help", async () => {
    let refusals = 1;
    const server = await halo((call) =>
      call.path === "/api/Team" ? (refusals-- > 0 ? { status: 401 } : { json: [{ id: 1, name: "Onsite" }] }) : undefined,
    );
    expect(await clientOf(server).rows("Team")).toEqual([{ id: 1, name: "Onsite" }]);
    expect(server.api().map((one) => one.headers["authorization"])).toEqual(["Bearer token-1", "Bearer token-2"]);
    refusals = 100;
    const error = await failure(clientOf(server).rows("Team"));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/^GET \/Team: HaloITSM answers 401 to a fresh token .*check halo\.scope/u);
    expect(server.api().length).toBe(4);
  });

  it("halo-real-1.8: a 401 to credentials that are good elsewhere refuses that one thing, and asks for no token each time", async () => {
    const server = await halo((call) =>
      call.path.startsWith("/api/Asset/") ? { status: 401 } : call.path === "/api/Asset" ? { json: [{ id: 1 }] } : undefined,
    );
    const client = clientOf(server);
    await client.rows("Asset");
    for (const id of [1, 2, 3]) {
      const error = await failure(client.get("Asset", id));
      expect(error).toBeInstanceOf(RefusedError);
      expect(error.message).toMatch(
        /^GET \/Asset\/\d: HaloITSM answers 401 here, to credentials that it takes elsewhere: no explanation; give the agent .* the right/u,
      );
    }
    // The list of the same module goes on.
    expect(await client.rows("Asset")).toEqual([{ id: 1 }]);
    expect(server.asked.filter((one) => one.path === "/auth/token").length).toBe(2);
  });

  it("halo-real-1.8: where one token ends after another was refused somewhere, a new one is asked for", async () => {
    let good = "Bearer token-2";
    const server = await halo((call) => {
      if (call.path === "/api/Roles") return { json: [] };
      if (!["/api/Team", "/api/Status"].includes(call.path)) return undefined;
      return call.path === "/api/Team" && call.headers["authorization"] === good ? { json: [] } : { status: 401 };
    });
    const client = clientOf(server);
    await client.rows("Roles");
    expect(await client.rows("Team")).toEqual([]);
    await failure(client.rows("Status"));
    good = "Bearer token-4";
    expect(await client.rows("Team")).toEqual([]);
  });

  it("one 401 each for many at the same time costs one new token", async () => {
    const server = await halo((call) =>
      call.path === "/api/Team" ? (call.headers["authorization"] === "Bearer token-1" ? { status: 401 } : { json: [] }) : undefined,
    );
    const client = clientOf(server);
    await Promise.all(Array.from({ length: 5 }, () => client.rows("Team")));
    expect(server.asked.filter((one) => one.path === "/auth/token").length).toBe(2);
  });

  it.each([
    ["invalid_client", 400, "renew the secret of the application app-1"],
    ["invalid_client", 401, "renew the secret of the application app-1"],
    ["invalid_scope", 400, "set halo.scope to `all`"],
    ["unauthorized_client", 400, "Client ID and Secret (Services)"],
    ["something", 400, "check halo.authorisationServer, halo.tenant, halo.clientId and HALO_CLIENT_SECRET"],
  ])("%s (%d) is one line that says what to do", async (code, status, words) => {
    const server = await halo((call) =>
      call.path === "/auth/token" ? { status, json: { error: code, error_description: `no\n${secret}` } } : undefined,
    );
    const error = await failure(clientOf(server).rows("Team"));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(words);
  });

  it("an answer without a token names the setting", async () => {
    const server = await halo((call) => (call.path === "/auth/token" ? { json: { hello: 1 } } : undefined));
    expect((await failure(clientOf(server).rows("Team"))).message).toContain("set halo.authorisationServer");
  });
});

describe("paging", () => {
  it.each([1, 99, 100, 101, 250, 300])("reads all of %d people, in the order of ids, 100 a call", async (count) => {
    const server = await halo(users(people(count)));
    const client = clientOf(server);
    const read = await client.list("Users", "users", { includeactive: true });
    expect(read.rows.length).toBe(count);
    expect(read).toMatchObject({ recordCount: count, complete: true, doubts: [] });
    expect(client.calls()).toBeLessThanOrEqual(Math.ceil(count / 100) + 1);
    const query = server.api()[0]?.query;
    expect(Object.fromEntries(query ?? [])).toEqual({
      includeactive: "true",
      pageinate: "true",
      page_size: "100",
      page_no: "1",
      order: "id",
    });
  });

  it("reads all where the server's pages are smaller than asked for", async () => {
    const server = await halo((call) => (call.path === "/api/Users" ? pageOf(people(120), call, 50) : undefined));
    const read = await clientOf(server).list("Users", "users");
    expect(read).toMatchObject({ complete: true, pages: 3 });
    expect(read.rows.length).toBe(120);
  });

  it("takes the declared key, not the first array", async () => {
    const server = await halo((call) =>
      call.path === "/api/Users" ? { json: { record_count: 1, user_ids: [{ id: 5 }, { id: 6 }], users: [{ id: 7 }] } } : undefined,
    );
    expect((await clientOf(server).list("Users", "users")).rows).toEqual([{ id: 7 }]);
  });

  it.each([
    [7, "HaloITSM says /Users has 257 rows but gave 250"],
    [-7, "HaloITSM says /Users has 243 rows but gave 250"],
    [-50, "HaloITSM says /Users has 200 rows but gave 250"],
    [-150, "HaloITSM says /Users has 100 rows but gave 250"],
  ])("a record_count that is wrong by %d is doubted", async (wrong, doubt) => {
    const rows = people(250);
    const server = await halo((call) => {
      if (call.path !== "/api/Users") return undefined;
      const { json } = pageOf(rows, call);
      return { json: { ...(json as object), record_count: 250 + wrong } };
    });
    const read = await clientOf(server).list("Users", "users");
    expect(read.complete).toBe(false);
    expect(read.doubts).toContain(doubt);
  });

  it.each([
    [
      "500",
      { status: 500, json: { ClassName: "System.Exception", Message: "Execution Timeout Expired." } },
      "page 2 of /Users failed (GET /Users: HaloITSM answers 500: Execution Timeout Expired.)",
    ],
    [
      "an HTML page",
      { text: "<!DOCTYPE html><html>", type: "text/html" },
      "page 2 of /Users failed (GET /Users: HaloITSM answers with an HTML page instead of JSON",
    ],
    ["cut JSON", { text: '{"record_count":250,"users":[{"id":2', type: "application/json" }, "is not readable JSON"],
    ["a broken connection", { drop: true }, "cannot be reached or broke off"],
    ["a body that breaks off", { text: '{"record_count":250,"users":[', cut: true }, "cannot be reached or broke off"],
    ["503", { status: 503, text: "<html><h1>Service Unavailable</h1></html>", type: "text/html" }, "HaloITSM answers 503 (an HTML page)"],
    ["no list", { json: { record_count: 250 } }, 'page 2 of /Users has no list "users"'],
  ] satisfies [string, Reply, string][])("page 2 answering %s is an incomplete read that says so", async (_name, reply, words) => {
    const rows = people(250);
    const server = await halo((call) =>
      call.path === "/api/Users" ? (call.query.get("page_no") === "2" ? reply : pageOf(rows, call)) : undefined,
    );
    const read = await clientOf(server).list("Users", "users");
    expect(read.complete).toBe(false);
    expect(read.rows.length).toBe(100);
    expect(read.doubts[0]).toMatch(/^The read is incomplete: /u);
    expect(read.doubts[0]).toContain(words);
    expect(read.doubts).toContain("HaloITSM says /Users has 250 rows but gave 100");
  });

  it("halo-real-1.12: a count of 0 beside rows is no count: all is read, and doubted", async () => {
    const rows = people(170);
    const server = await halo((call) => {
      if (call.path !== "/api/Users") return undefined;
      const from = (Number(call.query.get("page_no")) - 1) * 50;
      return { json: { record_count: 0, users: rows.slice(from, from + 50) } };
    });
    const list = await clientOf(server).list("Users", "users");
    expect([list.rows.length, list.complete]).toEqual([170, false]);
  });

  it("halo-real-2: a resource that knows no pages is read once, however much it holds", async () => {
    const rows = people(250);
    const server = await halo((call) => (call.path === "/api/Users" ? { json: { record_count: 250, results: rows } } : undefined));
    const list = await clientOf(server).list("Users", "users");
    expect([list.rows.length, list.complete, list.doubts]).toEqual([250, true, []]);
    expect(server.api()).toHaveLength(1);
  });

  it("an empty page before the end is an incomplete read", async () => {
    const rows = people(250);
    const server = await halo((call) =>
      call.path === "/api/Users"
        ? call.query.get("page_no") === "2"
          ? { json: { record_count: 250, users: [] } }
          : pageOf(rows, call)
        : undefined,
    );
    const read = await clientOf(server).list("Users", "users");
    expect(read.complete).toBe(false);
    expect(server.api().length).toBe(2);
  });

  it("the same page for ever ends, doubted", async () => {
    const server = await halo((call) => (call.path === "/api/Users" ? { json: { record_count: 900, users: people(100) } } : undefined));
    const read = await clientOf(server).list("Users", "users");
    expect(read.rows.length).toBe(100);
    expect(read.doubts).toContain("HaloITSM sent 100 rows of /Users twice");
    expect(server.api().length).toBe(2);
  });

  it("a count that changes while reading, a row that comes twice and no count at all are doubted", async () => {
    const rows = people(150);
    rows[120] = { ...rows[99] };
    const server = await halo((call) =>
      call.path === "/api/Users" ? pageOf(rows, call) : call.path === "/api/Site" ? { json: [{ id: 1 }] } : undefined,
    );
    const read = await clientOf(server).list("Users", "users");
    expect(read.doubts).toContain("HaloITSM sent 1 row of /Users twice");
    expect(read.rows.length).toBe(149);
    expect((await clientOf(server).list("Site", "sites")).doubts).toContain(
      "HaloITSM does not say how many rows /Site has, so that 1 cannot be checked",
    );
  });

  it("the first page's error is thrown", async () => {
    const server = await halo((call) =>
      call.path === "/api/Users" ? { status: 403, json: { Message: "You do not have permission" } } : undefined,
    );
    const error = await failure(clientOf(server).list("Users", "users"));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toContain("You do not have permission; give the agent that the Halo application logs in as the right");
  });
});

describe("the limit", () => {
  it("waits for the rolling window, and says for how long", async () => {
    const server = await halo((call) => (call.path === "/api/Team" ? { json: [] } : undefined));
    const clock = fakeClock();
    const told: number[] = [];
    const client = clientOf(server, { limit: 10, window: 60 }, { ...clock, onWait: (seconds) => told.push(seconds) });
    for (let n = 0; n < 8; n++) await client.rows("Team");
    expect(clock.slept()).toBe(0);
    await client.rows("Team");
    expect(clock.slept()).toBe(61_000);
    expect(told.slice(0, 3)).toEqual([61, 60, 59]);
    expect(told.at(-1)).toBe(1);
    expect(client.calls()).toBe(9);
  });

  it("providers-B14: a repetition is a request of its own, as Halo's window counts it", async () => {
    let failures = 2;
    const server = await halo((call) =>
      call.path === "/api/Team" ? (failures-- > 0 ? { status: 503, text: "busy" } : { json: [] }) : undefined,
    );
    const client = clientOf(server);
    const before = counted.halo;
    await client.rows("Team");
    expect(server.api().length).toBe(3);
    expect([client.calls(), counted.halo - before]).toEqual([3, 3]);
  });

  it.each([
    ["the limit", { limit: 2 }, undefined, 0],
    ["the end of a 429", {}, { status: 429, text: "Rate Limit Reached", headers: { "retry-after": "300" } }, 1],
    ["a repetition", {}, { status: 503, text: "busy", headers: { "retry-after": "60" } }, 1],
  ])("providers-B11: who waits for %s is let go when the run is stopped, and sends nothing more", async (_what, config, reply, sent) => {
    const server = await halo((call) => (call.path === "/api/Team" ? (reply ?? { json: [] }) : undefined));
    const stop = new AbortController();
    const sleep = (): Promise<void> => {
      setTimeout(() => stop.abort(), 20);
      return new Promise(() => undefined);
    };
    const error = await failure(clientOf(server, config, { sleep, signal: stop.signal }).rows("Team"));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toBe("Could not wait for HaloITSM: the run was stopped; run it again to go on.");
    expect(server.api().length).toBe(sent);
  });

  it("counts what another process spent", async () => {
    const server = await halo((call) => (call.path === "/api/Team" ? { json: [] } : undefined));
    const clock = fakeClock();
    const now = clock.now().getTime();
    const spent = Array.from({ length: 10 }, () => now - 20_000);
    const client = clientOf(server, { limit: 10, window: 60 }, { ...clock, spent });
    await client.rows("Team");
    expect(clock.slept()).toBe(41_000);
    expect(client.spent().length).toBe(3);
  });

  it.each([
    [undefined, 30_000],
    ["7", 7_000],
    ["0", 1_000],
  ])("429 with Retry-After %s waits %d ms and is not an error, for a write neither", async (after, waited) => {
    let refusals = 1;
    const server = await halo((call) => {
      if (call.path !== "/api/Agent") return undefined;
      if (refusals-- > 0)
        return {
          status: 429,
          text: "Rate Limit Reached - 300 Requests per rolling 5 minute window",
          headers: after === undefined ? {} : { "retry-after": after },
        };
      return { json: [{ id: 5 }] };
    });
    const clock = fakeClock();
    expect(await clientOf(server, {}, clock).post("Agent", { name: "Ada" })).toEqual({ id: 5 });
    expect(clock.slept()).toBe(waited);
  });

  it("429 for ten minutes is an error in Halo's own words", async () => {
    const server = await halo((call) => (call.path === "/api/Team" ? { status: 429, text: "Rate Limit Reached" } : undefined));
    const clock = fakeClock();
    const error = await failure(clientOf(server, {}, clock).rows("Team"));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain("429 for ten minutes (Rate Limit Reached)");
    expect(clock.slept()).toBeGreaterThan(9 * 60_000);
    expect(clock.slept()).toBeLessThanOrEqual(10 * 60_000);
    expect(server.api().length).toBeLessThan(15);
  });
});

describe("writing", () => {
  it.each([
    ["an array", [{ id: 5, name: "Ada" }]],
    ["an object", { id: 5, name: "Ada" }],
    ["an envelope", { agents: [{ id: 5, name: "Ada" }] }],
  ])("sends an array of one and takes %s", async (_name, json) => {
    const server = await halo((call) => (call.path === "/api/Agent" ? { status: 201, json } : undefined));
    expect(await clientOf(server).post("Agent", { name: "Ada" })).toEqual({ id: 5, name: "Ada" });
    expect(server.api()[0]?.body).toBe('[{"name":"Ada"}]');
    expect(server.api()[0]?.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it.each([
    ["a dropped connection", { drop: true }],
    ["an answer that breaks off", { text: "[{", cut: true }],
    ["502", { status: 502, text: "Bad Gateway" }],
    ["503", { status: 503, text: "" }],
    ["an HTML page", { text: "<html>", type: "text/html" }],
    ["JSON that ends early", { text: '[{"id":', type: "application/json" }],
  ] satisfies [string, Reply][])("%s after a POST is uncertain, and nothing is sent twice", async (_name, reply) => {
    const server = await halo((call) => (call.path === "/api/Agent" ? reply : undefined));
    const clock = fakeClock();
    expect(await failure(clientOf(server, {}, clock).post("Agent", { name: "Ada" }))).toBeInstanceOf(UncertainError);
    expect(server.api().length).toBe(1);
    expect(clock.slept()).toBe(0);
  });

  it("a write that takes too long is uncertain", async () => {
    served = await serve(async (call) => {
      if (call.path === "/api/Agent") await new Promise((resolve) => setTimeout(resolve, 500));
      return undefined;
    });
    const error = await failure(clientOf(served, {}, { timeout: 100 }).post("Agent", { name: "Ada" }));
    expect(error).toBeInstanceOf(UncertainError);
    expect(error.message).toContain("gave no whole answer in 0.1 s");
  });

  it("a _warning means not done", async () => {
    const server = await halo((call) => (call.path === "/api/Agent" ? { json: [{ id: 5, _warning: "Needs approval" }] } : undefined));
    const error = await failure(clientOf(server).post("Agent", { name: "Ada" }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toBe("POST /Agent: HaloITSM warns: Needs approval");
  });

  it.each([
    [{ resultCode: 3, errorMessage: "First", Message: "Second" }, "First"],
    [{ ClassName: "System.Exception", Message: "Second", error: "third" }, "Second"],
    [{ error: "third", error_description: "in words" }, "in words"],
    [{ error: "third" }, "third"],
    ["An Outcome must be entered for this Action", "An Outcome must be entered for this Action"],
    [{}, "no explanation"],
  ])("says why in Halo's own words: %j", async (json, words) => {
    const server = await halo((call) => (call.path === "/api/Agent" ? { status: 400, json } : undefined));
    expect((await failure(clientOf(server).post("Agent", {}))).message).toBe(`POST /Agent: HaloITSM answers 400: ${words}`);
  });

  it.each([
    [{ id: ["The value 'x' is not valid."] }, "id: The value 'x' is not valid."],
    [{ title: "One or more errors", errors: { "$[0].name": ["Required."], "": ["Bad."] } }, "$[0].name: Required. Bad."],
    [{ resultCode: 5 }, "no explanation"],
  ])("halo-real-1.12: the errors of a model are words: %j", async (json, words) => {
    const server = await halo((call) => (call.path === "/api/Team" ? { status: 400, json } : undefined));
    expect((await failure(clientOf(server).rows("Team"))).message).toBe(`GET /Team: HaloITSM answers 400: ${words}`);
  });

  it("long words of Halo are cut, and line breaks folded", async () => {
    const server = await halo((call) => (call.path === "/api/Agent" ? { status: 400, text: "no\n".repeat(1000) } : undefined));
    expect((await failure(clientOf(server).post("Agent", {}))).message.length).toBeLessThan(400);
  });
});

describe("reading", () => {
  it("tries again a few times when the network fails, then says so", async () => {
    let failures = 2;
    const server = await halo((call) => (call.path === "/api/Team" ? (failures-- > 0 ? { drop: true } : { json: [] }) : undefined));
    const clock = fakeClock();
    expect(await clientOf(server, {}, clock).rows("Team")).toEqual([]);
    expect(clock.slept()).toBe(3000);
    failures = 100;
    expect(await failure(clientOf(server, {}, clock).rows("Team"))).toBeInstanceOf(UnreachableError);
    expect(server.api().length).toBe(3 + 4);
  });

  it("a server that is not there is one line", async () => {
    const server = await halo(() => undefined);
    const client = clientOf(server);
    await server.stop();
    const error = await failure(client.rows("Team"));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("does not follow a redirect, and names where it goes without its query", async () => {
    const server = await halo((call) =>
      call.path === "/api/Team" ? { status: 302, headers: { location: "https://login.example.org/sso?code=abc" } } : undefined,
    );
    const error = await failure(clientOf(server).rows("Team"));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain("redirects to https://login.example.org/sso, which is not followed");
  });

  it("takes bare arrays and envelopes, nothing else", async () => {
    const answers: Record<string, unknown> = {
      "/api/Team": [{ id: 1 }],
      "/api/Agent": { agents: [{ id: 2 }] },
      "/api/Roles": { results: [{ id: "a" }] },
      "/api/CAB": { hello: 1 },
    };
    const server = await halo((call) => (call.path in answers ? { json: answers[call.path] } : undefined));
    const client = clientOf(server);
    expect([await client.rows("Team"), await client.rows("Agent"), await client.rows("Roles")]).toEqual([
      [{ id: 1 }],
      [{ id: 2 }],
      [{ id: "a" }],
    ]);
    expect((await failure(client.rows("CAB"))).message).toContain("is not a list");
  });

  it("one by id: an object, wrapped, absent, or somebody else", async () => {
    const answers: Record<string, Reply> = {
      "/api/Agent/1": { json: { id: 1.0, name: "A" } },
      "/api/Agent/2": { json: { agent: { id: 2 } } },
      "/api/Agent/3": { json: [{ id: "3" }] },
      "/api/Agent/4": { json: { id: 5 } },
      "/api/Roles/a%2Fb": { json: { id: "a/b" } },
    };
    const server = await halo((call) => answers[call.path]);
    const client = clientOf(server);
    expect(await client.get("Agent", 1, { includedetails: true })).toEqual({ id: 1, name: "A" });
    expect(await client.get("Agent", 2)).toEqual({ id: 2 });
    expect(await client.get("Agent", "3")).toEqual({ id: "3" });
    expect(await client.get("Agent", 99)).toBeUndefined();
    expect(await client.get("Roles", "a/b")).toEqual({ id: "a/b" });
    expect((await failure(client.get("Agent", 4))).message).toContain("gave the record 5 instead");
  });

  it("stops reading an answer that never ends", async () => {
    const big = `[${'"0123456789abcdef",'.repeat(3 * 1024 * 1024)}0]`;
    const server = await halo((call) => (call.path === "/api/Team" ? { text: big, type: "application/json" } : undefined));
    expect((await failure(clientOf(server).rows("Team"))).message).toContain("sends more than 50 MB in one answer");
    expect(server.api().length).toBe(1);
  });
});

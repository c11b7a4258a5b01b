import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CodeConfig } from "../../../../clients/oauth/config.ts";
import { type LoginOptions, login as logIn } from "../../../../clients/oauth/login.ts";
import { type RestConfig, sourcesFile } from "../../../../mappings/schema/sources.ts";
import { readFile } from "../../../../sources/file/read.ts";
import { placeOf } from "../../../../sources/rest/auth.ts";
import { askRest, readRest } from "../../../../sources/rest/read.ts";
import { type Api, client, type Reply, serve, user } from "./server.ts";

const people = Array.from({ length: 7 }, (_, index) => ({
  id: index + 1,
  name: { first: `Ada${index}`, last: "Example" },
  mail: `ada${index}@example.org`,
}));
let folder = "";
let api: Api | undefined;
let handle: (asked: {
  path: string;
  method: string;
  query: URLSearchParams;
  headers: Record<string, unknown>;
  body: string;
}) => Reply | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "haloform-source-"));
  process.env["SOURCE_HR_CLIENT_SECRET"] = client.secret;
  process.env["SOURCE_HR_PASSPHRASE"] = "a passphrase of the tests";
  process.env["SOURCE_HR_KEY"] = "k-1";
  handle = () => undefined;
  api = await serve((asked) => handle(asked));
});
afterEach(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["CLIENT_SECRET", "PASSPHRASE", "KEY", "TOKEN", "PASSWORD"]) delete process.env[`SOURCE_HR_${name}`];
});

const config = (rest: Record<string, unknown>): RestConfig =>
  sourcesFile.parse({ sources: { hr: { base: `${api?.base}/`, unique: "id", ...rest } } }).sources["hr"] as RestConfig;
const options = () => ({ name: "hr", tokenFile: join(folder, "hr.token") });
const read = (rest: Record<string, unknown>) => readRest(config(rest), options());
const login = (auth: unknown, { show, ...more }: Partial<LoginOptions> & { show: (url: string, paste: boolean) => void }): Promise<void> =>
  logIn(
    auth as CodeConfig,
    placeOf("hr", options().tokenFile, () => new Date()),
    { show, ...more },
  );
const asked = (path: string) => (api?.asked ?? []).filter((one) => one.path === path);
const oauth = (more: Record<string, unknown> = {}) => ({
  kind: "clientCredentials",
  tokenUrl: `${api?.base}/oauth/token`,
  clientId: client.id,
  scope: "read",
  ...more,
});

describe("logging in (A20)", () => {
  it("A20: client credentials, with a header prefix and further headers and parameters by place", async () => {
    handle = ({ path, headers }) =>
      path === "/people" ? { json: [{ id: 1, auth: headers["authorization"], tenant: headers["x-tenant"] }] } : undefined;
    const extra = [
      { at: "token", in: "body", name: "resource", value: "people" },
      { at: "token", in: "query", name: "tenant", value: "northwind" },
      { at: "token", in: "header", name: "x-token", value: { env: "SOURCE_HR_KEY" } },
      { at: "request", in: "header", name: "x-tenant", value: "northwind" },
      { at: "request", in: "query", name: "v", value: 2 },
    ];
    const { records } = await read({ auth: oauth({ headerPrefix: "Token", extra }), endpoints: [{ name: "people", path: "people" }] });
    expect(records[0]?.fields["auth"]).toMatch(/^Token access-/u);
    expect(records[0]?.fields["tenant"]).toBe("northwind");
    const [token] = asked("/oauth/token");
    const form = new URLSearchParams(token?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: "client_credentials",
      scope: "read",
      resource: "people",
      client_id: client.id,
    });
    expect(token?.query.get("tenant")).toBe("northwind");
    expect(token?.headers["x-token"]).toBe("k-1");
    expect(asked("/people")[0]?.query.get("v")).toBe("2");
  });

  it("A20: authorization code with PKCE: a loopback callback, and an encrypted refresh token that is renewed with every use", async () => {
    handle = ({ path }) => (path === "/secure/people" ? { json: people } : undefined);
    const auth = {
      ...oauth(),
      kind: "authorizationCode",
      authorizeUrl: `${api?.base}/oauth/authorize`,
      redirectPort: 18_976,
      headerPrefix: "Bearer",
    };
    const one = config({ auth, endpoints: [{ name: "people", path: "secure/people" }] });
    await expect(readRest(one, options())).rejects.toThrow("nobody has logged in yet; run `haloform source login hr` once");
    let page = "";
    await login(one.auth, { show: (url) => void api?.browse(url).then((text) => (page = text)) });
    expect(page).toContain("can be closed");
    const file = readFileSync(join(folder, "hr.token"), "utf8");
    expect(file).not.toContain(api?.refresh() ?? "never");
    for (let time = 0; time < 2; time += 1) expect((await readRest(one, options())).records).toHaveLength(7);
    expect(readFileSync(join(folder, "hr.token"), "utf8")).not.toBe(file);
    process.env["SOURCE_HR_PASSPHRASE"] = "another";
    await expect(readRest(one, options())).rejects.toThrow("SOURCE_HR_PASSPHRASE is not the passphrase");
  });

  it("A20: what is sent with a refresh token alone replaces what goes with every token request", async () => {
    handle = ({ path }) => (path === "/secure/people" ? { json: people } : undefined);
    const extra = [
      { at: "authorize", in: "query", name: "tenant", value: "northwind" },
      { at: "token", in: "query", name: "tenant", value: "northwind" },
      { at: "token", in: "body", name: "resource", value: "first" },
      { at: "token", in: "header", name: "X-Client", value: "first" },
      { at: "refresh", in: "body", name: "resource", value: "again" },
      { at: "refresh", in: "header", name: "x-client", value: "again" },
    ];
    const auth = { ...oauth(), kind: "authorizationCode", authorizeUrl: `${api?.base}/oauth/authorize`, redirectPort: 18_978, extra };
    const one = config({ auth, endpoints: [{ name: "people", path: "secure/people" }] });
    await login(one.auth, { show: (url) => void api?.browse(url) });
    await readRest(one, options());
    const [first, again] = asked("/oauth/token");
    expect(asked("/oauth/authorize")[0]?.query.get("tenant")).toBe("northwind");
    expect(
      [first, again].map((call) => [call?.query.get("tenant"), new URLSearchParams(call?.body).get("resource"), call?.headers["x-client"]]),
    ).toEqual([
      ["northwind", "first", "first"],
      ["northwind", "again", "again"],
    ]);
  });

  it("A20: a callback of any scheme, host, port and path: waited for on this machine, pasted by hand elsewhere", async () => {
    const one = (callback: string): RestConfig =>
      config({
        auth: { ...oauth(), kind: "authorizationCode", authorizeUrl: `${api?.base}/oauth/authorize`, callback },
        endpoints: [{ name: "people", path: "people" }],
      });
    let page = "";
    const seen: boolean[] = [];
    await login(one("http://localhost:18979/oauth/done").auth, {
      show: (url, paste) => {
        seen.push(paste);
        void api?.browse(url).then((text) => (page = text));
      },
    });
    expect(page).toContain("can be closed");
    for (const callback of ["https://haloform.example.org/callback", "haloform://callback", "http://localhost/callback"]) {
      let ends: Promise<string> = Promise.resolve("");
      const show = (url: string, paste: boolean): void => {
        seen.push(paste);
        ends = api?.ends(url) ?? ends;
      };
      await login(one(callback).auth, { show, ask: () => ends });
      expect((await ends).startsWith(callback)).toBe(true);
      const wrong = login(one(callback).auth, { show, ask: async () => `https://elsewhere.example.org/callback?code=c0de-never-shown` });
      const error = await wrong.catch((reason: unknown) => reason);
      expect((error as Error).message).toBe(
        `Could not log in to the source hr: what was pasted does not begin with ${callback}; copy the whole address from the browser's address bar.`,
      );
      await expect(login(one(callback).auth, { show })).rejects.toThrow("no address was pasted");
    }
    expect(seen).toEqual([false, ...Array.from({ length: 9 }, () => true)]);
    // The browser is on another machine: nobody waits on the port.
    let ends: Promise<string> = Promise.resolve("");
    await login(one("http://127.0.0.1:1/callback").auth, {
      show: (url) => void (ends = api?.ends(url) ?? ends),
      ask: () => ends,
      paste: true,
    });
  });

  it("A20: the password grant, with and without a client's secret", async () => {
    process.env["SOURCE_HR_PASSWORD"] = user.password;
    handle = ({ path }) => (path === "/secure/people" ? { json: people } : undefined);
    const rest = { auth: oauth({ kind: "password", user: user.name }), endpoints: [{ name: "people", path: "secure/people" }] };
    expect((await read(rest)).records).toHaveLength(7);
    expect(Object.fromEntries(new URLSearchParams(asked("/oauth/token")[0]?.body))).toEqual({
      ...{ grant_type: "password", username: user.name, password: user.password, scope: "read" },
      ...{ client_id: client.id, client_secret: client.secret },
    });
    delete process.env["SOURCE_HR_CLIENT_SECRET"];
    expect((await read(rest)).records).toHaveLength(7);
    expect(new URLSearchParams(asked("/oauth/token")[1]?.body).has("client_secret")).toBe(false);
    process.env["SOURCE_HR_PASSWORD"] = "wr0ng";
    await expect(read(rest)).rejects.toThrow(/says invalid_grant: not invalid_grant; check the user and the password\.$/u);
  });

  it("A20: a secret that no header can carry is said without being shown", async () => {
    process.env["SOURCE_HR_KEY"] = "never\nshown";
    const extra = [{ at: "request", in: "header", name: "X-Key", value: { env: "SOURCE_HR_KEY" } }];
    const reading = read({ auth: { kind: "none", extra }, endpoints: [{ name: "people", path: "people" }] });
    const error = (await reading.catch((reason: unknown) => reason)) as Error;
    expect(error.message).toMatch(/^Could not send X-Key to the source hr: its value has a character that no header can carry/u);
    expect(error.message).not.toContain("shown");
  });

  it("a login that somebody else began is refused", async () => {
    const auth = { ...oauth(), kind: "authorizationCode", authorizeUrl: `${api?.base}/oauth/authorize`, redirectPort: 18_977 };
    const one = config({ auth, endpoints: [{ name: "people", path: "people" }] });
    const show = (url: string): void => {
      const forged = new URL(url);
      forged.searchParams.set("state", "forged");
      void api?.browse(forged.href);
    };
    await expect(login(one.auth, { show })).rejects.toThrow(/Could not log in to the source hr/u);
  });

  it("H10: a 401 in the middle is answered with one new token, then with what to check", async () => {
    let calls = 0;
    handle = ({ path }) => {
      if (path !== "/secure/people") return undefined;
      calls += 1;
      if (calls === 1) api?.revoke();
      return { json: calls > 2 ? [] : people };
    };
    const endpoints = [{ name: "people", path: "secure/people", repeat: { by: "parameter", parameter: "page" } }];
    const { read: report } = await read({ auth: oauth(), endpoints });
    expect(asked("/oauth/token")).toHaveLength(2);
    expect(report.pages).toBeGreaterThan(0);
    process.env["SOURCE_HR_CLIENT_SECRET"] = "wrong";
    await expect(read({ auth: oauth(), endpoints })).rejects.toThrow(/says invalid_client.*check the client id, its secret and scope/u);
  });

  it.each([
    [{ status: 503, text: "<html>down</html>" }, /^Could not log in to the source hr: \S+ answers 503; try again later\.$/u],
    [{ status: 429, json: {}, headers: { "retry-after": "7" } }, /answers 429, too many requests; try again in 7 seconds\.$/u],
    [{ status: 500, json: { error: "server_error" } }, /answers 500; try again later\.$/u],
    [{ status: 404, text: "no" }, /answers 404; check tokenUrl and the client's secret\.$/u],
    [{ status: 200, text: "<html>log in</html>" }, /is no token .*; check tokenUrl/u],
  ])("outside O13: a login that is answered %j, in our own words", async (answer, said) => {
    handle = ({ path }) => (path === "/oauth/token" ? answer : undefined);
    const endpoints = [{ name: "people", path: "secure/people" }];
    await expect(read({ auth: oauth(), endpoints })).rejects.toThrow(said);
  });

  it("providers-B13: a token that lives for less than a minute serves for as long as it is good", async () => {
    handle = ({ path }) =>
      path === "/oauth/token"
        ? { json: { access_token: "brief", token_type: "Bearer", expires_in: 45 } }
        : path.startsWith("/p")
          ? { json: [{ id: 1 }] }
          : undefined;
    const endpoints = ["people", "places", "phones"].map((name) => ({ name, path: name }));
    await read({ auth: oauth(), endpoints });
    expect(asked("/oauth/token").length).toBe(1);
    expect(asked("/phones")[0]?.headers["authorization"]).toBe("Bearer brief");
  });

  it("providers-B11: who waits for the end of a 429 is let go when the run is stopped", async () => {
    handle = ({ path }) => (path === "/people" ? { status: 429, text: "later", headers: { "retry-after": "300" } } : undefined);
    const stop = new AbortController();
    const sleep = (): Promise<void> => {
      setTimeout(() => stop.abort(), 20);
      return new Promise(() => undefined);
    };
    const reading = readRest(config({ auth: { kind: "none" }, endpoints: [{ name: "people", path: "people" }] }), {
      ...options(),
      sleep,
      signal: stop.signal,
    });
    await expect(reading).rejects.toThrow("Could not wait for The source hr: the run was stopped");
    expect(asked("/people").length).toBe(1);
  });

  it("security-19: a read brings so many bytes at most, over all pages and endpoints; what came before is doubted", async () => {
    const row = (id: number) => ({ id, text: "x".repeat(10_000) });
    handle = ({ path, query }) => (path === "/people" ? { json: [row(Number(query.get("page")))] } : { json: [row(1)] });
    const repeat = { by: "parameter", parameter: "page", start: 1, until: { empty: true } };
    const rest = { auth: { kind: "none" }, endpoints: [{ name: "people", path: "people", repeat }] };
    const some = await readRest(config(rest), { ...options(), largest: 100_000 });
    expect(asked("/people").length).toBe(10);
    expect([some.read.complete, some.read.doubts]).toEqual([
      false,
      [expect.stringMatching(/^people: page 10 .*more than 1 MB in one read/u)],
    ]);
    const two = {
      ...rest,
      endpoints: [
        { name: "people", path: "phones" },
        { name: "more", path: "more" },
      ],
    };
    await expect(readRest(config(two), { ...options(), largest: 15_000 })).rejects.toThrow("sources.hr");
  });

  it("says which variable is missing, and never the secret", async () => {
    delete process.env["SOURCE_HR_CLIENT_SECRET"];
    await expect(read({ auth: oauth(), endpoints: [{ name: "people", path: "people" }] })).rejects.toThrow(
      "SOURCE_HR_CLIENT_SECRET is not set",
    );
    await expect(read({ auth: { kind: "header" }, endpoints: [{ name: "people", path: "people" }] })).rejects.toThrow(
      "SOURCE_HR_TOKEN is not set",
    );
  });

  it("a key in a header, and HTTP Basic", async () => {
    process.env["SOURCE_HR_TOKEN"] = "key-9";
    process.env["SOURCE_HR_PASSWORD"] = "pw";
    handle = ({ path, headers }) =>
      path === "/people" ? { json: [{ id: 1, key: headers["x-key"] ?? "", auth: headers["authorization"] ?? "" }] } : undefined;
    const endpoints = [{ name: "people", path: "people" }];
    expect((await read({ auth: { kind: "header", name: "X-Key", prefix: "" }, endpoints })).records[0]?.fields["key"]).toBe("key-9");
    expect((await read({ auth: { kind: "basic", user: "ada" }, endpoints })).records[0]?.fields["auth"]).toBe(`Basic ${btoa("ada:pw")}`);
  });
});

describe("outside O7: one person, where the source says at which path", () => {
  const endpoints = [{ name: "people", path: "people" }];

  it("is gone by 404, 410 or an empty list, is there by anything else, and is in doubt where the API fails", async () => {
    const answers: { [key: string]: Reply } = {
      "1": { json: { id: 1 } },
      "2": { json: [] },
      "3": { status: 410 },
      "a b/c": { json: [{ id: 5 }] },
    };
    handle = ({ path }) => answers[decodeURIComponent(path.replace(/^\/people\//u, ""))];
    const ask = askRest(config({ endpoints, one: "people/{{ key }}" }), options());
    const found = await Promise.all(["1", "2", "3", "4", "a b/c"].map((key) => ask?.(key)));
    expect(found).toEqual(["there", "gone", "gone", "gone", "there"]);
    handle = () => ({ status: 403 });
    await expect(ask?.("1")).rejects.toThrow("GET /people/1");
  });

  it("cannot be asked for where nothing says where", () => {
    expect(askRest(config({ endpoints }), options())).toBeUndefined();
    expect(() => config({ endpoints, one: "people/41" })).toThrow("a path with {{ key }} in it");
  });
});

describe("endpoints (A21)", () => {
  it("A21: POST with headers, parameters and each message type", async () => {
    handle = ({ path, method, body, headers, query }) =>
      path === "/search"
        ? { json: { data: { rows: [{ id: 1, method, body, type: headers["content-type"], q: query.get("q"), h: headers["x-h"] }] } } }
        : undefined;
    const ask = async (body: unknown) => {
      const endpoint = {
        name: "search",
        path: "/search",
        method: "POST",
        headers: { "X-H": "1" },
        query: { q: "all" },
        body,
        select: "$.data.rows[*]",
      };
      return (await read({ endpoints: [endpoint] })).records[0]?.fields;
    };
    expect(await ask({ type: "json", content: { active: true } })).toMatchObject({
      method: "POST",
      body: '{"active":true}',
      type: "application/json",
      q: "all",
      h: "1",
    });
    expect(await ask({ type: "form", content: { active: true } })).toMatchObject({
      body: "active=true",
      type: "application/x-www-form-urlencoded",
    });
    expect(await ask({ type: "text", content: "<q/>" })).toMatchObject({ body: "<q/>", type: "text/plain; charset=utf-8" });
    expect(await ask({ type: "json", content: { key: { env: "SOURCE_HR_KEY" }, env: "SOURCE_HR_KEY" } })).toMatchObject({
      body: '{"key":"k-1","env":"SOURCE_HR_KEY"}',
    });
    expect(await ask({ type: "form", content: { key: { env: "SOURCE_HR_KEY" } } })).toMatchObject({ body: "key=k-1" });
  });

  it("A21: an endpoint's own headers replace haloform's, whatever their case", async () => {
    handle = ({ path, headers }) =>
      path === "/search" ? { json: [{ id: 1, type: headers["content-type"], accept: headers["accept"] }] } : undefined;
    const headers = { "Content-Type": "application/xml", Accept: "application/vnd.hr+json" };
    const endpoint = { name: "search", path: "/search", method: "POST", headers, body: { type: "text", content: "<q/>" } };
    expect((await read({ endpoints: [endpoint] })).records[0]?.fields).toMatchObject({
      type: "application/xml",
      accept: "application/vnd.hr+json",
    });
  });

  it("A24: several endpoints are joined on the unique column; nested elements become columns", async () => {
    handle = ({ path }) => {
      if (path === "/people") return { json: { data: people } };
      if (path === "/jobs")
        return {
          json: {
            items: [
              { person: 1.0, title: "Mate" },
              { person: "2", title: "Purser" },
              { person: 99, title: "Ghost" },
            ],
          },
        };
      return undefined;
    };
    const endpoints = [
      { name: "people", path: "people", select: "$.data[*]" },
      { name: "jobs", path: "jobs", select: "$.items[*]", columns: { id: "$.person", title: "$.title" } },
    ];
    const { records } = await read({ endpoints });
    expect(records).toHaveLength(7);
    expect(records[0]).toEqual({
      ref: "hr.people 1",
      fields: { id: "1", "name.first": "Ada0", "name.last": "Example", mail: "ada0@example.org", title: "Mate" },
    });
    expect(records[1]?.fields["title"]).toBe("Purser");
    expect(records[2]?.fields["title"]).toBeUndefined();
  });
});

describe("repeat calling (A22)", () => {
  const rows = (from: number, count: number) => people.slice(from, from + count);
  it.each([
    [
      "until a page is empty",
      { by: "parameter", parameter: "page" },
      (q: URLSearchParams) => ({ rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "an offset until the total",
      { by: "parameter", parameter: "offset", start: 0, step: 3, until: { total: "$.total" } },
      (q: URLSearchParams) => ({ total: 7, rows: rows(Number(q.get("offset")), 3) }),
    ],
    [
      "until a page is short",
      { by: "parameter", parameter: "page", start: 0, until: { short: 3 } },
      (q: URLSearchParams) => ({ rows: rows(Number(q.get("page")) * 3, 3) }),
    ],
    [
      "until a flag",
      { by: "parameter", parameter: "page", until: { path: "$.more", is: false } },
      (q: URLSearchParams) => ({ more: Number(q.get("page")) < 3, rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "until something is above a number",
      { by: "parameter", parameter: "page", until: { path: "$.page", above: 2 } },
      (q: URLSearchParams) => ({ page: Number(q.get("page")), rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "until something is below a number",
      { by: "parameter", parameter: "page", until: { path: "$.left", below: 1 } },
      (q: URLSearchParams) => ({ left: 3 - Number(q.get("page")), rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "until something is found in a text",
      { by: "parameter", parameter: "page", until: { path: "$.state", matches: "^done" } },
      (q: URLSearchParams) => ({ state: Number(q.get("page")) < 3 ? "going on" : "Done.", rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "as long as something is there, pages without rows too",
      { by: "parameter", parameter: "page", while: { path: "$.next", empty: false } },
      (q: URLSearchParams) => {
        const page = Number(q.get("page"));
        return { next: page < 4 ? page + 1 : null, rows: page === 2 ? [] : rows((page > 2 ? page - 2 : 0) * 3, 3) };
      },
    ],
    [
      "as long as something is another value",
      { by: "parameter", parameter: "page", while: { path: "$.state", isNot: "LAST" } },
      (q: URLSearchParams) => ({ state: Number(q.get("page")) < 3 ? "more" : "last", rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "by the number of pages",
      { by: "pageCount", parameter: "page", pages: "$.pages" },
      (q: URLSearchParams) => ({ pages: 3, rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
    ],
    [
      "by a cursor",
      { by: "cursor", parameter: "after", at: "$.next" },
      (q: URLSearchParams) => {
        const after = Number(q.get("after") ?? 0);
        return { rows: rows(after, 3), next: after + 3 < 7 ? after + 3 : null };
      },
    ],
    [
      "by next links",
      { by: "nextLink", at: "$.next" },
      (q: URLSearchParams) => {
        const after = Number(q.get("after") ?? 0);
        return { rows: rows(after, 3), next: after + 3 < 7 ? `/people?after=${after + 3}` : undefined };
      },
    ],
  ] as const)("A22: %s", async (_name, repeat, answer) => {
    handle = ({ path, query }) => (path === "/people" ? { json: answer(query) } : undefined);
    const { records, read: report } = await read({ endpoints: [{ name: "people", path: "people", select: "$.rows[*]", repeat }] });
    expect(records.map((one) => one.fields["id"])).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(report).toMatchObject({ complete: true, doubts: [] });
  });

  it.each([
    ["a page that comes again", { by: "parameter", parameter: "page" }, () => ({ rows: rows(0, 3) }), "page 2 is page 1 again"],
    [
      "a cursor that goes round",
      { by: "cursor", parameter: "after", at: "$.next" },
      (q: URLSearchParams) => ({
        rows: rows(Number(q.get("after") ?? 0) % 5, 2),
        next: q.get("after") === "2" ? "0" : q.get("after") === "0" ? "2" : "2",
      }),
      "leads back to a page",
    ],
    [
      "a count that does not add up",
      { by: "parameter", parameter: "page", until: { total: "$.total" } },
      (q: URLSearchParams) => ({ total: 9, rows: rows((Number(q.get("page")) - 1) * 4, 4) }),
      "the API says 9 rows, 7 came",
    ],
    [
      "a next page on another host",
      { by: "nextLink", at: "$.next" },
      () => ({ rows: rows(0, 3), next: "https://evil.example.com/people" }),
      "another host",
    ],
    [
      "no number of rows",
      { by: "parameter", parameter: "page", until: { total: "$.totl" } },
      (q: URLSearchParams) => ({ total: 7, rows: rows((Number(q.get("page")) - 1) * 3, 3) }),
      "there is no number of rows at $.totl",
    ],
    [
      "more that never comes",
      { by: "parameter", parameter: "page", while: { path: "$.more", is: true } },
      () => ({ more: true, rows: [] }),
      "10 calls in a row gave no rows, and the API says that there is more",
    ],
    ["no number of pages", { by: "pageCount", parameter: "page", pages: "$.pages" }, () => ({ rows: rows(0, 3) }), "no number of pages"],
  ] as const)("is doubted, never believed: %s", async (_name, repeat, answer, doubt) => {
    handle = ({ path, query }) => (path === "/people" ? { json: answer(query) } : undefined);
    const { read: report } = await read({ endpoints: [{ name: "people", path: "people", select: "$.rows[*]", repeat }] });
    expect(report.complete).toBe(false);
    expect(report.doubts.join()).toContain(doubt);
  });

  it("providers-B9: a page of two hundred thousand rows is read", async () => {
    handle = ({ path }) => (path === "/people" ? { json: Array.from({ length: 200_000 }, (_, id) => ({ id })) } : undefined);
    const { records, read: report } = await read({ auth: { kind: "none" }, endpoints: [{ name: "people", path: "people" }] });
    expect(records.length).toBe(200_000);
    expect(report.doubts).toEqual([]);
  });

  it("a later page that fails makes the read incomplete; the first one's failure is the answer", async () => {
    handle = ({ path, query }) =>
      path !== "/people"
        ? undefined
        : query.get("page") === "1"
          ? { json: people.slice(0, 3) }
          : { text: "<html>login</html>", headers: { "content-type": "text/html" } };
    const endpoints = [{ name: "people", path: "people", repeat: { by: "parameter", parameter: "page" } }];
    const { read: report } = await read({ endpoints });
    expect(report.complete).toBe(false);
    expect(report.doubts.join()).toMatch(/page 2 could not be read .*HTML page instead of JSON/u);
    handle = () => ({ status: 302, headers: { location: "https://evil.example.com/" } });
    await expect(read({ endpoints })).rejects.toThrow(
      /redirects to https:\/\/evil\.example\.com\/, which is not followed; correct sources\.hr\.base/u,
    );
  });
});

describe("files", () => {
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return sourcesFile.parse({
      sources: {
        hr: {
          kind: name.endsWith("csv") ? "csv" : "json",
          file: name,
          unique: "id",
          ...(name.startsWith("semi") ? { separator: ";" } : {}),
          ...(name.startsWith("nest") ? { select: "$.data[*]" } : {}),
        },
      },
    }).sources["hr"] as never;
  };
  it("CSV with quotes, a mark of byte order and another separator", () => {
    const records = readFile("hr", file("semi.csv", '\ufeffid;name;title\n1;"O\'Neil; Ada";Mate\n2;Bo;\n'), folder).records;
    expect(records.map((one) => one.fields)).toEqual([
      { id: "1", name: "O'Neil; Ada", title: "Mate" },
      { id: "2", name: "Bo", title: "" },
    ]);
    expect(records[0]?.ref).toBe("hr.semi.csv 1");
  });
  it("JSON by a path", () => {
    expect(readFile("hr", file("nested.json", '{"data":[{"id":1,"a":{"b":2}}]}'), folder).records[0]?.fields).toEqual({
      id: "1",
      "a.b": 2,
    });
  });
  it("names the file and the line of what is wrong", () => {
    expect(() => readFile("hr", file("a.csv", "id,name\n1,Ada,too,many\n"), folder)).toThrow(/a\.csv:2: /u);
    expect(() => readFile("hr", file("a.csv", "id,id\n1,2\n"), folder)).toThrow(/a\.csv:1: the column id comes twice/u);
    expect(() => readFile("hr", file("a.csv", Buffer.from([0x69, 0x64, 0x0a, 0xff])), folder)).toThrow("it is not utf-8");
    expect(() => readFile("hr", file("a.json", "{"), folder)).toThrow(/a\.json: it is no JSON/u);
  });
  it("somebody twice and somebody without a key are said", () => {
    const { records, read: report } = readFile("hr", file("b.csv", "id,name\n1,Ada\n1,Bo\n,Cy\n"), folder);
    expect(records).toHaveLength(2);
    expect(report.doubts).toEqual(["1 row(s) of b.csv have no id"]);
  });
});

describe("behaviour F7: CSV as Excel writes it", () => {
  const of = (content: string, separator?: string) => {
    writeFileSync(join(folder, "excel.csv"), content);
    const { sources } = sourcesFile.parse({
      sources: { hr: { kind: "csv", file: "excel.csv", unique: "id", ...(separator ? { separator } : {}) } },
    });
    return readFile("hr", sources["hr"] as never, folder).records.map((one) => one.fields);
  };
  const both = [
    { id: "1", name: "Ada, A", title: "" },
    { id: "2", name: "Bo", title: "Mate" },
  ];
  it.each([
    ["a line that says the separator", 'sep=;\r\nid;name;title\r\n1;"Ada, A";\r\n2;Bo;Mate\r\n'],
    ["the same with a mark of byte order, quoted", '\ufeff"sep=;"\nid;name;title\n1;Ada, A;\n2;Bo;Mate'],
    ["rows of nothing but separators", 'id,name,title\n,,\n1,"Ada, A",\n , ,""\n2,Bo,Mate\n,,\n'],
    ["separators behind the table", 'id,name,title,,\n1,"Ada, A",,,\n2,Bo,Mate,,\n'],
    ["padded and quoted headers and cells", ' "id" ," name", title \n1 , "Ada, A",\n2,Bo ," Mate"\n'],
    ["cells that are missing at the end of a row", 'id,name,title\n1,"Ada, A"\n2,Bo,Mate\n'],
    ["line ends of three systems", 'id,name,title\r\n1,"Ada, A",""\n2,Bo,"Mate"\r'],
  ])("%s", (_, content) => {
    const rows = of(content).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value).trim()])));
    expect(rows).toEqual(both);
  });
  it("still names the line of what is wrong", () => {
    expect(() => of("sep=;\nid;name\n1;Ada;more\n")).toThrow(/excel\.csv:3: "more" is in a column without a name/u);
    expect(() => of("id,name\n,\n1")).toThrow(/excel\.csv:3: expected 2 cells, found 1, and the line has no end/u);
    expect(() => of("id,name,street,town\n1,Ada,High Street 1,Hull\n2,Bo,Low Street 2\nfirst floor,Hull\n")).toThrow(
      /excel\.csv:4: expected 4 cells, found 2, and its id is like no other/u,
    );
    expect(() => of('sep=,\nid,name\n1,"Ada\n')).toThrow(/excel\.csv:\d: /u);
  });
});

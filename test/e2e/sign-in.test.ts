/** Signing in to sources and to Halo in every way, by the real command line: rows A20, and the token test of A23. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { fetchTrusting } from "../../base/certificates.ts";
import type { SourceTest, TokenTest } from "../../cli/answers/answers.ts";
import { type Api, client, serve, user } from "../unit/sources/rest/server.ts";
import { type World, world } from "./support.ts";

type Row = Record<string, unknown>;

let w: World;
const secrets = ["CLIENT_SECRET", "PASSPHRASE", "PASSWORD", "TOKEN"];

beforeAll(async () => {
  w = await world({ people: 15 });
});
afterAll(() => w?.stop());

const json = async <T>(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<T> => {
  const ended = await w.run([...args, "--json"], more);
  expect(ended.code, ended.err).toBe(0);
  return JSON.parse(ended.out) as T;
};
/** A login while somebody follows the address that is shown; `typed`: what they paste afterwards. */
async function logIn(name: string, follow: (url: string) => Promise<string>, more: readonly string[] = []) {
  const lines = new Readable({ read: () => undefined });
  const running = w.begin(["source", "login", name, ...more], {}, lines);
  running.when("https://", () => {
    const url = /^https:\/\/\S+$/mu.exec(running.said())?.[0] ?? "";
    void follow(url)
      .catch((error: unknown) => `the browser ended: ${String(error)}`)
      .then((typed) => {
        lines.push(`${typed}\n`);
        lines.push(null);
      });
  });
  return running.over;
}
/** What a browser ends at: the redirect of the login page, which logs in at once. */
const endOf = async (url: string): Promise<string> => {
  // Of a browser that trusts the sandbox's servers.
  const browser = url.startsWith(new URL(w.sandbox.config.halo.resourceServer).origin) ? fetchTrusting(w.sandbox.config.halo.ca) : fetch;
  return (await browser(url, { redirect: "manual" })).headers.get("location") ?? "";
};
const visited = async (url: string): Promise<string> => (await fetch(await endOf(url))).text();

describe("a source of sources.yaml", () => {
  let api: Api;
  const people = [{ id: 1, firstname: "Ada", surname: "Byron", emailaddress: "ada@example.org" }];

  beforeEach(async () => {
    api = await serve(({ path }) => (path === "/secure/people" ? { json: people } : undefined));
    const given = { CLIENT_SECRET: client.secret, PASSPHRASE: "a passphrase of the tests", PASSWORD: user.password, TOKEN: "k-9" };
    for (const name of secrets) w.env[`SOURCE_HR_${name}`] = given[name as keyof typeof given];
  });
  afterEach(() => api?.stop());

  const source = (auth: Row): void =>
    writeFileSync(
      join(w.mappings, "sources.yaml"),
      stringify({
        sources: { hr: { base: api.base, ca: api.ca, auth, unique: "id", endpoints: [{ name: "people", path: "secure/people" }] } },
      }),
    );
  const oauth = (kind: string, more: Row = {}): Row => ({
    ...{ kind, tokenUrl: `${api.base}/oauth/token`, clientId: client.id, scope: "read write", ...more },
  });

  it("A20: client credentials, password grant, header and basic, each through the command line", async () => {
    source(oauth("clientCredentials"));
    expect((await json<SourceTest>(["source", "test", "hr"])).records).toBe(1);
    source(oauth("password", { user: user.name }));
    expect((await json<SourceTest>(["source", "test", "hr"])).records).toBe(1);
    source({ kind: "header", name: "X-Key", prefix: "" });
    expect((await w.run(["source", "test", "hr"])).err).toContain("check sources.hr.auth");
    source({ kind: "basic", user: "ada" });
    expect((await w.run(["source", "test", "hr"])).code).toBe(1);
    const heads = api.asked.filter(({ path }) => path === "/secure/people").map(({ headers }) => headers);
    expect([heads.at(-2)?.["x-key"], heads.at(-1)?.["authorization"]]).toEqual(["k-9", `Basic ${btoa(`ada:${user.password}`)}`]);
  });

  it("A20: authorization code: waited for on this machine, and pasted from a browser on another", async () => {
    source(oauth("authorizationCode", { authorizeUrl: `${api.base}/oauth/authorize`, redirectPort: 18_981 }));
    const before = await w.run(["source", "test", "hr"]);
    expect([before.code, before.err]).toEqual([
      1,
      expect.stringContaining("nobody has logged in yet; run `haloform source login hr` once"),
    ]);
    const here = await logIn("hr", visited);
    expect(here.code, here.err).toBe(0);
    expect(here.out).toContain("the refresh token is stored encrypted in");
    expect((await json<SourceTest>(["source", "test", "hr"])).records).toBe(1);

    source(oauth("authorizationCode", { authorizeUrl: `${api.base}/oauth/authorize`, callback: "https://haloform.example.org/back" }));
    const wrong = await logIn("hr", async (url) => (await endOf(url)).replace("haloform.example.org", "other.example.org"));
    expect([wrong.code, wrong.err]).toEqual([
      1,
      expect.stringContaining("what was pasted does not begin with https://haloform.example.org/back"),
    ]);
    expect(wrong.err).not.toContain("code=");
    const pasted = await logIn("hr", endOf);
    expect(pasted.code, pasted.err).toBe(0);
    expect(pasted.err).toContain("paste here the whole address");
    expect((await json<SourceTest>(["source", "test", "hr"])).records).toBe(1);
  });

  it("A23: the token test says status, scopes, end and renewing, and never the token", async () => {
    source(oauth("clientCredentials"));
    const silent = await json<TokenTest>(["source", "test", "hr", "--token"]);
    expect(silent).toMatchObject({
      ...{ source: "hr", kind: "clientCredentials", status: 200 },
      scopes: { asked: ["read", "write"], granted: ["read", "write"], lacking: [], says: "nobody" },
      refresh: { works: true },
    });
    expect(silent.seconds).toBeGreaterThan(3500);
    api.grants("read");
    source(oauth("authorizationCode", { authorizeUrl: `${api.base}/oauth/authorize`, redirectPort: 18_982 }));
    await logIn("hr", visited);
    const before = api.refresh();
    const ended = await w.run(["source", "test", "hr", "--token"]);
    expect(ended.code, ended.err).toBe(0);
    expect(ended.out).toMatch(/^hr: a token by authorizationCode$/mu);
    expect(ended.out).toMatch(/^ {2}scopes granted +read \(as the answer says\)$/mu);
    expect(ended.out).toMatch(/^ {2}renewing +works: this token came of the stored one; the server gave another, which is stored$/mu);
    expect(ended.out).toMatch(/^ {2}not granted: write$/mu);
    expect(api.refresh()).not.toBe(before);
    for (const hidden of [/access-/u, /refresh-/u, new RegExp(client.secret, "u")]) expect(ended.out + ended.err).not.toMatch(hidden);
    // A refresh token that somebody else has used up: the command says what to do, and ends with an error.
    await fetch(`${api.base}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: api.refresh(), client_id: client.id }),
    });
    const dead = await w.run(["source", "test", "hr", "--token"]);
    expect([dead.code, dead.err]).toEqual([1, expect.stringContaining("log in again: `haloform source login hr`")]);
    source({ kind: "header" });
    const none = await w.run(["source", "test", "hr", "--token"]);
    expect([none.code, none.err]).toEqual([
      64,
      expect.stringContaining("hr asks for no token: expected halo.users, entra.users, or a source"),
    ]);
  });

  it("A20: everything that nothing would send, or that is sent already, is one line with its place and what to do", async () => {
    const value = (at: string, where: string, name: string, what: unknown = "y"): Row => ({ at, in: where, name, value: what });
    const authorizeUrl = `${api.base}/oauth/authorize`;
    const extra = [
      value("authorize", "query", "scope"),
      value("token", "body", "grant_type"),
      value("token", "body", "client_secret"),
      value("token", "header", "authorization"),
      value("refresh", "body", "refresh_token"),
      value("request", "header", "Authorization"),
      value("request", "header", "not a name"),
      value("request", "header", "X-Note", "two\nlines"),
      value("request", "query", "v"),
      value("request", "query", "v"),
    ];
    source(oauth("authorizationCode", { authorizeUrl, callback: "http://haloform.example.org/callback", redirectPort: 8976, extra }));
    const said = (await w.run(["check"])).err.split("\n").filter((line) => line.includes("sources.hr.auth"));
    expect(said.map((line) => /^\S+sources\.yaml:\d+:\d+ sources\.hr\.auth\.(.*)$/u.exec(line)?.[1])).toEqual([
      'callback: expected https, or an address of this machine (127.0.0.1, localhost), found "http://haloform.example.org/callback"',
      "redirectPort: expected callback or redirectPort, found both; callback is the whole address",
      ...[
        ["0", "scope", "auth.scope"],
        ["1", "grant_type", "auth.kind"],
        ["2", "client_secret", "SOURCE_HR_CLIENT_SECRET"],
        ["3", "authorization", "auth.clientAuthentication (basic)"],
        ["4", "refresh_token", "haloform itself, anew each time"],
        ["5", "Authorization", "auth.kind (authorizationCode)"],
      ].map(
        ([at, name, by]) =>
          `extra[${at}].name: expected a name that is not sent already, found "${name}", which comes from ${by}; take it out`,
      ),
      'extra[6].name: expected the name of an HTTP header, found "not a name"',
      'extra[7].value: expected characters that a header can carry (one line, Latin-1), found "two\\nlines"',
      'extra[9].name: expected each name once in a place, found "v" again',
    ]);
    source(oauth("password", { user: "ada", extra: [value("refresh", "body", "resource")] }));
    expect((await w.run(["check"])).err).toContain(
      "expected token or request, as password has no other, found refresh; a new token is asked for as the first was: write token",
    );
  });
});

describe("Halo signs in as any source does (haloform:halo signIn)", () => {
  const was = (): { config: { "haloform:halo": Row } } => parse(readFileSync(w.stackFile, "utf8"));
  let original = "";
  const signIn = (how: Row, more: Row = {}): void => {
    const file = parse(original) as ReturnType<typeof was>;
    Object.assign(file.config["haloform:halo"], { signIn: how, ...more });
    writeFileSync(w.stackFile, stringify(file));
  };
  beforeAll(() => {
    original = readFileSync(w.stackFile, "utf8");
    writeFileSync(join(w.mappings, "sources.yaml"), stringify({ sources: {} }));
    w.sandbox.halo.options.clients.push(
      {
        id: "halo-person",
        secret: "halo-s3cret",
        write: true,
        scopes: ["all"],
        agent: 2,
        redirect: "https://haloform.example.org/callback",
      },
      { id: "halo-user", secret: "", write: true, scopes: ["all"], agent: 2, users: { "svc-haloform": "halo-pa55" } },
    );
  });
  afterAll(() => writeFileSync(w.stackFile, original));

  it("A20: by the password grant, with a header and a parameter of one's own in every request", async () => {
    const extra = [
      { at: "request", in: "header", name: "X-Gateway", value: { env: "HALO_GATEWAY_KEY" } },
      { at: "token", in: "query", name: "gateway", value: "northwind" },
    ];
    signIn({ kind: "password", user: "svc-haloform", extra }, { clientId: "halo-user" });
    const env = { HALO_PASSWORD: "halo-pa55", HALO_CLIENT_SECRET: "", HALO_GATEWAY_KEY: "gw-1" };
    expect((await json<SourceTest>(["source", "test"], env)).records).toBeGreaterThan(10);
    expect(w.sandbox.halo.log.some(({ path, query }) => path === "/auth/token" && query.includes("gateway=northwind"))).toBe(true);
    const token = await json<TokenTest>(["source", "test", "--token"], env);
    expect(token).toMatchObject({ source: "halo.users", kind: "password", status: 200, scopes: { granted: ["all"], says: "the answer" } });
    expect((await w.run(["doctor"], env)).out).toMatch(/signed in as .* by the application halo-user/u);
    const wrong = await w.run(["preview"], { ...env, HALO_PASSWORD: "wr0ng" });
    expect([wrong.code, wrong.err]).toEqual([
      1,
      expect.stringMatching(/Could not log in to HaloITSM: .* says invalid_grant; check the user and the password\./u),
    ]);
  });

  it("A23: the token of Entra ID, of Halo's application, and of one that is refused, never shown", async () => {
    const entra = await w.run(["source", "test", "entra.users", "--token"]);
    expect([entra.code, entra.err]).toEqual([0, ""]);
    expect(entra.out).toMatch(/^entra\.users: a token by clientCredentials\n {2}status +a token was given\n/u);
    expect(entra.out).toMatch(/^ {2}renewing +works: none is needed: a new token is asked for with the client secret/mu);
    writeFileSync(w.stackFile, original);
    const halo = await json<TokenTest>(["source", "test", "halo.users", "--token"]);
    expect(halo).toMatchObject({ kind: "clientCredentials", status: 200, scopes: { asked: ["all"], granted: ["all"], lacking: [] } });
    const refused = await w.run(["source", "test", "entra.users", "--token"], { ENTRA_CLIENT_SECRET: "wr0ng-s3cret" });
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toMatch(/ENTRA_CLIENT_SECRET/u);
    for (const { out, err } of [entra, refused]) expect(out + err).not.toMatch(/eyJ|wr0ng/u);
  });

  it("A20: as a person who logs in once: preview and up work on, the refresh token is renewed and encrypted", async () => {
    signIn({ kind: "authorizationCode", callback: "https://haloform.example.org/callback" }, { clientId: "halo-person" });
    Object.assign(w.env, { HALO_CLIENT_SECRET: "halo-s3cret", HALO_PASSPHRASE: "a passphrase of the tests" });
    const before = await w.run(["preview"]);
    expect([before.code, before.err]).toEqual([1, expect.stringContaining("run `haloform source login halo.users` once")]);
    const done = await logIn("halo.users", endOf);
    expect(done.code, done.err).toBe(0);
    const file = (JSON.parse((await w.run(["source", "test", "--token", "--json"])).out) as TokenTest).refresh;
    expect(file).toEqual({ works: true, why: "this token came of the stored one; the server gave another, which is stored" });
    // Read here, written by the provider's own process: both renew by the one stored login.
    w.edit(
      "halo",
      (halo) => void ((halo["teams"] as Row[] | undefined) ?? (halo["teams"] = [])).push({ name: "Quay of the login", department: "IT" }),
    );
    await w.processes.converge([0, 4]);
    expect([...w.sandbox.halo.state.teams.values()].some((team) => team["name"] === "Quay of the login")).toBe(true);
    expect((await w.processes.run(["source", "test", "--token", "--json"])).code).toBe(0);
  });

  it("A20: what cannot be sent is refused where the settings are read", async () => {
    signIn({ kind: "clientCredentials", extra: [{ at: "token", in: "body", name: "client_id", value: "x" }] });
    const said = await w.run(["check"]);
    expect([said.code, said.err]).toEqual([
      64,
      expect.stringContaining('found "client_id", which comes from haloform:halo.clientId; take it out'),
    ]);
    expect(said.err).toMatch(/^\S*Pulumi\.test\.yaml:\d+ /mu);
  });
});

describe("S2: a role of least rights, in Halo's own words", () => {
  it("S2: what the console calls a setting is refused as a claim, with what to click; init tells the words", async () => {
    const was = readFileSync(join(w.mappings, "halo.yaml"), "utf8");
    w.edit("halo", (halo) => {
      halo["roles"] = [
        {
          name: "Lifecycle",
          permissions: {
            "User Access Level": "Read Only",
            "Assets Access Level": "Read and Modify",
            AssetsAccess: "Read and Modify",
            CanViewTickets: "1",
          },
        },
      ];
    });
    const writes = w.sandbox.writes();
    const said = await w.run(["preview"]);
    expect(said.code).toBe(64);
    const lines = said.err.split("\n").filter((line) => line.includes("roles[0].permissions"));
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /halo\.yaml:\d+:\d+ roles\[0\]\.permissions\["Assets Access Level"\]: expected a claim as Halo stores it .*; set Assets Access Level to Read and Modify in Halo \(Configuration › Teams & Agents › Roles › Lifecycle › Permissions\), and leave it out here/u,
    );
    expect(w.sandbox.writes()).toBe(writes);
    // Users and assets only: what ScalePad's own role has.
    rmSync(join(w.mappings, "halo.yaml"));
    const init = await w.run(["init", "halo", "--print"]);
    expect(init.out).toMatch(/Permissions › Edit, under Feature Access\) with\n {2}- User Access Level: Read Only\n/u);
    expect(init.out).toContain("an API-only agent of its own");
    writeFileSync(join(w.mappings, "halo.yaml"), was);
  });
});

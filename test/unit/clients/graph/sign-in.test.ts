/** Errors at sign-in in our own words, by what was answered: outside O13, behaviour L15. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError, UnreachableError } from "../../../../base/errors.ts";
import { connectExchange } from "../../../../clients/exchange/client.ts";
import { fakeClock, type GraphServer, type Scripted, startGraphServer } from "./graph-server.ts";

let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
});
afterEach(() => {
  graph.tokenScript = undefined;
  graph.discovery = undefined;
});
afterAll(() => graph?.close());

const failure = async (answer: Scripted): Promise<Error> => {
  graph.tokenScript = () => answer;
  return graph
    .client({ clock: fakeClock() })
    .list("/users", ["id"])
    .then(
      () => new Error("it signed in"),
      (error: Error) => error,
    );
};
const aadsts = (number: number, text: string, error = "invalid_client"): object => ({
  error,
  error_description: `AADSTS${number}: ${text} Trace ID: t Correlation ID: c`,
  error_codes: [number],
});

describe("outside O13: sign-in to Entra ID", () => {
  it.each<[string, Scripted, typeof ConfigurationError | typeof UnreachableError, RegExp]>([
    [
      "503 in a body of its own",
      { status: 503, body: { error: { code: "x", message: "Not Available" } } },
      UnreachableError,
      /answers 503, again and again: try again later$/u,
    ],
    ["503 as text", { status: 503, body: "Service Unavailable" }, UnreachableError, /answers 503, again and again: try again later$/u],
    [
      "429",
      { status: 429, headers: { "retry-after": "1" }, body: {} },
      UnreachableError,
      /answers 429, again and again: too many sign-ins; try again in 1 seconds$/u,
    ],
    [
      "500 with a number",
      { status: 500, body: aadsts(90033, "A transient error has occurred.") },
      UnreachableError,
      /answers 500 \(AADSTS90033: .*try again later$/u,
    ],
    [
      "a wrong secret",
      { status: 401, body: aadsts(7000215, "Invalid client secret provided.") },
      ConfigurationError,
      /the client secret is wrong: ENTRA_CLIENT_SECRET/u,
    ],
    [
      "an expired secret",
      { status: 401, body: aadsts(7000222, "The provided client secret keys are expired.") },
      ConfigurationError,
      /has expired: make a new one/u,
    ],
    [
      "a wrong tenant",
      { status: 400, body: aadsts(90002, "Tenant 'x' not found.", "invalid_request") },
      ConfigurationError,
      /there is no such tenant: check tenantId/u,
    ],
    [
      "an unknown app",
      { status: 400, body: aadsts(700016, "Application was not found.", "unauthorized_client") },
      ConfigurationError,
      /the app is not in this tenant/u,
    ],
    ["404", { status: 404, body: "nothing here" }, ConfigurationError, /answers 404; check tenantId, clientId and `authority`/u],
    [
      "a login page",
      { status: 200, body: "<html>Log in</html>" },
      ConfigurationError,
      /is no token; check `authority`.*no login page or proxy/u,
    ],
  ])(
    "%s",
    async (_name, answer, kind, said) => {
      const thrown = await failure(answer);
      expect(thrown).toBeInstanceOf(kind);
      expect(thrown.message).toMatch(/^Could not sign in to Entra ID with the client secret \(ENTRA_CLIENT_SECRET\): /u);
      expect(thrown.message).toMatch(said);
      expect(thrown.message).not.toMatch(/\[object Object\]|endpoints_resolution|\n|not-a-real-secret/u);
    },
    60_000,
  );

  it.each<[string, Scripted, RegExp]>([
    ["429", { status: 429, body: {} }, /answers 429, again and again: too many sign-ins; try again later$/u],
    [
      "a wrong tenant",
      { status: 400, body: aadsts(90002, "Tenant 'x' not found.", "invalid_tenant") },
      /there is no such tenant: check tenantId/u,
    ],
  ])(
    "before the token, where the authority says where it is: %s",
    async (_name, answer, said) => {
      graph.discovery = answer;
      const thrown = await graph
        .client({ clock: fakeClock() })
        .list("/users", ["id"])
        .catch((error: Error) => error);
      expect((thrown as Error).message).toMatch(said);
      expect((thrown as Error).message).not.toMatch(/endpoints_resolution/u);
    },
    60_000,
  );

  it("no answer at all", async () => {
    const thrown = await failure({ status: 0, drop: true });
    expect(thrown).toBeInstanceOf(UnreachableError);
    expect(thrown.message).toMatch(/: no answer from localhost:\d+: .*; check the network, tenantId and `authority` \(or `cloud`\)$/u);
  }, 60_000);

  it("Exchange Online's own sign-in says the same", async () => {
    graph.tokenScript = () => ({ status: 503, body: {} });
    const config = {
      tenantId: "contoso.example.com",
      clientId: "app",
      authority: graph.origin,
      graph: graph.origin,
      exchange: graph.origin,
      syncWait: 0,
    };
    const thrown = await connectExchange(config, { ENTRA_CLIENT_SECRET: "not-a-real-secret" }, { clock: fakeClock() })
      .invoke("Get-Mailbox", {}, "read mailboxes")
      .catch((error: Error) => error);
    expect((thrown as Error).message).toMatch(
      /^Could not sign in to Exchange Online with .*answers 503, again and again: try again later$/u,
    );
  }, 60_000);
});

describe("another try at sign-in", () => {
  const token: Scripted = { status: 200, body: { token_type: "Bearer", expires_in: 3600, access_token: "at last" } };
  const answers = (...all: Scripted[]): void => {
    graph.tokens = [];
    graph.tokenScript = () => (graph.tokens.length > all.length ? token : all[graph.tokens.length - 1]);
  };
  const users = { status: 200, body: { value: [] } };

  it("is ours: after a pause that grows, or the one that was asked for, and for all who wait together", async () => {
    graph.script = () => users;
    answers({ status: 503, body: {} }, { status: 429, headers: { "retry-after": "7" }, body: {} });
    const clock = fakeClock();
    const client = graph.client({ clock });
    await Promise.all([client.list("/users", ["id"]), client.list("/groups", ["id"])]);
    expect(graph.tokens).toHaveLength(3);
    expect(clock.slept).toHaveLength(2);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(750);
    expect(clock.slept[0]).toBeLessThanOrEqual(1250);
    expect(clock.slept[1]).toBe(7000);
  });

  it("ends: four where nothing is asked for, ten minutes of waiting where it is; a wrong secret is tried once", async () => {
    const clock = fakeClock();
    const failed = async (answer: Scripted): Promise<number> => {
      graph.tokens = [];
      graph.tokenScript = () => answer;
      await expect(graph.client({ clock }).list("/users", ["id"])).rejects.toThrow();
      return graph.tokens.length;
    };
    for (const status of [503, 429]) expect(await failed({ status, body: {} })).toBe(4);
    expect(await failed({ status: 401, body: aadsts(7000215, "Invalid client secret provided.") })).toBe(1);
    clock.slept.length = 0;
    expect(await failed({ status: 429, headers: { "retry-after": "250" }, body: {} })).toBe(3);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(600_000);
  });

  it("does not keep a run that is to stop: neither its pauses nor an answer that does not come", async () => {
    for (const answer of [
      { status: 503, headers: { "retry-after": "300" }, body: {} },
      { status: 0, hang: true },
    ]) {
      const stop = new AbortController();
      graph.tokenScript = () => {
        setTimeout(() => stop.abort(), 50);
        return answer;
      };
      const begun = Date.now();
      await expect(graph.client({ signal: stop.signal }).list("/users", ["id"], { what: "read users" })).rejects.toThrow(
        "Could not read users: the run was stopped",
      );
      expect(Date.now() - begun).toBeLessThan(5000);
    }
  });
});

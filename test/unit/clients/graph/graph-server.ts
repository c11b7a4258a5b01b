/**
 * A real https server that plays Entra ID's token endpoint and as much of Graph as a test scripts. It takes batches apart:
 * the script sees inner requests. Not the sandbox: this one is for what the client does with odd answers.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { type ConnectOptions, connectEntra, type EntraClient } from "../../../../clients/graph/client.ts";
import type { Clock } from "../../../../clients/graph/clock.ts";
import { csdl } from "../../../../sandbox/contracts/csdl.ts";

/** Graph's contract is beside the project where it is developed; where it is not, requests go unjudged. */
const contract = csdl(fileURLToPath(new URL("../../../../../shared/contracts", import.meta.url)));

export interface Seen {
  method: string;
  /** Path and query below the origin, decoded only for inner requests' prefix. */
  path: string;
  headers: { [name: string]: string | undefined };
  body: unknown;
  inner: boolean;
}
export interface Scripted {
  status: number;
  headers?: { [name: string]: string };
  body?: unknown;
  /** Closes the connection instead of answering. */
  drop?: boolean;
  /** Never answers. */
  hang?: boolean;
  /** Begins its body and never ends it. */
  stall?: boolean;
}
export type Script = (request: Seen) => Scripted | Promise<Scripted>;

export interface GraphServer {
  origin: string;
  /** Outer requests to Graph, in order. */
  outer: Seen[];
  /** Inner ones of batches. */
  inner: Seen[];
  /** Forms sent to the token endpoint. */
  tokens: { [name: string]: string }[];
  /** What was sent that the contract does not have, once each. `close` throws where there is any. */
  violations: Set<string>;
  script: Script;
  /** Answers the token endpoint instead of a token. */
  tokenScript: ((form: { [name: string]: string }) => Scripted | undefined) | undefined;
  /** Answers the authority's discovery instead of what it holds. */
  discovery: Scripted | undefined;
  /** PEM with key and certificate, usable as a client certificate too. */
  pem: string;
  client(options?: ConnectOptions & { env?: { [name: string]: string }; syncWait?: number }): EntraClient;
  close(): Promise<void>;
}

/** A clock that never waits: sleeping moves it on. `slept` are the pauses asked for, in ms. */
export function fakeClock(): Clock & { slept: number[] } {
  let now = 1_700_000_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export const graphProblem = (status: number, code: string, message: string): Scripted => ({
  status,
  body: { error: { code, message, innerError: { "request-id": "11111111-2222-3333-4444-555555555555", date: "2026-01-15T08:00:00" } } },
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export async function startGraphServer(script: Script = () => ({ status: 404 })): Promise<GraphServer> {
  const folder = mkdtempSync(join(tmpdir(), "entra-"));
  const key = join(folder, "key.pem");
  const certificate = join(folder, "cert.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject],
    { stdio: "ignore" },
  );
  const cert = readFileSync(certificate, "utf8");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), cert]);
  execFileSync("sh", ["-c", `cat "${key}" "${certificate}" > "${join(folder, "both.pem")}"`]);

  const judge = (method: string, url: string, body: string): void => {
    const at = new URL(url, "https://localhost");
    const path = at.pathname.replace("/v1.0", "");
    // What follows a nextLink is the service's own.
    const query = url.includes("$skiptoken") ? new URLSearchParams() : at.searchParams;
    for (const mistake of contract?.request({ method, path, query, body }) ?? []) self.violations.add(`${method} ${path}: ${mistake}`);
  };
  const server = createServer({ key: readFileSync(key), cert });
  const open = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  server.on("request", async (request, response) => {
    const url = request.url ?? "/";
    const raw = await bodyOf(request);
    const answer = (scripted: Scripted): void => {
      if (scripted.hang) return;
      if (scripted.drop) {
        request.socket.destroy();
        return;
      }
      const text = typeof scripted.body === "string" ? scripted.body : scripted.body === undefined ? "" : JSON.stringify(scripted.body);
      response.writeHead(scripted.status, {
        "content-type": typeof scripted.body === "string" ? "text/html" : "application/json",
        ...scripted.headers,
      });
      if (scripted.stall) response.write("{");
      else response.end(text);
    };
    if (url.includes("/.well-known/openid-configuration")) {
      const tenant = url.split("/")[1];
      const base = `${self.origin}/${tenant}`;
      if (self.discovery) return answer(self.discovery);
      return answer({
        status: 200,
        body: {
          issuer: `${base}/v2.0`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
          jwks_uri: `${base}/keys`,
        },
      });
    }
    if (url.includes("/oauth2/v2.0/token")) {
      const form = Object.fromEntries(new URLSearchParams(raw));
      self.tokens.push(form);
      return answer(
        self.tokenScript?.(form) ?? {
          status: 200,
          body: { token_type: "Bearer", expires_in: 3600, access_token: `token-${self.tokens.length}` },
        },
      );
    }
    const headers = request.headers as { [name: string]: string };
    const seen: Seen = { method: request.method ?? "", path: url, headers, body: raw === "" ? undefined : JSON.parse(raw), inner: false };
    self.outer.push(seen);
    if (url.startsWith("/v1.0/") && url !== "/v1.0/$batch") judge(seen.method, url, raw);
    if (url !== "/v1.0/$batch") return answer(await self.script(seen));
    const whole = await self.script(seen);
    if (whole.status !== 0) return answer(whole);
    const { requests } = seen.body as {
      requests: { id: string; method: string; url: string; headers?: { [name: string]: string }; body?: unknown }[];
    };
    const responses = [];
    for (const one of requests) {
      const innerSeen: Seen = { method: one.method, path: `/v1.0${one.url}`, headers: one.headers ?? {}, body: one.body, inner: true };
      self.inner.push(innerSeen);
      judge(one.method, innerSeen.path, one.body === undefined ? "" : JSON.stringify(one.body));
      const scripted = await self.script(innerSeen);
      responses.unshift({ id: one.id, status: scripted.status, headers: scripted.headers ?? {}, body: scripted.body });
    }
    answer({ status: 200, body: { responses } });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const self: GraphServer = {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    outer: [],
    inner: [],
    tokens: [],
    violations: new Set(),
    // Status 0 for the outer batch means: take it apart.
    script: (request) => (request.path === "/v1.0/$batch" ? { status: 0 } : script(request)),
    tokenScript: undefined,
    discovery: undefined,
    pem: join(folder, "both.pem"),
    client({ env = { ENTRA_CLIENT_SECRET: "not-a-real-secret" }, syncWait = 0, ...options } = {}) {
      const config = {
        tenantId: "contoso.example.com",
        clientId: "00000000-0000-0000-0000-00000000abcd",
        authority: self.origin,
        graph: self.origin,
        syncWait,
      };
      return connectEntra(config, env, { counter: { graph: 0 }, ...options });
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
      if (self.violations.size > 0) throw new Error(`Graph's contract does not have what was sent: ${[...self.violations].join("; ")}`);
    },
  };
  return self;
}

/** Lets a script answer everything but the outer batch, which is taken apart. */
export const apart =
  (script: Script): Script =>
  (request) =>
    request.path === "/v1.0/$batch" ? { status: 0 } : script(request);

/** A strict HR API of the tests' own: OAuth 2.0 with PKCE, pages in four manners, and whatever a test wants to go wrong. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { certificates } from "../../../../sandbox/tls.ts";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Reply {
  status?: number;
  json?: unknown;
  text?: string;
  /** An image. */
  bytes?: Buffer;
  headers?: Record<string, string>;
}

export interface Api {
  base: string;
  /** Path of the authority's certificate. */
  ca: string;
  asked: Asked[];
  /** Refresh tokens are good once: this is the one that is good now. */
  refresh: () => string;
  /** What the server says of the scopes that it gave; it says nothing of them before. */
  grants(scope: string): void;
  /** Revokes the access token given last. */
  revoke(): void;
  /** Visits the authorize address as a browser would: follows the redirect to the loopback callback. */
  browse(url: string): Promise<string>;
  /** The address that a browser would end at. */
  ends(url: string): Promise<string>;
  stop(): Promise<void>;
}

export const client = { id: "haloform", secret: "hr-s3cret-never-shown" };

/** Who may sign in by the password grant. */
export const user = { name: "svc-haloform", password: "pa55-never-shown" };

export async function serve(handle: (asked: Asked) => Reply | undefined): Promise<Api> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-rest-"));
  const made = await certificates(folder);
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(made.ca, "utf8")]);
  const asked: Asked[] = [];
  const codes = new Map<string, { challenge: string; redirect: string }>();
  let access = "";
  let refresh = "";
  let granted: { scope?: string } = {};
  const grant = (): Reply => {
    access = `access-${randomBytes(4).toString("hex")}`;
    refresh = `refresh-${randomBytes(4).toString("hex")}`;
    return { json: { access_token: access, token_type: "Bearer", expires_in: 3600, refresh_token: refresh, ...granted } };
  };
  const no = (error: string): Reply => ({ status: 400, json: { error, error_description: `not ${error}` } });
  const token = (form: URLSearchParams): Reply => {
    if (form.get("client_id") !== client.id) return { status: 401, json: { error: "invalid_client" } };
    const kind = form.get("grant_type");
    if (kind === "client_credentials")
      return form.get("client_secret") === client.secret ? grant() : { status: 401, json: { error: "invalid_client" } };
    if (kind === "password")
      return form.get("username") === user.name && form.get("password") === user.password ? grant() : no("invalid_grant");
    if (kind === "refresh_token") return form.get("refresh_token") === refresh && refresh !== "" ? grant() : no("invalid_grant");
    const code = codes.get(form.get("code") ?? "");
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!code || code.challenge !== proof || code.redirect !== form.get("redirect_uri")) return no("invalid_grant");
    codes.delete(form.get("code") ?? "");
    return grant();
  };
  const authorize = (query: URLSearchParams): Reply => {
    if (query.get("response_type") !== "code" || query.get("code_challenge_method") !== "S256") return no("invalid_request");
    const code = randomBytes(8).toString("hex");
    codes.set(code, { challenge: query.get("code_challenge") ?? "", redirect: query.get("redirect_uri") ?? "" });
    return { status: 302, headers: { location: `${query.get("redirect_uri")}?code=${code}&state=${query.get("state")}` } };
  };
  const server = createServer({ key: made.tls.key, cert: made.tls.cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "https://localhost");
      const body = Buffer.concat(chunks).toString("utf8");
      const call: Asked = { method: request.method ?? "", path: url.pathname, query: url.searchParams, headers: request.headers, body };
      asked.push(call);
      const own = (): Reply => {
        if (url.pathname === "/oauth/token") return token(new URLSearchParams(body));
        if (url.pathname === "/oauth/authorize") return authorize(url.searchParams);
        return { status: 404, json: { message: "no such path" } };
      };
      const guarded = url.pathname.startsWith("/secure/") && request.headers.authorization !== `Bearer ${access}`;
      const reply = guarded ? { status: 401, json: { message: "who are you?" } } : (handle(call) ?? own());
      response.writeHead(reply.status ?? 200, {
        "content-type": reply.text === undefined ? "application/json" : "text/plain",
        ...reply.headers,
      });
      response.end(reply.bytes ?? reply.text ?? (reply.json === undefined ? "" : JSON.stringify(reply.json)));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    base,
    ca: made.ca,
    asked,
    refresh: () => refresh,
    grants(scope) {
      granted = { scope };
    },
    revoke() {
      access = "revoked";
    },
    async browse(url) {
      const first = await fetch(url, { redirect: "manual" });
      const to = first.headers.get("location");
      if (!to) return `${first.status} ${await first.text()}`;
      return (await fetch(to)).text();
    },
    async ends(url) {
      const first = await fetch(url, { redirect: "manual" });
      return first.headers.get("location") ?? "";
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

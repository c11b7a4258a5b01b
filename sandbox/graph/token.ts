/** Entra ID's token endpoint, as far as client credentials go: discovery, secrets, application permissions in the token. */
import { createHash, randomBytes } from "node:crypto";
import type { Call, Reply } from "../web/server.ts";
import type { GraphFaults } from "./faults.ts";

/** An app registration with the application permissions an administrator consented to; they may be changed while it runs. */
export interface GraphApp {
  id: string;
  name: string;
  secret: string;
  roles: string[];
}

function refused(status: number, error: string, number: number, text: string): Reply {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${number}: ${text}`,
      error_codes: [number],
      timestamp: new Date().toISOString(),
      error_uri: `https://login.example.com/error?code=${number}`,
    },
  };
}

/** Reads as a JWT (clients look into it), but is only known by its whole text. */
function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ typ: "JWT", alg: "RS256" })}.${part(claims)}.${randomBytes(32).toString("base64url")}`;
}

export interface GraphTokens {
  /** Answers a request to the authority; undefined when the path is none of its. */
  answer(call: Call, url: string): Reply | undefined;
  /** Who calls, or why not. */
  of(call: Call): GraphApp | "missing" | "expired";
}

export function graphTokens(options: { apps: GraphApp[]; tenant: string; faults: GraphFaults; now: () => number }): GraphTokens {
  const tokens = new Map<string, { app: GraphApp; ends: number }>();
  const issue = (call: Call, tenant: string, url: string): Reply => {
    if (tenant !== options.tenant)
      return refused(
        400,
        "invalid_request",
        90002,
        `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      );
    const form = new URLSearchParams(call.body);
    const app = options.apps.find((known) => known.id === form.get("client_id"));
    if (form.get("grant_type") !== "client_credentials")
      return refused(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
    if (!app)
      return refused(
        400,
        "unauthorized_client",
        700016,
        `Application with identifier '${form.get("client_id") ?? ""}' was not found in the directory.`,
      );
    if (form.get("client_secret") !== app.secret)
      return refused(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
      );
    const scope = form.get("scope") ?? "";
    if (!scope.split(" ").some((part) => part.endsWith("/.default")))
      return refused(
        400,
        "invalid_scope",
        1002012,
        `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
      );
    const life = options.faults.tokenLife;
    const now = Math.floor(options.now() / 1000);
    const token = jwt({
      aud: "https://graph.microsoft.com",
      iss: `${url}/${tenant}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + life,
      appid: app.id,
      app_displayname: app.name,
      roles: app.roles,
      tid: tenant,
    });
    tokens.set(digest(token), { app, ends: options.now() + life * 1000 });
    return { status: 200, body: { token_type: "Bearer", expires_in: life, ext_expires_in: life, access_token: token } };
  };
  return {
    answer(call, url) {
      const [, tenant = "", ...rest] = call.path.split("/");
      const path = rest.join("/").toLowerCase();
      if (path === "oauth2/v2.0/token" && call.method === "POST") return issue(call, tenant, url);
      if (path !== "v2.0/.well-known/openid-configuration") return undefined;
      if (tenant !== options.tenant) return refused(400, "invalid_tenant", 90002, `Tenant '${tenant}' not found.`);
      const at = `${url}/${tenant}`;
      return {
        status: 200,
        body: {
          ...{
            issuer: `${at}/v2.0`,
            token_endpoint: `${at}/oauth2/v2.0/token`,
            authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
            jwks_uri: `${at}/discovery/v2.0/keys`,
          },
          ...{
            response_types_supported: ["code"],
            subject_types_supported: ["pairwise"],
            id_token_signing_alg_values_supported: ["RS256"],
            token_endpoint_auth_methods_supported: ["client_secret_post"],
          },
        },
      };
    },
    of(call) {
      const token = /^Bearer (.+)$/iu.exec(call.headers["authorization"] ?? "")?.[1];
      const known = token === undefined ? undefined : tokens.get(digest(token));
      if (!known) return "missing";
      return known.ends > options.now() ? known.app : "expired";
    },
  };
}

const digest = (token: string): string => createHash("sha256").update(token).digest("base64");

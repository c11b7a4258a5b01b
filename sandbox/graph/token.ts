/** Entra ID's token endpoint, as far as client credentials go: discovery, secrets, application permissions in the token. */
import { createHash, randomBytes } from "node:crypto";
import type { Call, Reply } from "../web/server.ts";
import { refusesAssertion, type Trust } from "./assertion.ts";
import type { GraphFaults } from "./faults.ts";

/** An app registration with the application permissions an administrator consented to; they may be changed while it runs. */
export interface GraphApp extends Trust {
  id: string;
  name: string;
  secret: string;
  /** When the secret ends, milliseconds since 1970; never when left out. */
  secretEnds?: number;
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
  of(call: Call, resource?: string): GraphApp | "missing" | "expired" | "challenged";
  /** Addresses of other services for which tokens are given: Graph does not take those, and they take no other. */
  resources: Set<string>;
  /** A token of an app without a request for it, as a managed identity gets one; undefined for an app that is not there. */
  give(client: string): { token: string; ends: number } | undefined;
}

export function graphTokens(options: { apps: GraphApp[]; tenant: string; faults: GraphFaults; now: () => number }): GraphTokens {
  const tokens = new Map<string, { app: GraphApp; ends: number; made: number; claims: string | null; resource: string }>();
  const resources = new Set<string>();
  const make = (app: GraphApp, url: string, claims: string | null, resource = ""): { token: string; ends: number } => {
    const made = options.now();
    const life = options.faults.tokenLife;
    const now = Math.floor(made / 1000);
    const token = jwt({
      aud: resources.has(resource) ? resource : "https://graph.microsoft.com",
      iss: `${url}/${options.tenant}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + life,
      appid: app.id,
      app_displayname: app.name,
      roles: app.roles,
      tid: options.tenant,
    });
    const ends = made + life * 1000;
    tokens.set(digest(token), { app, ends, made, claims, resource });
    return { token, ends };
  };
  let address = "";
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
    const assertion = form.get("client_assertion");
    if (assertion !== null) {
      const jwtBearer = form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      const mistake = jwtBearer
        ? refusesAssertion(assertion, app, `${url}/${tenant}/oauth2/v2.0/token`, options.now())
        : { number: 900144, text: "The request body must contain the following parameter: 'client_assertion_type'." };
      if (mistake) return refused(401, "invalid_client", mistake.number, mistake.text);
    } else if (form.get("client_secret") === null)
      return refused(
        401,
        "invalid_client",
        7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
      );
    else if (form.get("client_secret") !== app.secret)
      return refused(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
      );
    if (assertion === null && app.secretEnds !== undefined && app.secretEnds <= options.now())
      return refused(401, "invalid_client", 7000222, `The provided client secret keys for app '${app.id}' are expired.`);
    const scope = form.get("scope") ?? "";
    if (!scope.split(" ").some((part) => part.endsWith("/.default")))
      return refused(
        400,
        "invalid_scope",
        1002012,
        `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
      );
    const resource = (scope.split(" ").find((part) => part.endsWith("/.default")) ?? "").slice(0, -"/.default".length);
    const life = options.faults.tokenLife;
    const { token } = make(app, url, form.get("claims"), resource);
    return { status: 200, body: { token_type: "Bearer", expires_in: life, ext_expires_in: life, access_token: token } };
  };
  return {
    give(client) {
      const app = options.apps.find((known) => known.id === client);
      return app && make(app, address, null, "");
    },
    answer(call, url) {
      address = url;
      const [, tenant = "", ...rest] = call.path.split("/");
      const path = rest.join("/").toLowerCase();
      const { signIn } = options.faults;
      if (path === "oauth2/v2.0/token" && call.method === "POST")
        return signIn === 0
          ? issue(call, tenant, url)
          : { status: signIn, body: { error: { code: "ServiceUnavailable", message: "Not Available" } } };
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
    resources,
    of(call, resource) {
      const token = /^Bearer (.+)$/iu.exec(call.headers["authorization"] ?? "")?.[1];
      const known = token === undefined ? undefined : tokens.get(digest(token));
      if (!known || (resource === undefined ? resources.has(known.resource) : known.resource !== resource)) return "missing";
      const { faults } = options;
      if (faults.challenge && !(known.claims ?? "").includes("nbf") && known.made < faults.challenge) return "challenged";
      return known.ends > options.now() ? known.app : "expired";
    },
  };
}

const digest = (token: string): string => createHash("sha256").update(token).digest("base64");

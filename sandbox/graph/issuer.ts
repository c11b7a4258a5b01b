/** Two places that give tokens without a secret of ours: GitHub's OIDC endpoint of a job, and the managed identity of an App Service. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Issuer {
  /** `iss` of its tokens. */
  issuer: string;
  /** ACTIONS_ID_TOKEN_REQUEST_URL */
  url: string;
  /** ACTIONS_ID_TOKEN_REQUEST_TOKEN */
  token: string;
  /** By which its tokens are checked. */
  key: KeyObject;
  /** Of the tokens to come: the workflow's repository and environment. */
  subject: string;
  /** How many were given. */
  given: number;
  stop(): Promise<void>;
}

/** Starts GitHub's endpoint on loopback. Its tokens live for five minutes. */
export async function startIssuer(subject: string, now: () => number = Date.now): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const issuer: Issuer = {
    issuer: "https://token.actions.githubusercontent.com",
    ...{ url: "", token: randomUUID(), key: publicKey, subject, given: 0, stop: async () => {} },
  };
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? "/", "http://localhost");
    if (request.headers.authorization?.toLowerCase() !== `bearer ${issuer.token}`) return void response.writeHead(401).end("{}");
    const seconds = Math.floor(now() / 1000);
    const claims = {
      iss: issuer.issuer,
      sub: issuer.subject,
      aud: at.searchParams.get("audience") ?? "",
      iat: seconds,
      nbf: seconds,
      exp: seconds + 300,
    };
    const data = `${encoded({ typ: "JWT", alg: "RS256", kid: "1" })}.${encoded({ ...claims, jti: randomUUID() })}`;
    issuer.given += 1;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ value: `${data}.${sign("RSA-SHA256", Buffer.from(data), privateKey).toString("base64url")}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=2.0`;
  issuer.stop = () => new Promise((resolve) => server.close(() => resolve()));
  return issuer;
}

export interface ManagedIdentity {
  /** IDENTITY_ENDPOINT */
  endpoint: string;
  /** IDENTITY_HEADER */
  header: string;
  /** Client ids asked for, in order; "" is the system's own identity. */
  asked: string[];
  stop(): Promise<void>;
}

/** Starts the identity endpoint of an App Service. `issue` gives the token of an identity (by client id), or nothing. */
export async function startManagedIdentity(
  issue: (client: string) => { token: string; ends: number } | undefined,
): Promise<ManagedIdentity> {
  const asked: string[] = [];
  const header = randomUUID();
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? "/", "http://localhost");
    const client = at.searchParams.get("client_id") ?? "";
    asked.push(client);
    const given = request.headers["x-identity-header"] === header && at.searchParams.has("resource") ? issue(client) : undefined;
    response.writeHead(given ? 200 : 400, { "content-type": "application/json" });
    const body = given
      ? {
          access_token: given.token,
          expires_on: String(Math.floor(given.ends / 1000)),
          resource: at.searchParams.get("resource"),
          token_type: "Bearer",
          client_id: client,
        }
      : { statusCode: 400, message: "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId." };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
    header,
    asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Who we are to Entra ID: the first credential the environment offers. Nothing of it is ever in settings, state or logs. */
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type GetTokenOptions,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { ConfigurationError, UnreachableError } from "../../base/errors.ts";
import { parsed } from "../http/answer.ts";
import { oneToken } from "../http/token.ts";
import { cloudOf } from "./clouds.ts";
import type { EntraConfig } from "./settings.ts";
import { type SignInAnswer, type SignInWatch, watchSignIn } from "./sign-in.ts";

export type Environment = { readonly [name: string]: string | undefined };

export interface Chosen {
  /** In words, for messages and `doctor`: "the client secret (ENTRA_CLIENT_SECRET)". */
  by: string;
  credential: TokenCredential;
}

/** Who we are, token by token, and what to say where none can be had. */
export interface SignIn {
  by: string;
  credential: OneToken;
  /** What the authority answered last; undefined: nothing. */
  last(): SignInAnswer | undefined;
}

/** The credential that the environment offers, with one token at a time. Throws ConfigurationError where it offers none. */
export function signIn(config: EntraConfig, env: Environment, now: () => number): SignIn {
  const watch = watchSignIn();
  const { by } = chooseCredential(config, env);
  const make = (): TokenCredential => {
    const { credential } = chooseCredential(config, env, watch.options);
    return {
      getToken(...asked) {
        watch.forget();
        return credential.getToken(...asked);
      },
    };
  };
  return { by, credential: singleToken(make, now), last: watch.last };
}

/** Authorities MSAL knows by itself; any other would make it ask login.microsoftonline.com first. */
const knownAuthorities = new Set([
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
  "login.chinacloudapi.cn",
]);

/** Chooses by what is set, in this order: secret, certificate, GitHub's OIDC token, workload identity, managed identity. */
function chooseCredential(config: EntraConfig, env: Environment, watched: Partial<SignInWatch["options"]> = {}): Chosen {
  const { tenantId, clientId } = config;
  const { authority, audience } = cloudOf(config);
  const options = {
    ...watched,
    authorityHost: authority,
    disableInstanceDiscovery: !knownAuthorities.has(new URL(authority).hostname),
    // Repeated by our own policy (sender.ts), which ends when the run is to stop. A managed identity's endpoint, on this machine,
    // has rules of its own, which the library knows.
    retryOptions: { maxRetries: 0 },
  };
  const secret = env["ENTRA_CLIENT_SECRET"];
  if (secret)
    return { by: "the client secret (ENTRA_CLIENT_SECRET)", credential: new ClientSecretCredential(tenantId, clientId, secret, options) };
  const certificatePath = env["ENTRA_CLIENT_CERTIFICATE_PATH"];
  if (certificatePath) {
    return {
      by: "the certificate (ENTRA_CLIENT_CERTIFICATE_PATH)",
      credential: new ClientCertificateCredential(tenantId, clientId, { certificatePath }, options),
    };
  }
  const url = env["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const token = env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (url && token) {
    return {
      by: "GitHub's OIDC token",
      credential: new ClientAssertionCredential(tenantId, clientId, () => githubAssertion(url, token, audience), options),
    };
  }
  const tokenFilePath = env["AZURE_FEDERATED_TOKEN_FILE"];
  if (tokenFilePath)
    return {
      by: "the workload identity (AZURE_FEDERATED_TOKEN_FILE)",
      credential: new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...options }),
    };
  const managed = env["ENTRA_MANAGED_IDENTITY"];
  if (managed || env["IDENTITY_ENDPOINT"] || env["MSI_ENDPOINT"]) {
    return {
      by: "the managed identity",
      credential: managed === "system" ? new ManagedIdentityCredential(watched) : new ManagedIdentityCredential({ clientId, ...watched }),
    };
  }
  throw new ConfigurationError(
    "Could not sign in to Entra ID: the environment holds no credential; set ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE_PATH (a PEM with key and certificate), or run where GitHub's OIDC token (permission id-token: write) or a managed identity (ENTRA_MANAGED_IDENTITY=user or system) is at hand.",
  );
}

/** GitHub's OIDC token, fetched anew each time: it lives for minutes, an apply may take longer. */
async function githubAssertion(url: string, token: string, audience: string): Promise<string> {
  const address = new URL(url);
  address.searchParams.set("audience", audience);
  const headers = { authorization: `bearer ${token}`, accept: "application/json" };
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(30_000) }).catch((error: unknown) => {
    throw new UnreachableError(`Could not fetch GitHub's OIDC token: network: ${error instanceof Error ? error.message : String(error)}`);
  });
  const body: unknown = await response.json().catch(() => undefined);
  const value = typeof body === "object" && body !== null && "value" in body ? body.value : undefined;
  if (!response.ok || typeof value !== "string") {
    throw new ConfigurationError(
      `Could not fetch GitHub's OIDC token: HTTP ${response.status}; the job needs \`permissions: id-token: write\`.`,
    );
  }
  return value;
}

export interface OneToken extends TokenCredential {
  /**
   * Drops the token that Graph refused (any when it is not said which); the next one is asked for anew, with the claims of
   * Graph's challenge where there was one. Nothing happens when somebody else has renewed it meanwhile.
   */
  forget(refused?: string, claims?: string): void;
}

/**
 * One token at a time: callers who come together share one request (MSAL would make one each). The token is kept until two
 * minutes before it ends (a short-lived one for four fifths of its life); after `forget` the credential is made anew, as MSAL caches too.
 */
export function singleToken(make: () => TokenCredential, now: () => number): OneToken {
  let credential = make();
  let asked: string | undefined;
  const one = oneToken(async (scopes: string | string[], options?: GetTokenOptions) => {
    const claims = asked === undefined ? {} : { claims: asked, enableCae: true };
    const given = await credential.getToken(scopes, { ...options, ...claims }).catch((error: unknown) => {
      // MSAL keeps an error for a minute, and answers with it instead of asking again.
      credential = make();
      throw error;
    });
    if (!given) throw new Error("no token");
    const life = given.expiresOnTimestamp - now();
    return { ...given, until: now() + Math.max(life - 120_000, life * 0.8) };
  }, now);
  return {
    getToken: one.get,
    forget(refused, claims) {
      if (!one.drop(refused)) return;
      if (claims !== undefined) asked = claims;
      credential = make();
    },
  };
}

/**
 * The claims that Graph asks for when it takes a token back before its time (continuous access evaluation): those of the
 * `claims` of a WWW-Authenticate header, base64 there, JSON here. undefined when there is no such challenge.
 */
export function claimsOf(header: string | null | undefined): string | undefined {
  const encoded = /\bclaims="([^"]+)"/u.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  return parsed(text) === undefined ? undefined : text;
}

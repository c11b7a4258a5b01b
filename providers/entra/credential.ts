/** Who we are to Entra ID: the first credential the environment offers. Nothing of it is ever in settings, state or logs. */
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { ConfigurationError, UnreachableError } from "../core/errors.ts";
import type { EntraConfig } from "../core/settings.ts";

export type Environment = { readonly [name: string]: string | undefined };

export interface Chosen {
  /** In words, for messages and `doctor`: "the client secret (ENTRA_CLIENT_SECRET)". */
  by: string;
  credential: TokenCredential;
}

/** Authorities MSAL knows by itself; any other would make it ask login.microsoftonline.com first. */
const knownAuthorities = new Set([
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
  "login.chinacloudapi.cn",
]);
const audience = "api://AzureADTokenExchange";

/** Chooses by what is set, in this order: secret, certificate, GitHub's OIDC token, workload identity, managed identity. */
export function chooseCredential(config: EntraConfig, env: Environment): Chosen {
  const { tenantId, clientId, authority } = config;
  const options = authority
    ? { authorityHost: authority, disableInstanceDiscovery: !knownAuthorities.has(new URL(authority).hostname) }
    : {};
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
      credential: new ClientAssertionCredential(tenantId, clientId, () => githubAssertion(url, token), options),
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
      credential: managed === "system" ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId }),
    };
  }
  throw new ConfigurationError(
    "Could not sign in to Entra ID: the environment holds no credential; set ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE_PATH (a PEM with key and certificate), or run where GitHub's OIDC token (permission id-token: write) or a managed identity (ENTRA_MANAGED_IDENTITY=user or system) is at hand.",
  );
}

/** GitHub's OIDC token, fetched anew each time: it lives for minutes, an apply may take longer. */
async function githubAssertion(url: string, token: string): Promise<string> {
  const address = new URL(url);
  address.searchParams.set("audience", audience);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: { authorization: `bearer ${token}`, accept: "application/json" },
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new UnreachableError(`Could not fetch GitHub's OIDC token: network: ${error instanceof Error ? error.message : String(error)}`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  const value = typeof body === "object" && body !== null && "value" in body ? body.value : undefined;
  if (!response.ok || typeof value !== "string") {
    throw new ConfigurationError(
      `Could not fetch GitHub's OIDC token: HTTP ${response.status}; the job needs \`permissions: id-token: write\`.`,
    );
  }
  return value;
}

/**
 * One token at a time: callers who come together share one request (MSAL would make one each). The token is kept until two
 * minutes before it ends; `forget` drops it after Graph refused it, and then the credential is made anew, as MSAL caches too.
 */
export function singleToken(make: () => TokenCredential, now: () => number): TokenCredential & { forget(): void } {
  let credential = make();
  let held: { token: string; expiresOnTimestamp: number } | undefined;
  let asking: Promise<{ token: string; expiresOnTimestamp: number } | null> | undefined;
  return {
    async getToken(scopes, options) {
      if (held && held.expiresOnTimestamp - now() > 120_000) return held;
      asking ??= credential.getToken(scopes, options).finally(() => {
        asking = undefined;
      });
      const token = await asking;
      held = token ?? undefined;
      return token;
    },
    forget() {
      held = undefined;
      credential = make();
    },
  };
}

/** Signing in: where the authorisation server is, and one token at a time for everybody. */
import { z } from "zod";
import { ConfigurationError, oneLine, UnreachableError } from "../../base/errors.ts";
import { once } from "../../base/once.ts";
import { type Answer, dataOf, parsed, wordsOf } from "../http/answer.ts";
import type { Clock } from "../http/clock.ts";
import { type OneToken, oneToken, renewal, type Token } from "../http/token.ts";
import type { Wire } from "../http/wire.ts";
import { asRow, decimal } from "./decode.ts";
import { called, type HaloConfig, type HaloCredential, serverOf } from "./settings.ts";
import { oauthOf, placeOf } from "./sign-in.ts";

const discovered = z.object({ auth_url: z.string().nullish(), tenant_id: z.string().nullish() });
const granted = z.object({
  // Header-safe: anything else would fail in the middle of the first request instead of here.
  access_token: z.string().regex(/^[\x21-\x7e]+$/u),
  expires_in: decimal.nullish(),
});

/** What lets requests in: a token that is asked for and kept while it is good, or a key that is always the same. */
export interface HaloAuth extends OneToken<Token, []> {
  /** What a request says with it. */
  headers(token: string): Record<string, string>;
}

/** Where tokens are asked for, with the tenant: as set, or as Halo says. Asked once. */
export function locator(config: HaloConfig, base: URL, wire: Wire): () => Promise<URL> {
  return once(async (): Promise<URL> => {
    let authorisation = config.authorisationServer;
    let tenant = config.tenant;
    if (authorisation === undefined || tenant === undefined) {
      const found = await discover(base, wire);
      tenant ??= found.tenant;
      authorisation ??= found.server ?? new URL("auth", serverOf(config)).href;
    }
    const trimmed = authorisation.replace(/\/+$/u, "");
    const url = new URL(/\/token$/iu.test(trimmed) ? trimmed : `${trimmed}/token`);
    // The secret goes there: never in clear text, except to the very server that the settings name.
    if (url.protocol !== "https:" && url.origin !== base.origin) {
      throw new ConfigurationError(
        `Sign in to HaloITSM: its authorisation server ${url.origin} is not an https:// address; set halo.authorisationServer`,
      );
    }
    if (tenant) url.searchParams.set("tenant", tenant);
    return url;
  });
}

/**
 * The tokens of an application, or of what `signIn` says; or its API key.
 * @param base the address of the API, ending in `/`
 */
export function makeAuth(config: HaloConfig, credential: HaloCredential, base: URL, wire: Wire, { now }: Clock): HaloAuth {
  if ("key" in credential) {
    const { key } = credential;
    const token = { token: key, until: Number.POSITIVE_INFINITY };
    return { get: async () => token, drop: () => true, headers: (known) => ({ "x-halo-api-key": known }) };
  }
  const { secret } = credential;
  const locate = locator(config, base, wire);

  const ask = async (): Promise<Token> => {
    const url = await locate();
    if (config.signIn) {
      // Its library is for this alone: every command and every provider's process loads this file.
      const { grant } = await import("../oauth/grant.ts");
      const { answer } = await grant(oauthOf(config, url), placeOf(config, now));
      return { token: answer.access_token, until: renewal(now(), answer.expires_in) };
    }
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: config.clientId ?? "",
      client_secret: secret,
      scope: config.scope,
    });
    const answer = await wire.send({
      what: "Sign in to HaloITSM",
      write: false,
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: form.toString(),
    });
    const read = granted.safeParse(
      answer.status >= 200 && answer.status < 300 ? dataOf(answer, { what: "Sign in to HaloITSM", write: false }, called) : undefined,
    );
    if (!read.success) throw refusal(answer, url, config, secret);
    return { token: read.data.access_token, until: renewal(now(), read.data.expires_in) };
  };

  return { ...oneToken(ask, () => now().getTime()), headers: (token) => ({ authorization: `Bearer ${token}` }) };
}

/** What GET /api/authinfo tells; nothing when this Halo has no such page (then `<server>/auth` is right). */
export async function discover(base: URL, wire: Wire): Promise<{ server?: string; tenant?: string }> {
  const headers = { accept: "application/json" };
  const answer = await wire.send({ what: "GET /authinfo", write: false, method: "GET", url: new URL("authinfo", base), headers });
  if (answer.status < 200 || answer.status >= 300) return {};
  const read = discovered.safeParse(parsed(answer.body));
  if (!read.success) return {};
  const { auth_url, tenant_id } = read.data;
  return { ...(auth_url && URL.canParse(auth_url) ? { server: auth_url } : {}), ...(tenant_id ? { tenant: tenant_id } : {}) };
}

/** One line that says what to renew or to set. */
function refusal(answer: Answer, url: URL, config: HaloConfig, secret: string): Error {
  const code = asRow(parsed(answer.body))?.["error"];
  const words = wordsOf(answer).replaceAll(secret || "\n", "***");
  const at = `Sign in to HaloITSM at ${url.origin}${url.pathname}`;
  if (answer.status >= 500) return new UnreachableError(oneLine(`${at}: it answers ${answer.status} (${words}); try again later`));
  const fits = answer.status >= 200 && answer.status < 400;
  const mend =
    mends(config).get(String(code)) ??
    (fits
      ? `the answer (${answer.status}) holds no token; set halo.authorisationServer to the Authorisation Server shown in Halo's API details`
      : `it answers ${answer.status} (${words}); check halo.authorisationServer, halo.tenant, halo.clientId and HALO_CLIENT_SECRET`);
  return new ConfigurationError(oneLine(`${at}: ${mend}`));
}

/** What to do about an error that OAuth has a name for. */
function mends({ clientId }: HaloConfig): ReadonlyMap<string, string> {
  const alone = (code: string): string =>
    `the application ${clientId} may not sign in by itself (${code}); choose "Client ID and Secret (Services)" as its authentication method in Halo`;
  return new Map([
    [
      "invalid_client",
      `the client id or secret is not accepted (invalid_client); renew the secret of the application ${clientId} in Halo (Configuration > Integrations > Halo API) and set HALO_CLIENT_SECRET`,
    ],
    ["invalid_scope", "the scope is not known (invalid_scope); set halo.scope to `all`, or to names that Halo's API details list"],
    ["unauthorized_client", alone("unauthorized_client")],
    ["unsupported_grant_type", alone("unsupported_grant_type")],
  ]);
}

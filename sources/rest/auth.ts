/** Logging in to an API: the header that goes with every request. OAuth 2.0 by oauth4webapi. */
import * as oauth from "oauth4webapi";
import { fetchTrusting } from "../../base/certificates.ts";
import { ConfigurationError, oneLine, UnreachableError } from "../../base/errors.ts";
import { oneToken, renewal, type Token } from "../../clients/http/token.ts";
import type { RestConfig } from "../../mappings/schema/sources.ts";
import { secret, secretName, textOf } from "./secrets.ts";
import { loadToken, saveToken } from "./store.ts";

export interface Login {
  /** Headers of a request; a token is asked for once, however many wait for it. */
  headers(): Promise<Record<string, string>>;
  /** Further query parameters of every request. */
  query: Readonly<Record<string, string>>;
  /** The API did not take this login (401): the next one is new. false where there is nothing to renew. */
  renew(): boolean;
}

export interface LoginPlace {
  /** The source's name. */
  name: string;
  /** File of the stored refresh token. */
  tokenFile: string;
  now: () => Date;
  /** PEM file of a further certificate authority. */
  ca: string | undefined;
}

type OAuth = Extract<RestConfig["auth"], { tokenUrl: string }>;
type Extra = RestConfig["auth"]["extra"];
type Places = Record<"header" | "query" | "body", Record<string, string>>;

/** Further values for one kind of request, by place. */
export function extras(extra: Extra, at: Extra[number]["at"], source: string): Places {
  const places: Places = { header: {}, query: {}, body: {} };
  for (const one of extra.filter((each) => each.at === at))
    places[one.in][one.name] = textOf(one.value, `${one.name} of the source ${source}`);
  return places;
}

/** The authorisation server as oauth4webapi wants it. */
export function server(auth: OAuth & { authorizeUrl?: string }, source: string): oauth.AuthorizationServer {
  const token = new URL(auth.tokenUrl);
  for (const [name, value] of Object.entries(extras(auth.extra, "token", source).query)) token.searchParams.set(name, value);
  return {
    issuer: token.origin,
    token_endpoint: token.href,
    ...(auth.authorizeUrl === undefined ? {} : { authorization_endpoint: auth.authorizeUrl }),
  };
}

/** How id and secret are sent. A public client (PKCE alone) has no secret. */
export function clientAuth(auth: OAuth, source: string): oauth.ClientAuth {
  const known = process.env[secretName(source, "CLIENT_SECRET")];
  if (auth.kind === "authorizationCode" && !known) return oauth.None();
  const value = secret(source, "CLIENT_SECRET");
  return auth.clientAuthentication === "basic" ? oauth.ClientSecretBasic(value) : oauth.ClientSecretPost(value);
}

/** What goes with every call of the library: headers, a time limit, and whom it trusts. */
export function requestOptions(auth: OAuth, source: string, ca: string | undefined) {
  return {
    headers: extras(auth.extra, "token", source).header,
    signal: () => AbortSignal.timeout(60_000),
    [oauth.customFetch]: fetchTrusting(ca),
  };
}

export function makeLogin(auth: RestConfig["auth"], place: LoginPlace): Login {
  const always = extras(auth.extra, "request", place.name);
  if (auth.kind === "clientCredentials" || auth.kind === "authorizationCode") return tokens(auth, place, always);
  const fixed = (): Record<string, string> => {
    if (auth.kind === "header") return { [auth.name]: `${auth.prefix} ${secret(place.name, "TOKEN")}`.trim() };
    if (auth.kind === "basic")
      return { Authorization: `Basic ${Buffer.from(`${auth.user}:${secret(place.name, "PASSWORD")}`).toString("base64")}` };
    return {};
  };
  return { headers: async () => ({ ...always.header, ...fixed() }), query: always.query, renew: () => false };
}

function tokens(auth: OAuth, place: LoginPlace, always: Places): Login {
  const ask = async (): Promise<Token> => {
    const { access_token: token, expires_in } = await grant(auth, place);
    return { token, until: renewal(place.now(), expires_in) };
  };
  const bearer = oneToken(ask, () => place.now().getTime());
  return {
    async headers() {
      return { ...always.header, Authorization: `${auth.headerPrefix} ${(await bearer.get()).token}`.trim() };
    },
    query: always.query,
    renew() {
      bearer.drop();
      return true;
    },
  };
}

/** Asks for a token; a refresh token that the server changed is stored at once, for the old one is dead. */
async function grant(auth: OAuth, place: LoginPlace): Promise<oauth.TokenEndpointResponse> {
  const as = server(auth, place.name);
  const client: oauth.Client = { client_id: auth.clientId };
  const options = requestOptions(auth, place.name, place.ca);
  const body = new URLSearchParams({
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    ...extras(auth.extra, "token", place.name).body,
  });
  try {
    if (auth.kind === "clientCredentials") {
      const answer = await oauth.clientCredentialsGrantRequest(as, client, clientAuth(auth, place.name), body, options);
      return await oauth.processClientCredentialsResponse(as, client, answer);
    }
    const variable = secretName(place.name, "PASSPHRASE");
    const passphrase = secret(place.name, "PASSPHRASE");
    const refresh = loadToken(place.tokenFile, passphrase, variable);
    if (refresh === undefined)
      throw new ConfigurationError(
        `Could not log in to the source ${place.name}: nobody has logged in yet; run \`haloform source login ${place.name}\` once.`,
      );
    const answer = await oauth.refreshTokenGrantRequest(as, client, clientAuth(auth, place.name), refresh, {
      ...options,
      additionalParameters: body,
    });
    const got = await oauth.processRefreshTokenResponse(as, client, answer);
    if (got.refresh_token !== undefined && got.refresh_token !== refresh) saveToken(place.tokenFile, got.refresh_token, passphrase);
    return got;
  } catch (error) {
    throw loginError(error, auth, place.name);
  }
}

/** One line for what the library threw, by what was answered; never the body, which may hold tokens. */
export function loginError(error: unknown, auth: OAuth, source: string): Error {
  if (error instanceof ConfigurationError) return error;
  const at = new URL(auth.tokenUrl).origin;
  const failed = `Could not log in to the source ${source}`;
  const answer = answerOf(error);
  const said = error instanceof oauth.ResponseBodyError ? oneLine([error.error, error.error_description].filter(Boolean).join(": ")) : "";
  if (answer && (answer.status === 429 || answer.status >= 500)) {
    const after = answer.headers.get("retry-after");
    const wait = after !== null && /^\d+$/u.test(after) ? `in ${after} seconds` : "later";
    const many = answer.status === 429 ? ", too many requests" : "";
    return new UnreachableError(`${failed}: ${at} answers ${answer.status}${many}${said === "" ? "" : ` (${said})`}; try again ${wait}.`);
  }
  if (error instanceof oauth.ResponseBodyError) {
    const again =
      error.error === "invalid_grant"
        ? `; log in again: \`haloform source login ${source}\``
        : "; check the client id, its secret and scope";
    return new ConfigurationError(`${failed}: ${at} says ${said}${again}.`);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.WWWAuthenticateChallengeError) {
    const what =
      answer && answer.status >= 400 ? `${at} answers ${answer.status}` : `the answer of ${at} is no token (${oneLine(error.message)})`;
    return new ConfigurationError(`${failed}: ${what}; check tokenUrl and the client's secret.`);
  }
  let code = "";
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && typeof cause.code === "string") code = cause.code;
  return new UnreachableError(`${failed}: ${at} cannot be reached (${code || oneLine((error as Error).message)}).`);
}

/** The answer that the library did not take; undefined: none came. */
function answerOf(error: unknown): Response | undefined {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof Response ? cause : undefined;
}

/** Asking an authorisation server for a token, by oauth4webapi: as the application, with a password, or with a stored refresh token. */
import * as oauth from "oauth4webapi";
import { ConfigurationError, oneLine, UnreachableError } from "../../base/errors.ts";
import { lenient } from "./answer.ts";
import type { OAuthConfig, Place } from "./config.ts";
import { extras, headersOf, secret, secretName } from "./secrets.ts";
import { loadToken, saveToken } from "./store.ts";

/** Which request of a token it is; `refresh` has everything that `token` has. */
type Asking = readonly ("token" | "refresh")[];
const first: Asking = ["token"];
const again: Asking = ["token", "refresh"];

/** The authorisation server as oauth4webapi wants it. */
export function server(auth: OAuthConfig, { called }: Place, asking: Asking = first): oauth.AuthorizationServer {
  const token = new URL(auth.tokenUrl);
  for (const [name, value] of Object.entries(extras(auth.extra, asking, called).query)) token.searchParams.set(name, value);
  return {
    issuer: token.origin,
    token_endpoint: token.href,
    ...(auth.kind === "authorizationCode" ? { authorization_endpoint: auth.authorizeUrl } : {}),
  };
}

/** How id and secret are sent. A public client (a person's login alone) has no secret. */
export function clientAuth(auth: OAuthConfig, place: Place): oauth.ClientAuth {
  const known = process.env[secretName(place, "CLIENT_SECRET")];
  if (auth.kind !== "clientCredentials" && !known) return oauth.None();
  const value = secret(place, "CLIENT_SECRET");
  return auth.clientAuthentication === "basic" ? oauth.ClientSecretBasic(value) : oauth.ClientSecretPost(value);
}

/** What goes with every call of the library: headers, and a time limit. */
export function requestOptions({ extra }: OAuthConfig, { called }: Place, asking: Asking = first) {
  return { headers: headersOf(called, extras(extra, asking, called).header), signal: () => AbortSignal.timeout(60_000) };
}

/** A token, and what was answered. */
export interface Granted {
  answer: oauth.TokenEndpointResponse;
  /** HTTP status of the answer. */
  status: number;
}

/** Asks for a token. @throws ConfigurationError, UnreachableError */
export async function grant(auth: OAuthConfig, place: Place): Promise<Granted> {
  if (auth.kind === "authorizationCode") return stored(auth, place);
  const as = server(auth, place);
  const client: oauth.Client = { client_id: auth.clientId };
  const body = new URLSearchParams({
    ...(auth.kind === "password" ? { username: auth.user, password: secret(place, "PASSWORD") } : {}),
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    ...extras(auth.extra, first, place.called).body,
  });
  const [by, options] = [clientAuth(auth, place), requestOptions(auth, place)];
  try {
    if (auth.kind === "clientCredentials") {
      const answer = await lenient(await oauth.clientCredentialsGrantRequest(as, client, by, body, options));
      return { answer: await oauth.processClientCredentialsResponse(as, client, answer), status: answer.status };
    }
    const answer = await lenient(await oauth.genericTokenEndpointRequest(as, client, by, "password", body, options));
    return { answer: await oauth.processGenericTokenEndpointResponse(as, client, answer), status: answer.status };
  } catch (error) {
    throw loginError(error, auth, place);
  }
}

/** With the refresh token of a person's login; one that the server changed is stored at once, for the old one is dead. */
async function stored(auth: OAuthConfig, place: Place): Promise<Granted> {
  const passphrase = secret(place, "PASSPHRASE");
  const token = loadToken(place.tokenFile, passphrase, secretName(place, "PASSPHRASE"));
  if (token === undefined)
    throw new ConfigurationError(`Could not log in to ${place.called}: nobody has logged in yet; run \`${place.command}\` once.`);
  const granted = await refreshed(auth, place, token);
  const next = granted.answer.refresh_token;
  if (next !== undefined && next !== token) saveToken(place.tokenFile, next, passphrase);
  return granted;
}

/** Asks for a token with a refresh token. @throws ConfigurationError, UnreachableError */
export async function refreshed(auth: OAuthConfig, place: Place, token: string): Promise<Granted> {
  const as = server(auth, place, again);
  const client: oauth.Client = { client_id: auth.clientId };
  const additionalParameters = new URLSearchParams({
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    ...extras(auth.extra, again, place.called).body,
  });
  try {
    const options = { ...requestOptions(auth, place, again), additionalParameters };
    const answer = await lenient(await oauth.refreshTokenGrantRequest(as, client, clientAuth(auth, place), token, options));
    return { answer: await oauth.processRefreshTokenResponse(as, client, answer), status: answer.status };
  } catch (error) {
    throw loginError(error, auth, place);
  }
}

/** One line for what the library threw, by what was answered; never the body, which may hold tokens. */
export function loginError(error: unknown, auth: OAuthConfig, { called, command }: Place): Error {
  if (error instanceof ConfigurationError) return error;
  const at = new URL(auth.tokenUrl).origin;
  const failed = `Could not log in to ${called}`;
  const answer = answerOf(error);
  const said = error instanceof oauth.ResponseBodyError ? oneLine([error.error, error.error_description].filter(Boolean).join(": ")) : "";
  if (answer && (answer.status === 429 || answer.status >= 500)) {
    const after = answer.headers.get("retry-after");
    const wait = after !== null && /^\d+$/u.test(after) ? `in ${after} seconds` : "later";
    const many = answer.status === 429 ? ", too many requests" : "";
    return new UnreachableError(`${failed}: ${at} answers ${answer.status}${many}${said === "" ? "" : ` (${said})`}; try again ${wait}.`);
  }
  if (error instanceof oauth.ResponseBodyError)
    return new ConfigurationError(`${failed}: ${at} says ${said}${mend(error.error, auth, command)}.`);
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

/** What to do about an error that OAuth has a name for. */
function mend(code: string, { kind }: OAuthConfig, command: string): string {
  if (code === "unsupported_grant_type" || code === "unauthorized_client")
    return `; this client may not sign in by ${kind}: allow it there, or set another auth.kind`;
  if (code !== "invalid_grant") return "; check the client id, its secret and scope";
  return kind === "password" ? "; check the user and the password" : `; log in again: \`${command}\``;
}

/** The answer that the library did not take; undefined: none came. */
function answerOf(error: unknown): Response | undefined {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof Response ? cause : undefined;
}

/** A person logs in once in a browser (authorization code with PKCE); the refresh token is stored. */
import * as oauth from "oauth4webapi";
import { ConfigurationError, oneLine } from "../../base/errors.ts";
import { lenient } from "./answer.ts";
import { callbackOf, listened, pasted } from "./callback.ts";
import type { CodeConfig, Place } from "./config.ts";
import { clientAuth, loginError, requestOptions, server } from "./grant.ts";
import { extras, secret } from "./secrets.ts";
import { saveToken } from "./store.ts";

export interface LoginOptions {
  /** Told the address that must be opened in a browser, and whether the address it ends at has to be pasted. */
  show(url: string, paste: boolean): void;
  /** One line that the person types; undefined where nobody can. */
  ask?: (() => Promise<string | undefined>) | undefined;
  /** The address is pasted also where this machine could wait for it: the browser is on another one. */
  paste?: boolean;
}

/** Throws ConfigurationError where the login is refused, nobody comes, or no refresh token is given. */
export async function login(auth: CodeConfig, place: Place, { show, ask, paste = false }: LoginOptions): Promise<void> {
  const passphrase = secret(place, "PASSPHRASE");
  const as = server(auth, place);
  const client: oauth.Client = { client_id: auth.clientId };
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const { address: redirect, listen } = callbackOf(auth);
  const url = new URL(auth.authorizeUrl);
  const parameters = {
    client_id: auth.clientId,
    redirect_uri: redirect,
    response_type: "code",
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...extras(auth.extra, ["authorize"], place.called).query,
  };
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
  const byHand = paste || listen === undefined;
  const called = byHand
    ? await pasted(redirect, place, () => show(url.href, true), ask)
    : await listened(redirect, listen, () => show(url.href, false));
  try {
    const valid = oauth.validateAuthResponse(as, client, called, state);
    const body = extras(auth.extra, ["token"], place.called).body;
    const answer = await oauth.authorizationCodeGrantRequest(as, client, clientAuth(auth, place), valid, redirect, verifier, {
      ...requestOptions(auth, place),
      additionalParameters: body,
    });
    const got = await oauth.processAuthorizationCodeResponse(as, client, await lenient(answer));
    if (!got.refresh_token)
      throw new ConfigurationError(
        `Could not log in to ${place.called}: the server gave no refresh token; ask for the scope that brings one (often offline_access).`,
      );
    saveToken(place.tokenFile, got.refresh_token, passphrase);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError)
      throw new ConfigurationError(
        `Could not log in to ${place.called}: the server says ${oneLine(`${error.error}${error.error_description ? `: ${error.error_description}` : ""}`)}.`,
      );
    throw loginError(error, auth, place);
  }
}

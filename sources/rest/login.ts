/** `haloform source login`: a person logs in once in a browser (authorization code with PKCE); the refresh token is stored. */
import { createServer, type Server } from "node:http";
import * as oauth from "oauth4webapi";
import { ConfigurationError } from "../../base/errors.ts";
import type { RestConfig } from "../../mappings/schema/sources.ts";
import { clientAuth, extras, loginError, requestOptions, server } from "./auth.ts";
import { secret } from "./secrets.ts";
import { saveToken } from "./store.ts";

type CodeAuth = Extract<RestConfig["auth"], { kind: "authorizationCode" }>;

/** Milliseconds the person has. */
const patience = 300_000;

export interface LoginOptions {
  name: string;
  tokenFile: string;
  /** PEM file of a further certificate authority. */
  ca?: string | undefined;
  /** Told the address that must be opened in a browser. */
  show(url: string): void;
}

/** Throws ConfigurationError where the login is refused, nobody comes, or no refresh token is given. */
export async function login(auth: CodeAuth, { name, tokenFile, ca, show }: LoginOptions): Promise<void> {
  const passphrase = secret(name, "PASSPHRASE");
  const as = server(auth, name);
  const client: oauth.Client = { client_id: auth.clientId };
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const redirect = `http://127.0.0.1:${auth.redirectPort}/callback`;
  const further = extras(auth.extra, "authorize", name);
  const url = new URL(auth.authorizeUrl);
  const parameters = {
    client_id: auth.clientId,
    redirect_uri: redirect,
    response_type: "code",
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...further.query,
  };
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
  const called = await waitForCallback(auth.redirectPort, () => show(url.href));
  try {
    const valid = oauth.validateAuthResponse(as, client, called, state);
    const body = extras(auth.extra, "token", name).body;
    const answer = await oauth.authorizationCodeGrantRequest(as, client, clientAuth(auth, name), valid, redirect, verifier, {
      ...requestOptions(auth, name, ca),
      additionalParameters: body,
    });
    const got = await oauth.processAuthorizationCodeResponse(as, client, answer);
    if (!got.refresh_token)
      throw new ConfigurationError(
        `Could not log in to the source ${name}: the server gave no refresh token; ask for the scope that brings one (often offline_access).`,
      );
    saveToken(tokenFile, got.refresh_token, passphrase);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError)
      throw new ConfigurationError(
        `Could not log in to the source ${name}: the server says ${error.error}${error.error_description ? `: ${error.error_description}` : ""}.`,
      );
    throw loginError(error, auth, name);
  }
}

/** The first request to /callback. Listens on loopback only, and answers with one sentence. */
async function waitForCallback(port: number, ready: () => void): Promise<URL> {
  let listener: Server | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<URL>((done, failed) => {
      listener = createServer((request, response) => {
        const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
        const mine = url.pathname === "/callback";
        response.writeHead(mine ? 200 : 404, { "content-type": "text/plain; charset=utf-8", connection: "close" });
        response.end(mine ? "haloform has what it needs; this window can be closed.\n" : "Not here.\n");
        if (mine) done(url);
      });
      listener.once("error", (error: NodeJS.ErrnoException) =>
        failed(
          new ConfigurationError(
            `Could not wait for the login on port ${port} (${error.code}); free it, or set another redirectPort and register it.`,
          ),
        ),
      );
      listener.listen(port, "127.0.0.1", ready);
      timer = setTimeout(
        () => failed(new ConfigurationError(`Nobody logged in within ${Math.round(patience / 60_000)} minutes; run the command again.`)),
        patience,
      );
    });
  } finally {
    clearTimeout(timer);
    listener?.closeAllConnections();
    listener?.close();
  }
}

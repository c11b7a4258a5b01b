/** Logging in to an API: the header that goes with every request. */

import { oneToken, renewal, type Token } from "../../clients/http/token.ts";
import type { OAuthConfig, Place } from "../../clients/oauth/config.ts";
import { grant } from "../../clients/oauth/grant.ts";
import { extras, secret } from "../../clients/oauth/secrets.ts";
import type { RestConfig } from "../../mappings/schema/sources.ts";

export interface Login {
  /** Headers of a request; a token is asked for once, however many wait for it. */
  headers(): Promise<Record<string, string>>;
  /** Further query parameters of every request. */
  query: Readonly<Record<string, string>>;
  /** The API did not take this login (401): the next one is new. false where there is nothing to renew. */
  renew(): boolean;
}

/** A source as somebody who signs in. */
export function placeOf(name: string, tokenFile: string, now: () => Date): Place {
  return {
    ...{ called: `the source ${name}`, command: `haloform source login ${name}`, variables: `SOURCE_${name.toUpperCase()}` },
    ...{ tokenFile, now },
  };
}

export function makeLogin(auth: RestConfig["auth"], place: Place): Login {
  const always = extras(auth.extra, ["request"], place.called);
  if ("tokenUrl" in auth) return tokens(auth, place, always);
  const fixed = (): Record<string, string> => {
    if (auth.kind === "header") return { [auth.name]: `${auth.prefix} ${secret(place, "TOKEN")}`.trim() };
    if (auth.kind === "basic")
      return { Authorization: `Basic ${Buffer.from(`${auth.user}:${secret(place, "PASSWORD")}`).toString("base64")}` };
    return {};
  };
  return { headers: async () => ({ ...always.header, ...fixed() }), query: always.query, renew: () => false };
}

function tokens(auth: OAuthConfig & { headerPrefix: string }, place: Place, always: ReturnType<typeof extras>): Login {
  const ask = async (): Promise<Token> => {
    const { access_token: token, expires_in } = (await grant(auth, place)).answer;
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

/** How `haloform:halo` signs in, as clients/oauth has it: Halo is one API among others, whose addresses are known. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { homeHere } from "../../base/home.ts";
import type { CodeConfig, OAuthConfig, Place } from "../oauth/config.ts";
import { called, type HaloConfig } from "./settings.ts";

/** The refresh token of a person's login lies in the home, apart for each Halo and application. */
export function placeOf({ resourceServer, clientId, tenant }: HaloConfig, now: () => Date): Place {
  const of = createHash("sha256")
    .update(JSON.stringify([resourceServer, clientId, tenant]))
    .digest("hex")
    .slice(0, 16);
  return {
    ...{ called: called.system, command: "haloform source login halo.users", variables: "HALO" },
    ...{ tokenFile: join(homeHere(), "sources", `halo-${of}.token`), now },
  };
}

/** @param token where tokens are asked for, with the tenant */
export function oauthOf({ signIn, clientId, scope }: HaloConfig, token: URL): OAuthConfig {
  const common = { tokenUrl: token.href, clientId, scope, clientAuthentication: "body" as const, extra: [] };
  if (!signIn) return { kind: "clientCredentials", ...common };
  if (signIn.kind !== "authorizationCode") return { ...common, ...signIn };
  const authorize = new URL(token.href);
  authorize.pathname = authorize.pathname.replace(/token$/iu, "authorize");
  // Without it Halo gives no refresh token, and a person would log in every hour.
  const lasting = scope.split(/\s+/u).includes("offline_access") ? scope : `${scope} offline_access`;
  return { ...common, ...signIn, authorizeUrl: signIn.authorizeUrl ?? authorize.href, scope: lasting } satisfies CodeConfig;
}

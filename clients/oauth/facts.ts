/** What a token is good for, without the token itself: `haloform source test --token`. */
import { z } from "zod";
import type { OAuthConfig, Place } from "./config.ts";
import { grant } from "./grant.ts";

export interface TokenFacts {
  /** How it was asked for: `clientCredentials`. */
  kind: string;
  /** HTTP status of the answer that held it; absent: the library that asked does not say. */
  status?: number;
  /** When it ends, UTC ISO 8601, and in how many seconds; absent: nobody says. */
  expires?: string;
  seconds?: number;
  /** `granted`: as the answer says, or the token itself, or as asked for, where neither says anything (RFC 6749, 5.1). */
  scopes: { asked: string[]; granted: string[]; lacking: string[]; says: "the answer" | "the token" | "nobody" };
  /** Whether a next one can be had without a human, and why. */
  refresh: { works: boolean; why: string };
}

/** The few claims of a JWT that say what it is good for. */
const claims = z.object({
  exp: z.number().optional().catch(undefined),
  scope: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  scp: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  roles: z.array(z.string()).optional().catch(undefined),
});

const words = (scope: string | readonly string[] | undefined): string[] =>
  [...new Set((typeof scope === "string" ? scope.split(/\s+/u) : (scope ?? [])).filter((one) => one !== ""))].sort();

/** The claims of a token that is a JWT, read and not proven: only its issuer may do more. */
function claimsOf(token: string): z.infer<typeof claims> {
  try {
    return claims.parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  } catch {
    return {};
  }
}

/** What is said of a token by the answer that held it and by itself. */
export function factsOf(
  token: string,
  { now, asked, answered, seconds }: { now: Date; asked: string | undefined; answered?: string | undefined; seconds?: number | undefined },
): Pick<TokenFacts, "expires" | "seconds" | "scopes"> {
  const own = claimsOf(token);
  const inside = words(own.scope ?? own.scp ?? own.roles);
  const wanted = words(asked);
  const said = words(answered);
  const granted = said.length > 0 ? said : inside.length > 0 ? inside : wanted;
  const says = said.length > 0 ? "the answer" : inside.length > 0 ? "the token" : "nobody";
  const ends = seconds !== undefined ? now.getTime() + seconds * 1000 : own.exp === undefined ? undefined : own.exp * 1000;
  return {
    ...(ends === undefined ? {} : { expires: new Date(ends).toISOString(), seconds: Math.round((ends - now.getTime()) / 1000) }),
    scopes: { asked: wanted, granted, lacking: wanted.filter((one) => !granted.includes(one) && !silent.has(one)), says },
  };
}

/** Scopes that no server lists among the granted ones: they bring something else than a right. */
const silent = new Set(["offline_access", "openid", "profile", "email"]);

/** Asks for a token and says what it is good for. @throws ConfigurationError, UnreachableError */
export async function tokenFacts(auth: OAuthConfig, place: Place): Promise<TokenFacts> {
  const now = place.now();
  const { answer, status } = await grant(auth, place);
  const { access_token: token, scope, expires_in: seconds, refresh_token: next } = answer;
  const why = {
    clientCredentials: "none is needed: a new token is asked for with the client's secret",
    password: "none is needed: a new token is asked for with the password",
    authorizationCode: `this token came of the stored one${next === undefined ? "" : "; the server gave another, which is stored"}`,
  };
  return {
    ...{ kind: auth.kind, status },
    ...factsOf(token, { now, asked: auth.scope, answered: typeof scope === "string" ? scope : undefined, seconds }),
    refresh: { works: true, why: why[auth.kind] },
  };
}

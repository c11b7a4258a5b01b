/** What is refused of a way of signing in: everything that is written is sent, and nothing that haloform sends itself. Pure. */
import { same } from "../../base/text.ts";
import { callbackMistake } from "./callback.ts";
import type { Extra } from "./config.ts";

/** A way of signing in, as far as it is looked at here. */
export interface Asked {
  kind: "none" | "header" | "basic" | "clientCredentials" | "password" | "authorizationCode";
  extra: readonly Extra[];
  /** The header of `header`. */
  name?: string;
  callback?: string | undefined;
  redirectPort?: number | undefined;
}

/** A mistake at a path below the way of signing in; `on: "key"`: the key itself is wrong. */
export interface Refusal {
  path: (string | number)[];
  text: string;
  on?: "key";
}

/** How messages name what is asked. */
export interface Named {
  /** What the names of secrets begin with: `SOURCE_HR`. */
  variables: string;
  /** How the way of signing in is written: `auth`. */
  auth: string;
  /** Where client id and scope stand: `auth`, `haloform:halo`. */
  application: string;
}

/** Which requests a way of logging in makes, and where in each something further can be sent. */
const request: Extra["in"][] = ["header", "query"];
const token: Extra["in"][] = ["header", "query", "body"];
const sends: { [kind in Asked["kind"]]: { [at in Extra["at"]]?: Extra["in"][] } } = {
  none: { request },
  header: { request },
  basic: { request },
  clientCredentials: { token, request },
  password: { token, request },
  authorizationCode: { authorize: ["query"], token, refresh: token, request },
};
const where: { [at in Extra["at"]]: string } = {
  authorize: "with authorize, which is an address that a browser opens",
  token: "with token",
  refresh: "with refresh",
  request: "with request, whose body is the endpoint's",
};

/** Every mistake, each with what to write instead. */
export function refusals(asked: Asked, named: Named): Refusal[] {
  const all = asked.extra.flatMap((one, index) => [
    ...ofExtra(asked, one, named).map((refusal) => ({ ...refusal, path: ["extra", index, ...refusal.path] })),
    ...(asked.extra.slice(0, index).some((other) => other.at === one.at && other.in === one.in && sameName(other, one))
      ? [{ path: ["extra", index, "name"], text: `expected each name once in a place, found ${JSON.stringify(one.name)} again` }]
      : []),
  ]);
  return asked.kind === "authorizationCode" ? [...all, ...ofCallback(asked)] : all;
}

function ofCallback({ callback, redirectPort }: Asked): Refusal[] {
  if (callback === undefined) return [];
  const mistake = callbackMistake(callback);
  return [
    ...(mistake === undefined ? [] : [{ path: ["callback"], text: `expected ${mistake}, found ${JSON.stringify(callback)}` }]),
    ...(redirectPort === undefined
      ? []
      : [
          {
            path: ["redirectPort"],
            on: "key" as const,
            text: "expected callback or redirectPort, found both; callback is the whole address",
          },
        ]),
  ];
}

/** Names of headers are the same in any case. */
const sameName = (one: Extra, other: Extra): boolean => (one.in === "header" ? same(one.name, other.name) : one.name === other.name);

function ofExtra(asked: Asked, { at, in: part, name, value }: Extra, named: Named): Refusal[] {
  const requests = sends[asked.kind];
  if (!Object.hasOwn(requests, at)) {
    // Where no refresh token is used, the token is asked for anew.
    const instead = at === "refresh" && requests.token ? "; a new token is asked for as the first was: write token" : "";
    return [{ path: ["at"], text: `expected ${Object.keys(requests).join(" or ")}, as ${asked.kind} has no other, found ${at}${instead}` }];
  }
  if (!requests[at]?.includes(part)) return [{ path: ["in"], text: `expected ${requests[at]?.join(" or ")} ${where[at]}, found ${part}` }];
  const found: Refusal[] = [];
  const by = ownOf(asked, at, part, name, named);
  if (by !== undefined)
    found.push({
      path: ["name"],
      text: `expected a name that is not sent already, found ${JSON.stringify(name)}, which comes from ${by}; take it out`,
    });
  if (part === "header" && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u.test(name))
    found.push({ path: ["name"], text: `expected the name of an HTTP header, found ${JSON.stringify(name)}` });
  if (part === "header" && typeof value !== "object" && !/^[\t\x20-\x7e\x80-\xff]*$/u.test(String(value)))
    found.push({
      path: ["value"],
      text: `expected characters that a header can carry (one line, Latin-1), found ${JSON.stringify(value)}`,
    });
  return found;
}

/** What says this value instead; undefined: it is the administrator's to send. */
function ownOf(asked: Asked, at: Extra["at"], part: Extra["in"], name: string, named: Named): string | undefined {
  const anew = "haloform itself, anew each time";
  const { variables, auth, application } = named;
  const common: { [name: string]: string } = { client_id: `${application}.clientId`, scope: `${application}.scope` };
  const ofToken = {
    ...common,
    ...{
      grant_type: `${auth}.kind`,
      client_secret: `${variables}_CLIENT_SECRET`,
      username: `${auth}.user`,
      password: `${variables}_PASSWORD`,
    },
    ...{ code: anew, code_verifier: anew, redirect_uri: anew, refresh_token: anew },
  };
  const ofAuthorize = {
    ...common,
    redirect_uri: `${auth}.callback or ${auth}.redirectPort`,
    ...{ response_type: anew, state: anew, code_challenge: anew, code_challenge_method: anew },
  };
  const table: { [name: string]: string } = at === "authorize" ? ofAuthorize : part === "body" ? ofToken : {};
  if (Object.hasOwn(table, name)) return table[name];
  if (part !== "header") return undefined;
  if (at === "request") return same(name, headerOf(asked)) ? `${auth}.kind (${asked.kind})` : undefined;
  if (same(name, "authorization")) return `${auth}.clientAuthentication (basic)`;
  return same(name, "content-type") || same(name, "accept") ? anew : undefined;
}

/** The header by which a way of logging in tells who asks; "": it sends none. */
export function headerOf({ kind, name = "Authorization" }: Pick<Asked, "kind" | "name">): string {
  if (kind === "none") return "";
  return kind === "header" ? name : "Authorization";
}

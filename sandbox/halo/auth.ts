/** Halo's token endpoint: client credentials, scopes, and tokens that end. */
import { randomBytes } from "node:crypto";
import { guidOf } from "../random.ts";
import { isObject, type Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import type { HaloFaults } from "./faults.ts";
import { authorizeReply, haloGrants, type SignsIn } from "./grants.ts";
import type { HaloState } from "./state.ts";
import { type HaloVersion, has } from "./versions.ts";

/** An application registered in Halo. Its rights are its scopes, cut down to those of the agent it logs in as. */
export interface HaloClient extends SignsIn {
  id: string;
  secret: string;
  /** False: the agent it logs in as may only read, whatever the scopes say. */
  write: boolean;
  /** Scopes it may ask for. */
  scopes: string[];
  /** "Agent to log in as", by number; left out: the first API-only one. */
  agent?: number;
  /** An API key (2.212 and later), sent as `X-Halo-Api-Key` in place of a token; it has all the scopes above. */
  key?: string;
}

export interface HaloToken {
  client: HaloClient;
  /** Empty when none was asked for: every later call is then refused. */
  scopes: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  ends: number;
}

const areas =
  "tickets calendar customers crm timesheets contracts suppliers items projects sales quotes sos pos invoices reporting software softwarelicensing kb assets".split(
    " ",
  );
/** Every scope name there is. There is none for users or agents: asking for one gives `invalid_scope`. */
const knownScopes: ReadonlySet<string> = new Set([
  ..."all all:standard admin offline_access editMine:timesheets access:chat access:adpasswordreset".split(" "),
  ...areas.flatMap((area) => [`read:${area}`, `edit:${area}`]),
]);

const refused = (status: number, error: string): Reply => ({ status, headers: { "cache-control": "no-store" }, body: { error } });

export interface HaloTokens {
  issue(call: Call): Reply;
  /** A person's login page, at which the sandbox logs in at once. */
  authorize(call: Call): Reply;
  /** The token of a call's Authorization header, if it is good now. */
  of(call: Call): HaloToken | undefined;
  forget(call: Call): void;
}

const bearer = (call: Call): string => /^Bearer (.+)$/iu.exec(call.headers["authorization"] ?? "")?.[1] ?? "";

interface TokenOptions {
  /** May be changed while the server runs. */
  clients: HaloClient[];
  /** What `?tenant=` must be when it is given. */
  tenant: string;
  faults: HaloFaults;
  version: HaloVersion;
  now: () => number;
}

export function haloTokens(options: TokenOptions): HaloTokens {
  const tokens = new Map<string, HaloToken>();
  const grants = haloGrants();
  const known = ["client_credentials", "password", "authorization_code", "refresh_token"];
  return {
    authorize: (call) => authorizeReply(grants, options.clients, call),
    issue(call) {
      if (!(call.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")) return refused(400, "invalid_request");
      const form = new URLSearchParams(call.body);
      const tenant = call.query.get("tenant") ?? form.get("tenant");
      if (tenant !== null && tenant !== options.tenant) return { status: 404, text: "Tenant not found" };
      if (!known.includes(form.get("grant_type") ?? "")) return refused(400, "unsupported_grant_type");
      const client = options.clients.find(({ id }) => id === form.get("client_id"));
      const wrong = client ? grants.refused(client, form) : "invalid_client";
      if (!client || wrong !== undefined) return refused(400, wrong ?? "invalid_client");
      const asked = (form.get("scope") ?? "").split(/\s+/u).filter(Boolean);
      if (asked.some((scope) => !knownScopes.has(scope) || !(client.scopes.includes("all") || client.scopes.includes(scope))))
        return refused(400, "invalid_scope");
      const token = randomBytes(24).toString("base64url");
      const { tokenLife, tokenDies } = options.faults;
      tokens.set(token, { client, scopes: new Set(asked), ends: options.now() + (tokenDies > 0 ? tokenDies : tokenLife * 1000) });
      return {
        status: 200,
        headers: { "cache-control": "no-store" },
        body: {
          scope: asked.join(" "),
          token_type: "Bearer",
          access_token: token,
          expires_in: tokenLife,
          id_token: null,
          ...grants.refresh(client, form, asked),
        },
      };
    },
    of(call) {
      const key = call.headers["x-halo-api-key"];
      const keyed = key !== undefined && has(options.version, "apiKeys") ? options.clients.find((known) => known.key === key) : undefined;
      if (keyed) return { client: keyed, scopes: new Set(keyed.scopes), ends: Number.POSITIVE_INFINITY };
      const token = tokens.get(bearer(call));
      return token && token.ends > options.now() && token.scopes.size > 0 ? token : undefined;
    },
    forget: (call) => void tokens.delete(bearer(call)),
  };
}

/** The agent an application logs in as; undefined where a test has taken it away (then its rights are not looked at). */
export function agentBehind(state: HaloState, client: HaloClient): Row | undefined {
  if (client.agent !== undefined) return state.agents.get(client.agent);
  return [...state.agents.values()].find((one) => one["isapiagent"] === true);
}

/** Resources that have scopes of their own: name of the resource → area. Everything else needs none to be read. */
const areaOf: Readonly<Record<string, string>> = {
  asset: "assets",
  tickets: "tickets",
  actions: "tickets",
  softwarelicence: "softwarelicensing",
  users: "customers",
  client: "customers",
  site: "customers",
};

/** Users, clients and sites need no scope to be read; what has an area needs it, or a scope of everything. */
export function mayRead(token: HaloToken, resource: string): boolean {
  const area = areaOf[resource.toLowerCase()];
  if (area === undefined || area === "customers") return true;
  return ["all", "all:standard", `read:${area}`, `edit:${area}`].some((scope) => token.scopes.has(scope));
}

/** Whether a token may write: an administrator everything (agents, roles, teams, boards only so), others within their scopes. */
export function mayWrite(token: HaloToken, resource: string, me?: Row): boolean {
  if (!token.client.write) return false;
  const area = areaOf[resource.toLowerCase()];
  if (area !== undefined) return ["all", "all:standard", `edit:${area}`].some((scope) => token.scopes.has(scope));
  if (!token.scopes.has("all") && !token.scopes.has("admin")) return false;
  return me === undefined || isAdministrator(me);
}

/** The sandbox's only role with that right is the first one. */
const isAdministrator = (agent: Row): boolean => Array.isArray(agent["roles"]) && agent["roles"].includes(administrator);
const administrator = guidOf("role", "Administrator");

/**
 * What an agent gets to see, which is short without a word: an agent of some clients only what is theirs; an API-only agent without
 * a default team no other agents.
 */
export function seenBy(state: HaloState, me: Row | undefined): HaloState {
  const clients = new Set(
    (Array.isArray(me?.["clients"]) ? me["clients"] : []).map((one) => (isObject(one) ? one["client_id"] : undefined)),
  );
  const alone = me !== undefined && me["isapiagent"] === true && me["team"] === "";
  const own = (rows: Map<number, Row>, key = "client_id"): Map<number, Row> =>
    new Map([...rows].filter(([, row]) => clients.has(row[key])));
  const { users, sites, assets, tickets, licences } = state;
  const seen = { users: own(users), sites: own(sites), assets: own(assets), tickets: own(tickets), licences: own(licences) };
  return {
    ...state,
    ...(clients.size > 0 ? { ...seen, clients: own(state.clients, "id") } : {}),
    ...(alone ? { agents: new Map([...state.agents].filter(([id]) => id === me["id"])) } : {}),
  };
}

/** The Microsoft Graph server with its token endpoint: tokens, faults and permissions in front; users, groups and licences behind. */
import type { Csdl } from "../contracts/csdl.ts";
import type { SeedSku } from "../organisation/tenant.ts";
import { find, routes } from "../web/router.ts";
import { type Call, type Entry, pause, type Reply, serve, type Tls } from "../web/server.ts";
import { batch } from "./batch.ts";
import type { GraphContext } from "./context.ts";
import { bad, denied, malformed, notFound, problem, Refused, throttled } from "./errors.ts";
import { type GraphFaultBox, graphFaults } from "./faults.ts";
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup } from "./groups.ts";
import { assignLicense } from "./licences.ts";
import { addMember, listMembers, removeMember } from "./members.ts";
import { type GraphState, graphState } from "./state.ts";
import { getPrincipal, listAssignments, listOrganization, listPrincipals, listSkus } from "./tenant.ts";
import { type GraphApp, graphTokens } from "./token.ts";
import { getUser, listUsers, patchUser, removeUser } from "./users.ts";

export interface GraphOptions {
  tls: Tls;
  port?: number;
  tenant: string;
  apps: GraphApp[];
  skus: SeedSku[];
  csdl?: Csdl | undefined;
  now?: () => number;
}

export interface GraphServer {
  port: number;
  /** Base address of authority and Graph alike, without `/v1.0`. */
  url: string;
  /** Requests in order of arrival; those inside a $batch follow it with `inner: true`. */
  log: (Entry & { inner?: true })[];
  faults: GraphFaultBox;
  state: GraphState;
  /** May be changed while it runs: a permission taken away is missed at once. */
  apps: GraphApp[];
  /** What a client sent that Graph would refuse by the contract, once each. */
  violations: Set<string>;
  stop(): Promise<void>;
}

interface Route {
  /** Any of these application permissions is enough. */
  needs: string[];
  run: (call: GraphContext, options: GraphOptions) => Reply;
}

const route = (needs: string, run: Route["run"]): Route => ({ needs: needs.split(" "), run });
const readUsers = "User.Read.All User.ReadWrite.All Directory.Read.All";
const readGroups = "GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All Directory.Read.All";
const readApps = "Application.Read.All Directory.Read.All";

const table = routes<Route>({
  "GET /users": route(readUsers, listUsers),
  "GET /users/:id": route(readUsers, getUser),
  "PATCH /users/:id": route("User.ReadWrite.All", patchUser),
  "DELETE /users/:id": route("User.DeleteRestore.All User.ReadWrite.All", removeUser),
  "POST /users/:id/assignLicense": route("LicenseAssignment.ReadWrite.All User.ReadWrite.All Directory.ReadWrite.All", assignLicense),
  "GET /subscribedSkus": route(
    "LicenseAssignment.Read.All LicenseAssignment.ReadWrite.All Organization.Read.All Directory.Read.All",
    listSkus,
  ),
  "GET /groups": route(readGroups, listGroups),
  "POST /groups": route("Group.Create Group.ReadWrite.All", createGroup),
  "GET /groups/:id": route(readGroups, getGroup),
  "PATCH /groups/:id": route("Group.ReadWrite.All", patchGroup),
  "DELETE /groups/:id": route("Group.ReadWrite.All", deleteGroup),
  "GET /groups/:id/members": route(readGroups, listMembers),
  "POST /groups/:id/members/$ref": route("GroupMember.ReadWrite.All Group.ReadWrite.All", addMember),
  "DELETE /groups/:id/members/:member/$ref": route("GroupMember.ReadWrite.All Group.ReadWrite.All", removeMember),
  // Without /$ref this is the member itself, not the membership: it is deleted, as the real one would be.
  "DELETE /groups/:id/members/:member": route("User.DeleteRestore.All User.ReadWrite.All", (call: GraphContext) => {
    call.complain("DELETE of a member without /$ref deletes the object itself");
    return removeUser({ ...call, parameters: { id: call.parameters["member"] ?? "" } });
  }),
  "GET /organization": route("Organization.Read.All User.Read.All Directory.Read.All LicenseAssignment.Read.All", (call, options) =>
    listOrganization(call, options.tenant),
  ),
  "GET /servicePrincipals": route(readApps, (call, options) => listPrincipals(call, options.apps)),
  "GET /servicePrincipals/:id": route(readApps, (call, options) => getPrincipal(call, options.apps)),
  "GET /servicePrincipals/:id/appRoleAssignments": route(readApps, (call, options) => listAssignments(call, options.apps)),
});

/** `/groups(uniqueName='x')/…` and `/users('x')/…` as plain paths, and the name of the key if it is not the id. */
function plainPath(path: string): { path: string; alternate?: string } {
  const [, head = "", name, literal = "", tail = ""] = /^\/(\w+)\((?:(\w+)=)?(?:'|%27)(.*?)(?:'|%27)\)(\/.*)?$/u.exec(path) ?? [];
  if (!head) return { path };
  const key = encodeURIComponent(decodeURIComponent(literal).replaceAll("''", "'"));
  return { path: `/${head}/${key}${tail}`, ...(name === undefined || name === "id" ? {} : { alternate: name }) };
}

export async function startGraph(options: GraphOptions): Promise<GraphServer> {
  const now = options.now ?? Date.now;
  const faults = graphFaults();
  const tokens = graphTokens({ apps: options.apps, tenant: options.tenant, faults, now });
  const state = graphState(options.skus, () => faults.lag, now);
  const server: GraphServer = { port: 0, url: "", log: [], faults, state, apps: options.apps, violations: new Set(), stop: async () => {} };
  const complain = (what: string): void => void server.violations.add(what);

  const answer = (call: Call): Reply => {
    const app = tokens.of(call);
    if (typeof app === "string")
      return problem(
        401,
        "InvalidAuthenticationToken",
        app === "expired" ? "Lifetime validation failed, the token is expired." : "Access token is empty or invalid.",
      );
    const { path, alternate } = plainPath(call.path.replace(/^\/v1\.0/iu, ""));
    const found = find(table, call.method, path);
    if (found === undefined) return malformed(`Resource not found for the segment '${path.split("/")[1] ?? ""}'.`);
    if (found === "method") return problem(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
    if (!found.handler.needs.some((role) => app.roles.includes(role))) return denied();
    const context: GraphContext = {
      ...call,
      parameters: found.parameters,
      ...(alternate === undefined ? {} : { alternate }),
      app,
      state,
      faults,
      csdl: options.csdl,
      base: `${server.url}/v1.0`,
      now,
      complain,
    };
    try {
      return found.handler.run(context, options);
    } catch (error) {
      if (error instanceof Refused) return error.reply;
      throw error;
    }
  };
  const record = (call: Call, reply: Reply, write: boolean, inner?: true): void => {
    const app = tokens.of(call);
    const body = write && call.body ? safeBody(call.body) : undefined;
    server.log.push({
      method: call.method,
      path: call.path,
      query: call.query.toString(),
      status: reply.status,
      write,
      ...(typeof app === "string" ? {} : { client: app.id }),
      ...(body === undefined ? {} : { body }),
      ...(inner ? { inner } : {}),
    });
  };
  const faulty = (call: Call): Reply | undefined => {
    const take = (name: "throttled" | "failing" | "unauthorised" | "dropWrites"): boolean => faults[name] > 0 && faults[name]-- > 0;
    if (take("throttled")) return throttled(faults.retryAfter);
    if (take("failing"))
      return {
        ...problem(503, "ServiceUnavailable", "The service is temporarily unavailable."),
        headers: { "content-type": "application/json" },
      };
    if (take("unauthorised")) return problem(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
    if (call.method !== "GET" && take("dropWrites")) return { status: 0, cut: true };
    return undefined;
  };

  const handle = async (call: Call): Promise<Reply> => {
    await pause(faults.delay);
    const authority = tokens.answer(call, server.url);
    if (authority) {
      record(call, authority, false);
      return authority;
    }
    if (!/^\/v1\.0\//iu.test(call.path)) {
      record(call, notFound(call.path), false);
      return bad(`Invalid version: ${call.path.split("/")[1] ?? ""}`);
    }
    const isBatch = call.path.toLowerCase() === "/v1.0/$batch" && call.method === "POST";
    const inner: [Call, Reply][] = [];
    const dispatch = (part: Call): Reply => {
      const reply = answer(part);
      inner.push([part, reply]);
      return reply;
    };
    const reply =
      faulty(call) ?? (isBatch && typeof tokens.of(call) !== "string" ? await batch(call, { faults, complain, dispatch }) : answer(call));
    record(call, reply, call.method !== "GET" && !isBatch);
    for (const [part, own] of inner) record(part, own, part.method !== "GET", true);
    if (call.method !== "GET" && reply.status > 0 && faults.cutWrites > 0) {
      faults.cutWrites--;
      return { status: reply.status, cut: true };
    }
    return reply;
  };
  const web = await serve({ tls: options.tls, port: options.port ?? 0, handle });
  return Object.assign(server, { port: web.port, url: web.url, stop: () => web.stop() });
}

/** A body for the log, without a password in it. */
function safeBody(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (key === "passwordProfile" ? "***" : value));
  } catch {
    return undefined;
  }
}

/** The Microsoft Graph server with its token endpoint: tokens, faults and permissions in front; users, groups and licences behind. */
import type { Csdl } from "../contracts/csdl.ts";
import type { SeedSku } from "../organisation/tenant.ts";
import { find, routes } from "../web/router.ts";
import { type Call, type Entry, pause, type Reply, serve, type Tls } from "../web/server.ts";
import { createUser, givePass, listReports, removeManager, revokeSessions, setManager } from "./accounts.ts";
import { unitRoutes } from "./administrative-units.ts";
import { listApplications } from "./applications.ts";
import { assignRole, listAssigned, unassignRole } from "./apps.ts";
import { batch } from "./batch.ts";
import { listContacts } from "./contacts.ts";
import type { GraphContext } from "./context.ts";
import { listDeleted, removeDeleted, restoreDeleted } from "./deleted.ts";
import { listDeletedGroups, restoreGroup } from "./deleted-groups.ts";
import { deltaReads } from "./delta.ts";
import { listDevices, listManagedDevices } from "./devices.ts";
import { bad, denied, malformed, notFound, problem, Refused, throttled } from "./errors.ts";
import { type GraphFaultBox, graphFaults } from "./faults.ts";
import { assignGroupLicense, listLicenceErrors } from "./group-licences.ts";
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup } from "./groups.ts";
import { assignLicense } from "./licences.ts";
import { getMailboxSettings, patchMailboxSettings } from "./mailbox.ts";
import { addMember, listMembers, listMemberships, removeMember } from "./members.ts";
import { addOwner, listApplicationOwners, listOwners, removeOwner } from "./owners.ts";
import { deletePhoto, getPhoto, putPhoto } from "./photos.ts";
import { type GraphQuota, type Quotas, quotas } from "./quota.ts";
import { listEligible, listRoles } from "./roles.ts";
import { type GraphState, graphState } from "./state.ts";
import { getPrincipal, listAssignments, listOrganization, listPrincipals, listSkus } from "./tenant.ts";
import { type GraphApp, type GraphTokens, graphTokens } from "./token.ts";
import { checked, getUser, listUsers, patchUser, removeUser } from "./users.ts";

export interface GraphOptions {
  tls: Tls;
  port?: number;
  tenant: string;
  apps: GraphApp[];
  skus: SeedSku[];
  csdl?: Csdl | undefined;
  now?: () => number;
  /** What an app may do; left out: nobody counts. */
  quota?: GraphQuota | undefined;
}

export interface GraphServer {
  port: number;
  /** Base address of authority and Graph alike, without `/v1.0`. */
  url: string;
  /** Requests in order of arrival; those inside a $batch follow it with `inner: true`. */
  log: (Entry & { inner?: true })[];
  faults: GraphFaultBox;
  quotas: Quotas;
  state: GraphState;
  tokens: GraphTokens;
  /** May be changed while it runs: a permission taken away is missed at once. */
  apps: GraphApp[];
  /** A token as a managed identity gets it. */
  give(client: string): { token: string; ends: number } | undefined;
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
const readUsers = "User.ReadBasic.All User.Read.All User.ReadWrite.All Directory.Read.All";
const readGroups = "GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All Directory.Read.All";
const moreRoutes = {
  "GET /users/:id/mailboxSettings": route("MailboxSettings.Read MailboxSettings.ReadWrite", getMailboxSettings),
  "PATCH /users/:id/mailboxSettings": route("MailboxSettings.ReadWrite", patchMailboxSettings),
  "GET /users/:id/photo": route("ProfilePhoto.Read.All ProfilePhoto.ReadWrite.All User.Read.All User.ReadWrite.All", getPhoto),
  "PUT /users/:id/photo/$value": route("ProfilePhoto.ReadWrite.All User.ReadWrite.All", putPhoto),
  "PATCH /users/:id/photo/$value": route("ProfilePhoto.ReadWrite.All User.ReadWrite.All", putPhoto),
  "DELETE /users/:id/photo/$value": route("ProfilePhoto.ReadWrite.All User.ReadWrite.All", deletePhoto),
  "GET /deviceManagement/managedDevices": route(
    "DeviceManagementManagedDevices.Read.All DeviceManagementManagedDevices.ReadWrite.All",
    listManagedDevices,
  ),
  "GET /contacts": route("OrgContact.Read.All Directory.Read.All Directory.ReadWrite.All", listContacts),
  "GET /devices": route("Device.Read.All Device.ReadWrite.All Directory.Read.All", listDevices),
};
const readRoles = "RoleManagement.Read.Directory RoleManagement.Read.All RoleManagement.ReadWrite.Directory Directory.Read.All";
const readApps = "Application.Read.All Directory.Read.All";

const groupRoutes = {
  "GET /groups/:id/owners": route(readGroups, listOwners),
  "POST /groups/:id/owners/$ref": route("Group.ReadWrite.All", addOwner),
  "DELETE /groups/:id/owners/:member/$ref": route("Group.ReadWrite.All", removeOwner),
  "POST /groups/:id/assignLicense": route(
    "LicenseAssignment.ReadWrite.All Group.ReadWrite.All Directory.ReadWrite.All",
    assignGroupLicense,
  ),
  "GET /groups/:id/membersWithLicenseErrors": route(readGroups, listLicenceErrors),
  "GET /directory/deletedItems/microsoft.graph.group": route(readGroups, listDeletedGroups),
  "GET /servicePrincipals/:id/appRoleAssignedTo": route(readApps, listAssigned),
  "POST /servicePrincipals/:id/appRoleAssignedTo": route("AppRoleAssignment.ReadWrite.All", assignRole),
  "DELETE /servicePrincipals/:id/appRoleAssignedTo/:assignment": route("AppRoleAssignment.ReadWrite.All", unassignRole),
};

const table = routes<Route>({
  ...unitRoutes,
  ...moreRoutes,
  "GET /roleManagement/directory/roleAssignments": route(readRoles, listRoles("roleAssignments")),
  "GET /roleManagement/directory/roleEligibilitySchedules": route(readRoles, listRoles("roleEligibilitySchedules")),
  "GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances": route(
    "PrivilegedEligibilitySchedule.Read.AzureADGroup PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    listEligible,
  ),
  ...groupRoutes,
  "GET /users": route(readUsers, listUsers),
  "GET /users/delta": route(readUsers, (call: GraphContext) => call.deltas.read(call, "user")),
  "GET /groups/delta": route(readGroups, (call: GraphContext) => call.deltas.read(call, "group")),
  "GET /users/:id": route(readUsers, getUser),
  "GET /users/:id/memberOf": route(readUsers, listMemberships),
  "GET /users/:id/directReports": route("User.Read.All User.ReadWrite.All Directory.Read.All", listReports),
  "POST /users": route("User.ReadWrite.All Directory.ReadWrite.All", (call: GraphContext) => createUser(call, checked)),
  "PUT /users/:id/manager/$ref": route("User.ReadWrite.All Directory.ReadWrite.All", setManager),
  "DELETE /users/:id/manager/$ref": route("User.ReadWrite.All Directory.ReadWrite.All", removeManager),
  "POST /users/:id/revokeSignInSessions": route("User.RevokeSessions.All User.ReadWrite.All Directory.ReadWrite.All", revokeSessions),
  "POST /users/:id/authentication/temporaryAccessPassMethods": route(
    "UserAuthMethod-TAP.ReadWrite.All UserAuthenticationMethod.ReadWrite.All",
    givePass,
  ),
  "GET /directory/deletedItems/microsoft.graph.user": route(readUsers, listDeleted),
  "POST /directory/deletedItems/:id/restore": route(
    "User.DeleteRestore.All User.ReadWrite.All Group.ReadWrite.All",
    (call: GraphContext) => restoreGroup(call) ?? restoreDeleted(call),
  ),
  "DELETE /directory/deletedItems/:id": route("User.DeleteRestore.All User.ReadWrite.All", removeDeleted),
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
  "GET /applications": route("Application.Read.All Application.ReadWrite.All Directory.Read.All", (call, options) =>
    listApplications(call, options.apps),
  ),
  "GET /applications/:id/owners": route("Application.Read.All Application.ReadWrite.All Directory.Read.All", listApplicationOwners),
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
  // Replicas answer in turn; the second one is behind.
  let turn = 0;
  const replicas = { window: () => faults.replicas, behind: () => faults.replicas > 0 && turn % 2 === 0 };
  const state = graphState(options.skus, () => faults.lag, now, replicas);
  const deltas = deltaReads(state, now);
  const server: GraphServer = {
    port: 0,
    url: "",
    log: [],
    faults,
    quotas: quotas(options.quota, () => state.users.current.size, now),
    state,
    tokens,
    apps: options.apps,
    violations: new Set(),
    give: tokens.give,
    stop: async () => {},
  };
  const complain = (what: string): void => void server.violations.add(what);

  const answer = (call: Call): Reply => {
    const app = tokens.of(call);
    if (app === "challenged") return challenge(server.url);
    if (typeof app === "string")
      return problem(
        401,
        "InvalidAuthenticationToken",
        app === "expired" ? "Lifetime validation failed, the token is expired." : "Access token is empty or invalid.",
      );
    const { refused, headers } = server.quotas.charge(app.id, options.tenant, call);
    if (refused) return refused;
    const reply = answered(call, app);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  };
  const answered = (call: Call, app: GraphApp): Reply => {
    turn += 1;
    const { path, alternate } = plainPath(call.path.replace(/^\/v1\.0/iu, ""));
    let said = false;
    const noted = (what: string): void => {
      said = true;
      complain(what);
    };
    // Judged before anybody answers: what is refused for another reason was a mistake all the same.
    const [mistake] = options.csdl?.request({ ...call, path }) ?? [];
    try {
      return handled(call, path, alternate, app, noted);
    } catch (error) {
      if (error instanceof Refused) return error.reply;
      throw error;
    } finally {
      // What the handler has not named itself: names, parameters, navigation.
      if (mistake !== undefined && !said)
        complain(`${call.method} ${path.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/giu, "{id}")}: ${mistake}`);
    }
  };
  const handled = (call: Call, path: string, alternate: string | undefined, app: GraphApp, noted: (what: string) => void): Reply => {
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
      deltas,
      base: `${server.url}/v1.0`,
      now,
      complain: noted,
    };
    return found.handler.run(context, options);
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

/** Continuous access evaluation: the token was taken back, and the next one must be newer than this. */
function challenge(url: string): Reply {
  const claims = Buffer.from(JSON.stringify({ access_token: { nbf: { essential: true, value: String(Math.floor(Date.now() / 1000)) } } }));
  const words = `Bearer realm="", authorization_uri="${url}/common/oauth2/authorize", error="insufficient_claims", claims="${claims.toString("base64")}"`;
  const reply = problem(
    401,
    "InvalidAuthenticationToken",
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
  );
  return { ...reply, headers: { "www-authenticate": words } };
}

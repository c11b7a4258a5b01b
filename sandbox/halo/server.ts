/** The HaloITSM server: discovery, tokens, limits and faults in front; lists, single records and POSTs behind. */
import { plainly } from "../contracts/halo.ts";
import { priorityRows } from "../organisation/halo-things.ts";
import { parseExactly, type Row } from "../web/json.ts";
import { find, routes } from "../web/router.ts";
import { type Call, type Reply, serve } from "../web/server.ts";
import { agentView, listAgents, oneAgent, saveAgent } from "./agents.ts";
import { listAssets, oneAsset, oneAssetType, saveAsset } from "./assets.ts";
import { agentBehind, haloTokens, mayRead, mayWrite, seenBy } from "./auth.ts";
import { listBoards, oneBoard, saveBoard } from "./boards.ts";
import { clientRows, oneClient, saveClient } from "./clients.ts";
import type { HaloOptions, HaloServer } from "./context.ts";
import { faultBefore, haloFaults, limitText, shortened } from "./faults.ts";
import { connectionRow, listLicences, listLinks, oneConnection, oneLicence, saveLicence, withSoftware } from "./licences.ts";
import { flag, listPlain, listUsers } from "./lists.ts";
import { type HaloContextCall, type HaloHandler, saves, unknownParameters } from "./posts.ts";
import { saveRole } from "./roles.ts";
import { oneSite, saveSite, siteRows } from "./sites.ts";
import { answerText, haloState, withDoubles } from "./state.ts";
import { oneTeam, saveTeam } from "./teams.ts";
import { listStatuses, listTickets, oneTicket, saveTicket } from "./tickets.ts";
import { oneUser, saveUser, userRoles } from "./users.ts";
import { buildOf, databaseOf, has, newestHalo } from "./versions.ts";

const ok = (body: unknown): Reply => ({ status: 200, body });
const missing: Reply = { status: 404, text: "Not Found" };
const orMissing = (row: Row | undefined): Reply => (row ? ok(row) : missing);
const idOf = (call: HaloContextCall): number => (/^\d+$/u.test(call.parameters["id"] ?? "") ? Number(call.parameters["id"]) : -1);

const table = routes<HaloHandler>({
  // As a production instance of 2.236 told it in October 2026, without the addresses of its services.
  "GET /api/InstanceInfo": ({ server }) =>
    ok({
      ...{ app_name: "Halo ITSM", app_version: buildOf(server.version), database_version: databaseOf(server.version) },
      ...{ agent_count: 0, licensed_agent_count: 0, tenant_id: server.options.tenant, auth_url: `${server.url}/auth` },
    }),
  "GET /api/Control": ({ server }) => ok(server.state.control),
  // That it is there is recorded (the contract of 2.250), its answer is not: rows of a table and a field, as far as one can guess.
  "GET /api/Control/DeprecatedFields": ({ server }) => (has(server.version, "deprecatedFields") ? ok(server.state.deprecated) : missing),
  "GET /api/SailPointDetails": ({ server }) => (has(server.version, "sailPoint") ? ok(server.state.sailPoint) : missing),
  "GET /api/Users": (call) => listUsers(seenBy(call.server.state, call.me), call.server.faults, call, call.server.version),
  "GET /api/Users/:id": (call) => {
    const row = oneUser(call.server.state, idOf(call), flag(call, "includedetails", false));
    return row ? { status: 200, headers: { "content-type": "application/json" }, text: withDoubles(answerText(row), "site_id") } : missing;
  },
  "GET /api/Agent": (call) => {
    const { hiddenAgents } = call.server.faults;
    const agents = listAgents(call.server.state, call).filter((one) => !hiddenAgents.includes(Number(one["id"])));
    if (call.server.faults.wrappedAgents) return ok({ record_count: agents.length, agents });
    // Pages are not known here: with `pageinate` all rows come under another name (recorded of 2.236.133).
    return ok(flag(call, "pageinate", false) ? { results: agents } : agents);
  },
  "GET /api/Agent/me": (call) => orMissing(agentView(call.server.state, call.me)),
  "GET /api/Agent/:id": (call) => orMissing(oneAgent(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "GET /api/Roles": (call) =>
    ok([...call.server.state.roles.values()].map(({ claims, ...role }) => (call.server.faults.thinRoles ? role : { ...role, claims }))),
  "GET /api/Roles/:id": (call) => orMissing(call.server.state.roles.get(call.parameters["id"] ?? "")),
  "GET /api/Team": (call) =>
    ok(
      [...call.server.state.teams.values()].filter((team) =>
        team["inactive"] === true ? flag(call, "includedisabled", false) : flag(call, "includeenabled", true),
      ),
    ),
  "GET /api/Team/:id": (call) =>
    orMissing(oneTeam(call.server.state, idOf(call), flag(call, "includeagents", false) || flag(call, "includedetails", false))),
  "GET /api/Site": (call) => listPlain(siteRows(call.server.state, flag(call, "includenotes", false)), "sites", call, "client_id"),
  "GET /api/Site/:id": (call) => orMissing(oneSite(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "GET /api/Client": (call) => listPlain(clientRows(call.server.state, flag(call, "includenotes", false)), "clients", call),
  "GET /api/Client/:id": (call) => orMissing(oneClient(call.server.state, idOf(call))),
  "GET /api/UserRoles": (call) => ok(userRoles(call.server.state)),
  // Options only where they are asked for.
  "GET /api/FieldInfo": (call) =>
    ok(
      call.server.state.fields
        .filter((field) => String(field["typeid"]) === (call.query.get("typeid") ?? ""))
        .map(({ values, ...field }) => (flag(call, "includevalues", false) ? { ...field, values } : field)),
    ),
  "GET /api/CAB": (call) => ok(listBoards(call.server.state, flag(call, "includemembers", false))),
  "GET /api/CAB/:id": (call) => orMissing(oneBoard(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "POST /api/CAB": saves("CabHeader", saveBoard),
  "GET /api/SoftwareLicence": (call) => listPlain(listLicences(call.server.state, call), "licences", call),
  "GET /api/SoftwareLicence/:id": (call) => orMissing(oneLicence(call.server.state, idOf(call))),
  "POST /api/SoftwareLicence": saves("Licence_List", saveLicence),
  "GET /api/AssetSoftware": (call) => ok(listLinks(call.server.state, call)),
  "GET /api/azureadconnection": (call) => ok(call.server.state.connections.map(connectionRow)),
  "GET /api/azureadconnection/:id": (call) => orMissing(oneConnection(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "GET /api/Asset": (call) => listAssets(call.server.state, call),
  "GET /api/Asset/:id": (call) => orMissing(oneAsset(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "GET /api/AssetType": (call) => ok([...call.server.state.assetTypes.values()].map(({ fields: _fields, ...type }) => type)),
  "GET /api/AssetType/:id": (call) => orMissing(oneAssetType(call.server.state, idOf(call))),
  "GET /api/Tickets": (call) => listTickets(call.server.state, call),
  "GET /api/Tickets/:id": (call) => orMissing(oneTicket(call.server.state, idOf(call), flag(call, "includedetails", false))),
  "GET /api/TicketType": (call) => ok([...call.server.state.ticketTypes.values()]),
  "GET /api/Status": (call) => ok(listStatuses(call.server.state, call)),
  "GET /api/Priority": () => ok(priorityRows),
  "POST /api/Asset": saves("Device", saveAsset),
  "POST /api/Tickets": saves("Faults", saveTicket),
  "POST /api/Agent": saves("Uname", saveAgent),
  "POST /api/Roles": saves("NHD_Roles", saveRole),
  "POST /api/Team": saves("SectionDetail", saveTeam),
  "POST /api/Users": saves("Users", withSoftware(saveUser)),
  "POST /api/Site": saves("Site", saveSite),
  "POST /api/Client": saves("Area", saveClient),
});

/** Starts it; the log, faults, state and violations are open to tests. */
export async function startHalo(options: HaloOptions): Promise<HaloServer> {
  const faults = haloFaults();
  const now = options.now ?? Date.now;
  const version = options.version ?? newestHalo;
  const tokens = haloTokens({ clients: options.clients, tenant: options.tenant, faults, version, now });
  const recent: number[] = [];
  let url = "";

  const resource = async (call: Call): Promise<Reply> => {
    const token = tokens.of(call);
    const fault = await faultBefore(faults, call, () => tokens.forget(call));
    if (fault) return fault;
    unknownParameters(call, server);
    if (!token) return { status: 401, text: "" };
    const { limit } = options;
    if (limit) {
      while (recent.length > 0 && (recent[0] ?? 0) <= now() - limit.seconds * 1000) recent.shift();
      if (recent.length >= limit.requests) return { status: 429, text: limitText.replace("300", String(limit.requests)) };
      recent.push(now());
    }
    const found = find(table, call.method, call.path);
    if (found === undefined) return missing;
    if (found === "method")
      return { status: 405, body: { Message: `The requested resource does not support http method '${call.method}'.` } };
    const me = agentBehind(server.state, token.client);
    // What a disabled agent's application may do is nothing.
    if (me?.["isdisabled"] === true) return { status: 401, text: "" };
    const kind = call.path.split("/")[2] ?? "";
    const isList = call.method === "GET" && found.parameters["id"] === undefined;
    if (isList && faults.forbidden.includes(kind) && !/\/me$/iu.test(call.path)) return { status: 403, text: "" };
    if (call.method === "GET" ? !mayRead(token, kind) : !mayWrite(token, kind, me))
      return { status: 403, body: { Message: "You do not have permission to do this" } };
    const seen = isList
      ? Object.assign(Object.create(server) as HaloServer, { state: shortened(seenBy(server.state, me), faults.hidden) })
      : server;
    const context: HaloContextCall = { ...call, server: seen, parameters: found.parameters, me };
    const { body, ...reply } = found.handler(context);
    if (body === undefined || reply.status !== 200) return { ...reply, ...(body === undefined ? {} : { body }) };
    return { ...reply, headers: { "content-type": "application/json; charset=utf-8", ...reply.headers }, text: answerText(body) };
  };

  const handle = async (call: Call): Promise<Reply> => {
    const path = call.path.toLowerCase();
    const open = ["/api/authinfo", "/auth/token", "/auth/authorize"].includes(path);
    let reply: Reply;
    if (path === "/api/authinfo") reply = ok({ auth_url: `${url}/auth`, tenant_id: options.tenant });
    else if (path === "/auth/token" && call.method === "POST") reply = tokens.issue(call);
    else if (path === "/auth/authorize" && call.method === "GET") reply = tokens.authorize(call);
    else reply = await resource(call);
    const client = tokens.of(call)?.client.id;
    const write = call.method !== "GET" && !open;
    server.log.push({
      method: call.method,
      path: call.path,
      query: call.query.toString(),
      status: reply.status,
      write,
      ...(client === undefined ? {} : { client }),
      ...(write ? { body: plainly(parseExactly(call.body)) } : {}),
    });
    return reply;
  };
  const server: HaloServer = {
    port: 0,
    url: "",
    log: [],
    faults,
    state: haloState(options.seed),
    options,
    version,
    violations: new Set(),
    stop: async () => {},
  };
  const web = await serve({ tls: options.tls, port: options.port ?? 0, handle });
  url = web.url;
  return Object.assign(server, { port: web.port, url: web.url, stop: () => web.stop() });
}

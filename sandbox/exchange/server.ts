/**
 * Exchange Online's admin interface: POST /adminapi/beta/{tenant}/InvokeCommand with Get-Mailbox and Set-Mailbox. Its own
 * tokens, its own permission and role; what the real one refuses is refused here, in its words where they are known.
 */

import { allMailboxes, hasPlan, type Mailbox } from "../graph/mailbox.ts";
import type { GraphState } from "../graph/state.ts";
import type { GraphTokens } from "../graph/token.ts";
import { isObject, type Row } from "../web/json.ts";
import { type Call, type Entry, type Reply, serve, type Tls } from "../web/server.ts";

export interface ExchangeOptions {
  tls: Tls;
  port?: number;
  tenant: string;
  tokens: GraphTokens;
  state: GraphState;
  /** Client id → the role it has in Exchange; absent = none. */
  roles: { [client: string]: "recipients" | "view" };
  now?: () => number;
}

export interface ExchangeFaults {
  throttled: number;
  failing: number;
  /** The next so many Set-Mailbox are refused. */
  refusing: number;
  /** The next so many Set-Mailbox -Type are accepted, and done only by and by (after so many reads). */
  slow: number;
}

export interface ExchangeServer {
  port: number;
  url: string;
  log: Entry[];
  faults: ExchangeFaults;
  roles: { [client: string]: "recipients" | "view" };
  violations: Set<string>;
  stop(): Promise<void>;
}

const parameters: { readonly [cmdlet: string]: readonly string[] } = {
  "Get-Mailbox": ["Identity", "Filter", "ResultSize"],
  "Set-Mailbox": [
    "Identity",
    "Type",
    "HiddenFromAddressListsEnabled",
    "LitigationHoldEnabled",
    "ForwardingSmtpAddress",
    "DeliverToMailboxAndForward",
  ],
};

function failure(status: number, code: string, exception: string, message: string): Reply {
  const details = [{ code: "Context", target: "", message: `Ex6F9304|Microsoft.Exchange.Configuration.Tasks.${exception}|${message}` }];
  return { status, body: { error: { code, message: "Error executing cmdlet", details, innererror: { message, type: exception } } } };
}

const wrong = (message: string): Reply => failure(400, "BadRequest", "ParameterBindingException", message);

function rowOf(id: string, user: Row, box: Mailbox): Row {
  return {
    "@odata.id": `Mailbox('${id}')`,
    ExternalDirectoryObjectId: id,
    UserPrincipalName: user["userPrincipalName"],
    PrimarySmtpAddress: user["mail"] ?? user["userPrincipalName"],
    DisplayName: user["displayName"],
    RecipientTypeDetails: box.kind,
    HiddenFromAddressListsEnabled: box.hidden,
    LitigationHoldEnabled: box.hold,
    ForwardingSmtpAddress: box.forward,
    DeliverToMailboxAndForward: box.deliver,
  };
}

/** `ExternalDirectoryObjectId -eq 'x' -or …`: the ids; undefined for any other filter. */
function idsOf(filter: string): string[] | undefined {
  const parts = filter
    .split(/\s+-or\s+/iu)
    .map((part) => /^ExternalDirectoryObjectId -eq '([0-9a-f-]{36})'$/iu.exec(part.trim())?.[1]?.toLowerCase());
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

const pageSize = 1000;

export async function startExchange(options: ExchangeOptions): Promise<ExchangeServer> {
  const now = options.now ?? Date.now;
  const { state, tokens } = options;
  const server: ExchangeServer = {
    ...{ port: 0, url: "", log: [], roles: options.roles, violations: new Set(), stop: async () => {} },
    faults: { throttled: 0, failing: 0, refusing: 0, slow: 0 },
  };
  const late: { box: Mailbox; kind: Mailbox["kind"]; reads: number }[] = [];

  const get = (given: Row, call: Call): Reply => {
    for (const one of late) if (one.reads-- <= 0) one.box.kind = one.kind;
    const all = allMailboxes(state, now());
    const filter = given["Filter"] === undefined ? undefined : idsOf(String(given["Filter"]));
    if (given["Filter"] !== undefined && !filter) return wrong(`The sandbox does not answer the filter ${String(given["Filter"])}.`);
    const chosen = [...all].filter(([id]) => !filter || filter.includes(id)).sort(([a], [b]) => (a < b ? -1 : 1));
    const unlimited = String(given["ResultSize"]) === "Unlimited";
    const start = Number(call.query.get("skip") ?? 0);
    const size = unlimited ? pageSize : Math.min(pageSize, Number(given["ResultSize"] ?? 1000));
    const value = chosen.slice(start, start + size).map(([id, box]) => rowOf(id, state.users.current.get(id) ?? {}, box));
    const next = unlimited && start + size < chosen.length ? { "@odata.nextLink": `${server.url}${call.path}?skip=${start + size}` } : {};
    return { status: 200, body: { "@adminapi.warnings": [], ...next, value } };
  };

  const set = (given: Row): Reply => {
    const identity = String(given["Identity"] ?? "").toLowerCase();
    const id = state.users.current.has(identity) ? identity : (state.byName.get(identity) ?? "");
    const box = allMailboxes(state, now()).get(id);
    const user = state.users.current.get(id);
    if (!box || !user)
      return failure(
        404,
        "NotFound",
        "ManagementObjectNotFoundException",
        `The operation couldn't be performed because object '${identity}' couldn't be found.`,
      );
    if (server.faults.refusing > 0) {
      server.faults.refusing -= 1;
      return failure(400, "BadRequest", "RecipientTaskException", "The operation on the mailbox failed because it's being moved.");
    }
    for (const name of ["HiddenFromAddressListsEnabled", "LitigationHoldEnabled", "DeliverToMailboxAndForward"])
      if (given[name] !== undefined && typeof given[name] !== "boolean")
        return wrong(`Cannot convert value "${String(given[name])}" to type "System.Boolean" (${name}).`);
    if (given["HiddenFromAddressListsEnabled"] !== undefined && user["onPremisesSyncEnabled"] === true)
      return failure(
        400,
        "BadRequest",
        "RecipientTaskException",
        `The operation on mailbox "${String(user["displayName"])}" failed because it's out of the current user's write scope. The action 'Set-Mailbox', 'HiddenFromAddressListsEnabled', can't be performed on the object because the object is being synchronized from your on-premises organization. This action should be performed on the object in your on-premises organization.`,
      );
    if (given["LitigationHoldEnabled"] === true && !hasPlan(state, user))
      return failure(
        400,
        "BadRequest",
        "RecipientTaskException",
        "LitigationHold cannot be enabled: the mailbox has no licence that includes it.",
      );
    const kinds = { Regular: "UserMailbox", Shared: "SharedMailbox", Room: "RoomMailbox", Equipment: "EquipmentMailbox" } as const;
    const type = given["Type"];
    if (type !== undefined) {
      if (typeof type !== "string" || !(type in kinds))
        return wrong(`Cannot convert value "${String(type)}" to type "ConvertibleMailboxSubType".`);
      const kind = kinds[type as keyof typeof kinds];
      if (server.faults.slow > 0) {
        late.push({ box, kind, reads: server.faults.slow });
        server.faults.slow = 0;
      } else box.kind = kind;
    }
    if (typeof given["HiddenFromAddressListsEnabled"] === "boolean") box.hidden = given["HiddenFromAddressListsEnabled"];
    if (typeof given["LitigationHoldEnabled"] === "boolean") box.hold = given["LitigationHoldEnabled"];
    if (typeof given["DeliverToMailboxAndForward"] === "boolean") box.deliver = given["DeliverToMailboxAndForward"];
    if (given["ForwardingSmtpAddress"] !== undefined) {
      const forward = given["ForwardingSmtpAddress"];
      if (forward !== null && !/^(?:smtp:)?[^@\s]+@[^@\s]+$/iu.test(String(forward)))
        return wrong(`"${String(forward)}" isn't a valid SMTP address.`);
      box.forward = forward === null ? null : `smtp:${String(forward).replace(/^smtp:/iu, "")}`;
    }
    return { status: 200, body: { "@adminapi.warnings": [], value: [] } };
  };

  const answer = (call: Call): Reply => {
    const app = tokens.of(call, server.url);
    if (typeof app === "string") return { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } };
    if (call.path !== `/adminapi/beta/${options.tenant}/InvokeCommand`)
      return { status: 404, body: { error: { code: "NotFound", message: "No such resource." } } };
    if (call.method !== "POST") return { status: 405 };
    if (!app.roles.includes("Exchange.ManageAsApp") || !(app.id in server.roles))
      return failure(403, "Forbidden", "UnauthorizedAccessException", "The role assigned to application isn't supported in this scenario.");
    for (const name of ["throttled", "failing"] as const) {
      if (server.faults[name] <= 0) continue;
      server.faults[name] -= 1;
      return { status: name === "throttled" ? 429 : 503, headers: { "retry-after": "1" } };
    }
    let body: unknown;
    try {
      body = JSON.parse(call.body);
    } catch {
      body = undefined;
    }
    const input = isObject(body) && Object.keys(body).every((key) => key === "CmdletInput") ? body["CmdletInput"] : undefined;
    if (!isObject(input) || typeof input["CmdletName"] !== "string" || !isObject(input["Parameters"]))
      return wrong("The request is not a CmdletInput.");
    const { CmdletName: cmdlet, Parameters: given } = input as { CmdletName: string; Parameters: Row };
    const known = parameters[cmdlet];
    if (!known || (cmdlet.startsWith("Set-") && server.roles[app.id] !== "recipients")) {
      if (!known) server.violations.add(`there is no cmdlet ${cmdlet}`);
      return failure(
        known ? 403 : 404,
        known ? "Forbidden" : "NotFound",
        "CommandNotFoundException",
        `The term '${cmdlet}' is not recognized as the name of a cmdlet.`,
      );
    }
    const odd = Object.keys(given).find((name) => !known.includes(name));
    if (odd !== undefined) {
      server.violations.add(`${cmdlet} has no parameter ${odd}`);
      return wrong(`A parameter cannot be found that matches parameter name '${odd}'.`);
    }
    return cmdlet === "Get-Mailbox" ? get(given, call) : set(given);
  };

  const web = await serve({
    ...{ tls: options.tls, port: options.port ?? 0 },
    handle: (call) => {
      const reply = answer(call);
      const write = /"Set-/u.test(call.body);
      const app = tokens.of(call, server.url);
      server.log.push({
        ...{ method: call.method, path: call.path, query: call.query.toString(), status: reply.status, write },
        ...(typeof app === "string" ? {} : { client: app.id }),
        ...(call.body === "" ? {} : { body: JSON.parse(call.body) }),
      });
      return reply;
    },
  });
  tokens.resources.add(web.url);
  return Object.assign(server, { port: web.port, url: web.url, stop: () => web.stop() });
}

/** Tickets, their types and statuses: list rows have no custom fields, and unset dates are of the year 1900. */
import type { Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { listPlain } from "./lists.ts";
import type { Saved } from "./records.ts";
import { type HaloState, nextId, text } from "./state.ts";

const whole = (value: string | null): number | undefined => (value !== null && /^\d+$/u.test(value) ? Number(value) : undefined);
const never = "1900-01-01T00:00:00";

function shown(state: HaloState, row: Row): Row {
  const { customfields: _custom, ...plain } = row;
  const user = state.users.get(Number(row["user_id"]));
  return {
    dateoccurred: never,
    dateclosed: never,
    targetdate: never,
    startdate: never,
    user_name: text(user?.["name"]),
    use: "ticket",
    ...plain,
  };
}

/** GET /Tickets: by `requesttype_id`, `status_id` and `user_id`; `tickettype_id` is no filter there, as it is not in the contract. */
export function listTickets(state: HaloState, call: Call): Reply {
  const [type, status, user] = ["requesttype_id", "status_id", "user_id"].map((name) => whole(call.query.get(name)));
  const rows = [...state.tickets.values()]
    .filter((row) => row["deleted"] !== true)
    .filter((row) => type === undefined || row["tickettype_id"] === type)
    .filter((row) => status === undefined || row["status_id"] === status)
    .filter((row) => call.query.get("open_only")?.toLowerCase() !== "true" || row["hasbeenclosed"] !== true)
    .filter((row) => user === undefined || row["user_id"] === user)
    .map((row) => shown(state, row));
  return listPlain(rows, "tickets", call);
}

/** GET /Tickets/{id}: custom fields only with `includedetails=true`. */
export function oneTicket(state: HaloState, id: number, details: boolean): Row | undefined {
  const row = state.tickets.get(id);
  return row && { ...shown(state, row), ...(details ? { customfields: row["customfields"] ?? [] } : {}) };
}

/** What Halo's rules make of a new ticket, unless it says `dont_do_rules`; each server has its own. */
const rules = new WeakMap<HaloState, Row>();
export const setTicketRule = (state: HaloState, made: Row): void => void rules.set(state, made);

/** GET /Status: of one kind where one is asked for, and those that a ticket type may have (`allowed_status` of its row). */
export function listStatuses(state: HaloState, call: Call): Row[] {
  const kind = call.query.get("type");
  const allowed = state.ticketTypes.get(whole(call.query.get("tickettype_id")) ?? -1)?.["allowed_status"];
  return [...state.statuses.values()]
    .map((row): Row => ({ type: "ticket", ...row }))
    .filter((row) => (kind === null || row["type"] === kind) && (!Array.isArray(allowed) || allowed.includes(row["id"])));
}

/** Statuses that close a ticket: Halo's own number, and whatever is called so. */
const closes = (status: Row | undefined): boolean =>
  status !== undefined && (status["id"] === 9 || /^(?:closed|completed)/iu.test(text(status["name"])));
/** What a ticket's POST may say; other properties of the contract are Halo's to compute, and are not stored. */
const stored = ["summary", "details", "status_id", "tickettype_id", "client_id", "site_id", "user_id", "team", "third_party_id_string"];

/** POST /Tickets: a new one needs a type, a summary and a client; a user must exist and have a site beside them. */
export function saveTicket(state: HaloState, given: Row, complain: (what: string) => void): Saved {
  const id = Number(given["id"] ?? 0);
  const before = id > 0 ? state.tickets.get(id) : undefined;
  if (id > 0 && (!before || before["deleted"] === true)) return { status: 404, text: "The ticket you are trying to update does not exist" };
  const ticket: Row = { ...before };
  for (const name of stored) if (given[name] !== undefined && given[name] !== null) ticket[name] = given[name];
  if (!text(ticket["summary"]).trim()) return { status: 400, text: "A Summary must be entered for this Ticket" };
  if (!state.ticketTypes.has(Number(ticket["tickettype_id"]))) return { status: 400, text: "A valid Ticket Type must be selected" };
  if (!state.clients.has(Number(ticket["client_id"]))) return { status: 400, text: "A Customer must be selected for this Ticket" };
  const status = state.statuses.get(Number((ticket["status_id"] ??= 1)));
  if (!status) return { status: 400, text: "The Status of this Ticket does not exist" };
  const user = Number(ticket["user_id"] ?? 0);
  if (user > 0 && (!state.users.has(user) || !state.sites.has(Number(ticket["site_id"] ?? 0))))
    return { status: 400, text: "A User of the Site must be selected for this Ticket" };
  const team = text(ticket["team"]);
  if (team && ![...state.teams.values()].some((one) => one["name"] === team))
    return { status: 400, text: "The Team of this Ticket does not exist" };
  // The workflow's first step is made with the ticket, and what a rule matches is changed with it.
  const first = state.ticketTypes.get(Number(ticket["tickettype_id"]))?.["initial_status"];
  if (!before && first !== undefined) ticket["status_id"] = first;
  const rule = before || given["dont_do_rules"] === true ? undefined : rules.get(state);
  Object.assign(ticket, rule);
  const now = new Date().toISOString().slice(0, 19);
  if (given["dont_do_rules"] === undefined && !before) complain("whether rules run is not said (dont_do_rules)");
  ticket["id"] = before ? id : nextId(state.tickets);
  ticket["dateoccurred"] ??= now;
  const isClosed = closes(state.statuses.get(Number(ticket["status_id"])));
  ticket["hasbeenclosed"] = isClosed;
  ticket["dateclosed"] = isClosed ? now : "1900-01-01T00:00:00";
  state.tickets.set(Number(ticket["id"]), ticket);
  return { row: { ...shown(state, ticket), ...(rule ? { matched_rule_id: 1 } : {}) } };
}

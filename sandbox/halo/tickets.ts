/** Tickets, their types and statuses: list rows have no custom fields, and unset dates are of the year 1900. */
import type { Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { listPlain } from "./lists.ts";
import { type HaloState, text } from "./state.ts";

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
    .filter((row) => user === undefined || row["user_id"] === user)
    .map((row) => shown(state, row));
  return listPlain(rows, "tickets", call);
}

/** GET /Tickets/{id}: custom fields only with `includedetails=true`. */
export function oneTicket(state: HaloState, id: number, details: boolean): Row | undefined {
  const row = state.tickets.get(id);
  return row && { ...shown(state, row), ...(details ? { customfields: row["customfields"] ?? [] } : {}) };
}

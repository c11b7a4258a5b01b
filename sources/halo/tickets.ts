/** Tickets of the types and statuses that the mappings name, as flat rows: input for access and for joiners. */
import type { Json } from "../../base/json.ts";
import { notUnderstood } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { choicesIn, customRows, hasOptions, namedField } from "../../clients/halo/custom-fields.ts";
import { idText, integer, type Row, text } from "../../clients/halo/decode.ts";
import { type FeedNeed, TICKET_FIELDS } from "../../mappings/language/feeds.ts";
import { isNothing } from "./decode.ts";
import { detailsOf } from "./details.ts";
import { idsOf } from "./names.ts";

export interface Ticket {
  id: number;
  type: string;
  status: string;
  /** `summary`, `user_id`, `custom.CFGroup`; unset dates and blanks are absent. */
  fields: { [field: string]: Json };
}

/** One call for 100 tickets of a type, two for the names; with custom fields one a ticket that is in a wanted status. */
export async function readTickets(
  client: Pick<HaloClient, "list" | "rows" | "get">,
  need: Pick<FeedNeed, "tickets" | "ticketFields">,
): Promise<{ tickets: Ticket[]; doubts: string[]; notes: string[] }> {
  const doubts: string[] = [];
  const notes: string[] = [];
  const [types, states] = [
    await client.rows("TicketType", { showall: true, showinactive: true }),
    await client.rows("Status", { showall: true }),
  ];
  const rows: { row: Row; id: number; type: string; status: string }[] = [];
  for (const ask of need.tickets) {
    const statuses = new Map(idsOf(states, ask.statuses, "status", "a ticket condition").map((one) => [String(one.id), one.name]));
    for (const type of idsOf(types, [ask.type], "ticket type", "a ticket condition")) {
      const list = await client.list("Tickets", "tickets", { requesttype_id: type.id });
      doubts.push(...list.doubts);
      const stateless: Row[] = [];
      const mine = list.rows.filter((row) => idText.safeParse(row["tickettype_id"]).data === String(type.id));
      if (mine.length < list.rows.length)
        doubts.push(
          `HaloITSM was asked for tickets of type ${ask.type}, and ${list.rows.length - mine.length} of ${list.rows.length} are of other types`,
        );
      for (const row of mine) {
        const id = integer.safeParse(row["id"]);
        const state = integer.safeParse(row["status_id"]);
        if (!state.success) stateless.push(row);
        const status = statuses.get(String(state.data));
        if (status === undefined) continue;
        if (id.success) rows.push({ row, id: id.data, type: ask.type, status });
        else doubts.push("HaloITSM sent a ticket without a usable id");
      }
      if (stateless.length > 0) doubts.push(notUnderstood(stateless.length, `tickets of type ${ask.type}`, "status_id", stateless[0]));
    }
  }
  const custom = need.ticketFields.filter((field) => field.startsWith("custom."));
  const asked = custom.length > 0 ? rows.map(({ id }) => id) : [];
  if (asked.length > 0)
    notes.push(`${custom.join(", ")} ${custom.length === 1 ? "costs" : "cost"} one call a ticket: ${asked.length} calls`);
  const { details } = await detailsOf(client, "Tickets", asked, ["ticket", "it"], doubts);
  const tickets = rows.flatMap(({ row, id, type, status }): Ticket[] => {
    const detail = details.get(id);
    // A ticket whose fields are not known is none; the doubt about it is said.
    if (custom.length > 0 && !detail) return [];
    return [{ id, type, status, fields: fieldsOf(row, detail, custom) }];
  });
  return { tickets, doubts, notes };
}

function fieldsOf(row: Row, detail: Row | undefined, custom: readonly string[]): Ticket["fields"] {
  const fields: Ticket["fields"] = {};
  for (const name of TICKET_FIELDS) {
    const value = name.endsWith("id") ? integer.safeParse(row[name]).data : text.safeParse(row[name]).data;
    if (value !== undefined && !(typeof value === "string" && isNothing(value))) fields[name] = value;
  }
  const list = (detail && customRows(detail)) ?? [];
  for (const wanted of custom) {
    const found = namedField(list, wanted.slice("custom.".length), (one) => one.name ?? "");
    if (!found) continue;
    const choices = choicesIn(found);
    if (choices && choices.length > 0) fields[wanted] = choices;
    if (choices) continue;
    const value = hasOptions(found.type) && found.display?.trim() ? found.display : text.safeParse(found.value).data;
    if (value !== undefined && !isNothing(value)) fields[wanted] = value;
  }
  return fields;
}

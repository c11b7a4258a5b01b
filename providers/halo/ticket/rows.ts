/** Tickets as Halo sends them (Faults_List, Faults), and the marker by which haloform knows its own. */

import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { rowsOf } from "../../../base/rows.ts";
import { same } from "../../../base/text.ts";
import { integer, namedRow, optionalFlag, optionalNumber, optionalText } from "../../../clients/halo/decode.ts";
import { once } from "../../../clients/http/once.ts";
import { lookUp, only } from "../named.ts";
import { type HaloLists, reader } from "../record.ts";

const ticketSchema = z.object({
  id: integer,
  summary: optionalText,
  details: optionalText,
  status_id: optionalNumber,
  tickettype_id: optionalNumber,
  team: optionalText,
  third_party_id_string: optionalText,
  hasbeenclosed: optionalFlag,
  deleted: optionalFlag,
});
export type TicketRow = z.infer<typeof ticketSchema>;

const line = /\n*\[(haloform\/[^\]\n]+)\]\s*$/u;
const ending = /\n\nResult: [\s\S]*$/u;

/** The marker: of the field for other systems' ids, else of the last line, as a Halo may keep the field for itself. */
export function markerIn(ticket: Pick<TicketRow, "third_party_id_string" | "details">): string | undefined {
  if (ticket.third_party_id_string.startsWith("haloform/")) return ticket.third_party_id_string;
  return line.exec(ticket.details)?.[1];
}

/** The details as they are sent: what changes, what came of it, the marker. */
export function detailsWith(details: string, result: string | undefined, marker: string): string {
  return `${details}${result === undefined ? "" : `\n\nResult: ${result}`}\n\n[${marker}]`;
}

/** Back to what changes, and what came of it. */
export function detailsIn(sent: string): { details: string; result?: string } {
  const plain = sent.replaceAll("\r\n", "\n").replace(line, "");
  const result = ending.exec(plain)?.[0];
  return { details: plain.replace(ending, ""), ...(result === undefined ? {} : { result: result.slice("\n\nResult: ".length) }) };
}

const types = once(async (halo: HaloLists) =>
  rowsOf(namedRow, await halo.rows("TicketType", { showall: true, showinactive: true }), "Halo's ticket types"),
);

/**
 * Statuses of tickets. `/Status` holds those of quotes, orders and projects as well (47 rows, each with its `type`, in a recorded production),
 * which may have the same names; a parameter that a Halo does not know is ignored, so rows are looked at again. `type`: those that a ticket
 * type may have.
 */
const statuses = once(async (halo: HaloLists, type?: number) => {
  const asked = { showall: true, type: "ticket", ...(type === undefined ? {} : { tickettype_id: type }) };
  const rows = rowsOf(namedRow, await halo.rows("Status", asked), "Halo's statuses");
  const ofTickets = rows.filter((row) => typeof row["type"] === "string" && same(row["type"], "ticket"));
  return ofTickets.length > 0 ? ofTickets : rows;
});

const words = (what: string) => ({
  what,
  several: () => "of that name; rename all but one",
  mend: "correct tickets in mappings/halo.yaml",
});

/** Number of a ticket type. @throws RefusedError with the nearest name. */
export const typeId = async (halo: HaloLists, name: string): Promise<number> => (await lookUp(halo, types, name, words("ticket type"))).id;

/** Number of a status; of two of one name the one that tickets of this type may have. @throws RefusedError with the nearest name. */
export async function statusId(halo: HaloLists, name: string, type: string): Promise<number> {
  const alike = (await statuses(halo)).filter((one) => same(one.name, name));
  if (alike.length > 1) {
    const allowed = new Set((await statuses(halo, await typeId(halo, type))).map(({ id }) => id));
    const one = only(alike.filter(({ id }) => allowed.has(id)));
    if (one) return one.id;
  }
  return (await lookUp(halo, statuses, name, words("status"))).id;
}

/**
 * Open tickets of a type that haloform made, straight from Halo: a call for each 100 open ones of the type.
 * @throws RefusedError where the read is not whole: a ticket that was missed would be made twice.
 */
export async function openTickets(halo: HaloLists, type: string, done: string, decode = rowsOf): Promise<TicketRow[]> {
  const [wanted, closed] = [await typeId(halo, type), await statusId(halo, done, type)];
  const read = await halo.list("Tickets", "tickets", { requesttype_id: wanted, open_only: true });
  if (!read.complete)
    throw new RefusedError(
      `Could not read the open tickets of type ${type} whole (${read.doubts.join("; ")}): none is made or closed; try again`,
      "incomplete",
    );
  // A parameter may be ignored in silence.
  return decode(ticketSchema, read.rows, "Halo's tickets").filter(
    (one) => one.tickettype_id === wanted && !one.deleted && !one.hasbeenclosed && one.status_id !== closed && markerIn(one) !== undefined,
  );
}

const readAny = reader("Tickets", "ticket", ticketSchema);
export async function readTicket(halo: HaloLists, id: string): Promise<TicketRow | undefined> {
  const row = await readAny(halo, id);
  return row?.deleted ? undefined : row;
}

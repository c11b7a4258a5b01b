/** Tickets as Halo sends them (Faults_List, Faults), and the marker by which haloform knows its own. */
import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { flag, idText, integer, type Row, text } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";

export type TicketClient = Pick<HaloClient, "list" | "rows" | "get" | "post">;

const optional = text.nullish().transform((value) => value ?? "");
const ticketSchema = z.object({
  id: idText,
  summary: optional,
  details: optional,
  status_id: integer.nullish().transform((value) => value ?? 0),
  tickettype_id: integer.nullish().transform((value) => value ?? 0),
  team: optional,
  third_party_id_string: optional,
  hasbeenclosed: flag.nullish().transform((value) => value ?? false),
  deleted: flag.nullish().transform((value) => value ?? false),
});
export type TicketRow = z.infer<typeof ticketSchema>;

export const parseTickets = (rows: readonly Row[]): TicketRow[] =>
  rows.flatMap((row) => ticketSchema.safeParse(row).data ?? []).filter((one) => !one.deleted);

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

interface Known {
  types?: Promise<Row[]>;
  statuses?: Promise<Row[]>;
}
const lists = new WeakMap<TicketClient, Known>();

function named(rows: readonly Row[], name: string, what: string): number {
  const all = rows.flatMap((row) => {
    const id = integer.safeParse(row["id"]);
    const own = text.safeParse(row["name"]);
    return id.success && own.success ? [{ id: id.data, name: own.data }] : [];
  });
  const found = all.filter((one) => same(one.name, name));
  const [one] = found;
  if (one && found.length === 1) return one.id;
  if (one)
    throw new RefusedError(`Could not use the ${what} "${name}": Halo has ${found.length} of that name; rename all but one`, "ambiguous");
  throw new RefusedError(
    `Could not find the ${what} "${name}" in Halo${suggestion(
      name,
      all.map((each) => each.name),
    )}; correct tickets in mappings/halo.yaml`,
    "unknown-name",
  );
}

async function remembered(client: TicketClient, what: keyof Known, read: () => Promise<Row[]>): Promise<Row[]> {
  const known = lists.get(client) ?? {};
  lists.set(client, known);
  const reading = (known[what] ??= read());
  reading.catch(() => {
    if (known[what] === reading) delete known[what];
  });
  return reading;
}

/** Number of a ticket type. @throws RefusedError with the nearest name. */
export async function typeId(client: TicketClient, name: string): Promise<number> {
  const rows = await remembered(client, "types", () => client.rows("TicketType", { showall: true, showinactive: true }));
  return named(rows, name, "ticket type");
}

/** Number of a status. @throws RefusedError with the nearest name. */
export async function statusId(client: TicketClient, name: string): Promise<number> {
  return named(await remembered(client, "statuses", () => client.rows("Status", { showall: true })), name, "status");
}

/**
 * Open tickets of a type that haloform made, straight from Halo: a call for each 100 open ones of the type.
 * @throws RefusedError where the read is not whole: a ticket that was missed would be made twice.
 */
export async function openTickets(client: TicketClient, type: string, done: string): Promise<TicketRow[]> {
  const [wanted, closed] = [await typeId(client, type), await statusId(client, done)];
  const read = await client.list("Tickets", "tickets", { requesttype_id: wanted, open_only: true });
  if (!read.complete)
    throw new RefusedError(
      `Could not read the open tickets of type ${type} whole (${read.doubts.join("; ")}): none is made or closed; try again`,
      "incomplete",
    );
  // A parameter may be ignored in silence.
  return parseTickets(read.rows).filter(
    (one) => one.tickettype_id === wanted && !one.hasbeenclosed && one.status_id !== closed && markerIn(one) !== undefined,
  );
}

export async function readTicket(client: TicketClient, id: string): Promise<TicketRow | undefined> {
  return parseTickets([(await client.get("Tickets", id, { includedetails: true })) ?? {}])[0];
}

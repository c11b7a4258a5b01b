/**
 * halo:Ticket: an act of a ticket for a person's change. `open` makes it before the change (or finds the open one of that person
 * and brings it up to date); `result` comes after everything else and closes it, or says what keeps it open. docs/decisions/0030.
 */

import { z } from "zod";
import { PendingError, RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { idText } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { neither } from "../../core/access.ts";
import { define, type Live, type Made, type RunContext } from "../../core/definition.ts";
import type { Halo } from "../agent/names.ts";
import { inLine } from "../line.ts";
import { detailsIn, detailsWith, markerIn, openTickets, readTicket, statusId, type TicketClient, type TicketRow, typeId } from "./rows.ts";

const name = z.string().trim().min(1);
/** As canonical inputs. */
export const ticketInputs = z.strictObject({
  person: z.string().min(1),
  /** The person's name. */
  called: z.string(),
  step: z.enum(["open", "result"]),
  /** The same for every attempt at this change: what makes the engine do the next one. */
  once: z.string().min(1),
  marker: z.string().startsWith("haloform/"),
  /** Names in Halo. */
  type: name,
  statuses: z.strictObject({ open: name, parked: name, done: name }),
  team: name.exactOptional(),
  summary: z.string().trim().min(1).max(250),
  /** What changes, in lines; secrets are not in it. */
  details: z.string().transform((text) => text.replaceAll("\r\n", "\n").trim()),
  /** Numbers in Halo. A ticket of a user has that user's site. */
  client: z.number().int().positive(),
  site: z.number().int().positive().exactOptional(),
  user: z.number().int().positive().exactOptional(),
  /** Why the person is parked already by the plan. */
  reasons: z.array(z.string()).transform((all) => [...new Set(all)].sort()),
});
export type TicketInputs = z.infer<typeof ticketInputs>;

const outputs = z.strictObject({ ticket: z.string() });
type Outputs = z.infer<typeof outputs>;

const called = ({ type, called: who, person }: TicketInputs): string => `the ticket (${type}) of ${who} (${person})`;

/** Open tickets as this process knows them: read once, then kept up with what it does itself. */
const known = new WeakMap<TicketClient, Map<string, Promise<TicketRow[]>>>();

function opened(client: TicketClient, { type, statuses }: TicketInputs, again = false): Promise<TicketRow[]> {
  const lists = known.get(client) ?? new Map<string, Promise<TicketRow[]>>();
  known.set(client, lists);
  const key = JSON.stringify([type, statuses.done]);
  let reading = again ? undefined : lists.get(key);
  if (!reading) {
    reading = openTickets(client, type, statuses.done);
    lists.set(key, reading);
    const mine = reading;
    mine.catch(() => lists.get(key) === mine && lists.delete(key));
  }
  return reading;
}

/** A closed one is nobody's open ticket any more. */
async function forget(client: TicketClient, inputs: TicketInputs, row: TicketRow): Promise<void> {
  const all = await opened(client, inputs);
  all.splice(0, all.length, ...all.filter((each) => each.id !== row.id));
}

/** The one open ticket with the marker. Two are refused rather than guessed between. */
function one(all: readonly TicketRow[], inputs: TicketInputs): TicketRow | undefined {
  const found = all.filter((row) => markerIn(row) === inputs.marker);
  if (found.length > 1)
    throw new RefusedError(
      `Could not write ${called(inputs)}: Halo has ${found.length} open ones (${found.map((row) => row.id).join(", ")}); close all but one`,
      "ambiguous",
    );
  return found[0];
}

/** Writing the same again is harmless: where the answer was lost, the proof says whether it was stored. */
async function change(client: TicketClient, record: Row): Promise<void> {
  try {
    await client.post("Tickets", record);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
  }
}

interface Wanted {
  summary: string;
  details: string;
  status_id: number;
  team?: string;
}

/** What differs from what is wanted, by Halo's names. */
function differing(row: TicketRow, wanted: Wanted): (keyof Wanted)[] {
  const plain = (text: string): string => text.replaceAll("\r\n", "\n").trim();
  return (Object.keys(wanted) as (keyof Wanted)[]).filter((key) =>
    key === "status_id"
      ? row.status_id !== wanted.status_id
      : key === "team"
        ? !same(row.team, wanted.team ?? "")
        : plain(row[key]) !== plain(wanted[key]),
  );
}

async function bring(client: TicketClient, row: TicketRow, inputs: TicketInputs, wanted: Wanted): Promise<void> {
  const changes = differing(row, wanted);
  if (changes.length > 0) await change(client, { id: Number(row.id), ...Object.fromEntries(changes.map((key) => [key, wanted[key]])) });
  const now = await readTicket(client, row.id);
  const missing = now ? differing(now, wanted) : ["the ticket"];
  if (missing.length > 0)
    throw new RefusedError(
      `Could not save ${called(inputs)}: Halo did not store ${missing.join(", ")} of ticket ${row.id}; check its workflow and the rights of the Halo application's agent`,
      "not-stored",
    );
}

/** Makes the ticket; one that got lost on the way is looked for, never made again. */
async function make(client: TicketClient, inputs: TicketInputs, wanted: Wanted): Promise<TicketRow> {
  const record: Row = {
    tickettype_id: await typeId(client, inputs.type),
    client_id: inputs.client,
    ...(inputs.site === undefined ? {} : { site_id: inputs.site }),
    ...(inputs.user === undefined ? {} : { user_id: inputs.user }),
    ...wanted,
    third_party_id_string: inputs.marker,
    donotapplytemplateintheapi: true,
  };
  let saved: Row | undefined;
  try {
    saved = await client.post("Tickets", record);
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    const found = one(await opened(client, inputs, true), inputs);
    if (!found) throw error;
    return found;
  }
  const id = idText.safeParse(saved?.["id"]).data;
  const row = id === undefined || id === "0" ? one(await opened(client, inputs, true), inputs) : await readTicket(client, id);
  if (!row || markerIn(row) !== inputs.marker)
    throw new RefusedError(
      `Could not open ${called(inputs)}: Halo said yes, but ${row ? `ticket ${row.id} does not hold haloform's mark` : "there is none"}; the Halo application needs the scope edit:tickets, and its agent the rights`,
      "not-stored",
    );
  return row;
}

async function open(client: TicketClient, inputs: TicketInputs): Promise<Made<Outputs>> {
  const wanted: Wanted = {
    summary: inputs.summary,
    details: detailsWith(inputs.details, undefined, inputs.marker),
    status_id: await statusId(client, inputs.statuses.open),
    ...(inputs.team === undefined ? {} : { team: inputs.team }),
  };
  const before = one(await opened(client, inputs), inputs);
  const row = before ?? (await inLine(client as unknown as Halo, inputs.marker, () => make(client, inputs, wanted)));
  const all = await opened(client, inputs);
  if (!all.some((each) => each.id === row.id)) all.push(row);
  await bring(client, (await readTicket(client, row.id)) ?? row, inputs, wanted);
  return { id: row.id, outputs: { ticket: row.id }, said: `${before ? "ticket" : "opened ticket"} ${row.id}` };
}

/** Closes the ticket, or says in it what keeps it open. */
async function result(client: TicketClient, inputs: TicketInputs, context: RunContext): Promise<Made<Outputs>> {
  const row = one(await opened(client, inputs), inputs);
  // Never recorded as done: it was not opened, and the next run may open it.
  if (!row) throw new PendingError(`${called(inputs)} is not open: it could not be opened, or somebody has closed it`);
  const failed = [...inputs.reasons, ...[context.failed?.(inputs.person) ?? []].flat()];
  const waits = context.waiting?.(inputs.person);
  const status = failed.length > 0 ? "parked" : waits === undefined ? "done" : "open";
  const words = failed.length > 0 ? `parked: ${failed.join("; ")}` : waits === undefined ? "done" : `waiting: ${waits}`;
  const wanted: Wanted = {
    summary: row.summary,
    details: detailsWith(detailsIn(row.details).details, words, inputs.marker),
    status_id: await statusId(client, inputs.statuses[status]),
  };
  await bring(client, (await readTicket(client, row.id)) ?? row, inputs, wanted);
  if (status !== "done") throw new PendingError(`ticket ${row.id} stays open (${words})`);
  await forget(client, inputs, row);
  return { id: row.id, outputs: { ticket: row.id }, said: `closed ticket ${row.id}` };
}

const act = (client: TicketClient, inputs: TicketInputs, context: RunContext): Promise<Made<Outputs>> =>
  inputs.step === "open" ? open(client, inputs) : result(client, inputs, context);

function liveTicket(row: TicketRow, statuses: Values = {}): Live {
  const { details, result: said } = detailsIn(row.details);
  return {
    id: row.id,
    values: {
      marker: markerIn(row) ?? "",
      summary: row.summary,
      details,
      team: row.team,
      status: row.status_id,
      ...(said === undefined ? {} : { result: said }),
      ...statuses,
    },
  };
}

export const ticket = define<TicketInputs, Outputs, TicketClient, { type: string; done: string; parked: string }>({
  type: "halo:Ticket",
  system: "halo",
  noun: "ticket",
  about: "thing",
  key: ({ person, step }) => `${person}/${step}`,
  label: ({ summary }) => summary,
  wave: ({ step }) => (step === "open" ? "tickets opened" : "tickets told"),
  access: {
    person: neither,
    called: neither,
    step: neither,
    once: neither,
    marker: neither,
    type: neither,
    statuses: neither,
    team: neither,
    summary: neither,
    details: neither,
    client: neither,
    site: neither,
    user: neither,
    reasons: neither,
  },
  inputs: ticketInputs,
  outputs,
  recorded: true,
  // A ticket tells of the work; it never stops it, and its result is told whatever has failed.
  gate: () => "always",
  client: haloClient,
  /** haloform's open tickets, by the names of their type and of the statuses of those that are done and parked. */
  async list(client, { type, done, parked }) {
    const held = await statusId(client, parked);
    return (await openTickets(client, type, done)).map((row) => liveTicket(row, { parked: row.status_id === held }));
  },
  find: (all, inputs) => {
    const found = all.filter((each) => each.values["marker"] === inputs.marker);
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view: ({ values }, managed) => ({
    ...managed,
    summary: String(values["summary"] ?? ""),
    details: String(values["details"] ?? ""),
    ...(managed.team === undefined ? {} : { team: same(String(values["team"]), managed.team) ? managed.team : String(values["team"]) }),
  }),
  create: act,
  async update(client, _live, inputs, _was, context) {
    return (await act(client, inputs, context)).outputs;
  },
  async get(client, id) {
    const row = await readTicket(client, id);
    return row && liveTicket(row);
  },
  computed: (live) => ({ ticket: live.id }),
});

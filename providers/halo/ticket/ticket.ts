/**
 * halo:Ticket: an act of a ticket for a person's change. `open` makes it before the change (or finds the open one of that person
 * and brings it up to date); `result` comes after everything else and closes it, or says what keeps it open. docs/decisions/0030.
 */

import { z } from "zod";
import { PendingError, RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { note } from "../../../base/notes.ts";
import { same } from "../../../base/text.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { once } from "../../../clients/http/once.ts";
import { noAccess } from "../../core/access.ts";
import { define, type Live, type Made, type RunContext } from "../../core/definition.ts";
import { only, textOf } from "../named.ts";
import { type Candidate, candidateRows, changeRecord, findOrMake, getter, type HaloLists, type Kind } from "../record.ts";
import { detailsIn, detailsWith, markerIn, openTickets, readTicket, statusId, type TicketRow, typeId } from "./rows.ts";

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
  /** Made without Halo's rules; left out: they run. */
  rules: z.literal("skip").exactOptional(),
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

/** What a ticket is to hold: all of it when it is opened, its end when it is told. */
interface Wish {
  inputs: TicketInputs;
  summary: string;
  details: string;
  /** The status of a new one. */
  opening: number;
  /** The status that one is brought to which is there; undefined: it keeps its own. */
  status(row: TicketRow): number | undefined;
}

/** Open tickets as this process knows them: read once, then kept up with what it does itself. */
const known = once((halo: HaloLists, type: string, done: string) => openTickets(halo, type, done, candidateRows));
const opened = (halo: HaloLists, { type, statuses }: TicketInputs, again = false): Promise<TicketRow[]> =>
  (again ? known.again : known)(halo, type, statuses.done);

/** The open ones with the marker. */
const marked = async (halo: HaloLists, inputs: TicketInputs, again = false): Promise<TicketRow[]> =>
  (await opened(halo, inputs, again)).filter((row) => markerIn(row) === inputs.marker);

const kind: Kind<Wish, TicketRow> = {
  path: "Tickets",
  noun: "ticket",
  called: ({ inputs }) => called(inputs),
  line: ({ inputs }) => inputs.marker,
  candidates: (halo, { inputs }, again) => marked(halo, inputs, again),
  read: readTicket,
  /**
   * A new ticket is asked for with its team and status; one that is there keeps what Halo's rules and workflow made of them: a ministry's
   * recorded answer names the rule that matched, the team it chose and the step of the workflow, all within the one POST (halo-real 1.6).
   */
  change(_halo, row, { inputs, summary, details, opening, status }) {
    if (row && markerIn(row) !== inputs.marker)
      throw new RefusedError(
        `Could not open ${called(inputs)}: Halo said yes, but ticket ${row.id} does not hold haloform's mark; the Halo application needs the scope edit:tickets, and its agent the rights`,
        "not-stored",
      );
    const plain = (text: string | undefined): string => (text ?? "").replaceAll("\r\n", "\n").trim();
    if (!row) return { summary, details, status_id: opening, ...(inputs.team === undefined ? {} : { team: inputs.team }) };
    const wanted = status(row);
    return {
      ...(plain(row.summary) === plain(summary) ? {} : { summary }),
      ...(plain(row.details) === plain(details) ? {} : { details }),
      ...(wanted === undefined || row.status_id === wanted ? {} : { status_id: wanted }),
    };
  },
  fresh: async (halo, { inputs }) => ({
    tickettype_id: await typeId(halo, inputs.type),
    client_id: inputs.client,
    ...(inputs.site === undefined ? {} : { site_id: inputs.site }),
    ...(inputs.user === undefined ? {} : { user_id: inputs.user }),
    third_party_id_string: inputs.marker,
    donotapplytemplateintheapi: true,
    // What Halo does where it is left out is not recorded: it is always said.
    dont_do_rules: inputs.rules === "skip",
  }),
  several: (found, { inputs }) => several(found, inputs),
  unseen: ({ inputs }) =>
    `Could not open ${called(inputs)}: Halo said yes, but there is none; the Halo application needs the scope edit:tickets, and its agent the rights`,
  advice: (_wish, _missing, id) => ` of ticket ${id}; check its workflow and the rights of the Halo application's agent`,
};

const statusOf = (halo: HaloLists, { statuses, type }: TicketInputs, which: keyof TicketInputs["statuses"]): Promise<number> =>
  statusId(halo, statuses[which], type);

/** What rules or the workflow made of a new ticket stays, and is told. */
function tellRouted(row: TicketRow, inputs: TicketInputs, opening: number): void {
  const routed = [
    ...(inputs.team === undefined || same(row.team, inputs.team) ? [] : [`the team "${row.team}" instead of "${inputs.team}"`]),
    ...(row.status_id === opening ? [] : [`another status than "${inputs.statuses.open}"`]),
  ];
  if (routed.length > 0)
    note(`Halo gave ticket ${row.id}, ${called(inputs)}, ${routed.join(" and ")} by its rules or workflow: that stays`);
}

/** Two are refused rather than guessed between. */
const several = (found: readonly Candidate[], inputs: TicketInputs): string =>
  `Could not write ${called(inputs)}: Halo has ${found.length} open ones (${found.map((row) => row.id).join(", ")}); close all but one`;

/** Makes the ticket, or finds the open one of the marker and brings it up to date. */
export async function open(halo: HaloLists, inputs: TicketInputs): Promise<Made<Outputs>> {
  const [opening, held] = [await statusOf(halo, inputs, "open"), await statusOf(halo, inputs, "parked")];
  const wish: Wish = {
    inputs,
    summary: inputs.summary,
    details: detailsWith(inputs.details, undefined, inputs.marker),
    opening,
    // One that was parked goes on; any other status is what Halo or its people made of it.
    status: (row) => (row.status_id === held ? opening : undefined),
  };
  const { id, made } = await findOrMake(halo, kind, wish);
  const row = await changeRecord(halo, kind, id, made ? { ...wish, status: () => undefined } : wish, made);
  if (made) tellRouted(row, inputs, opening);
  const all = await opened(halo, inputs);
  if (!all.some((each) => each.id === row.id)) all.push(row);
  return { id, outputs: { ticket: id }, said: `${made ? "opened ticket" : "ticket"} ${id}` };
}

/** Closes the ticket, or says in it what keeps it open. */
export async function result(
  halo: HaloLists,
  inputs: TicketInputs,
  context: Pick<RunContext, "failed" | "waiting">,
): Promise<Made<Outputs>> {
  const found = await marked(halo, inputs);
  if (found.length > 1) throw new RefusedError(several(found, inputs), "ambiguous");
  const [row] = found;
  // Never recorded as done: it was not opened, and the next run may open it.
  if (!row)
    throw new PendingError(
      `${called(inputs)} is not open: it could not be opened, or somebody has closed it; the next run opens one where something is left to do`,
    );
  const failure = context.failed?.(inputs.person);
  const failed = failure === undefined ? inputs.reasons : [...inputs.reasons, failure];
  const waits = context.waiting?.(inputs.person);
  const end = failed.length > 0 ? "parked" : waits === undefined ? "done" : "open";
  const words = failed.length > 0 ? `parked: ${failed.join("; ")}` : waits === undefined ? "done" : `waiting: ${waits}`;
  const id = String(row.id);
  const [wanted, held] = [await statusOf(halo, inputs, end), await statusOf(halo, inputs, "parked")];
  const told = changeRecord(halo, kind, id, {
    inputs,
    summary: row.summary,
    details: detailsWith(detailsIn(row.details).details, words, inputs.marker),
    opening: wanted,
    // One that only waits keeps the status that Halo gave it, unless it was parked before.
    status: (now) => (end === "open" && now.status_id !== held ? undefined : wanted),
  });
  await told.catch((error: unknown) => {
    // Its details say why it waits; a status that the workflow does not let it have says no more.
    if (end === "done" || !(error instanceof RefusedError && error.code === "not-stored")) throw error;
    note(error.message);
  });
  if (end !== "done") throw new PendingError(`ticket ${id} stays open (${words}); the next run goes on with it`);
  // A closed one is nobody's open ticket any more.
  const all = await opened(halo, inputs);
  all.splice(0, all.length, ...all.filter((each) => each.id !== row.id));
  return { id, outputs: { ticket: id }, said: `closed ticket ${id}` };
}

const act = (halo: HaloLists, inputs: TicketInputs, context: RunContext): Promise<Made<Outputs>> =>
  inputs.step === "open" ? open(halo, inputs) : result(halo, inputs, context);

function liveTicket(row: TicketRow, statuses: Values = {}): Live {
  const { details, result: said } = detailsIn(row.details);
  return {
    id: String(row.id),
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

export const ticket = define<TicketInputs, Outputs, HaloLists, { type: string; done: string; parked: string }>({
  type: "halo:Ticket",
  system: "halo",
  noun: "ticket",
  about: "thing",
  key: ({ person, step }) => `${person}/${step}`,
  label: ({ summary }) => summary,
  wave: ({ step }) => (step === "open" ? "tickets opened" : "tickets told"),
  access: noAccess(ticketInputs),
  inputs: ticketInputs,
  outputs,
  recorded: true,
  // A ticket tells of the work; it never stops it, and its result is told whatever has failed.
  gate: () => "always",
  client: haloClient,
  /** haloform's open tickets, by the names of their type and of the statuses of those that are done and parked. */
  async list(client, { type, done, parked }) {
    const held = await statusId(client, parked, type);
    return (await openTickets(client, type, done)).map((row) => liveTicket(row, { parked: row.status_id === held }));
  },
  find: (all, { marker }) => only(all.filter((each) => each.values["marker"] === marker))?.id,
  view: ({ values }, managed) => ({
    ...managed,
    summary: textOf(values, "summary"),
    details: textOf(values, "details"),
  }),
  create: act,
  async update(client, _live, inputs, _was, context) {
    return (await act(client, inputs, context)).outputs;
  },
  get: getter(readTicket, (row) => liveTicket(row)),
  computed: (live) => ({ ticket: live.id }),
});

/** What tickets can be, before anything is configured: types, statuses by kind, priorities and fields, as Halo keeps them. */
import { z } from "zod";
import { oneLine, RefusedError } from "../../base/errors.ts";
import { rowsOf } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { integer, optionalFlag, optionalNumber, optionalText, text } from "../../clients/halo/decode.ts";
import { TICKET_FIELDS } from "../../mappings/language/feeds.ts";

export interface TicketSchema {
  /** `group`: under which Halo lists it; `use`: ticket, project, opportunity …, where Halo says. */
  types: { id: number; name: string; group: string; use: string }[];
  /** Of statuses there are several kinds (of tickets, quotes, orders …), which may share names. `ticket`, else Halo's number: `kind 3`. */
  statuses: { kind: string; id: number; name: string }[];
  /** Each service level has its own: `sla` is that one's number. */
  priorities: { id: number; name: string; sla: number; hidden: boolean }[];
  /** Fields of every ticket, and the custom ones by the name that conditions use. `kind`: text, one of, several of, date … */
  fields: { name: string; label: string; kind: string; values: string[] }[];
  /** What could not be read, and why. */
  unread: string[];
}

/** `type` of a custom field (recorded answers of real instances). */
const fieldKinds: { readonly [type: number]: string } = { 0: "text", 1: "long text", 2: "one of", 3: "several of", 4: "date", 10: "HTML" };
/** `typeid` of custom fields of tickets. */
const ofTickets = 1;

const typeRow = z.looseObject({ id: integer, name: text, group_name: optionalText, use: optionalText });
/** `type`: a word or a number; recorded is only that it is there. */
const statusRow = z.looseObject({ id: integer, name: text, type: z.union([integer, text]).nullish() });
const priorityRow = z.looseObject({ priorityid: optionalNumber, name: optionalText, slaid: optionalNumber, ishidden: optionalFlag });
const option = z.object({ name: text });
const fieldRow = z.looseObject({
  name: text,
  label: optionalText,
  type: integer.nullish().catch(undefined),
  values: z.unknown().optional(),
});

/** Five calls. What Halo refuses is named, and the rest is told. */
export async function readTicketSchema(client: Pick<HaloClient, "rows">): Promise<TicketSchema> {
  const unread: string[] = [];
  const read = async <T>(
    what: string,
    schema: z.ZodType<T>,
    path: string,
    params: Record<string, string | number | boolean>,
  ): Promise<T[]> => {
    try {
      return rowsOf(schema, await client.rows(path, params), `Halo's ${what}`, (line) => unread.push(line));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      unread.push(`${what}: ${oneLine(error.message)}`);
      return [];
    }
  };
  const types = await read("ticket types", typeRow, "TicketType", { showall: true, showinactive: true });
  const every = await read("statuses", statusRow, "Status", { showall: true });
  const own = every.length === 0 ? [] : await read("statuses of tickets", statusRow, "Status", { showall: true, type: "ticket" });
  const priorities = await read("priorities", priorityRow, "Priority", {});
  const custom = await read("custom fields of tickets", fieldRow, "FieldInfo", { typeid: ofTickets, includevalues: true });
  const ofTicket = new Set(own.map(({ id }) => id));
  return {
    types: types.map(({ id, name, group_name: group, use }) => ({ id, name, group, use })).sort(byName),
    statuses: every
      .map(({ id, name, type }) => ({
        kind: ofTicket.has(id) || type === undefined || type === null ? "ticket" : `kind ${type}`,
        id,
        name,
      }))
      .sort((a, b) => Number(b.kind === "ticket") - Number(a.kind === "ticket") || byKind(a, b) || byName(a, b)),
    priorities: priorities
      .map(({ priorityid: id, name, slaid: sla, ishidden: hidden }) => ({ id, name, sla, hidden }))
      .sort((a, b) => a.sla - b.sla || a.id - b.id),
    fields: [
      ...TICKET_FIELDS.map((name) => ({ name, label: "", kind: "of every ticket", values: [] })),
      ...custom
        .map(({ name, label, type, values }) => ({
          name: `custom.${name}`,
          label,
          kind: typeof type === "number" ? (fieldKinds[type] ?? `type ${type}`) : "",
          values: rowsOf(option, Array.isArray(values) ? values : [], `the options of ${name}`, (line) => unread.push(line)).map(
            (one) => one.name,
          ),
        }))
        .sort(byName),
    ],
    unread,
  };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const byKind = (a: { kind: string }, b: { kind: string }): number => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);

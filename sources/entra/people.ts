/** People from Entra ID (`people.source: entra.users`): members, and guests where they are asked for, as flat records. */

import { z } from "zod";
import type { Json } from "../../base/json.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { segment } from "../../clients/graph/odata.ts";
import { LEAVE_DATE, selectFor } from "../../mappings/language/entra-fields.ts";
import type { AskOne, ReadReport, SourceAnswers, SourceRecord } from "../record.ts";
import { type GraphLists, type GroupNeed, groupsOf } from "./groups.ts";
import { asksManager, type EntraPeople, type EntraRow, entraRows, recordsOf } from "./rows.ts";

export interface EntraNeed extends GroupNeed {
  /** Fields that the mapping uses: only they are asked for; `manager` costs a wider answer, `groups` one or two calls a group. */
  fields: readonly string[];
  /** Every field that needs no permission of its own, whatever the mapping uses. */
  every?: boolean;
  /** Guests too. */
  external: boolean;
}

export interface EntraRead {
  records: SourceRecord[];
  read: ReadReport;
  answers: SourceAnswers;
}

/** What is asked of a user. */
export function askedOf({ fields, every = false }: EntraNeed): { select: string[]; expand?: string } {
  const select = selectFor(fields, every);
  return every || asksManager(fields) ? { select, expand: "manager($select=id)" } : { select };
}

/** A read of everything, before it is made into records. */
export interface WholeRead extends EntraPeople {
  doubts: string[];
  pages: number;
  /** The first rows as they came. */
  first: Json[];
}

/**
 * Everybody: ⌈N/999⌉ calls, and two or more for each group of the mapping (found by its exact name, then its direct members).
 * A row that is not understood (no id, no accountEnabled, a property of another kind) makes the read incomplete: nobody is taken for a leaver because of it.
 * @throws ConfigurationError for a group that does not exist or is there twice; the client's errors where Graph cannot be read.
 */
export async function readWhole(graph: GraphLists, need: EntraNeed): Promise<WholeRead> {
  const doubts: string[] = [];
  const { select, ...expand } = askedOf(need);
  const what = `read people from Entra ID${select.includes(LEAVE_DATE) ? ` (${LEAVE_DATE} needs User-LifeCycleInfo.Read.All beside User.Read.All)` : ""}`;
  const [rows, groups] = await Promise.all([graph.list("/users", select, { ...expand, what }), groupsOf(graph, need, doubts)]);
  const understood = entraRows(rows, (line) => doubts.push(line));
  const users = new Map<string, EntraRow>();
  // A page boundary that moved while it was read gives a row again; the same row twice says nothing new.
  for (const one of understood) if (!users.has(one.id)) users.set(one.id, one);
  const twice = understood.length - users.size;
  if (twice > 0) doubts.push(`Graph gave ${twice} ${twice === 1 ? "user" : "users"} twice`);
  return { users, groups, doubts, pages: Math.max(1, Math.ceil(rows.length / 999)), first: rows.slice(0, 3) as Json[] };
}

/** What was read, as every source gives it. */
export function reportOf({ doubts, pages, first, ...people }: WholeRead, need: EntraNeed): EntraRead {
  const fields = need.every ? [...need.fields, "managers"] : need.fields;
  return {
    records: recordsOf(people, { ...need, fields }),
    read: { recordCount: undefined, rows: people.users.size, pages, complete: doubts.length === 0, doubts },
    answers: [{ endpoint: "/users", answers: [first] }],
  };
}

/** Reads everything and makes records of it. Throws as `readWhole`. */
export async function readEntraPeople(graph: GraphLists, need: EntraNeed): Promise<EntraRead> {
  return reportOf(await readWhole(graph, need), need);
}

/** Asks for one user. Who is a guest now is none of the people, where guests are not asked for. */
export function askEntraUser(graph: Pick<EntraClient, "get">, external: boolean): AskOne {
  return async (id) => {
    const found = await graph.get(`/users/${segment(id)}`, ["id", "userType"], `look for the user ${id}`);
    if (found === undefined) return "gone";
    return !external && z.object({ userType: z.string().nullish() }).safeParse(found).data?.userType === "Guest" ? "gone" : "there";
  };
}

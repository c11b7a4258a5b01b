/** What Halo says of people besides their records: devices, software, tickets. Each feed is doubted by itself. */

import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { FEED_FIELDS } from "../../mappings/language/feed-tests.ts";
import type { Feed, FeedNeed } from "../../mappings/language/feeds.ts";
import type { SourceRecord } from "../record.ts";
import { assetsByPerson, readAssets } from "./assets.ts";
import { Found, ownersOf } from "./owners.ts";
import { readSoftware } from "./software.ts";
import { readTickets, type Ticket } from "./tickets.ts";

/** How the read of a feed went, for the trust gate. */
export interface FeedReport {
  /** Assets, links of licences, tickets in a wanted status. */
  count: number;
  doubts: string[];
  /** The same by type or licence. */
  parts?: { [part: string]: number } | undefined;
  /** Fields that mappings name → rows with a value. */
  filled?: { [field: string]: number } | undefined;
}

/** What is counted of a feed beside its rows. */
const countsOf = (parts: readonly string[], rows: readonly { [field: string]: Json }[], fields: readonly string[]) => ({
  parts: Object.fromEntries([...Map.groupBy(parts, (part) => part)].map(([part, all]) => [part, all.length])),
  filled: Object.fromEntries(fields.map((field) => [field, rows.filter((row) => row[field] !== undefined && row[field] !== "").length])),
});

export interface Feeds {
  reports: { [feed in Feed]?: FeedReport };
  tickets: Ticket[];
  notes: string[];
}

/** Reads what is asked, and gives each record what is found for it. A feed that cannot be read is doubted; the others go on. `key`: people.key. */
export async function readFeeds(
  client: Pick<HaloClient, "list" | "rows" | "get">,
  need: FeedNeed,
  records: readonly SourceRecord[],
  key?: string,
): Promise<{ records: SourceRecord[]; feeds: Feeds }> {
  const owners = ownersOf(records, key);
  const feeds: Feeds = { reports: {}, tickets: [], notes: [] };
  const found: { [feed in Feed]?: Found } = {};
  const read = async (feed: Feed, work: () => Promise<FeedReport & { found: Found }>): Promise<void> => {
    try {
      const { found: rows, ...report } = await work();
      found[feed] = rows;
      feeds.reports[feed] = { ...report, doubts: report.doubts.map(oneLine) };
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
      feeds.reports[feed] = { count: 0, doubts: [`Halo's ${feed} could not be read (${oneLine(error.message)})`] };
    }
  };
  if (need.assets.types.length > 0)
    await read("assets", async () => {
      const assets = await readAssets(client, need.assets.types, need.assets.fields, owners);
      feeds.notes.push(...assets.notes);
      const rows = assets.assets.map(({ fields }) => fields);
      const counts = countsOf(
        rows.map((row) => String(row["type"])),
        rows,
        need.assets.fields,
      );
      return { found: assetsByPerson(assets, owners), count: rows.length, doubts: assets.doubts, ...counts };
    });
  if (need.software.length > 0)
    await read("software", async () => {
      const { links, doubts } = await readSoftware(client, need.software);
      const rows = new Found();
      for (const { name, user } of links) rows.add(owners.of(user), { name });
      return {
        found: rows,
        count: links.length,
        doubts,
        ...countsOf(
          links.map(({ name }) => name),
          [],
          [],
        ),
      };
    });
  if (need.tickets.length > 0)
    await read("tickets", async () => {
      const { tickets, doubts, notes } = await readTickets(client, need);
      feeds.notes.push(...notes);
      feeds.tickets = tickets;
      const rows = new Found();
      for (const { id, type, status, fields } of tickets)
        for (const by of ["user_id", ...need.ticketFields.filter((field) => field !== "user_id")])
          rows.add(by === "user_id" ? owners.of(fields[by]) : owners.named(fields[by]), { ...fields, id, type, status, by });
      const fields = tickets.map((ticket) => ticket.fields);
      return { found: rows, count: tickets.length, doubts, ...countsOf([], fields, need.ticketFields) };
    });
  return { records: records.map((record, index) => withFound(record, found, index)), feeds };
}

/** The record itself where nothing was found. */
function withFound(record: SourceRecord, found: { [feed in Feed]?: Found }, index: number): SourceRecord {
  const fields: SourceRecord["fields"] = {};
  for (const feed of ["assets", "software", "tickets"] as const) {
    const rows: Json[] | undefined = found[feed]?.rows.get(index);
    if (rows) fields[FEED_FIELDS[feed]] = rows;
  }
  return Object.keys(fields).length === 0 ? record : { ...record, fields: { ...record.fields, ...fields } };
}

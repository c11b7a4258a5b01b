/** Whether somebody has a device, a licence or a ticket that a condition asks for. Pure; the clock is an argument. */
import { readDate } from "../../base/dates.ts";
import type { Json } from "../../base/json.ts";
import { same } from "../../base/text.ts";
import { isEmpty } from "./empty.ts";
import type { AssetAsk, TicketAsk } from "./feed-words.ts";
import { type Feed, listOf, TICKET_WORDS } from "./feeds.ts";

/** Fields of a record that hold what the feeds say; no template can name them. */
export const FEED_FIELDS = { assets: "halo:assets", software: "halo:software", tickets: "halo:tickets", doubted: "halo:doubted" } as const;

type Fields = { readonly [field: string]: Json };
type Passes = (value: Json | undefined, wanted: unknown) => boolean;

const rowsOf = (fields: Fields, name: string): { [field: string]: Json }[] => {
  const rows = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return Array.isArray(rows)
    ? (rows.filter((row) => typeof row === "object" && row !== null && !Array.isArray(row)) as { [field: string]: Json }[])
    : [];
};

const own = (row: { [field: string]: Json }, name: string): Json | undefined => {
  if (Object.hasOwn(row, name)) return row[name];
  const key = Object.keys(row).find((one) => same(one, name));
  return key === undefined ? undefined : row[key];
};

/** Whether the read of a feed was doubted: then nothing it does not say is believed. */
export function isDoubted(fields: Fields, feed: Feed): boolean {
  const list = fields[FEED_FIELDS.doubted];
  return Array.isArray(list) && list.includes(feed);
}

/** The first day that a date names, as `2026-12-31`; undefined for what is none. */
export function dayOf(value: Json | undefined): string | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  const found = readDate(text);
  if (found === undefined || found === "none") return undefined;
  // The day that stands there, whatever the zone; what never comes is a day too, and the last one.
  const [, year = "", month = "", day = ""] = /^(\d{4})-?(\d\d)-?(\d\d)/u.exec(text) ?? [];
  return Number(year) > 1900 ? `${year}-${month}-${day}` : undefined;
}

/** Whether today (UTC) is from the first to the last day, both included. `endless`: whether no last day means no end. */
export function isWithin(
  row: { [field: string]: Json },
  { starts, ends }: { starts?: string | undefined; ends?: string | undefined },
  now: Date | undefined,
  endless: boolean,
): boolean {
  const today = now?.toISOString().slice(0, 10);
  if (starts === undefined && ends === undefined) return true;
  if (today === undefined) return false;
  if (starts !== undefined) {
    const value = own(row, starts);
    const first = dayOf(value);
    // A date that cannot be read must not open a door earlier than it should.
    if (first === undefined ? !isBlank(value) : today < first) return false;
  }
  if (ends === undefined) return true;
  const value = own(row, ends);
  const last = dayOf(value);
  return last === undefined ? endless && isBlank(value) : today <= last;
}

const isBlank = (value: Json | undefined): boolean => isEmpty(value) || (typeof value === "string" && readDate(value) === "none");

export function hasAsset(fields: Fields, wanted: string | string[] | AssetAsk, passes: Passes): boolean {
  const ask: AssetAsk = typeof wanted === "string" || Array.isArray(wanted) ? { type: wanted } : wanted;
  return rowsOf(fields, FEED_FIELDS.assets).some((row) =>
    Object.entries(ask).every(([field, test]) => test === undefined || passes(own(row, field), test)),
  );
}

export function hasSoftware(fields: Fields, wanted: string | string[], passes: Passes): boolean {
  return rowsOf(fields, FEED_FIELDS.software).some((row) => passes(row["name"], listOf(wanted)));
}

export function hasTicket(fields: Fields, wanted: TicketAsk, now: Date | undefined, passes: Passes): boolean {
  return rowsOf(fields, FEED_FIELDS.tickets).some(
    (row) =>
      row["by"] === (wanted.person ?? "user_id") &&
      passes(row["type"], wanted.type) &&
      passes(row["status"], wanted.status) &&
      isWithin(row, wanted, now, false) &&
      Object.entries(wanted).every(([field, test]) => TICKET_WORDS.has(field) || test === undefined || passes(own(row, field), test)),
  );
}

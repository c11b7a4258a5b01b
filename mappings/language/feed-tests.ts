/** Whether somebody has a device, a licence or a ticket that a condition asks for. Pure; the clock is an argument. */
import type { Json } from "../../base/json.ts";
import { same } from "../../base/text.ts";
import { dayOf, isNoDay } from "./days.ts";
import type { AssetAsk, TicketAsk } from "./feed-words.ts";
import { type Feed, listOf, TICKET_WORDS } from "./feeds.ts";

/** Fields of a record that hold what the feeds say; no template can name them. */
export const FEED_FIELDS = { assets: "halo:assets", software: "halo:software", tickets: "halo:tickets", doubted: "halo:doubted" } as const;

type Fields = { readonly [field: string]: Json };
/** undefined: not known, as something is no day that should be one. */
type Told = boolean | undefined;
type Passes = (value: Json | undefined, wanted: unknown) => Told;

/** Of what is told one after the other: whether all of it is so; one that is not decides, whatever is not known. */
export function all(told: Iterable<Told>): Told {
  let isKnown = true;
  for (const one of told)
    if (one === false) return false;
    else isKnown &&= one !== undefined;
  return isKnown || undefined;
}

/** Whether any of it is so: one that is decides, whatever is not known. */
export function any(told: Iterable<Told>): Told {
  let isKnown = true;
  for (const one of told)
    if (one === true) return true;
    else isKnown &&= one !== undefined;
  return isKnown ? false : undefined;
}

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
export function isDoubted(fields: Fields, feed: Feed | "devices"): boolean {
  const list = fields[FEED_FIELDS.doubted];
  return Array.isArray(list) && list.includes(feed);
}

/** Whether today is from the first to the last day, both included. `endless`: whether no last day means no end. */
export function isWithin(
  row: { [field: string]: Json },
  { starts, ends }: { starts?: string | undefined; ends?: string | undefined },
  { today, zone }: { today?: string | undefined; zone?: string | undefined },
  endless: boolean,
): Told {
  const told = (field: string | undefined, without: boolean, fits: (day: string, now: string) => boolean): Told => {
    if (field === undefined) return true;
    const value = own(row, field);
    if (isNoDay(value)) return without;
    const day = dayOf(value, zone);
    return day === undefined || today === undefined ? undefined : fits(day, today);
  };
  return all([told(starts, true, (day, now) => now >= day), told(ends, endless, (day, now) => now <= day)]);
}

/** What a record's assets or tickets of these types hold in these fields that is no day. */
export function noDaysOf(fields: Fields, { feed, types, fields: asked }: { feed: Feed; types: string[]; fields: string[] }) {
  const rows = rowsOf(fields, FEED_FIELDS[feed]).filter((row) => types.some((type) => same(String(row["type"]), type)));
  return rows.flatMap((row) => noDaysIn(row, asked));
}

/** Fields of an asset or a ticket that hold something, and no day. */
export function noDaysIn(row: { [field: string]: Json }, fields: readonly (string | undefined)[]): { field: string; value: Json }[] {
  return fields.flatMap((field) => {
    const value = field === undefined ? undefined : own(row, field);
    return field === undefined || value === undefined || isNoDay(value) || dayOf(value) !== undefined ? [] : [{ field, value }];
  });
}

export function hasAsset(fields: Fields, wanted: string | string[] | AssetAsk, passes: Passes): Told {
  const ask: AssetAsk = typeof wanted === "string" || Array.isArray(wanted) ? { type: wanted } : wanted;
  return any(
    rowsOf(fields, FEED_FIELDS.assets).map((row) =>
      all(Object.entries(ask).map(([field, test]) => test === undefined || passes(own(row, field), test))),
    ),
  );
}

export function hasSoftware(fields: Fields, wanted: string | string[], passes: Passes): Told {
  return any(rowsOf(fields, FEED_FIELDS.software).map((row) => passes(row["name"], listOf(wanted))));
}

export function hasTicket(fields: Fields, wanted: TicketAsk, now: { today?: string; zone?: string }, passes: Passes): Told {
  return any(
    rowsOf(fields, FEED_FIELDS.tickets).map((row) =>
      all([
        row["by"] === (wanted.person ?? "user_id"),
        passes(row["type"], wanted.type),
        passes(row["status"], wanted.status),
        isWithin(row, wanted, now, false),
        ...Object.entries(wanted).map(([field, test]) => TICKET_WORDS.has(field) || test === undefined || passes(own(row, field), test)),
      ]),
    ),
  );
}

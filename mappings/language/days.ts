/** Days in mapping files and records, and which day it is: for conditions (`{ before: today }`) and people's first and last days. Pure. */
import { readDate } from "../../base/dates.ts";
import type { Json } from "../../base/json.ts";
import { isEmpty } from "./empty.ts";

/** What a condition asks of a day; both hold where both stand there. */
export interface DayAsk {
  before?: string | undefined;
  after?: string | undefined;
}

export const isDayAsk = (wanted: unknown): wanted is DayAsk =>
  typeof wanted === "object" && wanted !== null && !Array.isArray(wanted) && ("before" in wanted || "after" in wanted);

const length = 24 * 60 * 60 * 1000;
/** So many days later. */
export const shifted = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * length).toISOString().slice(0, 10);

/** Today in a zone of IANA's, as `2026-12-31`. */
export function todayIn(now: Date, zone: string): string {
  // Swedish writes days as ISO 8601 does.
  return zone === "UTC"
    ? now.toISOString().slice(0, 10)
    : new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(now);
}

/** Whether there is such a zone. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^(?:UTC|[A-Za-z_]+\/[\w/+-]+)$/u.test(name);
  } catch {
    return false;
  }
}

/** `today`, `14 days ago`, `in 1 year`, `2027-01-04` → the day; undefined: none of these. */
export function dayMeant(text: string, today: string): string | undefined {
  const words = text.trim().toLowerCase();
  if (words === "today") return today;
  const [, future, count = "", unit = "", past] = /^(in )?(\d{1,4}) (day|year)s?( ago)?$/u.exec(words) ?? [];
  if (count !== "" && (future === undefined) !== (past === undefined))
    return shifted(today, Number(count) * (unit === "year" ? 365 : 1) * (past === undefined ? 1 : -1));
  return /^\d{4}-\d\d-\d\d$/u.test(words) ? dayOf(words) : undefined;
}

/**
 * The first day that a date names, as `2026-12-31`; undefined for what is none. A moment in UTC is of the day that it is in `zone`:
 * systems that keep moments write midnight in Oslo as 23:00Z of the day before. Midnight there is how a day is written, and the
 * last second of a day is how its end is: both are of the day that stands there.
 */
export function dayOf(value: Json | undefined, zone = "UTC"): string | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  const found = readDate(text);
  if (found === undefined || found === "none") return undefined;
  const isMoment = found !== "never" && !found.whole && /z$/iu.test(text) && !/[T ]?23:?59(?::?59(?:[.,]\d+)?)?\s*z$/iu.test(text);
  if (isMoment && zone !== "UTC") return todayIn(new Date(found.ms), zone);
  // The day that stands there, whatever the zone; what never comes is a day too, and the last one.
  const [, year = "", month = "", day = ""] = /^(\d{4})-?(\d\d)-?(\d\d)/u.exec(text) ?? [];
  return Number(year) > 1900 ? `${year}-${month}-${day}` : undefined;
}

/** Whether a value means that there is no day. */
export const isNoDay = (value: Json | undefined): boolean => isEmpty(value) || (typeof value === "string" && readDate(value) === "none");

/** Whether a value is a day as asked; nothing is neither before nor after. undefined: it holds something that is no day. */
export function passesDay(
  value: Json | undefined,
  { before, after }: DayAsk,
  today: string | undefined,
  zone?: string,
): boolean | undefined {
  if (isNoDay(value)) return false;
  const day = dayOf(value, zone);
  if (day === undefined || today === undefined) return undefined;
  const [end, start] = [before, after].map((text) => (text === undefined ? undefined : dayMeant(text, today)));
  if ((before !== undefined && end === undefined) || (after !== undefined && start === undefined)) return undefined;
  return (end === undefined || day < end) && (start === undefined || day > start);
}

/** A field's name, or a template, as a template. */
export const dayTemplate = (text: string): string => (/\{[{%]/u.test(text) ? text : `{{ ${text.trim()} }}`);

/** Fields of records that any condition asks a day of; those of devices, assets and tickets are none (feeds.ts). */
export function dayFieldsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) dayFieldsIn(one, found);
  else if (typeof value === "object" && value !== null)
    for (const [word, inner] of Object.entries(value)) {
      if (isDayAsk(inner)) found.add(word);
      else if (!/^has[A-Z]/u.test(word)) dayFieldsIn(inner, found);
    }
  return found;
}

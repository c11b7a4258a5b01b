/**
 * AD's two ways of writing a moment, and the one of mappings: a day (`2027-01-31`, the whole of it: until its end, UTC), a
 * moment (`2027-01-31T15:00:00Z`) or `never`.
 */

import { readDate } from "../../../base/dates.ts";

/** 100 ns from 1601 (FILETIME) to 1970. */
const epoch = 116_444_736_000_000_000n;
const perMs = 10_000n;
const day = 86_400_000;
/** The first moment that is told apart from 0, which means never. */
const first = Date.UTC(1601, 0, 2);
/** Both mean that an account never expires (win32 docs, a-accountexpires). */
const never: ReadonlySet<string> = new Set(["0", "9223372036854775807"]);
/** Of the years from 1633 on. */
const isFileTime = /^\d{17,19}$/u;

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/u, "Z");
}

/**
 * The canonical spelling of an expiry: `never`, a day, or a moment where it is no midnight. A FILETIME is taken as well, and what
 * vendors write where there is no date. Halo writes days as midnight without a zone: such a text is the day. Throws SyntaxError
 * with what was expected.
 */
export function canonicalDate(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.toLowerCase() === "never" || never.has(trimmed)) return "never";
  const found = readDate(trimmed);
  if (found === "none" || found === "never") return "never";
  // Of other numbers only a FILETIME is certain: a smaller one is days of a spreadsheet, seconds or an id.
  if (isFileTime.test(trimmed)) return fromFileTime(trimmed);
  const ms = found && (found.whole ? found.ms + day : found.ms);
  if (ms === undefined || ms < first)
    throw new SyntaxError(
      `expected a day such as 2027-01-31 or 20270131, a moment such as 2027-01-31T15:00:00Z or never, found ${quoted(text)}`,
    );
  return spelt(ms);
}

/**
 * The moment an account ends, in the spelling of mappings. A day that means "no date" in a mapping is none where AD holds it: that
 * account has expired, and its FILETIME says so.
 */
function spelt(ms: number): string {
  const text = ms % day === 0 ? iso(ms - day).slice(0, 10) : iso(ms);
  return typeof readDate(text) === "object" ? text : fileTimeOf(ms);
}

const fileTimeOf = (ms: number): string => String(BigInt(ms) * perMs + epoch);

/** The moment of a FILETIME; undefined: never. Throws SyntaxError for what is none. */
export function momentOf(text: string): Date | undefined {
  if (never.has(text)) return undefined;
  if (!/^\d{1,19}$/u.test(text)) throw new SyntaxError(`expected a FILETIME, found ${quoted(text)}`);
  const ms = Number((BigInt(text) - epoch) / perMs);
  // beyond what a calendar holds: AD takes the largest for never, and so does everybody who writes such a number
  return ms > Date.UTC(9999, 11, 31) ? undefined : new Date(ms);
}

/** A FILETIME → canonical. Throws SyntaxError for what is none. */
export function fromFileTime(text: string): string {
  const moment = momentOf(text);
  return moment === undefined ? "never" : spelt(Math.max(moment.getTime(), first));
}

/** A canonical expiry → FILETIME. `never` is 0, as AD's own console writes it. */
export function toFileTime(canonical: string): string {
  if (canonical === "" || canonical === "never") return "0";
  if (isFileTime.test(canonical)) return canonical;
  const found = readDate(canonical);
  if (typeof found !== "object") throw new SyntaxError(`expected a day or a moment, found ${quoted(canonical)}`);
  return fileTimeOf(found.whole ? found.ms + day : found.ms);
}

/** LDAP's generalised time (`20270131150000.0Z`) or an ISO time → `2027-01-31T15:00:00Z`; "" where it says that there is none. Throws SyntaxError. */
export function canonicalTime(text: string): string {
  const found = readDate(text);
  if (found === "none" || found === "never") return "";
  if (!found || found.ms < Date.UTC(1601, 0, 1))
    throw new SyntaxError(`expected a moment such as 2027-01-31T15:00:00Z, found ${quoted(text)}`);
  // AD keeps whole seconds
  return iso(Math.floor(found.ms / 1000) * 1000);
}

/** `2027-01-31T15:00:00Z` → `20270131150000.0Z`. */
export function toGeneralised(canonical: string): string {
  return `${canonical.replace(/[-:T]/gu, "").replace(/Z$/u, "")}.0Z`;
}

/** What was found, for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

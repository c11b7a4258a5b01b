/** Days and moments as sources write them, and what vendors write for "none" and "for ever". Pure. */

/** What a text says: a moment (`whole`: a day, which begins there), that there is no date, or no end. */
export type Dated = { ms: number; whole: boolean } | "none" | "never";

/**
 * What systems write where they mean that there is no date: the first day of .NET, of OLE and Excel (two ways of counting), of SQL
 * Server, of Unix. Not 1601-01-01: an account that AD holds as expired on that day is expired.
 */
const none: ReadonlySet<string> = new Set([
  ...["0000-00-00", "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-00", "1900-01-01", "1970-01-01"],
]);
/** The same for "for ever": the last day of most calendars, of Oracle's, of SQL Server's small dates, and what people type. */
const ever: ReadonlySet<string> = new Set(["2079-06-06", "2999-12-31", "4712-12-31"]);
/** Beyond it AD's own times mean never. */
const last = Date.UTC(9999, 11, 31);

const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}(?:\.(?:0+|\d{1,7}))?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/iu;
/** `20271231`, and the generalised time of LDAP: `20271231150000.0Z`. */
const compact = /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})(?:[.,](\d+))?(Z|[+-]\d{4})?)?$/iu;

/** undefined: no day and no moment in a spelling that is certain; `31/12/2027` and a spreadsheet's number of days are none. */
export function readDate(text: string): Dated | undefined {
  const short = compact.exec(text.trim());
  const [, year, month, day, hour, minute, second, part = "0", offset = ""] = short ?? [];
  const clock = hour === undefined ? "" : `T${hour}:${minute}:${second}.${part.slice(0, 3)}${offset}`;
  const [, date = "", time = "00:00", seconds = "00", zone] = written.exec(short ? `${year}-${month}-${day}${clock}` : text.trim()) ?? [];
  if (date === "") return undefined;
  if (none.has(date)) return "none";
  const start = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date) return undefined;
  // A number of eight digits is a day only where somebody may mean it: 10000101 is as likely an id.
  if (short && hour === undefined && !/^(?:19|2[01]|9999)/u.test(date)) return undefined;
  const ms = Date.parse(`${date}T${time}:${seconds}${(zone ?? "Z").toUpperCase().replace(/^([+-]\d{2})(\d{2})$/u, "$1:$2")}`);
  if (Number.isNaN(ms)) return undefined;
  if (ever.has(date) || date === "9999-12-31" || ms > last) return "never";
  // Midnight is how systems write a day, also with a zone: then it is that zone's day.
  return { ms: Math.trunc(ms), whole: time === "00:00" && Number(seconds) === 0 };
}

/** Forms of dates that no reader may guess: a mapping declares them (the filter `day`), and where a day ends (`endOfDay`). Pure. */
import { type Dated, readDate } from "./dates.ts";

const day = 86_400_000;
/** 1899-12-30: what Excel's days after February 1900 count from, as it takes that year for a leap year. */
const excel = Date.UTC(1899, 11, 30);
/** 100 ns from 1601 to 1970. */
const filetime = 116_444_736_000_000_000n;
/** Both mean never where AD writes them. */
const neverFiletime: ReadonlySet<string> = new Set(["0", "9223372036854775807"]);
const last = Date.UTC(9999, 11, 31);

type Reader = (text: string) => Dated | undefined;

const at = (ms: number): Dated => (ms >= last ? "never" : { ms: Math.trunc(ms), whole: ms % day === 0 });

const numbered: { readonly [form: string]: Reader } = {
  excel(text) {
    if (!/^\d{1,7}(?:[.,]\d+)?$/u.test(text)) return undefined;
    const days = Number(text.replace(",", "."));
    if (days < 2) return "none";
    // Seconds are what the fraction is exact to; before the day that never was, the count is one behind.
    return days > 2_958_465 ? undefined : at(excel + (days < 60 ? day : 0) + Math.round(days * 86_400) * 1000);
  },
  filetime(text) {
    if (neverFiletime.has(text)) return "never";
    return /^\d{17,19}$/u.test(text) ? at(Number((BigInt(text) - filetime) / 10_000n)) : undefined;
  },
  unix: (text) => (text === "0" ? "none" : /^\d{1,11}$/u.test(text) ? at(Number(text) * 1000) : undefined),
  unixMs: (text) => (text === "0" ? "none" : /^\d{1,14}$/u.test(text) ? at(Number(text)) : undefined),
};

const known = new Map<string, Reader | undefined>();

/** The reader of a form: `excel`, `filetime`, `unix`, `unixMs`, or a pattern such as `dd.mm.yyyy`; undefined: there is no such form. */
export function dateForm(form: string): Reader | undefined {
  if (!known.has(form)) known.set(form, Object.hasOwn(numbered, form) ? numbered[form] : patternOf(form));
  return known.get(form);
}

/** `dd/mm/yyyy`: each part once, whatever stands between; a time may follow, and counts where it is no midnight. */
function patternOf(form: string): Reader | undefined {
  const parts = form.toLowerCase().match(/yyyy|mm|dd/gu) ?? [];
  const between = form.replace(/yyyy|mm|dd/giu, "");
  if ([...parts].sort().join() !== "dd,mm,yyyy" || /[\p{L}\p{N}]/u.test(between)) return undefined;
  const source = form
    .toLowerCase()
    .replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&")
    .replace("yyyy", "(?<yyyy>\\d{4})")
    .replace("mm", "(?<mm>\\d{1,2})")
    .replace("dd", "(?<dd>\\d{1,2})");
  const pattern = new RegExp(`^${source}(?:[ T](?<time>\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?))?$`, "u");
  return (text) => {
    const { yyyy = "", mm = "", dd = "", time = "" } = pattern.exec(text)?.groups ?? {};
    return yyyy === "" ? undefined : readDate(`${yyyy}-${mm.padStart(2, "0")}-${dd.padStart(2, "0")}${time === "" ? "" : `T${time}`}`);
  };
}

/**
 * A date of a declared form ("": of none) as ISO: a day, or a moment where it has a time. What is certain without being declared is read too; what
 * is neither stays as it is, so that whatever takes a date refuses it by its value. `none`: days that mean that there is no date.
 */
export function dayAs(text: string, form: string, none: readonly string[] = []): string {
  const given = text.trim();
  if (given === "") return "";
  const read = dateForm(form);
  const isNone = none.some((one) => one.trim() === given);
  const found = isNone ? "none" : (read?.(given) ?? readDate(given));
  if (found === undefined) return given;
  // As readers of dates know them.
  if (found === "none") return "0001-01-01";
  if (found === "never") return "9999-12-31";
  const iso = new Date(found.ms).toISOString();
  return found.whole && iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso.replace(/\.000Z$/u, "Z");
}

/** Whether Node knows a time zone (`Europe/Copenhagen`). */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

/** How far a zone's clock is before UTC at a moment. */
function offsetAt(ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  });
  const {
    year = 0,
    month = 1,
    day = 1,
    hour = 0,
    minute = 0,
    second = 0,
  } = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** The end of a day in a zone, as a moment in UTC; a moment, and what is no date, stay as they are. */
export function endOfDay(text: string, zone: string): string {
  const found = readDate(text);
  if (typeof found !== "object" || !found.whole || !isZone(zone)) return text;
  const [, written = ""] = /^(\d{4}-?\d\d-?\d\d)/u.exec(text.trim()) ?? [];
  const start = readDate(written);
  if (typeof start !== "object") return text;
  const next = start.ms + day;
  const near = next - offsetAt(next, zone);
  return new Date(next - offsetAt(near, zone)).toISOString().replace(/\.000Z$/u, "Z");
}

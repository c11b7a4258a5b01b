/**
 * AD's two ways of writing a moment, and the one of mappings: a day (`2027-01-31`, the whole of it: until its end, UTC), a
 * moment (`2027-01-31T15:00:00Z`) or `never`.
 */

/** 100 ns from 1601 (FILETIME) to 1970. */
const epoch = 116_444_736_000_000_000n;
const perMs = 10_000n;
const day = 86_400_000;
/** The first moment that is told apart from 0, which means never. */
const first = Date.UTC(1601, 0, 2);
/** Both mean that an account never expires (win32 docs, a-accountexpires). */
const never: ReadonlySet<string> = new Set(["0", "9223372036854775807"]);

const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}(?:\.(?:0+|\d{1,7}))?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/u;

/** ms of a day or a moment in any of the spellings; undefined when it is neither. A day alone (`whole`) is its beginning. */
function parse(text: string): { ms: number; whole: boolean } | undefined {
  const [, date, time = "00:00", seconds = "00", zone] = written.exec(text) ?? [];
  const start = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date) return undefined;
  if (zone === undefined && time === "00:00" && Number(seconds) === 0) return { ms: start, whole: true };
  const ms = Date.parse(`${date}T${time}:${seconds}${(zone ?? "Z").replace(/^([+-]\d{2})(\d{2})$/u, "$1:$2")}`);
  return Number.isNaN(ms) ? undefined : { ms: Math.trunc(ms), whole: false };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/u, "Z");
}

/**
 * The canonical spelling of an expiry: `never`, a day, or a moment where it is no midnight. A FILETIME is taken as well.
 * Halo writes days as midnight without a zone: such a text is the day. Throws SyntaxError with what was expected.
 */
export function canonicalDate(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.toLowerCase() === "never") return "never";
  if (/^\d+$/u.test(trimmed)) return fromFileTime(trimmed);
  const found = parse(trimmed);
  const ms = found && (found.whole ? found.ms + day : found.ms);
  if (ms === undefined || ms < first)
    throw new SyntaxError(`expected a day such as 2027-01-31, a moment such as 2027-01-31T15:00:00Z or never, found ${quoted(text)}`);
  return spelt(ms);
}

/** The moment an account ends, in the spelling of mappings. */
function spelt(ms: number): string {
  return ms % day === 0 ? iso(ms - day).slice(0, 10) : iso(ms);
}

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
  const found = parse(canonical);
  if (!found) throw new SyntaxError(`expected a day or a moment, found ${quoted(canonical)}`);
  return String(BigInt(found.whole ? found.ms + day : found.ms) * perMs + epoch);
}

/** LDAP's generalised time (`20270131150000.0Z`) or an ISO time → `2027-01-31T15:00:00Z`. Throws SyntaxError. */
export function canonicalTime(text: string): string {
  const trimmed = text.trim();
  const ldap = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:[.,](\d+))?(Z|[+-]\d{4})$/u.exec(trimmed);
  const found = parse(
    ldap ? `${ldap[1]}-${ldap[2]}-${ldap[3]}T${ldap[4]}:${ldap[5]}:${ldap[6]}.${(ldap[7] ?? "0").slice(0, 3)}${ldap[8]}` : trimmed,
  );
  if (!found) throw new SyntaxError(`expected a moment such as 2027-01-31T15:00:00Z, found ${quoted(text)}`);
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

/**
 * logonHours in words: `Mon-Fri 07:00-19:00`, whole hours, UTC. AD keeps 21 octets, one bit an hour from Sunday 00:00 UTC, the
 * lowest bit of an octet first (win32 docs, a-logonhours; MS-SAMR 2.2.6.5). No value = any time.
 */

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const week = 168;
/** Where Monday begins in AD's week. */
const monday = 24;

/** A week, an hour each, from Monday 00:00 UTC. */
type Week = boolean[];

/** Lines in words → 21 octets; undefined = any time (also for no lines at all). Throws SyntaxError with what was expected. */
export function hoursToOctets(lines: readonly string[]): Buffer | undefined {
  const given = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (given.length === 0) return undefined;
  const open: Week = Array.from({ length: week }, () => false);
  for (const line of given) apply(line, open);
  if (open.every(Boolean)) return undefined;
  const octets = Buffer.alloc(week / 8);
  for (const [hour, is] of open.entries()) {
    const bit = (hour + monday) % week;
    if (is) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return octets;
}

/** 21 octets → canonical lines; [] = any time, ["never"] = at no time. Throws SyntaxError for another length. */
export function hoursFromOctets(octets: Uint8Array): string[] {
  if (octets.length !== week / 8) throw new SyntaxError(`expected 21 octets, found ${octets.length}`);
  const open: Week = Array.from({ length: week }, (_, hour) => {
    const bit = (hour + monday) % week;
    return ((octets[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  });
  if (open.every(Boolean)) return [];
  if (!open.some(Boolean)) return ["never"];
  const byRanges = new Map<string, number[]>();
  for (const day of days.keys()) {
    const ranges = rangesOf(open.slice(day * 24, day * 24 + 24));
    if (ranges !== "") byRanges.set(ranges, [...(byRanges.get(ranges) ?? []), day]);
  }
  return [...byRanges].map(([ranges, on]) => `${daysText(on)} ${ranges}`).sort();
}

/** Lines in any spelling → canonical lines. */
export function canonicalHours(lines: readonly string[]): string[] {
  const octets = hoursToOctets(lines);
  return octets === undefined ? [] : hoursFromOctets(octets);
}

/** Numbers in order → the first and the last of each run without a gap. */
function runsOf(numbers: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const one of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === one - 1) run[1] = one;
    else runs.push([one, one]);
  }
  return runs;
}

function rangesOf(hours: readonly boolean[]): string {
  const open = [...hours.keys()].filter((hour) => hours[hour]);
  return runsOf(open)
    .map(([first, last]) => `${clock(first)}-${clock(last + 1)}`)
    .join(",");
}

const clock = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

function daysText(on: readonly number[]): string {
  return runsOf(on)
    .flatMap(([first, last]) => (last - first >= 2 ? `${days[first]}-${days[last]}` : days.slice(first, last + 1)))
    .join(",");
}

function apply(line: string, open: Week): void {
  if (/^never$/iu.test(line)) return;
  if (/^always$/iu.test(line)) {
    open.fill(true);
    return;
  }
  const wrong = (): SyntaxError =>
    new SyntaxError(`expected hours such as "Mon-Fri 07:00-19:00" (UTC, whole hours), found ${JSON.stringify(line)}`);
  const found = /^(\S.*?)\s+(\d.*)$/u.exec(line);
  const on = found ? (found[1] ?? "").split(/\s*,\s*/u).flatMap((part) => daysOf(part) ?? [-1]) : [-1];
  if (!found || on.includes(-1)) throw wrong();
  for (const part of (found[2] ?? "").split(/\s*,\s*/u)) {
    const range = /^(\d{1,2})(?::00)?\s*-\s*(\d{1,2})(?::00)?$/u.exec(part.trim());
    const [from, until] = [Number(range?.[1]), Number(range?.[2])];
    if (!range || from > 23 || until > 24 || from === until) throw wrong();
    // 22:00-06:00 goes on into the next day
    const length = until > from ? until - from : until + 24 - from;
    for (const day of on) for (let hour = 0; hour < length; hour++) open[(day * 24 + from + hour) % week] = true;
  }
}

/** `Mon`, `Mon-Fri`, `Sat-Sun`, `daily`; runs may go over the end of the week. */
function daysOf(part: string): number[] | undefined {
  if (/^daily$/iu.test(part)) return [...days.keys()];
  const [first, last] = part
    .split(/\s*-\s*/u)
    .map((word) => days.findIndex((day) => word.toLowerCase().startsWith(day.toLowerCase()) && /^[a-z]+$/iu.test(word)));
  if (first === undefined || first < 0) return undefined;
  if (last === undefined) return part.includes("-") ? undefined : [first];
  if (last < 0 || part.split("-").length > 2) return undefined;
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);
}

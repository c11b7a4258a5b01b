/** Reading a paged list whole: pages of 100 until `record_count` rows are there, and whatever does not add up is said. */
import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import { asRow, integer, type Row, rowsIn } from "./decode.ts";

/** A paged read. Incomplete reads say why in `doubts`; they are never silently short. */
export interface HaloList {
  /** Every row once (by `id`), in the order they came. Rows without an id are kept. */
  rows: Row[];
  /** What Halo said there is; undefined when it did not say. */
  recordCount: number | undefined;
  pages: number;
  complete: boolean;
  doubts: string[];
}

/** Rows of a page: Halo's most. */
export const pageSize = 100;
/** Pages under way at the same time: one is on its way while another is made. More would only meet Halo's limit earlier. */
const abreast = 2;

/**
 * @param ask sends the request for one page, by its number from 1
 * @param told of each row once, in their order, while the next page is under way
 * @throws the first page's error, and UnreachableError where it holds no list; a later page that fails makes the read incomplete
 */
export async function readPages(
  path: string,
  key: string,
  ask: (page: number) => Promise<unknown>,
  told?: (row: Row) => void,
): Promise<HaloList> {
  const read: HaloList = { rows: [], recordCount: undefined, pages: 1, complete: true, doubts: [] };
  const seen = new Set<number>();
  let repeated = 0;
  let fullest = 0;
  /** Pages asked for in advance, as far as the count says that they exist. */
  const asked = new Map<number, Promise<unknown>>();
  for (; ; read.pages++) {
    const { pages: page, doubts } = read;
    const what = `page ${page} of /${path}`;
    let answer: unknown;
    try {
      answer = await (asked.get(page) ?? ask(page));
      asked.delete(page);
    } catch (error) {
      if (page === 1 || !(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
      doubts.push(`The read is incomplete: ${what} failed (${oneLine(error.message)})`);
      break;
    }
    const part = rowsIn(answer, path, key);
    if (!part) {
      if (page === 1)
        throw new UnreachableError(`GET /${path}: HaloITSM's answer has no list "${key}"; check that halo.resourceServer is a Halo API`);
      doubts.push(`The read is incomplete: ${what} has no list "${key}"`);
      break;
    }
    count(read, answer, path);
    // A page that is not full may be the last, whatever the count says.
    const last = part.length === pageSize ? Math.min(page + abreast, Math.ceil((read.recordCount ?? 0) / pageSize)) : page;
    for (let next = page + 1; next <= last; next++) {
      if (asked.has(next)) continue;
      const coming = ask(next);
      // Nobody may be waiting for it any more, where an earlier page ends the read.
      coming.catch(() => undefined);
      asked.set(next, coming);
    }
    const before = read.rows.length;
    repeated += add(part, read.rows, seen);
    if (told) for (const row of read.rows.slice(before)) told(row);
    fullest = Math.max(fullest, part.length);
    // Enough rows on a page that is not full is the end. A full page proves nothing (a count may be too low), so one more is asked for.
    // A count of 0 beside rows is none (recorded of /AssetGroup); a page of more than Halo's most is everything, as where pages are not known.
    const enough = read.recordCount !== undefined && read.recordCount > 0 && read.rows.length >= read.recordCount;
    const short = part.length < Math.max(fullest, pageSize) || part.length > pageSize;
    if (part.length === 0 || read.rows.length === before || (enough && short)) break;
  }
  const { rows, recordCount, doubts } = read;
  if (repeated > 0) doubts.push(`HaloITSM sent ${repeated} ${repeated === 1 ? "row" : "rows"} of /${path} twice`);
  if (recordCount === undefined) doubts.push(`HaloITSM does not say how many rows /${path} has, so that ${rows.length} cannot be checked`);
  else if (rows.length !== recordCount) doubts.push(`HaloITSM says /${path} has ${recordCount} rows but gave ${rows.length}`);
  return { ...read, complete: doubts.length === 0 };
}

/** Notes what a page says of how many rows there are. */
function count(read: HaloList, answer: unknown, path: string): void {
  const announced = integer.safeParse(asRow(answer)?.["record_count"]);
  if (!announced.success) return;
  if (read.recordCount !== undefined && announced.data !== read.recordCount)
    read.doubts.push(
      `HaloITSM changed its count of /${path} while it was read: ${read.recordCount}, then ${announced.data} on page ${read.pages}`,
    );
  read.recordCount = announced.data;
}

/** Adds rows once each, by their id; gives how many came a second time. */
function add(part: readonly Row[], rows: Row[], seen: Set<number>): number {
  let repeated = 0;
  for (const row of part) {
    const id = integer.safeParse(row["id"]).data;
    if (id !== undefined && seen.has(id)) repeated++;
    else rows.push(row);
    if (id !== undefined) seen.add(id);
  }
  return repeated;
}

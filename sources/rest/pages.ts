/** Calls an endpoint until its stop condition: by a parameter that counts, the number of pages, a next link or a cursor. */

import type { Json } from "../../base/json.ts";
import { isEmpty } from "../../mappings/language/empty.ts";
import { regex } from "../../mappings/language/regex.ts";
import type { AnswerTest, EndpointConfig } from "../../mappings/schema/sources.ts";
import { allAt, firstAt } from "./select.ts";

/** One call: parameters by place, or an address that the API gave itself. */
export interface Call {
  query?: { [name: string]: string };
  body?: { [name: string]: Json };
  /** Instead of the endpoint's own address. */
  url?: string;
}

export interface Pages {
  elements: Json[];
  /** The answers, in order (for `source test`). */
  answers: Json[];
  pages: number;
  /** What the API itself said there is. */
  total: number | undefined;
  complete: boolean;
  doubts: string[];
}

/** More calls than any system of record needs: what goes on after this goes round in a circle. */
const most = 10_000;
/** Calls in a row that may give no rows although the API says that there is more. */
const mostEmpty = 10;

/**
 * All elements. `call` sends one request. The first call's error is thrown; a later one makes the read incomplete, with the
 * error in `doubts`. A page that repeats the one before it, and an address or cursor that comes twice, end the read with a doubt.
 */
export async function readPages(endpoint: EndpointConfig, call: (call: Call) => Promise<Json>): Promise<Pages> {
  const result: Pages = { elements: [], answers: [], pages: 0, total: undefined, complete: true, doubts: [] };
  const stop = (doubt: string): Pages => {
    result.complete = false;
    result.doubts.push(`${endpoint.name}: ${doubt}`);
    return result;
  };
  const asked = new Set<string>();
  let next: Call | undefined = first(endpoint);
  let last = "";
  let empty = 0;
  while (next) {
    const id = JSON.stringify(next);
    if (asked.has(id)) return stop("the API leads back to a page that was read already");
    asked.add(id);
    if (result.pages >= most) return stop(`the stop condition was not met in ${most} calls`);
    let answer: Json;
    try {
      answer = await call(next);
    } catch (error) {
      if (result.pages === 0) throw error;
      return stop(`page ${result.pages + 1} could not be read (${(error as Error).message})`);
    }
    const elements = allAt(endpoint.select, answer);
    const text = JSON.stringify(elements);
    if (elements.length > 0 && text === last) return stop(`page ${result.pages + 1} is page ${result.pages} again`);
    last = text;
    result.pages += 1;
    result.answers.push(answer);
    // One by one: a page may hold more than a call takes arguments.
    for (const element of elements) result.elements.push(element);
    empty = elements.length === 0 ? empty + 1 : 0;
    next = following(endpoint, answer, elements.length, result);
    if (next && empty >= mostEmpty) return stop(`${empty} calls in a row gave no rows, and the API says that there is more`);
  }
  if (result.total !== undefined && result.total !== result.elements.length)
    stop(`the API says ${result.total} rows, ${result.elements.length} came`);
  return result;
}

function first({ repeat }: EndpointConfig): Call {
  return repeat?.by === "parameter" || repeat?.by === "pageCount" ? at(repeat, repeat.start) : {};
}

function at(repeat: { parameter: string; in: "query" | "body" }, value: number | string): Call {
  return repeat.in === "query" ? { query: { [repeat.parameter]: String(value) } } : { body: { [repeat.parameter]: value } };
}

function following({ repeat, name }: EndpointConfig, answer: Json, rows: number, result: Pages): Call | undefined {
  if (!repeat) return undefined;
  if (repeat.by === "nextLink") {
    const url = firstAt(repeat.at, answer);
    return typeof url === "string" && url !== "" ? { url } : undefined;
  }
  if (repeat.by === "cursor") {
    const cursor = firstAt(repeat.at, answer);
    return (typeof cursor === "string" || typeof cursor === "number") && cursor !== "" ? at(repeat, cursor) : undefined;
  }
  if (repeat.by === "pageCount") {
    const pages = Number(firstAt(repeat.pages, answer));
    if (!Number.isInteger(pages)) {
      result.complete = false;
      result.doubts.push(`${name}: there is no number of pages at ${repeat.pages}`);
      return undefined;
    }
    return result.pages < pages ? at(repeat, repeat.start + result.pages) : undefined;
  }
  const more = at(repeat, repeat.start + repeat.step * result.pages);
  // It is the API that says that there is more: a page without rows is no end of it.
  if (repeat.while) return passes(repeat.while, answer) ? more : undefined;
  const until = repeat.until ?? { empty: true };
  if ("total" in until) {
    const total = Number(firstAt(until.total, answer));
    if (Number.isFinite(total)) result.total = total;
    else {
      result.complete = false;
      result.doubts.push(`${name}: there is no number of rows at ${until.total}`);
    }
    // Fewer than were promised and nothing more: the count at the end tells.
    return Number.isFinite(total) && result.elements.length < total && rows > 0 ? more : undefined;
  }
  if ("short" in until) return rows < until.short ? undefined : more;
  return rows === 0 || ("path" in until && passes(until, answer)) ? undefined : more;
}

/** What an answer says of whether there is more. */
function passes(test: AnswerTest, answer: Json): boolean {
  const value = firstAt(test.path, answer);
  const text = value === undefined || typeof value === "object" ? undefined : String(value);
  const number = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if ("is" in test) return equal(value, test.is);
  if ("isNot" in test) return !equal(value, test.isNot);
  if ("empty" in test) return isEmpty(value) === test.empty;
  if ("below" in test) return number < test.below;
  if ("above" in test) return number > test.above;
  return text !== undefined && regex(test.matches).test(text);
}

function equal(found: Json | undefined, wanted: string | number | boolean): boolean {
  return found !== undefined && String(found).toLowerCase() === String(wanted).toLowerCase();
}

/** Searches: where to look, what matches, the size limit and pages. */
import type { SearchRequest } from "./ber/messages.ts";
import type { Directory } from "./directory.ts";
import type { Entry } from "./entry.ts";
import { requestFailure, result } from "./errors.ts";
import { candidates, compileFilter } from "./filter.ts";

/** MaxPageSize of a DC: most entries in one answer. */
export const maxPageSize = 1000;
/** MaxResultSetsPerConn: paged searches that a connection may have open. */
const maxOpen = 10;

/** Finds the entries of a search, at most `limit` and one more. */
export function findEntries(directory: Directory, request: SearchRequest, limit: number, shown = false): Entry[] {
  const base = directory.resolve(request.base, shown);
  const test = compileFilter(request.filter, directory);
  const found: Entry[] = [];
  const take = (entry: Entry): boolean => {
    if ((shown || !entry.deleted) && test(entry) === true && !directory.unseen.objects(entry.dn)) found.push(entry);
    return found.length <= limit;
  };
  if (request.scope === "base") {
    take(base);
    return found;
  }
  if (request.scope === "one") {
    for (const entry of base.children.values()) if (!take(entry)) break;
    return found;
  }
  // Tombstones are in no index.
  const indexed = shown ? undefined : candidates(request.filter, directory);
  if (indexed !== undefined) {
    for (const entry of indexed) if (entry.isWithin(base) && !(request.scope === "children" && entry === base) && !take(entry)) break;
    return found;
  }
  const walk = (entry: Entry): boolean => {
    for (const child of entry.children.values()) if (!take(child) || !walk(child)) return false;
    return true;
  };
  if (request.scope !== "sub" || take(base)) walk(base);
  return found;
}

/** One part of a search's answer. */
export interface Page {
  entries: Entry[];
  /** There was more than the size limit allows. */
  exceeded: boolean;
  /** For a paged search: how to ask for the next page ("" at the end), and which page this is. */
  cookie?: string;
  number?: number;
  /** Nothing follows. */
  last: boolean;
}

interface OpenSearch {
  signature: string;
  entries: Entry[];
  position: number;
  number: number;
}

/** The paged searches of one connection: cookies are good for it and the same search only. */
export class Pages {
  readonly #open = new Map<string, OpenSearch>();
  #next = 1;

  /** Answers a search without the paging control. */
  static whole(directory: Directory, request: SearchRequest, shown = false): Page {
    const server = directory.limits.strict ? maxPageSize : Number.POSITIVE_INFINITY;
    const limit = Math.min(server, request.sizeLimit > 0 ? request.sizeLimit : server);
    const entries = findEntries(directory, request, limit, shown);
    const exceeded = entries.length > limit;
    return { entries: exceeded ? entries.slice(0, limit) : entries, exceeded, last: true };
  }

  /** Answers one page. Throws 12 for a cookie that is not this connection's or not this search's. */
  page(directory: Directory, request: SearchRequest, paging: { size: number; cookie: string }, shown = false): Page {
    const search = this.#continue(directory, request, paging.cookie, shown);
    if (paging.size === 0 && paging.cookie !== "") return { entries: [], exceeded: false, cookie: "", number: search.number, last: true };
    const size = Math.min(paging.size > 0 ? paging.size : maxPageSize, maxPageSize);
    const most = request.sizeLimit > 0 ? request.sizeLimit : Number.POSITIVE_INFINITY;
    const entries: Entry[] = [];
    while (entries.length < size && search.position < Math.min(search.entries.length, most)) {
      const entry = search.entries[search.position];
      search.position += 1;
      if (entry !== undefined && (shown || !entry.deleted)) entries.push(entry);
    }
    search.number += 1;
    const exceeded = search.position >= most && search.position < search.entries.length;
    if (exceeded || search.position >= search.entries.length) return { entries, exceeded, cookie: "", number: search.number, last: true };
    const cookie = `page-${this.#next}`;
    this.#next += 1;
    this.#open.set(cookie, search);
    for (const oldest of this.#open.keys()) if (this.#open.size > maxOpen) this.#open.delete(oldest);
    return { entries, exceeded, cookie, number: search.number, last: false };
  }

  #continue(directory: Directory, request: SearchRequest, cookie: string, shown: boolean): OpenSearch {
    if (cookie === "")
      return {
        signature: request.signature,
        entries: findEntries(directory, request, Number.POSITIVE_INFINITY, shown),
        position: 0,
        number: 0,
      };
    const search = this.#open.get(cookie);
    if (search === undefined || search.signature !== request.signature)
      throw requestFailure(result.unavailableCriticalExtension, "00000057", "Error processing control");
    this.#open.delete(cookie);
    return search;
  }
}

/** Reading: pages, ranges of values, bytes, one shape of entries. Everything here may be asked again after a lost connection. */
import type { Entry as RawEntry, SearchOptions } from "ldapts";
import { UnreachableError } from "../../../base/errors.ts";
import type { Entry, Search } from "./client.ts";
import type { Connection, Link } from "./connection.ts";
import { controlsFor } from "./controls.ts";
import { AdRefusedError } from "./errors.ts";

/** Values that are bytes: anything else comes as text, and bytes that happen to be UTF-8 would be mistaken for it. */
const binary = [
  ...["objectGUID", "objectSid", "mS-DS-ConsistencyGuid", "ms-DS-ConsistencyGuid", "thumbnailPhoto", "jpegPhoto"],
  ...["userCertificate", "userSMIMECertificate", "userPKCS12", "audio", "logonHours", "nTSecurityDescriptor", "tokenGroups"],
];

/** What every search asks of the server; `timeLimit`: seconds. Of derefAliases, ldapts 9.2.0 sends "never" whatever is asked for. */
export function searchOf(scope: "sub" | "one" | "base", attributes: readonly string[], timeLimit = 120): SearchOptions {
  return { scope, attributes: [...attributes], explicitBufferAttributes: binary, derefAliases: "never", timeLimit };
}

export class Reader {
  readonly #connection: Connection;
  readonly #pageSize: number;

  constructor(connection: Connection, pageSize = 1000) {
    this.#connection = connection;
    this.#pageSize = pageSize;
  }

  /** A paged search below `base`. */
  async search(base: string, options: Search): Promise<Entry[]> {
    const deadline = performance.now() + this.#connection.timeouts.total;
    for (let attempt = 1; ; attempt++) {
      // A lost connection takes the cookie of the pages with it: then the list is read from its start.
      const { entries, truncated } = await this.#connection.again((link) => this.#list(link, base, options, deadline), deadline);
      if (!truncated) return entries;
      if (attempt === 2)
        throw new UnreachableError(
          `Could not read ${base}: the domain controller ended the list with an empty page after ${entries.length} entries, so it may be incomplete; try again.`,
        );
    }
  }

  async #list(link: Link, base: string, options: Search, deadline: number): Promise<{ entries: Entry[]; truncated: boolean }> {
    const sizes: number[] = [];
    const entries: Entry[] = [];
    const asked = { ...searchOf(options.scope ?? "sub", options.attributes), filter: options.filter, paged: { pageSize: this.#pageSize } };
    const pages = link.client.searchPaginated(base, asked, controlsFor(options.attributes, options));
    for (;;) {
      const page = await this.#connection.send(link, "search", base, () => pages.next());
      if (page.done) break;
      sizes.push(page.value.searchEntries.length);
      for (const raw of page.value.searchEntries) entries.push(await this.#whole(normalise(raw)));
      if (performance.now() > deadline)
        throw new UnreachableError(
          `Could not read ${base}: after ${entries.length} entries the time for a whole list (${this.#connection.timeouts.total / 1000} s) was over; find out why ${link.url} is slow, or raise \`timeouts.total\` of the ad settings.`,
        );
    }
    this.#connection.count(-1); // the generator's end is no request
    return { entries, truncated: mayBeTruncated(sizes, this.#pageSize) };
  }

  async read(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    const entry = await this.#base(target, attributes);
    return entry === undefined ? undefined : this.#whole(entry);
  }

  async #base(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    try {
      const found = await this.#connection.again((link) =>
        this.#connection.send(link, "read", target, (client) =>
          client.search(target, searchOf("base", attributes, 30), controlsFor(attributes)),
        ),
      );
      const [raw] = found.searchEntries;
      return raw === undefined ? undefined : normalise(raw);
    } catch (error) {
      if (error instanceof AdRefusedError && error.result === 32) return undefined;
      throw error;
    }
  }

  /** AD gives at most 1,500 values at a time as `member;range=0-1499`: fetches the rest and joins them. */
  async #whole(entry: Entry): Promise<Entry> {
    const isRange = (key: string): boolean => /;range=/iu.test(key);
    if (!Object.keys(entry.attributes).some(isRange)) return entry;
    const attributes: { [name: string]: readonly (string | Buffer)[] } = {};
    for (const [key, values] of Object.entries(entry.attributes)) {
      const name = isRange(key) ? key.slice(0, key.indexOf(";")) : key;
      attributes[name] = isRange(key) ? [...values, ...(await this.#rest(entry.dn, name, lastOfRange(key)))] : values;
    }
    return { dn: entry.dn, attributes };
  }

  /** The values of an attribute after the one that was the last in an answer. */
  async #rest(dn: string, name: string, last: number | undefined): Promise<(string | Buffer)[]> {
    const all: (string | Buffer)[] = [];
    for (let end = last; end !== undefined; ) {
      const found = (await this.#base(dn, [`${name};range=${end + 1}-*`]))?.attributes ?? {};
      const key = Object.keys(found).find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()};range=`));
      const values = found[key ?? ""];
      if (key === undefined || values === undefined)
        throw new UnreachableError(`Could not read ${name} of ${dn}: the values after ${end} did not come; try again.`);
      all.push(...values);
      const following = lastOfRange(key);
      if (following !== undefined && following <= end)
        throw new UnreachableError(`Could not read ${name} of ${dn}: the directory repeats itself after value ${end}.`);
      end = following;
    }
    return all;
  }
}

/**
 * ldapts takes an empty page for the end, whether a cookie came with it or not. After pages that were not full that may
 * be a truncated answer, which would look like people who are gone: so it is asked again, and then not believed. An empty
 * page after full ones is how some servers end a list whose length is a multiple of the page.
 */
export function mayBeTruncated(pages: readonly number[], pageSize: number): boolean {
  return pages.length > 1 && pages.at(-1) === 0 && pages.slice(0, -1).some((size) => size < pageSize);
}

/** ldapts gives one value bare, several as an array and none as []; here always arrays, and absent ones are left out. */
export function normalise(raw: RawEntry): Entry {
  const attributes: { [name: string]: readonly (string | Buffer)[] } = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === "dn") continue;
    const values = Array.isArray(value) ? value : [value];
    if (values.length > 0) attributes[name] = values;
  }
  return { dn: raw.dn, attributes };
}

/** The last index of `member;range=0-1499`; undefined when the range ends in `*` (nothing follows). */
export function lastOfRange(name: string): number | undefined {
  const last = /;range=\d+-(\d+|\*)/iu.exec(name)?.[1];
  return last === undefined || last === "*" ? undefined : Number(last);
}

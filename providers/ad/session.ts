/** One connection to one domain controller: logging in (again), paging, ranges, errors. Made by client.ts. */
import tls from "node:tls";
import { Attribute, Change, Client, Control, type Entry as RawEntry } from "ldapts";
import { UnreachableError } from "../core/errors.ts";
import type { AdConfig } from "../core/settings.ts";
import type { AdClient, AttributeValues, ConnectOptions, Entry, Modification, SearchOptions } from "./client.ts";
import { adError, bindError, connectError } from "./errors.ts";
import { lastOfRange, mayBeTruncated, normalise } from "./values.ts";

/** Values that are bytes: anything else comes as text, and bytes that happen to be UTF-8 would be mistaken for it. */
const binary = [
  "objectGUID",
  "objectSid",
  "mS-DS-ConsistencyGuid",
  "ms-DS-ConsistencyGuid",
  "thumbnailPhoto",
  "jpegPhoto",
  "userCertificate",
  "nTSecurityDescriptor",
];
/** LDAP_SERVER_PERMISSIVE_MODIFY_OID; not critical, as Samba does not know it for members. */
const permissiveModify = "1.2.840.113556.1.4.1413";

export class Session implements AdClient {
  readonly url: string;
  readonly base: string;
  writes = 0;
  /** The server answered a TLS handshake: further errors are about the login, not the address. */
  reached = false;
  readonly #client: Client;
  readonly #account: string;
  readonly #password: string;
  readonly #counter: { ldap: number };
  readonly #pageSize: number;
  #calls = 0;
  #binding: Promise<void> | undefined;

  constructor(
    url: string,
    config: AdConfig,
    password: string,
    options: ConnectOptions & { counter: { ldap: number } },
    ca: string[] | undefined,
  ) {
    this.url = url;
    this.base = config.base;
    this.#account = config.bind;
    this.#password = password;
    this.#counter = options.counter;
    this.#pageSize = options.pageSize ?? 1000;
    this.#client = new Client({
      url,
      timeout: options.timeout ?? 30_000,
      connectTimeout: options.connectTimeout ?? 10_000,
      autoRebind: true,
      tlsOptions: { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
      // An open connection must not keep the process alive; while a request is under way, ldapts' own timer does.
      createSecureConnection: ((...args: Parameters<typeof tls.connect>) => {
        const socket = tls.connect(...args);
        socket.once("secureConnect", () => {
          this.reached = true;
        });
        return socket.unref();
      }) as typeof tls.connect,
    });
  }

  /**
   * Connected and logged in. Done here, one at a time, because ldapts reconnects lazily: with several requests at once
   * it would open several sockets and could send one before the new login.
   */
  ready(): Promise<void> {
    if (this.#client.isBound) return Promise.resolve();
    this.#binding ??= this.#bind().finally(() => {
      this.#binding = undefined;
    });
    return this.#binding;
  }

  async #bind(): Promise<void> {
    this.#count();
    try {
      await this.#client.bind(this.#account, this.#password);
    } catch (error) {
      throw this.reached ? bindError(this.url, this.#account, error) : connectError(this.url, error);
    }
  }

  #count(): void {
    this.#calls++;
    this.#counter.ldap++;
  }

  calls(): number {
    return this.#calls;
  }

  async close(): Promise<void> {
    await this.#client.unbind().catch(() => undefined);
  }

  async #run<T>(verb: string, object: string, work: () => Promise<T>): Promise<T> {
    await this.ready();
    this.#count();
    try {
      return await work();
    } catch (error) {
      throw adError(verb, object, error);
    }
  }

  async #write(verb: string, object: string, work: () => Promise<void>): Promise<void> {
    this.writes++;
    await this.#run(verb, object, work);
  }

  async *search(options: SearchOptions): AsyncGenerator<Entry> {
    const base = options.base ?? this.base;
    for (let attempt = 1; ; attempt++) {
      const pages: number[] = [];
      const entries: Entry[] = [];
      for await (const page of this.#pages(base, options)) {
        pages.push(page.length);
        for (const raw of page) entries.push(await this.#whole(normalise(raw)));
      }
      if (!mayBeTruncated(pages, this.#pageSize)) {
        yield* entries;
        return;
      }
      if (attempt === 2)
        throw new UnreachableError(
          `Could not read ${base}: the domain controller ended the list with an empty page after ${entries.length} entries, so it may be incomplete; try again.`,
        );
    }
  }

  async *#pages(base: string, options: SearchOptions): AsyncGenerator<RawEntry[]> {
    await this.ready();
    const pages = this.#client.searchPaginated(base, {
      scope: options.scope ?? "sub",
      filter: options.filter,
      attributes: [...options.attributes],
      explicitBufferAttributes: binary,
      derefAliases: "never",
      timeLimit: 120,
      paged: { pageSize: this.#pageSize },
    });
    for (;;) {
      const page = await this.#run("search", base, () => pages.next());
      if (page.done) {
        this.#calls--; // the generator's end is no request
        this.#counter.ldap--;
        return;
      }
      yield page.value.searchEntries;
    }
  }

  async read(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    const entry = await this.#base(target, attributes);
    return entry === undefined ? undefined : this.#whole(entry);
  }

  async #base(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    try {
      const found = await this.#run("read", target, () =>
        this.#client.search(target, {
          scope: "base",
          attributes: [...attributes],
          explicitBufferAttributes: binary,
          derefAliases: "never",
          timeLimit: 30,
        }),
      );
      const [raw] = found.searchEntries;
      return raw === undefined ? undefined : normalise(raw);
    } catch (error) {
      if (error instanceof Error && "result" in error && error.result === 32) return undefined;
      throw error;
    }
  }

  /** AD gives at most 1,500 values at a time as `member;range=0-1499`: fetches the rest and joins them. */
  async #whole(entry: Entry): Promise<Entry> {
    const attributes: { [name: string]: readonly (string | Buffer)[] } = {};
    const ranged = Object.keys(entry.attributes).filter((name) => /;range=/iu.test(name));
    if (ranged.length === 0) return entry;
    for (const [name, values] of Object.entries(entry.attributes)) if (!ranged.includes(name)) attributes[name] = values;
    for (const first of ranged) {
      const name = first.slice(0, first.indexOf(";"));
      const all = [...(entry.attributes[first] ?? [])];
      let end = lastOfRange(first);
      while (end !== undefined) {
        const next = await this.#base(entry.dn, [`${name};range=${end + 1}-*`]);
        const key = Object.keys(next?.attributes ?? {}).find(
          (one) => one.toLowerCase().startsWith(`${name.toLowerCase()};range=`) && (next?.attributes[one]?.length ?? 0) > 0,
        );
        if (next === undefined || key === undefined)
          throw new UnreachableError(`Could not read ${name} of ${entry.dn}: the values after ${end} did not come; try again.`);
        all.push(...(next.attributes[key] ?? []));
        const following = lastOfRange(key);
        if (following !== undefined && following <= end)
          throw new UnreachableError(`Could not read ${name} of ${entry.dn}: the directory repeats itself after value ${end}.`);
        end = following;
      }
      attributes[name] = all;
    }
    return { dn: entry.dn, attributes };
  }

  async add(dn: string, attributes: { readonly [name: string]: AttributeValues }): Promise<void> {
    const list = Object.entries(attributes).map(([type, values]) => attribute(type, values));
    await this.#write("create", dn, () => this.#client.add(dn, list));
  }

  async modify(target: string, changes: readonly Modification[], options: { permissive?: boolean; what?: string } = {}): Promise<void> {
    const list = changes.map((change) => new Change({ operation: change.op, modification: attribute(change.attribute, change.values) }));
    const controls = options.permissive ? [new Control(permissiveModify)] : undefined;
    await this.#write("change", options.what ?? target, () => this.#client.modify(target, list, controls));
  }

  async move(target: string, newRdn: string, newParent: string): Promise<void> {
    // ldapts splits this string again at the first comma without a backslash before it; rdn() leaves none inside a value.
    const to = `${newRdn},${newParent}`;
    await this.#write("move", `${target} to ${to}`, () => this.#client.modifyDN(target, to));
  }

  async delete(target: string): Promise<void> {
    await this.#write("delete", target, () => this.#client.del(target));
  }
}

function attribute(type: string, values: AttributeValues): Attribute {
  // Buffers throughout: an attribute that mixes text and bytes is one list for ldapts
  return new Attribute({ type, values: values.map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value)) });
}

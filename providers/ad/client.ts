/**
 * Active Directory in its own words, over LDAPS with ldapts. Knows connections, paging, value ranges and errors; knows
 * nothing of Pulumi and no business rule. One socket, requests multiplexed; the first address that answers is pinned for
 * the run, because a write is not on another domain controller yet.
 */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { Attribute, Change, Client, Control, type Entry as RawEntry, type Filter } from "ldapts";
import { ConfigurationError, UnreachableError } from "../core/errors.ts";
import type { AdConfig } from "../core/settings.ts";
import { adError, bindError, connectError } from "./errors.ts";

/** One entry: attribute names as the server spells them; always arrays; text, or bytes for the binary attributes. */
export interface Entry {
  dn: string;
  attributes: { readonly [name: string]: readonly (string | Buffer)[] };
}

/** Text for LDAP's strings, bytes for unicodePwd and the like. */
export type AttributeValues = readonly (string | Buffer)[];

/** One change of a modify: replace by nothing clears the attribute. */
export interface Modification {
  op: "add" | "delete" | "replace";
  attribute: string;
  values: AttributeValues;
}

export interface SearchOptions {
  base?: string;
  scope?: "sub" | "one";
  filter: Filter;
  /** Names; never `*`. */
  attributes: readonly string[];
}

/**
 * The verbs of the system. `target` is a distinguishedName or `<GUID=…>`. Errors: AdRefusedError (AD said no),
 * UnreachableError (no answer; what was sent may have been done), ConfigurationError (settings).
 */
export interface AdClient {
  /** The domain's distinguishedName, from the settings. */
  readonly base: string;
  /** The address that answered. */
  readonly url: string;
  /** Writes asked for so far: a cheap way to know that an earlier bulk read is old. */
  readonly writes: number;
  /** A paged search; every page is one request. Large values come in ranges and are put together here. */
  search(options: SearchOptions): AsyncGenerator<Entry>;
  /** One entry, or undefined when it does not exist. */
  read(target: string, attributes: readonly string[]): Promise<Entry | undefined>;
  add(dn: string, attributes: { readonly [name: string]: AttributeValues }): Promise<void>;
  /** One LDAP modify (all or nothing). `permissive`: adding what is there and deleting what is not is success. */
  modify(target: string, changes: readonly Modification[], options?: { permissive?: boolean; what?: string }): Promise<void>;
  /**
   * Renames to `newRdn` (escaped: dn.ts) under `newParent`, which may be the parent it has: Samba cannot work out the
   * parent of a `<GUID=…>` by itself.
   */
  move(target: string, newRdn: string, newParent: string): Promise<void>;
  delete(target: string): Promise<void>;
  /** Requests sent so far, each page and bind counted. */
  calls(): number;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Counts requests for the whole process; `calls` of providers/core/calls.ts. */
  counter?: { ldap: number };
  /** Entries a page; AD allows 1,000. */
  pageSize?: number;
  /** ms; for tests. */
  connectTimeout?: number;
  timeout?: number;
}

/** Values that are bytes: anything else comes as text, and bytes that happen to be UTF-8 would be mistaken for it. */
const binary = ["objectGUID", "objectSid", "mS-DS-ConsistencyGuid", "ms-DS-ConsistencyGuid", "thumbnailPhoto", "jpegPhoto", "userCertificate", "nTSecurityDescriptor"];
/** LDAP_SERVER_PERMISSIVE_MODIFY_OID; not critical, as Samba does not know it for members. */
const permissiveModify = "1.2.840.113556.1.4.1413";

/**
 * Connects and logs in. Several addresses: the first that answers; a refused login is not tried elsewhere, since it is
 * the same account everywhere and wrong passwords lock it. Only ldaps, TLS 1.2 or newer, certificate and name verified.
 */
export async function connect(config: AdConfig, password: string | undefined, options: ConnectOptions = {}): Promise<AdClient> {
  if (!password) throw new ConfigurationError("Could not log in to Active Directory: AD_BIND_PASSWORD is not set; set it to the password of `bind`."); // an empty one would be an anonymous bind
  const counter = options.counter ?? { ldap: 0 };
  const ca = authorities(config.ca);
  const failures: Error[] = [];
  for (const url of config.url) {
    if (!url.startsWith("ldaps://")) throw new ConfigurationError(`Could not connect to ${url}: only ldaps:// addresses are used, as passwords and accounts travel over it.`);
    const session = new Session(url, config, password, { ...options, counter }, ca);
    try {
      await session.ready();
      return session;
    } catch (error) {
      if (session.reached && error instanceof ConfigurationError) throw error;
      failures.push(error as Error);
    }
  }
  const [first] = failures;
  if (first && failures.length === 1) throw first;
  const together = failures.map((error) => error.message).join(" ");
  throw failures.every((error) => error instanceof ConfigurationError) ? new ConfigurationError(together) : new UnreachableError(`No domain controller answers. ${together}`);
}

function authorities(file: string | undefined): string[] | undefined {
  if (file === undefined) return undefined;
  try {
    // tls takes `ca` instead of its defaults, not beside them
    return [...tls.getCACertificates("default"), readFileSync(file, "utf8")];
  } catch (error) {
    throw new ConfigurationError(`Could not read the certificate authority ${file}: ${(error as Error).message}; give the path of a PEM file in \`ca\` of the ad settings.`);
  }
}

class Session implements AdClient {
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

  constructor(url: string, config: AdConfig, password: string, options: ConnectOptions & { counter: { ldap: number } }, ca: string[] | undefined) {
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
      // ldapts takes an empty page for the end, cookie or not. After pages that were not full that may be a truncated
      // answer, which would look like people who are gone: so it is asked again, and then not believed.
      const suspicious = pages.length > 1 && pages.at(-1) === 0 && pages.slice(0, -1).some((size) => size < this.#pageSize);
      if (!suspicious) {
        yield* entries;
        return;
      }
      if (attempt === 2) throw new UnreachableError(`Could not read ${base}: the domain controller ended the list with an empty page after ${entries.length} entries, so it may be incomplete; try again.`);
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
        this.#client.search(target, { scope: "base", attributes: [...attributes], explicitBufferAttributes: binary, derefAliases: "never", timeLimit: 30 }),
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
        const key = Object.keys(next?.attributes ?? {}).find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()};range=`) && (next?.attributes[one]?.length ?? 0) > 0);
        if (next === undefined || key === undefined) throw new UnreachableError(`Could not read ${name} of ${entry.dn}: the values after ${end} did not come; try again.`);
        all.push(...(next.attributes[key] ?? []));
        const following = lastOfRange(key);
        if (following !== undefined && following <= end) throw new UnreachableError(`Could not read ${name} of ${entry.dn}: the directory repeats itself after value ${end}.`);
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

/** ldapts gives one value bare, several as an array and none as []; here always arrays, and absent ones are left out. */
function normalise(raw: RawEntry): Entry {
  const attributes: { [name: string]: readonly (string | Buffer)[] } = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === "dn") continue;
    const values = Array.isArray(value) ? value : [value];
    if (values.length > 0) attributes[name] = values;
  }
  return { dn: raw.dn, attributes };
}

/** The last index of `member;range=0-1499`; undefined when the range ends in `*` (nothing follows). */
function lastOfRange(name: string): number | undefined {
  const last = /;range=\d+-(\d+|\*)/iu.exec(name)?.[1];
  return last === undefined || last === "*" ? undefined : Number(last);
}

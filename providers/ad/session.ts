/**
 * The connection to a domain: one domain controller for as long as it answers, the next one when it is gone; logging in
 * (again), paging, ranges, deadlines, errors. Reads are asked again after a lost connection. Writes are never: what they
 * came to is read back first (outcome.ts). Made by client.ts.
 */
import type { SecureContext, TLSSocket } from "node:tls";
import { Attribute, Change, Client, type Control, type Filter, type SearchOptions as LdapSearch, type Entry as RawEntry } from "ldapts";
import { ConfigurationError, UnreachableError } from "../core/errors.ts";
import { note } from "../core/notes.ts";
import type { AdConfig } from "../core/settings.ts";
import type { AdClient, AttributeValues, ConnectOptions, Entry, Modification, SearchOptions } from "./client.ts";
import { permissiveModify, rightsOnly, showDeleted } from "./controls.ts";
import { AdRefusedError, adError, bindError, connectError, LoginError } from "./errors.ts";
import { added, modified, moved, restored } from "./outcome.ts";
import { openTls } from "./transport.ts";
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
  "userSMIMECertificate",
  "userPKCS12",
  "audio",
  "logonHours",
  "nTSecurityDescriptor",
];

/** How often something is tried when the connection is lost, the first time included. */
const attempts = 4;

/** After so many failures in a row to connect, nobody waits for it again for so long (ms): a run of thousands ends soon. */
const giveUp = 4;
const rest = 30_000;

/** A connection that is logged in. ldapts' own reconnecting is not used: a new connection is a new Link. */
interface Link {
  readonly url: string;
  readonly client: Client;
}

/** One write, and how to find out whether it was done. */
interface Write {
  verb: string;
  object: string;
  send(client: Client): Promise<void>;
  /** true: it was. false: it was not. undefined: it cannot be read (a password). */
  done(): Promise<boolean | undefined>;
}

export class Session implements AdClient {
  readonly base: string;
  writes = 0;
  readonly #account: string;
  readonly #password: string;
  readonly #counter: { ldap: number };
  readonly #pageSize: number;
  readonly #timeouts: { connect: number; operation: number; total: number };
  readonly #trust: SecureContext;
  /** The addresses, the one that is used first. */
  #urls: string[];
  /** Once logged in, a domain controller that does not answer is worth a second try. */
  #was = false;
  #calls = 0;
  #link: Link | undefined;
  #linking: Promise<Link> | undefined;
  #failed: { times: number; at: number; error: Error | undefined } = { times: 0, at: 0, error: undefined };

  constructor(config: AdConfig, password: string, options: ConnectOptions & { counter: { ldap: number } }, trust: SecureContext) {
    this.#urls = [...config.url];
    this.base = config.base;
    this.#account = config.bind;
    this.#password = password;
    this.#counter = options.counter;
    this.#pageSize = options.pageSize ?? 1000;
    const { connect = 10, operation = 30, total = 600 } = config.timeouts ?? {};
    this.#timeouts = {
      connect: options.connectTimeout ?? connect * 1000,
      operation: options.timeout ?? operation * 1000,
      total: options.total ?? total * 1000,
    };
    this.#trust = trust;
  }

  get url(): string {
    return this.#urls[0] ?? "";
  }

  /** Why nobody tries to connect for now. */
  #down(): Error | undefined {
    return this.#failed.times >= giveUp && performance.now() < this.#failed.at + rest ? this.#failed.error : undefined;
  }

  /** Connected and logged in: at once where it is. One at a time, so that many requests make one connection. */
  ready(): Promise<Link> {
    if (this.#link?.client.isBound) return Promise.resolve(this.#link);
    const down = this.#down();
    if (down !== undefined) return Promise.reject(down);
    this.#linking ??= this.#establish().then(
      (link) => {
        this.#linking = undefined;
        this.#failed.times = 0;
        return link;
      },
      (error: Error) => {
        this.#linking = undefined;
        this.#failed = { times: this.#failed.times + 1, at: performance.now(), error };
        throw error;
      },
    );
    return this.#linking;
  }

  /** The domain controller of this run first, twice; then the others in their order, of which the first that answers stays. */
  async #establish(): Promise<Link> {
    const failures: Error[] = [];
    const [pinned = "", ...others] = this.#urls;
    for (const url of this.#was && others.length > 0 ? [pinned, ...this.#urls] : this.#urls) {
      try {
        const link = await this.#open(url);
        if (this.#was && url !== pinned)
          note(`The domain controller ${pinned} went away; going on with ${url}, which may not know the last changes yet.`);
        this.#urls = [url, ...this.#urls.filter((other) => other !== url)];
        this.#was = true;
        this.#link = link;
        return link;
      } catch (error) {
        // The same account everywhere, and wrong passwords lock it: a refused login is not tried elsewhere.
        if (error instanceof LoginError) throw error;
        failures.push(error as Error);
        if (this.#was && url === pinned && failures.length === 1) await pause(1);
      }
    }
    throw together(failures);
  }

  async #open(url: string): Promise<Link> {
    this.#count();
    let socket: TLSSocket;
    try {
      socket = await openTls(url, { trust: this.#trust, timeout: this.#timeouts.connect });
    } catch (error) {
      throw error instanceof ConfigurationError ? error : connectError(url, error);
    }
    let given = false;
    const client = new Client({
      url: url.replace(/^ldap:/u, "ldaps:"),
      timeout: this.#timeouts.operation,
      connectTimeout: this.#timeouts.connect,
      createSecureConnection: (() => {
        if (given) throw new Error("the connection was lost");
        given = true;
        return socket;
      }) as never,
    });
    try {
      if (socket.destroyed || socket.readyState !== "open") throw new Error("the connection was lost");
      await client.bind(this.#account, this.#password);
    } catch (error) {
      socket.destroy();
      throw bindError(url, this.#account, error);
    }
    return { url, client };
  }

  #count(): void {
    this.#calls++;
    this.#counter.ldap++;
  }

  calls(): number {
    return this.#calls;
  }

  async close(): Promise<void> {
    await this.#link?.client.unbind().catch(() => undefined);
  }

  /** Sends one request over a connection, once. */
  async #send<T>(link: Link, verb: string, object: string, work: (client: Client) => Promise<T>): Promise<T> {
    this.#count();
    try {
      return await work(link.client);
    } catch (error) {
      throw adError(verb, object, error);
    }
  }

  /** What may be asked any number of times: again after a lost connection, until `deadline` (ms of the monotonic clock). */
  async #again<T>(work: (link: Link) => Promise<T>, deadline = Number.POSITIVE_INFINITY): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(await this.ready());
      } catch (error) {
        if (!(error instanceof UnreachableError) || attempt >= attempts || performance.now() > deadline || this.#down() !== undefined)
          throw error;
        await pause(attempt);
      }
    }
  }

  async #write(write: Write): Promise<void> {
    this.writes++;
    // Nothing is sent while there is no connection, so connecting may be tried again.
    const link = await this.#again((ready) => Promise.resolve(ready));
    try {
      await this.#send(link, write.verb, write.object, write.send);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      await this.#settle(write, link.url, error);
    }
  }

  /**
   * A write without an answer: done or not? The domain controller that got it is asked first. Where it shows that nothing was
   * done, the write is sent to it again; to another one never, as both would do it before they hear of each other (an
   * account made on two of them is two accounts).
   */
  async #settle(write: Write, url: string, lost: UnreachableError): Promise<void> {
    for (let attempt = 1; attempt < attempts; attempt++) {
      await pause(attempt);
      try {
        const link = await this.ready();
        if ((await write.done()) === true) {
          note(`The answer was lost, so it was read back from ${link.url}: done: ${write.verb} ${write.object}.`);
          return;
        }
        if (link.url !== url || this.url !== url)
          throw new UnreachableError(
            `Could not ${write.verb} ${write.object}: ${url} went away before it answered, and ${this.url} does not show it (not done, or not replicated yet); the next run will see.`,
            { cause: "elsewhere" },
          );
        await this.#repeat(link, write);
        note(`The answer was lost, and it was not done when read back from ${url}, so it was sent again: ${write.verb} ${write.object}.`);
        return;
      } catch (error) {
        if (!(error instanceof UnreachableError) || error.cause === "elsewhere") throw error;
      }
    }
    throw lost;
  }

  /** Sent again, it may be refused because the first one came through after all (a request that was late). */
  async #repeat(link: Link, write: Write): Promise<void> {
    try {
      await this.#send(link, write.verb, write.object, write.send);
    } catch (error) {
      if (error instanceof UnreachableError || (await write.done()) !== true) throw error;
    }
  }

  async *search(options: SearchOptions): AsyncGenerator<Entry> {
    const base = options.base ?? this.base;
    const deadline = performance.now() + this.#timeouts.total;
    for (let attempt = 1; ; attempt++) {
      // A lost connection takes the cookie of the pages with it: then the list is read from its start.
      const { entries, truncated } = await this.#again((link) => this.#list(link, base, options, deadline), deadline);
      if (!truncated) {
        yield* entries;
        return;
      }
      if (attempt === 2)
        throw new UnreachableError(
          `Could not read ${base}: the domain controller ended the list with an empty page after ${entries.length} entries, so it may be incomplete; try again.`,
        );
    }
  }

  async #list(link: Link, base: string, options: SearchOptions, deadline: number): Promise<{ entries: Entry[]; truncated: boolean }> {
    const sizes: number[] = [];
    const entries: Entry[] = [];
    const asked: LdapSearch = {
      scope: options.scope ?? "sub",
      filter: options.filter,
      attributes: [...options.attributes],
      explicitBufferAttributes: binary,
      derefAliases: "never",
      timeLimit: 120,
      paged: { pageSize: this.#pageSize },
    };
    const pages = link.client.searchPaginated(base, asked, [
      ...(options.deleted ? [showDeleted()] : []),
      ...rightsOnly(options.attributes),
    ]);
    for (;;) {
      const page = await this.#send(link, "search", base, () => pages.next());
      if (page.done) break;
      sizes.push(page.value.searchEntries.length);
      for (const raw of page.value.searchEntries) entries.push(await this.#whole(normalise(raw)));
      if (performance.now() > deadline)
        throw new UnreachableError(
          `Could not read ${base}: after ${entries.length} entries the time for a whole list (${this.#timeouts.total / 1000} s) was over; find out why ${link.url} is slow, or raise \`timeouts.total\` of the ad settings.`,
        );
    }
    this.#calls--; // the generator's end is no request
    this.#counter.ldap--;
    return { entries, truncated: mayBeTruncated(sizes, this.#pageSize) };
  }

  async read(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    const entry = await this.#base(target, attributes);
    return entry === undefined ? undefined : this.#whole(entry);
  }

  async #base(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    try {
      const found = await this.#again((link) =>
        this.#send(link, "read", target, (client) =>
          client.search(
            target,
            {
              scope: "base",
              attributes: [...attributes],
              explicitBufferAttributes: binary,
              derefAliases: "never",
              timeLimit: 30,
            },
            rightsOnly(attributes),
          ),
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

  /**
   * One search of the whole domain with a control that ldapts does not know (DirSync); `control` is made anew for each try,
   * as the answer is read into it.
   */
  exchange<C extends Control>(
    filter: Filter,
    attributes: readonly string[],
    control: () => C,
  ): Promise<{ entries: RawEntry[]; control: C }> {
    return this.#again(async (link) => {
      const made = control();
      const found = await this.#send(link, "read the changes of", this.base, (client) =>
        client.search(
          this.base,
          {
            scope: "sub",
            filter,
            attributes: [...attributes],
            explicitBufferAttributes: binary,
            derefAliases: "never",
            timeLimit: 120,
          },
          [made],
        ),
      );
      return { entries: found.searchEntries, control: made };
    });
  }

  async add(dn: string, attributes: { readonly [name: string]: AttributeValues }): Promise<void> {
    const list = Object.entries(attributes).map(([type, values]) => attribute(type, values));
    await this.#write({ verb: "create", object: dn, send: (client) => client.add(dn, list), done: () => added(this, dn, attributes) });
  }

  async modify(
    target: string,
    changes: readonly Modification[],
    options: { permissive?: boolean; what?: string; deleted?: boolean } = {},
  ): Promise<void> {
    const list = changes.map((change) => new Change({ operation: change.op, modification: attribute(change.attribute, change.values) }));
    const named = rightsOnly(changes.map((change) => change.attribute));
    const controls = [...(options.permissive ? [permissiveModify()] : []), ...(options.deleted ? [showDeleted()] : []), ...named];
    await this.#write({
      verb: "change",
      object: options.what ?? target,
      send: (client) => client.modify(target, list, controls),
      done: () => (options.deleted ? restored(this, changes) : modified(this, target, changes)),
    });
  }

  async move(target: string, newRdn: string, newParent: string): Promise<void> {
    // ldapts splits this string again at the first comma without a backslash before it; rdn() leaves none inside a value.
    const to = `${newRdn},${newParent}`;
    await this.#write({
      verb: "move",
      object: `${target} to ${to}`,
      send: (client) => client.modifyDN(target, to),
      done: () => moved(this, target, to),
    });
  }

  async delete(target: string): Promise<void> {
    await this.#write({
      verb: "delete",
      object: target,
      send: (client) => client.del(target),
      done: async () => (await this.read(target, ["objectGUID"])) === undefined,
    });
  }
}

/** A little longer each time. */
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100 * attempt));
}

function together(failures: readonly Error[]): Error {
  const [first] = failures;
  const messages = [...new Set(failures.map((error) => error.message))];
  if (first && messages.length === 1) return first;
  return failures.every((error) => error instanceof ConfigurationError)
    ? new ConfigurationError(messages.join(" "))
    : new UnreachableError(`No domain controller answers. ${messages.join(" ")}`);
}

function attribute(type: string, values: AttributeValues): Attribute {
  // Buffers throughout: an attribute that mixes text and bytes is one list for ldapts
  return new Attribute({ type, values: values.map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value)) });
}

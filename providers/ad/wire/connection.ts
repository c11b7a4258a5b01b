/**
 * The connection to a domain: one domain controller for as long as it answers, the next one when it is gone; logging in
 * (again) and deadlines. What is asked over it, and how often, is for others to say (search.ts, write.ts).
 */
import type { SecureContext, TLSSocket } from "node:tls";
import { Client } from "ldapts";
import { ConfigurationError, UnreachableError } from "../../../base/errors.ts";
import { note } from "../../../base/notes.ts";
import { adError, bindError, connectError, LoginError } from "./errors.ts";
import type { AdConfig } from "./settings.ts";
import { openTls } from "./transport.ts";

/** How often something is tried when the connection is lost, the first time included. */
export const attempts = 4;

/** After so many failures in a row to connect, nobody waits for it again for so long (ms): a run of thousands ends soon. */
const giveUp = 4;
const rest = 30_000;

export interface ConnectOptions {
  /** Counts requests for the whole process; `calls` of base/calls.ts. */
  counter?: { ldap: number };
  /** Entries a page; AD allows 1,000. */
  pageSize?: number;
}

/** A connection that is logged in. ldapts' own reconnecting is not used: a new connection is a new Link. */
export interface Link {
  readonly url: string;
  readonly client: Client;
}

export class Connection {
  /** ms. `total`: for a whole list. */
  readonly timeouts: { readonly connect: number; readonly operation: number; readonly total: number };
  readonly #account: string;
  readonly #password: string;
  readonly #counter: { ldap: number };
  readonly #trust: SecureContext;
  /** The addresses, the one that is used first. */
  #urls: string[];
  /** Once logged in, a domain controller that does not answer is worth a second try. */
  #was = false;
  #calls = 0;
  #link: Link | undefined;
  #linking: Promise<Link> | undefined;
  #failed: { times: number; at: number; error: Error | undefined } = { times: 0, at: 0, error: undefined };

  constructor(config: AdConfig, password: string, options: ConnectOptions, trust: SecureContext) {
    this.#urls = [...config.url];
    this.#account = config.bind;
    this.#password = password;
    this.#counter = options.counter ?? { ldap: 0 };
    const { connect = 10, operation = 30, total = 600 } = config.timeouts ?? {};
    this.timeouts = { connect: connect * 1000, operation: operation * 1000, total: total * 1000 };
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
    throw allOf(failures);
  }

  async #open(url: string): Promise<Link> {
    this.count();
    let socket: TLSSocket;
    try {
      socket = await openTls(url, { trust: this.#trust, timeout: this.timeouts.connect });
    } catch (error) {
      throw error instanceof ConfigurationError ? error : connectError(url, error);
    }
    let given = false;
    const client = new Client({
      url: url.replace(/^ldap:/u, "ldaps:"),
      timeout: this.timeouts.operation,
      connectTimeout: this.timeouts.connect,
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

  /** A request that was sent, or with -1 one that was none. */
  count(by = 1): void {
    this.#calls += by;
    this.#counter.ldap += by;
  }

  /** Requests sent so far, each login counted. */
  calls(): number {
    return this.#calls;
  }

  async close(): Promise<void> {
    await this.#link?.client.unbind().catch(() => undefined);
  }

  /** Sends one request over a connection, once. */
  async send<T>(link: Link, verb: string, object: string, work: (client: Client) => Promise<T>): Promise<T> {
    this.count();
    try {
      return await work(link.client);
    } catch (error) {
      throw adError(verb, object, error);
    }
  }

  /** What may be asked any number of times: again after a lost connection, until `deadline` (ms of the monotonic clock). */
  async again<T>(work: (link: Link) => Promise<T>, deadline = Number.POSITIVE_INFINITY): Promise<T> {
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
}

/** A little longer each time. */
export function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100 * attempt));
}

function allOf(failures: readonly Error[]): Error {
  const [first] = failures;
  const messages = [...new Set(failures.map((error) => error.message))];
  if (first && messages.length === 1) return first;
  return failures.every((error) => error instanceof ConfigurationError)
    ? new ConfigurationError(messages.join(" "))
    : new UnreachableError(`No domain controller answers. ${messages.join(" ")}`);
}

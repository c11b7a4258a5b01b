/** What client.ts promises, over a connection: reads are asked again when it is lost, writes are read back. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { Attribute, Change, type Control, type Filter, type Entry as RawEntry } from "ldapts";
import { ConfigurationError } from "../../../base/errors.ts";
import type { AttributeValues } from "../values/syntax.ts";
import type { AdClient, Entry, Modification, Search } from "./client.ts";
import { Connection, type ConnectOptions } from "./connection.ts";
import { controlsFor } from "./controls.ts";
import { added, modified, moved, restored } from "./outcome.ts";
import { Reader, searchOf } from "./search.ts";
import type { AdConfig } from "./settings.ts";
import { send, type Write } from "./write.ts";

export class Session extends Connection implements AdClient {
  readonly base: string;
  writes = 0;
  readonly #reader: Reader;

  constructor(config: AdConfig, password: string, options: ConnectOptions, trust: tls.SecureContext) {
    super(config, password, options, trust);
    this.base = config.base;
    this.#reader = new Reader(this, options.pageSize);
  }

  search(asked: Search): Promise<Entry[]> {
    return this.#reader.search(asked.base ?? this.base, asked);
  }

  read(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    return this.#reader.read(target, attributes);
  }

  #write(write: Write): Promise<void> {
    this.writes++;
    return send(this, write);
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
    return this.again(async (link) => {
      const made = control();
      const found = await this.send(link, "read the changes of", this.base, (client) =>
        client.search(this.base, { ...searchOf("sub", attributes), filter }, [made]),
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
    const controls = controlsFor(
      changes.map((change) => change.attribute),
      options,
    );
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

function attribute(type: string, values: AttributeValues): Attribute {
  // Buffers throughout: an attribute that mixes text and bytes is one list for ldapts
  return new Attribute({ type, values: values.map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value)) });
}

/**
 * Connects and logs in. Several addresses: the first that answers; a refused login is not tried elsewhere, since it is
 * the same account everywhere and wrong passwords lock it. Only over TLS 1.2 or newer, certificate and name verified.
 */
export async function connect(config: AdConfig, password: string | undefined, options: ConnectOptions = {}): Promise<Session> {
  if (!password)
    throw new ConfigurationError("Could not log in to Active Directory: AD_BIND_PASSWORD is not set; set it to the password of `bind`."); // an empty one would be an anonymous bind
  for (const url of config.url) {
    if (!url.startsWith("ldaps://") && !(config.startTls === true && url.startsWith("ldap://")))
      throw new ConfigurationError(
        `Could not connect to ${url}: only ldaps:// addresses are used (or ldap:// ones with \`startTls: true\` in the ad settings), as passwords and accounts travel over it.`,
      );
  }
  const session = new Session(config, password, options, trustOf(config.ca));
  await session.ready();
  return session;
}

function trustOf(file: string | undefined): tls.SecureContext {
  if (file === undefined) return tls.createSecureContext({ minVersion: "TLSv1.2" });
  try {
    // tls takes `ca` instead of its defaults, not beside them
    return tls.createSecureContext({ minVersion: "TLSv1.2", ca: [...tls.getCACertificates("default"), readFileSync(file, "utf8")] });
  } catch (error) {
    throw new ConfigurationError(
      `Could not read the certificate authority ${file}: ${(error as Error).message}; give the path of a PEM file in \`ca\` of the ad settings.`,
    );
  }
}

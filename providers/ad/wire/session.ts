/** What client.ts promises, over a connection: reads are asked again when it is lost, writes are read back. */
import type { SecureContext } from "node:tls";
import { Attribute, Change, type Control, type Filter, type Entry as RawEntry } from "ldapts";
import type { AdConfig } from "../../../base/settings.ts";
import type { AdClient, AttributeValues, ConnectOptions, Entry, Modification, SearchOptions } from "./client.ts";
import { Connection } from "./connection.ts";
import { permissiveModify, rightsOnly, showDeleted } from "./controls.ts";
import { added, modified, moved, restored } from "./outcome.ts";
import { binary, Reader } from "./search.ts";
import { send, type Write } from "./write.ts";

export class Session implements AdClient {
  readonly base: string;
  writes = 0;
  readonly #connection: Connection;
  readonly #reader: Reader;

  constructor(config: AdConfig, password: string, options: ConnectOptions & { counter: { ldap: number } }, trust: SecureContext) {
    this.base = config.base;
    this.#connection = new Connection(config, password, options, trust);
    this.#reader = new Reader(this.#connection, options.pageSize);
  }

  get url(): string {
    return this.#connection.url;
  }

  /** Connected and logged in. */
  async ready(): Promise<void> {
    await this.#connection.ready();
  }

  calls(): number {
    return this.#connection.calls();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  search(options: SearchOptions): AsyncGenerator<Entry> {
    return this.#reader.search(options.base ?? this.base, options);
  }

  read(target: string, attributes: readonly string[]): Promise<Entry | undefined> {
    return this.#reader.read(target, attributes);
  }

  #write(write: Write): Promise<void> {
    this.writes++;
    return send(this.#connection, write);
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
    return this.#connection.again(async (link) => {
      const made = control();
      const found = await this.#connection.send(link, "read the changes of", this.base, (client) =>
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

function attribute(type: string, values: AttributeValues): Attribute {
  // Buffers throughout: an attribute that mixes text and bytes is one list for ldapts
  return new Attribute({ type, values: values.map((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : value)) });
}

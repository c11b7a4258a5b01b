/** A domain controller as an administrator at the console uses it: bare ldapts, nothing of the product. For looking, and for changes by hand. */
import { readFileSync } from "node:fs";
import { Attribute, Change, Client, type Entry, type Filter, NoSuchObjectError } from "ldapts";
import { guidToText } from "../../base/guid.ts";
import type { Samba } from "./samba.ts";

/** One object as it is now. Attributes in AD's own spelling. */
export interface Thing {
  dn: string;
  guid: string;
  /** First value; undefined when there is none. */
  text(attribute: string): string | undefined;
  all(attribute: string): string[];
}

export type Value = string | Buffer;
type Verb = "add" | "delete" | "replace";

const attributes = [
  ...["objectGUID", "sAMAccountName", "userPrincipalName", "userAccountControl", "employeeNumber", "cn", "displayName", "mail"],
  ...["title", "department", "company", "manager", "telephoneNumber", "memberOf", "member", "info", "adminDescription", "maxPwdAge"],
];

function thing(entry: Entry): Thing {
  const all = (attribute: string): string[] => [entry[attribute] ?? []].flat().map(String);
  const guid = [entry["objectGUID"] ?? []].flat()[0];
  return { dn: entry.dn, guid: Buffer.isBuffer(guid) ? guidToText(guid) : "", all, text: (attribute) => all(attribute)[0] };
}

/** A password as unicodePwd takes it. */
export function quoted(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

export class Hand {
  readonly #samba: Samba;
  readonly #client: Client;

  constructor(samba: Samba) {
    this.#samba = samba;
    this.#client = new Client({
      url: samba.url,
      timeout: 60_000,
      connectTimeout: 10_000,
      tlsOptions: { ca: readFileSync(samba.ca), servername: "localhost" },
    });
  }

  /** Logs in (again: the domain controller may have been started anew). */
  async #bound(): Promise<Client> {
    if (!this.#client.isBound || !this.#client.isConnected) await this.#client.bind(this.#samba.bind, this.#samba.password);
    return this.#client;
  }

  async search(filter: string | Filter, base = this.#samba.base): Promise<Thing[]> {
    const client = await this.#bound();
    const found = await client.search(base, { scope: "sub", filter, attributes, explicitBufferAttributes: ["objectGUID"], timeLimit: 0 });
    return found.searchEntries.map(thing);
  }

  async find(dn: string): Promise<Thing | undefined> {
    const client = await this.#bound();
    try {
      const found = await client.search(dn, { scope: "base", attributes, explicitBufferAttributes: ["objectGUID"] });
      return found.searchEntries.map(thing)[0];
    } catch (error) {
      if (error instanceof NoSuchObjectError) return undefined;
      throw error;
    }
  }

  /** The object of that name; throws when there is none. */
  async at(dn: string): Promise<Thing> {
    const found = await this.find(dn);
    if (!found) throw new Error(`${dn} does not exist`);
    return found;
  }

  /** highestCommittedUSN: two equal ones mean that nothing at all was written between. */
  async usn(): Promise<number> {
    const found = await (await this.#bound()).search("", { scope: "base", attributes: ["highestCommittedUSN"] });
    return Number(found.searchEntries[0]?.["highestCommittedUSN"]);
  }

  async add(dn: string, values: { readonly [attribute: string]: string | string[] }): Promise<void> {
    await (await this.#bound()).add(dn, values);
  }

  async change(dn: string, operation: Verb, type: string, ...values: Value[]): Promise<void> {
    const modification = new Attribute({ type, values: values.map((value) => Buffer.from(value)) });
    await (await this.#bound()).modify(dn, new Change({ operation, modification }));
  }

  replace(dn: string, type: string, ...values: Value[]): Promise<void> {
    return this.change(dn, "replace", type, ...values);
  }

  /** To a new full name: renames, moves or both. No backslash may stand before its first comma. */
  async move(dn: string, to: string): Promise<void> {
    await (await this.#bound()).modifyDN(dn, to);
  }

  async delete(dn: string): Promise<void> {
    await (await this.#bound()).del(dn);
  }

  /** An enabled account with this password. */
  async account(dn: string, values: { readonly [attribute: string]: string }, password: string): Promise<Thing> {
    await this.add(dn, { objectClass: ["top", "person", "organizationalPerson", "user"], userAccountControl: "514", ...values });
    await this.replace(dn, "unicodePwd", quoted(password));
    await this.replace(dn, "userAccountControl", "512");
    return this.at(dn);
  }

  async close(): Promise<void> {
    await this.#client.unbind().catch(() => undefined);
  }
}

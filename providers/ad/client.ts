/**
 * Active Directory in its own words, over LDAPS with ldapts. Knows connections, paging, value ranges and errors; knows
 * nothing of Pulumi and no business rule. One socket, requests multiplexed; the first address that answers is pinned for
 * the run, because a write is not on another domain controller yet.
 */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { Filter } from "ldapts";
import { ConfigurationError, UnreachableError } from "../core/errors.ts";
import type { AdConfig } from "../core/settings.ts";
import { Session } from "./session.ts";

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

/**
 * Connects and logs in. Several addresses: the first that answers; a refused login is not tried elsewhere, since it is
 * the same account everywhere and wrong passwords lock it. Only ldaps, TLS 1.2 or newer, certificate and name verified.
 */
export async function connect(config: AdConfig, password: string | undefined, options: ConnectOptions = {}): Promise<AdClient> {
  if (!password)
    throw new ConfigurationError("Could not log in to Active Directory: AD_BIND_PASSWORD is not set; set it to the password of `bind`."); // an empty one would be an anonymous bind
  const counter = options.counter ?? { ldap: 0 };
  const ca = authorities(config.ca);
  const failures: Error[] = [];
  for (const url of config.url) {
    if (!url.startsWith("ldaps://"))
      throw new ConfigurationError(
        `Could not connect to ${url}: only ldaps:// addresses are used, as passwords and accounts travel over it.`,
      );
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
  throw failures.every((error) => error instanceof ConfigurationError)
    ? new ConfigurationError(together)
    : new UnreachableError(`No domain controller answers. ${together}`);
}

function authorities(file: string | undefined): string[] | undefined {
  if (file === undefined) return undefined;
  try {
    // tls takes `ca` instead of its defaults, not beside them
    return [...tls.getCACertificates("default"), readFileSync(file, "utf8")];
  } catch (error) {
    throw new ConfigurationError(
      `Could not read the certificate authority ${file}: ${(error as Error).message}; give the path of a PEM file in \`ca\` of the ad settings.`,
    );
  }
}

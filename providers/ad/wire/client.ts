/**
 * Active Directory in its own words, over LDAPS or StartTLS with ldapts. Knows connections, paging, value ranges and errors;
 * knows nothing of Pulumi and no business rule. One socket, requests multiplexed; the first address that answers is pinned
 * for the run, because a write is not on another domain controller yet (docs/decisions/0019).
 */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { Filter } from "ldapts";
import { ConfigurationError } from "../../../base/errors.ts";
import type { AdConfig } from "../../../base/settings.ts";
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
  /** Deleted objects too (tombstones in CN=Deleted Objects). */
  deleted?: boolean;
}

/**
 * The verbs of the system. `target` is a distinguishedName or `<GUID=…>`. Errors: AdRefusedError (AD said no),
 * UnreachableError (no answer; what was sent may have been done), ConfigurationError (settings).
 */
export interface AdClient {
  /** The domain's distinguishedName, from the settings. */
  readonly base: string;
  /** The address in use: the first that answered, or after that one went away, the next. */
  readonly url: string;
  /** Writes asked for so far: a cheap way to know that an earlier bulk read is old. */
  readonly writes: number;
  /** A paged search; every page is one request. Large values come in ranges and are put together here. */
  search(options: SearchOptions): AsyncGenerator<Entry>;
  /** One entry, or undefined when it does not exist. */
  read(target: string, attributes: readonly string[]): Promise<Entry | undefined>;
  add(dn: string, attributes: { readonly [name: string]: AttributeValues }): Promise<void>;
  /** One LDAP modify (all or nothing). `permissive`: adding what is there and deleting what is not is success; `deleted`: the target is a tombstone. */
  modify(
    target: string,
    changes: readonly Modification[],
    options?: { permissive?: boolean; what?: string; deleted?: boolean },
  ): Promise<void>;
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
  /** Counts requests for the whole process; `calls` of base/calls.ts. */
  counter?: { ldap: number };
  /** Entries a page; AD allows 1,000. */
  pageSize?: number;
  /** ms, in place of the settings' `timeouts`; for tests. */
  connectTimeout?: number;
  timeout?: number;
  total?: number;
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
  const session = new Session(config, password, { ...options, counter: options.counter ?? { ldap: 0 } }, trustOf(config.ca));
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

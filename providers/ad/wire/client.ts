/**
 * Active Directory in its own words, over LDAPS or StartTLS with ldapts. Knows connections, paging, value ranges and errors;
 * knows nothing of Pulumi and no business rule. One socket, requests multiplexed; the first address that answers is pinned
 * for the run, because a write is not on another domain controller yet (docs/decisions/0019).
 */
import type { Filter } from "ldapts";
import type { AttributeValues } from "../values/syntax.ts";

/** One entry: attribute names as the server spells them; always arrays; text, or bytes for the binary attributes. */
export interface Entry {
  dn: string;
  attributes: { readonly [name: string]: readonly (string | Buffer)[] };
}

/** One change of a modify. */
export interface Modification {
  op: "add" | "delete" | "replace";
  attribute: string;
  values: AttributeValues;
}

/** These values in place of all that an attribute has; none: it is cleared. */
export function replace(attribute: string, ...values: AttributeValues): Modification {
  return { op: "replace", attribute, values };
}

export interface Search {
  base?: string;
  scope?: "sub" | "one";
  filter: Filter;
  /** Names; never `*`, which would read everybody's photo. */
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
  /** Writes asked for so far. */
  readonly writes: number;
  /** A paged search; every page is one request. Large values come in ranges and are put together here. */
  search(asked: Search): Promise<Entry[]>;
  /** One entry, or undefined when it does not exist. `*` reads every attribute: for the snapshot of an account that is deleted. */
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

/** What was asked of the directory over LDAP, in order. No values are kept, so no password can be in it. */

/** The operations that are recorded. */
export type OperationName = "bind" | "search" | "add" | "modify" | "modifyDN" | "delete";

/** One operation. A paged search is one entry for each page. */
export interface Operation {
  at: Date;
  op: OperationName;
  /** The name the client sent (for a bind: the account). */
  dn: string;
  /** The LDAP result code. */
  result: number;
  /** Who was bound, as a distinguished name; "" before a bind. */
  by: string;
  /** For a paged search: the number of this page, from 1. */
  pages?: number;
  /** For a modify: how many values its changes carry. */
  values?: number;
  /** For a refusal: the diagnostic text that was sent. */
  message?: string;
}

/** The record of a running directory. */
export class OperationLog {
  #operations: Operation[] = [];

  /** Everything since the start or the last `clear`. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  record(operation: Operation): void {
    this.#operations.push(operation);
  }

  /** How often the operation was asked for, refused ones included. */
  count(op: OperationName): number {
    return this.#operations.reduce((sum, operation) => sum + (operation.op === op ? 1 : 0), 0);
  }

  /** How many adds, modifies, renames and deletes were asked for, refused ones included. */
  writes(): number {
    return this.count("add") + this.count("modify") + this.count("modifyDN") + this.count("delete");
  }

  clear(): void {
    this.#operations = [];
  }
}

/** Who may do what: the administrator everything, others what `authorize` grants, and nobody else writes to protected (adminCount=1) objects. */
import { logonRefusal, passwordDigest } from "./accounts.ts";
import type { Directory } from "./directory.ts";
import type { Entry } from "./entry.ts";
import { accessDenied, requestFailure, result } from "./errors.ts";
import type { OperationName } from "./log.ts";

/** Decides for accounts other than the administrator. `by` and `dn` are distinguished names; `dn` is the object (for an add: the new one). */
export type Authorize = (by: string, op: Exclude<OperationName, "bind">, dn: string) => boolean;

/** Rights and logons of one directory. */
export class Access {
  readonly #directory: Directory;
  readonly #admin: Entry;
  readonly #authorize: Authorize | undefined;

  constructor(directory: Directory, admin: Entry, authorize: Authorize | undefined) {
    this.#directory = directory;
    this.#admin = admin;
    this.#authorize = authorize;
  }

  isPassword(entry: Entry, password: string): boolean {
    return entry.password === passwordDigest(entry, password);
  }

  /** A simple bind with a distinguished name, a UPN (written or implied) or DOMAIN\account. Throws 49 as AcceptSecurityContext does. */
  logon(name: string, password: string): Entry {
    const entry = this.#account(name);
    const right = entry !== undefined && this.isPassword(entry, password);
    const refusal = logonRefusal(entry, right, this.#directory.now(), BigInt(this.#directory.base.text("maxpwdage") ?? 0));
    if (entry === undefined || refusal !== undefined)
      throw requestFailure(result.invalidCredentials, "80090308", "AcceptSecurityContext error", refusal ?? "525");
    return entry;
  }

  #account(name: string): Entry | undefined {
    const domain = this.#directory.domainName.toLowerCase();
    const [first = "", second] = name.split("\\");
    if (second !== undefined && first.toLowerCase() === domain.split(".")[0]) return this.#directory.byAccountName(second);
    const principal = this.#directory.byPrincipalName(name);
    if (principal !== undefined) return principal;
    if (name.toLowerCase().endsWith(`@${domain}`)) return this.#directory.byAccountName(name.slice(0, -domain.length - 1));
    const entry = this.#directory.find(name).entry;
    return entry?.classDef.account === true ? entry : undefined;
  }

  /** True for accounts that may write the entry. */
  mayWrite(by: Entry, entry: Entry): boolean {
    if (by === this.#admin) return true;
    return !entry.isProtected() && (this.#authorize?.(by.dn, "modify", entry.dn) ?? false);
  }

  /** Throws 50 when the account may not. Without a hook, ordinary accounts read and do not write. */
  check(by: Entry, op: Exclude<OperationName, "bind">, dn: string, entry?: Entry): void {
    if (by === this.#admin) return;
    if (op !== "search" && entry?.isProtected() === true) throw accessDenied();
    if (!(this.#authorize?.(by.dn, op, dn) ?? op === "search")) throw accessDenied();
  }
}

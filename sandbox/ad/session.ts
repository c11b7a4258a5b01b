/** One connection's conversation: who is bound, and the answer to every request. */
import type { Access } from "./access.ts";
import { type Control, type Request, readPaging, type SearchRequest } from "./ber/messages.ts";
import { type Outcome, response, writeEntries, writePaging, writeReference, writeResult } from "./ber/responses.ts";
import type { Directory } from "./directory.ts";
import type { Journal } from "./dirsync.ts";
import type { Entry } from "./entry.ts";
import { LdapFailure, requestFailure, result, willNotPerform } from "./errors.ts";
import type { OperationLog, OperationName } from "./log.ts";
import { selectionOf, show } from "./read.ts";
import { controlOids, rootDse, supportedControls, whoAmI } from "./root-dse.ts";
import { type Page, Pages } from "./search.ts";
import { checkMayLeave, readParts } from "./security.ts";

/** What a connection works on. */
export interface Services {
  directory: Directory;
  access: Access;
  log: OperationLog;
  journal: Journal;
}

const unbound = "In order to perform this operation a successful bind must be completed on the connection.";

/** The state of one connection. */
export class Session {
  readonly #services: Services;
  readonly #pages = new Pages();
  #bound: Entry | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Answers one request; "close" ends the connection. */
  answer(request: Request): Buffer[] | "close" {
    const { id, body, controls } = request;
    switch (body.kind) {
      case "unbind":
        return "close";
      case "abandon":
        return [];
      case "bind":
        return this.#attempt("bind", response.bind, id, body.name, undefined, () => this.#bind(body));
      case "search":
        return this.#search(id, body, controls);
      case "add":
        return this.#attempt("add", response.add, id, body.name, undefined, () => {
          const by = this.#checked(controls);
          const { directory, access } = this.#services;
          access.check(by, "add", body.name);
          directory.add(body.name, body.attributes);
        });
      case "modify":
        return this.#attempt("modify", response.modify, id, body.name, valuesIn(body.changes), () => {
          const shown = showsDeleted(controls);
          const { entry } = this.#target("modify", body.name, controls, shown);
          const permissive = controls.some((control) => control.type === controlOids.permissiveModify);
          if (entry.deleted) this.#services.directory.undelete(entry, body.changes, { permissive });
          else this.#services.directory.modify(entry, body.changes, { permissive, sdParts: partsAsked(controls) ?? 15 });
        });
      case "modifyDN":
        return this.#attempt("modifyDN", response.modifyDN, id, body.name, undefined, () => {
          const { entry } = this.#target("modifyDN", body.name, controls);
          if (!body.deleteOldRdn) throw willNotPerform("00000057");
          const parent = body.newSuperior === undefined ? undefined : this.#services.directory.resolve(body.newSuperior);
          if (parent !== undefined && parent !== entry.parent) checkMayLeave(entry);
          this.#services.directory.move(entry, body.newRdn, parent);
        });
      case "delete":
        return this.#attempt("delete", response.delete, id, body.name, undefined, () => {
          const { entry } = this.#target("delete", body.name, controls);
          if (controls.some((control) => control.type === controlOids.treeDelete)) throw willNotPerform("00002035");
          checkMayLeave(entry);
          this.#services.directory.remove(entry);
        });
      case "extended":
        return [this.#extended(id, body.oid)];
      case "compare":
        return [writeResult(id, response.compare, { code: result.unwillingToPerform, message: "00002035: SvcErr: not offered here\n\0" })];
    }
  }

  /** Runs an operation, records it, and answers. */
  #attempt(op: OperationName, kind: number, id: number, dn: string, values: number | undefined, run: () => void): Buffer[] {
    const by = op === "bind" ? "" : (this.#bound?.dn ?? "");
    let outcome: Outcome = { code: result.success };
    try {
      run();
    } catch (error) {
      outcome = outcomeOf(error);
    }
    this.#record(op, dn, by, outcome, values === undefined ? {} : { values });
    return [writeResult(id, kind, outcome)];
  }

  #record(op: OperationName, dn: string, by: string, outcome: Outcome, more: { pages?: number; values?: number } = {}): void {
    const { log, directory } = this.#services;
    log.record({
      at: directory.now(),
      op,
      dn,
      result: outcome.code,
      by,
      ...more,
      ...(outcome.message === undefined ? {} : { message: outcome.message.replaceAll("\0", "").trim() }),
    });
  }

  /** Who is bound; refuses requests before a bind and critical controls that do not exist. */
  #checked(controls: readonly Control[]): Entry {
    if (this.#bound === undefined || this.#bound.deleted) throw requestFailure(result.operationsError, "000004DC", unbound);
    const strange = controls.find(({ critical, type }) => critical && type !== controlOids.treeDelete && !supportedControls.includes(type));
    if (strange !== undefined) throw requestFailure(result.unavailableCriticalExtension, "00000057", "Error processing control");
    return this.#bound;
  }

  #target(op: "modify" | "modifyDN" | "delete", name: string, controls: readonly Control[], shown = false): { entry: Entry } {
    const by = this.#checked(controls);
    const entry = this.#services.directory.resolve(name, shown);
    this.#services.access.check(by, op, entry.dn, entry);
    return { entry };
  }

  #bind(body: { version: number; name: string; password: string | undefined }): void {
    this.#bound = undefined;
    if (body.version !== 3) throw requestFailure(result.protocolError, "00000057", "Only LDAP version 3 is spoken here");
    if (body.password === undefined) throw requestFailure(result.authMethodNotSupported, "00002027", "Only simple binds are taken here");
    if (body.password === "" && body.name === "") return; // anonymous: allowed, and good for the rootDSE only
    if (body.password === "") throw requestFailure(result.unwillingToPerform, "80090308", "Unauthenticated binds are not allowed");
    this.#bound = this.#services.access.logon(body.name, body.password);
  }

  #search(id: number, request: SearchRequest, controls: readonly Control[]): Buffer[] {
    const by = this.#bound?.dn ?? "";
    const out: Buffer[] = [];
    if (request.base === "" && request.scope === "base") {
      out.push(writeEntries(id, 1, () => ({ dn: "", attributes: rootDse(this.#services.directory, request.attributes) })));
      this.#record("search", "", by, { code: result.success });
      return [...out, writeResult(id, response.searchDone, { code: result.success })];
    }
    const dirSync = controls.find((control) => control.type === controlOids.dirSync);
    if (dirSync !== undefined) return this.#changes(id, request, dirSync, controls);
    let outcome: Outcome = { code: result.success };
    let page: Page | undefined;
    try {
      page = this.#page(request, controls);
      this.#write(out, id, request, page, controls);
      if (page.exceeded)
        outcome = {
          code: result.sizeLimitExceeded,
          message: "00002023: SvcErr: DSID-031A1236, problem 5008 (SIZE_LIMIT_EXCEEDED), data 0\n\0",
        };
    } catch (error) {
      out.length = 0;
      outcome = outcomeOf(error);
    }
    this.#record("search", request.base, by, outcome, page?.number === undefined ? {} : { pages: page.number });
    const paging = page?.cookie === undefined || outcome.code > result.sizeLimitExceeded ? {} : { paging: writePaging(page.cookie) };
    out.push(writeResult(id, response.searchDone, outcome, paging));
    return out;
  }

  /** What changed since a cookie. Needs the right to replicate the domain: here, to write its head. */
  #changes(id: number, request: SearchRequest, control: Control, controls: readonly Control[]): Buffer[] {
    const { directory, access, journal } = this.#services;
    const out: Buffer[] = [];
    let outcome: Outcome = { code: result.success };
    let more = {};
    try {
      const bound = this.#checked(controls);
      if (!access.mayWrite(bound, directory.base))
        throw requestFailure(result.insufficientAccessRights, "00002105", "Error processing control");
      const answer = journal.answer(request, control);
      out.push(writeEntries(id, answer.entries.length, (index) => answer.entries[index] ?? { dn: "", attributes: [] }));
      more = { control: answer.control };
    } catch (error) {
      outcome = outcomeOf(error);
    }
    this.#record("search", request.base, this.#bound?.dn ?? "", outcome);
    out.push(writeResult(id, response.searchDone, outcome, more));
    return out;
  }

  #page(request: SearchRequest, controls: readonly Control[]): Page {
    const bound = this.#checked(controls);
    const { directory, access } = this.#services;
    const shown = showsDeleted(controls);
    access.check(bound, "search", directory.find(request.base, shown).entry?.dn ?? request.base);
    const paging = controls.find((control) => control.type === controlOids.paging);
    return paging === undefined
      ? Pages.whole(directory, request, shown)
      : this.#pages.page(directory, request, readPaging(paging.value), shown);
  }

  #write(out: Buffer[], id: number, request: SearchRequest, page: Page, controls: readonly Control[]): void {
    const { directory, access } = this.#services;
    const selection = selectionOf(request.attributes, partsAsked(controls));
    const writable = (entry: Entry): boolean => this.#bound !== undefined && access.mayWrite(this.#bound, entry);
    out.push(
      writeEntries(id, page.entries.length, (index) => {
        const entry = page.entries[index] ?? directory.base;
        return { dn: entry.dn, attributes: show(directory, entry, selection, request.typesOnly, writable) };
      }),
    );
    const whole = page.last && request.scope === "sub" && directory.find(request.base).entry === directory.base;
    if (!whole || page.exceeded || controls.some((control) => control.type === controlOids.domainScope)) return;
    for (const context of ["DC=ForestDnsZones", "DC=DomainDnsZones", "CN=Configuration"]) {
      const host = context.startsWith("CN") ? "" : `${context.slice(3)}.`;
      out.push(writeReference(id, `ldap://${host}${directory.domainName}/${context},${directory.base.dn}`));
    }
  }

  #extended(id: number, oid: string): Buffer {
    if (oid !== whoAmI)
      return writeResult(id, response.extended, {
        code: result.protocolError,
        message: "00000057: LdapErr: DSID-0C090D8A, comment: Unknown extended request OID, data 0, v4563\0",
      });
    const account = this.#bound?.text("samaccountname");
    const domain = this.#services.directory.domainName.split(".")[0] ?? "";
    const extendedValue = account === undefined ? "" : `u:${domain.toUpperCase()}\\${account}`;
    return writeResult(id, response.extended, { code: result.success }, { extendedValue });
  }
}

/** Parts of security descriptors that the control names; undefined without it. */
function partsAsked(controls: readonly Control[]): number | undefined {
  const control = controls.find(({ type }) => type === controlOids.sdFlags);
  return control && readParts(control.value);
}

function valuesIn(changes: readonly { values: readonly unknown[] }[]): number {
  return changes.reduce((sum, change) => sum + change.values.length, 0);
}

function showsDeleted(controls: readonly Control[]): boolean {
  return controls.some(({ type }) => type === controlOids.showDeleted || type === controlOids.showRecycled);
}

/** A refusal as it goes out. Anything else is a mistake of this server's own and is not hidden. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof LdapFailure)
    return { code: error.code, message: error.message, matchedDn: error.matchedDn, referral: error.referral };
  throw error;
}

/** LDAP requests (RFC 4511 §4) as values. */
import type { Value } from "../entry.ts";
import type { Filter } from "../filter.ts";
import type { RawAttribute, RawChange } from "../modify.ts";
import { BerError, BerReader, tag } from "./ber.ts";

/** A control of a request (RFC 4511 §4.1.11). */
export interface Control {
  type: string;
  critical: boolean;
  value: Buffer | undefined;
}

/** A search as asked for. `signature` is the same for every page of one search. */
export interface SearchRequest {
  kind: "search";
  base: string;
  scope: "base" | "one" | "sub" | "children";
  sizeLimit: number;
  typesOnly: boolean;
  filter: Filter;
  attributes: string[];
  signature: string;
}

/** The requests that the directory understands. */
export type RequestBody =
  | { kind: "bind"; version: number; name: string; password: string | undefined }
  | { kind: "unbind" }
  | { kind: "abandon" }
  | SearchRequest
  | { kind: "add"; name: string; attributes: RawAttribute[] }
  | { kind: "modify"; name: string; changes: RawChange[] }
  | { kind: "modifyDN"; name: string; newRdn: string; deleteOldRdn: boolean; newSuperior: string | undefined }
  | { kind: "delete"; name: string }
  | { kind: "extended"; oid: string }
  | { kind: "compare" };

export interface Request {
  id: number;
  controls: Control[];
  body: RequestBody;
}

const deepest = 200;

function readFilter(reader: BerReader, depth = 0): Filter {
  if (depth > deepest) throw new BerError("a filter that is too deep");
  const { tag: kind, content } = reader.next();
  const inner = new BerReader(content);
  const assertion = (): { attribute: string; value: Buffer } => ({ attribute: inner.text(), value: inner.octets() });
  switch (kind) {
    case 0xa0:
    case 0xa1: {
      const filters: Filter[] = [];
      while (!inner.done) filters.push(readFilter(inner, depth + 1));
      return { kind: kind === 0xa0 ? "and" : "or", filters };
    }
    case 0xa2:
      return { kind: "not", filter: readFilter(inner, depth + 1) };
    case 0xa3:
      return { kind: "equal", ...assertion() };
    case 0xa4:
      return readSubstrings(inner);
    case 0xa5:
      return { kind: "atLeast", ...assertion() };
    case 0xa6:
      return { kind: "atMost", ...assertion() };
    case 0x87:
      return { kind: "present", attribute: content.toString("utf8") };
    case 0xa8:
      return { kind: "equal", ...assertion() }; // approxMatch is equality in AD
    case 0xa9:
      return readExtensible(inner);
    default:
      throw new BerError(`a filter of tag ${kind}`);
  }
}

function readSubstrings(reader: BerReader): Filter {
  const filter = { kind: "substrings" as const, attribute: reader.text(), initial: "", any: [] as string[], final: "" };
  const parts = reader.inside();
  if (parts.done) throw new BerError("a substring filter without a substring");
  while (!parts.done) {
    const { tag: kind, content } = parts.next();
    if (kind === 0x80) filter.initial = content.toString("utf8");
    else if (kind === 0x81) filter.any.push(content.toString("utf8"));
    else if (kind === 0x82) filter.final = content.toString("utf8");
    else throw new BerError(`a substring of tag ${kind}`);
  }
  return filter;
}

function readExtensible(reader: BerReader): Filter {
  const filter = { kind: "extensible" as const, rule: "", attribute: "", value: Buffer.alloc(0) as Buffer };
  while (!reader.done) {
    const { tag: kind, content } = reader.next();
    if (kind === 0x81) filter.rule = content.toString("utf8");
    else if (kind === 0x82) filter.attribute = content.toString("utf8");
    else if (kind === 0x83) filter.value = content;
    else if (kind !== 0x84) throw new BerError(`a matching rule assertion of tag ${kind}`);
  }
  return filter;
}

function readAttribute(reader: BerReader): RawAttribute {
  const inner = reader.inside();
  const attribute = inner.text();
  const values: Value[] = [];
  const set = inner.inside(tag.set);
  while (!set.done) values.push(set.octets());
  return { attribute, values };
}

function readBody(kind: number, content: Buffer): RequestBody {
  const reader = new BerReader(content);
  switch (kind) {
    case 0x60: {
      const version = reader.integer();
      const name = reader.text();
      return { kind: "bind", version, name, password: reader.peek() === 0x80 ? reader.text(0x80) : undefined };
    }
    case 0x42:
      return { kind: "unbind" };
    case 0x50:
      return { kind: "abandon" };
    case 0x63:
      return readSearch(reader, content);
    case 0x66: {
      const name = reader.text();
      const changes: RawChange[] = [];
      const list = reader.inside();
      while (!list.done) {
        const change = list.inside();
        const op = (["add", "delete", "replace"] as const)[change.integer(tag.enumerated)];
        if (op === undefined) throw new BerError("a modification of an unknown kind");
        changes.push({ op, ...readAttribute(change) });
      }
      return { kind: "modify", name, changes };
    }
    case 0x68: {
      const name = reader.text();
      const attributes: RawAttribute[] = [];
      const list = reader.inside();
      while (!list.done) attributes.push(readAttribute(list));
      return { kind: "add", name, attributes };
    }
    case 0x4a:
      return { kind: "delete", name: content.toString("utf8") };
    case 0x6c: {
      const [name, newRdn, deleteOldRdn] = [reader.text(), reader.text(), reader.boolean()];
      return { kind: "modifyDN", name, newRdn, deleteOldRdn, newSuperior: reader.done ? undefined : reader.text(0x80) };
    }
    case 0x6e:
      return { kind: "compare" };
    case 0x77:
      return { kind: "extended", oid: reader.text(0x80) };
    default:
      throw new BerError(`an operation of tag ${kind}`);
  }
}

function readSearch(reader: BerReader, content: Buffer): SearchRequest {
  const base = reader.text();
  const scope = (["base", "one", "sub", "children"] as const)[reader.integer(tag.enumerated)];
  if (scope === undefined) throw new BerError("a search of an unknown scope");
  reader.integer(tag.enumerated); // aliases do not exist in AD
  const sizeLimit = reader.integer();
  reader.integer(); // everything is answered at once: no time limit is reached
  const typesOnly = reader.boolean();
  const filter = readFilter(reader);
  const attributes: string[] = [];
  const list = reader.inside();
  while (!list.done) attributes.push(list.text());
  return { kind: "search", base, scope, sizeLimit, typesOnly, filter, attributes, signature: content.toString("latin1") };
}

/** Reads one whole message. Throws {@link BerError}. */
export function readRequest(bytes: Buffer): Request {
  const message = new BerReader(bytes).inside();
  const id = message.integer();
  const { tag: kind, content } = message.next();
  const controls: Control[] = [];
  if (message.peek() === 0xa0) {
    const list = message.inside(0xa0);
    while (!list.done) {
      const control = list.inside();
      const type = control.text();
      const critical = control.peek() === tag.boolean ? control.boolean() : false;
      controls.push({ type, critical, value: control.done ? undefined : control.octets() });
    }
  }
  return { id, controls, body: readBody(kind, content) };
}

/** The value of the paged results control (RFC 2696). */
export function readPaging(value: Buffer | undefined): { size: number; cookie: string } {
  if (value === undefined) throw new BerError("a paged results control without a value");
  const reader = new BerReader(value).inside();
  return { size: reader.integer(), cookie: reader.octets().toString("latin1") };
}

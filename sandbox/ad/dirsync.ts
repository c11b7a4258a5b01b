/**
 * DirSync (MS-ADTS 3.1.1.3.4.1.3): the objects that changed since a cookie, deleted ones too, each with the attributes that
 * changed; one that lost its values comes without any. The base must be the domain itself, and the account must have the right
 * to replicate it.
 */
import { BerError, BerReader, BerWriter, tag } from "./ber/ber.ts";
import type { Control, SearchRequest } from "./ber/messages.ts";
import type { OutAttribute, OutEntry } from "./ber/responses.ts";
import type { Change, Directory } from "./directory.ts";
import type { Entry } from "./entry.ts";
import { LdapFailure, requestFailure, result } from "./errors.ts";
import { compileFilter } from "./filter.ts";
import { selectionOf, valuesOf } from "./read.ts";
import { attributeOf } from "./schema.ts";

export const dirSyncOid = "1.2.840.113556.1.4.841";

/** Objects in one answer, whatever number of bytes was asked for. */
const most = 1000;
/** Sent with every object. */
const always = ["objectGUID", "instanceType"];
const length = 36;

interface Changed {
  /** When anything changed last. */
  at: number;
  /** Since when everything of it is new. */
  whole: number;
  /** When an attribute changed after that, by lower-case name. */
  attributes: Map<string, number>;
}

/** Keeps what changed when, by the directory's update sequence number. */
export class Journal {
  readonly #directory: Directory;
  readonly #changes = new Map<string, Changed>();

  constructor(directory: Directory) {
    this.#directory = directory;
    for (const entry of directory.entries())
      this.#changes.set(entry.guid, { at: directory.usn, whole: directory.usn, attributes: new Map() });
    directory.onChange((change) => this.#note(change));
  }

  #note({ op, guid, attributes }: Change): void {
    const at = this.#directory.usn;
    const known = this.#changes.get(guid);
    // Taken out and put in again: the map then gives them in the order of their last change.
    this.#changes.delete(guid);
    if (known === undefined || op === "add" || attributes === undefined) {
      const whole = op === "add" || known === undefined ? at : known.whole;
      this.#changes.set(guid, { at, whole, attributes: known?.attributes ?? new Map() });
      if (op === "delete") this.#changes.get(guid)?.attributes.set("isdeleted", at);
      return;
    }
    known.at = at;
    for (const name of attributes) known.attributes.set(name.toLowerCase(), at);
    this.#changes.set(guid, known);
  }

  /** One answer, and the value of the control that goes with it. */
  answer(request: SearchRequest, control: Control): { entries: OutEntry[]; control: { type: string; value: Buffer } } {
    const directory = this.#directory;
    if (directory.find(request.base).entry !== directory.base || request.scope !== "sub")
      throw requestFailure(result.unavailableCriticalExtension, "00000057", "DirSync is for a whole naming context");
    const since = this.#position(control);
    const test = compileFilter(request.filter, directory);
    const selection = selectionOf(request.attributes);
    const named = selection.all ? undefined : new Set(selection.named.map(({ def }) => def.key));
    const entries: OutEntry[] = [];
    let last = since;
    let more = false;
    for (const [guid, change] of this.#changes) {
      if (change.at <= since) continue;
      if (entries.length >= most) {
        more = true;
        break;
      }
      last = Math.max(last, change.at);
      const entry = directory.byGuid(guid) ?? directory.deleted.byGuid(guid);
      if (entry === undefined || test(entry) !== true) continue;
      const out = this.#shown(entry, change, since, named);
      if (out !== undefined) entries.push(out);
    }
    return { entries, control: { type: dirSyncOid, value: this.#written(more, more ? last : directory.usn) } };
  }

  #shown(entry: Entry, change: Changed, since: number, named: ReadonlySet<string> | undefined): OutEntry | undefined {
    const keys = new Set([...change.attributes].filter(([, at]) => at > since).map(([key]) => key));
    if (change.whole > since) for (const key of [...entry.values.keys(), ...entry.links.keys()]) keys.add(key);
    const wished = [...keys].filter((key) => named === undefined || named.has(key) || key === "isdeleted");
    if (wished.length === 0 && !entry.deleted) return undefined;
    const attributes: OutAttribute[] = [];
    for (const name of [...always, ...wished]) {
      const def = attributeOf(name);
      if (def === undefined || attributes.some((one) => one.name === def.name) || def.key === "unicodepwd") continue;
      attributes.push({ name: def.name, values: valuesOf(this.#directory, entry, def) });
    }
    if (entry.deleted && !attributes.some((one) => one.name === "isDeleted")) attributes.push({ name: "isDeleted", values: ["TRUE"] });
    return { dn: entry.dn, attributes };
  }

  /** The cookie's number; 0 without a cookie. Throws for one that this directory did not give. */
  #position(control: Control): number {
    if (control.value === undefined) throw new BerError("a DirSync control without a value");
    const reader = new BerReader(control.value).inside();
    reader.integer();
    reader.integer();
    const cookie = reader.octets();
    if (cookie.length === 0) return 0;
    const ours =
      cookie.length === length &&
      cookie.toString("latin1", 0, 4) === "MSDS" &&
      cookie.subarray(8, 24).equals(this.#directory.base.guidBytes);
    if (!ours)
      throw new LdapFailure(
        result.unavailableCriticalExtension,
        "0000203D: LdapErr: DSID-0C090D8A, comment: Error processing control, data 0, v4563",
      );
    return cookie.readUInt32LE(24);
  }

  #written(more: boolean, usn: number): Buffer {
    const cookie = Buffer.alloc(length);
    cookie.write("MSDS", 0, "latin1");
    cookie.writeUInt32LE(3, 4);
    this.#directory.base.guidBytes.copy(cookie, 8);
    cookie.writeUInt32LE(usn, 24);
    const writer = new BerWriter(64);
    writer.octets(cookie);
    writer.integer(0);
    writer.integer(more ? 1 : 0);
    writer.header(0, tag.sequence);
    return writer.bytes();
  }
}

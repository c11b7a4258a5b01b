/**
 * Deleted objects (MS-ADTS 3.1.1.5.5): a deletion makes a tombstone in CN=Deleted Objects, which only searches with the
 * show-deleted control see. Without the recycle bin nearly every attribute and all links are lost; with it they are kept.
 */
import { type Rdn, rdnKey } from "./dn.ts";
import { Entry, type Value } from "./entry.ts";
import { updateFailure, willNotPerform } from "./errors.ts";
import { classOf } from "./schema.ts";

/** What a tombstone keeps when there is no recycle bin (and objectGUID and objectSid, which are no plain values here). */
const kept = new Set(
  "objectclass instancetype whencreated whenchanged usncreated usnchanged useraccountcontrol samaccountname sidhistory grouptype".split(
    " ",
  ),
);

interface Grave {
  values: Map<string, Value[]>;
  /** Forward and back links, for the recycle bin. */
  links: [key: string, target: Entry][];
  backLinks: [key: string, source: Entry][];
  rdn: Rdn;
  password: string | undefined;
}

/** The tombstones of a directory. */
export class DeletedObjects {
  readonly container: Entry;
  readonly recycleBin: boolean;
  readonly #graves = new Map<string, Grave>();
  readonly #byGuid = new Map<string, Entry>();

  constructor(base: Entry, guid: Buffer, recycleBin: boolean) {
    const definition = classOf("container");
    if (definition === undefined) throw new Error("The schema has no class container.");
    this.recycleBin = recycleBin;
    this.container = new Entry(guid, definition, { type: "CN", value: "Deleted Objects" }, base);
    this.container.deleted = true;
    for (const [key, value] of [
      ["cn", "Deleted Objects"],
      ["name", "Deleted Objects"],
      ["isdeleted", "TRUE"],
      ["iscriticalsystemobject", "TRUE"],
    ] as const)
      this.container.values.set(key, [value]);
    this.container.values.set("objectclass", [...definition.chain]);
    base.children.set(rdnKey(this.container.rdn), this.container);
  }

  byGuid(guid: string): Entry | undefined {
    return this.#byGuid.get(guid.toLowerCase());
  }

  /** Every tombstone, in the order of deletion. */
  entries(): IterableIterator<Entry> {
    return this.#byGuid.values();
  }

  /** Makes an entry, already out of every index, a tombstone. */
  bury(entry: Entry): void {
    const flat = (links: ReadonlyMap<string, ReadonlySet<Entry>>): [string, Entry][] =>
      [...links].flatMap(([key, all]) => [...all].map((one): [string, Entry] => [key, one]));
    this.#graves.set(entry.guid, {
      values: new Map(entry.values),
      links: flat(entry.links),
      backLinks: flat(entry.backLinks),
      rdn: entry.rdn,
      password: entry.password,
    });
    this.#byGuid.set(entry.guid, entry);
    const parent = entry.parent?.dn ?? "";
    entry.unlinkAll();
    if (!this.recycleBin) {
      for (const key of [...entry.values.keys()]) if (!kept.has(key)) entry.values.delete(key);
      entry.password = undefined;
      entry.values.set("isrecycled", ["TRUE"]);
    }
    entry.values.set("isdeleted", ["TRUE"]);
    entry.values.set("lastknownparent", [parent]);
    entry.deleted = true;
    const rdn: Rdn = { type: entry.rdn.type, value: `${entry.rdn.value}\nDEL:${entry.guid}` };
    entry.place(this.container, rdn);
    this.#name(entry, rdn);
  }

  /** Takes a tombstone out under a name: without its index entries, which are the directory's. */
  raise(entry: Entry, parent: Entry, rdn: Rdn): void {
    const grave = this.#graves.get(entry.guid);
    if (grave === undefined) throw willNotPerform("00002035");
    if (parent.deleted) throw willNotPerform("00002035");
    if (parent.children.has(rdnKey(rdn))) throw updateFailure("exists", "00002071");
    this.#graves.delete(entry.guid);
    this.#byGuid.delete(entry.guid);
    for (const key of ["isdeleted", "isrecycled"]) entry.values.delete(key);
    entry.deleted = false;
    entry.place(parent, rdn);
    this.#name(entry, rdn);
    if (!this.recycleBin) return;
    const alive = (other: Entry): boolean => !other.deleted;
    for (const [key, target] of grave.links) if (alive(target)) entry.link(key, target);
    for (const [key, source] of grave.backLinks) if (alive(source)) source.link(key, entry);
  }

  /** The lifetime of a tombstone is over: nothing brings it back. */
  forget(entry: Entry): void {
    this.#graves.delete(entry.guid);
    this.#byGuid.delete(entry.guid);
    this.container.children.delete(rdnKey(entry.rdn));
  }

  #name(entry: Entry, rdn: Rdn): void {
    entry.values.set(entry.classDef.rdn, [rdn.value]);
    entry.values.set("name", [rdn.value]);
  }
}

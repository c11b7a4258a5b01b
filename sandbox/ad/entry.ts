/** One object of the directory. References to other objects are kept as references, so that names follow by themselves. */
import { formatRdn, type Rdn, rdnKey } from "./dn.ts";
import { guidToText } from "./identity.ts";
import type { ClassDef } from "./schema.ts";

/** Text for every syntax but octet and SID strings, which are bytes. */
export type Value = string | Buffer;

/** The rights on an entry. */
export interface Rights {
  /** SE_DACL_PROTECTED and SE_DACL_AUTO_INHERITED. */
  control: number;
  revision: number;
  /** ACEs as they are. */
  entries: Buffer[];
}

/** An object in the store. Only directory.ts and its helpers change it. */
export class Entry {
  readonly guid: string;
  readonly guidBytes: Buffer;
  readonly classDef: ClassDef;
  /** `S-1-5-21-…` of a security principal. */
  sid: string | undefined;
  rdn: Rdn;
  parent: Entry | undefined;
  dn: string;
  /** Plain values by lower-case attribute name; never an empty list. */
  readonly values = new Map<string, Value[]>();
  /** Forward links by lower-case attribute name. */
  readonly links = new Map<string, Set<Entry>>();
  /** Who points here, by lower-case name of the forward link. */
  readonly backLinks = new Map<string, Set<Entry>>();
  readonly children = new Map<string, Entry>();
  deleted = false;
  /** Who may do what, where somebody wrote it. */
  rights: Rights | undefined;
  /** Digest of the password; "unknown" for one that was set by hand without telling it. */
  password: string | undefined;

  constructor(guidBytes: Buffer, classDef: ClassDef, rdn: Rdn, parent: Entry | undefined, dn?: string) {
    this.guidBytes = guidBytes;
    this.guid = guidToText(guidBytes);
    this.classDef = classDef;
    this.rdn = rdn;
    this.parent = parent;
    this.dn = dn ?? this.#name();
  }

  #name(): string {
    return this.parent === undefined ? formatRdn(this.rdn) : `${formatRdn(this.rdn)},${this.parent.dn}`;
  }

  /** First plain value as text. */
  text(key: string): string | undefined {
    const value = this.values.get(key)?.[0];
    return value === undefined ? undefined : value.toString();
  }

  number(key: string): number {
    return Number(this.text(key) ?? 0);
  }

  isProtected(): boolean {
    return this.number("admincount") === 1;
  }

  /** Hangs the entry under a parent with a name; every name below follows. */
  place(parent: Entry, rdn: Rdn): void {
    this.parent?.children.delete(rdnKey(this.rdn));
    this.parent = parent;
    this.rdn = rdn;
    parent.children.set(rdnKey(rdn), this);
    this.#rename();
  }

  #rename(): void {
    this.dn = this.#name();
    for (const child of this.children.values()) child.#rename();
  }

  isWithin(other: Entry): boolean {
    for (let at: Entry | undefined = this; at !== undefined; at = at.parent) if (at === other) return true;
    return false;
  }

  link(key: string, target: Entry): void {
    into(this.links, key, target);
    into(target.backLinks, key, this);
  }

  unlink(key: string, target: Entry): void {
    outOf(this.links, key, target);
    outOf(target.backLinks, key, this);
  }

  /** Takes the entry out of every reference from and to it. */
  unlinkAll(): void {
    for (const [key, targets] of [...this.links]) for (const target of [...targets]) this.unlink(key, target);
    for (const [key, sources] of [...this.backLinks]) for (const source of [...sources]) source.unlink(key, this);
  }
}

function into(map: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([entry]));
  else set.add(entry);
}

function outOf(map: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const set = map.get(key);
  set?.delete(entry);
  if (set?.size === 0) map.delete(key);
}

/** What a name leads to. `best` is the nearest existing parent. */
export interface Found {
  entry: Entry | undefined;
  best: string;
  malformed: boolean;
  /** Not in this domain at all. */
  foreign: boolean;
}

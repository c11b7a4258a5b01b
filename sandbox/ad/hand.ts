/** The directory as a person at the console uses it: for sample data and for changes "by hand". The schema's and SAM's rules hold; rights and limits do not. */
import type { Directory as Store } from "./directory.ts";
import { escapeValue, parseDn } from "./dn.ts";
import type { Entry, Value } from "./entry.ts";
import type { RawAttribute, RawChange } from "./modify.ts";
import { valuesOf } from "./read.ts";
import { attributeOf } from "./schema.ts";

/** One value as written in code. Dates of AD are FILETIME text; passwords are given apart. */
export type Input = string | number | boolean | Buffer;

/** What an attribute shall become: its values (null: none), or values to put in and take out. */
export type Wish = Input | readonly Input[] | null | { add?: readonly Input[]; remove?: readonly Input[] };

/** An object as read. Its values are read when they are asked for; the rest is as it was when the object was looked up. */
export interface DirectoryEntry {
  dn: string;
  /** objectGUID as text. */
  guid: string;
  guidBytes: Buffer;
  /** `S-1-5-…` of a security principal. */
  sid: string | undefined;
  /** Distinguished name of the parent. */
  parent: string | undefined;
  /** Structural class. */
  objectClass: string;
  /** For accounts: not disabled. */
  enabled: boolean;
  hasPassword: boolean;
  /** Values of any attribute in any case, computed and back-linked ones too; bytes of GUIDs, SIDs and pictures. [] when there are none. */
  values(name: string): readonly Value[];
  /** First value as text. */
  text(name: string): string | undefined;
}

/** The store that sandbox code fills and changes. Every method throws the failure that LDAP would answer. */
export interface Directory {
  /** By distinguished name, `<GUID=…>`, `<SID=…>` or bare GUID. */
  get(name: string): DirectoryEntry | undefined;
  /** By sAMAccountName. */
  account(name: string): DirectoryEntry | undefined;
  list(filter?: (entry: DirectoryEntry) => boolean): DirectoryEntry[];
  /** `password` is set without the password policy; an enabled account without one counts as having an unknown one. */
  add(dn: string, attributes: Record<string, Input | readonly Input[]>, password?: string): DirectoryEntry;
  modify(name: string, wishes: Record<string, Wish>): DirectoryEntry;
  setPassword(name: string, password: string): void;
  /** True when the account would log on with it, were it enabled. */
  hasPassword(name: string, password: string): boolean;
  /** To a new full name: renames, moves or both. */
  move(name: string, dn: string): DirectoryEntry;
  /** Deletes. `forGood`: without a tombstone, as when its lifetime is over. */
  remove(name: string, forGood?: boolean): void;
}

function encode(input: Input): Value {
  if (typeof input === "boolean") return input ? "TRUE" : "FALSE";
  return typeof input === "number" ? String(input) : input;
}

function encodeAll(input: Input | readonly Input[]): Value[] {
  return Array.isArray(input) ? input.map(encode) : [encode(input as Input)];
}

/** A password as unicodePwd takes it. */
function quoted(password: string): Buffer {
  return Buffer.from(`"${password}"`, "utf16le");
}

function changesOf(wishes: Record<string, Wish>): RawChange[] {
  return Object.entries(wishes).flatMap(([attribute, wish]): RawChange[] => {
    if (wish === null) return [{ op: "replace", attribute, values: [] }];
    if (typeof wish !== "object" || Buffer.isBuffer(wish) || Array.isArray(wish))
      return [{ op: "replace", attribute, values: encodeAll(wish as Input | readonly Input[]) }];
    const { add = [], remove = [] } = wish as { add?: readonly Input[]; remove?: readonly Input[] };
    return [
      ...(remove.length > 0 ? [{ op: "delete" as const, attribute, values: remove.map(encode) }] : []),
      ...(add.length > 0 ? [{ op: "add" as const, attribute, values: add.map(encode) }] : []),
    ];
  });
}

/** Opens the store to sandbox code. */
export function byHand(store: Store, isPassword: (entry: Entry, password: string) => boolean): Directory {
  const view = (entry: Entry): DirectoryEntry => ({
    dn: entry.dn,
    guid: entry.guid,
    guidBytes: entry.guidBytes,
    sid: entry.sid,
    parent: entry.parent?.dn,
    objectClass: entry.classDef.name,
    enabled: entry.classDef.account && (entry.number("useraccountcontrol") & 2) === 0,
    hasPassword: entry.password !== undefined,
    values: (name) => {
      const def = attributeOf(name);
      return def === undefined ? [] : [...valuesOf(store, entry, def)];
    },
    text: (name) => {
      const def = attributeOf(name);
      return def === undefined ? undefined : valuesOf(store, entry, def)[0]?.toString();
    },
  });
  const at = (name: string): Entry => store.byGuid(name) ?? store.resolve(name);
  const trusted = { trusted: true, permissive: true };
  return {
    get: (name) => {
      const entry = store.byGuid(name) ?? store.find(name).entry;
      return entry === undefined ? undefined : view(entry);
    },
    account: (name) => {
      const entry = store.byAccountName(name);
      return entry === undefined ? undefined : view(entry);
    },
    list: (filter = () => true) => [...store.entries()].map(view).filter(filter),
    add: (dn, attributes, password) => {
      const list: RawAttribute[] = Object.entries(attributes).map(([attribute, input]) => ({ attribute, values: encodeAll(input) }));
      if (password !== undefined) list.push({ attribute: "unicodePwd", values: [quoted(password)] });
      return view(store.add(dn, list, trusted));
    },
    modify: (name, wishes) => {
      const entry = at(name);
      store.modify(entry, changesOf(wishes), trusted);
      return view(entry);
    },
    setPassword: (name, password) =>
      store.modify(at(name), [{ op: "replace", attribute: "unicodePwd", values: [quoted(password)] }], trusted),
    hasPassword: (name, password) => isPassword(at(name), password),
    move: (name, dn) => {
      const entry = at(name);
      const [rdn, ...rest] = parseDn(dn).map((step) => `${step.type}=${escapeValue(step.value)}`);
      store.move(entry, rdn ?? "", store.resolve(rest.join(",")));
      return view(entry);
    },
    remove: (name, forGood = false) => {
      const entry = at(name);
      store.remove(entry);
      if (forGood) store.deleted.forget(entry);
    },
  };
}

/** The store: entries in a tree, with indexes by GUID, SID, account name and UPN, and the rules of adding, renaming and deleting. */
import { DeletedObjects } from "./deleted.ts";
import { DnSyntaxError, formatDn, parseDn, type Rdn, rdnKey } from "./dn.ts";
import { Entry, type Found, type Value } from "./entry.ts";
import {
  attributeFailure,
  badName,
  conversionFailure,
  LdapFailure,
  namingViolation,
  noSuchObject,
  result,
  updateFailure,
  willNotPerform,
} from "./errors.ts";
import { fold } from "./fold.ts";
import { checkDeletable, defaultGroupType } from "./groups.ts";
import { generalizedTime, guidFromText, guidToText, never, newGuid, randomSource, sidFromText, sidToText } from "./identity.ts";
import { type RawAttribute, type RawChange, Transaction, type WriteOptions } from "./modify.ts";
import { type ClassDef, classOf, isClassName, knownAttribute } from "./schema.ts";
import { textOf } from "./values.ts";

/** Told after every change that was made. */
export interface Change {
  op: "add" | "modify" | "move" | "delete";
  /** The name after the change. */
  dn: string;
  /** objectGUID as text. */
  guid: string;
  /** Names of the attributes that were changed; absent where the whole object is new or gone. */
  attributes?: readonly string[];
}

/** The directory of one domain. */
export class Directory {
  readonly base: Entry;
  readonly limits: { strict: boolean };
  readonly random: () => number;
  readonly now: () => Date;
  readonly domainSid: string;
  readonly #baseKeys: string[];
  /** `@corp.example.com`. */
  readonly #suffix: string;
  readonly #byGuid = new Map<string, Entry>();
  readonly #bySid = new Map<string, Entry>();
  readonly #unique = { samaccountname: new Map<string, Entry>(), userprincipalname: new Map<string, Entry>() };
  /** Attributes that people are looked up by. */
  readonly #indexes = new Map(["name", "employeenumber", "employeeid", "mail"].map((key) => [key, new Map<string, Set<Entry>>()]));
  readonly #listeners: ((change: Change) => void)[] = [];
  /** SIDs of the accounts that may do everything with an entry: they stand in its rights. */
  holders: (entry: Entry) => readonly string[] = () => [];
  /** Tombstones: seen only where a search or a modify asks for them. */
  readonly deleted: DeletedObjects;
  #usn = 12_000;
  #rid = 1103;

  constructor(options: { base: string; seed: number | undefined; strict: boolean; now: () => Date; recycleBin?: boolean }) {
    this.limits = { strict: options.strict };
    this.now = options.now;
    this.random = randomSource(options.seed);
    this.domainSid = `S-1-5-21-${this.random()}-${this.random()}-${this.random()}`;
    const steps = parseDn(options.base);
    this.#baseKeys = steps.map(rdnKey);
    this.#suffix = `@${steps.map(({ value }) => value).join(".")}`.toLowerCase();
    const first = steps[0];
    const domain = classOf("domainDNS");
    if (first === undefined || domain === undefined) throw new Error("The base of a directory is a name of DC=… parts.");
    this.base = new Entry(newGuid(this.random), domain, first, undefined, formatDn(steps));
    this.base.sid = this.domainSid;
    this.base.values.set("dc", [first.value]);
    this.#stamp(this.base, true);
    this.#register(this.base);
    this.deleted = new DeletedObjects(this.base, newGuid(this.random), options.recycleBin ?? true);
  }

  /** The DNS name of the domain: DC=corp,DC=example is corp.example. */
  get domainName(): string {
    return parseDn(this.base.dn)
      .map((step) => step.value)
      .join(".");
  }

  /** highestCommittedUSN. */
  get usn(): number {
    return this.#usn;
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  #tell(op: Change["op"], entry: Entry, attributes?: readonly string[]): void {
    const change = { op, dn: entry.dn, guid: entry.guid, ...(attributes === undefined ? {} : { attributes }) };
    for (const listener of this.#listeners) listener(change);
  }

  /** Where a distinguished name, `<GUID=…>` or `<SID=…>` leads. Never throws. `shown`: deleted objects too. */
  find(name: string, shown = false): Found {
    const found = this.#find(name, shown);
    return found.entry?.deleted === true && !shown ? { ...found, entry: undefined, best: this.base.dn } : found;
  }

  #find(name: string, shown: boolean): Found {
    const found: Found = { entry: undefined, best: this.base.dn, malformed: false, foreign: false };
    const special = /^<(GUID|SID)=([^>]*)>$/i.exec(name.trim());
    if (special !== null) {
      const [, kind = "", text = ""] = special;
      if (kind.toUpperCase() === "GUID") {
        const bytes = guidFromText(text);
        const guid = bytes === undefined ? undefined : guidToText(bytes);
        const entry = guid === undefined ? undefined : (this.#byGuid.get(guid) ?? (shown ? this.deleted.byGuid(guid) : undefined));
        return { ...found, entry, malformed: bytes === undefined };
      }
      const sid = sidFromText(text) === undefined ? sidToText(Buffer.from(text, "hex")) : text.toUpperCase();
      return { ...found, entry: sid === undefined ? undefined : this.#bySid.get(sid), malformed: sid === undefined };
    }
    let keys: string[];
    try {
      keys = parseDn(name).map(rdnKey);
    } catch (error) {
      if (error instanceof DnSyntaxError) return { ...found, malformed: true };
      throw error;
    }
    const offset = keys.length - this.#baseKeys.length;
    if (offset < 0 || this.#baseKeys.some((key, index) => keys[offset + index] !== key))
      return { ...found, best: "", foreign: keys.at(-1)?.startsWith("DC=") ?? false };
    let entry = this.base;
    for (let at = offset - 1; at >= 0; at -= 1) {
      const child = entry.children.get(keys[at] ?? "");
      if (child === undefined) return { ...found, best: entry.dn };
      entry = child;
    }
    return { ...found, entry };
  }

  /** The entry of a name, or the failure that a DC answers. */
  resolve(name: string, shown = false): Entry {
    const found = this.find(name, shown);
    if (found.entry !== undefined) return found.entry;
    if (found.malformed) throw badName(name);
    if (found.foreign) {
      const other = parseDn(name)
        .filter((step) => step.type === "DC")
        .map((step) => step.value)
        .join(".");
      const text = `0000202B: RefErr: DSID-0310082F, data 0, 1 access points\n\tref 1: '${other}'\n`;
      throw new LdapFailure(result.referral, text, { referral: [`ldap://${other}/${encodeURI(name)}`] });
    }
    throw noSuchObject(found.best);
  }

  byGuid(guid: string): Entry | undefined {
    return this.#byGuid.get(guid.toLowerCase());
  }

  bySid(sid: string): Entry | undefined {
    return this.#bySid.get(sid.toUpperCase());
  }

  byRid(rid: number): Entry | undefined {
    return this.#bySid.get(`${this.domainSid}-${rid}`) ?? this.#bySid.get(`S-1-5-32-${rid}`);
  }

  byAccountName(name: string): Entry | undefined {
    return this.#unique.samaccountname.get(fold(name));
  }

  byPrincipalName(name: string): Entry | undefined {
    return this.#unique.userprincipalname.get(fold(name));
  }

  /** Entries with that value of an indexed attribute; undefined for one that is not indexed. */
  indexed(key: string, value: string): Iterable<Entry> | undefined {
    const index = this.#indexes.get(key);
    return index === undefined ? undefined : (index.get(fold(value)) ?? []);
  }

  entries(): IterableIterator<Entry> {
    return this.#byGuid.values();
  }

  /** Throws when another entry has the value: 68 for account names, 19 (000021C8) for UPNs. */
  checkUnique(key: "samaccountname" | "userprincipalname", value: string | undefined, entry: Entry): void {
    if (value === undefined) return;
    // login@domain is a userPrincipalName that every account has without its being written anywhere.
    const suffix = this.#suffix;
    const isUpn = key === "userprincipalname";
    const implied = isUpn
      ? this.#unique.samaccountname.get(value.toLowerCase().endsWith(suffix) ? fold(value.slice(0, -suffix.length)) : "")
      : this.#unique.userprincipalname.get(fold(value + suffix));
    const holder = [this.#unique[key].get(fold(value)), implied].find((one) => one !== undefined && one !== entry);
    if (holder === undefined) return;
    throw key === "samaccountname" ? updateFailure("exists", "00002071") : attributeFailure("constraint", "000021C8", "userPrincipalName");
  }

  #register(entry: Entry): void {
    this.#byGuid.set(entry.guid, entry);
    if (entry.sid !== undefined) this.#bySid.set(entry.sid, entry);
    for (const key of ["samaccountname", "userprincipalname"] as const) {
      const value = entry.text(key);
      if (value !== undefined) this.#unique[key].set(fold(value), entry);
    }
    for (const [key, index] of this.#indexes) {
      const value = entry.text(key);
      if (value === undefined) continue;
      const folded = fold(value);
      const holders = index.get(folded);
      if (holders === undefined) index.set(folded, new Set([entry]));
      else holders.add(entry);
    }
  }

  /** Takes an entry out of every index of its values. */
  #unregister(entry: Entry): void {
    for (const key of ["samaccountname", "userprincipalname"] as const) {
      const value = entry.text(key);
      if (value !== undefined && this.#unique[key].get(fold(value)) === entry) this.#unique[key].delete(fold(value));
    }
    for (const [key, index] of this.#indexes) {
      const folded = fold(entry.text(key) ?? "");
      const holders = index.get(folded);
      holders?.delete(entry);
      if (holders?.size === 0) index.delete(folded);
    }
  }

  #stamp(entry: Entry, isNew: boolean): void {
    this.#usn += 1;
    const time = generalizedTime(this.now());
    if (isNew) {
      const definition = entry.classDef;
      entry.values.set("objectclass", [...definition.chain]);
      entry.values.set("objectcategory", [this.categoryDn(definition.category)]);
      entry.values.set("name", [entry.rdn.value]);
      entry.values.set("instancetype", [entry.parent === undefined ? "5" : "4"]);
      if (!entry.values.has("whencreated")) entry.values.set("whencreated", [time]);
      entry.values.set("usncreated", [String(this.#usn)]);
    }
    entry.values.set("whenchanged", [time]);
    entry.values.set("usnchanged", [String(this.#usn)]);
  }

  /** Name of a classSchema object. */
  categoryDn(category: string): string {
    return `CN=${category},CN=Schema,CN=Configuration,${this.base.dn}`;
  }

  #checkRdn(rdn: Rdn, definition: ClassDef, dn: string): void {
    if (rdn.type.toLowerCase() !== definition.rdn) throw namingViolation("00002073", dn);
    const def = knownAttribute(definition.rdn);
    if (def.upper !== undefined && rdn.value.length > def.upper)
      throw attributeFailure("constraint", "00002082", def.name, rdn.value.length * 2);
  }

  /** Adds an entry. `sid` is for well-known principals. Throws an {@link LdapFailure}; then nothing was added. */
  add(name: string, attributes: readonly RawAttribute[], options: WriteOptions & { sid?: string } = {}): Entry {
    let steps: Rdn[];
    try {
      steps = parseDn(name);
    } catch {
      throw badName(name);
    }
    const [rdn, ...rest] = steps;
    if (rdn === undefined) throw badName(name);
    const existing = this.find(name, true).entry;
    if (existing !== undefined) throw updateFailure("exists", "00002071");
    const parent = this.resolve(formatDn(rest));
    const definition = newClass(attributes);
    this.#checkRdn(rdn, definition, name);
    if (!definition.parents.has(parent.classDef.name)) throw namingViolation("00002099", parent.dn);
    const entry = new Entry(newGuid(this.random), definition, rdn, parent);
    const change = new Transaction(this, entry, options, true);
    try {
      const seen = new Set<string>();
      for (const { attribute, values } of attributes) {
        const key = attribute.toLowerCase();
        if (seen.has(key)) throw attributeFailure("exists", "00002083", attribute);
        seen.add(key);
        if (key === "objectclass" || key === "objectcategory") continue;
        if (key === definition.rdn || key === "name") {
          if (values.length !== 1 || fold(textOf(values[0] ?? "")) !== fold(rdn.value)) throw namingViolation("00002073", name);
          continue;
        }
        change.apply({ op: "add", attribute, values });
      }
      this.#defaults(entry, change);
      change.finish(this.now());
    } catch (error) {
      change.rollback();
      throw error;
    }
    if (definition.principal) {
      entry.sid = options.sid ?? `${this.domainSid}-${this.#rid}`;
      if (options.sid === undefined) this.#rid += 1;
    }
    entry.values.set(definition.rdn, [rdn.value]);
    entry.place(parent, rdn);
    this.#stamp(entry, true);
    this.#register(entry);
    this.#tell("add", entry);
    return entry;
  }

  #defaults(entry: Entry, change: Transaction): void {
    const fallback = (key: string, value: string): void => {
      if (!entry.values.has(key)) change.set(key, [value]);
    };
    const definition = entry.classDef;
    if (definition.principal)
      fallback("samaccountname", `$${this.random().toString(36).toUpperCase().slice(0, 6)}-${this.random().toString(36).toUpperCase()}`);
    if (definition.name === "group") fallback("grouptype", defaultGroupType);
    if (!definition.account) return;
    const computer = definition.chain.includes("computer");
    fallback("useraccountcontrol", computer ? "4096" : "546");
    fallback("primarygroupid", computer ? "515" : "513");
    fallback("accountexpires", never);
    for (const key of ["countrycode", "codepage", "badpwdcount", "badpasswordtime", "lastlogon", "lastlogoff", "logoncount"])
      fallback(key, "0");
    // Not through the change: there it would count as a wish of the client's.
    if (!entry.values.has("pwdlastset")) entry.values.set("pwdlastset", ["0"]);
  }

  /** Changes attributes: all of them or none. */
  modify(entry: Entry, changes: readonly RawChange[], options: WriteOptions = {}): void {
    const change = new Transaction(this, entry, options, false);
    this.#unregister(entry);
    try {
      for (const part of changes) change.apply(part);
      change.finish(this.now());
    } catch (error) {
      change.rollback();
      throw error;
    } finally {
      this.#register(entry);
    }
    this.#stamp(entry, false);
    this.#tell("modify", entry, [...changes.map(({ attribute }) => attribute), "whenChanged"]);
  }

  /** Renames and moves: the GUID, the references and everything below stay. `parent` undefined: same place. */
  move(entry: Entry, newRdn: string, parent: Entry | undefined): void {
    let steps: Rdn[];
    try {
      steps = parseDn(newRdn);
    } catch {
      throw badName(newRdn);
    }
    const [rdn, more] = steps;
    const place = parent ?? entry.parent;
    if (rdn === undefined || more !== undefined) throw badName(newRdn);
    if (place === undefined || entry.text("iscriticalsystemobject") === "TRUE") throw willNotPerform("00002077");
    this.#checkRdn(rdn, entry.classDef, entry.dn);
    if (!entry.classDef.parents.has(place.classDef.name)) throw namingViolation("00002099", place.dn);
    if (place.isWithin(entry)) throw willNotPerform("000020C6");
    const holder = place.children.get(rdnKey(rdn));
    if (holder !== undefined && holder !== entry) throw updateFailure("exists", "00002071");
    this.#unregister(entry);
    entry.place(place, rdn);
    entry.values.set(entry.classDef.rdn, [rdn.value]);
    entry.values.set("name", [rdn.value]);
    this.#register(entry);
    this.#stamp(entry, false);
    this.#tell("move", entry, [entry.classDef.rdn, "name", "whenChanged"]);
  }

  /** Deletes a leaf: it becomes a tombstone, and every reference to it goes with it. */
  remove(entry: Entry): void {
    checkDeletable(entry, this.entries());
    const dn = entry.dn;
    this.#byGuid.delete(entry.guid);
    if (entry.sid !== undefined) this.#bySid.delete(entry.sid);
    this.#unregister(entry);
    this.deleted.bury(entry);
    this.#stamp(entry, false);
    for (const listener of this.#listeners) listener({ op: "delete", dn, guid: entry.guid });
  }

  /**
   * Undeletes a tombstone (MS-ADTS 3.1.1.5.3.7): one modify that deletes isDeleted and replaces distinguishedName; further
   * changes of it are made on the object that came back. All or nothing.
   */
  undelete(entry: Entry, changes: readonly RawChange[], options: WriteOptions = {}): void {
    const of = (key: string): RawChange[] => changes.filter((change) => change.attribute.toLowerCase() === key);
    const [mark, ...moreMarks] = of("isdeleted");
    const [name, ...moreNames] = of("distinguishedname");
    if (mark?.op !== "delete" || moreMarks.length > 0) throw willNotPerform("00002035");
    if (name?.op !== "replace" || name.values.length !== 1 || moreNames.length > 0) throw willNotPerform("00002035");
    let steps: Rdn[];
    try {
      steps = parseDn(textOf(name.values[0] ?? ""));
    } catch {
      throw badName(textOf(name.values[0] ?? ""));
    }
    const [rdn, ...rest] = steps;
    if (rdn === undefined) throw badName("");
    const parent = this.resolve(formatDn(rest));
    this.#checkRdn(rdn, entry.classDef, entry.dn);
    if (!entry.classDef.parents.has(parent.classDef.name)) throw namingViolation("00002099", parent.dn);
    const others = changes.filter((change) => change !== mark && change !== name);
    const login = others.find((change) => change.attribute.toLowerCase() === "samaccountname")?.values[0];
    this.checkUnique("samaccountname", login === undefined ? entry.text("samaccountname") : textOf(login), entry);
    this.checkUnique("userprincipalname", entry.text("userprincipalname"), entry);
    this.deleted.raise(entry, parent, rdn);
    if (!this.deleted.recycleBin) {
      const change = new Transaction(this, entry, { trusted: true }, true);
      if (entry.classDef.account) entry.values.set("useraccountcontrol", [String(entry.number("useraccountcontrol") | 2)]);
      this.#defaults(entry, change);
      entry.values.set("objectcategory", [this.categoryDn(entry.classDef.category)]);
    }
    this.#byGuid.set(entry.guid, entry);
    if (entry.sid !== undefined) this.#bySid.set(entry.sid, entry);
    this.#register(entry);
    try {
      if (others.length > 0) this.modify(entry, others, options);
    } catch (error) {
      this.#byGuid.delete(entry.guid);
      if (entry.sid !== undefined) this.#bySid.delete(entry.sid);
      this.#unregister(entry);
      this.deleted.bury(entry);
      throw error;
    }
    this.#stamp(entry, false);
    this.#tell("add", entry);
  }
}

/** The structural class of a new entry: the deepest of those named, when they are one chain. */
function newClass(attributes: readonly RawAttribute[]): ClassDef {
  const values: Value[] = attributes.find(({ attribute }) => attribute.toLowerCase() === "objectclass")?.values ?? [];
  const names = values.map((value) => textOf(value));
  if (names.length === 0) throw updateFailure("classViolation", "0000207B");
  if (names.some((name) => !isClassName(name))) throw conversionFailure();
  const deepest = names
    .map((name) => classOf(name))
    .filter((definition) => definition !== undefined)
    .sort((left, right) => right.chain.length - left.chain.length)[0];
  const chain = new Set(deepest?.chain.map((name) => name.toLowerCase()));
  if (deepest === undefined || deepest.parents.size === 0 || names.some((name) => !chain.has(name.toLowerCase())))
    throw updateFailure("classViolation", "00002014");
  return deepest;
}

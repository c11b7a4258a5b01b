/** Changes of one entry's attributes: applied one after the other, checked as a whole, and taken back whole when one of them is refused. */
import { accountControl, checkAccountName, checkPasswordPolicy, passwordDigest, passwordOf } from "./accounts.ts";
import type { Entry, Found, Value } from "./entry.ts";
import { attributeFailure, conversionFailure, LdapFailure, noSuchObject, result, updateFailure, willNotPerform } from "./errors.ts";
import { accountType, checkGroupType, checkNesting, checkNotPrimary, swapPrimaryGroup } from "./groups.ts";
import { fileTime } from "./identity.ts";
import { type AttributeDef, attributeOf } from "./schema.ts";
import { rightsFrom } from "./security.ts";
import { decodeValue, textOf, valueKey } from "./values.ts";

/** An attribute as it came over the wire. */
export interface RawAttribute {
  attribute: string;
  values: Value[];
}

/** One modification as it came over the wire. */
export interface RawChange extends RawAttribute {
  op: "add" | "delete" | "replace";
}

/** How a change is judged. */
export interface WriteOptions {
  /** The control 1.2.840.113556.1.4.1413: adding what is there and deleting what is not succeed. */
  permissive?: boolean;
  /** By hand: system attributes may be written and accounts enabled without a password. */
  trusted?: boolean;
  /** Parts of a security descriptor that are written (control 1.2.840.113556.1.4.801); all of them without it. */
  sdParts?: number;
}

/** What a change has to ask of the domain. */
interface Domain {
  base: Entry;
  limits: { strict: boolean };
  find(name: string): Found;
  byRid(rid: number): Entry | undefined;
  /** Throws LdapFailure where somebody else has the value. */
  checkUnique(attribute: "samaccountname" | "userprincipalname", value: string | undefined, entry: Entry): void;
}

/** What can never be taken away from an entry that has it. */
const mandatory = ["samaccountname", "useraccountcontrol", "grouptype", "primarygroupid", "pwdlastset", "accountexpires"];
/** What not even a change by hand may write. */
const untouchable = ["objectguid", "objectsid", "distinguishedname", "objectclass", "objectcategory"];

/** What the Security Accounts Manager keeps to itself; every other system attribute is refused as a breach of the schema. */
const ownedBySam = "memberof samaccounttype objectsid badpwdcount badpasswordtime lastlogon lastlogoff lastlogontimestamp logoncount".split(
  " ",
);

/** A change of one entry under way. */
export class Transaction {
  readonly #directory: Domain;
  readonly #entry: Entry;
  readonly #options: WriteOptions;
  readonly #isNew: boolean;
  /** Values before the change. */
  readonly #before = new Map<string, Value[] | undefined>();
  readonly #newMembers = new Set<Entry>();
  readonly #undo: (() => void)[] = [];
  #password: string | undefined;
  #oldPassword: string | undefined;

  constructor(directory: Domain, entry: Entry, options: WriteOptions, isNew: boolean) {
    this.#directory = directory;
    this.#entry = entry;
    this.#options = options;
    this.#isNew = isNew;
  }

  /** Takes everything back. */
  rollback(): void {
    for (const [key, values] of this.#before) {
      if (values === undefined) this.#entry.values.delete(key);
      else this.#entry.values.set(key, values);
    }
    for (const undo of this.#undo.reverse()) undo();
  }

  /** Value of a plain attribute before the change. */
  #was(key: string): string | undefined {
    return this.#before.has(key) ? this.#before.get(key)?.[0]?.toString() : this.#entry.text(key);
  }

  /** Writes a plain attribute; nothing removes it. */
  set(key: string, values: Value[]): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#entry.values.get(key));
    if (values.length === 0) this.#entry.values.delete(key);
    else this.#entry.values.set(key, values);
  }

  /** Applies one change. Throws an {@link LdapFailure}; then `rollback` must follow. */
  apply(change: RawChange): void {
    const def = this.#definition(change.attribute);
    if (def.key === "unicodepwd") {
      this.#applyPassword(change);
      return;
    }
    if (def.key === "ntsecuritydescriptor") {
      this.#applyRights(change);
      return;
    }
    if (change.op === "add" && change.values.length === 0) throw conversionFailure(result.invalidAttributeSyntax);
    if (def.link) this.#applyLink(def, change);
    else this.#applyPlain(def, change);
  }

  #applyPlain(def: AttributeDef, change: RawChange): void {
    const values = change.values.map((value) => decodeValue(def, value));
    if (change.op !== "delete" && values.length === 1 && (change.op === "replace" || !this.#entry.values.has(def.key))) {
      this.#replace(def, values); // the usual case, without the sets
      return;
    }
    const seen = new Set<string>();
    for (const value of values) {
      const key = valueKey(def, value);
      if (seen.has(key)) throw attributeFailure("exists", "00002083", def.name);
      seen.add(key);
    }
    const now = this.#entry.values.get(def.key) ?? [];
    const present = new Set(now.map((value) => valueKey(def, value)));
    if (change.op === "replace") this.#replace(def, values);
    else if (change.op === "add") {
      const fresh = values.filter((value) => !present.has(valueKey(def, value)));
      if (fresh.length < values.length && this.#options.permissive !== true) throw attributeFailure("exists", "00002083", def.name);
      if (fresh.length > 0 && now.length > 0 && this.#single(def)) throw attributeFailure("exists", "0000200D", def.name);
      this.#replace(def, [...now, ...fresh]);
    } else {
      const missing = values.length === 0 ? now.length === 0 : [...seen].some((key) => !present.has(key));
      if (missing && this.#options.permissive !== true) throw attributeFailure("noSuchValue", "0000200A", def.name);
      this.#replace(def, values.length === 0 ? [] : now.filter((value) => !seen.has(valueKey(def, value))));
    }
  }

  #definition(name: string): AttributeDef {
    const def = attributeOf(name);
    if (def === undefined) throw conversionFailure();
    const rdn = this.#entry.classDef.rdn;
    if (def.key === rdn || def.key === "name") throw updateFailure("onRdn", "00002016");
    if (def.key === "ntsecuritydescriptor") return def;
    const closed = untouchable.includes(def.key) || def.computed || def.backLinkOf !== undefined;
    if (closed || (def.system && this.#options.trusted !== true))
      throw ownedBySam.includes(def.key) ? willNotPerform("0000209A") : attributeFailure("constraint", "000020B1", def.name);
    if (!this.#entry.classDef.may.has(def.key)) throw updateFailure("classViolation", "0000207D");
    return def;
  }

  /** SAM allows one description although the schema allows several. */
  #single(def: AttributeDef): boolean {
    return def.single || (def.key === "description" && this.#entry.classDef.principal);
  }

  #replace(def: AttributeDef, values: Value[]): void {
    if (values.length > 1 && this.#single(def)) throw attributeFailure("constraint", "00002081", def.name);
    if (values.length === 0 && mandatory.includes(def.key) && this.#entry.values.has(def.key))
      throw updateFailure("classViolation", "00002014");
    this.set(def.key, values);
  }

  #applyPassword(change: RawChange): void {
    if (!this.#entry.classDef.account) throw updateFailure("classViolation", "0000207D");
    if (change.values.length !== 1 || (change.op === "add" && !this.#isNew && this.#oldPassword === undefined))
      throw willNotPerform("0000001F");
    const password = passwordOf(change.values[0] ?? "");
    if (change.op === "delete") this.#oldPassword = password;
    else this.#password = password;
  }

  #applyRights(change: RawChange): void {
    if (change.op !== "replace" || change.values.length !== 1) throw attributeFailure("constraint", "00000057", change.attribute);
    const before = this.#entry.rights;
    this.#undo.push(() => {
      this.#entry.rights = before;
    });
    this.#entry.rights = rightsFrom(change.values[0], this.#options.sdParts ?? 15);
  }

  #target(def: AttributeDef, value: Value, op: RawChange["op"]): Entry | undefined {
    const text = textOf(value);
    if (text === "") throw conversionFailure(result.invalidAttributeSyntax);
    const found = this.#directory.find(text);
    if (found.entry !== undefined || op === "delete") return found.entry;
    if (found.malformed) throw conversionFailure(result.invalidAttributeSyntax);
    throw def.key === "member" ? noSuchObject(found.best) : attributeFailure("constraint", "000020B5", def.name);
  }

  #applyLink(def: AttributeDef, change: RawChange): void {
    const targets = change.values.map((value) => this.#target(def, value, change.op));
    const wished = new Set(targets.filter((target) => target !== undefined));
    if (change.op !== "delete" && wished.size < targets.length) throw attributeFailure("exists", "00002083", def.name);
    const now = this.#entry.links.get(def.key) ?? new Set<Entry>();
    if (change.op === "replace") {
      if (wished.size > 1 && def.single) throw attributeFailure("constraint", "00002081", def.name);
      for (const target of [...now]) if (!wished.has(target)) this.#unlink(def, target);
      for (const target of wished) if (!now.has(target)) this.#link(def, target);
      return;
    }
    const permissive = this.#options.permissive === true;
    if (change.op === "add") {
      const fresh = [...wished].filter((target) => !now.has(target));
      if (fresh.length < wished.size && !permissive)
        throw def.key === "member" ? updateFailure("exists", "00000562") : attributeFailure("exists", "00002083", def.name);
      if (def.single && now.size + fresh.length > 1)
        throw now.size > 0 ? attributeFailure("exists", "0000200D", def.name) : attributeFailure("constraint", "00002081", def.name);
      for (const target of fresh) this.#link(def, target);
      return;
    }
    const leaving = change.values.length === 0 ? [...now] : [...wished].filter((target) => now.has(target));
    if ((change.values.length === 0 ? now.size === 0 : leaving.length < change.values.length) && !permissive)
      throw def.key === "member" && change.values.length > 0
        ? willNotPerform("00000561")
        : attributeFailure("noSuchValue", "0000200A", def.name);
    for (const target of leaving) this.#unlink(def, target);
  }

  #link(def: AttributeDef, target: Entry): void {
    if (def.key === "member") this.#newMembers.add(target);
    this.#entry.link(def.key, target);
    this.#undo.push(() => this.#entry.unlink(def.key, target));
  }

  #unlink(def: AttributeDef, target: Entry): void {
    this.#entry.unlink(def.key, target);
    this.#undo.push(() => this.#entry.link(def.key, target));
  }

  /** Checks the entry as it would be, and fills in what the system keeps. */
  finish(now: Date): void {
    const entry = this.#entry;
    const changed = (key: string): boolean => this.#before.has(key);
    if (changed("samaccountname")) {
      const name = entry.text("samaccountname") ?? "";
      checkAccountName(name, entry.classDef.account && this.#directory.limits.strict ? 20 : 256);
      this.#directory.checkUnique("samaccountname", name, entry);
    }
    if (changed("userprincipalname")) this.#directory.checkUnique("userprincipalname", entry.text("userprincipalname"), entry);
    this.#finishPassword(now);
    if (changed("lockouttime") && entry.text("lockouttime") !== "0" && this.#options.trusted !== true) throw willNotPerform("00000057");
    if (changed("useraccountcontrol")) {
      const password = entry.password;
      this.#undo.push(() => {
        entry.password = password;
      });
      const lax = this.#options.trusted === true || !this.#directory.limits.strict;
      entry.values.set("useraccountcontrol", [String(accountControl(entry, entry.number("useraccountcontrol"), lax))]);
    }
    if (changed("grouptype")) {
      const was = this.#was("grouptype");
      checkGroupType(entry, this.#isNew || was === undefined ? undefined : Number(was));
    }
    for (const member of this.#newMembers) {
      checkNotPrimary(entry, member);
      checkNesting(entry, member);
    }
    if (entry.classDef.principal) this.set("samaccounttype", [accountType(entry)]);
    if (changed("primarygroupid") && !this.#isNew && this.#was("primarygroupid") !== entry.text("primarygroupid"))
      swapPrimaryGroup(entry, Number(this.#was("primarygroupid")), (rid) => this.#directory.byRid(rid));
  }

  #finishPassword(now: Date): void {
    const entry = this.#entry;
    const explicit = this.#before.has("pwdlastset") ? entry.text("pwdlastset") : undefined;
    if (explicit !== undefined && explicit !== "0" && explicit !== "-1" && this.#options.trusted !== true) throw willNotPerform("00000057");
    if (explicit === "-1") this.set("pwdlastset", [fileTime(now)]);
    if (this.#password === undefined) {
      if (this.#oldPassword !== undefined) throw willNotPerform("0000001F");
      return;
    }
    const before = entry.password;
    if (this.#oldPassword !== undefined && before !== passwordDigest(entry, this.#oldPassword))
      throw attributeFailure("constraint", "00000056", "unicodePwd");
    if (this.#options.trusted !== true)
      checkPasswordPolicy(this.#directory.base, this.#password, entry.text("samaccountname") ?? "", entry.text("displayname") ?? "");
    this.#undo.push(() => {
      entry.password = before;
    });
    entry.password = passwordDigest(entry, this.#password);
    if (explicit === undefined) this.set("pwdlastset", [fileTime(now)]);
  }
}

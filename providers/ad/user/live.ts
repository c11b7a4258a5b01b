/** ad:User: a live account, and what it looks like in the shape of the inputs. */
import type { Values } from "../../../base/json.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { dnRef, means } from "../group/refs.ts";
import { parentOf, sameDn } from "../values/dn.ts";
import { flagsOf } from "../values/flags.ts";
import { type AttributeValue, hasKeys, isBytes, isReference, listOf, liveValues, together, valueKey } from "../values/syntax.ts";
import type { Entry } from "../wire/client.ts";
import { bytesOf, guidOf, protectionOf, sidOf, textOf, textsOf } from "../wire/entry.ts";
import { isDisabled, unfinishedMark } from "./account.ts";
import { isAdditive, isPrimary, type UserInputs } from "./inputs.ts";

/** The canonical live values of ad:User. */
export type UserValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  enabled: boolean;
  sAMAccountName: string;
  userPrincipalName: string;
  /** As AD holds it, a signed 32-bit number; 0 where it cannot be read. */
  userAccountControl: number;
  /** Everything read, by the server's own names, as AD writes it (bytes as base64). */
  attributes: { [name: string]: AttributeValue };
  memberOf: string[];
  protected: boolean;
  /** Why, where it is protected. */
  protectedBecause?: string;
  /** A tombstone. */
  deleted?: true;
  /** Added by an interrupted run, still without a password. */
  unfinished: boolean;
  /** Ids of the objects that DN-valued attributes point to, by distinguishedName, where known. */
  references: { [dn: string]: string };
  sid?: string;
};

/** `UserValues` of a live object; the type's own list and get made them. */
export function valuesOfUser(live: Live): UserValues {
  return live.values as UserValues;
}

/** In values but not in `attributes`: has a field of its own, or is bytes. */
const apart = new Set([
  "cn",
  "samaccountname",
  "userprincipalname",
  "useraccountcontrol",
  "memberof",
  "objectguid",
  "objectsid",
  "admincount",
  "iscriticalsystemobject",
  "serviceprincipalname",
]);

/** Syntaxes that attribute names carry in requests, `northwindBadge;octets`: see mappings/load.ts. */
export function declaredIn(names: readonly string[]): { [name: string]: string } {
  return Object.fromEntries(names.flatMap((name) => (name.includes(";") ? [name.split(";") as [string, string]] : [])));
}

/** Names without the syntax they carry. */
export function plainNames(names: readonly string[]): string[] {
  return names.map((name) => name.split(";")[0] ?? name);
}

/** An entry as a live object; undefined for one without an objectGUID (no permission to read it). */
export function liveUser(
  entry: Entry,
  idOf: (dn: string) => string | undefined,
  declared: { readonly [name: string]: string } = {},
): Live | undefined {
  const id = guidOf(entry);
  if (id === undefined) return undefined;
  const attributes: UserValues["attributes"] = {};
  const references: UserValues["references"] = {};
  for (const name of Object.keys(entry.attributes).sort()) {
    if (apart.has(name.toLowerCase())) continue;
    const values = isBytes(name, declared) ? bytesOf(entry, name) : textsOf(entry, name);
    attributes[name] = rawValue(values);
    if (!isReference(name, declared)) continue;
    for (const value of values) {
      const target = idOf(value);
      if (target !== undefined) references[value] = target;
    }
  }
  const control = textOf(entry, "userAccountControl");
  const sid = sidOf(entry);
  const disabled = isDisabled(control);
  const because = protectionOf(entry);
  const values: UserValues = {
    distinguishedName: entry.dn,
    name: textOf(entry, "cn") ?? "",
    path: parentOf(entry.dn),
    enabled: !disabled,
    sAMAccountName: textOf(entry, "sAMAccountName") ?? "",
    userPrincipalName: textOf(entry, "userPrincipalName") ?? "",
    userAccountControl: Number(control ?? 0),
    attributes,
    memberOf: textsOf(entry, "memberOf").sort(),
    protected: because !== undefined,
    ...(because === undefined ? {} : { protectedBecause: because }),
    unfinished: disabled && textOf(entry, "adminDescription") === unfinishedMark,
    references,
    ...(sid === undefined ? {} : { sid }),
  };
  return { id, values };
}

/** Equal without regard to case keeps the wish's spelling: AD compares logins and names so, and nobody wants that noise. */
function unlessSame(live: string, wished: string): string {
  return live.toLowerCase() === wished.toLowerCase() ? wished : live;
}

/** Raw values: one bare, several sorted, none as "". */
function rawValue(values: readonly string[]): AttributeValue {
  const all = [...new Set(values)].sort();
  return all.length > 1 ? all : (all[0] ?? "");
}

/** Raw values by lower-case name, made once for an account that is looked at by a name AD spells otherwise, or has not. */
const byLowerName = new WeakMap<UserValues["attributes"], ReadonlyMap<string, AttributeValue>>();

/** The raw values of a live account's attribute, whatever the case of its name. */
export function rawValues({ attributes }: UserValues, name: string): string[] {
  if (Object.hasOwn(attributes, name)) return listOf(attributes[name]);
  const known = byLowerName.get(attributes) ?? new Map(Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), value]));
  byLowerName.set(attributes, known);
  return listOf(known.get(name.toLowerCase()));
}

/** The live account in the shape of the inputs, only what `managed` holds. `added`: what haloform put into additive attributes. */
export function viewUser(
  live: Live,
  managed: UserInputs,
  context: RunContext,
  resolved: { readonly [ref: string]: string } = {},
  added: { readonly [name: string]: readonly string[] } = {},
): UserInputs {
  const values = valuesOfUser(live);
  const attributes: UserInputs["attributes"] = {};
  for (const [name, wished] of Object.entries(managed.attributes)) {
    const found = liveValues(name, rawValues(values, name), managed.syntax);
    const refs = listOf(wished);
    const shown = isReference(name, managed.syntax)
      ? found.map((target) => refs.find((ref) => means(ref, target, values.references[target], context, resolved)) ?? dnRef(target))
      : spelt(name, found, refs);
    attributes[name] = together(isAdditive(managed, name) ? ours(name, shown, refs, added[name] ?? []) : shown, false);
  }
  return {
    person: managed.person,
    name: values.name.normalize("NFC").trim(),
    path: sameDn(values.path, managed.path) ? managed.path : values.path,
    enabled: values.enabled,
    sAMAccountName: unlessSame(values.sAMAccountName, managed.sAMAccountName),
    // an account may have none, which is no value of it
    ...(managed.userPrincipalName === undefined || values.userPrincipalName === ""
      ? {}
      : { userPrincipalName: unlessSame(values.userPrincipalName, managed.userPrincipalName) }),
    attributes,
    ...(managed.syntax === undefined ? {} : { syntax: managed.syntax }),
    ...(managed.additive === undefined ? {} : { additive: managed.additive }),
    ...(managed.flags === undefined ? {} : { flags: flagsOf(values.userAccountControl, Object.keys(managed.flags)) }),
  };
}

/** Live values in the wish's spelling where they are the same to everybody (addresses: valueKey). */
function spelt(name: string, found: readonly string[], wished: readonly string[]): readonly string[] {
  if (!hasKeys(name)) return found;
  const spellings = new Map(wished.map((value) => [valueKey(name, value), value]));
  return found.map((value) => spellings.get(valueKey(name, value)) ?? value);
}

/** Of an additive attribute only what is wished or was put there by haloform; and a primary address that is in a wished one's way. */
function ours(name: string, shown: readonly string[], wished: readonly string[], added: readonly string[]): string[] {
  const known = new Set([...wished, ...added].map((value) => valueKey(name, value)));
  const primary = name.toLowerCase() === "proxyaddresses" && wished.some(isPrimary);
  return shown.filter((value) => known.has(valueKey(name, value)) || (primary && isPrimary(value)));
}

/** Small readings of JSON values: records and live objects come from systems that write the same thing in several ways. */
import { isObject, type Json, type Values } from "../../base/json.ts";
import { fold, same } from "../../base/text.ts";

/** Text of a single value, trimmed; "" for nothing, lists and objects. Halo's `18.0` is `18`. */
export function textOf(value: Json | undefined): string {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Texts of a value or of a list of values, without the empty ones. */
export function textsOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.map(textOf).filter((text) => text !== "");
  // Asked of every resource, and most are no list and hold nothing.
  const text = textOf(value);
  return text === "" ? [] : [text];
}

/** true, 1, "true" and "1" are the same flag. */
export function flag(value: Json | undefined): boolean {
  return value === true || value === 1 || (typeof value === "string" && ["true", "1"].includes(fold(value)));
}

/** A nested object of a live object; {} when it is not one. */
export function part(value: Json | undefined): Values {
  return isObject(value) ? value : {};
}

/** Those of the fields that are there. */
export function picked(values: Values, fields: readonly string[]): Values {
  return Object.fromEntries(fields.flatMap((field) => (values[field] === undefined ? [] : [[field, values[field]]])));
}

/** What is at a dotted path (names of attributes hold no dots); undefined: nothing. */
export function valueAt(values: Values | undefined, path: string): Json | undefined {
  let here: Json | undefined = values;
  for (const step of path.split(".")) {
    if (!isObject(here)) return undefined;
    here = Object.hasOwn(here, step) ? here[step] : undefined;
  }
  return here;
}

/** The objects of a list; [] when it is none. */
export function parts(value: Json | undefined): Values[] {
  return (Array.isArray(value) ? value : []).map(part);
}

/** A value by its name, which has no case (names of LDAP attributes). */
export function valueCalled(values: { readonly [name: string]: Json }, name: string): Json | undefined {
  const key = Object.hasOwn(values, name) ? name : Object.keys(values).find((one) => same(one, name));
  return key === undefined ? undefined : values[key];
}

/** Texts of an account's field: attributes stand under `attributes` in AD and beside the rest elsewhere. */
export function fieldTexts(values: Values, field: string): string[] {
  const direct = textsOf(values[field]);
  return direct.length > 0 ? direct : textsOf(valueCalled(part(values["attributes"]), field));
}

/** Keys of the people among refs of members. */
export function peopleAmong(refs: Json | undefined): string[] {
  // Of every resource it is asked whether it has members, and few do.
  if (refs === undefined) return [];
  // Of every attribute too, and most are one text that names nobody.
  if (typeof refs === "string" && !refs.includes("person:")) return [];
  return textsOf(refs).flatMap((ref) => (ref.startsWith("person:") ? [ref.slice("person:".length)] : []));
}

/** Ids of the members of a live group, in either directory. */
export function memberIds(live: { values: Values } | undefined): string[] {
  const members = live?.values["members"];
  return Array.isArray(members) ? members.flatMap((one) => (typeof one === "string" ? one : textOf(part(one)["guid"]) || [])) : [];
}

/** Keys in order of number where both are numbers, else by code units: the same in every language and on every machine. */
export function compareKeys(a: string, b: string): number {
  if (a.length !== b.length && isNumber(a) && isNumber(b)) return a.length - b.length;
  return compareTexts(a, b);
}

/** Digits alone, and no 0 before them: looked at by their codes, as ten thousand keys are put in order several times. */
function isNumber(key: string): boolean {
  if (key === "" || key.charCodeAt(0) === zero) return false;
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    if (code < zero || code > zero + 9) return false;
  }
  return true;
}

const zero = 48;

/** By code units. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Each of them by every one of its values. */
export function byEach<T>(all: readonly T[], valuesOf: (one: T) => readonly string[]): ReadonlyMap<string, T[]> {
  const pairs = all.flatMap((one) => [...new Set(valuesOf(one))].map((value) => ({ value, one })));
  return new Map([...Map.groupBy(pairs, ({ value }) => value)].map(([value, found]) => [value, found.map(({ one }) => one)]));
}

/** Each once, by code units: the one order of sets in inputs. */
export function sorted(texts: Iterable<string>): string[] {
  // Most lists of a person's are empty or of one.
  if (Array.isArray(texts) && texts.length < 2) return [...texts];
  return [...new Set(texts)].sort();
}

/** What people call somebody: Halo's `name`, else first name and surname, else the address, else the key. */
export function nameOf(fields: { readonly [field: string]: Json }, key: string): string {
  const parts = (): string => [textOf(fields["firstname"]), textOf(fields["surname"])].filter((text) => text !== "").join(" ");
  return textOf(fields["name"]) || parts() || textOf(fields["emailaddress"]) || key;
}

/** `Ada Example (41)`, for sentences; with the key that is known, where the record has another. */
export function called({ key, name, recordKey }: { key: string; name: string; recordKey?: string | undefined }): string {
  const both = recordKey === undefined ? key : `${recordKey}, known as ${key}`;
  return name === key ? both : `${name} (${both})`;
}

/** The same of a record. */
export function calledIn(fields: { readonly [field: string]: Json }, keyField: string): string {
  const key = textOf(fields[keyField]);
  return called({ key, name: nameOf(fields, key) });
}

/** A group that no mapping names, wished only for leavers to be taken out of it (stacks/wish/groups.ts). */
export function isForLeavers({ inputs }: { inputs: Values }): boolean {
  const { leave, members, mode, create, scope } = inputs;
  return textsOf(leave).length > 0 && textsOf(members).length === 0 && mode === "additive" && create !== true && scope === undefined;
}

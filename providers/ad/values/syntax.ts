/**
 * Values of attributes, canonical: the same text for what a mapping wishes and for what AD holds, whatever either writes.
 * Booleans are TRUE and FALSE, times ISO 8601 in UTC, bytes base64, logon hours words, other objects refs. Pure.
 */

import { canonicalRef } from "../group/refs.ts";
import type { AttributeValues } from "../wire/client.ts";
import { type AttributeRule, ruleOf, type Syntax, syntaxOf } from "./attribute-table.ts";
import { canonicalHours, hoursFromOctets, hoursToOctets } from "./hours.ts";
import { canonicalDate, canonicalTime, fromFileTime, toFileTime, toGeneralised } from "./times.ts";

/** One value, or several sorted; "" means: cleared. */
export type AttributeValue = string | string[];
/** Syntax by attribute, for those the table does not know. */
export type Declared = { readonly [name: string]: string } | undefined;

/** Values that are lists in inputs though AD keeps one value. */
const listed: ReadonlySet<Syntax> = new Set(["hours", "computers"]);

/** Whether an attribute may hold several values in inputs; unknown ones may. */
export function mayBeMany(name: string): boolean {
  const rule = ruleOf(name);
  return rule === undefined || !rule.single || listed.has(rule.syntax);
}

export function isReference(name: string, declared?: Declared): boolean {
  return syntaxOf(name, declared) === "dn";
}

/** Whether values travel as bytes. */
export function isBytes(name: string, declared?: Declared): boolean {
  const syntax = syntaxOf(name, declared);
  return syntax === "octets" || syntax === "hours";
}

export function listOf(values: AttributeValue | undefined): string[] {
  return (Array.isArray(values) ? values : [values ?? ""]).filter((one) => one !== "");
}

/** One value bare, several sorted, none as "". AD knows no difference of case between two texts of one attribute: the first stays. */
export function together(values: readonly string[], text = true): AttributeValue {
  if (values.length < 2) return values[0] ?? "";
  const byKey = new Map<string, string>();
  for (const value of [...values].sort()) {
    const key = text ? value.toLowerCase() : value;
    if (value !== "" && !byKey.has(key)) byKey.set(key, value);
  }
  const all = [...byKey.values()];
  return all.length > 1 ? all : (all[0] ?? "");
}

/** Values in any spelling → canonical. Throws SyntaxError: "expected …, found …". */
export function canonicalValues(name: string, values: readonly string[], declared?: Declared): AttributeValue {
  const given = values.map((value) => value.normalize("NFC").trim()).filter((value) => value !== "");
  const syntax = syntaxOf(name, declared);
  if (syntax === "hours") return together(canonicalHours(given));
  if (syntax === "date") return given.length === 0 ? "never" : together(given.map(canonicalDate));
  if (syntax === "computers") return together(given.flatMap((value) => value.split(",")).map(computer));
  const particular = particulars[name.toLowerCase()];
  return together(
    given.map((value) => (particular ?? canonical[syntax])(value)).filter((value) => value !== ""),
    syntax === "text",
  );
}

/** The same for values that others may have written: what is not to be understood stays as it is, so that it shows. */
export function readableValues(name: string, values: readonly string[], declared?: Declared): AttributeValue {
  try {
    return canonicalValues(name, values, declared);
  } catch (error) {
    if (isReference(name, declared)) throw error;
    return together(
      values.map((value) => value.normalize("NFC").trim()),
      false,
    );
  }
}

/** Raw values of AD (bytes as base64) → canonical. distinguishedNames stay: whoever knows the people makes refs of them. */
export function liveValues(name: string, raw: readonly string[], declared?: Declared): string[] {
  const syntax = syntaxOf(name, declared);
  if (syntax === "dn") return [...raw];
  let values: readonly string[] = raw;
  try {
    if (syntax === "hours") values = raw.flatMap((value) => hoursFromOctets(Buffer.from(value, "base64")));
    if (syntax === "date") values = raw.map(fromFileTime);
  } catch {
    // shown as it is
  }
  return listOf(readableValues(name, values, declared));
}

/** Canonical values → as AD writes them; references are the caller's. */
export function wireValues(name: string, value: AttributeValue | undefined, declared?: Declared): AttributeValues {
  const values = listOf(value);
  switch (syntaxOf(name, declared)) {
    case "hours": {
      const octets = hoursToOctets(values);
      return octets === undefined ? [] : [octets];
    }
    case "computers":
      return values.length === 0 ? [] : [values.join(",")];
    case "date":
      // accountExpires cannot be taken away
      if ((values[0] ?? "never") === "never") return name.toLowerCase() === "accountexpires" ? ["0"] : [];
      return values.map(toFileTime);
    case "time":
      return values.map(toGeneralised);
    case "octets":
      return values.map((one) => Buffer.from(one, "base64"));
    default:
      return values;
  }
}

/** What AD's schema does not allow of canonical values, as "expected …, found …"; undefined when it takes them. */
export function valueProblem(name: string, value: AttributeValue, declared?: Declared): string | undefined {
  const values = listOf(value);
  const rule = ruleOf(name);
  if (rule && values.length > 1 && !mayBeMany(name)) return `expected one value, found ${values.length}`;
  if (rule?.longest === undefined) return undefined;
  const sent = rule.syntax === "computers" ? wireValues(name, value, declared) : values;
  const long = sent.find((one) => one.length > (rule.longest ?? 0));
  return long === undefined ? undefined : tooLong(rule, String(long));
}

function tooLong(rule: AttributeRule, value: string): string {
  return `expected at most ${rule.longest} characters, found ${value.length}`;
}

/** Whether values of an attribute may be the same though they are written otherwise (valueKey). */
export function hasKeys(name: string): boolean {
  return name.length === "proxyAddresses".length && name.toLowerCase() === "proxyaddresses";
}

/** How two values of one attribute are told apart: of an address only its type has a case that means something. */
export function valueKey(name: string, value: string): string {
  if (!hasKeys(name)) return value;
  const colon = value.indexOf(":");
  return value.slice(0, colon + 1) + value.slice(colon + 1).toLowerCase();
}

const canonical: { readonly [syntax in Exclude<Syntax, "hours" | "date" | "computers">]: (text: string) => string } = {
  text: (text) => text,
  integer: (text) => whole(text, 32),
  largeInteger: (text) => whole(text, 64),
  boolean(text) {
    if (/^(?:true|yes|1)$/iu.test(text)) return "TRUE";
    if (/^(?:false|no|0)$/iu.test(text)) return "FALSE";
    throw new SyntaxError(`expected true or false, found ${quoted(text)}`);
  },
  time: canonicalTime,
  dn: canonicalRef,
  octets(text) {
    const plain = text.replace(/\s+/gu, "");
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/u.test(plain))
      throw new SyntaxError(`expected bytes as base64, found ${quoted(text)}`);
    return Buffer.from(plain, "base64").toString("base64");
  },
};

/** A whole number of so many bits; Halo writes 18 as 18.0. */
function whole(text: string, bits: 32 | 64): string {
  const found = /^(-?\d{1,19})(?:\.0+)?$/u.exec(text);
  const number = found ? BigInt(found[1] ?? "") : undefined;
  if (number === undefined || BigInt.asIntN(bits, number) !== number)
    throw new SyntaxError(`expected a whole number${bits === 32 ? "" : " of at most 64 bits"}, found ${quoted(text)}`);
  return String(number);
}

/** A computer's name for userWorkstations. */
function computer(text: string): string {
  const name = text.trim().toUpperCase();
  if (name === "") return "";
  if (!/^[^\s"/\\[\]:;|=,+*?<>]{1,255}$/u.test(name)) throw new SyntaxError(`expected the name of a computer, found ${quoted(text)}`);
  return name;
}

/** Attributes with a form of their own beside their syntax. */
const particulars: { readonly [name: string]: (text: string) => string } = {
  c(text) {
    if (!/^[a-z]{2}$/iu.test(text)) throw new SyntaxError(`expected a country's two letters (ISO 3166) such as GB, found ${quoted(text)}`);
    return text.toUpperCase();
  },
  homedrive(text) {
    if (!/^[a-z]:$/iu.test(text)) throw new SyntaxError(`expected a drive such as H:, found ${quoted(text)}`);
    return text.toUpperCase();
  },
  proxyaddresses: address,
};

/**
 * One proxy address: a type, a colon and an address; `SMTP:` is the primary one. A template whose address came out empty
 * (`smtp:`) is no address.
 */
function address(text: string): string {
  const found = /^([A-Za-z0-9][A-Za-z0-9-]*):\s*(.*)$/su.exec(text);
  if (!found) throw new SyntaxError(`expected a type and an address such as smtp:ada@example.org, found ${quoted(text)}`);
  const [, type = "", rest = ""] = found;
  if (rest === "") return "";
  if (/^smtp$/iu.test(type)) {
    if (!/^[^\s@:;,<>()[\]"\\]+@[^\s@]+$/u.test(rest))
      throw new SyntaxError(`expected an e-mail address after ${type}:, found ${quoted(rest)}`);
    return `${type === "SMTP" ? "SMTP" : "smtp"}:${rest}`;
  }
  return `${type}:${rest}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

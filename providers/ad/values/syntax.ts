/**
 * How the values of each syntax are written: in mappings and states (canonical: booleans TRUE and FALSE, times ISO 8601 in UTC,
 * bytes base64, logon hours words, other objects refs) and by AD. Only attributes.ts asks for it. Pure.
 */
import { countryCode, countryMeant } from "../../../base/countries.ts";
import { didYouMean } from "../../../base/text.ts";
import { canonicalRef } from "../group/refs.ts";
import type { Syntax } from "./attribute-table.ts";
import { canonicalHours, hoursFromOctets, hoursToOctets } from "./hours.ts";
import { canonicalDate, canonicalTime, fromFileTime, quoted, toFileTime, toGeneralised } from "./times.ts";

/** One value, or several sorted; "" means: cleared. */
export type AttributeValue = string | string[];
/** Values as LDAP takes them: text, or bytes for unicodePwd and the like. */
export type AttributeValues = readonly (string | Buffer)[];

export function listOf(values: AttributeValue | undefined): string[] {
  return (Array.isArray(values) ? values : [values ?? ""]).filter((one) => one !== "");
}

/**
 * One value bare, several sorted, none as "". Of two that are one to AD the first stays: it knows no difference of case between two
 * texts of one attribute, and none of spelling between two names of one object (`keyOf`; exact: only the same text is one).
 */
export function asValue(values: readonly string[], keyOf: (value: string) => string = (value) => value.toLowerCase()): AttributeValue {
  if (values.length < 2) return values[0] ?? "";
  const byKey = new Map<string, string>();
  for (const value of [...values].sort()) {
    const key = keyOf(value);
    if (value !== "" && !byKey.has(key)) byKey.set(key, value);
  }
  const all = [...byKey.values()];
  return all.length > 1 ? all : (all[0] ?? "");
}

/** Of `asValue`. */
export const exact = (value: string): string => value;

/** The values of one attribute, none of them empty. Each function throws SyntaxError: "expected …, found …". */
export interface Writing {
  /** In any spelling → canonical. */
  canonical(values: readonly string[]): string[];
  /** As AD holds them (bytes as base64) → any spelling of `canonical`. */
  read?(raw: readonly string[]): string[];
  /** Canonical → as AD writes them. */
  write?(values: readonly string[]): AttributeValues;
  /** Canonical values are a list though AD keeps one value. */
  listed?: true;
  /** AD's values are bytes. */
  bytes?: true;
}

const each = (canonical: (text: string) => string): Pick<Writing, "canonical"> => ({ canonical: (values) => values.map(canonical) });

export const writings: { readonly [syntax in Syntax]: Writing } = {
  text: each((text) => text),
  integer: each((text) => whole(text, 32)),
  largeInteger: each((text) => whole(text, 64)),
  boolean: each((text) => {
    if (/^(?:true|yes|1)$/iu.test(text)) return "TRUE";
    if (/^(?:false|no|0)$/iu.test(text)) return "FALSE";
    throw new SyntaxError(`expected true or false, found ${quoted(text)}`);
  }),
  date: {
    canonical: (values) => (values.length === 0 ? ["never"] : values.map(canonicalDate)),
    read: (raw) => raw.map(fromFileTime),
    write: (values) => ((values[0] ?? "never") === "never" ? [] : values.map(toFileTime)),
  },
  time: { ...each(canonicalTime), write: (values) => values.map(toGeneralised) },
  dn: each(canonicalRef),
  octets: {
    ...each((text) => {
      const plain = text.replace(/\s+/gu, "");
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/u.test(plain))
        throw new SyntaxError(`expected bytes as base64, found ${quoted(text)}`);
      return Buffer.from(plain, "base64").toString("base64");
    }),
    write: (values) => values.map((one) => Buffer.from(one, "base64")),
    bytes: true,
  },
  hours: {
    canonical: canonicalHours,
    read: (raw) => raw.flatMap((value) => hoursFromOctets(Buffer.from(value, "base64"))),
    write: (values) => [hoursToOctets(values)].filter((octets) => octets !== undefined),
    listed: true,
    bytes: true,
  },
  computers: {
    canonical: (values) => values.flatMap((value) => value.split(",")).map(computer),
    write: (values) => (values.length === 0 ? [] : [values.join(",")]),
    listed: true,
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

/** What an attribute has of its own, beside its syntax. */
interface Particular extends Partial<Writing> {
  /** How two values are told apart; absent: as they are. */
  key?(value: string): string;
}

/** By the attribute's name in lower case. */
export const particulars: { readonly [name: string]: Particular } = {
  c: each((text) => {
    const code = countryCode(text);
    if (code === undefined)
      throw new SyntaxError(
        `expected a country's two letters (ISO 3166) such as GB, found ${quoted(text)}${didYouMean(countryMeant(text))}`,
      );
    return code;
  }),
  homedrive: each((text) => {
    if (!/^[a-z]:$/iu.test(text)) throw new SyntaxError(`expected a drive such as H:, found ${quoted(text)}`);
    return text.toUpperCase();
  }),
  // It cannot be taken away.
  accountexpires: { write: ([value]) => [toFileTime(value ?? "never")] },
  proxyaddresses: {
    ...each(address),
    // Of an address only its type has a case that means something.
    key(value) {
      const colon = value.indexOf(":");
      return value.slice(0, colon + 1) + value.slice(colon + 1).toLowerCase();
    },
  },
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

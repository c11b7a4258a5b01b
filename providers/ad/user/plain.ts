/**
 * Inputs of the kind that nearly all accounts are made of (providers/core/plain.ts): ten thousand are looked at while planning, as
 * they are wished and as they are there. That the schema takes them and changes nothing of them is proven
 * against it (test/unit/providers/plain.test.ts). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { oneForm } from "../../../base/clean.ts";
import { isObject, type Json } from "../../../base/json.ts";
import { plainBy } from "../../core/plain.ts";
import { type Attribute, attribute } from "../values/attributes.ts";
import { canonicalDn } from "../values/dn.ts";
import { isReserved } from "./inputs.ts";

const isText = (value: Json | undefined): value is string => typeof value === "string" && value !== "" && oneForm(value) === value;

/** Thousands of people share a place, and all of them the names of attributes. */
const places = new Map<string, boolean>();
const names = new Map<string, Attribute | undefined>();
const mostKnown = 10_000;

function once<T>(known: Map<string, T>, name: string, decide: (name: string) => T): T {
  const found = known.get(name);
  if (found !== undefined || known.has(name)) return found as T;
  const decided = decide(name);
  if (known.size > mostKnown) known.clear();
  known.set(name, decided);
  return decided;
}

const isPlace = (value: Json | undefined): boolean => {
  if (!isText(value)) return false;
  return once(places, value, isCanonicalDn);
};

function isCanonicalDn(dn: string): boolean {
  try {
    return canonicalDn(dn) === dn;
  } catch {
    return false;
  }
}

/** Of AD's own schema and spelt as there, so that no two of them can be one; undefined: not so. */
const spelt = (name: string): Attribute | undefined => {
  const one = attribute(name);
  return one.isKnown && one.name === name && !isReserved(name) ? one : undefined;
};

function isCanonical(one: Attribute, value: Json | undefined): boolean {
  if (typeof value === "string" && one.isPlain) return oneForm(value) === value;
  const given = Array.isArray(value) ? value : [value];
  if (!given.every((each) => typeof each === "string")) return false;
  try {
    return isDeepStrictEqual(one.readable(given), value);
  } catch {
    return false;
  }
}

function areAttributes(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  for (const name of Object.keys(value)) {
    const one = once(names, name, spelt);
    if (!one || !isCanonical(one, value[name])) return false;
  }
  return true;
}

/** Whether these are inputs just as the schema would give them; false: the schema must say. */
export const isPlain = plainBy(
  {
    person: isText,
    name: isText,
    path: isPlace,
    enabled: (value) => typeof value === "boolean",
    sAMAccountName: isText,
    attributes: areAttributes,
  },
  { userPrincipalName: isText, passwordKey: isText },
);

/**
 * Inputs of the kind that nearly all accounts are made of, told from others without the schema: ten thousand new ones are looked at
 * while planning, and each parse takes fifteen times as long. That the schema takes them and changes nothing of them is proven
 * against it (test/unit/providers/plain.test.ts). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { oneForm } from "../../../base/clean.ts";
import type { Json, Values } from "../../../base/json.ts";
import { attribute } from "../values/attributes.ts";
import { canonicalDn } from "../values/dn.ts";
import { isReserved } from "./inputs.ts";

const isText = (value: Json | undefined): value is string => typeof value === "string" && value !== "" && oneForm(value) === value;

/** Thousands of people share a place, and all of them the names of attributes. */
const places = new Map<string, boolean>();
const names = new Map<string, boolean>();
const mostKnown = 10_000;

function once(known: Map<string, boolean>, name: string, decide: (name: string) => boolean): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
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

/** Of AD's own schema and spelt as there, so that no two of them can be one. */
const isSpelt = (name: string): boolean => {
  const one = attribute(name);
  return one.isKnown && one.name === name && !isReserved(name);
};

function isCanonical(name: string, value: Json | undefined): boolean {
  const one = attribute(name);
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
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const name of Object.keys(value)) if (!once(names, name, isSpelt) || !isCanonical(name, value[name])) return false;
  return true;
}

const needed: { readonly [field: string]: (value: Json | undefined) => boolean } = {
  person: isText,
  name: isText,
  path: isPlace,
  enabled: (value) => typeof value === "boolean",
  sAMAccountName: isText,
  attributes: areAttributes,
};
const allowed: typeof needed = { ...needed, userPrincipalName: isText, passwordKey: isText };

/** Whether these are inputs just as the schema would give them; false: the schema must say. */
export function isPlain(inputs: Values): boolean {
  for (const field in needed) if (!Object.hasOwn(inputs, field)) return false;
  for (const field of Object.keys(inputs)) if (!Object.hasOwn(allowed, field) || !allowed[field]?.(inputs[field])) return false;
  return true;
}

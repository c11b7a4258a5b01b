/** Inputs of licences just as the schema would give them, told from others without it (see providers/ad/user/plain.ts). Pure. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "../../../base/json.ts";
import { plainBy } from "../../core/plain.ts";
import { canonicalNames, canonicalSkus } from "./inputs.ts";

const isName = (value: Json | undefined): value is string => typeof value === "string" && value !== "" && value.trim() === value;

const areSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one, index) => one === b[index]);

const areNames = (value: Json | undefined): value is string[] =>
  Array.isArray(value) && value.every(isName) && (value.length < 2 || isSorted(value) || areSame(canonicalNames(value), value));

/** Part numbers, each once and in order: nothing is to be put in order or left out. */
const isSorted = (names: readonly string[]): boolean =>
  names.every((one, index) => /^[A-Z\d_]+$/u.test(one) && (index === 0 || (names[index - 1] ?? "") < one));

function areSkus(value: Json | undefined): boolean {
  if (!Array.isArray(value)) return false;
  const skus = value.filter(isSku);
  return skus.length === value.length && (skus.length < 2 || isDeepStrictEqual(canonicalSkus(skus), skus));
}

function isSku(value: Json): value is { sku: string; without: string[] } {
  if (!isObject(value)) return false;
  return Object.keys(value).length === 2 && isName(value["sku"]) && areNames(value["without"]);
}

/** Whether these are inputs just as the schema would give them; false: the schema must say. */
export const isPlain = plainBy(
  { person: isName, skus: areSkus, of: areNames },
  { usageLocation: (value) => typeof value === "string" && /^[A-Z]{2}$/u.test(value), through: areNames, leaving: areNames },
);

/** Values from the wire: their syntax, their range, and when two of them are the same. */

import type { Value } from "./entry.ts";
import { attributeFailure, conversionFailure, result } from "./errors.ts";
import { fold } from "./fold.ts";
import { sidFromText } from "./identity.ts";
import type { AttributeDef } from "./schema.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text; bytes that are no UTF-8 are refused with 21. */
export function textOf(raw: Value): string {
  if (typeof raw === "string") return raw;
  try {
    return utf8.decode(raw);
  } catch {
    throw conversionFailure(result.invalidAttributeSyntax);
  }
}

const integer = /^-?\d{1,19}$/;

function wellFormed(def: AttributeDef, text: string): boolean {
  switch (def.syntax) {
    case "int":
      return integer.test(text) && BigInt.asIntN(32, BigInt(text)) === BigInt(text);
    case "int64":
      return integer.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    case "bool":
      return text === "TRUE" || text === "FALSE";
    case "time":
      return /^\d{14}(?:\.\d+)?Z$/.test(text);
    default:
      return text !== "";
  }
}

/** One value as it is stored. Throws 21 for a wrong syntax or an empty value and 19 (00002082) for one that is too long. */
export function decodeValue(def: AttributeDef, raw: Value): Value {
  if (def.syntax === "octet" || def.syntax === "sid") {
    const bytes = typeof raw === "string" ? ((def.syntax === "sid" ? sidFromText(raw) : undefined) ?? Buffer.from(raw)) : Buffer.from(raw);
    if (bytes.length === 0) throw conversionFailure(result.invalidAttributeSyntax);
    if (def.upper !== undefined && bytes.length > def.upper) throw attributeFailure("constraint", "00002082", def.name, bytes.length);
    return bytes;
  }
  const text = textOf(raw);
  if (!wellFormed(def, text)) throw conversionFailure(result.invalidAttributeSyntax);
  if (def.upper !== undefined && text.length > def.upper) throw attributeFailure("constraint", "00002082", def.name, text.length * 2);
  if (def.syntax === "int" || def.syntax === "int64") return String(BigInt(text));
  return text;
}

/** Equal keys mean equal values. */
export function valueKey(def: AttributeDef, value: Value): string {
  if (typeof value !== "string") return value.toString("latin1");
  return def.syntax === "text" || def.syntax === "oid" || def.syntax === "dn" ? fold(value) : value;
}

/** Digests over JSON: the same contents give the same digest whatever the order of keys. */
import { createHash } from "node:crypto";

/** JSON without blanks, keys in order (those that are array indices first, as JavaScript itself has them), without undefined. */
function canonical(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one) ?? "null").join(",")}]`;
  let text = "";
  for (const key of ordered(Object.keys(value))) {
    const one = canonical((value as { [key: string]: unknown })[key]);
    if (one !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${one}`;
  }
  return `{${text}}`;
}

function ordered(keys: string[]): string[] {
  keys.sort();
  // Array indices are put into their place by an object that is made of the keys.
  return keys.some((key) => /^\d/u.test(key)) ? Object.keys(Object.fromEntries(keys.map((key) => [key, 0]))) : keys;
}

/** The first so many hexadecimal digits of a digest. */
export function shortDigest(value: unknown, length: number): string {
  return digestOf(value).slice("sha256:".length, "sha256:".length + length);
}

/** `sha256:<hex>` */
export function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256")
    .update(canonical(value) ?? "")
    .digest("hex")}`;
}

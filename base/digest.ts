/** Digests over JSON: the same contents give the same digest whatever the order of keys. */
import { createHash } from "node:crypto";

/** The same with keys in order; those that are array indices come first in any object. Made to be written: JSON leaves out undefined. */
function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const object = value as { [key: string]: unknown };
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, inOrder(object[key])]),
  );
}

/** The first so many hexadecimal digits of a digest. */
export const shortened = (digest: string, length: number): string => digest.slice("sha256:".length, "sha256:".length + length);

/** The same of the digest of something. */
export const shortDigest = (value: unknown, length: number): string => shortened(digestOf(value), length);

/** `sha256:<hex>` */
export function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256")
    .update(JSON.stringify(inOrder(value)) ?? "")
    .digest("hex")}`;
}

/**
 * How Entra Connect names a user's origin: onPremisesImmutableId is the base64 of the 16 raw bytes of the AD objectGUID.
 * AD stores the first three parts of a GUID little-endian, so the text and the bytes are not in the same order.
 */
const swap = (part: string): string => part.match(/../gu)?.reverse().join("") ?? "";

/** objectGUID in text form (`8f1c…-…`, any case, with or without braces) → base64 of its raw bytes. Throws on other text. */
export function immutableIdOfGuid(guid: string): string {
  const match = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/iu.exec(guid.trim());
  if (!match) throw new Error(`${guid} is not a GUID.`);
  const [, a = "", b = "", c = "", d = "", e = ""] = match;
  return Buffer.from(swap(a) + swap(b) + swap(c) + d + e, "hex").toString("base64");
}

/** The reverse; undefined for an immutable id that is not the base64 of 16 bytes (some tenants use other sources). */
export function guidOfImmutableId(immutableId: string): string | undefined {
  const bytes = Buffer.from(immutableId, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== immutableId) return undefined;
  const hex = bytes.toString("hex");
  return `${swap(hex.slice(0, 8))}-${swap(hex.slice(8, 12))}-${swap(hex.slice(12, 16))}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

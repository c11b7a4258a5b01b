/** How Entra Connect names a user's origin: onPremisesImmutableId is the base64 of the 16 raw bytes of the AD objectGUID. */
import { guidToBytes, guidToText, isGuid } from "../../../base/guid.ts";

/** objectGUID in text form (`8f1c…-…`, any case, with or without braces) → base64 of its raw bytes. Throws on other text. */
export function immutableIdOfGuid(guid: string): string {
  const text = guid.trim().replace(/^\{(.*)\}$/su, "$1");
  if (!isGuid(text)) throw new Error(`${guid} is not a GUID.`);
  return guidToBytes(text).toString("base64");
}

/** The reverse; undefined for an immutable id that is not the base64 of 16 bytes (some tenants use other sources). */
export function guidOfImmutableId(immutableId: string): string | undefined {
  const bytes = Buffer.from(immutableId, "base64");
  return bytes.length === 16 && bytes.toString("base64") === immutableId ? guidToText(bytes) : undefined;
}

/** Reading entries: attributes by name without regard to case, and the few facts every object has. */
import type { AttributeValues, Entry } from "./client.ts";
import { guidToText, ridOf, sidToText } from "./guid.ts";

/** All values of an attribute; names are compared without regard to case. */
export function valuesOf(entry: Entry, name: string): AttributeValues {
  const exact = entry.attributes[name];
  if (exact) return exact;
  const lower = name.toLowerCase();
  const key = Object.keys(entry.attributes).find((one) => one.toLowerCase() === lower);
  return key === undefined ? [] : (entry.attributes[key] ?? []);
}

export function textOf(entry: Entry, name: string): string | undefined {
  const [first] = valuesOf(entry, name);
  return typeof first === "string" ? first : first?.toString("utf8");
}

/** Every value as text; bytes as base64 (mS-DS-ConsistencyGuid then reads like Entra's immutable id). */
export function textsOf(entry: Entry, name: string): string[] {
  return valuesOf(entry, name).map((value) => (typeof value === "string" ? value : value.toString("base64")));
}

export function guidOf(entry: Entry): string | undefined {
  const [bytes] = valuesOf(entry, "objectGUID");
  return Buffer.isBuffer(bytes) ? guidToText(bytes) : undefined;
}

export function sidOf(entry: Entry): string | undefined {
  const [bytes] = valuesOf(entry, "objectSid");
  return Buffer.isBuffer(bytes) ? sidToText(bytes) : undefined;
}

/** What isProtected needs to be read. */
export const protectionAttributes = ["adminCount", "isCriticalSystemObject", "objectSid", "sAMAccountName"] as const;

/** Accounts and groups nobody should automate: AD's administrators (adminCount, reset hourly by SDProp) and its own. */
export function isProtected(entry: Entry): boolean {
  const sid = sidOf(entry);
  return (
    textOf(entry, "adminCount") === "1" ||
    textOf(entry, "isCriticalSystemObject")?.toUpperCase() === "TRUE" ||
    textOf(entry, "sAMAccountName")?.toLowerCase() === "krbtgt" ||
    (sid !== undefined && ridOf(sid) < 1000)
  );
}

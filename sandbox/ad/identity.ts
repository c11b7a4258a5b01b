/** Identities and times as a domain controller stores them: GUIDs, SIDs, FILETIMEs. */
import { randomBytes } from "node:crypto";

/** Bytes of an objectGUID as the usual text: the first three fields are little-endian. */
export function guidToText(bytes: Buffer): string {
  const hex = (from: number, to: number, reversed = false): string => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (reversed ? part.reverse() : part).toString("hex");
  };
  return `${hex(0, 4, true)}-${hex(4, 6, true)}-${hex(6, 8, true)}-${hex(8, 10)}-${hex(10, 16)}`;
}

/** A GUID as text with dashes, or as 32 hex digits in the order of the bytes; undefined when it is neither. */
export function guidFromText(text: string): Buffer | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** `S-1-5-21-…` as bytes (MS-DTYP 2.4.2); undefined when the text is no SID. */
export function sidFromText(text: string): Buffer | undefined {
  if (!/^S-1-\d+(?:-\d+){1,15}$/i.test(text)) return undefined;
  const [authority = 0, ...parts] = text.split("-").slice(2).map(Number);
  const bytes = Buffer.alloc(8 + parts.length * 4);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part >>> 0, 8 + index * 4);
  return bytes;
}

/** Bytes of a SID as `S-1-5-21-…`; undefined when they are none. */
export function sidToText(bytes: Buffer): string | undefined {
  const count = bytes[1];
  if (bytes[0] !== 1 || count === undefined || bytes.length !== 8 + count * 4) return undefined;
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + index * 4));
  return ["S-1", bytes.readUIntBE(2, 6), ...parts].join("-");
}

/** The last number of a SID. */
export function ridOf(sid: string): number {
  return Number(sid.slice(sid.lastIndexOf("-") + 1));
}

/** The value that means "never" in accountExpires. */
export const never = "9223372036854775807";

/** A moment as FILETIME text: 100 ns steps since 1601. */
export function fileTime(moment: Date): string {
  return String((BigInt(moment.getTime()) + 11_644_473_600_000n) * 10_000n);
}

/** A moment as AD writes whenCreated: `20260101000000.0Z`. */
export function generalizedTime(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace(/[-:T]/g, "")}.0Z`;
}

/** Random 32-bit numbers: from the system, or the same ones every time from a seed (mulberry32). */
export function randomSource(seed: number | undefined): () => number {
  if (seed === undefined) return () => randomBytes(4).readUInt32LE();
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A new GUID of version 4. */
export function newGuid(random: () => number): Buffer {
  const bytes = Buffer.alloc(16);
  for (let at = 0; at < 16; at += 4) bytes.writeUInt32LE(random(), at);
  bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

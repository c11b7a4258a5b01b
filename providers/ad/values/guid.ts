/** objectGUID and objectSid: bytes as AD stores them, text as people and Graph write them. */

const guidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** 16 raw bytes → `f4c2ce4e-1f08-4358-…`, lower case. The first three fields are little-endian. Throws RangeError. */
export function guidToText(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError(`An objectGUID has 16 bytes, not ${bytes.length}.`);
  const b = Buffer.from(bytes);
  const ordered = Buffer.concat([b.subarray(0, 4).reverse(), b.subarray(4, 6).reverse(), b.subarray(6, 8).reverse(), b.subarray(8)]);
  return ordered.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

/** Text → 16 raw bytes (whose base64 is Entra's onPremisesImmutableId). Throws RangeError. */
export function guidToBytes(text: string): Buffer {
  if (!isGuid(text)) throw new RangeError(`${JSON.stringify(text)} is not an objectGUID in text form.`);
  const b = Buffer.from(text.replaceAll("-", ""), "hex");
  return Buffer.concat([b.subarray(0, 4).reverse(), b.subarray(4, 6).reverse(), b.subarray(6, 8).reverse(), b.subarray(8)]);
}

export function isGuid(text: string): boolean {
  return guidText.test(text.toLowerCase());
}

/** An object addressed by its id, so that renames and moves do not matter (MS-ADTS 3.1.1.3.1.2.4). */
export function byGuid(id: string): string {
  if (!isGuid(id)) throw new RangeError(`${JSON.stringify(id)} is not an objectGUID in text form.`);
  return `<GUID=${id.toLowerCase()}>`;
}

/** Raw objectSid → `S-1-5-21-…-1105`. Throws RangeError. */
export function sidToText(bytes: Uint8Array): string {
  const b = Buffer.from(bytes);
  const count = b[1] ?? -1;
  if (b.length < 8 || b.length !== 8 + 4 * count) throw new RangeError(`An objectSid of ${b.length} bytes is not complete.`);
  const authority = b.readUIntBE(2, 6);
  const parts = Array.from({ length: count }, (_, i) => b.readUInt32LE(8 + 4 * i));
  return ["S", b[0], authority, ...parts].join("-");
}

/** The last part of a SID: below 1000 are the directory's own accounts and groups (Administrator 500, Domain Users 513). */
export function ridOf(sid: string): number {
  return Number(sid.slice(sid.lastIndexOf("-") + 1));
}

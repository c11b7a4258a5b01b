/** objectGUIDs: 16 bytes as AD stores them, text as people and Graph write them. */

const guidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** Where each byte of the text stands in AD's: the first three fields are little-endian. The same both ways. */
const places = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const swapped = (bytes: Uint8Array): Buffer => Buffer.from(places.map((at) => bytes[at] ?? 0));

/** 16 raw bytes → `f4c2ce4e-1f08-4358-…`, lower case. Throws RangeError. */
export function guidToText(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError(`An objectGUID has 16 bytes, not ${bytes.length}.`);
  return swapped(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

/** Text → 16 raw bytes (whose base64 is Entra's onPremisesImmutableId). Throws RangeError. */
export function guidToBytes(text: string): Buffer {
  if (!isGuid(text)) throw new RangeError(`${JSON.stringify(text)} is not an objectGUID in text form.`);
  return swapped(Buffer.from(text.replaceAll("-", ""), "hex"));
}

export function isGuid(text: string): boolean {
  return guidText.test(text.toLowerCase());
}

/** How Active Directory addresses objects by id, and SIDs as text. */
import { isGuid } from "../../../base/guid.ts";

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

/** The SID of the domain that an account's SID was made in; undefined for one that no domain made (`S-1-5-32-544`). */
export function domainSid(sid: string): string | undefined {
  return /^(S-1-5-21-\d+-\d+-\d+)-\d+$/u.exec(sid)?.[1];
}

/**
 * nTSecurityDescriptor: kept per entry as the entries of its DACL, given and taken in the self-relative form (MS-DTYP
 * 2.4.6), and obeyed where everybody is denied to delete. Rights of single accounts are not kept here (see access.ts).
 */
import type { Entry, Rights, Value } from "./entry.ts";
import { accessDenied, attributeFailure, LdapFailure, result } from "./errors.ts";
import { sidFromText } from "./identity.ts";

/** Parts of a descriptor, as the control 1.2.840.113556.1.4.801 names them. */
const part = { owner: 1, group: 2, dacl: 4, sacl: 8 } as const;

const deleteSelf = 0x10000;
const deleteChild = 0x2;
const everyone = "S-1-1-0";
const name = "nTSecurityDescriptor";

/** What has to be known of the domain. */
interface Domain {
  domainSid: string;
  /** SIDs of the accounts that may do everything with an entry. */
  holders(entry: Entry): readonly string[];
}

function sid(text: string): Buffer {
  const bytes = sidFromText(text);
  if (bytes === undefined) throw new Error(`${text} is not a SID.`);
  return bytes;
}

function ace(type: number, mask: number, who: string): Buffer {
  const trustee = sid(who);
  const head = Buffer.alloc(8);
  head.writeUInt8(type, 0);
  head.writeUInt16LE(8 + trustee.length, 2);
  head.writeUInt32LE(mask, 4);
  return Buffer.concat([head, trustee]);
}

/** What a new entry has: the domain's administrators, the system and who was delegated it may do everything, everybody who is logged on may read. */
function rightsOf(directory: Domain, entry: Entry): Rights {
  return (
    entry.rights ?? {
      control: 0x0400,
      revision: 4,
      entries: [
        ace(0, 0xf01ff, `${directory.domainSid}-512`),
        ...directory.holders(entry).map((who) => ace(0, 0xf01ff, who)),
        ace(0, 0xf01ff, "S-1-5-18"),
        ace(0, 0x20094, "S-1-5-11"),
      ],
    }
  );
}

/** The descriptor with the asked parts; there is no audit list. */
export function descriptorOf(directory: Domain, entry: Entry, parts: number): Buffer {
  const rights = rightsOf(directory, entry);
  const blocks: Buffer[] = [];
  const header = Buffer.alloc(20);
  let at = header.length;
  const put = (offset: number, block: Buffer): void => {
    header.writeUInt32LE(at, offset);
    blocks.push(block);
    at += block.length;
  };
  header.writeUInt8(1, 0);
  header.writeUInt16LE(0x8000 | ((parts & part.dacl) !== 0 ? 0x4 | rights.control : 0), 2);
  if ((parts & part.owner) !== 0) put(4, sid(`${directory.domainSid}-512`));
  if ((parts & part.group) !== 0) put(8, sid(`${directory.domainSid}-512`));
  if ((parts & part.dacl) !== 0) {
    const body = Buffer.concat(rights.entries);
    const acl = Buffer.alloc(8);
    acl.writeUInt8(rights.revision, 0);
    acl.writeUInt16LE(8 + body.length, 2);
    acl.writeUInt16LE(rights.entries.length, 4);
    put(16, Buffer.concat([acl, body]));
  }
  return Buffer.concat([header, ...blocks]);
}

/** The rights a written descriptor gives. Throws 19 for bytes that are none, and 53 for parts that are asked for and missing. */
export function rightsFrom(value: Value | undefined, parts: number): Rights {
  const wrong = (): never => {
    throw attributeFailure("constraint", "00000057", name);
  };
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value ?? "");
  if (bytes.length < 20 || bytes.readUInt8(0) !== 1) wrong();
  const control = bytes.readUInt16LE(2);
  const dacl = bytes.readUInt32LE(16);
  const absent = ((parts & part.owner) !== 0 && bytes.readUInt32LE(4) === 0) || ((parts & part.dacl) !== 0 && (control & 0x4) === 0);
  if ((control & 0x8000) === 0) wrong();
  // without the control all parts are meant: a descriptor without an owner is refused (ERROR_INVALID_OWNER)
  if (absent)
    throw new LdapFailure(result.unwillingToPerform, "0000051B: SvcErr: DSID-031A1262, problem 5003 (WILL_NOT_PERFORM), data 0\n");
  if (dacl < 20 || bytes.length < dacl + 8) wrong();
  const size = bytes.readUInt16LE(dacl + 2);
  const count = bytes.readUInt16LE(dacl + 4);
  const entries: Buffer[] = [];
  let at = dacl + 8;
  for (let index = 0; index < count; index += 1) {
    const length = at + 4 <= bytes.length ? bytes.readUInt16LE(at + 2) : 0;
    if (length < 16 || length % 4 !== 0 || at + length > dacl + size || at + length > bytes.length) wrong();
    entries.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return { control: control & 0x1400, revision: bytes.readUInt8(dacl), entries };
}

/** The value of the control: a sequence of one small integer. Everything where it has none. */
export function readParts(value: Buffer | undefined): number {
  return value === undefined || value.length < 5 ? 15 : (value[value.length - 1] ?? 15);
}

function isDenied(entry: Entry, mask: number): boolean {
  const trustee = sid(everyone);
  return (entry.rights?.entries ?? []).some(
    (one) =>
      one.readUInt8(0) === 1 && (one.readUInt8(1) & 0x08) === 0 && (one.readUInt32LE(4) & mask) !== 0 && one.subarray(8).equals(trustee),
  );
}

/** Throws 50 where everybody is denied to delete the entry; it is enough to have the right on the entry or on its parent (MS-ADTS 3.1.1.5.5.4). */
export function checkMayLeave(entry: Entry): void {
  if (isDenied(entry, deleteSelf) && entry.parent !== undefined && isDenied(entry.parent, deleteChild)) throw accessDenied();
}

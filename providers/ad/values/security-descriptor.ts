/**
 * nTSecurityDescriptor, as far as "protect from accidental deletion" goes: the entry that denies everybody (S-1-1-0) DELETE
 * and DELETE_TREE, and on the parent DELETE_CHILD, as AD's own console writes them. Every other entry keeps its bytes and
 * its order. Layout: MS-DTYP 2.4.6 (SECURITY_DESCRIPTOR, self-relative), 2.4.5 (ACL), 2.4.4.3 (ACCESS_DENIED_ACE).
 */

/** DELETE | ADS_RIGHT_DS_DELETE_TREE. */
export const deleteSelf = 0x10000 | 0x40;
/** ADS_RIGHT_DS_DELETE_CHILD. */
export const deleteChildren = 0x2;

const denied = 1;
/** Of an entry's flags: it is about what is below the object only. */
export const inheritOnly = 0x08;
const inherited = 0x10;
const daclPresent = 0x0004;
const selfRelative = 0x8000;
const headerLength = 20;
const everyone = Buffer.from([1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);

export interface Dacl {
  /** SE_DACL_* and other bits of the descriptor's control word. */
  control: number;
  revision: number;
  /** Entries as they are. */
  entries: Buffer[];
}

/** Reads the rights of a descriptor. Throws RangeError for bytes that are none. */
export function daclOf(descriptor: Buffer): Dacl {
  const fail = (): never => {
    throw new RangeError(`A security descriptor of ${descriptor.length} bytes is not complete.`);
  };
  if (descriptor.length < headerLength) fail();
  const control = descriptor.readUInt16LE(2);
  const offset = descriptor.readUInt32LE(16);
  // no list at all: everybody may do everything
  if ((control & daclPresent) === 0 || offset === 0) return { control, revision: 4, entries: [] };
  if (descriptor.length < offset + 8) fail();
  const count = descriptor.readUInt16LE(offset + 4);
  const entries: Buffer[] = [];
  let at = offset + 8;
  for (let index = 0; index < count; index++) {
    if (at + 4 > descriptor.length) fail();
    const size = descriptor.readUInt16LE(at + 2);
    if (size < 4 || at + size > descriptor.length) fail();
    entries.push(descriptor.subarray(at, at + size));
    at += size;
  }
  return { control, revision: descriptor.readUInt8(offset), entries };
}

/** A descriptor that holds the rights only. */
function descriptorOf({ control, revision, entries }: Dacl): Buffer {
  const body = Buffer.concat(entries);
  const header = Buffer.alloc(headerLength + 8);
  header.writeUInt8(1, 0);
  header.writeUInt16LE((control & 0x1400) | daclPresent | selfRelative, 2); // SE_DACL_PROTECTED and SE_DACL_AUTO_INHERITED are kept
  header.writeUInt32LE(headerLength, 16);
  header.writeUInt8(revision, headerLength);
  header.writeUInt16LE(8 + body.length, headerLength + 2);
  header.writeUInt16LE(entries.length, headerLength + 4);
  return Buffer.concat([header, body]);
}

/** The bits an entry denies everybody on the object itself; 0 for any other entry. */
function deniedTo(entry: Buffer): number {
  if (entry.length < 8 + everyone.length || entry.readUInt8(0) !== denied) return 0;
  const flags = entry.readUInt8(1);
  if ((flags & (inheritOnly | inherited)) !== 0 || !entry.subarray(8, 8 + everyone.length).equals(everyone)) return 0;
  return entry.readUInt32LE(4);
}

/** Whether everybody is denied all of these rights. */
export function denies(descriptor: Buffer, mask: number): boolean {
  return (daclOf(descriptor).entries.reduce((sum, entry) => sum | deniedTo(entry), 0) & mask) === mask;
}

/** The same rights with these denied to everybody; undefined where they are already. */
export function denying(descriptor: Buffer, mask: number): Buffer | undefined {
  if (denies(descriptor, mask)) return undefined;
  const dacl = daclOf(descriptor);
  const entry = Buffer.alloc(8 + everyone.length);
  entry.writeUInt8(denied, 0);
  entry.writeUInt16LE(entry.length, 2);
  entry.writeUInt32LE(mask, 4);
  everyone.copy(entry, 8);
  // what denies comes before what allows
  return descriptorOf({ ...dacl, entries: [entry, ...dacl.entries] });
}

/** The same rights without these being denied to everybody; undefined where they are not. */
export function allowing(descriptor: Buffer, mask: number): Buffer | undefined {
  const dacl = daclOf(descriptor);
  if (!dacl.entries.some((entry) => (deniedTo(entry) & mask) !== 0)) return undefined;
  const entries = dacl.entries.flatMap((entry) => {
    const bits = deniedTo(entry);
    if ((bits & mask) === 0) return [entry];
    const rest = Buffer.from(entry);
    rest.writeUInt32LE((bits & ~mask) >>> 0, 4);
    return (bits & ~mask) === 0 ? [] : [rest];
  });
  return descriptorOf({ ...dacl, entries });
}

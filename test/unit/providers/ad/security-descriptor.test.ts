/** The entries of a security descriptor that forbid deletion, among whatever else is in it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowing, deleteChildren, deleteSelf, denies, denying } from "../../../../providers/ad/values/security-descriptor.ts";

const everyone = Buffer.from("010100000000000100000000", "hex");

/** An entry for a SID of one part. */
function entry(type: number, flags: number, mask: number, sid: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(type, 0);
  head.writeUInt8(flags, 1);
  head.writeUInt16LE(8 + sid.length, 2);
  head.writeUInt32LE(mask >>> 0, 4);
  return Buffer.concat([head, sid]);
}

/** A descriptor with an owner before its entries, as AD sends it. */
function descriptor(entries: readonly Buffer[], control = 0x8c04): Buffer {
  const header = Buffer.alloc(20);
  const owner = Buffer.from("01020000000000052000000020020000", "hex");
  header.writeUInt8(1, 0);
  header.writeUInt16LE(control, 2);
  header.writeUInt32LE(20, 4);
  header.writeUInt32LE(20 + owner.length, 16);
  const body = Buffer.concat(entries);
  const acl = Buffer.alloc(8);
  acl.writeUInt8(4, 0);
  acl.writeUInt16LE(8 + body.length, 2);
  acl.writeUInt16LE(entries.length, 4);
  return Buffer.concat([header, owner, acl, body]);
}

function entriesOf(bytes: Buffer): string[] {
  const dacl = bytes.readUInt32LE(16);
  const entries: string[] = [];
  let at = dacl + 8;
  for (let index = 0; index < bytes.readUInt16LE(dacl + 4); index++) {
    const size = bytes.readUInt16LE(at + 2);
    entries.push(bytes.subarray(at, at + size).toString("hex"));
    at += size;
  }
  expect(at, "nothing behind the last entry").toBe(dacl + bytes.readUInt16LE(dacl + 2));
  return entries;
}

const others = fc
  .array(
    fc.record({
      type: fc.constantFrom(0, 1, 5, 6),
      flags: fc.constantFrom(0, 2, 0x10, 0x0a),
      mask: fc.nat(0x1ff),
      sid: fc.constantFrom(Buffer.from("01010000000000050b000000", "hex"), Buffer.from("010100000000000512000000", "hex")),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map(({ type, flags, mask, sid }) => entry(type, flags, mask, sid)));

describe("protection from deletion", () => {
  it("is put first, lifted again, and leaves every other entry as it is", () => {
    fc.assert(
      fc.property(others, (entries) => {
        const before = descriptor(entries);
        expect(denies(before, deleteSelf)).toBe(false);
        expect(allowing(before, deleteSelf), "nothing to lift").toBeUndefined();
        const on = denying(before, deleteSelf);
        if (!on) throw new Error("Nothing was put in.");
        expect(denies(on, deleteSelf)).toBe(true);
        expect(entriesOf(on)).toEqual([entry(1, 0, deleteSelf, everyone).toString("hex"), ...entriesOf(before)]);
        expect(on.readUInt16LE(2), "inheritance stays as it is; no owner is sent").toBe(0x8404);
        expect([on.readUInt32LE(4), on.readUInt32LE(8), on.readUInt32LE(12)]).toEqual([0, 0, 0]);
        expect(denying(on, deleteSelf), "twice is once").toBeUndefined();
        const off = allowing(on, deleteSelf);
        expect(off && entriesOf(off)).toEqual(entriesOf(before));
      }),
    );
  });

  it("keeps what else is denied to everybody in the same entry, and does not count what is only inherited", () => {
    const mixed = descriptor([entry(1, 0, deleteSelf | 0x20, everyone)]);
    expect(denies(mixed, deleteSelf)).toBe(true);
    const off = allowing(mixed, deleteSelf);
    expect(off && entriesOf(off)).toEqual([entry(1, 0, 0x20, everyone).toString("hex")]);
    expect(denies(descriptor([entry(1, 0x10, deleteSelf, everyone)]), deleteSelf)).toBe(false);
    expect(denies(descriptor([entry(1, 0x0a, deleteSelf, everyone)]), deleteSelf)).toBe(false);
    expect(denies(descriptor([entry(1, 0, 0x10000, everyone), entry(1, 0, 0x40, everyone)]), deleteSelf), "in two entries").toBe(true);
    expect(denies(descriptor([entry(1, 0, deleteSelf, everyone)]), deleteChildren)).toBe(false);
  });

  it("refuses bytes that are no descriptor", () => {
    const whole = descriptor([entry(1, 0, deleteSelf, everyone)]);
    for (const length of [0, 19, 30, 43, whole.length - 1])
      expect(() => denies(whole.subarray(0, length), deleteSelf), `${length} bytes`).toThrow(RangeError);
  });
});

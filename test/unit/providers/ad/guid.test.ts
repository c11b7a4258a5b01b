import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guidToBytes, guidToText, isGuid } from "../../../../base/guid.ts";
import { byGuid, ridOf, sidToText } from "../../../../providers/ad/values/guid.ts";

describe("objectGUID and objectSid", () => {
  it("has the first three fields little-endian", () => {
    const bytes = guidToBytes("F4C2CE4E-1F08-4358-8a01-020304050607");
    expect(bytes.toString("hex")).toBe("4ecec2f4081f58438a01020304050607");
    expect(guidToText(bytes)).toBe("f4c2ce4e-1f08-4358-8a01-020304050607");
  });

  it("round-trips all 16 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect([...guidToBytes(guidToText(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it("refuses what is no GUID, so that nothing else gets into a search base", () => {
    for (const text of ["", "41", "f4c2ce4e-1f08-4358-8a01-02030405060", "f4c2ce4e-1f08-4358-8a01-020304050607>,DC=com"]) {
      expect(isGuid(text)).toBe(false);
      expect(() => byGuid(text)).toThrow(RangeError);
    }
    expect(() => guidToText(new Uint8Array(15))).toThrow(/16 bytes/u);
  });

  it("reads a SID and its last part", () => {
    const sid = sidToText(Buffer.from("010500000000000515000000010000000200000003000000f4010000", "hex"));
    expect(sid).toBe("S-1-5-21-1-2-3-500");
    expect(ridOf(sid)).toBe(500);
    expect(() => sidToText(Buffer.from("0105", "hex"))).toThrow(RangeError);
  });
});

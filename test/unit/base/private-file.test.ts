import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePrivate } from "../../../base/private-file.ts";
import { open, seal } from "../../../base/seal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-private-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const mode = (path: string): number => statSync(path).mode & 0o777;

describe("a private file", () => {
  it("is its owner's alone, whatever was there, and so are the folders made for it", () => {
    const file = join(folder, "a/b.json");
    writePrivate(file, "one");
    expect([mode(file), mode(join(folder, "a"))]).toEqual([0o600, 0o700]);
    writeFileSync(join(folder, "open"), "x", { mode: 0o644 });
    writePrivate(join(folder, "open"), "two");
    expect([mode(join(folder, "open")), readFileSync(join(folder, "open"), "utf8")]).toEqual([0o600, "two"]);
  });

  it("that cannot be put in place leaves nothing beside", () => {
    mkdirSync(join(folder, "taken/in"), { recursive: true });
    expect(() => writePrivate(join(folder, "taken"), "x")).toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});

describe("a sealed text", () => {
  const sealing = { phrase: "correct horse", cost: 2 ** 10, bound: "Ada" };

  it("opens under its passphrase, and under nothing else", () => {
    const sealed = seal("s3cret ✓", sealing);
    expect(JSON.stringify(sealed)).not.toContain("s3cret");
    expect(open(sealed, sealing)).toBe("s3cret ✓");
    expect(() => open(sealed, { ...sealing, phrase: "wrong" })).toThrow();
    expect(() => open(sealed, { ...sealing, bound: "Ben" })).toThrow();
    expect(() => open({ ...sealed, data: seal("another", sealing).data }, sealing)).toThrow();
  });

  it("is another one each time", () => {
    expect(seal("same", sealing).data).not.toBe(seal("same", sealing).data);
  });
});

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepPrivate, privateFolder, writePrivate } from "../../../base/private-file.ts";
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

describe("security-11: a private folder", () => {
  it("is its owner's alone, with those on the way; one that an earlier version left open is closed", () => {
    expect(privateFolder(join(folder, "a/b"))).toBe(join(folder, "a/b"));
    expect([mode(join(folder, "a")), mode(join(folder, "a/b"))]).toEqual([0o700, 0o700]);
    mkdirSync(join(folder, "open"));
    chmodSync(join(folder, "open"), 0o755);
    privateFolder(join(folder, "open"));
    expect(mode(join(folder, "open"))).toBe(0o700);
  });

  it("what is written from then on is private, without anybody saying so", () => {
    const before = process.umask();
    try {
      keepPrivate();
      mkdirSync(join(folder, "made"));
      writeFileSync(join(folder, "made", "file"), "x");
      expect([mode(join(folder, "made")), mode(join(folder, "made", "file"))]).toEqual([0o700, 0o600]);
      expect(spawnSync("sh", ["-c", "umask"], { encoding: "utf8" }).stdout.trim()).toMatch(/^0*77$/u);
    } finally {
      process.umask(before);
    }
  });
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePrivate } from "../../../base/private-file.ts";
import { seal, unseal } from "../../../base/sealed.ts";

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
  const cost = { N: 2 ** 10 };
  const sealed = () => seal("s3cret ✓", "correct horse", "Ada", cost);

  it("opens under its passphrase, and under nothing else", () => {
    const one = sealed();
    expect(JSON.stringify(one)).not.toContain("s3cret");
    expect(unseal(one, "correct horse", "Ada", cost)).toBe("s3cret ✓");
    expect(() => unseal(one, "wrong", "Ada", cost)).toThrow();
    expect(() => unseal(one, "correct horse", "Ben", cost)).toThrow();
    expect(() => unseal({ ...one, data: sealed().data }, "correct horse", "Ada", cost)).toThrow();
  });

  it("is another one each time", () => {
    expect(sealed().data).not.toBe(sealed().data);
  });
});

/** security-3: what is built from Go modules is built of the modules whose hashes the project keeps, and of no others. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onPath } from "../../../base/on-path.ts";
import { buildModule } from "../../../engine/build.ts";
import { engineVersion } from "../../../engine/version.ts";

const root = resolve(import.meta.dirname, "..", "..", "..");
const sums = (folder: string): string => readFileSync(join(root, folder, "go.sum"), "utf8");

describe("security-3: the engine's modules", () => {
  it("are named with their hashes, in the version that haloform is tested with", () => {
    const asked = readFileSync(join(root, "engine", "modules", "pulumi", "go.mod"), "utf8");
    for (const part of ["pkg", "sdk"]) {
      const name = `github.com/pulumi/pulumi/${part}/v3 v${engineVersion}`;
      expect(asked).toContain(name);
      expect(sums("engine/modules/pulumi")).toMatch(new RegExp(`^${name.replaceAll(".", "\\.")} h1:[\\w+/]{43}=$`, "mu"));
    }
  });
});

describe.skipIf(onPath("go") === undefined)("security-3: a module that is another one than its hash says", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "haloform-sums-"));
    cpSync(join(root, "test", "servers", "gofakes3"), folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const build = () => buildModule({ folder, main: "github.com/johannesboyne/gofakes3/cmd/gofakes3", flags: "" }, join(folder, "made"));

  it("is not built, nor one whose hash is not there", async () => {
    const text = sums("test/servers/gofakes3");
    const other = text.replace(/(github\.com\/johannesboyne\/gofakes3 v1\.2\.0 h1:)\w/u, (_all, start: string) => `${start}x`);
    expect(other).not.toBe(text);
    writeFileSync(join(folder, "go.sum"), other);
    await expect(build()).rejects.toThrow("module-auth");
    writeFileSync(join(folder, "go.sum"), text.replace(/^github\.com\/johannesboyne\/gofakes3 v1\.2\.0 h1.*\n/mu, ""));
    await expect(build()).rejects.toThrow(/missing go\.sum entry|go mod download/u);
  }, 60_000);
});

/** Where the engine comes from, with stand-ins for `pulumi` that only print a version. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEngine, sumOf } from "../../../engine/find.ts";
import { engineVersion, suitable } from "../../../engine/version.ts";

let folder: string;
const names = ["PATH", "HALOFORM_CACHE", "HALOFORM_ENGINE_SHA256"] as const;
const kept = names.map((name) => [name, process.env[name]] as const);

function standIn(place: string, version: string): string {
  mkdirSync(place, { recursive: true });
  const file = join(place, "pulumi");
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
  chmodSync(file, 0o755);
  return file;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-find-"));
  process.env["PATH"] = `${join(folder, "bin")}:/bin`;
  process.env["HALOFORM_CACHE"] = join(folder, "cache");
  delete process.env["HALOFORM_ENGINE_SHA256"];
});
afterEach(() => {
  for (const [name, value] of kept) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test("versions", () => {
  expect(["3.216.0", "v3.300.1", "v3.250.0\n", "3.251.1-dev+dirty\n", "3.250.0+dirty"].every(suitable)).toBe(true);
  expect(["3.215.9", "2.999.0", "4.0.0", "nonsense", ""].some(suitable)).toBe(false);
});

test("a suitable pulumi on PATH comes first", async () => {
  const path = standIn(join(folder, "bin"), "v3.260.0");
  standIn(join(folder, "cache", "engine", `v${engineVersion}`), `v${engineVersion}`);
  expect(await findEngine()).toEqual({ path, version: "v3.260.0", from: "PATH" });
});

test("one that is too old is passed over for the cache", async () => {
  standIn(join(folder, "bin"), "v3.100.0");
  const path = standIn(join(folder, "cache", "engine", `v${engineVersion}`), `v${engineVersion}`);
  expect(await findEngine()).toEqual({ path, version: `v${engineVersion}`, from: "cache" });
});

test("security-3: an engine in the cache that is not the file that was put there is not run, whatever its size and date", async () => {
  standIn(join(folder, "bin"), "v3.100.0");
  const path = standIn(join(folder, "cache", "engine", `v${engineVersion}`), `v${engineVersion}`);
  expect((await findEngine()).from).toBe("cache");
  const { atime, mtime } = statSync(path);
  const ran = join(folder, "ran");
  writeFileSync(path, `#!/bin/sh\n>${ran}\n`.padEnd(statSync(path).size));
  utimesSync(path, atime, mtime);
  const said: string[] = [];
  await findEngine((line) => said.push(line)).catch(() => undefined);
  expect(said[0]).toBe(`${path} is not the file that was put there; it is got anew`);
  expect(existsSync(ran)).toBe(false);
}, 60_000);

test("security-3: where the environment names engines by their SHA-256, no other is run, wherever it comes from", async () => {
  const ran = join(folder, "ran");
  const onPath = standIn(join(folder, "bin"), "v3.260.0");
  writeFileSync(onPath, `#!/bin/sh\n>${ran}\necho v3.260.0\n`);
  const inCache = standIn(join(folder, "cache", "engine", `v${engineVersion}`), `v${engineVersion}`);
  const sum = await sumOf(inCache);
  process.env["HALOFORM_ENGINE_SHA256"] = `${"0".repeat(64)}, ${sum.toUpperCase()}`;
  expect(await findEngine()).toMatchObject({ path: inCache, from: "cache" });
  expect(await findEngine()).toMatchObject({ path: inCache, from: "cache" });
  expect(existsSync(ran)).toBe(false);
  process.env["HALOFORM_ENGINE_SHA256"] = "0".repeat(64);
  await expect(findEngine()).rejects.toThrow(
    `${onPath} has the SHA-256 ${await sumOf(onPath)}, which HALOFORM_ENGINE_SHA256 does not name`,
  );
  expect(existsSync(ran)).toBe(false);
}, 60_000);

test("where nothing works: one line that says what was tried and what to do", async () => {
  standIn(join(folder, "bin"), "v3.100.0");
  // No Go on this PATH, and a download only where there is an internet: both say so.
  const failed = await findEngine().then(
    () => undefined,
    (error: Error) => error,
  );
  if (failed === undefined) return expect((await findEngine()).from).toBe("download");
  expect(failed.message).not.toContain("\n");
  expect(failed.message).toContain("v3.100.0 (needed: 3.216 or newer, below 4)");
  expect(failed.message).toContain("build: no `go` on PATH");
  expect(failed.message).toContain(`Install Pulumi ${engineVersion}`);
}, 60_000);

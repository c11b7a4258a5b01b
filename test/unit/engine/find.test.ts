/** Where the engine comes from, with stand-ins for `pulumi` that only print a version. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEngine } from "../../../engine/find.ts";
import { engineVersion, suitable } from "../../../engine/version.ts";

let folder: string;
const kept = { PATH: process.env["PATH"], HALOFORM_CACHE: process.env["HALOFORM_CACHE"] };

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
});
afterEach(() => {
  process.env["PATH"] = kept.PATH;
  if (kept.HALOFORM_CACHE === undefined) delete process.env["HALOFORM_CACHE"];
  else process.env["HALOFORM_CACHE"] = kept.HALOFORM_CACHE;
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

/** One run at a time on a machine (cli/engine/alone.ts): whose file is taken over, and whose is not. */
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { alone } from "../../../../cli/engine/alone.ts";
import { here } from "../../../../cli/engine/holders.ts";

const now = new Date("2027-01-04T08:00:00Z");
const before = "2027-01-04T07:00:00.000Z";
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-alone-"));
  file = join(folder, "test.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = () => alone(file, now, async () => "mine");
const held = (by: object): void => writeFileSync(file, JSON.stringify(by));

it("does its work, holds the file for as long, and lets it go", async () => {
  expect(await alone(file, now, async () => [existsSync(file), await run()])).toEqual({
    done: [true, { held: now.toISOString(), pid: process.pid }],
  });
  expect(existsSync(file)).toBe(false);
});

it("goes again where another run is under way, here or on a machine of which nobody knows", async () => {
  held({ ...here(), pid: process.pid, at: before });
  expect(await run()).toEqual({ held: before, pid: process.pid });
  held({ place: "elsewhere", pid: 999_999_999, at: before });
  expect(await run()).toEqual({ held: before, pid: 999_999_999 });
});

it("takes over what a killed run left", async () => {
  held({ ...here(), pid: 999_999_999, at: before });
  expect(await run()).toEqual({ done: "mine" });
});

it("a file that is just being written is somebody's; one that stays empty was cut off", async () => {
  writeFileSync(file, "");
  expect(await run()).toEqual({ held: now.toISOString(), pid: 0 });
  utimesSync(file, 1, 1);
  expect(await run()).toEqual({ done: "mine" });
});

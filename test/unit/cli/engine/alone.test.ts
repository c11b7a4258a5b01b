/** One run at a time on a machine (cli/engine/alone.ts): whose file is taken over, and whose is not. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
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

it("15.6: an empty or cut file of a crash stops no timer for ever, whatever the clock was then", async () => {
  for (const [text, written] of [
    ["", 1],
    ['{"place":"x","pi', 1],
    ["\0\0\0\0", Date.now() / 1000 + 86_400],
  ] as const) {
    writeFileSync(file, text);
    utimesSync(file, written, written);
    expect(await run(), JSON.stringify(text)).toEqual({ done: "mine" });
  }
});

it("15.6: of two that find what a killed run left, one goes on: who comes while the other looks goes again", async () => {
  const looking = `${file}.over`;
  held({ ...here(), pid: 999_999_999, at: before });
  writeFileSync(looking, JSON.stringify({ ...here(), pid: process.pid }));
  expect(await run()).toMatchObject({ held: before });
  expect([existsSync(file), existsSync(looking)]).toEqual([true, true]);
  // Killed while it looked: the first that comes clears that away, and the next one goes on.
  writeFileSync(looking, JSON.stringify({ ...here(), pid: 999_999_999 }));
  expect(await run()).toMatchObject({ held: before });
  expect(await run()).toEqual({ done: "mine" });
  expect([existsSync(file), existsSync(looking)]).toEqual([false, false]);
});

it("15.6: many processes that find it at once are never two inside", async () => {
  const inside = join(folder, "inside");
  const program = `
    const { alone } = await import(process.argv[1]);
    const { mkdirSync, rmdirSync } = await import("node:fs");
    const done = await alone(process.argv[2], new Date(), async () => {
      mkdirSync(process.argv[3]);
      await new Promise((go) => setTimeout(go, 60));
      rmdirSync(process.argv[3]);
    });
    process.stdout.write("done" in done ? "in" : "out");`;
  const module = join(import.meta.dirname, "../../../../cli/engine/alone.ts");
  held({ ...here(), pid: 999_999_999, at: before });
  const all = await Promise.all(
    Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, module, file, inside])),
  );
  expect(all.map(({ stderr }) => stderr).join("")).toBe("");
  expect(all.filter(({ stdout }) => stdout === "in").length).toBeGreaterThan(0);
  expect(existsSync(file)).toBe(false);
}, 60_000);

/** What the provider process says while it waits reaches whoever started the run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { writePrivate } from "../../../../base/private-file.ts";
import { sayWaits, tellWait, waitsFile } from "../../../../base/waits.ts";
import { followWaits } from "../../../../cli/engine/run-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-waits-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  sayWaits(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

it("outside O14: a wait is said at once, then every half minute whoever waits, and what is short is not said", () => {
  const said: string[] = [];
  sayWaits((line) => said.push(line));
  tellWait("Microsoft Graph", 4, 0);
  tellWait("Microsoft Graph", 120.2, 1000);
  tellWait("Exchange Online", 60, 2000);
  tellWait("Microsoft Graph", 91, 30_999);
  tellWait("Microsoft Graph", 90, 31_000);
  expect(said).toEqual([121, 90].map((left) => `Microsoft Graph allows no more requests for now; going on in ${left} s.`));
});

it("outside O14: the command line says what the provider process has written, each sentence once, until the run is over", () => {
  const said: string[] = [];
  const silence = followWaits(folder, (line) => said.push(line));
  vi.advanceTimersByTime(3000);
  expect(said).toEqual([]);
  sayWaits((line) => writePrivate(join(folder, waitsFile), line));
  tellWait("Microsoft Graph", 45, 0);
  vi.advanceTimersByTime(3000);
  tellWait("Microsoft Graph", 15, 30_000);
  vi.advanceTimersByTime(3000);
  expect(said).toEqual([45, 15].map((left) => `Microsoft Graph allows no more requests for now; going on in ${left} s.`));
  silence();
  writeFileSync(join(folder, waitsFile), "nobody listens any more");
  vi.advanceTimersByTime(3000);
  expect(said).toHaveLength(2);
});

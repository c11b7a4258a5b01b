/** The provider process's side of a run under the stock CLI, whose program writes run.json while operations come in. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Adapted } from "../../../providers/core/adapter.ts";
import { type Run, readRun, runFolder, writeRun } from "../../../providers/core/run.ts";

const made = vi.hoisted(() => ({ contexts: [] as unknown[] }));
vi.mock("../../../providers/core/context.ts", async (original) => {
  const real = await original<typeof import("../../../providers/core/context.ts")>();
  return {
    ...real,
    makeContext: (...given: Parameters<typeof real.makeContext>) => {
      made.contexts.push(given[0]);
      return real.makeContext(...given);
    },
  };
});

const [temporary, argv] = [process.env["TMPDIR"], process.argv[2]];
let folder: string;
let script: Adapted;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "haloform-session-"));
  process.env["TMPDIR"] = folder;
  process.argv[2] = "127.0.0.1:4321";
  made.contexts.length = 0;
  vi.resetModules();
  const { provider } = await import("../../../providers/index.ts");
  script = provider("ad:Group");
});
afterEach(() => {
  if (temporary === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporary;
  if (argv === undefined) process.argv.splice(2, 1);
  else process.argv[2] = argv;
  rmSync(folder, { recursive: true, force: true });
});

const run = (owner: number): Run => ({
  format: "haloform.run/1",
  stack: "test",
  owner,
  made: "2026-01-15T08:00:00.000Z",
  mode: "stock",
  settings: {
    halo: { resourceServer: "https://halo.example", clientId: "x", scope: "all", limit: 300, window: 300 },
    mappings: "mappings",
    expires: 24,
  },
  live: { "ad:Group": [] },
  people: { ad: {}, entra: {}, halo: {} },
  adopt: {},
  spent: [],
  asked: { "ad:Group": {} },
});
/** A refresh of something that is not there. */
const refresh = (): Promise<unknown> => script.read("00000000-0000-4000-8000-000000000001", { name: "GG", mode: "exact", members: [] });
const here = (): string => runFolder(process.argv[2]) ?? "";
const many = (): Promise<unknown[]> => Promise.allSettled(Array.from({ length: 40 }, refresh));

it("providers-B8: forty operations at once, while run.json appears, are one session with one context", async () => {
  // Before the program has written anything; without settings the refresh itself comes to nothing.
  const early = many();
  writeRun(here(), run(process.pid));
  await Promise.all([early, many()]);
  await many();
  expect(made.contexts.filter((one) => one !== undefined)).toHaveLength(1);
  expect(made.contexts.length).toBeLessThanOrEqual(2);
});

it("providers-B8: neither does the file of a run that has ended begin one for each operation", async () => {
  mkdirSync(here(), { recursive: true });
  writeRun(here(), run(2 ** 22 + 1));
  expect(readRun(here())).toBeUndefined();
  await Promise.race([many(), new Promise((resolve) => setTimeout(resolve, 500))]);
  expect(made.contexts).toEqual([undefined]);
});

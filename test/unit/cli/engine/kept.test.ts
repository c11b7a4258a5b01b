/** States as a file backend lays them out, read without the engine (cli/engine/kept.ts). */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, it, vi } from "vitest";
import { keptBy } from "../../../../cli/engine/kept.ts";
import { homeEach } from "../home.ts";

const home = homeEach();

const put = (file: string, content: string | Buffer, seconds: number): void => {
  const path = join(home(), "state", ".pulumi", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, seconds, seconds);
};
const file = (latest: unknown): string => JSON.stringify({ version: 3, checkpoint: { stack: "organization/haloform/test", latest } });
async function read(): Promise<{ state: unknown; tags: unknown }> {
  const kept = await keptBy({ folder: home(), home: home(), stack: "test" })?.();
  return { state: await kept?.state(), tags: kept?.tags };
}

it("the state and the tags, by the project's name", async () => {
  put("meta.yaml", "version: 1\n", 1);
  put("stacks/haloform/test.json", file({ resources: [1] }), 1);
  put("stacks/haloform/test.pulumi-tags", JSON.stringify({ version: 1, tags: { "haloform:journal": "x" } }), 1);
  put("stacks/haloform/tester.json", file({ resources: [2] }), 1);
  put("stacks/test.json", file({ resources: [3] }), 2);
  expect(await read()).toEqual({ state: { version: 3, deployment: { resources: [1] } }, tags: { "haloform:journal": "x" } });
});

it("compressed, and the one that was written last", async () => {
  put("meta.yaml", "version: 1\n", 1);
  put("stacks/haloform/test.json.gz", gzipSync(file({ n: 1 })), 2);
  expect(await read()).toMatchObject({ state: { deployment: { n: 1 } } });
  put("stacks/haloform/test.json.zst", zstdCompressSync(file({ n: 2 })), 3);
  expect(await read()).toMatchObject({ state: { deployment: { n: 2 } } });
  put("stacks/haloform/test.json", file({ n: 3 }), 1);
  expect(await read()).toMatchObject({ state: { deployment: { n: 2 } } });
  put("stacks/haloform/test.json", file({ n: 3 }), 4);
  expect(await read()).toMatchObject({ state: { deployment: { n: 3 } } });
});

it("as it was laid out long ago; a place with nothing in it, and one that cannot be", async () => {
  expect(await read()).toEqual({ state: {}, tags: {} });
  put("stacks/test.json", file({ n: 1 }), 1);
  expect(await read()).toMatchObject({ state: { deployment: { n: 1 } } });
  put("stacks/test.json", "{", 1);
  await expect(read()).rejects.toThrow(SyntaxError);
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${join(home(), "state", ".pulumi", "stacks", "test.json", "below")}`);
  await expect(read()).rejects.toThrow("ENOTDIR");
});

it("other places are the engine's to read", () => {
  vi.stubEnv("PULUMI_BACKEND_URL", "s3://states");
  expect(keptBy({ folder: home(), home: home(), stack: "test" })).toBeUndefined();
});

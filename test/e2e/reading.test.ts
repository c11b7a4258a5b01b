/**
 * security-1: commands that change nothing only read the place of the state. The state is a folder here, and the
 * process has no right to write to it.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, root, type World, world } from "./support.ts";

const given = (w: World): string[] => ["--config-file", w.stackFile, "--mappings", w.mappings];

/** Without root's right to write where the mode of a file says no. */
const bound = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];

/** Every file and folder, with its mode, time and content. */
function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => {
      const { mode, mtimeMs } = statSync(path);
      return `${path} ${mode.toString(8)} ${mtimeMs} ${statSync(path).isFile() ? readFileSync(path, "base64") : ""}`;
    });
}

function close(folder: string, closed: boolean): void {
  for (const path of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
    const file = join(folder, path);
    chmodSync(file, (statSync(file).mode & 0o700 & (closed ? 0o555 : 0o777)) | (closed ? 0 : 0o200));
  }
}

describe("security-1: the place of the state is only read", () => {
  let w: World;
  let state: string;
  beforeAll(async () => {
    w = await world({ people: 40 });
    state = join(w.home, "far", "state");
  });
  afterAll(() => w?.stop());

  const run = (args: readonly string[]) => {
    const command = [...bound, process.execPath, join(root, "cli", "main.ts"), ...args, ...given(w)];
    const env = { ...w.env, PULUMI_BACKEND_URL: `file://${state}` };
    return ended(spawn(command[0] ?? "", command.slice(1), { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] }));
  };
  const person = (): string => String(w.sandbox.organisation.people.find((one) => one.situation === "steady")?.id);
  const leftovers = (): string[] => (existsSync(join(w.home, "runs")) ? readdirSync(join(w.home, "runs")) : []);

  it("first run: a preview makes no stack, no metadata, not even the folder; up makes them from its plan", async () => {
    const plan = join(w.home, "plan");
    const first = await run(["preview", "--out", plan]);
    expect(first.code, first.err).toBe(0);
    expect(existsSync(state)).toBe(false);
    mkdirSync(state, { recursive: true });
    close(state, true);
    const empty = await run(["preview"]);
    expect(empty.code, empty.err).toBe(0);
    expect(readdirSync(state)).toEqual([]);
    expect(leftovers()).toEqual([]);
    close(state, false);
    const { digest } = JSON.parse(readFileSync(join(plan, "plan.json"), "utf8")) as { digest: string };
    const up = await run(["up", "--plan", plan, "--approve", digest]);
    expect([0, 4], up.err + up.out).toContain(up.code);
    await w.sandbox.connect.settled();
  });

  it.each([
    ["preview", ["preview", "--out", "again", "--check"], [0]],
    ["drift", ["drift"], [0]],
    ["why", ["why", "somebody"], [0]],
    ["inventory", ["inventory", "--json"], [0]],
    ["history", ["history"], [0]],
    ["check", ["check"], [0]],
    ["doctor", ["doctor"], [0]],
  ] as const)("%s works with a right to read, and leaves nothing there and nothing here", async (_name, args, codes) => {
    const before = treeOf(state);
    close(state, true);
    const closed = treeOf(state);
    try {
      const done = await run(args.map((one) => (one === "again" ? join(w.home, one) : one === "somebody" ? person() : one)));
      expect(codes, done.err + done.out).toContain(done.code);
      expect(treeOf(state)).toEqual(closed);
    } finally {
      close(state, false);
    }
    expect(before.length).toBeGreaterThan(3);
    expect(leftovers()).toEqual([]);
  });

  it("the same right is not enough for up: refused by the file system before a system is asked to change anything", async () => {
    w.edit("ad", (content) =>
      (content["groups"] as object[]).push({ name: "GG-Deck", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: {} }),
    );
    const plan = join(w.home, "deck");
    expect((await run(["preview", "--out", plan])).code).toBe(0);
    const { digest } = JSON.parse(readFileSync(join(plan, "plan.json"), "utf8")) as { digest: string };
    const writes = w.sandbox.writes();
    close(state, true);
    const refused = await run(["up", "--plan", plan, "--approve", digest]);
    close(state, false);
    expect(refused.code).toBe(1);
    expect(w.sandbox.writes()).toBe(writes);
    const up = await run(["up", "--plan", plan, "--approve", digest]);
    expect([0, 4], up.err + up.out).toContain(up.code);
    expect(w.sandbox.writes()).toBeGreaterThan(writes);
  });
});

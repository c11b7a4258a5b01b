/** Which lock of a killed run may be released: one of an engine that this home has started, here, and that is gone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forget, holding, isGone } from "../../../../cli/engine/holders.ts";

let home: string;
let program: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "haloform-holders-"));
  program = join(home, "bin", "pulumi");
  mkdirSync(join(home, "bin"));
  writeFileSync(program, "#!/bin/sh\nexec sleep 1000\n", { mode: 0o700 });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = (): string[] => {
  try {
    return readdirSync(join(home, "engines"));
  } catch {
    return [];
  }
};

/** What a run leaves that is killed after its engine has started: `change` is made to what stands there. Gives the engine's lock. */
async function killed(change: (holder: { [key: string]: unknown }) => void = () => undefined, alive = false) {
  let text = "";
  let pid = 0;
  await holding(home, "up", async () => {
    const child = spawn(program, ["up", "--yes"], { stdio: "ignore" });
    await once(child, "spawn");
    pid = child.pid ?? 0;
    const [name = ""] = files();
    text = readFileSync(join(home, "engines", name), "utf8");
    if (alive) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const holder = JSON.parse(text) as { [key: string]: unknown };
  change(holder);
  writeFileSync(join(home, "engines", `${pid}-1.json`), JSON.stringify(holder));
  return { host: hostname(), pid, at: String(holder["at"]) };
}

describe("security-19: a lock is not released across containers", () => {
  it("one of an engine of this home that is gone is", async () => {
    const lock = await killed();
    expect(isGone(home, lock)).toBe(true);
    expect(isGone(home, { ...lock, at: new Date(Date.parse(lock.at) + 30_000).toISOString() })).toBe(true);
    forget(home, lock.pid);
    expect(isGone(home, lock)).toBe(false);
  });

  it("one with the same host and number that was taken elsewhere is not, be it in another container or on another kernel", async () => {
    const lock = await killed((holder) => {
      holder["place"] = "another boot pid:[4026532000]";
      delete holder["machine"];
    });
    expect(isGone(home, lock)).toBe(false);
  });

  it("one of an engine that no run of this home has started is not: the state is shared, the home is not", async () => {
    const { pid, ...lock } = await killed();
    expect(isGone(home, { ...lock, pid: pid + 100_000 })).toBe(false);
    rmSync(join(home, "engines"), { recursive: true });
    expect(isGone(home, { ...lock, pid })).toBe(false);
  });

  it("one that was taken at another time than the engine of that number began is not", async () => {
    const lock = await killed();
    for (const minutes of [-5, 5, 24 * 60])
      expect(isGone(home, { ...lock, at: new Date(Date.parse(lock.at) + minutes * 60_000).toISOString() })).toBe(false);
    expect(isGone(home, { ...lock, at: "unknown" })).toBe(false);
    expect(isGone(home, { ...lock, at: undefined })).toBe(false);
  });

  it("one of another host, and one of an engine that runs, is not", async () => {
    expect(isGone(home, { ...(await killed()), host: "elsewhere" })).toBe(false);
    const lock = await killed(undefined, true);
    try {
      expect(isGone(home, lock)).toBe(false);
    } finally {
      process.kill(lock.pid, "SIGKILL");
    }
  });

  it("after a restart of the machine itself nothing of before is alive", async () => {
    const lock = await killed((holder) => {
      if (holder["machine"] !== undefined) holder["place"] = "the boot before";
    });
    expect(isGone(home, lock)).toBe(true);
  });

  it("what stands there and is nothing of ours is not believed", async () => {
    const lock = await killed();
    for (const text of ["", "{", "[]", '{"pid":1}']) {
      writeFileSync(join(home, "engines", `${lock.pid}-1.json`), text);
      expect(isGone(home, lock)).toBe(false);
    }
  });

  it("a run that ends takes what it wrote away; other programs and other commands of the engine are none of it", async () => {
    await holding(home, "up", async () => {
      const others = [spawn("sh", ["-c", "exit 0", "up"]), spawn(program, ["preview"], { stdio: "ignore" })];
      await Promise.all(others.map((one) => once(one, "spawn")));
      for (const one of others) one.kill("SIGKILL");
      expect(files()).toEqual([]);
      const engine = spawn(program, ["up"], { stdio: "ignore" });
      await once(engine, "spawn");
      expect(files()).toHaveLength(1);
      engine.kill("SIGKILL");
    });
    expect(files()).toEqual([]);
  });
});

/** Which lock of a killed run may be released: one of an engine that haloform has started, here, and that is gone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claim, holdersFolder, holding, isGone, released } from "../../../../cli/engine/holders.ts";

let folder: string;
let program: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-holders-"));
  program = join(folder, "bin", "pulumi");
  mkdirSync(join(folder, "bin"));
  writeFileSync(program, "#!/bin/sh\nexec sleep 1000\n", { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (): string[] => {
  try {
    return readdirSync(join(folder, "engines"));
  } catch {
    return [];
  }
};

/** What a run leaves that is killed after its engine has started: `change` is made to what stands there. Gives the engine's lock. */
async function killed(change: (holder: { [key: string]: unknown }) => void = () => undefined, alive = false) {
  let text = "";
  let pid = 0;
  await holding(join(folder, "engines"), "up", async () => {
    const child = spawn(program, ["up", "--yes"], { stdio: "ignore" });
    await once(child, "spawn");
    pid = child.pid ?? 0;
    const [name = ""] = files();
    text = readFileSync(join(folder, "engines", name), "utf8");
    if (alive) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const holder = JSON.parse(text) as { [key: string]: unknown };
  change(holder);
  writeFileSync(join(folder, "engines", `${pid}-1.json`), JSON.stringify(holder));
  return { host: hostname(), pid, at: String(holder["at"]) };
}

describe("security-19: a lock is not released across containers", () => {
  it("one of an engine of ours that is gone is", async () => {
    const lock = await killed();
    expect(isGone(join(folder, "engines"), lock)).toBe(true);
    expect(isGone(join(folder, "engines"), { ...lock, at: new Date(Date.parse(lock.at) + 30_000).toISOString() })).toBe(true);
    expect([claim(join(folder, "engines"), lock.pid), claim(join(folder, "engines"), lock.pid)]).toEqual([true, false]);
    expect(isGone(join(folder, "engines"), lock)).toBe(false);
  });

  it("security-19: who was to release it and was killed in between leaves it to the next one, and to one alone", async () => {
    const lock = await killed();
    const engines = join(folder, "engines");
    const module = JSON.stringify(new URL("../../../../cli/engine/holders.ts", import.meta.url).href);
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `const { claim } = await import(${module}); process.stdout.write(String(claim(${JSON.stringify(engines)}, ${lock.pid}))); setInterval(() => undefined, 1000);`,
    ]);
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    expect(String(said)).toBe("true");
    expect([isGone(engines, lock), claim(engines, lock.pid)]).toEqual([false, false]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(engines, lock)).toBe(true);
    expect([claim(engines, lock.pid), claim(engines, lock.pid)]).toEqual([true, false]);
    released(engines, lock.pid);
    expect(files()).toEqual([]);
  });

  it("one with the same host and number that was taken elsewhere is not, be it in another container or on another kernel", async () => {
    const lock = await killed((holder) => {
      holder["place"] = "another boot pid:[4026532000]";
      delete holder["machine"];
    });
    expect(isGone(join(folder, "engines"), lock)).toBe(false);
  });

  it("one of an engine that is noted nowhere is not", async () => {
    const { pid, ...lock } = await killed();
    expect(isGone(join(folder, "engines"), { ...lock, pid: pid + 100_000 })).toBe(false);
    rmSync(join(folder, "engines"), { recursive: true });
    expect(isGone(join(folder, "engines"), { ...lock, pid })).toBe(false);
  });

  it("one that was taken at another time than the engine of that number began is not", async () => {
    const lock = await killed();
    for (const minutes of [-5, 5, 24 * 60])
      expect(isGone(join(folder, "engines"), { ...lock, at: new Date(Date.parse(lock.at) + minutes * 60_000).toISOString() })).toBe(false);
    expect(isGone(join(folder, "engines"), { ...lock, at: "unknown" })).toBe(false);
    expect(isGone(join(folder, "engines"), { ...lock, at: undefined })).toBe(false);
  });

  it("one of another host, and one of an engine that runs, is not", async () => {
    expect(isGone(join(folder, "engines"), { ...(await killed()), host: "elsewhere" })).toBe(false);
    const lock = await killed(undefined, true);
    try {
      expect(isGone(join(folder, "engines"), lock)).toBe(false);
    } finally {
      process.kill(lock.pid, "SIGKILL");
    }
  });

  it("after a restart of the machine itself nothing of before is alive", async () => {
    const lock = await killed((holder) => {
      if (holder["machine"] !== undefined) holder["place"] = "the boot before";
    });
    expect(isGone(join(folder, "engines"), lock)).toBe(true);
  });

  it("what stands there and is nothing of ours is not believed", async () => {
    const lock = await killed();
    for (const text of ["", "{", "[]", '{"pid":1}']) {
      writeFileSync(join(folder, "engines", `${lock.pid}-1.json`), text);
      expect(isGone(join(folder, "engines"), lock)).toBe(false);
    }
  });

  it("a run that ends takes what it wrote away; other programs and other commands of the engine are none of it", async () => {
    await holding(join(folder, "engines"), "up", async () => {
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

  it("they are noted beside a state that is a folder, else in the home", () => {
    expect(holdersFolder("/home", "file:///var/state")).toBe("/var/state/.haloform/engines");
    expect(holdersFolder("/home", "file:///var/state?no_tmp_dir=true")).toBe("/var/state/.haloform/engines");
    expect(holdersFolder("/home", "file://~/state")).toBe(join(homedir(), "state", ".haloform", "engines"));
    for (const backend of ["s3://bucket", undefined]) expect(holdersFolder("/home", backend)).toBe("/home/engines");
  });
});

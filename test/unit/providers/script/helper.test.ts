/** The process that commands are run by: what it has of our environment, what it runs, and when it ends. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { alive } from "../../../../base/owner.ts";
import { runCommand } from "../../../../providers/core/command.ts";
import { startHelper } from "../../../../providers/core/command-helper.ts";
import { sumOfCommand } from "../../../../providers/core/command-sum.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-helper-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const common = { input: "", timeoutMs: 20_000, maxOutputBytes: 64 * 1024, secrets: [] };
const shell = (code: string, env: Record<string, string> = {}) =>
  runCommand({ ...common, argv: ["/bin/sh", "-c", code], env: { PATH: process.env["PATH"] ?? "", ...env } });

describe.skipIf(process.platform !== "linux")("the process that runs commands", () => {
  beforeEach(() => void vi.stubEnv("HALO_CLIENT_SECRET", "secret-of-halo").stubEnv("SCRIPT_OTHER", "of another command"));

  it("security-10: neither the command nor who runs it has anything of ours in its environment", async () => {
    const { stdout } = await shell("tr '\\0' '\\n' < /proc/self/environ; echo --; tr '\\0' '\\n' < /proc/$PPID/environ", {
      SCRIPT_OWN: "own",
    });
    const [own = "", parent = ""] = stdout.split("--\n");
    const names = (text: string): string[] => text.split("\n").flatMap((line) => /^(\w+)=/u.exec(line)?.[1] ?? []);
    expect(names(own).filter((name) => !["PATH", "PWD", "SCRIPT_OWN", "_", "SHLVL", "OLDPWD"].includes(name))).toEqual([]);
    expect(names(own)).toContain("SCRIPT_OWN");
    const passed = ["PATH", "HOME", "LANG", "TZ", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"];
    expect(names(parent).filter((name) => !passed.includes(name))).toEqual([]);
    expect(parent).toContain("NODE_CHANNEL_FD");
    expect(stdout).not.toMatch(/secret-of-halo|of another command/u);
  });

  it("security-10: a command whose files are others than the plan's is not run", async () => {
    const file = join(folder, "note.sh");
    const note = (text: string): void => writeFileSync(file, `#!/bin/sh\necho ${text}\n`);
    note("one");
    chmodSync(file, 0o755);
    const sum = await sumOfCommand([file], folder);
    const run = () => runCommand({ ...common, argv: [file], env: {}, cwd: folder, sum });
    expect(await run()).toMatchObject({ code: 0, stdout: "one\n" });
    note("two");
    await expect(run()).rejects.toThrow(/^Could not run \S+note\.sh: it, or a file that it is given, is not what the plan was made with/u);
    note("one");
    expect(await run()).toMatchObject({ code: 0, stdout: "one\n" });
  });

  it("ended from outside, the command is ended too and has failed, and the next one is run by another", async () => {
    const { child } = startHelper();
    const pid = join(folder, "pid");
    const run = shell(`echo $$ > ${pid}; sleep 30`);
    await vi.waitFor(() => expect(readFileSync(pid, "utf8")).toMatch(/\d+\n/u), 10_000);
    process.kill(child.pid ?? 0, "SIGKILL");
    expect(await run).toMatchObject({ code: null, signal: "SIGKILL" });
    await vi.waitFor(() => expect(alive(Number(readFileSync(pid, "utf8")))).toBe(false), 10_000);
    expect(await shell("echo again")).toMatchObject({ code: 0, stdout: "again\n" });
  });

  it("ends with whoever has started it, and so does what it runs, whatever ended that", async () => {
    const module = (name: string): string => JSON.stringify(new URL(`../../../../providers/core/${name}`, import.meta.url).href);
    const pid = join(folder, "pid-2");
    const code = `import { runCommand } from ${module("command.ts")};
      await runCommand({ argv: ["/bin/sh", "-c", "echo $$ $PPID > ${pid}; sleep 30"], input: "", timeoutMs: 60000, env: process.env, maxOutputBytes: 10, secrets: [] });`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
    await vi.waitFor(() => expect(existsSync(pid) && readFileSync(pid, "utf8")).toMatch(/\d+ \d+\n/u), 20_000);
    const both = readFileSync(pid, "utf8").split(" ").map(Number);
    expect(both.map(alive)).toEqual([true, true]);
    owner.kill("SIGKILL");
    await vi.waitFor(() => expect(both.map(alive)).toEqual([false, false]), 10_000);
  });

  it("keeps nobody waiting who has no command to run", () => {
    const href = new URL("../../../../providers/core/command-helper.ts", import.meta.url).href;
    const code = `(await import(${JSON.stringify(href)})).startHelper();`;
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { timeout: 20_000 });
  });
});

/** runCommand: no shell, everything the command started is ended, bounded output, no secret in it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../../../base/errors.ts";
import { type Command, failureOf, runCommand } from "../../../../providers/core/command.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const common = { input: "", timeoutMs: 20_000, env: { PATH: process.env["PATH"] ?? "" }, maxOutputBytes: 64 * 1024, secrets: [] };
const node = (code: string, more: Partial<Command> = {}) => runCommand({ ...common, argv: [process.execPath, "-e", code], ...more });
const shell = (code: string, more: Partial<Command> = {}) => runCommand({ ...common, argv: ["/bin/sh", "-c", code], ...more });

describe("a command", () => {
  it("reads its input, and its exit code and both outputs come back", async () => {
    const result = await shell('cat; echo "to stderr" >&2; exit 7', { input: '{"name":"Zoë"}' });
    expect(result).toMatchObject({
      code: 7,
      signal: null,
      timedOut: false,
      stdout: '{"name":"Zoë"}',
      stderr: "to stderr\n",
      truncated: false,
    });
    expect(failureOf(result, 60_000)).toBe("ended with exit code 7: to stderr");
  });

  it("gets its arguments as they are: no shell reads them", async () => {
    const nasty = ["$(touch injected)", "a b", "; exit 3", "*", '"', "`id`", ""];
    const result = await node("process.stdout.write(JSON.stringify(process.argv.slice(1)))", {
      argv: [process.execPath, "-e", "process.stdout.write(JSON.stringify(process.argv.slice(1)))", "--", ...nasty],
      cwd: folder,
    });
    expect(JSON.parse(result.stdout)).toEqual(nasty);
    expect(existsSync(join(folder, "injected"))).toBe(false);
  });

  it("gets the environment that is given, and nothing of ours", async () => {
    process.env["HALOFORM_TEST_LEAK"] = "leaked";
    try {
      const result = await node("process.stdout.write(JSON.stringify(process.env))", { env: { ONE: "1" } });
      expect(JSON.parse(result.stdout)).toEqual({ ONE: "1" });
    } finally {
      delete process.env["HALOFORM_TEST_LEAK"];
    }
  });

  it("may close its stdin without reading a large input", async () => {
    const result = await shell("exec 0<&-; sleep 0.1; echo done", { input: "x".repeat(8_000_000) });
    expect(result).toMatchObject({ code: 0, stdout: "done\n" });
    expect((await shell("exit 0", { input: "x".repeat(8_000_000) })).code).toBe(0);
  });

  it("that cannot be started is refused, with what to do", async () => {
    const file = join(folder, "plain.txt");
    writeFileSync(file, "no program", { mode: 0o600 });
    await expect(runCommand({ ...common, argv: [join(folder, "missing")] })).rejects.toThrow(
      /Could not start .*missing: there is no such file/u,
    );
    const denied = runCommand({ ...common, argv: [file] });
    await expect(denied).rejects.toThrow(RefusedError);
    await expect(denied).rejects.toThrow(/may not be executed \(chmod \+x\)/u);
    expect(() => runCommand({ ...common, argv: [] })).toThrow(/none is given/u);
  });

  it("that a signal ends says so", async () => {
    const result = await shell("kill -SEGV $$");
    expect(result).toMatchObject({ code: null, signal: "SIGSEGV", timedOut: false });
    expect(failureOf(result, 60_000)).toBe("was ended by SIGSEGV");
  });
});

describe("the time limit", () => {
  it("ends the command and everything it started", async () => {
    const late = join(folder, "late");
    const started = performance.now();
    const result = await shell(`(sleep 1.5; touch ${late}) & echo begun; echo "was at it" >&2; wait`, { timeoutMs: 300 });
    expect(performance.now() - started).toBeLessThan(1400);
    expect(result).toMatchObject({ code: null, timedOut: true, stdout: "begun\n" });
    expect(failureOf(result, 300)).toBe("took longer than 0.3 s and was stopped: was at it");
    await pause(1700);
    expect(existsSync(late)).toBe(false);
  });

  it("does not wait for a command that ignores being told to stop", async () => {
    const result = await node("process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000)", { timeoutMs: 500 });
    expect(result).toMatchObject({ code: null, signal: "SIGKILL", timedOut: true });
    expect(result.ms).toBeLessThan(6000);
  });

  it("is a failure also for a command that ends well when it is told to stop", async () => {
    const result = await node("process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)", { timeoutMs: 500 });
    expect(result).toMatchObject({ timedOut: true, code: null });
    expect(failureOf(result, 500)).toContain("took longer than 0.5 s");
  });

  it("what a command leaves in the background does not hold us, and is ended with it", async () => {
    const late = join(folder, "background");
    const started = performance.now();
    const result = await shell(`(sleep 1.2; touch ${late}) & echo done`);
    expect(performance.now() - started).toBeLessThan(1100);
    expect(result).toMatchObject({ code: 0, stdout: "done\n" });
    await pause(1500);
    expect(existsSync(late)).toBe(false);
  });
});

describe("output", () => {
  it("is bounded: the beginning of stdout, the end of stderr", async () => {
    const result = await node("process.stdout.write('A' + 'o'.repeat(3e6) + 'Z'); process.stderr.write('a' + 'e'.repeat(3e6) + 'z')", {
      maxOutputBytes: 1000,
    });
    expect(result.truncated).toBe(true);
    expect([result.stdout.length, result.stdout[0], result.stdout.at(-1)]).toEqual([1000, "A", "o"]);
    expect([result.stderr.length, result.stderr[0], result.stderr.at(-1)]).toEqual([1000, "e", "z"]);
  });

  it("cuts no letter in two, wherever the cut is", async () => {
    const text = "aé€😀".repeat(20);
    for (let most = 30; most < 42; most++) {
      const result = await node("process.stdin.pipe(process.stdout); process.stdin.pipe(process.stderr)", {
        input: text,
        maxOutputBytes: most,
      });
      expect(result.stdout + result.stderr).not.toContain("\ufffd");
      expect(text.startsWith(result.stdout)).toBe(true);
      expect(text.endsWith(result.stderr)).toBe(true);
      expect(Buffer.byteLength(result.stdout)).toBeGreaterThan(most - 4);
      expect(Buffer.byteLength(result.stderr)).toBeGreaterThan(most - 4);
    }
  });

  it("holds no secret, in none of the forms commands write it in", async () => {
    const secret = 'p@ss "wörd"/+';
    const result = await node(
      `const s = process.env.S; console.log(s, JSON.stringify({ s }), encodeURIComponent(s), Buffer.from(s).toString("base64")); console.error("failed with " + s)`,
      { env: { S: secret }, secrets: [secret] },
    );
    for (const form of ["wörd", "w%C3%B6rd", "p@ss", Buffer.from(secret).toString("base64").slice(0, 8)]) {
      expect(result.stdout).not.toContain(form);
      expect(result.stderr).not.toContain(form);
    }
    expect(result.stderr).toBe("failed with •••\n");
  });

  it("holds no part of a secret that the cut goes through, nor one that came in two pieces", async () => {
    const secret = "correct-horse-battery-staple";
    for (let most = 1; most < 40; most += 3) {
      const cut = await node(
        "process.stdout.write('12345' + process.env.S + '67890'); process.stderr.write('12345' + process.env.S + '67890')",
        {
          env: { S: secret },
          secrets: [secret],
          maxOutputBytes: most,
        },
      );
      for (const out of [cut.stdout, cut.stderr]) expect(out).toMatch(/^[1-5]*(?:•••)?[67890]*$/u);
    }
    const pieces = await node(
      "const s = process.env.S; process.stdout.write(s.slice(0, 9)); setTimeout(() => process.stdout.write(s.slice(9)), 150)",
      {
        env: { S: secret },
        secrets: [secret],
      },
    );
    expect(pieces.stdout).toBe("•••");
  });

  it("is told in one line without what a terminal would obey", async () => {
    const result = await shell("printf 'first\\n\\033[31mred \\033[0m\\007 and  more\\n\\n' >&2; exit 1");
    expect(failureOf(result, 60_000)).toBe("ended with exit code 1: red and more");
    expect(failureOf(await shell("exit 1"), 60_000)).toBe("ended with exit code 1");
    expect(failureOf(await shell("exit 0"), 60_000)).toBeUndefined();
    const long = failureOf(await shell("printf '%01000d' 1 >&2; exit 1"), 60_000);
    expect(long?.length).toBeLessThan(350);
  });
});

/**
 * Ctrl-C and a cancelled job: nothing new is begun, what was sent is waited for, the state is written, and the next run goes
 * on (issue 5, 1). The signal goes to the whole process group as a terminal sends it, or to haloform alone as a runner does.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, ended, real, root, type World, world } from "./support.ts";

let w: World;
beforeAll(async () => {
  w = await world({ people: 60 });
});
afterAll(() => w.stop());

/** Runs a command in a process group of its own and sends the signal as soon as `when` says so. */
async function stopped(args: readonly string[], signal: NodeJS.Signals, group: boolean, when: (said: string) => boolean): Promise<Ended> {
  const flags = ["--config-file", w.stackFile, "--mappings", w.mappings];
  const child = spawn(process.execPath, [join(root, "cli", "main.ts"), ...args, ...flags], {
    cwd: root,
    env: w.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const over = ended(child);
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said += data));
  while (!when(said) && child.exitCode === null) await pause(2);
  expect(child.exitCode, said).toBeNull();
  if (child.pid !== undefined) process.kill(group ? -child.pid : child.pid, signal);
  return over;
}

const folders = (name: string): string[] => (existsSync(join(w.home, name)) ? readdirSync(join(w.home, name)) : []);

describe("a run that is stopped", () => {
  it("preview: ends at once with exit 1 and one line, having changed and left nothing", async () => {
    const done = await stopped(["preview"], "SIGINT", true, (said) => said.includes("Reading people"));
    expect(done.code, done.err).toBe(1);
    expect(done.err.split("\n").filter((line) => line.startsWith("Stopped"))).toEqual([
      "Stopped: nothing was changed. Run it again when it suits.",
    ]);
    expect([done.out, w.sandbox.writes(), folders("runs")]).toEqual(["", 0, []]);
  });

  it("up: by Ctrl-C, then by a cancelled job: stops between requests and tells what was done; the next run goes on", async () => {
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = "Northwind Ferries Ltd";
    });
    let left = Number.POSITIVE_INFINITY;
    for (const [signal, group] of [
      ["SIGINT", true],
      ["SIGTERM", false],
    ] as const) {
      const made = await w.processes.plan();
      expect(made.ended.err).not.toContain("lock");
      const changes = real(made.plan).length;
      expect(changes).toBeGreaterThan(0);
      expect(changes, "what was done stays done").toBeLessThan(left);
      left = changes;
      const before = w.sandbox.writes();
      const args = ["up", "--plan", made.folder, "--approve", made.plan.digest];
      const done = await stopped(args, signal, group, () => w.sandbox.writes() - before > 4);
      expect(done.code, done.err).toBe(1);
      const line = new RegExp(`^Failed: stopped by ${signal} after (\\d+) changes?; run .haloform preview. and .up. again`, "mu").exec(
        done.err,
      );
      expect(Number(line?.[1]), done.err).toBeGreaterThan(0);
      expect(Number(line?.[1]), "stopped before its end").toBeLessThan(changes);
      expect(done.err).not.toMatch(/unhandled|^\s+at /imu);
      const written = w.sandbox.writes();
      await pause(400);
      expect(w.sandbox.writes(), "written after the end").toBe(written);
      expect(folders("runs")).toEqual([]);
    }
  });
});

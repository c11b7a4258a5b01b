/** The lock of a stack that a killed run left, found by two runs of one machine at once. The engine's `cancel` takes every lock away. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { here } from "../../../../cli/engine/holders.ts";
import { unlocked } from "../../../../cli/engine/lock.ts";
import { Refusal } from "../../../../cli/exit.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "haloform-lock-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A number that no process has. */
const gone = 4_194_304;
const at = new Date().toISOString().replace(/\.\d+/u, "");

/** The engine's locks of one stack, and a run that takes one. */
class Locks {
  held = new Set<number>([gone]);
  together = 0;
  most = 0;
  cancels = 0;

  async apply(pid: number, before: () => Promise<void>): Promise<string> {
    const [other] = this.held;
    if (other !== undefined)
      throw new Error(
        `error: the stack is currently locked by 1 lock(s).\n  postgres://****:****@db/states/.pulumi/locks/x.json: created by ada@${hostname()} (pid ${other}) at ${at}`,
      );
    this.held.add(pid);
    this.together += 1;
    this.most = Math.max(this.most, this.together);
    await before();
    this.together -= 1;
    this.held.delete(pid);
    return "done";
  }

  stack(before: () => Promise<void> = async () => undefined): Stack {
    const cancel = async (): Promise<void> => {
      await before();
      this.cancels += 1;
      this.held.clear();
    };
    return { name: "test", workspace: { envVars: { PULUMI_BACKEND_URL: "postgres://ada:s3cret@db/states" } }, cancel } as unknown as Stack;
  }
}

const noted = (): void => {
  mkdirSync(join(home, "engines"));
  writeFileSync(join(home, "engines", `${gone}-1.json`), JSON.stringify({ ...here(), pid: gone, at }));
};
const silent = { tell: () => undefined };

describe("security-7: a lock that a killed run left", () => {
  it("is released by one of two runs that find it, and never the lock that the other has taken since", async () => {
    noted();
    const locks = new Locks();
    const run = (pid: number, wait: number) =>
      unlocked(
        locks.stack(() => pause(wait)),
        home,
        silent,
        () => locks.apply(pid, () => pause(60)),
      ).catch((error: unknown) => error);
    const [one, other] = await Promise.all([run(process.pid, 0), run(process.ppid, 30)]);
    expect([locks.most, locks.cancels]).toEqual([1, 1]);
    expect(one).toBe("done");
    expect(other).toBeInstanceOf(Refusal);
    expect(readdirSync(join(home, "engines"))).toEqual([]);
  });

  it("of nobody whom this machine knows stays, and what is to be pasted has no password in it", async () => {
    const locks = new Locks();
    const error = await unlocked(locks.stack(), home, silent, () => locks.apply(1, async () => undefined)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Refusal);
    expect(String(error)).toContain("PULUMI_BACKEND_URL='postgres://ada:•••@db/states'");
    expect(locks.cancels).toBe(0);
  });
});

/**
 * `kill -9` of `up` as processes, one in each phase of it, every second one with the engine and the provider process as well, as
 * when the machine goes; and the lock of the state that such runs leave behind (design.md, promise 7). More points are in
 * kill.test.ts.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { finish, gone, type Kill, killedProcess, locks, note, renameCompany, saying, type When } from "./killing.ts";
import { type World, world } from "./support.ts";

describe("kill -9 of up in each of its phases, as processes", () => {
  let w: World;
  let calm: Snapshot;
  let all: number;
  const kills: Kill[] = [];
  let quiet: number | undefined;
  const never = Number.POSITIVE_INFINITY;
  const phases: readonly [string, () => When][] = [
    ["before anything is written", () => ({ writes: never, after: 0, all: false })],
    ["while the engine looks at what is there, the machine too", () => ({ writes: never, after: 900, all: true })],
    ["at the first write", () => ({ writes: 1, after: 60_000, all: false })],
    ["with some accounts made, the machine too", () => ({ writes: Math.ceil(all / 6), after: 60_000, all: true })],
    ["between accounts and groups", () => ({ writes: Math.ceil(all / 4), after: 60_000, all: false })],
    ["when nearly all is done, the machine too", () => ({ writes: Math.max(1, all - written() - 2), after: 60_000, all: true })],
  ];
  const written = (): number => w.sandbox.writes();

  beforeAll(async () => {
    const undisturbed = await world({ people: 50 });
    try {
      renameCompany(undisturbed, "Northwind Ferries Ltd");
      calm = await finish(undisturbed, []);
      all = undisturbed.sandbox.writes();
    } finally {
      await undisturbed.stop();
    }
    w = await world({ people: 50 });
    renameCompany(w, "Northwind Ferries Ltd");
  });
  afterAll(() => w?.stop());

  it.each(phases)("%s", async (_what, when) => {
    const done = await killedProcess(w, when(), quiet);
    note(kills, done.kill);
    quiet = done.quiet;
    expect(done.kill.hit).toBe(true);
  });

  it("the next run finishes: everything is as if nobody had been killed", async () => {
    expect(await finish(w, kills, w.processes)).toEqual(calm);
    expect(kills.filter((kill) => kill.writes > 0 && kill.left > 0).length, JSON.stringify(kills)).toBeGreaterThanOrEqual(3);
  });
});

describe("the lock of the state", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40 });
  });
  afterAll(() => w.stop());

  it("previews at the same time, of a project that never ran before, do not disturb each other", async () => {
    const all = await Promise.all([1, 2, 3].map(() => w.processes.run(["preview", "--json"])));
    for (const one of all) expect(one.code, one.err).toBe(0);
    expect(w.sandbox.writes()).toBe(0);
  });

  it("a kill during preview locks nothing and changes nothing", async () => {
    for (const [after, wait] of [
      ["Reading people", 0],
      ["Reading people", 300],
      ["Reading people", 1200],
    ] as const) {
      // On a fast machine a preview is over by then: it is killed earlier.
      let killed = false;
      for (let pauses = wait as number; !killed; pauses = Math.floor(pauses / 2)) {
        const { child, over, said } = await saying(w, ["preview", "--out", join(w.home, "cut-off")], (text) => text.includes(after));
        await pause(pauses);
        child.kill("SIGKILL");
        const { code } = await over;
        killed = code === null;
        expect(killed || pauses > 0, said()).toBe(true);
        expect(locks(w)).toEqual([]);
      }
    }
    await gone(w);
    expect(w.sandbox.writes()).toBe(0);
  });

  it("of a run that is alive: exit 3 with who and since when, nothing written; the run itself goes on to its end", async () => {
    const made = await w.processes.plan();
    // Making the stack, before that, takes a lock too.
    const isAt = (said: string): boolean => said.includes("Applying") && locks(w).length > 0;
    const { child: first, over } = await saying(w, ["up", "--plan", made.folder, "--approve", made.plan.digest], isAt);
    // Held before it can write, for as long as the second one takes.
    first.kill("SIGSTOP");
    expect(w.sandbox.writes()).toBe(0);
    const second = await w.processes.up(made);
    expect(second.code, second.err).toBe(3);
    expect(second.err).toMatch(
      /^Refused: another run holds the stack: \S+ on \S+ \(process \d+\) since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Wait for it to end; if it is surely dead, .*pulumi.* cancel.*$/mu,
    );
    expect(second.out).toBe("");
    expect(w.sandbox.writes()).toBe(0);
    expect(locks(w)).toHaveLength(1);
    first.kill("SIGCONT");
    const { code, err } = await over;
    expect(code, err).toBe(0);
    expect(err).not.toContain("lock");
    await w.sandbox.connect.settled();
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("leaves no private file of a killed run behind once the next run is through", () => {
    const runs = join(w.home, "runs");
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
  });
});

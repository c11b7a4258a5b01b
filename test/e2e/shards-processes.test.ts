/** A state in shards by the command line as a process, on Pulumi's engine: the same as one stack, and killed anywhere it goes on. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layoutOf } from "../../cli/engine/shards/layout.ts";
import { chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { StateFile } from "../engine/state.ts";
import { comparable, type Side, said, stateOf, systems } from "./alike.ts";
import { kinds } from "./happenings.ts";
import { gone, killedProcess, locks, processes } from "./killing.ts";
import { configure, ended, world } from "./support.ts";

describe("a state in shards on Pulumi's engine, and in one stack", () => {
  let shards: Side;
  let one: Side;
  const layout = () => layoutOf(new StateFile(shards.w.home, "test").raw());
  const settings = (count: number, ahead: number): void =>
    configure(shards.w, (config) => void (config["haloform:shards"] = { count, ahead }));
  beforeAll(async () => {
    const [a, b] = [await world({ people: 30 }), await world({ people: 30 })];
    shards = { w: a, commands: a.processes };
    one = { w: b, commands: b };
    settings(4, 8);
  });
  afterAll(() => Promise.all([shards, one].map((side) => side?.w.stop())));

  async function together(): Promise<number> {
    const [a, b] = [await shards.commands.converge([0, 4]), await one.commands.converge([0, 4])];
    expect(comparable(a.plan)).toEqual(comparable(b.plan));
    expect(a.ended.code).toBe(b.ended.code);
    expect(said(a.ended)).toEqual(said(b.ended));
    expect(stateOf(shards)).toEqual(stateOf(one));
    expect(systems(shards)).toEqual(systems(one));
    return changeCount(a.plan);
  }

  it("a first run, and changes of every kind", { timeout: 1_200_000 }, async () => {
    expect(await together()).toBeGreaterThan(20);
    expect(Object.keys(layout()?.parts ?? {})).toHaveLength(4);
    // Whose manager is made anew in the same run has the link in the state now or a run later, as it falls.
    const names = Object.keys(kinds).filter((name) => name !== "an account deleted by hand");
    for (const [index, name] of names.entries()) for (const { w } of [shards, one]) kinds[name]?.(w, chance(index));
    expect(await together()).toBeGreaterThan(3);
    for (const { w } of [shards, one]) kinds["another title"]?.(w, chance(77));
    await together();
    // The stack itself keeps what a few runs moved; the engine is told of no more.
    expect(layout()?.held.length).toBeGreaterThan(0);
  });

  it("laid out in 16, 4 and none, killed on the way: nothing changes, and the next time finishes", { timeout: 1_200_000 }, async () => {
    const { w } = shards;
    const before = stateOf(shards);
    const by = chance(9);
    for (const count of [16, 4, 16]) {
      settings(count, 8);
      const child = w.processes.start(["shards", "set"]);
      const over = ended(child);
      await pause(1500 + by.below(6000));
      child.kill("SIGKILL");
      for (const pid of processes(w)) process.kill(pid, "SIGKILL");
      await over;
      await gone(w);
      expect(stateOf(shards)).toEqual(before);
    }
    const done = await w.processes.run(["shards", "set", "--json"]);
    expect(done.code, done.err).toBe(0);
    expect(layout()?.count).toBe(16);
    expect(stateOf(shards)).toEqual(before);
    expect(locks(w)).toEqual([]);
    const plan = await w.processes.plan();
    expect(changeCount(plan.plan)).toBe(0);
  });

  it("the machine goes in the middle of an up: the next one finishes, and both worlds are the same", { timeout: 1_200_000 }, async () => {
    for (const name of ["another title", "somebody leaves", "another site"])
      for (const { w } of [shards, one]) for (const seed of [1, 2, 3]) kinds[name]?.(w, chance(200 + seed));
    const first = await killedProcess(shards.w, { writes: 2, after: 60_000, all: true });
    expect(first.kill.hit).toBe(true);
    await shards.commands.converge([0, 4]);
    await one.commands.converge([0, 4]);
    expect(systems(shards)).toEqual(systems(one));
    expect(changeCount((await shards.commands.plan()).plan)).toBe(0);
  });

  it("without the setting all of it is put back into one stack", async () => {
    const { w } = shards;
    configure(w, (config) => void delete config["haloform:shards"]);
    const done = await w.processes.run(["shards", "set"]);
    expect(done.code, done.err).toBe(0);
    expect(layout()).toBeUndefined();
    expect(changeCount((await w.processes.plan()).plan)).toBe(0);
  });
});

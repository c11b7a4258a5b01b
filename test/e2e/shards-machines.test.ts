/**
 * One plan of a stack in 16 shards, applied by four machines side by side, each with a home of its own, and killed at seeded moments: one
 * holds the stack at a time, the others wait their turn, the next plan finishes what was left, and nothing is there twice.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layoutOf } from "../../cli/engine/shards/layout.ts";
import { chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { StateFile } from "../engine/state.ts";
import { sized } from "../sizes.ts";
import { rowsOf, systems } from "./alike.ts";
import { kinds } from "./happenings.ts";
import { expectSane, gone, locks, processes, renameCompany } from "./killing.ts";
import type { Made } from "./refusals.ts";
import { configure, ended, type World, world } from "./support.ts";

const machines = [1, 2, 3, 4] as const;
const kills = sized(1, 100);
/** Another machine has the stack, has had it since this one looked, or must begin before it. */
const isWaiting =
  /is running already|holds the (?:stack|lock)|locked|has changed the stack since|into other shards since|must be applied before/u;
/** The share of a machine that was killed is used up; what another has done meanwhile may leave nothing of this plan that is allowed. */
const isOver = /of the plan was applied on|another plan was applied since|nothing is left of/u;

describe("four machines side by side", () => {
  let w: World;
  let one: World;
  const homeOf = (machine: number): string => join(w.home, `machine-${machine}`);
  beforeAll(async () => {
    [w, one] = [await world({ people: 30 }), await world({ people: 30 })];
    configure(w, (config) => void (config["haloform:shards"] = { count: 16, ahead: 10 }));
    for (const folder of ["state", "history"]) mkdirSync(join(w.home, folder), { recursive: true });
    for (const machine of machines) {
      mkdirSync(homeOf(machine));
      // What a server would keep for all of them.
      for (const folder of ["state", "history"]) symlinkSync(join(w.home, folder), join(homeOf(machine), folder));
    }
    await w.converge([0, 4]);
    await one.converge([0, 4]);
  });
  afterAll(() => Promise.all([w?.stop(), one?.stop()]));

  /** A machine does its share as soon as it may; `hit`: it is killed, with everything it has started, so many ms after it has begun. */
  async function share(machine: number, made: Made, after: number | undefined): Promise<"done" | "killed" | "over"> {
    const home = homeOf(machine);
    for (let turn = 0; turn < 200; turn += 1) {
      const args = ["up", "--plan", made.folder, "--approve", made.plan.digest, "--shard", `${machine}/${machines.length}`];
      const child = w.processes.start(args, { HALOFORM_HOME: home });
      const over = ended(child);
      let said = "";
      let due: NodeJS.Timeout | undefined;
      let hit = false;
      child.stderr?.on("data", (data: Buffer) => {
        said += data;
        if (after === undefined || due || !said.includes("of the plan\n")) return;
        due = setTimeout(() => {
          if (child.exitCode !== null) return;
          hit = true;
          child.kill("SIGKILL");
          for (const pid of processes({ home } as World)) process.kill(pid, "SIGKILL");
        }, after);
      });
      const { code, err } = await over;
      clearTimeout(due);
      if (hit) {
        await gone({ home } as World);
        return "killed";
      }
      if (code === 0 || code === 4) return "done";
      expect(code, `machine ${machine}: ${err}`).toBe(3);
      if (isOver.test(err)) return "over";
      expect(err).toMatch(isWaiting);
      await pause(300);
    }
    throw new Error(`machine ${machine} never had its turn`);
  }

  it(`16.2: ${kills} seeded kills: nothing is lost, nothing is there twice, and all is as without them`, {
    timeout: 14_400_000,
  }, async () => {
    const by = chance(16);
    const names = Object.keys(kinds).filter((name) => name !== "an account deleted by hand");
    let killed = 0;
    for (let round = 1; killed < kills; round += 1) {
      expect(round, "most machines are over before they are killed").toBeLessThan(2 * kills + 3);
      const company = `Northwind Pilots ${round}`;
      for (const each of [w, one]) renameCompany(each, company);
      const seed = by.below(10_000);
      const name = by.pick(names);
      for (const each of [w, one]) kinds[name]?.(each, chance(seed));
      await Promise.all([w, one].map((each) => each.sandbox.connect.settled()));
      const made = await w.plan();
      const dying = by.pick(machines);
      const after = by.below(1500);
      const done = await Promise.all(machines.map((machine) => share(machine, made, machine === dying ? after : undefined)));
      if (done.includes("killed")) killed += 1;
      expectSane(w);
      await w.sandbox.connect.settled();
      await w.converge([0, 4]);
      await one.converge([0, 4]);
      expect(systems({ w, commands: w }), `round ${round}: ${name}, ${done.join(", ")}`).toEqual(systems({ w: one, commands: one }));
      expect(locks(w)).toEqual([]);
      expect(layoutOf(new StateFile(w.home, "test").raw())?.count).toBe(16);
      const urns = rowsOf(w).map(({ urn }) => urn);
      expect(urns.length).toBe(new Set(urns).size);
    }
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});

/**
 * The engine told of what moves only, and told of everything: two worlds that are the same, to which the same happens. Plans,
 * states and systems are the same after every round, and each goes on from what the other way has left (docs/decisions/0120).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { everything } from "../engine/engine.ts";
import { StateFile } from "../engine/state.ts";
import { sized } from "../sizes.ts";
import { comparable, type Side, said, stateOf, systems } from "./alike.ts";
import { kinds, steady } from "./happenings.ts";
import { world } from "./support.ts";

const rounds = sized(2, 25);
const changes = 14;

describe("told of what moves, and told of everything", () => {
  let sparse: Side;
  let whole: Side;
  beforeAll(async () => {
    const [one, other] = [await world({ people: 30 }), await world({ people: 30 })];
    other.env[everything] = "1";
    sparse = { w: one, commands: one };
    whole = { w: other, commands: other };
  });
  afterAll(() => Promise.all([sparse, whole].map((one) => one?.w.stop())));

  async function together(): Promise<number> {
    const [one, other] = [await sparse.commands.converge([0, 4]), await whole.commands.converge([0, 4])];
    expect(comparable(one.plan)).toEqual(comparable(other.plan));
    expect(one.ended.code).toBe(other.ended.code);
    expect(said(one.ended)).toEqual(said(other.ended));
    expect(stateOf(sparse)).toEqual(stateOf(whole));
    expect(systems(sparse)).toEqual(systems(whole));
    return changeCount(one.plan);
  }

  it("a first run is the same", async () => {
    expect(await together()).toBeGreaterThan(20);
  });

  it(`${rounds * changes} seeded changes of every kind, in ${rounds} rounds`, { timeout: 3_600_000 }, async () => {
    const names = Object.keys(kinds);
    let [happened, made] = [0, 0];
    for (let round = 1; round <= rounds; round += 1) {
      const seeds = Array.from({ length: changes }, (_, index) => round * 1000 + index);
      for (const seed of seeds) {
        // Every kind in turn: none is left to chance.
        const kind = names[happened % names.length] ?? "";
        happened += 1;
        for (const { w } of [sparse, whole]) kinds[kind]?.(w, chance(seed));
      }
      made += await together();
    }
    expect(happened).toBe(rounds * changes);
    expect(made).toBeGreaterThan(happened / 2);
  });

  it("parked, and parked again", async () => {
    for (const { w } of [sparse, whole]) {
      w.sandbox.halo.faults.refuse = steady(w).map((one) => one.email);
      w.edit("halo", (content) => {
        content["agents"] = { every: [{ for: { site_id: { matches: "." } }, roles: ["Service Desk"] }] };
      });
    }
    await together();
    expect(new StateFile(sparse.w.home, "test").rows().filter((row) => row.id?.startsWith("parked-")).length).toBeGreaterThan(0);
    await together();
    for (const { w } of [sparse, whole]) w.sandbox.halo.faults.refuse = [];
    await together();
  });

  it("each goes on from what the other way has left: nothing is to be done", async () => {
    for (const [{ w }, way] of [
      [sparse, { [everything]: "1" }],
      [whole, { [everything]: "" }],
    ] as const) {
      Object.assign(w.env, way);
      const writes = w.sandbox.writes();
      const { plan } = await w.converge([0, 4]);
      expect(changeCount(plan)).toBe(0);
      expect(w.sandbox.writes()).toBe(writes);
    }
  });
});

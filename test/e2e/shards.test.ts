/**
 * A state in shards, and one in a single stack: two worlds that are the same, to which the same happens. Plans, states and systems
 * are the same after every round; and laying a state out otherwise changes nothing of either (docs/decisions/0157).
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layoutOf } from "../../cli/engine/shards/layout.ts";
import { chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { StateFile } from "../engine/state.ts";
import { sized } from "../sizes.ts";
import { comparable, rowsOf, type Side, said, stateOf, systems } from "./alike.ts";
import { kinds, steady } from "./happenings.ts";
import { configure, type World, world } from "./support.ts";

const rounds = sized(2, 25);
const changes = 14;
type Shards = { count: number; by?: string; ahead?: number };

const folder = (w: World): string => join(w.home, "state", ".pulumi", "stacks", "haloform");
const shardFiles = (w: World): string[] => readdirSync(folder(w)).filter((name) => name.includes(".shard-"));
const head = (w: World) => new StateFile(w.home, "test");
const layout = (w: World) => layoutOf(head(w).raw());
const settings = (w: World, shards: Shards | undefined): void =>
  configure(w, (config) => {
    if (shards) config["haloform:shards"] = shards;
    else delete config["haloform:shards"];
  });

describe("a state in shards, and in one stack", () => {
  let shards: Side;
  let one: Side;
  beforeAll(async () => {
    const [a, b] = [await world({ people: 30 }), await world({ people: 30 })];
    settings(a, { count: 4, ahead: 12 });
    shards = { w: a, commands: a };
    one = { w: b, commands: b };
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

  it("a first run is the same, and everybody is in a shard after it", async () => {
    expect(await together()).toBeGreaterThan(20);
    const lies = layout(shards.w);
    expect(Object.keys(lies?.parts ?? {})).toEqual(["0", "1", "2", "3"]);
    const inHead = head(shards.w)
      .rows()
      .filter((row) => row.inputs?.["person"] !== undefined);
    expect(inHead).toEqual([]);
    // A group with members of many shards is nobody's.
    expect(
      head(shards.w)
        .rows()
        .some((row) => Array.isArray(row.inputs?.["members"])),
    ).toBe(true);
  });

  it(`${rounds * changes} seeded changes of every kind, in ${rounds} rounds`, { timeout: 3_600_000 }, async () => {
    const names = Object.keys(kinds);
    let [happened, made, carried] = [0, 0, 0];
    for (let round = 1; round <= rounds; round += 1) {
      for (const seed of Array.from({ length: changes }, (_, index) => round * 1000 + index)) {
        const kind = names[happened % names.length] ?? "";
        happened += 1;
        for (const { w } of [shards, one]) kinds[kind]?.(w, chance(seed));
      }
      made += await together();
      carried += layout(shards.w)?.held.length ?? 0;
      // A few alone are not worth a shard.
      for (const { w } of [shards, one]) kinds["another title"]?.(w, chance(round));
      made += await together();
      carried += layout(shards.w)?.held.length ?? 0;
    }
    expect(happened).toBe(rounds * changes);
    expect(made).toBeGreaterThan(happened / 2);
    expect(carried).toBeGreaterThan(0);
  });

  it("parked, and parked again, in a shard", async () => {
    for (const { w } of [shards, one]) {
      w.sandbox.halo.faults.refuse = steady(w).map((person) => person.email);
      w.edit("halo", (content) => {
        content["agents"] = { every: [{ for: { site_id: { matches: "." } }, roles: ["Service Desk"] }] };
      });
    }
    await together();
    expect(rowsOf(shards.w).filter((row) => row.id?.startsWith("parked-")).length).toBeGreaterThan(0);
    await together();
    for (const { w } of [shards, one]) w.sandbox.halo.faults.refuse = [];
    await together();
  });

  it("laid out otherwise, nothing changes: 4, 16, 3 by site, none, 4; a plan of before may be applied after", async () => {
    const { w } = shards;
    const before = stateOf(shards);
    const writes = w.sandbox.writes();
    for (const given of [{ count: 16 }, { count: 3, by: "site_name" }, undefined, { count: 4, ahead: 12 }]) {
      const waiting = await w.plan();
      settings(w, given);
      const done = await w.run(["shards", "set", "--json"]);
      expect(done.code, done.err).toBe(0);
      expect(layout(w)?.count).toBe(given?.count);
      expect(stateOf(shards)).toEqual(before);
      expect(shardFiles(w)).toHaveLength(Object.keys(layout(w)?.parts ?? {}).length);
      expect([0, 4]).toContain((await w.up(waiting)).code);
      expect(stateOf(shards)).toEqual(before);
    }
    expect(w.sandbox.writes()).toBe(writes);
    await w.nothingIsLeft();
  });

  it("killed anywhere while it is laid out, the next time finishes it", async () => {
    const { w } = shards;
    const before = stateOf(shards);
    const by = chance(5);
    let hit = 0;
    for (let kill = 0; kill < 12; kill += 1) {
      settings(w, { count: kill % 2 === 0 ? 16 : 5, ahead: 12 });
      const files = new Set(shardFiles(w));
      const run = w.begin(["shards", "set"]);
      const after = by.below(18);
      let over = false;
      void run.over.then(() => (over = true));
      while (!over && shardFiles(w).filter((name) => !files.has(name)).length < after) await turn();
      run.kill();
      if ((await run.over).code === null) hit += 1;
      expect(stateOf(shards)).toEqual(before);
      expect((await w.plan()).plan.summary.ops).toEqual({});
    }
    expect(hit).toBeGreaterThan(3);
    const done = await w.run(["shards", "set"]);
    expect(done.code, done.err).toBe(0);
    expect(Object.keys(layout(w)?.parts ?? {}).length).toBeGreaterThan(3);
    await w.nothingIsLeft();
  });

  it("a shard that is missing, or older than the head says, is refused by whoever reads it", async () => {
    const { w } = shards;
    settings(w, { count: 4, ahead: 0 });
    expect((await w.run(["shards", "set"])).code).toBe(0);
    const [first] = Object.values(layout(w)?.parts ?? {});
    const file = join(folder(w), `${first?.stack}.json`);
    const text = readFileSync(file, "utf8");
    const others = shardFiles(w).filter((name) => !file.endsWith(name));
    for (const spoil of [() => rmSync(file), () => writeFileSync(file, readFileSync(join(folder(w), others[0] ?? ""), "utf8"))]) {
      spoil();
      for (const command of [["preview"], ["drift"], ["shards"], ["shards", "set"]]) {
        const ended = await w.run(command);
        expect(ended.code, command.join(" ")).toBe(3);
        expect(ended.err).toContain(`the state of the stack test is not whole: ${first?.stack} is missing`);
      }
      writeFileSync(file, text);
    }
    await w.nothingIsLeft();
  });

  it("stopped, nothing is laid out", async () => {
    const { w } = shards;
    expect((await w.run(["stop", "for a test"])).code).toBe(0);
    const files = shardFiles(w);
    settings(w, { count: 7, ahead: 0 });
    const ended = await w.run(["shards", "set"]);
    expect(ended.code).toBe(3);
    expect(shardFiles(w)).toEqual(files);
  });
});

/** Runs over a state in shards: cut off anywhere, signed, and under limits that count over all of it (docs/decisions/0157). */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import { layoutOf, unboxed } from "../../cli/engine/shards/layout.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { chance } from "../../sandbox/random.ts";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { StateFile } from "../engine/state.ts";
import { sized } from "../sizes.ts";
import { rowsOf } from "./alike.ts";
import { finish, type Kill, killedHere, killing, renameCompany, upheaval } from "./killing.ts";
import { configure, type World, world } from "./support.ts";

const people = 50;
const inShards = (w: World, count: number, ahead: number): void =>
  configure(w, (config) => void (config["haloform:shards"] = { count, ahead }));
const layout = (w: World) => layoutOf(new StateFile(w.home, "test").raw());

describe("kill -9 of up at random points, over 16 shards", () => {
  const undisturbed = { first: 0, second: 0 };
  let afterFirst: Snapshot;
  let afterSecond: Snapshot;
  const kills: Kill[] = [];

  beforeAll(async () => {
    const w = await world({ people });
    try {
      renameCompany(w, "Northwind Ferries Ltd");
      afterFirst = await finish(w, []);
      undisturbed.first = w.sandbox.writes();
      upheaval(w);
      afterSecond = await finish(w, []);
      undisturbed.second = w.sandbox.writes() - undisturbed.first;
    } finally {
      await w.stop();
    }
  });

  it.each(Array.from({ length: sized(1, 8) }, (_, index) => 21 + index))("a first run and a later one (seed %i)", async (seed) => {
    const w = await world({ people });
    try {
      inShards(w, 16, 10);
      renameCompany(w, "Northwind Ferries Ltd");
      const first = await killing(w, killedHere, 6, undisturbed.first, chance(seed));
      expect(await finish(w, first)).toEqual(afterFirst);
      expect(Object.keys(layout(w)?.parts ?? {}).length).toBeGreaterThan(8);
      upheaval(w);
      const second = await killing(w, killedHere, 6, undisturbed.second, chance(seed + 100));
      expect(await finish(w, second)).toEqual(afterSecond);
      kills.push(...first, ...second);
      const urns = rowsOf(w).map(({ urn }) => urn);
      expect(new Set(urns).size).toBe(urns.length);
    } finally {
      await w.stop();
    }
  });

  it("the kills hit, and half of them in the middle", () => {
    expect(kills.filter((kill) => kill.hit).length, JSON.stringify(kills)).toBeGreaterThanOrEqual(kills.length * 0.6);
    const middle = kills.filter((kill) => kill.hit && kill.writes > 0 && kill.left > 0);
    expect(middle.length, JSON.stringify(kills)).toBeGreaterThanOrEqual(kills.length * 0.4);
  });
});

describe("a signed state in shards", () => {
  let w: World;
  const key = newKey();
  const folder = () => join(w.home, "state", ".pulumi", "stacks", "haloform");
  beforeAll(async () => {
    w = await world({ people: 30 });
    inShards(w, 4, 6);
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    w.env[keyVariable] = key.private;
    await w.converge();
  });
  afterAll(() => w?.stop());

  it("laid out for the first time it takes the key, as it was signed in another order", async () => {
    const plain = await world({ people: 30 });
    try {
      configure(plain, (config) => void (config["haloform:keys"] = [key.public]));
      plain.env[keyVariable] = key.private;
      await plain.converge();
      renameCompany(plain, "Northwind Ferries Ltd");
      await plain.converge();
      inShards(plain, 3, 1000);
      const without = await plain.run(["shards", "set"], { [keyVariable]: "" });
      expect([without.code, without.err]).toEqual([3, expect.stringContaining("laying it out for the first time changes the state")]);
      expect(layout(plain)).toBeUndefined();
      expect((await plain.run(["shards", "set"])).code).toBe(0);
      expect(Object.keys(layout(plain)?.parts ?? {})).toHaveLength(3);
      await plain.nothingIsLeft();
    } finally {
      await plain.stop();
    }
  });

  it("its signature covers every shard, and laying it out again needs no key", async () => {
    expect(Object.keys(layout(w)?.parts ?? {})).toHaveLength(4);
    await w.nothingIsLeft();
    configure(w, (config) => void (config["haloform:shards"] = { count: 7, ahead: 6 }));
    const done = await w.run(["shards", "set"], { [keyVariable]: "" });
    expect(done.code, done.err).toBe(0);
    expect(layout(w)?.count).toBe(7);
    await w.nothingIsLeft();
  });

  it("a head and shards of before, all of them put back by hand, are refused", async () => {
    const read = () =>
      readdirSync(folder()).flatMap((name) => (name.endsWith(".json") ? [[name, readFileSync(join(folder(), name))] as const] : []));
    const before = read();
    renameCompany(w, "Northwind Harbour Ltd");
    await w.converge();
    const now = read();
    for (const [name, text] of before) writeFileSync(join(folder(), name), text);
    const ended = await w.run(["preview"]);
    expect(ended.code).toBe(3);
    expect(ended.err).toContain("the state of the stack test is not believed: it was changed after it was signed");
    for (const [name, text] of now) writeFileSync(join(folder(), name), text);
    await w.nothingIsLeft();
  });

  it("after a run that was cut off, the state of before is put back, wherever it lay", async () => {
    for (const [company, writes] of [
      ["Northwind One Ltd", 3],
      ["Northwind Two Ltd", 25],
    ] as const) {
      renameCompany(w, company);
      const { kill } = await killedHere(w, { writes, after: 60_000, all: false });
      expect(kill.hit).toBe(true);
      await w.converge([0, 4]);
      await w.nothingIsLeft();
    }
  });

  it("without a key nothing of it is believed that another wrote into the head", async () => {
    const state = new StateFile(w.home, "test");
    const raw = state.raw();
    // A shard's resource is said to be gone.
    const text = JSON.stringify(raw).replace(
      '"held":[]',
      `"held":["ad:User::person-${w.sandbox.organisation.people.find((one) => one.situation === "steady")?.id}"]`,
    );
    expect(text).not.toBe(JSON.stringify(raw));
    state.replace(JSON.parse(text) as object);
    const ended = await w.run(["preview"]);
    expect(ended.code).toBe(3);
    expect(ended.err).toContain("is not believed: it was changed after it was signed");
    state.replace(raw);
    await w.nothingIsLeft();
  });
});

describe("limits over all shards", () => {
  let w: World;
  let before: number;
  beforeAll(async () => {
    w = await world({ people: 40 });
    inShards(w, 16, 0);
    before = (await w.converge()).plan.summary.losses.disabled;
  });
  afterAll(() => w?.stop());

  it("are of the sum, within a run and over 24 hours, whichever shards it falls on", async () => {
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.id > 110).slice(0, 4);
    const leaves = (index: number) => w.sandbox.hand({ halo: { table: "users", id: steady[index]?.id ?? 0, set: { inactive: true } } });
    w.edit("safety", (content) => {
      content["limits"] = { disabled: { most: before + 2 }, membershipsLost: { most: 10_000 }, licencesLost: { most: 10_000 } };
    });
    await w.converge();
    for (const index of [0, 1, 2]) leaves(index);
    const all = await w.plan("all", [3]);
    expect(all.plan.guard.breaches).toEqual([
      expect.stringContaining(`${before + 3} accounts would be disabled in 24 hours (3 now, ${before} before)`),
    ]);
    w.sandbox.hand({ halo: { table: "users", id: steady[2]?.id ?? 0, set: { inactive: false } } });
    expect(changeCount((await w.converge()).plan)).toBeGreaterThan(0);
    const shardsOf = (id: number | undefined) =>
      Object.values(layout(w)?.parts ?? {}).filter(({ stack }) => JSON.stringify(rowsIn(w, stack)).includes(`person-${id}"`)).length;
    expect(steady.map(({ id }) => shardsOf(id))).toEqual([1, 1, 1, 1]);
    leaves(3);
    const more = await w.plan("more", [3]);
    expect(more.plan.guard.breaches).toEqual([
      expect.stringContaining(`${before + 3} accounts would be disabled in 24 hours (1 now, ${before + 2} before)`),
    ]);
  });
});

/** What a shard's stack holds. */
function rowsIn(w: World, stack: string): unknown {
  const state = layout(w)?.parts;
  const digest = Object.values(state ?? {}).find((one) => one.stack === stack)?.digest ?? "";
  return unboxed(new StateFile(w.home, stack).raw(), digest);
}

/** An approved plan applied by several jobs, one after the other, each the people of some shards (docs/decisions/0177). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chance } from "../../sandbox/random.ts";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { sized } from "../sizes.ts";
import { expectSane, finish, renameCompany, upheaval } from "./killing.ts";
import { type Made, of, refused } from "./refusals.ts";
import { configure, type World, world } from "./support.ts";

const jobs = 4;
const names = Array.from({ length: jobs }, (_, index) => `${index + 1}/${jobs}`);
const share = (made: Made, name: string): string[] => [...of(made), "--shard", name];
const inShards = (w: World): void => configure(w, (config) => void (config["haloform:shards"] = { count: 16, ahead: 10 }));

async function allJobs(w: World, made: Made): Promise<void> {
  for (const name of names) {
    const { code, err } = await w.run(["up", ...share(made, name)]);
    expect([0, 4], `${name}: ${err}`).toContain(code);
    expectSane(w);
  }
}

/** Different people who are there and stay. */
const steady = (w: World, count: number) =>
  w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 110).slice(0, count);

describe("a plan applied by four jobs", () => {
  let w: World;
  let afterFirst: Snapshot;
  let afterSecond: Snapshot;
  beforeAll(async () => {
    const one = await world({ people: 30 });
    try {
      renameCompany(one, "Northwind Ferries Ltd");
      afterFirst = await finish(one, []);
      upheaval(one);
      afterSecond = await finish(one, []);
    } finally {
      await one.stop();
    }
    w = await world({ people: 30 });
    inShards(w);
    renameCompany(w, "Northwind Ferries Ltd");
  });
  afterAll(() => w?.stop());

  it("a matrix names the jobs, and is refused without shards", async () => {
    const { out } = await w.run(["shards", "--matrix", "github", "--jobs", String(jobs)]);
    expect(JSON.parse(out)).toEqual({ shard: names });
    expect((await w.run(["shards", "--matrix", "gitlab", "--jobs", "17"])).code).toBe(64);
    const plain = await world({ people: 2 });
    try {
      expect((await plain.run(["shards", "--matrix", "github"])).err).toContain("have no haloform:shards");
    } finally {
      await plain.stop();
    }
  });

  it("a first run: each job does its own people; then all is as after one run", async () => {
    const made = await w.plan("first");
    await refused(w, share(made, "2/4"), /1\/4 of the plan must be applied before 2\/4/u);
    const before = w.sandbox.writes();
    expect([0, 4]).toContain((await w.run(["up", ...share(made, "1/4")])).code);
    const first = w.sandbox.writes() - before;
    await refused(w, share(made, "1/4"), /1\/4 of the plan was applied on .*, or cut off: each is for one run/u);
    await refused(w, share(made, "4/4"), /2\/4, 3\/4 of the plan must be applied before 4\/4/u);
    await refused(w, share(made, "2/8"), /the plan was applied as 1\/4 on /u);
    await refused(w, of(made), /the plan is stale|the approval was used/u);
    for (const name of names.slice(1)) expect([0, 4], name).toContain((await w.run(["up", ...share(made, name)])).code);
    expect(first).toBeLessThan((w.sandbox.writes() - before) / 2);
    // Who reports to somebody whom a later job made has that link with the next plan.
    expect(await finish(w, [])).toEqual(afterFirst);
  });

  it("a later one: leavers, movers and a change of everybody", async () => {
    upheaval(w);
    const made = await w.plan("later");
    await allJobs(w, made);
    expect((await w.plan("after")).plan.people).toEqual([]);
    expect(await finish(w, [])).toEqual(afterSecond);
  });

  it("what somebody changes between the jobs is left for the next plan, and nothing of it is undone", async () => {
    await w.converge([0, 4]);
    renameCompany(w, "Northwind Harbour Ltd");
    const made = await w.plan("by-hand");
    expect([0, 4]).toContain((await w.run(["up", ...share(made, "1/4")])).code);
    const its = new Set(made.plan.people.map(({ key }) => key));
    const dn = w.sandbox.ad.entries.list(
      (one) => its.has(one.text("employeeNumber") ?? "") && one.text("company") !== "Northwind Harbour Ltd",
    )[0]?.dn;
    if (dn === undefined) throw new Error("the first job did everybody");
    const company = w.sandbox.snapshot().ad[dn]?.["company"];
    w.sandbox.hand({ ad: { dn, replace: { title: "Harbour Master" } } });
    let told = "";
    for (const name of names.slice(1)) told += (await w.run(["up", ...share(made, name)])).err;
    expect(told).toMatch(/Left for the next plan, as they have changed since this one was made: 1 thing of \d\/4\./u);
    expect(w.sandbox.snapshot().ad[dn]).toMatchObject({ title: "Harbour Master", company });
    const next = await w.plan("next");
    expect(next.plan.people).toHaveLength(1);
    await finish(w, []);
  });

  it("another plan in between ends it", async () => {
    renameCompany(w, "Northwind One Ltd");
    const made = await w.plan("one");
    expect([0, 4]).toContain((await w.run(["up", ...share(made, "1/4")])).code);
    await finish(w, []);
    await refused(w, share(made, "2/4"), /another plan was applied since the jobs of this one began/u);
  });

  it("so do other mapping files", async () => {
    renameCompany(w, "Northwind Two Ltd");
    const made = await w.plan("two");
    expect([0, 4]).toContain((await w.run(["up", ...share(made, "1/4")])).code);
    renameCompany(w, "Northwind Three Ltd");
    await refused(w, share(made, "2/4"), /the plan is stale: the mapping files are not the ones/u);
    await finish(w, []);
  });
});

describe("jobs that are cut off", () => {
  it.each(Array.from({ length: sized(1, 6) }, (_, index) => 1600 + index))(
    "the others go on, the next plan finishes, and each loss counts once (seed %i)",
    async (seed) => {
      const by = chance(seed);
      const w = await world({ people: 30 });
      try {
        inShards(w);
        const { plan: first } = await w.converge([0, 4]);
        const leavers = steady(w, 3);
        for (const { id } of leavers) w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
        renameCompany(w, "Northwind Harbour Ltd");
        const made = await w.plan("jobs");
        for (const name of names) {
          const start = w.sandbox.writes();
          const writes = by.below(4);
          const run = w.begin(["up", ...share(made, name)]);
          let over = false;
          void run.over.then(() => (over = true));
          while (!over && (writes === 3 || w.sandbox.writes() - start <= writes)) await new Promise(setImmediate);
          run.kill();
          await run.over;
          expectSane(w);
        }
        await w.sandbox.connect.settled();
        await finish(w, []);
        const counted = first.summary.losses.disabled + made.plan.summary.losses.disabled;
        expect(made.plan.summary.losses.disabled).toBeGreaterThanOrEqual(leavers.length);
        w.edit("safety", (content) => {
          content["limits"] = { disabled: { most: counted }, membershipsLost: { most: 10_000 }, licencesLost: { most: 10_000 } };
        });
        await w.converge([0, 4]);
        const [another] = steady(w, 4).slice(3);
        w.sandbox.hand({ halo: { table: "users", id: another?.id ?? 0, set: { inactive: true } } });
        const { plan } = await w.plan("limits", [3]);
        expect(plan.guard.breaches).toEqual([expect.stringContaining(`in 24 hours (1 now, ${counted} before)`)]);
        expect(changeCount(plan)).toBeGreaterThan(0);
      } finally {
        await w.stop();
      }
    },
  );
});

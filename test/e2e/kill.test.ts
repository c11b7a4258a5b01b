/**
 * `kill -9` of `up` anywhere: the next run finishes the work, with no duplicate and nothing left over (design.md, promise 7).
 * The points are random but seeded: most are "when so many writes have taken effect", so that they are spread over the whole
 * apply whatever the machine's speed; the others are "so many milliseconds after the apply began". In this process; as processes
 * in the long profile, and always in kill-processes.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chance } from "../../sandbox/random.ts";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { long } from "../sizes.ts";
import { finish, type Kill, type Killed, killedHere, killedProcess, killing, renameCompany, upheaval } from "./killing.ts";
import { type World, world } from "./support.ts";

const people = 50;
const ways: readonly (readonly [string, Killed])[] = [
  ["in this process", killedHere],
  ...(long ? [["as processes", killedProcess] as const] : []),
];

describe.each(ways)("kill -9 of up at random points, %s", (_how, killed) => {
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
  const commands = (w: World) => (killed === killedHere ? w : w.processes);

  it.each([11, 12])("during the first run: accounts, groups, agents and licences are made (seed %i)", async (seed) => {
    const w = await world({ people });
    try {
      renameCompany(w, "Northwind Ferries Ltd");
      const mine = await killing(w, killed, 7, undisturbed.first, chance(seed));
      expect(await finish(w, mine, commands(w))).toEqual(afterFirst);
      kills.push(...mine);
    } finally {
      await w.stop();
    }
  });

  it("during a later run: everybody is touched, somebody leaves, somebody moves", async () => {
    const w = await world({ people });
    try {
      renameCompany(w, "Northwind Ferries Ltd");
      await w.converge();
      upheaval(w);
      const mine = await killing(w, killed, 7, undisturbed.second, chance(13));
      expect(await finish(w, mine, commands(w))).toEqual(afterSecond);
      kills.push(...mine);
    } finally {
      await w.stop();
    }
  });

  it("the kills hit, and most of them in the middle", () => {
    // A run with nothing left to write may be over before it is killed.
    expect(kills.filter((kill) => kill.hit).length, JSON.stringify(kills)).toBeGreaterThanOrEqual(18);
    const middle = kills.filter((kill) => kill.hit && kill.writes > 0 && kill.left > 0);
    expect(middle.length, JSON.stringify(kills)).toBeGreaterThanOrEqual(10);
  });
});

describe("limits of lost access and a killed run", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40 });
  });
  afterAll(() => w.stop());

  it("what a killed run had counted and did not do counts once, and what it did counts still", async () => {
    const first = await w.plan();
    const { disabled } = first.plan.summary.losses;
    expect(disabled).toBeGreaterThan(1);
    const limits = { disabled: { most: disabled }, membershipsLost: { most: 10_000 }, licencesLost: { most: 10_000 } };
    w.edit("safety", (content) => {
      content["limits"] = limits;
    });
    // Twice, so that counting each run would be more than is allowed three times over.
    for (const writes of [1, 8]) await killedHere(w, { writes, after: 60_000, all: false });
    const done = await finish(w, []);
    expect(Object.keys(done.ad).length).toBeGreaterThan(0);
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one.id > 110);
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { inactive: true } } });
    const { plan } = await w.plan("one-more", [3]);
    expect(plan.guard.breaches).toEqual([
      expect.stringContaining(
        `${disabled + 1} accounts would be disabled in 24 hours (1 now, ${disabled} before); the limit is ${disabled} `,
      ),
    ]);
  });
});

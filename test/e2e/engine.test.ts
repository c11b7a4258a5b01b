/**
 * The engine for tests (test/engine) against Pulumi's: two worlds that are the same, one under each. Whatever is made, taken
 * over, changed, moved, disabled, stripped, let go of or parked: the same plan, the same state, the same systems; and each goes
 * on from the state that the other has left.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { StateFile } from "../engine/state.ts";
import { comparable, type Side, said, stateOf, systems } from "./alike.ts";
import { real, type World, world } from "./support.ts";

describe("the engine for tests and Pulumi's", () => {
  let pulumi: Side;
  let ours: Side;
  const both = (change: (w: World) => void): void => {
    for (const { w } of [pulumi, ours]) change(w);
  };
  /** Each plans and applies; the plans, states and systems are the same. */
  async function together(codes: readonly number[]): Promise<Plan> {
    const [one, other] = [await pulumi.commands.converge(codes), await ours.commands.converge(codes)];
    expect(comparable(other.plan)).toEqual(comparable(one.plan));
    expect(other.ended.code).toBe(one.ended.code);
    expect(said(other.ended)).toEqual(said(one.ended));
    expect(stateOf(ours)).toEqual(stateOf(pulumi));
    expect(systems(ours)).toEqual(systems(pulumi));
    return one.plan;
  }

  beforeAll(async () => {
    const [one, other] = [await world({ people: 30 }), await world({ people: 30 })];
    pulumi = { w: one, commands: one.processes };
    ours = { w: other, commands: other };
    both((w) =>
      w.edit("ad", (content) => {
        (content["groups"] as object[]).push({
          name: "GG-Deck",
          ou: `OU=Groups,${w.sandbox.config.ad.base}`,
          for: { title: "Deckhand" },
        });
      }),
    );
    both((w) =>
      w.edit("halo", (content) => {
        (content["agents"] as { every: object[] }).every.push({ for: { title: "Deckhand" }, roles: ["Field Engineer"] });
      }),
    );
  });
  afterAll(() => Promise.all([pulumi, ours].map((one) => one?.w.stop())));

  const person = (w: World, index: number) => {
    const found = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.id > 110)[index];
    if (!found) throw new Error("nobody is steady");
    return found;
  };

  it("a first run: made, taken over, disabled, stripped; somebody whom a system refuses is parked", async () => {
    both((w) => (w.sandbox.halo.faults.refuse = [person(w, 0).email]));
    both((w) => w.sandbox.hand({ halo: { table: "users", id: person(w, 0).id, set: { title: "Field Engineer" } } }));
    const plan = await together([4]);
    expect(Object.keys(plan.summary.ops)).toEqual(expect.arrayContaining(["create", "adopt", "disable", "update"]));
    expect(new StateFile(ours.w.home, "test").rows().filter((row) => row.id?.startsWith("parked-"))).toHaveLength(1);
  });

  it("a later run: changed, moved, disabled, stripped, let go of, and what was parked is done", async () => {
    both((w) => {
      w.sandbox.halo.faults.refuse = [];
      const [, titled, moved, leaver] = [0, 1, 2, 3].map((index) => person(w, index).id) as [number, number, number, number];
      w.sandbox.hand({ halo: { table: "users", id: titled, set: { title: "Purser" } } });
      w.sandbox.hand({ halo: { table: "users", id: moved, set: { site_id: 20 } } });
      w.sandbox.hand({ halo: { table: "users", id: leaver, set: { inactive: true } } });
      w.edit("ad", (content) => {
        content["groups"] = (content["groups"] as { name: string }[]).filter((group) => group.name !== "GG-Finance");
      });
    });
    const plan = await together([0]);
    expect(Object.keys(plan.summary.ops)).toEqual(expect.arrayContaining(["update", "move", "disable", "release"]));
  });

  it("each goes on from what the other has left: nothing is to be done", async () => {
    for (const [{ w }, commands] of [
      [pulumi, pulumi.w],
      [ours, ours.w.processes],
    ] as const) {
      const writes = w.sandbox.writes();
      const { plan } = await commands.plan();
      expect(real(plan)).toEqual([]);
      expect(changeCount(plan)).toBe(0);
      expect(w.sandbox.writes()).toBe(writes);
    }
  });

  it("both take back what somebody has changed by hand or deleted", async () => {
    both((w) => {
      const entry = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(person(w, 1).id))[0];
      const group = w.sandbox.ad.entries.account("GG-Deck");
      w.sandbox.hand({ ad: { dn: entry?.dn ?? "", replace: { title: "Acting Captain" } } });
      w.sandbox.hand({ ad: { dn: group?.dn ?? "", delete: true } });
    });
    const plan = await together([0]);
    expect(real(plan).map((one) => `${one.type} ${one.op}`)).toEqual(expect.arrayContaining(["ad:User update", "ad:Group create"]));
  });

  it("each applies a plan that was made beside the other: it rests on the state as it lies there", async () => {
    both((w) => w.sandbox.hand({ halo: { table: "users", id: person(w, 1).id, set: { title: "Bosun" } } }));
    for (const [{ w }, plans, applies] of [
      [ours, ours.w, ours.w.processes],
      [pulumi, pulumi.w.processes, pulumi.w],
    ] as const) {
      const made = await plans.plan();
      expect(real(made.plan).length).toBeGreaterThan(0);
      const done = await applies.up(made);
      expect(done.code, done.err).toBe(0);
      await w.sandbox.connect.settled();
    }
    expect(stateOf(ours)).toEqual(stateOf(pulumi));
    expect(systems(ours)).toEqual(systems(pulumi));
  });
});

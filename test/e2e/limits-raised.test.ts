/** security-5: a limit that is raised is the first line of a plan, counts not yet, and needs a plan of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { of, refused, someone } from "./refusals.ts";
import { type World, world } from "./support.ts";

describe("security-5: a limit that was raised since the last apply", () => {
  let w: World;
  let most = 0;
  let gone: Person[] = [];
  beforeAll(async () => {
    w = await world({ people: 40 });
    const { plan } = await w.converge();
    most = plan.summary.losses.disabled + 1;
    gone = [someone(w), someone(w, someone(w))];
    limit(most);
    await w.nothingIsLeft();
  });
  afterAll(() => w?.stop());

  const limit = (number: number): void =>
    w.edit("safety", (content) => {
      (content["limits"] as { [name: string]: object })["disabled"] = { most: number, below: 0 };
    });
  const raise = (from: number, to: number): string =>
    `mappings/safety.yaml raises limits.disabled.most from ${from} to ${to} since it was last applied`;

  it("and used in the same pull request is refused, and the plan says both, the raise first", async () => {
    for (const { id } of gone) w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
    limit(500);
    const made = await w.plan("raise-and-use", [3]);
    expect(made.plan.summary.raised).toEqual([raise(most, 500)]);
    expect(made.plan.guard.breaches).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${most + 1} accounts would be disabled in 24 hours \\(2 now, ${most - 1} before\\); the limit is ${most} of \\d+ \\(mappings/safety\\.yaml limits\\.disabled\\.most\\); the raise does not count yet: apply it by itself first \\(haloform preview --limits --out DIR\\)$`,
          "u",
        ),
      ),
    ]);
    expect(made.ended.out.split("\n")[1]).toBe(`  ↑ ${raise(most, 500)}`);
    const comment = readFileSync(join(made.folder, "plan.md"), "utf8");
    expect(comment.split("\n").filter((line) => line !== "")[2]).toContain("raises limits.disabled.most from");
    expect(readFileSync(join(made.folder, "plan.html"), "utf8")).toContain(raise(most, 500));
    await refused(w, of(made), /would be disabled in 24 hours/u);
  });

  it("is applied by a plan of its own, whatever else waits; then it may be used", async () => {
    const folder = join(w.home, "raise");
    const alone = await w.run(["preview", "--limits", "--detailed-exitcode", "--out", folder]);
    expect(alone.code, alone.err).toBe(2);
    expect(alone.out).toContain("Nothing changes but the limits.");
    const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Parameters<typeof changeCount>[0] & { digest: string };
    expect(plan).toMatchObject({ only: "limits", summary: { raised: [raise(most, 500)] }, guard: { verdict: "ok" } });
    expect(changeCount(plan)).toBe(0);
    const writes = w.sandbox.writes();
    const done = await w.run(["up", "--plan", folder, "--approve", plan.digest]);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBe(writes);
    expect((await w.run(["history", "--json"])).out).toContain(plan.digest);

    const { plan: used } = await w.converge();
    expect(used.summary.raised).toBeUndefined();
    expect(used.summary.losses.disabled).toBe(2);
    await w.nothingIsLeft();
  });

  it("beside changes that fit the old limit is said, and does not count after them", async () => {
    w.sandbox.hand({ halo: { table: "users", id: someone(w, ...gone).id, set: { title: "Bosun" } } });
    limit(600);
    const { plan } = await w.converge();
    expect(changeCount(plan)).toBeGreaterThan(0);
    expect(plan.summary.raised).toEqual([raise(500, 600)]);
    expect((await w.plan()).plan.summary.raised).toEqual([raise(500, 600)]);
    // A plan that has nothing else to do is one of its own.
    await w.nothingIsLeft();
    expect((await w.plan()).plan.summary.raised).toBeUndefined();
  });

  it("one that is lowered counts at once, and its way back is a raise", async () => {
    limit(3);
    w.sandbox.hand({ halo: { table: "users", id: someone(w, ...gone).id, set: { inactive: true } } });
    expect((await w.plan("low", [3])).plan.guard.breaches.join()).toMatch(/the limit is 3 of \d+ .*by a plan of its own/u);
    w.sandbox.hand({ halo: { table: "users", id: someone(w, ...gone).id, set: { inactive: false } } });
    limit(600);
    // It was never applied: nothing is raised.
    expect((await w.plan("back", [0, 3])).plan.summary.raised).toBeUndefined();
  });
});

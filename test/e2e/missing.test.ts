/** Before an absence counts, each missing person is asked for by id, by the real command line. Row O7 of the run from outside. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

describe("outside O7: people whom Halo's list leaves out", () => {
  let w: World;
  let ids: number[];

  beforeAll(async () => {
    w = await world({ people: 40 });
    await w.converge();
    ids = w.sandbox.organisation.people.filter((one) => one.situation === "steady").map((one) => one.id);
  });
  afterAll(() => w?.stop());

  it("hidden, and not gone: nothing is taken, and it is said who and why", async () => {
    w.sandbox.halo.faults.hiddenUsers = ids.slice(0, 2);
    const { plan } = await w.converge();
    expect(plan.source.trust).toBe("trusted");
    expect(real(plan)).toEqual([]);
    for (const id of ids.slice(0, 2))
      expect(plan.notes.join("\n")).toMatch(
        new RegExp(
          `\\(${id}\\) is missing in the list of Halo, which has the record by its id: hidden, and not gone; keeps everything`,
          "u",
        ),
      );
    w.sandbox.halo.faults.hiddenUsers = [];
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("gone: disabled as ever, and asked for once only", async () => {
    w.sandbox.hand({ halo: { table: "users", id: ids[2] ?? 0, delete: true } });
    const { plan } = await w.converge();
    expect(plan.people.filter((one) => one.event === "leaver").map((one) => one.key)).toEqual([String(ids[2])]);
    w.sandbox.halo.log.length = 0;
    expect(changeCount((await w.plan()).plan)).toBe(0);
    expect(w.sandbox.halo.log.filter((call) => call.path === `/api/Users/${ids[2]}`)).toEqual([]);
  });
});

describe("outside O7: by another key than the id", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("is asked for by the id that Halo has", async () => {
    w = await world({ people: 25 });
    w.edit("people", (people) => Object.assign(people["people"] as object, { key: "emailaddress" }));
    await w.converge([0, 4]);
    const hidden = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    w.sandbox.halo.faults.hiddenUsers = [hidden?.id ?? 0];
    const { plan } = await w.plan();
    expect(plan.people.filter((one) => one.event === "leaver")).toEqual([]);
    expect(plan.notes.join("\n")).toContain(`(${hidden?.email}) is missing in the list of Halo, which has the record by its id`);
    w.sandbox.halo.faults.hiddenUsers = [];
  });
});

/**
 * security-6: a run that is stopped at any moment, as a cancelled job stops it, and the run after it: converged, no password
 * lost, the record whole. The signals themselves: stop.test.ts and workflows.test.ts.
 */
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chance } from "../../sandbox/random.ts";
import { passphrase, password, rules, works } from "./passwords.ts";
import { real, type World, world } from "./support.ts";

let w: World;
beforeAll(async () => {
  w = await world({ people: 90 });
  Object.assign(w.env, passphrase);
});
afterAll(() => w?.stop());

it("security-6: stopped at 30 seeded moments, the next run goes on: converged, no password lost, the record whole", async () => {
  rules(w, { handover: "output", length: 24 });
  await w.converge([0, 4]);
  const someone = w.sandbox.organisation.people.filter((one) => one.situation === "steady").slice(0, 4);
  expect(someone).toHaveLength(4);
  const moments = chance(6);
  let stopped = 0;
  for (let round = 1; round <= 30; round += 1) {
    rules(w, { handover: "output", length: 24, rotate: { key: `round-${round}`, for: { person: someone.map((one) => one.id) } } });
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = `Northwind Ferries ${round}`;
    });
    const made = await w.plan();
    const before = w.sandbox.writes();
    const changes = real(made.plan).length;
    expect(changes).toBeGreaterThan(20);
    const at = moments.below(changes);
    const running = w.begin(["up", "--plan", made.folder, "--approve", made.plan.digest]);
    const over = running.over.then(() => true);
    while (!(await Promise.race([over, turn(false)]))) {
      if (!running.said().includes("Applying") || w.sandbox.writes() - before < at) continue;
      running.stop();
      break;
    }
    await running.over;

    const { plan } = await w.converge([0, 4]);
    const left = real(plan).length;
    expect(left, "what was done stays done").toBeLessThanOrEqual(changes);
    if (left > 0) stopped += 1;
    const shown = await password(w, "list", "--json");
    const { waiting } = JSON.parse(shown.out) as { waiting: { key: string; login: string }[] };
    for (const { id } of someone) {
      const one = waiting.find(({ key }) => key === String(id));
      expect(one, `round ${round}: the password of ${id} waits`).toBeDefined();
    }
    const [first] = someone;
    const one = waiting.find(({ key }) => key === String(first?.id));
    const text = (await password(w, "show", String(first?.id))).out.trimEnd();
    expect(await works(w, one?.login ?? "", text), `round ${round}: the password that waits is the one in use`).toBe(true);
    expect((await w.run(["history"])).code, `round ${round}: the record is whole`).toBe(0);
  }
  // What is under way is waited for, so that a late stop finds nothing that was not begun.
  expect(stopped).toBeGreaterThan(15);
  await w.nothingIsLeft();
});

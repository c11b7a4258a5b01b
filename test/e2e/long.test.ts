/** A run that takes long: it is killed in the middle, and the next goes on from there; meanwhile it says how far it is. */
import { expect, it } from "vitest";
import type { ProgressEvent } from "../../cli/progress.ts";
import { expectSane, finish, killedHere, renameCompany } from "./killing.ts";
import { type World, world } from "./support.ts";

/** Everybody's account is changed, and everybody's licence. */
function everybody(w: World): World {
  renameCompany(w, "Northwind Ferries Ltd");
  w.edit("entra", (content) => {
    for (const one of (content["licences"] as { every: { without?: string[] }[] }).every) one.without = ["YAMMER_ENTERPRISE"];
  });
  return w;
}
const licences = (w: World): number =>
  w.sandbox.graph.log.filter((one) => one.path.endsWith("/assignLicense") && one.status === 200).length;

it("a first run that is killed half way is finished by the next, which writes only what was left", async () => {
  const people = 250;
  const undisturbed = everybody(await world({ people }));
  const all = await undisturbed
    .converge()
    .then(() => ({ writes: undisturbed.sandbox.writes(), snapshot: undisturbed.sandbox.snapshot() }))
    .finally(() => undisturbed.stop());
  expect(all.writes).toBeGreaterThan(400);
  const w = everybody(await world({ people }));
  try {
    const { kill } = await killedHere(w, { writes: Math.floor(all.writes / 2), after: 120_000, all: false });
    expect(kill.hit).toBe(true);
    const made = await w.plan();
    // What is left is what the second plan is about: that of who was done before is taken over without a change.
    expect(made.plan.people.length).toBeLessThan(people);
    expect(await finish(w, [])).toEqual(all.snapshot);
    expectSane(w);
    // What was under way at the moment of the kill may be done again.
    expect(w.sandbox.writes() - all.writes).toBeLessThan(40);
    expect(licences(w) - licences(undisturbed)).toBeLessThan(20);
    expect(licences(undisturbed)).toBeGreaterThan(150);
  } finally {
    await w.stop();
  }
});

it("says how far it is as events, the last of which is the end", async () => {
  const w = await world({ people: 40 });
  try {
    const { folder, plan } = await w.plan();
    const { code, err } = await w.run(["up", "--plan", folder, "--approve", plan.digest, "--events"]);
    expect([0, 4]).toContain(code);
    const events = err
      .split("\n")
      .filter((line) => line.startsWith('{"format":"haloform.progress/1"'))
      .map((line) => JSON.parse(line) as ProgressEvent);
    const last = events.at(-1);
    expect(last?.total).toBeGreaterThan(0);
    expect(last?.done).toBe(last?.total);
    expect(last).not.toHaveProperty("left");
  } finally {
    await w.stop();
  }
});

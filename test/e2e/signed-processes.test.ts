/** Signed states and the journal on Pulumi's own engine, as processes: a handful of what signed.test.ts and ledger.test.ts do often. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import { journalTag, readJournal } from "../../cli/ledger/journal.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { stateDigest } from "../../stacks/model/state-digest.ts";
import { StateFile } from "../engine/state.ts";
import { begun, gone, locks, saying } from "./killing.ts";
import { configure, ended, type World, world } from "./support.ts";

describe("a signed state on the engine itself", () => {
  let w: World;
  const key = newKey();
  const file = (): string => join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json");
  const journal = () => readJournal(new StateFile(w.home, "test").tags()[journalTag] ?? "");
  const digest = (): string => stateDigest(new StateFile(w.home, "test").raw().deployment);
  const steady = (index: number): number =>
    w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 110)[index]?.id ?? 0;

  beforeAll(async () => {
    w = await world({ people: 25 });
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    w.env[keyVariable] = key.private;
  });
  afterAll(() => w?.stop());

  it("security-1: what up leaves is signed, and what somebody has changed of it is exit 3 before anything is asked", async () => {
    await w.processes.converge([0, 4]);
    expect(journal()?.signed).toMatchObject({ state: digest() });
    const text = readFileSync(file(), "utf8");
    const calls = JSON.stringify(w.sandbox.calls());
    writeFileSync(file(), text.replace('"enabled":true', '"enabled":false'));
    for (const args of [["preview"], ["drift"], ["history"]]) {
      const { code, err } = await w.processes.run(args);
      expect([args[0], code, err]).toEqual([args[0], 3, expect.stringContaining("is not believed: it was changed after it was signed")]);
    }
    expect(JSON.stringify(w.sandbox.calls())).toBe(calls);
    writeFileSync(file(), text);
  });

  it("security-1: what somebody changes before a run has signed is not signed; the next one goes back, and finds what was done", async () => {
    w.sandbox.hand({ halo: { table: "users", id: steady(2), set: { title: "Purser" } } });
    const made = await w.processes.plan("second");
    const before = digest();
    const up = w.processes.start(["up", "--plan", made.folder, "--approve", made.plan.digest]);
    // As often as the engine writes it.
    let ours = readFileSync(file(), "utf8");
    let changes = 0;
    const change = setInterval(() => {
      const text = readFileSync(file(), "utf8");
      if (text === ours || !text.trimEnd().endsWith("}")) return;
      ours = text.replace('"enabled":true', '"enabled":false');
      if (ours === text) return;
      writeFileSync(file(), ours);
      changes += 1;
    }, 1);
    const { code, err } = await ended(up);
    clearInterval(change);
    expect(changes).toBeGreaterThan(0);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/could not be signed \(ad:User person-\d+ is not as it was written: .*goes back to the state of before/u),
    ]);
    expect(digest()).not.toBe(journal()?.signed?.state);
    expect(await w.processes.run(["preview"], { [keyVariable]: "" })).toMatchObject({
      code: 3,
      err: expect.stringContaining("has not signed what it left"),
    });

    const writes = w.sandbox.writes();
    const next = await w.processes.plan("second-again");
    const done = await w.processes.up(next);
    expect([done.code, done.err]).toEqual([0, expect.stringContaining("the state of before it is put back")]);
    expect(w.sandbox.writes(), "what that run did is found, and not done again").toBe(writes);
    expect(journal()?.signed).toMatchObject({ state: digest() });
    expect(journal()?.signed?.running).toBeUndefined();
    expect(digest()).not.toBe(before);
    expect((await w.processes.run(["preview", "--detailed-exitcode"], { [keyVariable]: "" })).code).toBe(0);
  });

  it("security-7: of two ups of one plan at once one is done and one refused; the refused one has changed neither state nor journal", async () => {
    w.sandbox.hand({ halo: { table: "users", id: steady(0), set: { inactive: true } } });
    const made = await w.processes.plan("two");
    const up = ["up", "--plan", made.folder, "--approve", made.plan.digest];
    const [one, other, beside] = [w.processes.start(up), w.processes.start(up), w.processes.start(["drift", "--since", "last"])].map(ended);
    const both = [await one, await other];
    await beside;
    expect(both.map((all) => all?.code).sort(), both.map((all) => all?.err).join("\n")).toEqual([0, 3]);
    const entries = (journal()?.entries ?? []).filter((entry) => entry.event === "begin" && entry.plan === made.plan.digest);
    expect(entries).toMatchObject([{ losses: { at: expect.any(String) } }]);
    expect(journal()?.signed).toMatchObject({ state: digest() });
    expect(locks(w)).toEqual([]);
  });

  it("security-7: after kill -9 anywhere the next run goes on; each loss counts once, and what is left is signed", async () => {
    w.sandbox.hand({ halo: { table: "users", id: steady(1), set: { inactive: true } } });
    // About the lock, and while it writes.
    for (const after of [300, 1600]) {
      const made = await w.processes.plan();
      const up = ["up", "--plan", made.folder, "--approve", made.plan.digest];
      const { child, over } = await saying(w, up, (said) => said.includes(begun));
      await pause(after);
      child.kill("SIGKILL");
      await over;
      await gone(w);
    }
    await w.processes.converge([0, 4]);
    expect(journal()?.signed).toMatchObject({ state: digest() });
    expect(journal()?.signed?.running).toBeUndefined();
    const { code, out } = await w.processes.run(["history"]);
    expect([code, out]).toEqual([0, expect.not.stringContaining("cannot be trusted")]);
    const again = await w.processes.plan();
    expect(again.plan.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
    expect(readdirSync(join(w.home, "seen")).sort()).toEqual(["test.json", "test.signed.json"]);
  });
});

/**
 * `kill -9` of `up` anywhere: the next run finishes the work, with no duplicate and nothing left over (design.md, promise 7).
 * The points are random but seeded: most are "when so many writes have taken effect", so that they are spread over the whole
 * apply whatever the machine's speed; the others are "so many milliseconds after the apply began".
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chance, chance } from "../../sandbox/random.ts";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { ended, real, type World, world } from "./support.ts";

const people = 50;
const begun = "Applying the approved plan";
const released = /^The last run \(process \d+, [^)]+\) was cut off; its lock is released\.$/u;

/** A mapping edit that touches everybody. */
function renameCompany(w: World, name: string): void {
  w.edit("ad", (content) => {
    (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = name;
  });
}

/** Resolves as soon as `there` says so, or the process has ended. */
async function until(child: ChildProcess, there: () => boolean): Promise<void> {
  while (!there() && child.exitCode === null && child.signalCode === null) await pause(1);
}

/** Files of the state's lock. */
function locks(w: World): string[] {
  const folder = join(w.home, "state", ".pulumi", "locks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
}

/** Everything that runs for this world: the command line, the engine, the provider process. Only where there is /proc. */
function processes(w: World): number[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/u.test(name) || Number(name) === process.pid) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(`HALOFORM_HOME=${w.home}`) ? [Number(name)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** What must hold at any moment, also between a kill and the next run. */
function expectSane(w: World): void {
  const snapshot = w.sandbox.snapshot();
  const accounts = Object.entries(snapshot.ad).filter(([, one]) => one["objectClass"] === "user");
  const open = accounts.filter(([, one]) => (Number(one["userAccountControl"]) & 2) === 0 && one["hasPassword"] !== true);
  expect(
    open.map(([dn]) => dn),
    "enabled without a password",
  ).toEqual([]);
  expectUnique(
    "employeeNumber",
    accounts.map(([, one]) => one["employeeNumber"]),
  );
  expectUnique(
    "login",
    accounts.map(([, one]) => one["sAMAccountName"]),
  );
  expectUnique(
    "AD group",
    Object.values(snapshot.ad)
      .filter((one) => one["objectClass"] === "group")
      .map((one) => one["sAMAccountName"]),
  );
  expectUnique(
    "cloud group",
    snapshot.entra.groups.map((one) => one["name"]),
  );
  expectUnique(
    "agent",
    snapshot.halo.agents.map((one) => one["email"]),
  );
  expectUnique(
    "role",
    snapshot.halo.roles.map((one) => one["name"]),
  );
}

function expectUnique(what: string, values: readonly unknown[]): void {
  const seen = values.filter((value) => value !== undefined && value !== null && value !== "").map((value) => String(value).toLowerCase());
  expect(
    seen.filter((value, index) => seen.indexOf(value) !== index),
    `${what} twice`,
  ).toEqual([]);
}

interface Kill {
  /** Writes of this run that took effect. */
  writes: number;
  /** Whether something was left to do: told by the next preview. */
  left: number;
  /** The run was killed, not over before. */
  hit: boolean;
}

/**
 * Previews, starts `up` and kills it: at the given count of writes, or so many milliseconds after the apply began,
 * whichever comes first. `all`: the engine and the provider process as well, as when the machine goes.
 */
async function killed(
  w: World,
  at: { writes: number; after: number; all: boolean },
  quiet: number | undefined,
): Promise<{ kill: Kill; quiet: number }> {
  const locked = locks(w).length > 0;
  const made = await w.plan();
  const before = w.sandbox.writes();
  // Nothing of the run before has written since it was killed.
  if (quiet !== undefined) expect(before, "writes after the kill").toBe(quiet);
  const child = w.start(["up", "--plan", made.folder, "--approve", made.plan.digest]);
  const over = ended(child);
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said += data));
  await until(child, () => said.includes(begun));
  const started = performance.now();
  await until(child, () => w.sandbox.writes() - before >= at.writes || performance.now() - started >= at.after);
  const alive = child.exitCode === null;
  child.kill("SIGKILL");
  if (at.all) for (const pid of processes(w)) end(pid);
  const { code, err } = await over;
  // The orphans notice within a quarter of a second; what they had begun may end in that time.
  await pause(700);
  const after = w.sandbox.writes();
  await gone(w);
  expectSane(w);
  const lines = err.split("\n").filter((line) => released.test(line));
  if (!locked) expect(lines, err).toEqual([]);
  // A run that was killed before the engine came to the lock says nothing and leaves it as it is.
  else if (after > before) expect(lines, err).toHaveLength(1);
  return { kill: { writes: after - before, left: real(made.plan).length, hit: alive && code === null }, quiet: after };
}

/** Nothing that belonged to a killed run is there for longer than moments. */
async function gone(w: World): Promise<void> {
  const until = performance.now() + 5000;
  while (processes(w).length > 0 && performance.now() < until) await pause(100);
  expect(
    processes(w).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")),
    "orphaned processes",
  ).toEqual([]);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}

/** Kills `times` runs one after the other, spread over what an undisturbed run writes. */
async function killing(w: World, times: number, all: number, random: Chance): Promise<Kill[]> {
  const start = w.sandbox.writes();
  const kills: Kill[] = [];
  let quiet: number | undefined;
  for (let turn = 0; turn < times; turn += 1) {
    const left = Math.max(0, all - (w.sandbox.writes() - start));
    // On the average an equal share of what is left, so that the last kills still find something to interrupt.
    const writes = 1 + random.below(Math.max(1, Math.ceil((2 * left) / (times - turn + 1))));
    const byClock = left === 0 || turn % 4 === 3;
    const done = await killed(
      w,
      { writes: byClock ? Number.POSITIVE_INFINITY : writes, after: byClock ? random.below(2500) : 60_000, all: turn % 2 === 1 },
      quiet,
    );
    const last = kills.at(-1);
    // What this preview still found is what the kill before had left.
    if (last) last.left = done.kill.left;
    done.kill.left = 0;
    kills.push(done.kill);
    quiet = done.quiet;
  }
  return kills;
}

/** Previews and applies to the end; then there is nothing left. */
async function finish(w: World, kills: Kill[]): Promise<Snapshot> {
  const { plan, ended: done } = await w.converge();
  const last = kills.at(-1);
  if (last) last.left = real(plan).length;
  expect(done.code, done.err).toBe(0);
  const again = await w.plan();
  expect(real(again.plan)).toEqual([]);
  expect(changeCount(again.plan)).toBe(0);
  expect(locks(w)).toEqual([]);
  expect(w.sandbox.violations()).toEqual([]);
  expectSane(w);
  return w.sandbox.snapshot();
}

/** Things that happen after a first good run: somebody leaves, somebody moves, a title changes, and the company is renamed. */
function upheaval(w: World): void {
  const [leaver, mover] = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.id > 110);
  if (!leaver || !mover) throw new Error("nobody is steady");
  w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: true } } });
  w.sandbox.hand({ halo: { table: "users", id: mover.id, set: { title: "Field Engineer" }, custom: { CFDepartment: "Engineering" } } });
  renameCompany(w, "Northwind Ferries Holding");
}

describe("kill -9 of up at random points", () => {
  const undisturbed = { first: 0, second: 0 };
  let afterFirst: Snapshot;
  let afterSecond: Snapshot;
  const later: { w?: World } = {};
  const kills: Kill[] = [];

  beforeAll(async () => {
    const calm = async (): Promise<void> => {
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
    };
    const prepared = async (): Promise<void> => {
      later.w = await world({ people });
      renameCompany(later.w, "Northwind Ferries Ltd");
      await later.w.converge();
    };
    await Promise.all([calm(), prepared()]);
  });
  afterAll(() => later.w?.stop());

  it.concurrent.each([11, 12])("during the first run: accounts, groups, agents and licences are made (seed %i)", async (seed) => {
    const w = await world({ people });
    try {
      renameCompany(w, "Northwind Ferries Ltd");
      const mine = await killing(w, 7, undisturbed.first, chance(seed));
      expect(await finish(w, mine)).toEqual(afterFirst);
      kills.push(...mine);
    } finally {
      await w.stop();
    }
  });

  it.concurrent("during a later run: everybody is touched, somebody leaves, somebody moves", async () => {
    const { w } = later;
    if (!w) throw new Error("the world is missing");
    upheaval(w);
    const mine = await killing(w, 7, undisturbed.second, chance(13));
    expect(await finish(w, mine)).toEqual(afterSecond);
    kills.push(...mine);
  });

  it("the kills hit, and most of them in the middle", () => {
    expect(kills.filter((kill) => kill.hit).length).toBeGreaterThanOrEqual(20);
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
    const limits = { disabled: { most: disabled }, memberships_lost: { most: 10_000 }, licences_lost: { most: 10_000 } };
    w.edit("safety", (content) => {
      content["limits"] = limits;
    });
    // Twice, so that counting each run would be more than is allowed three times over.
    for (const writes of [1, 8]) await killed(w, { writes, after: 60_000, all: false }, undefined);
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

describe("the lock of the state", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40 });
  });
  afterAll(() => w.stop());

  it("previews at the same time, of a project that never ran before, do not disturb each other", async () => {
    const all = await Promise.all([1, 2, 3].map(() => w.run(["preview", "--json"])));
    for (const one of all) expect(one.code, one.err).toBe(0);
    expect(w.sandbox.writes()).toBe(0);
  });

  it("a kill during preview locks nothing and changes nothing", async () => {
    for (const [after, wait] of [
      ["Reading people", 0],
      ["Comparing", 300],
      ["Comparing", 1200],
    ] as const) {
      const child = w.start(["preview", "--out", join(w.home, "cut-off")]);
      const over = ended(child);
      let said = "";
      child.stderr?.on("data", (data: Buffer) => (said += data));
      await until(child, () => said.includes(after));
      await pause(wait);
      child.kill("SIGKILL");
      expect((await over).code, said).toBeNull();
      expect(locks(w)).toEqual([]);
    }
    await gone(w);
    expect(w.sandbox.writes()).toBe(0);
  });

  it("of a run that is alive: exit 3 with who and since when, nothing written; the run itself goes on to its end", async () => {
    const made = await w.plan();
    const first = w.start(["up", "--plan", made.folder, "--approve", made.plan.digest]);
    const over = ended(first);
    await until(first, () => locks(w).length > 0);
    // Held before it can write, for as long as the second one takes.
    first.kill("SIGSTOP");
    expect(w.sandbox.writes()).toBe(0);
    const second = await w.up(made);
    expect(second.code, second.err).toBe(3);
    expect(second.err).toMatch(
      /^Refused: another run holds the stack: \S+ on \S+ \(process \d+\) since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Wait for it to end; if it is surely dead, .*pulumi.* cancel.*$/mu,
    );
    expect(second.out).toBe("");
    expect(w.sandbox.writes()).toBe(0);
    expect(locks(w)).toHaveLength(1);
    first.kill("SIGCONT");
    const { code, err } = await over;
    expect(code, err).toBe(0);
    expect(err).not.toContain("lock");
    await w.sandbox.connect.settled();
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("leaves no private file of a killed run behind once the next run is through", () => {
    const runs = join(w.home, "runs");
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
  });
});

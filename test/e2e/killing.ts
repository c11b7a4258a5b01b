/** Runs that are cut off, in this process or as processes, and what must hold at any moment all the same. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { expect } from "vitest";
import type { Chance } from "../../sandbox/random.ts";
import type { Snapshot } from "../../sandbox/snapshot.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { ended, real, type World } from "./support.ts";

export const begun = "Applying the approved plan";
const released = /^The last run \(process \d+, [^)]+\) was cut off; its lock is released\.$/u;

/** A mapping edit that touches everybody. */
export function renameCompany(w: World, name: string): void {
  w.edit("ad", (content) => {
    (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = name;
  });
}

/** Resolves as soon as `there` says so, or the process has ended. */
export async function until(child: ChildProcess, there: () => boolean): Promise<void> {
  while (!there() && child.exitCode === null && child.signalCode === null) await pause(1);
}

/** A command as a process, as soon as what it has said is enough, or it has ended. */
export async function saying(w: World, args: readonly string[], when: (said: string) => boolean) {
  const child = w.processes.start(args);
  const over = ended(child);
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said += data));
  await until(child, () => when(said));
  return { child, over, said: () => said };
}

/** Files of the state's lock. */
export function locks(w: World): string[] {
  const folder = join(w.home, "state", ".pulumi", "locks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
}

/** Everything that runs for this world: the command line, the engine, the provider process. Only where there is /proc. */
export function processes(w: World): number[] {
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
export function expectSane(w: World): void {
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

/** When a run is cut off: at so many writes, or so many milliseconds after the apply began, whichever comes first. */
export interface When {
  writes: number;
  after: number;
  /** The engine and the provider process as well, as when the machine goes. In this process they are the same. */
  all: boolean;
}

export interface Kill {
  /** Writes of this run that took effect. */
  writes: number;
  /** Whether something was left to do: told by the next preview. */
  left: number;
  /** The run was killed, not over before. */
  hit: boolean;
}

/** Previews, starts `up` and cuts it off. `quiet`: how many writes there were when the last kill was over. */
export type Killed = (w: World, when: When, quiet?: number) => Promise<{ kill: Kill; quiet: number }>;

/** In this process: nothing more is sent, nothing is saved and nobody is told. */
export const killedHere: Killed = async (w, when, quiet) => {
  const made = await w.plan();
  const before = w.sandbox.writes();
  // Nothing of the run before has written since it was killed.
  if (quiet !== undefined) expect(before, "writes after the kill").toBe(quiet);
  const run = w.begin(["up", "--plan", made.folder, "--approve", made.plan.digest]);
  let started: number | undefined;
  run.when(begun, () => (started = performance.now()));
  let over = false;
  void run.over.then(() => (over = true));
  const due = (): boolean =>
    started !== undefined && (w.sandbox.writes() - before >= when.writes || performance.now() - started >= when.after);
  while (!over && !due()) await turn();
  run.kill();
  const { code } = await run.over;
  // What had reached the systems is done by them.
  await pause(20);
  const after = w.sandbox.writes();
  expectSane(w);
  return { kill: { writes: after - before, left: real(made.plan).length, hit: code === null }, quiet: after };
};

/** As processes, by SIGKILL. */
export const killedProcess: Killed = async (w, when, quiet) => {
  const locked = locks(w).length > 0;
  const made = await w.processes.plan();
  const before = w.sandbox.writes();
  if (quiet !== undefined) expect(before, "writes after the kill").toBe(quiet);
  const up = ["up", "--plan", made.folder, "--approve", made.plan.digest];
  const { child, over } = await saying(w, up, (said) => said.includes(begun));
  const started = performance.now();
  await until(child, () => w.sandbox.writes() - before >= when.writes || performance.now() - started >= when.after);
  const alive = child.exitCode === null;
  child.kill("SIGKILL");
  if (when.all) for (const pid of processes(w)) end(pid);
  const { code, err } = await over;
  // The orphans notice within a quarter of a second; what they had begun may end in that time.
  await gone(w);
  const after = w.sandbox.writes();
  expectSane(w);
  const lines = err.split("\n").filter((line) => released.test(line));
  if (!locked) expect(lines, err).toEqual([]);
  // A run that was killed before the engine came to the lock says nothing and leaves it as it is.
  else if (after > before) expect(lines, err).toHaveLength(1);
  return { kill: { writes: after - before, left: real(made.plan).length, hit: alive && code === null }, quiet: after };
};

/** Nothing that belonged to a killed run is there for longer than moments. */
export async function gone(w: World): Promise<void> {
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

/** Kills `times` runs one after the other, spread over what an undisturbed run writes; most by writes, some by the clock. */
export async function killing(w: World, killed: Killed, times: number, all: number, random: Chance): Promise<Kill[]> {
  const start = w.sandbox.writes();
  const longest = killed === killedHere ? 250 : 2500;
  const kills: Kill[] = [];
  let quiet: number | undefined;
  for (let turn = 0; turn < times; turn += 1) {
    const left = Math.max(0, all - (w.sandbox.writes() - start));
    // On the average an equal share of what is left, so that the last kills still find something to interrupt.
    const writes = 1 + random.below(Math.max(1, Math.min(Math.ceil((2 * left) / (times - turn + 1)), Math.floor(left / 2))));
    const byClock = left === 0 || turn % 4 === 3;
    // In the middle at the latest: a fast machine is done before the clock says so.
    const when = byClock
      ? { writes: Math.ceil(left / 2) || Number.POSITIVE_INFINITY, after: random.below(longest) }
      : { writes, after: 60_000 };
    const done = await killed(w, { ...when, all: turn % 2 === 1 }, quiet);
    note(kills, done.kill);
    quiet = done.quiet;
  }
  return kills;
}

/** What this preview still found is what the kill before had left. */
export function note(kills: Kill[], kill: Kill): void {
  const last = kills.at(-1);
  if (last) last.left = kill.left;
  kills.push({ ...kill, left: 0 });
}

/** Previews and applies to the end; then there is nothing left. */
export async function finish(w: World, kills: Kill[], commands: Pick<World, "plan" | "converge"> = w): Promise<Snapshot> {
  const { plan, ended: done } = await commands.converge();
  const last = kills.at(-1);
  if (last) last.left = real(plan).length;
  expect(done.code, done.err).toBe(0);
  const again = await commands.plan();
  expect(real(again.plan)).toEqual([]);
  expect(changeCount(again.plan)).toBe(0);
  expect(locks(w)).toEqual([]);
  expect(w.sandbox.violations()).toEqual([]);
  expectSane(w);
  return w.sandbox.snapshot();
}

/** Things that happen after a first good run: somebody leaves, somebody moves, a title changes, and the company is renamed. */
export function upheaval(w: World): void {
  const [leaver, mover] = w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.id > 110);
  if (!leaver || !mover) throw new Error("nobody is steady");
  w.sandbox.hand({ halo: { table: "users", id: leaver.id, set: { inactive: true } } });
  w.sandbox.hand({ halo: { table: "users", id: mover.id, set: { title: "Field Engineer" }, custom: { CFDepartment: "Engineering" } } });
  renameCompany(w, "Northwind Ferries Holding");
}

/** What is held against a plan that is not applied: who refuses it and how, and what changes the world under it for a while. */
import { cpSync, rmSync } from "node:fs";
import { expect } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import type { Commands, Ended, World } from "./support.ts";

export interface Made {
  plan: Plan;
  folder: string;
}

/** Does `work` so many hours later. */
export async function hoursLater<T>(hours: number, work: () => Promise<T>): Promise<T> {
  const real = globalThis.Date;
  const now = (): number => real.now() + hours * 3_600_000;
  globalThis.Date = new Proxy(real, {
    construct: (_, given) => Reflect.construct(real, given.length > 0 ? given : [now()]) as Date,
    get: (_, name) => (name === "now" ? now : Reflect.get(real, name)),
  });
  try {
    return await work();
  } finally {
    globalThis.Date = real;
  }
}

/** Preloaded into a process: it runs so many hours later. The other processes keep the time. */
export function later(hours: number): NodeJS.ProcessEnv {
  const code = `const now=Date.now.bind(Date);const real=Date;const on=()=>now()+${hours * 3_600_000};globalThis.Date=class extends real{constructor(...a){a.length?super(...a):super(on())}static now(){return on()}};delete process.env.NODE_OPTIONS;`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
}

/** Runs up and holds it to: the exit code, one sentence on stderr that matches, nothing on stdout, nothing written. */
export async function refused(
  w: World,
  args: readonly string[],
  said: RegExp,
  options: { code?: 3 | 64; more?: NodeJS.ProcessEnv; by?: Commands } = {},
): Promise<Ended> {
  const { code = 3, more = {}, by = w } = options;
  await w.sandbox.connect.settled();
  const writes = w.sandbox.writes();
  const snapshot = JSON.stringify(w.sandbox.snapshot());
  const done = await by.run(["up", ...args], more);
  expect(done.code, done.err).toBe(code);
  const lines = done.err
    .split("\n")
    .filter((line) => line !== "" && !/^(?:Reading people from HaloITSM|Read \d+ people from )/u.test(line));
  expect(lines, done.err).toHaveLength(1);
  expect(lines[0]).toMatch(said);
  if (code === 3) expect(lines[0]).toMatch(/^Refused: /u);
  expect(done.out).toBe("");
  expect(w.sandbox.writes()).toBe(writes);
  expect(JSON.stringify(w.sandbox.snapshot()) === snapshot, "the systems are as they were").toBe(true);
  return done;
}

export const of = ({ plan, folder }: Made): string[] => ["--plan", folder, "--approve", plan.digest];

/** Something that is so for a while. */
export interface While {
  begin(): void;
  end(): void;
}

export async function during(change: While, work: () => Promise<unknown>): Promise<void> {
  change.begin();
  try {
    await work();
  } finally {
    change.end();
  }
}

export function title(w: World, person: Person, text: string): While {
  const set = (value: string): void => w.sandbox.hand({ halo: { table: "users", id: person.id, set: { title: value } } });
  return { begin: () => set(text), end: () => set(person.post.title) };
}

/** A copy of a bundle, to be altered. */
export function copyOf(made: Made, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  cpSync(made.folder, folder, { recursive: true });
  return folder;
}

export function someone(w: World, ...not: readonly Person[]): Person {
  const found = w.sandbox.organisation.people.find((one) => one.situation === "steady" && one.id > 110 && !not.includes(one));
  if (!found) throw new Error("nobody is steady");
  return found;
}

export function accountOf(w: World, person: Person): string {
  const entry = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(person.id))[0];
  if (!entry) throw new Error(`${person.name} has no account`);
  return entry.dn;
}

export const again = "Make a new one with `haloform preview --out DIR` and have it approved\\.";

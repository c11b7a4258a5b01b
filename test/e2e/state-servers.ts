/**
 * What must hold wherever the state is, on a server that the test has started: who reads needs a right to read only, two runs are
 * kept apart, and after kill -9 the next run goes on. Each run is a process with Pulumi's own engine.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import { type Journal, journalTag, readJournal } from "../../cli/ledger/journal.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { planSchema } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { begun, gone, saying } from "./killing.ts";
import { configure, type World, world } from "./support.ts";

/** A server with a place for states. */
export interface StateServer {
  /** Environment of the identity that applies, and of the one that only reads. */
  writer: NodeJS.ProcessEnv;
  reader: NodeJS.ProcessEnv;
  /** What must not stand in anything that is said. */
  secrets: string[];
  /** Everything that lies there: a line each, which changes with each write. */
  all(): Promise<string[]>;
  /** The content of what lies there under a name that ends so; undefined where nothing does. */
  read(end: string): Promise<string | undefined>;
  /** Called after the first `up`: what is there may be read. */
  grant?(): Promise<void>;
  stop(): Promise<void>;
}

/** How a run ends that came to its end. */
const ends = /^(?:done|parked)$/u;

/** `start`: the server. The tests are one after the other. */
export function onServer(start: () => Promise<StateServer>): { world(): World; server(): StateServer } {
  let w: World;
  let server: StateServer;
  const key = newKey();
  const reads = (args: readonly string[]) =>
    w.processes.run(args, { ...server.reader, HALOFORM_HOME: join(w.home, "reader"), [keyVariable]: "" });
  const journal = async (): Promise<Journal | undefined> => {
    const tags = JSON.parse((await server.read("/test.pulumi-tags")) ?? "{}") as { tags?: Record<string, string> };
    return readJournal(tags.tags?.[journalTag] ?? "");
  };
  const locks = async (): Promise<string[]> => (await server.all()).filter((line) => line.includes("/locks/"));
  /** Of the plan that the reading identity made. */
  const read = (): string => join(w.home, "read");
  const up = () => [
    "up",
    "--plan",
    read(),
    "--approve",
    planSchema.parse(JSON.parse(readFileSync(join(read(), "plan.json"), "utf8"))).digest,
  ];
  const leaves = (index: number): void => {
    const steady = w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 110);
    w.sandbox.hand({ halo: { table: "users", id: steady[index]?.id ?? 0, set: { inactive: true } } });
  };
  const silent = (said: string): void => {
    for (const secret of server.secrets) expect(said).not.toContain(secret);
  };

  beforeAll(async () => {
    server = await start();
    w = await world({ people: 15 });
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    Object.assign(w.env, server.writer, { [keyVariable]: key.private });
  });
  afterAll(async () => {
    await w?.stop();
    await server?.stop();
  });

  it("first run: who may only read makes a plan and nothing else; up makes what is missing, signed", async () => {
    const before = await server.all();
    const first = await reads(["preview"]);
    expect(first.code, first.err).toBe(0);
    expect(first.out + first.err).toContain("First run");
    expect(await server.all()).toEqual(before);
    await w.processes.converge([0, 4]);
    expect((await journal())?.signed).toMatchObject({ stack: "test", signature: expect.any(String) });
    expect(await locks()).toEqual([]);
    await server.grant?.();
  });

  it("security-1: preview and drift with a right to read: exit 0, nothing is written; up is refused there and changes nothing", async () => {
    leaves(0);
    const [before, writes] = [await server.all(), w.sandbox.writes()];
    for (const args of [["preview", "--out", read()], ["drift"]]) {
      const { code, err, out } = await reads(args);
      expect(code, `${args[0]}: ${err}${out}`).toBe(0);
      silent(out + err);
    }
    const { code, err } = await reads(up());
    expect(code, err).not.toBe(0);
    silent(err);
    expect(w.sandbox.writes()).toBe(writes);
    expect(await server.all()).toEqual(before);
  });

  it("a run that is alive is refused with who has it; killed with -9, the next one goes on, and each loss counts once", async () => {
    const other = await w.processes.plan("other");
    const { child, over } = await saying(w, up(), (said) => said.includes(begun));
    // Well under way: an engine that cannot reach its program at once gives up after ten seconds.
    while ((await journal())?.signed?.running === undefined && child.exitCode === null) await pause(5);
    child.kill("SIGSTOP");
    expect(await locks()).toHaveLength(1);
    const second = await w.processes.up(other);
    expect([second.code, second.err]).toEqual([3, expect.stringMatching(/another run holds the stack: \S+ on \S+ \(process \d+\)/u)]);
    silent(second.err);
    child.kill("SIGKILL");
    await over;
    await gone(w);
    const { code, err } = await w.processes.up(other);
    expect([0, 4], err).toContain(code);
    await w.sandbox.connect.settled();
    expect(await locks()).toEqual([]);
    const signed = (await journal())?.signed;
    expect(signed?.running).toBeUndefined();
  });

  it("on a machine that has never run it, with a home of its own, nothing is left to do, and the record goes on there and is whole everywhere", async () => {
    const [fresh, folder] = [{ HALOFORM_HOME: join(w.home, "fresh") }, join(w.home, "again")];
    const made = await w.processes.run(["preview", "--out", folder], fresh);
    expect(made.code, made.err).toBe(0);
    const plan = planSchema.parse(JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")));
    expect([changeCount(plan), plan.summary.losses.disabled]).toEqual([0, 0]);
    const done = await w.processes.run(["up", "--plan", folder, "--approve", plan.digest], fresh);
    expect([0, 4], done.err).toContain(done.code);
    expect(readdirSync(join(w.home, "fresh", "seen")).sort()).toEqual(["test.json", "test.signed.json"]);
    const { code, out, err } = await reads(["history", "--json"]);
    expect(code, err + out).toBe(0);
    const { runs, broken } = JSON.parse(out) as { runs: { ended: string }[]; broken: string[] };
    expect([runs.map(({ ended }) => ended), broken]).toEqual([
      [expect.stringMatching(ends), expect.stringMatching(ends), "cut off", expect.stringMatching(ends)],
      [],
    ]);
  });

  it("stop: left there without a key by who may write, seen by who may only read; go by who has the key", async () => {
    const stopped = await w.processes.run(["stop", "no more today"], { [keyVariable]: "" });
    expect(stopped.code, stopped.err).toBe(0);
    expect(await server.read("/test.said.pulumi-tags")).toContain("no more today");
    await server.grant?.();
    const { code, out, err } = await reads(["history", "--last", "1"]);
    expect([code, out], err).toEqual([0, expect.stringContaining("stopped the stack: no more today")]);
    const done = await w.processes.run(["go", "--yes"]);
    expect([done.code, done.out], done.err).toEqual([0, expect.stringContaining("It stands in the journal.")]);
    expect((await server.read("/test.said.pulumi-tags")) ?? "").not.toContain("no more today");
    // The run before was another machine's: what this one wrote is what is signed.
    expect(await reads(["drift"])).toMatchObject({ code: 0 });
    silent(stopped.out + stopped.err + out + err + done.out + done.err);
  });
  return { world: () => w, server: () => server };
}

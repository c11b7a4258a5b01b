/**
 * What must hold wherever the state is, on a server that the test has started: who reads needs a right to read only, two runs are
 * kept apart, and after kill -9 the next run goes on. Each run is a process with Pulumi's own engine.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { newKey } from "../../base/ed25519.ts";
import type { Fleet } from "../../cli/answers/fleet.ts";
import { type Journal, journalTag, readJournal } from "../../cli/ledger/journal.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { chance } from "../../sandbox/random.ts";
import { planSchema } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { kinds } from "./happenings.ts";
import { begun, gone, saying } from "./killing.ts";
import { configure, ended, type World, world } from "./support.ts";

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
  it("fleet report tells of the last run there, of licences and of stops, from a machine that has never run it", async () => {
    const settings = join(w.home, "fleet");
    mkdirSync(settings, { recursive: true });
    const file = parse(readFileSync(w.stackFile, "utf8")) as { config: Record<string, unknown> };
    file.config["haloform:mappings"] = w.mappings;
    writeFileSync(join(settings, "Pulumi.test.yaml"), stringify(file));
    const before = await server.all();
    const { code, out, err } = await w.processes.run(["fleet", "report", "--settings", settings, "--json"], {
      ...server.reader,
      ...{ HALOFORM_HOME: join(w.home, "reports"), TEST__PULUMI_CONFIG_PASSPHRASE: w.env["PULUMI_CONFIG_PASSPHRASE"] ?? "" },
    });
    expect(code, err).toBe(0);
    const { clients } = JSON.parse(out) as Fleet;
    expect(clients).toEqual([
      expect.objectContaining({ client: "test", lastRun: expect.objectContaining({ ended: expect.stringMatching(ends) }) }),
    ]);
    expect(clients[0]?.licences?.length).toBeGreaterThan(0);
    expect(await server.all()).toEqual(before);
    silent(out + err);
  });

  it("in shards: each is a stack there, which who may only read reads; killed while it is laid out or written, the next run goes on", {
    timeout: 1_200_000,
  }, async () => {
    const shards = (count: number, ahead: number) => configure(w, (config) => void (config["haloform:shards"] = { count, ahead }));
    const names = async (): Promise<string[]> =>
      (await server.all()).flatMap((line) => /\/(test\.shard-\d+-\d+)\.json /u.exec(line)?.[1] ?? []);
    const nothing = async (): Promise<void> => {
      const [before, writes] = [await server.all(), w.sandbox.writes()];
      for (const args of [["preview", "--detailed-exitcode"], ["drift"], ["shards"]]) {
        const { code, err, out } = await reads(args);
        expect(code, `${args[0]}: ${err}${out}`).toBe(0);
        silent(out + err);
      }
      expect(w.sandbox.writes()).toBe(writes);
      expect(await server.all()).toEqual(before);
    };
    shards(3, 2);
    const cut = w.processes.start(["shards", "set"]);
    const cutOff = ended(cut);
    while (cut.exitCode === null && (await names()).length === 0) await pause(20);
    cut.kill("SIGKILL");
    const { code, err } = await cutOff;
    expect(code, err).toBeNull();
    await gone(w);
    await nothing();
    const laid = await w.processes.run(["shards", "set", "--json"]);
    expect(laid.code, laid.err).toBe(0);
    const { shards: made } = JSON.parse(laid.out) as { shards: { stack: string }[] };
    expect(made.length).toBeGreaterThan(1);
    expect((await names()).sort()).toEqual(made.map(({ stack }) => stack).sort());
    await nothing();
    for (const seed of [1, 2, 3]) kinds["another title"]?.(w, chance(seed));
    const plan = await w.processes.plan("in-shards");
    expect(changeCount(plan.plan)).toBeGreaterThan(0);
    const run = await saying(w, ["up", "--plan", plan.folder, "--approve", plan.plan.digest], (said) => said.includes(begun));
    await pause(3000);
    run.child.kill("SIGKILL");
    await run.over;
    await gone(w);
    await w.processes.converge([0, 4]);
    await w.sandbox.connect.settled();
    expect(await locks()).toEqual([]);
    await nothing();
  });
  return { world: () => w, server: () => server };
}

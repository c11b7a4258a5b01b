/** Row C6 through the command line: every sync is recorded, whatever it came to, and `history` tells of it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { History, HistorySync } from "../../cli/answers/answers.ts";
import { ended, type World, world } from "./support.ts";

describe("C6: the log of syncs", () => {
  let w: World;
  const log = () => join(w.home, "history", "test.syncs.jsonl");
  const record = () => join(w.home, "history", "test.jsonl");
  const linesOf = (file: string): { [field: string]: unknown }[] =>
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { [field: string]: unknown });
  const history = async (...args: string[]): Promise<History> => {
    const done = await w.run(["history", "--json", "--last", "1000", ...args]);
    expect(done.code, done.err).toBe(0);
    return JSON.parse(done.out) as History;
  };
  const brief = ({ command, result, code }: HistorySync) => [command, result, code];

  beforeAll(async () => {
    w = await world({ people: 40 });
  });
  afterAll(() => w?.stop());

  it("previews, ups, drifts, checks, inventories and pulls leave an entry: who, when, what was read, what was found", async () => {
    const made = await w.plan();
    expect((await w.up(made)).code).toBeOneOf([0, 4]);
    await w.sandbox.connect.settled();
    const steady = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    const [account] = w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === String(steady?.id));
    w.sandbox.hand({ ad: { dn: account?.dn ?? "", replace: { title: "By hand" } } });
    expect((await w.run(["drift"])).code).toBe(2);
    for (const args of [
      ["check"],
      ["inventory", "accounts"],
      ["source", "test"],
      ["source", "pull", "assets", "--out", join(w.home, "a.csv")],
    ])
      expect((await w.run(args)).code, args.join(" ")).toBe(0);
    const { runs, syncs, broken } = await history();
    expect(broken).toEqual([]);
    expect(runs).toHaveLength(1);
    expect(syncs.map(({ command }) => command)).toEqual(["source pull assets", "source test", "inventory", "check", "drift", "preview"]);
    const [drift, preview] = [syncs[4], syncs[5]];
    expect(preview).toMatchObject({ result: "done", code: 0, times: 1, read: { source: "halo.users", records: 42 } });
    expect(preview?.read?.accounts["ad"]).toBeGreaterThan(30);
    expect(preview?.read?.calls["halo"]).toBeGreaterThan(0);
    expect(preview?.found["changes"]).toBeGreaterThan(10);
    expect(preview?.by).toMatch(/@|run/u);
    expect(Date.parse(preview?.at ?? "")).toBeGreaterThan(Date.now() - 600_000);
    expect(drift).toMatchObject({ result: "done", code: 2, found: { "changed by hand": 1 } });
    expect(statSync(log()).mode & 0o777).toBe(0o600);
    const text = await w.run(["history"]);
    expect(text.out).toMatch(
      /preview: done\n {2}read 42 records of halo\.users, \d+ accounts in ad, .* requests, [\d.]+ s\n {2}found changes \d+/u,
    );
  });

  it("doubted, refused and failed reads too, with why", async () => {
    const { faults } = w.sandbox.halo;
    faults.recordCount = 3;
    expect((await w.run(["preview"])).code).toBe(0);
    faults.reset();
    faults.missing = 1;
    expect((await w.run(["preview"])).code).toBe(3);
    expect((await w.run(["check"])).code).toBe(3);
    faults.reset();
    expect((await w.run(["drift"], { HALO_CLIENT_SECRET: "wrong-secret-4711" })).code).toBe(1);
    writeFileSync(join(w.mappings, "ad.yaml"), `${readFileSync(join(w.mappings, "ad.yaml"), "utf8")}\nnonsense: true\n`);
    expect((await w.run(["preview"])).code).toBe(64);
    w.edit("ad", (content) => delete content["nonsense"]);
    const { syncs } = await history();
    const [mistake, failed, refusedCheck, refused, doubted] = syncs;
    expect(syncs.slice(0, 5).map(brief)).toEqual([
      ["preview", "failed", 64],
      ["drift", "failed", 1],
      ["check", "refused", 3],
      ["preview", "refused", 3],
      ["preview", "doubted", 0],
    ]);
    expect(mistake?.said.join()).toContain("nonsense");
    expect(failed?.said.join()).toMatch(/secret|client/iu);
    expect(refusedCheck?.said.join()).toContain("gave no people at all");
    expect(refused?.said.join()).toContain("gave no people at all");
    expect(refused?.read).toMatchObject({ source: "halo.users", records: 0 });
    expect(doubted?.said.join()).toContain("rows but gave");
    // A secret is in no line, wherever it came from.
    expect(readFileSync(log(), "utf8")).not.toContain("wrong-secret-4711");
    for (const [name, value] of Object.entries(w.sandbox.env)) expect(readFileSync(log(), "utf8"), name).not.toContain(value);
  });

  it("an up that is refused before anything is written stands there; one that applied stands in the run record alone", async () => {
    const made = await w.plan();
    const person = w.sandbox.organisation.people.find((one) => one.situation === "steady");
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { title: "Bosun" } } });
    expect((await w.up(made)).code).toBe(3);
    const { syncs, runs } = await history("--command", "up");
    expect(syncs.map(brief)).toEqual([["up", "refused", 3]]);
    expect(syncs[0]?.said.join()).toContain("the plan is stale");
    expect(runs).toHaveLength(1);
    expect(linesOf(record()).map((one) => one["event"])).toEqual(["begin", "end"]);
  });

  it("filters by command, result and day; of a person only what changed something", async () => {
    expect((await history("--result", "refused,failed")).syncs.every(({ result }) => result === "refused" || result === "failed")).toBe(
      true,
    );
    expect((await history("--result", "refused,failed")).runs).toEqual([]);
    expect((await history("--command", "drift,check")).syncs.map(({ command }) => command).sort()).toEqual([
      "check",
      "check",
      "drift",
      "drift",
    ]);
    expect((await history("--command", "source")).syncs).toHaveLength(2);
    expect((await history("--since", "2999-01-01")).syncs).toEqual([]);
    expect((await history("--since", "2020-01-01T00:00:00Z")).syncs.length).toBeGreaterThan(5);
    expect((await history("--last", "2")).syncs).toHaveLength(2);
    for (const [args, said] of [
      [["--result", "lost"], /--result lost: expected done, doubted/u],
      [["--since", "yesterday"], /--since yesterday: expected a day/u],
    ] as const) {
      const done = await w.run(["history", ...args]);
      expect([done.code, done.err]).toEqual([64, expect.stringMatching(said)]);
    }
  });

  it("a preview writes nothing into production's record, and one that cannot write its log goes on and says so", async () => {
    const production = join(w.home, "production");
    mkdirSync(production);
    expect((await w.run(["preview"], { HALOFORM_HISTORY: production })).code).toBe(0);
    expect(readdirSync(production)).toEqual([]);
    const kept = [log(), record()].map((file) => [file, readFileSync(file, "utf8")] as const);
    rmSync(join(w.home, "history"), { recursive: true });
    writeFileSync(join(w.home, "history"), "a file where the folder should be");
    const done = await w.run(["check"]);
    expect(done.code).toBe(0);
    expect(done.err).toMatch(/This run is not in the log of syncs \(haloform history\): /u);
    rmSync(join(w.home, "history"));
    mkdirSync(join(w.home, "history"), { mode: 0o700 });
    for (const [file, text] of kept) writeFileSync(file, text);
  });

  it("runs side by side keep the chain whole, and what was changed shows", async () => {
    const capture = join(w.home, "people.json");
    expect((await w.run(["source", "pull", "--out", capture])).code).toBe(0);
    const before = linesOf(log()).length;
    const all = await Promise.all(Array.from({ length: 4 }, () => ended(w.processes.start(["check", "--from", capture]))));
    expect(
      all.map((one) => one.code),
      all.map((one) => one.err).join(""),
    ).toEqual([0, 0, 0, 0]);
    expect(linesOf(log())).toHaveLength(before + 4);
    const { syncs } = await history();
    // One after the other with the same outcome are told once.
    expect(syncs[0]).toMatchObject({ command: "check", times: 4 });
    const text = readFileSync(log(), "utf8");
    writeFileSync(log(), text.replace('"result":"refused"', '"result":"done"'));
    const forged = await w.run(["history"]);
    expect(forged.code).toBe(1);
    expect(forged.out).toMatch(
      /cannot be trusted: in the log of syncs of this machine: record \d+ of .* was changed after it was written/u,
    );
    writeFileSync(log(), text);
  });
});

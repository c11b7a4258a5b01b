/**
 * `haloform stop` and `go` (docs/decisions/0129): by whom, against whom, while a run is under way, and what becomes of a stop that
 * somebody takes away. Most of it on the engine for tests; a run that is under way and the engine's own tags as processes.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import { tagsPlace } from "../../cli/engine/said.ts";
import { journalTag, known, readJournal } from "../../cli/ledger/journal.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { idOf, stated } from "../../cli/ledger/statements.ts";
import { findEngine } from "../../engine/find.ts";
import { StateFile } from "../engine/state.ts";
import { newSshKey, signer } from "../ssh.ts";
import { begun, renameCompany, saying } from "./killing.ts";
import { allow, configure, root, type World, world } from "./support.ts";

/** What lies beside the state. */
const beside = (w: World): string => join(w.home, "state", ".haloform-said", "test");
const said = (w: World): string[] => (existsSync(beside(w)) ? readdirSync(beside(w)) : []);
const stopsIn = (w: World) => {
  const journal = readJournal(new StateFile(w.home, "test").tags()[journalTag] ?? "");
  return journal ? known(journal).stops : [];
};
const withoutKey = { [keyVariable]: "" };
const refusal = (why: string, who = String.raw`\S+@\S+`): RegExp =>
  new RegExp(`^Refused: the stack test is stopped by ${who} since \\d{4}-\\S+Z: "${why}"`, "mu");

describe("a stack that is stopped", () => {
  let w: World;
  const key = newKey();
  const at = (name: string): string => join(w.home, "ssh", name);

  beforeAll(async () => {
    w = await world({ people: 12 });
    const sshKey = (name: string) => newSshKey(join(w.home, "ssh"), name);
    allow(w, signer("ada@example.com", sshKey("ada")));
    sshKey("eve");
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    w.env[keyVariable] = key.private;
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("is stopped by anybody who may write the state, without a key; nothing that writes runs, and previews say it first", async () => {
    renameCompany(w, "Northwind Ferries Ltd");
    const made = await w.plan();
    const { code, out, err } = await w.run(["stop", "leavers are wrong"], withoutKey);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("The stack test is stopped: no run writes");
    expect(out).toContain("takes it over with the next run");
    const writes = w.sandbox.writes();
    const state = readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json"), "utf8");
    for (const args of [
      ["up", "--plan", made.folder, "--approve", made.plan.digest],
      ["password", "reset", "1", "--yes", "--config-file", w.stackFile, "--mappings", w.mappings],
      ["password", "show", "1", "--config-file", w.stackFile, "--mappings", w.mappings],
    ]) {
      const done = await w.run(args, { PULUMI_CONFIG_PASSPHRASE: "one" });
      expect([args[0], done.code, done.err]).toEqual([args[0], 3, expect.stringMatching(refusal("leavers are wrong"))]);
    }
    expect(w.sandbox.writes()).toBe(writes);
    expect(readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json"), "utf8")).toBe(state);
    // Whoever has the key has taken it over, and it is signed there.
    expect(stopsIn(w)).toMatchObject([{ why: "leavers are wrong" }]);
    const { ended, plan } = await w.plan();
    expect(plan.first).toEqual([expect.stringContaining("is stopped by")]);
    expect(ended.out.split("\n")[1]).toContain("The stack test is stopped by");
    for (const [args, exit] of [
      [["doctor"], 1],
      [["history"], 0],
      [["drift"], 0],
    ] as const) {
      const done = await w.run(args);
      expect([args[0], done.code]).toEqual([args[0], exit]);
      if (args[0] !== "drift") expect(done.out).toContain("leavers are wrong");
    }
  });

  it.each([
    ["no key", withoutKey, [], "it is not signed"],
    ["another key", { [keyVariable]: newKey().private }, [], "it is not signed"],
    ["an SSH key that nobody allows", withoutKey, ["--sign-with", "eve"], "its key is none of"],
  ] as const)("is not lifted with %s", async (_title, env, args, why) => {
    const done = await w.run(["go", "--yes", ...args.map((one) => (one === "eve" ? at(one) : one))], env);
    expect([done.code, done.err]).toEqual([3, expect.stringContaining(why)]);
    expect((await w.run(["up", "--plan", "nowhere", "--approve", "x"])).code).not.toBe(0);
    expect((await w.plan()).plan.first).toHaveLength(1);
  });

  it("is not lifted by a go that somebody puts there by hand, nor by taking the stop away or changing it", async () => {
    const made = await w.plan();
    const up = ["up", "--plan", made.folder, "--approve", made.plan.digest];
    const [name = ""] = said(w);
    const text = readFileSync(join(beside(w), name), "utf8");
    const stop = (JSON.parse(text) as { said: object }).said;
    // A go of nobody's, with a name that fits what it says.
    const { nonce: _nonce, ...common } = stop as { nonce: string };
    const go = { ...common, event: "go", of: [name.slice(0, 12)] } as never;
    writeFileSync(join(beside(w), `${idOf(go)}.json`), JSON.stringify({ said: go }));
    const forged = await w.run(up);
    expect([forged.code, forged.err]).toEqual([3, expect.stringMatching(refusal("leavers are wrong"))]);
    expect(forged.err).toContain("does not count: it is not signed");
    rmSync(join(beside(w), `${idOf(go)}.json`));
    // Changed, it is one more.
    writeFileSync(join(beside(w), name), text.replace("leavers are wrong", "never mind"));
    const changed = await w.run(up);
    expect([changed.code, changed.err]).toEqual([3, expect.stringMatching(refusal("leavers are wrong"))]);
    // Taken away, the journal has it; and taken away there too, the state is not believed.
    rmSync(join(beside(w), name));
    expect((await w.run(up)).err).toMatch(refusal("leavers are wrong"));
    const tags = join(w.home, "state", ".pulumi", "stacks", "haloform", "test.pulumi-tags");
    const kept = readFileSync(tags, "utf8");
    const document = JSON.parse(kept) as { tags: { [name: string]: string } };
    const journal = readJournal(document.tags[journalTag] ?? "");
    document.tags[journalTag] = JSON.stringify({ ...journal, entries: journal?.entries.filter(({ event }) => event !== "stop") });
    writeFileSync(tags, JSON.stringify(document));
    const robbed = await w.run(up);
    expect([robbed.code, robbed.err]).toEqual([3, expect.stringContaining("is not believed: its journal was changed")]);
    writeFileSync(tags, kept);
  });

  it("is lifted with an allowed signer's key by somebody without production's; the next run takes it over, and its stop can be read in history", async () => {
    const done = await w.run(["go", "it was the feed", "--yes", "--sign-with", at("ada")], withoutKey);
    expect([done.code, done.err]).toEqual([0, expect.stringContaining("is stopped by")]);
    expect(stopsIn(w)[0]?.lifted).toBeUndefined();
    await w.converge([0, 4]);
    expect(stopsIn(w)).toMatchObject([{ why: "leavers are wrong", lifted: { name: "ada@example.com", why: "it was the feed" } }]);
    expect(said(w)).toEqual([]);
    const { out } = await w.run(["history"]);
    expect(out).toMatch(/stopped the stack: leavers are wrong\n {2}lifted \S+Z by ada@example\.com \(signed\): it was the feed/u);
    expect((await w.run(["go", "--yes"])).err).toContain("The stack test is not stopped.");
  });

  it("is stopped and lifted with production's key at once, in the journal; a stop that this machine has seen and that is gone holds on", async () => {
    const { out } = await w.run(["stop", "one", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ format: "haloform.stop/1", why: "one", name: expect.stringContaining("production's key") });
    expect(stopsIn(w).at(-1)).toMatchObject({ why: "one" });
    await w.run(["go", "--yes"]);
    expect(stopsIn(w).at(-1)).toMatchObject({ why: "one", lifted: { name: expect.stringContaining("production's key") } });
    await w.run(["stop", "two"], withoutKey);
    for (const name of said(w)) rmSync(join(beside(w), name));
    const made = await w.plan();
    const { code, err } = await w.up(made);
    expect([code, err]).toEqual([3, expect.stringContaining("was taken away from where the state is")]);
    expect((await w.run(["go", "--yes"])).code).toBe(0);
    expect(stopsIn(w).filter(({ lifted }) => !lifted)).toEqual([]);
    expect((await w.up(await w.plan())).code).toBe(0);
  });

  it("is stopped between a run's reading and its first write, too", async () => {
    renameCompany(w, "Northwind Ferries Limited");
    const made = await w.plan();
    const writes = w.sandbox.writes();
    const stop = {
      ...{ format: "haloform.said/1", event: "stop", stack: "test", at: new Date().toISOString() },
      who: "ada@build-3",
      why: "now",
      nonce: "1",
    };
    const running = w.begin(["up", "--plan", made.folder, "--approve", made.plan.digest]);
    const statement = JSON.stringify(await stated({ stack: "test", home: w.home, folder: "", config: {} as never }, stop as never));
    running.when(begun, () => writeFileSync(join(beside(w), `${idOf(stop as never)}.json`), statement));
    const { code, err } = await running.over;
    expect([code, err]).toEqual([3, expect.stringMatching(refusal("now", "ada@build-3"))]);
    expect(w.sandbox.writes()).toBe(writes);
    expect((await w.run(["go", "--yes"])).code).toBe(0);
    expect((await w.up(await w.plan())).code).toBe(0);
  });

  it("usage: a reason in one line, and a question on a terminal", async () => {
    expect(await w.run(["stop", " "])).toMatchObject({ code: 64, err: expect.stringContaining("say why") });
    expect(await w.run(["stop"])).toMatchObject({ code: 64 });
    expect(await w.run(["go"])).toMatchObject({ code: 64, err: expect.stringContaining("say --yes") });
    expect(said(w)).toEqual([]);
  });
});

describe("a run that is under way", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 15 });
  });
  afterAll(() => w?.stop());

  it("ends after what is in hand where somebody else stops it, though it holds the lock; the next one goes on once it is lifted", async () => {
    const made = await w.processes.plan();
    const up = ["up", "--plan", made.folder, "--approve", made.plan.digest];
    const before = w.sandbox.writes();
    const { child, over } = await saying(w, up, (text) => text.includes(begun) && w.sandbox.writes() - before > 4);
    // What is to be stopped is not over before somebody has typed a word.
    w.sandbox.graph.faults.delay = 1000;
    child.kill("SIGSTOP");
    const stopped = await w.processes.run(["stop", "half of them are wrong"]);
    expect([stopped.code, stopped.out]).toEqual([0, expect.stringContaining("now it could not: another run holds the stack")]);
    child.kill("SIGCONT");
    const { code, err } = await over;
    expect(err).toMatch(/Stopping, as \S+@\S+ \("half of them are wrong"\) says: nothing new is begun/u);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^Failed: stopped by \S+@\S+ \("half of them are wrong"\) after \d+ changes?;/mu),
    ]);
    w.sandbox.graph.faults.delay = 0;
    const written = w.sandbox.writes();
    const again = await w.up(await w.plan());
    expect([again.code, again.err]).toEqual([3, expect.stringMatching(refusal("half of them are wrong"))]);
    expect(w.sandbox.writes()).toBe(written);
    expect(stopsIn(w)).toMatchObject([{ why: "half of them are wrong" }]);
    expect((await w.run(["go", "--yes"])).code).toBe(0);
    expect(stopsIn(w)).toMatchObject([{ lifted: {} }]);
  });

  it("where the engine keeps the state: what is left beside it is tags of a stack of its own, each in its place, and none where nothing was left", async () => {
    const { path } = await findEngine();
    process.env["PATH"] = `${dirname(path)}${delimiter}${process.env["PATH"]}`;
    const place = { folder: root, home: join(w.home, "tags"), stack: "test" };
    const beside = tagsPlace(place);
    expect([...(await beside.read())]).toEqual([]);
    await beside.add("0123456789ab", '{"said": "one"}');
    await beside.add("ba9876543210", "two");
    expect([...(await beside.read())].sort()).toEqual([
      ["0123456789ab", '{"said": "one"}'],
      ["ba9876543210", "two"],
    ]);
    await beside.remove("0123456789ab");
    expect([...(await beside.read()).keys()]).toEqual(["ba9876543210"]);
  });
});

/**
 * The state is signed (docs/decisions/0095): what anybody but production has changed of it is refused before a system is asked. Most of
 * it on the engine for tests; a handful by the command line as a process, on Pulumi's engine.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey, publicKey } from "../../base/ed25519.ts";
import { openProject } from "../../cli/engine/project.ts";
import { Refusal } from "../../cli/exit.ts";
import { appended, type Journal, journalTag, readJournal, written } from "../../cli/ledger/journal.ts";
import { broken, readRecords, recordFile } from "../../cli/ledger/record.ts";
import { keysOf, keyVariable } from "../../cli/ledger/signature.ts";
import { openForTests } from "../engine/engine.ts";
import { rules } from "./passwords.ts";
import { configure, type World, world } from "./support.ts";

const silent = { say: () => undefined, tell: () => undefined };
const never = new AbortController().signal;

type Holder = { [key: string]: unknown };
interface Place {
  holder: Holder;
  key: string;
  path: string;
}

/** Every place of a document that holds a value. */
function places(holder: Holder, path = ""): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    return [{ holder, key, path: here }, ...(value !== null && typeof value === "object" ? places(value as Holder, here) : [])];
  });
}

/** Another value than the one that is there. */
function spoiled(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "x" : `${value.slice(0, -1)}${value.endsWith("0") ? "1" : "0"}`;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return value === null ? 1 : null;
}

function setKeys(w: World, lines: readonly string[]): void {
  configure(w, (config) => void (config["haloform:keys"] = lines));
}

const stateFile = (w: World): string => join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json");
const tagsFile = (w: World): string => join(w.home, "state", ".pulumi", "stacks", "haloform", "test.pulumi-tags");

/** All that lies where the state is, and how to put it back. */
function keep(w: World): () => void {
  const files = [stateFile(w), tagsFile(w), join(w.home, "seen", "test.json"), join(w.home, "history", "test.jsonl")];
  const kept = files.map((file) => [file, existsSync(file) ? readFileSync(file) : undefined] as const);
  return () => {
    for (const [file, text] of kept) text === undefined ? rmSync(file, { force: true }) : writeFileSync(file, text);
  };
}

function changeState(w: World, change: (deployment: Holder) => void): void {
  const document = JSON.parse(readFileSync(stateFile(w), "utf8")) as { checkpoint: { latest: Holder } };
  change(document.checkpoint.latest);
  writeFileSync(stateFile(w), JSON.stringify(document));
}

function changeJournal(w: World, change: (journal: Journal) => Journal | undefined): void {
  const document = JSON.parse(readFileSync(tagsFile(w), "utf8")) as { tags: { [name: string]: string } };
  const journal = change(readJournal(document.tags[journalTag] ?? "") as Journal);
  if (journal) document.tags[journalTag] = written(journal);
  else delete document.tags[journalTag];
  writeFileSync(tagsFile(w), JSON.stringify(document));
}

describe("a signed state", () => {
  let w: World;
  const key = newKey();
  const next = newKey();
  const idOf = (line: string): string => publicKey(line)?.id ?? "";

  beforeAll(async () => {
    w = await world({ people: 30 });
    setKeys(w, [key.public]);
    w.env[keyVariable] = key.private;
  });
  afterAll(() => w?.stop());

  const asked = (): number => Object.values(w.sandbox.calls()).reduce((sum, one) => sum + one, 0);
  /** Exit 3 and one line, and nothing was asked. */
  async function expectRefused(why: RegExp, args: readonly string[] = ["preview"], more: NodeJS.ProcessEnv = {}): Promise<void> {
    const before = asked();
    const { code, err } = await w.run(args, more);
    expect([code, err]).toEqual([3, expect.stringMatching(why)]);
    expect(err.split("\n").filter((line) => line.startsWith("Refused: "))).toHaveLength(1);
    expect(asked()).toBe(before);
  }

  it("security-16: a first run says that half of the limits hold; up signs what it leaves, and a reader needs no key", async () => {
    const { plan } = await w.plan("first");
    expect(plan.notes).toContainEqual(expect.stringContaining("half of the limits of safety.yaml hold"));
    await expectRefused(
      /up changes the state of the stack test, which is signed, and HALOFORM_SIGNING_KEY is not set/u,
      ["up", "--plan", join(w.home, "first"), "--approve", plan.digest],
      { [keyVariable]: "" },
    );
    await expectRefused(
      /holds the key [0-9a-f]{8}, which haloform:keys does not name/u,
      ["up", "--plan", join(w.home, "first"), "--approve", plan.digest],
      { [keyVariable]: next.private },
    );
    await w.converge([0, 4]);
    const reader = await w.run(["preview"], { [keyVariable]: "" });
    expect(reader.code, reader.err).toBe(0);
    expect(reader.out).not.toContain("half of the limits");
    expect(reader.out).not.toContain("Nothing of the state is signed");
    for (const args of [["drift"], ["history"], ["inventory"]])
      expect((await w.run(args, { [keyVariable]: "" })).err).not.toContain("not believed");
  });

  it("security-1, security-7: a state, journal, signature or record that is changed in any single place is refused, in 600 places", async () => {
    const back = keep(w);
    const project = { ...openProject({ stack: "test", configFile: w.stackFile }), home: w.home };
    const open = async (): Promise<unknown> => (await openForTests(project, silent, never)).previous();
    await open();
    const state = JSON.parse(readFileSync(stateFile(w), "utf8")) as { checkpoint: { latest: Holder } };
    const { tags } = JSON.parse(readFileSync(tagsFile(w), "utf8")) as { tags: Holder };
    const journal = readJournal(String(tags[journalTag])) as unknown as Holder;
    const spread = <T>(all: readonly T[], count: number): T[] =>
      all.filter((_, index) => Math.floor((index * count) / all.length) !== Math.floor(((index - 1) * count) / all.length));
    const inState = spread(places(state.checkpoint.latest), 400);
    const inJournal = spread(places(journal), 130);
    let refused = 0;
    for (const { holder, key: name, path } of [...inState, ...inJournal]) {
      if (path === ".manifest.time") continue;
      const was = holder[name];
      for (const how of ["change", "remove"] as const) {
        if (how === "change") holder[name] = spoiled(was);
        else if (refused % 3 !== 0 || Array.isArray(holder)) continue;
        else delete holder[name];
        writeFileSync(stateFile(w), JSON.stringify(state));
        writeFileSync(tagsFile(w), JSON.stringify({ version: 1, tags: { ...tags, [journalTag]: JSON.stringify(journal) } }));
        await expect(open(), `${how} ${path}`).rejects.toThrow(Refusal);
        refused += 1;
      }
      holder[name] = was;
    }
    back();
    await open();
    const file = recordFile(project);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const head = (await (await openForTests(project, silent, never)).ledger()).known.record;
    const wrong = (text: string): number => {
      writeFileSync(file, text);
      try {
        return broken(readRecords(file).entries, head, false, keysOf(project.config)).length;
      } catch {
        return 1;
      }
    };
    expect(wrong(`${lines.join("\n")}\n`)).toBe(0);
    for (const [index, line] of lines.entries()) {
      const entry = JSON.parse(line) as Holder;
      for (const { holder, key: name, path } of spread(places(entry), 25)) {
        const was = holder[name];
        holder[name] = spoiled(was);
        expect(wrong(`${lines.with(index, JSON.stringify(entry)).join("\n")}\n`), `record ${index} ${path}`).toBeGreaterThan(0);
        holder[name] = was;
        refused += 1;
      }
      expect(wrong(`${lines.toSpliced(index, 1).join("\n")}\n`), `record ${index} taken out`).toBeGreaterThan(0);
      refused += 1;
    }
    back();
    expect(refused).toBeGreaterThanOrEqual(600);
  });

  it("security-1, security-7: by the command line it is exit 3 and one line, and no system is asked", async () => {
    const back = keep(w);
    const row = (deployment: Holder): Holder => (deployment["resources"] as Holder[])[5] as Holder;
    const cases: [RegExp, () => void][] = [
      [/it was changed after it was signed/u, () => changeState(w, (all) => (row(all)["id"] = "another"))],
      [/it was changed after it was signed/u, () => changeState(w, (all) => void (all["resources"] as unknown[]).pop())],
      [/it has no journal/u, () => changeJournal(w, () => undefined)],
      [/it is not signed/u, () => changeJournal(w, ({ signed: _signed, ...rest }) => rest)],
      [
        /its journal was changed after it was signed/u,
        () => changeJournal(w, (journal) => ({ ...journal, entries: journal.entries.slice(0, -1) })),
      ],
      [
        /its journal was changed after it was signed/u,
        () =>
          changeJournal(w, (journal) => ({
            ...appended(journal, { event: "base", losses: [], due: [], used: [] }, new Date()),
            signed: journal.signed,
          })),
      ],
      [
        /its signature is not one of the key/u,
        () =>
          changeJournal(w, (journal) => ({ ...journal, signed: { ...(journal.signed as NonNullable<Journal["signed"]>), serial: 99 } })),
      ],
      [/it is gone, and this machine has seen it before/u, () => [stateFile(w), tagsFile(w)].map((file) => rmSync(file))],
    ];
    for (const [why, change] of cases) {
      change();
      for (const args of [["preview"], ["drift"], ["why", "41"], ["inventory"]]) await expectRefused(why, args);
      back();
    }
    setKeys(w, [next.public]);
    await expectRefused(/it is signed with the key [0-9a-f]{8}, and haloform:keys does not name that/u);
    setKeys(w, [key.public]);
    expect((await w.run(["preview"])).code).toBe(0);
  });

  it("security-1: an older state, put back whole, is refused by whoever has seen a newer one", async () => {
    const back = keep(w);
    const before = [stateFile(w), tagsFile(w)].map((file) => [file, readFileSync(file)] as const);
    await w.converge([0, 4]);
    for (const [file, text] of before) writeFileSync(file, text);
    await expectRefused(/it is older \(number \d+\) than what this machine has seen of it \(number \d+\)/u);
    rmSync(join(w.home, "seen", "test.json"));
    expect((await w.run(["preview"])).code).toBe(0);
    back();
  });

  it("security-8: a record that is cut, removed or made anew stops up, and a new one says what it takes the place of", async () => {
    const file = join(w.home, "history", "test.jsonl");
    const text = readFileSync(file, "utf8");
    const lines = text.trimEnd().split("\n");
    const { plan, folder } = await w.plan("recorded");
    const up = ["up", "--plan", folder, "--approve", plan.digest];
    for (const change of [
      () => writeFileSync(file, `${lines.slice(0, -1).join("\n")}\n`),
      () => rmSync(file),
      () => writeFileSync(file, `${lines[0]}\n`),
      () => writeFileSync(file, text.replace("begin", "begun")),
    ]) {
      change();
      await expectRefused(/the run record .* is not whole/u, up);
      expect((await w.run(["history"])).code).not.toBe(0);
      writeFileSync(file, text);
    }
    rmSync(file);
    const done = await w.run([...up, "--new-record"]);
    expect([0, 4], done.err).toContain(done.code);
    const { entries } = readRecords(file);
    expect(entries[0]).toMatchObject({ seq: 1, event: "begin", instead: (JSON.parse(lines.at(-1) ?? "") as Holder)["digest"] });
    expect(entries.every((entry) => entry.signature !== undefined && entry.key === idOf(key.public))).toBe(true);
    expect((await w.run(["history"])).code).toBe(0);
  });

  it("keys are changed without a gap: the new one is named beside the old, then signs, then is alone", async () => {
    setKeys(w, [key.public, next.public]);
    const more = { [keyVariable]: next.private };
    const made = await w.plan("rotate");
    expect([0, 4]).toContain((await w.run(["up", "--plan", made.folder, "--approve", made.plan.digest], more)).code);
    setKeys(w, [next.public]);
    w.env[keyVariable] = next.private;
    expect((await w.run(["preview"])).code).toBe(0);
    expect((await w.run(["history"])).code).toBe(0);
  });

  it("a key that is lost: the next one takes the state over after showing what it is, and nobody else can", async () => {
    const third = newKey();
    setKeys(w, [third.public]);
    const adopt = ["keys", "adopt", "--config-file", w.stackFile, "--mappings", w.mappings];
    await expectRefused(/haloform:keys does not name/u, ["preview"]);
    await expectRefused(/holds the key [0-9a-f]{8}, which haloform:keys does not name/u, [...adopt, "--yes"]);
    w.env[keyVariable] = third.private;
    expect((await w.run(adopt)).code).toBe(64);
    const done = await w.run([...adopt, "--yes"]);
    expect([done.code, done.err]).toEqual([
      0,
      expect.stringMatching(
        /The state of the stack test: \d+ resources, last written .*, sha256:[0-9a-f]{64}\.\nIts journal: .*Last signed under number \d+\.\nIt is not believed as it is: it is signed with the key/u,
      ),
    ]);
    expect((await w.run(["preview"], { [keyVariable]: "" })).code).toBe(0);
    const doctor = await w.run(["doctor"]);
    expect(doctor.out).toContain(`HALOFORM_SIGNING_KEY holds ${idOf(third.public)}`);
  });

  it("haloform keys new writes the private key to a file of its own, once", async () => {
    const file = join(w.home, "keys", "signing.key");
    const made = await w.run(["keys", "new", "--out", file]);
    expect(made.code, made.err).toBe(0);
    expect(made.out).toMatch(/ {4}- ed25519:[0-9a-f]{8}:[A-Za-z0-9+/]{43}=/u);
    expect(made.out).not.toContain(readFileSync(file, "utf8").trim());
    expect((await w.run(["keys", "new", "--out", file])).code).toBe(64);
    expect(readdirSync(join(w.home, "keys"))).toEqual(["signing.key"]);
    renameSync(file, `${file}.kept`);
  });
});

describe("passwords that wait in a signed state", () => {
  let w: World;
  const key = newKey();
  const desk = (): string => join(w.home, "desk.key");
  const noKey = { [keyVariable]: "" };
  beforeAll(async () => {
    w = await world({ people: 30 });
    rules(w, { handover: "output", length: 24 });
    setKeys(w, [key.public]);
    w.env[keyVariable] = key.private;
    const made = await w.run(["password", "new-key", desk()]);
    configure(w, (config) => void (config["haloform:passwords"] = { recipients: [made.out.trim()] }));
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("security-2: are read with the identity alone, without production's key, and everything else is still believed and still refused", async () => {
    const on = (...args: string[]) => ["password", ...args, "--config-file", w.stackFile, "--mappings", w.mappings];
    const listed = JSON.parse((await w.run(on("list", "--json"), noKey)).out) as { waiting: { key: string }[] };
    const who = String(listed.waiting[0]?.key);
    const shown = await w.run(on("show", who, "--identity", desk()), noKey);
    expect([shown.code, shown.err]).toEqual([0, expect.not.stringContaining("not believed")]);
    expect((await w.run(on("show", who, "--identity", desk()), noKey)).code).not.toBe(0);
    expect((await w.run(["preview"], noKey)).code).toBe(0);
    const back = keep(w);
    changeState(w, (deployment) => {
      const one = (deployment["resources"] as Holder[]).find(({ type }) => type === "pulumi:pulumi:Stack") as {
        outputs: { memory: Holder };
      };
      one.outputs.memory["people"] = {};
    });
    expect(await w.run(["preview"], noKey)).toMatchObject({ code: 3, err: expect.stringContaining("it was changed after it was signed") });
    back();
    expect((await w.run(["preview"], noKey)).code).toBe(0);
  });
});

describe("an approval", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 30 });
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("security-15: is used up by the run that it was for, also where the world looks the same again", async () => {
    const one = w.sandbox.organisation.people.find(({ situation, id }) => situation === "steady" && id > 110);
    const entry = w.sandbox.ad.entries.list((all) => all.text("employeeNumber") === String(one?.id))[0];
    const before = entry?.text("title") ?? "";
    w.sandbox.hand({ halo: { table: "users", id: one?.id ?? 0, set: { title: "Purser" } } });
    const made = await w.plan("once");
    expect(made.plan.notes).toContainEqual(expect.stringContaining("Nothing of the state is signed"));
    const state = readFileSync(stateFile(w));
    expect((await w.up(made)).code).toBe(0);
    expect((await w.up(made)).err).toContain("the plan is stale");
    writeFileSync(stateFile(w), state);
    w.sandbox.hand({ ad: { dn: entry?.dn ?? "", replace: { title: before } } });
    await w.sandbox.connect.settled();
    const writes = w.sandbox.writes();
    const again = await w.up(made);
    expect([again.code, again.err]).toEqual([3, expect.stringContaining("Refused: the approval was used on ")]);
    expect(w.sandbox.writes()).toBe(writes);
  });
});

/**
 * `up` applies the approved plan and nothing else (design.md, promise 1). Every refusal: its exit code, nothing written, one plain
 * sentence that names the cause and the mend. Two of them as processes; a world that has moved is in plans-moved.test.ts.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderJson } from "../../cli/render/answers/json.ts";
import { changeCount, seal } from "../../stacks/plan/plan.ts";
import { again, copyOf, during, hoursLater, later, type Made, of, refused, someone, title } from "./refusals.ts";
import { type World, world } from "./support.ts";

describe("a plan that is not the approved one", () => {
  let w: World;
  let made: Made;
  let other: Made;
  beforeAll(async () => {
    w = await world({ people: 40 });
    [made, other] = [await w.plan("made"), await w.plan("other")];
  });
  afterAll(() => w?.stop());

  it.each([
    [
      "no plan and nobody to ask",
      [],
      "up needs an approved plan: make one with `haloform preview --out DIR`, have it read, and run `haloform up --plan DIR --approve DIGEST`\\.",
    ],
    [
      "a plan that nobody approved",
      ["--plan", "made"],
      "--plan needs --approve DIGEST: the digest of the plan somebody has read and approved",
    ],
    [
      "an approval of nothing",
      ["--approve", `sha256:${"0".repeat(64)}`],
      "--approve needs --plan DIR: the bundle that `haloform preview --out DIR` wrote\\.",
    ],
    [
      "half a digest",
      ["--plan", "made", "--approve", "sha256:0123"],
      '--approve "sha256:0123": expected the plan\'s digest, sha256: and 64 hexadecimal digits\\.',
    ],
    [
      "a folder that is not there",
      ["--plan", "nowhere", "--approve", `sha256:${"0".repeat(64)}`],
      "nowhere: there is no plan\\.json in it; make one with `haloform preview --out ",
    ],
  ])("is wrong usage: %s", async (_what, args, said) => {
    const given = args.map((arg) => (arg === "made" || arg === "nowhere" ? join(w.home, arg) : arg));
    const calls = w.sandbox.calls();
    await refused(w, given, new RegExp(said, "u"), { code: 64 });
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("another plan's digest", async () => {
    await refused(
      w,
      ["--plan", made.folder, "--approve", other.plan.digest],
      new RegExp(`is ${made.plan.digest}, but ${other.plan.digest} was approved\\. Approve the plan you mean to apply\\.$`, "u"),
    );
  });

  it("an altered plan.json", async () => {
    const folder = copyOf(made, join(w.home, "altered"));
    const text = readFileSync(join(folder, "plan.json"), "utf8");
    const changed = text.replace(
      /("summary": ?\{[^}]*"leavers": ?)(\d+)/u,
      (_all, before: string, count: string) => `${before}${Number(count) + 1}`,
    );
    expect(changed).not.toBe(text);
    writeFileSync(join(folder, "plan.json"), changed);
    await refused(
      w,
      ["--plan", folder, "--approve", made.plan.digest],
      new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u"),
      { by: w.processes },
    );
  });

  it("an expiry that somebody moved is an alteration", async () => {
    const folder = copyOf(made, join(w.home, "moved"));
    writeFileSync(join(folder, "plan.json"), JSON.stringify({ ...made.plan, expires: "2099-01-01T00:00:00.000Z" }));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], /was altered after it was made/u);
  });

  it("an altered plan.json with a digest that fits it is not the one that was approved", async () => {
    const folder = copyOf(made, join(w.home, "resealed"));
    const { digest: _digest, ...body } = made.plan;
    const resealed = seal({ ...body, people: [] });
    writeFileSync(join(folder, "plan.json"), renderJson(resealed));
    await refused(
      w,
      ["--plan", folder, "--approve", made.plan.digest],
      new RegExp(`is ${resealed.digest}, but ${made.plan.digest} was approved`, "u"),
    );
  });

  it.each([
    [
      "cut off",
      (text: string) => text.slice(0, text.length / 2),
      /plan\.json cannot be read as JSON \(.*\); it was altered or cut off\.$/u,
    ],
    ["another document", () => "{}", /plan\.json is not a plan haloform wrote, or it was altered \(/u],
    [
      "a field that no plan has",
      (text: string) => text.replace("{", '{"force": true,'),
      /plan\.json is not a plan haloform wrote, or it was altered \(/u,
    ],
  ])("a plan.json that is %s", async (_what, change, said) => {
    const folder = copyOf(made, join(w.home, "broken"));
    writeFileSync(join(folder, "plan.json"), change(readFileSync(join(folder, "plan.json"), "utf8")));
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
  });

  it("an altered operations.json, one of another plan, and none", async () => {
    const folder = copyOf(made, join(w.home, "engine"));
    const file = join(folder, "operations.json");
    const said = new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u");
    writeFileSync(file, `${readFileSync(file, "utf8")} `);
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
    cpSync(join(other.folder, "operations.json"), file);
    if (readFileSync(file, "utf8") !== readFileSync(join(made.folder, "operations.json"), "utf8")) {
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
    }
    rmSync(file);
    await refused(w, ["--plan", folder, "--approve", made.plan.digest], said);
  });

  it("a world.json that somebody changed cannot make a stale plan fit", async () => {
    const folder = copyOf(made, join(w.home, "world"));
    const person = someone(w);
    const altered = new RegExp(`was altered after it was made: its contents do not give its digest\\. ${again}$`, "u");
    await during(title(w, person, "Ballast Keeper"), async () => {
      writeFileSync(join(folder, "world.json"), "{}");
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], altered);
      rmSync(join(folder, "world.json"));
      await refused(w, ["--plan", folder, "--approve", made.plan.digest], altered);
    });
  });

  it("expired: a day later", async () => {
    await refused(
      w,
      of(made),
      new RegExp(`the plan expired at ${made.plan.expires.replaceAll(".", "\\.")}; make a new one and have it approved\\.$`, "u"),
      { more: later(25), by: w.processes },
    );
  });

  it("expired: after the hours of haloform:expires", async () => {
    const settings = readFileSync(w.stackFile, "utf8");
    writeFileSync(w.stackFile, `${settings}  "haloform:expires": 2\n`);
    const short = await w.plan("short");
    expect(Date.parse(short.plan.expires) - Date.parse(short.plan.made)).toBe(2 * 3_600_000);
    await hoursLater(3, () => refused(w, of(short), /the plan expired at .*; make a new one and have it approved\.$/u));
    writeFileSync(w.stackFile, settings);
  });

  it("of another stack", async () => {
    await refused(w, ["--stack", "another", ...of(made)], /the plan is for the stack test, not for another\b.*\.$/u);
  });

  it("after all that, the approved plan is applied", async () => {
    const done = await w.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBeGreaterThan(0);
    await w.sandbox.connect.settled();
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("the same plan a second time", async () => {
    await refused(w, of(made), new RegExp(`the plan is stale: another run has changed the state since;.* ${again}$`, "u"));
  });
});

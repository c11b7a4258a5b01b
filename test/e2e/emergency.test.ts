/** Broken glass (docs/decisions/0130): limits that a signed file widens for one run, and that nothing else does. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../base/digest.ts";
import { journalTag, known, readJournal } from "../../cli/ledger/journal.ts";
import { stackConfig } from "../../providers/systems.ts";
import { StateFile } from "../engine/state.ts";
import { long } from "../sizes.ts";
import { newSshKey, signer } from "../ssh.ts";
import { allow, configure, root, type World, world } from "./support.ts";

interface Edited {
  emergency: { [field: string]: unknown };
  signature: string;
}

describe("an emergency", () => {
  let w: World;
  let plans = 0;
  const at = (name: string): string => join(w.home, "ssh", name);
  const steady = (index: number): number =>
    w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 110)[index]?.id ?? 0;
  const systems = ["--system", "ad,halo,entra"];
  const limit = ["--limit", "disabled.most=20"];
  const made = (name: string, ...what: string[]) =>
    w.run([
      ...["emergency", "new", "--who", "ada@example.com", "--why", "the yard closes today", "--ticket", "INC-7"],
      ...["--out", at(name), "--sign-with", at("ada"), ...what],
    ]);
  const preview = async (...args: string[]) => {
    const folder = join(w.home, `plan-${(plans += 1)}`);
    const ended = await w.run(["preview", "--out", folder, ...args]);
    return { ...ended, folder };
  };
  const up = (folder: string, more: NodeJS.ProcessEnv = {}) =>
    w.run(["up", "--plan", folder, "--approve", String(JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")).digest)], more);
  /** The file with something else in it; `by`: who signs it anew. */
  const spoiled = (name: string, change: (file: Edited) => void, by?: string): string => {
    const file = JSON.parse(readFileSync(at("first"), "utf8")) as Edited;
    change(file);
    if (by !== undefined) {
      const line = `haloform.emergency/1 ${String(file.emergency["stack"])} ${digestOf(file.emergency)}\n`;
      file.signature = execFileSync("ssh-keygen", ["-Y", "sign", "-q", "-f", at(by), "-n", "haloform-emergency"], {
        input: line,
        stdio: "pipe",
      }).toString();
    }
    writeFileSync(at(name), JSON.stringify(file));
    return at(name);
  };
  const hours = (from: number, until: number) => (file: Edited) => {
    const now = Date.now();
    file.emergency["from"] = new Date(now + from * 3_600_000).toISOString();
    file.emergency["until"] = new Date(now + until * 3_600_000).toISOString();
  };
  const used = () => known(readJournal(new StateFile(w.home, "test").tags()[journalTag] ?? "") as never).emergencies;

  beforeAll(async () => {
    w = await world({ people: 20 });
    const sshKey = (name: string) => newSshKey(join(w.home, "ssh"), name);
    allow(w, ...["ada", "ben"].map((name) => signer(`${name}@example.com`, sshKey(name))));
    sshKey("eve");
    await w.converge([0, 4]);
    w.edit("safety", (content) => {
      const limits = content["limits"] as { [name: string]: object };
      limits["disabled"] = { most: 3, below: 0 };
    });
    for (const index of [0, 1]) w.sandbox.hand({ halo: { table: "users", id: steady(index), set: { inactive: true } } });
    const first = await made("first", ...limit, ...systems);
    expect([first.code, first.err]).toEqual([0, ""]);
  });
  afterAll(() => w?.stop());

  it("is a file that says who, why, what and until when; it widens nothing by itself", async () => {
    const { code, out } = await w.run(["emergency", "show", at("first")]);
    expect([code, out]).toEqual([0, expect.stringContaining("ada@example.com (signed, SHA256:")]);
    expect(out).toContain("widens limits.disabled.most 20");
    expect((await preview()).code).toBe(3);
  });

  it.each([
    [
      "forged: another number under the same signature",
      () => spoiled("a", (file) => void (file.emergency["limits"] = { disabled: { most: 999 } })),
      "no signature of ada@example.com",
    ],
    ["signed by a key that nobody allows", () => spoiled("b", () => undefined, "eve"), "its key is none of"],
    [
      "signed by somebody else than it names",
      () => spoiled("c", () => undefined, "ben"),
      "it names ada@example.com, and ben@example.com signed it",
    ],
    ["for another stack", () => spoiled("d", (file) => void (file.emergency["stack"] = "other"), "ada"), "it is for the stack other"],
    ["over", () => spoiled("e", hours(-5, -1), "ada"), "it ended at"],
    ["of tomorrow", () => spoiled("f", hours(12, 20), "ada"), "which has not come yet"],
    ["for more than 24 hours", () => spoiled("g", hours(-1, 24), "ada"), "it is for more than 24 hours"],
    [
      "with a limit that there is not",
      () => spoiled("h", (file) => void (file.emergency["limits"] = { protected: { most: 1 } }), "ada"),
      "names what cannot be widened",
    ],
    [
      "with a limit that is per something",
      () => spoiled("i", (file) => void (file.emergency["limits"] = { disabled: { per: "x" } }), "ada"),
      "names what cannot be widened",
    ],
    [
      "without a scope",
      () => spoiled("j", (file) => void (file.emergency["scope"] = { systems: [] }), "ada"),
      "names what cannot be widened",
    ],
  ])("does not count: %s", async (_title, file, why) => {
    const { code, err } = await preview("--emergency", file());
    expect([code, err]).toEqual([3, expect.stringContaining(why)]);
  });

  it("is not made for longer, of nothing, or of what is no limit", async () => {
    for (const more of [
      ["--hours", "25"],
      ["--limit", "protected.most=1"],
      ["--limit", "disabled.per=1"],
      ["--system", "dns"],
    ])
      expect([more, (await made("never", ...limit, ...systems, ...more)).code]).toEqual([more, 64]);
    expect(readdirSync(join(w.home, "ssh"))).not.toContain("never");
  });

  it("widens only what it names: not another limit, not another system, nobody else", async () => {
    for (const [name, what] of [
      ["other-limit", ["--limit", "deleted.most=20", ...systems]],
      ["other-system", [...limit, "--system", "files"]],
      ["other-person", [...limit, ...systems, "--person", "nobody"]],
      ["one-of-two", [...limit, ...systems, "--person", String(steady(0))]],
    ] as const) {
      expect((await made(name, ...what)).code).toBe(0);
      const { code, err } = await preview("--emergency", at(name));
      // Two were taken at the beginning, and two leave: the one who is not named keeps to 3.
      expect([name, code], err).toEqual([name, name === "one-of-two" ? 0 : 3]);
    }
  });

  it("widens for one run, which says so first, and is looked at by somebody else; until then everything says it", async () => {
    const { code, folder, out } = await preview("--emergency", at("first"));
    expect([code, out.split("\n")[1]]).toEqual([
      0,
      expect.stringMatching(
        /Limits are widened by ada@example\.com \(signed, INC-7\) until \S+: limits\.disabled\.most 20 and not 3; in /u,
      ),
    ]);
    const other = await preview("--emergency", at("first"));
    // The file of the bundle is another, or is gone.
    const bundled = join(folder, "emergency.json");
    const text = readFileSync(bundled, "utf8");
    writeFileSync(bundled, readFileSync(at("one-of-two")));
    expect(await up(folder)).toMatchObject({ code: 3, err: expect.stringContaining("is another than the plan was made with") });
    writeFileSync(bundled, text);
    expect((await up(folder)).code).toBe(0);
    expect(used()).toMatchObject([{ who: "ada@example.com", ticket: "INC-7", why: "the yard closes today" }]);
    for (const again of [await up(other.folder), await preview("--emergency", at("first"))])
      expect(again).toMatchObject({ code: 3, err: expect.stringMatching(/the plan is stale|was used on \S+: it is for one run/u) });
    const later = await preview();
    expect(later.out.split("\n")[1]).toContain("nobody else has looked at it");
    expect((await up(later.folder)).err).toContain("nobody else has looked at it");
    expect((await w.run(["doctor"])).out).toContain("nobody else has looked at it");
    expect((await w.run(["history"])).out).toContain("nobody else has looked at it");
    // What was taken counts for the day: the next leaver is too many.
    w.sandbox.hand({ halo: { table: "users", id: steady(2), set: { inactive: true } } });
    expect((await preview()).code).toBe(3);
  });

  it("is signed off by somebody else's key only, and is quiet then", async () => {
    const review = (key: string) => w.run(["emergency", "review", "--found", "two, both right", "--yes", "--sign-with", at(key)]);
    expect(await review("ada")).toMatchObject({ code: 3, err: expect.stringContaining("ada@example.com broke the glass") });
    expect(await review("eve")).toMatchObject({ code: 3, err: expect.stringContaining("its key is none of") });
    expect(used()[0]?.review).toBeUndefined();
    expect(await review("ben")).toMatchObject({ code: 0, out: expect.stringContaining("Signed off by ben@example.com: INC-7.") });
    expect(used()).toMatchObject([{ review: { name: "ben@example.com", found: "two, both right" } }]);
    expect((await preview()).out).not.toContain("nobody else has looked");
    expect((await w.run(["history"])).out).toContain("signed off");
    expect(await review("ben")).toMatchObject({ code: 64, err: expect.stringContaining("No emergency") });
  });

  it("nothing else widens a limit: no flag, no setting, no variable of the environment", async () => {
    // One leaver more than the day allows waits: whatever is said, no plan of it is made or applied.
    let refused = 0;
    const isHeld = async (title: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<void> => {
      const { code, out, err } = await w.run(args, more);
      expect([title, [0, 2, 4].includes(code ?? 0) ? out.slice(0, 300) : "held"], err).toEqual([title, "held"]);
      if (code === 3 && err.includes("limits.disabled.most")) refused += 1;
    };
    const { folder, code } = await preview();
    const { digest } = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as { digest: string };
    expect(code).toBe(3);
    const values: { [name: string]: string } = { folder: w.mappings, file: at("first"), format: "markdown" };
    // `--limits` makes a plan without any change, `--help` none at all; the others are how this test calls.
    const left = ["--help", "--limits", "--stack", "--config-file", "--plan", "--approve"];
    for (const command of [["preview"], ["up", "--plan", folder, "--approve", digest]]) {
      const { out } = await w.run([command[0] ?? "", "--help"]);
      const flags = [...out.matchAll(/(--[a-z-]+)(?: <([a-z]+)>)?/gu)].filter(([, flag = ""]) => !left.includes(flag));
      expect(flags.length).toBeGreaterThan(4);
      for (const [, flag = "", value] of flags)
        await isHeld(`${command[0]} ${flag}`, [...command, flag, ...(value === undefined ? [] : [values[value] ?? "1"])]);
    }
    const before = readFileSync(w.stackFile, "utf8");
    for (const name of Object.keys(stackConfig.shape))
      for (const value of long ? [168, "1", true, ["x"], { most: 99, disabled: { most: 99 }, force: true }] : [168]) {
        configure(w, (config) => void (config[`haloform:${name}`] = value));
        await isHeld(`haloform:${name}`, ["preview"]);
        writeFileSync(w.stackFile, before);
      }
    const product = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((file) => /^(?:base|cli|clients|engine|mappings|providers|sources|stacks)\/.*\.ts$/u.test(file))
      .map((file) => readFileSync(join(root, file), "utf8"))
      .join("\n");
    const variables = [
      ...new Set([...product.matchAll(/"((?:HALOFORM|PULUMI|GITHUB|HALO|AD|ENTRA)_[A-Z_]+|CI)"/gu)].map(([, name = ""]) => name)),
    ];
    expect(variables.length).toBeGreaterThan(20);
    // Where the home is, and which stack, is how this test calls.
    for (const name of variables.filter((one) => !["HALOFORM_RUN", "HALOFORM_HOME", "HALOFORM_STACK"].includes(one)))
      if (long || name.startsWith("HALOFORM_")) await isHeld(`${name}=1`, ["preview"], { [name]: "1" });
    // Most of them reach the limit, and are not stopped by something else before.
    expect(refused).toBeGreaterThan(20);
  });
});

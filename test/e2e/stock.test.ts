/**
 * The stock `pulumi` command line on the same program (Pulumi.yaml, stacks/index.ts): preview, up, refresh, and that its state
 * and haloform's own are one. Needs pulumi-language-nodejs, which the official release ships; skipped where it cannot be had.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Drift } from "../../cli/answers/drift.ts";
import { findEngine } from "../../engine/find.ts";
import { writeLauncher } from "../../engine/launcher.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { parseExport } from "../../stacks/read/previous.ts";
import { languageHostFolder } from "../language-host.ts";
import { olderNode } from "./older-node.ts";
import { type Ended, ended, root, type World, world } from "./support.ts";

const required = process.env["HALOFORM_REQUIRE_LANGUAGE_HOST"] === "1";
const engine = await findEngine();
const host = await languageHostFolder(engine.path, () => undefined).catch((error: unknown) =>
  error instanceof Error ? error : new Error(String(error)),
);
if (host instanceof Error && !required) {
  console.log(
    `Skipped: the stock pulumi command line. pulumi-language-nodejs is not installed and could not be built (${host.message}); install Pulumi, or Go 1.25.11 or newer.`,
  );
}

describe.skipIf(host instanceof Error && !required)("the stock pulumi command line", () => {
  const stack = `stocktest-${process.pid}`;
  const settings = join(root, `Pulumi.${stack}.yaml`);
  let w: World;
  let env: NodeJS.ProcessEnv;
  let resources = 0;

  beforeAll(async () => {
    if (host instanceof Error) throw new Error(`cannot test the stock command line: HALOFORM_REQUIRE_LANGUAGE_HOST=1, but ${host.message}`);
    w = await world({ people: 30, stack });
    const file = parse(readFileSync(w.stackFile, "utf8")) as { config: Record<string, unknown> };
    file.config["haloform:mappings"] = w.mappings;
    writeFileSync(settings, stringify(file));
    const path = [
      dirname(process.execPath),
      writeLauncher(join(w.home, "tools")),
      dirname(engine.path),
      host,
      process.env["PATH"] ?? "",
    ].join(delimiter);
    const { HALOFORM_HOME, HALOFORM_STACK, ...plain } = w.env;
    expect([HALOFORM_HOME, HALOFORM_STACK]).toEqual([w.home, stack]);
    env = {
      ...plain,
      PATH: path,
      PULUMI_BACKEND_URL: `file://${join(w.home, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    // `up` makes the folder of its file backend; the stock command wants it there.
    mkdirSync(join(w.home, "state"));
    const made = await pulumi("stack", "init", stack);
    expect(made.code, made.err).toBe(0);
  });
  afterAll(async () => {
    rmSync(settings, { force: true });
    await w?.stop();
  });

  const pulumi = (...args: string[]): Promise<Ended> => pulumiWith({}, ...args);
  function pulumiWith(changed: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
    const more = args[0] === "stack" ? [] : ["--stack", stack];
    return ended(
      spawn(engine.path, [...args, ...more, "--non-interactive", "--color", "never"], {
        cwd: root,
        env: { ...env, ...changed },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  async function state() {
    const { code, out, err } = await pulumi("stack", "export", "--stack", stack);
    expect(code, err).toBe(0);
    return parseExport(JSON.parse(out)).resources;
  }

  const unchanged = () => pulumi("preview", "--refresh", "--expect-no-changes");

  it("preview shows what would be made or adopted, and writes nothing", async () => {
    const { code, out, err } = await pulumi("preview");
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/\+ {2}pulumi-nodejs:dynamic\/ad:User person-\d+ create/u);
    const [, adopted] = /(\d+) of the resources to create exist already: they are adopted/u.exec(out) ?? [];
    resources = Number(/\+ (\d+) to create/u.exec(out)?.[1]) - 1;
    expect(resources).toBeGreaterThan(60);
    expect(Number(adopted)).toBeGreaterThan(30);
    expect(Number(adopted)).toBeLessThan(resources);
    expect(w.sandbox.writes()).toBe(0);
  });

  it("up applies; a further preview has nothing, neither here nor in haloform", async () => {
    const up = await pulumi("up", "--yes");
    expect(up.code, up.out + up.err).toBe(0);
    expect(w.sandbox.writes()).toBeGreaterThan(0);
    await w.sandbox.connect.settled();
    const again = await unchanged();
    expect(again.code, again.out + again.err).toBe(0);
    expect(again.out).toContain(`${resources + 1} unchanged`);
    expect(changeCount((await w.processes.plan()).plan)).toBe(0);
    expect(w.sandbox.violations()).toEqual([]);
  });

  it("refresh alone, without the program, keeps members and managers as people", async () => {
    const before = await state();
    const done = await pulumi("refresh", "--yes");
    expect(done.code, done.out + done.err).toBe(0);
    const after = await state();
    expect(after.map(({ name, inputs }) => ({ name, inputs }))).toEqual(before.map(({ name, inputs }) => ({ name, inputs })));
    const everybody = after.find((one) => one.name === "GG-AllStaff");
    expect(((everybody?.inputs["members"] ?? []) as string[]).filter((ref) => ref.startsWith("person:")).length).toBeGreaterThan(20);
    const again = await unchanged();
    expect(again.code, again.out + again.err).toBe(0);
  });

  it("finds a change by hand, as drift does, and up --refresh puts it back", async () => {
    const before = JSON.stringify(await w.sandbox.snapshot());
    const writes = w.sandbox.writes();
    const user = w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && entry.enabled && String(entry.values("employeeNumber")[0] ?? "") !== "",
    )[0];
    if (!user) throw new Error("nobody has an account");
    const person = `person-${String(user.values("employeeNumber")[0])}`;
    w.sandbox.hand({ ad: { dn: user.dn, replace: { title: "Acting Captain" } } });
    w.sandbox.hand({ ad: { dn: `CN=GG-AllStaff,OU=Groups,${w.sandbox.config.ad.base}`, remove: { member: [user.dn] } } });
    const seen = await unchanged();
    expect(seen.code).not.toBe(0);
    expect(seen.out).toMatch(new RegExp(`ad:User ${person} update`, "u"));
    expect(seen.out).toContain("ad:Group GG-AllStaff update");
    expect(seen.out).toContain("~ 2 to update");
    const drift = JSON.parse((await w.run(["drift", "--json"])).out) as Drift;
    expect(drift.found.map((one) => `${one.type} ${one.resource}`).sort()).toEqual(["ad:Group GG-AllStaff", `ad:User ${person}`]);
    expect(w.sandbox.writes()).toBe(writes);
    const back = await pulumi("up", "--yes", "--refresh");
    expect(back.code, back.out + back.err).toBe(0);
    expect(w.sandbox.writes()).toBe(writes + 2);
    await w.sandbox.connect.settled();
    expect(JSON.stringify(await w.sandbox.snapshot())).toBe(before);
    expect((await w.run(["drift"])).code).toBe(0);
  });

  it("the reverse: after haloform's own up, the stock preview has nothing", async () => {
    w.edit("ad", (content) => {
      const groups = content["groups"] as Record<string, unknown>[];
      groups.push({ name: "GG-Deck", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { "custom.CFDepartment": "Operations" } });
    });
    const { plan } = await w.processes.converge();
    expect(plan.shared.map((one) => `${one.op} ${one.label}`)).toEqual(["create GG-Deck"]);
    const seen = await unchanged();
    expect(seen.code, seen.out + seen.err).toBe(0);
  });

  it("a resource that leaves the mappings is let go of, not deleted", async () => {
    w.edit("ad", (content) => {
      content["groups"] = (content["groups"] as { name: string }[]).filter((group) => group.name !== "GG-Deck");
    });
    const writes = w.sandbox.writes();
    const done = await pulumi("up", "--yes");
    expect(done.code, done.out + done.err).toBe(0);
    expect((await state()).some((one) => one.name === "GG-Deck")).toBe(false);
    expect(w.sandbox.writes()).toBe(writes);
    expect(Object.keys((await w.sandbox.snapshot()).ad).some((dn) => dn.startsWith("CN=GG-Deck,"))).toBe(true);
  });

  it("a feed that cannot be believed ends the run with a sentence, and nothing is written", async () => {
    const writes = w.sandbox.writes();
    w.sandbox.halo.faults.missing = 1;
    const done = await pulumi("up", "--yes", "--skip-preview");
    w.sandbox.halo.faults.reset();
    expect(done.code).not.toBe(0);
    expect(done.out + done.err).toMatch(/error: .*(?:nobody|0 people|no people)/iu);
    expect(done.out + done.err).not.toMatch(/ {4}at .*\.ts:\d+/u);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it.skipIf(olderNode === undefined)("under an older Node it says so in one sentence", async () => {
    const path = [dirname(olderNode ?? ""), env["PATH"]].join(delimiter);
    const done = await pulumiWith({ PATH: path }, "preview");
    expect(done.code).not.toBe(0);
    expect(done.out + done.err).toMatch(/error: haloform needs Node 24 or newer; the `node` first on PATH is v\d+/u);
    expect(done.out + done.err).not.toMatch(/ {4}at .*:\d+/u);
  });

  it("leaves nothing behind: no run folder, no secret in the state or the stack's file", () => {
    const folder = join(tmpdir(), `haloform-${userInfo().username}`);
    const runs = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, "run.json")) : [];
    expect(runs.filter((file) => existsSync(file) && readFileSync(file, "utf8").includes(`"stack":"${stack}"`))).toEqual([]);
    const text =
      readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", `${stack}.json`), "utf8") + readFileSync(settings, "utf8");
    for (const secret of Object.values(w.sandbox.env)) expect(text).not.toContain(secret);
  });
});

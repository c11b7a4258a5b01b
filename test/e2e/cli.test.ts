/** The command line itself: help, wrong usage, one document on stdout, settings and secrets that are not there. Rows G1, G2. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { start } from "../engine/command.ts";
import { olderNode } from "./older-node.ts";
import { type Ended, ended, root, type World, world } from "./support.ts";

const main = join(root, "cli", "main.ts");
const commands = ["preview", "up", "drift", "why", "doctor", "sandbox", "quickstart"];

/** Without settings or secrets of whoever runs the tests. */
const bare: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:HALO_|ENTRA_|AD_|PULUMI_|HALOFORM_(?!CACHE))/u.test(name)),
);
const run = (args: readonly string[]): Promise<Ended> => start(args, { ...bare, NO_COLOR: "1" }).over;
const runProcess = (args: readonly string[]): Promise<Ended> =>
  ended(spawn(process.execPath, [main, ...args], { cwd: root, env: { ...bare, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] }));
const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

describe("usage", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "haloform-cli-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("--help lists every command; each has a help of its own", async () => {
    const all = await run(["--help"]);
    expect(all).toMatchObject({ code: 0, err: "" });
    for (const command of commands) expect(all.out).toMatch(new RegExp(`^ {2}${command} `, "mu"));
    await Promise.all(
      commands.map(async (command) => {
        const help = await run([command, "--help"]);
        expect(help, command).toMatchObject({ code: 0, err: "" });
        expect(help.out, command).toMatch(new RegExp(`^Usage: haloform ${command} `, "u"));
        expect(help.out, command).toContain("--json");
      }),
    );
  });

  it("--version is the package's", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(await runProcess(["--version"])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it("an unknown option, command or value is wrong usage: 64, nothing on stdout", async () => {
    const wrong = [
      ["preview", "--colour"],
      ["previev"],
      ["preview", "--format", "pdf"],
      ["why"],
      ["sandbox", "--people", "many"],
      ["up", "--plan"],
      [],
    ];
    for (const [index, done] of (await Promise.all(wrong.map((args) => run(args)))).entries()) {
      expect(done.code, wrong[index]?.join(" ")).toBe(64);
      expect(done.out, wrong[index]?.join(" ")).toBe("");
      expect(done.err, wrong[index]?.join(" ")).not.toBe("");
    }
    expect(await runProcess(["preview", "--colour"])).toMatchObject({ code: 64, out: "", err: expect.stringContaining("--colour") });
    expect((await run(["previev"])).err).toContain("preview");
  });

  it("up says what it needs", async () => {
    const settings = join(folder, "Pulumi.up.yaml");
    writeFileSync(settings, stringify({ config: { "haloform:halo": { resourceServer: "https://halo.example.com", clientId: "x" } } }));
    const up = (...args: string[]) => run(["up", "--config-file", settings, "--stack", "up", ...args]);
    const bundle = join(folder, "bundle");
    mkdirSync(bundle);
    writeFileSync(join(bundle, "plan.json"), "{}");
    const digest = `sha256:${"0".repeat(64)}`;
    for (const [args, says] of [
      [[], /haloform preview --out DIR.*haloform up --plan DIR --approve DIGEST/u],
      [["--plan", folder], /--approve DIGEST/u],
      [["--approve", digest], /--plan DIR/u],
      [["--plan", folder, "--approve", digest], /no plan\.json/u],
      [["--plan", bundle, "--approve", "yes"], /sha256: and 64/u],
    ] as const) {
      const done = await up(...args);
      expect(done.code, args.join(" ")).toBe(64);
      expect(lines(done.err)).toHaveLength(1);
      expect(done.err).toMatch(says);
    }
  });

  it("a stack without settings: 64, and what to do", async () => {
    const done = await run(["preview", "--stack", "nowhere"]);
    expect(done.code).toBe(64);
    expect(done.out).toBe("");
    expect(lines(done.err)).toHaveLength(1);
    expect(done.err).toMatch(/Pulumi\.nowhere\.yaml.*docs\/connect\.md/u);
    expect(existsSync(join(root, "docs", "connect.md"))).toBe(true);
    const odd = await run(["preview", "--stack", "../../etc/passwd"]);
    expect(odd.code).toBe(64);
    expect(odd.err).toMatch(/^--stack .*expected letters/u);
  });

  it("a broken settings file: file:line, what was found, what was expected; every mistake at once", async () => {
    const halo = "  haloform:halo:\n    resourceServer: https://halo.example.com\n    clientId: x\n";
    const cases: [string, RegExp[]][] = [
      [`config:\n${halo}    tenant: [unclosed\n`, [/^Pulumi\.broken\.yaml:\d+ /u]],
      [`config:\n  haloform:halo:\n    resourceServer: http://halo.example.com\n    clientId: x\n`, [/^Pulumi\.broken\.yaml:3 .*https/u]],
      [`config:\n${halo}    colour: blue\n`, [/^Pulumi\.broken\.yaml:[2-5] .*colour/u]],
      [
        `config:\n${halo}  haloform:ad:\n    url: ldap://dc1.example.com\n    base: nonsense\n    bind: x\n`,
        [/^Pulumi\.broken\.yaml:6 .*ldaps/u, /^Pulumi\.broken\.yaml:7 .*DC=/u],
      ],
      [`config: {}\n`, [/^Pulumi\.broken\.yaml:1 .*haloform:halo/u]],
      [`[]\n`, [/^Pulumi\.broken\.yaml:1 /u]],
      [`config: text\n`, [/^Pulumi\.broken\.yaml:1 /u]],
      ["", [/^Pulumi\.broken\.yaml:1 /u]],
    ];
    await Promise.all(
      cases.map(async ([text, says], index) => {
        const at = join(folder, `case-${index}`);
        mkdirSync(at);
        writeFileSync(join(at, "Pulumi.broken.yaml"), text);
        const done = await run(["preview", "--stack", "broken", "--config-file", join(at, "Pulumi.broken.yaml")]);
        expect(done.code, `${index}: ${done.err}`).toBe(64);
        expect(done.out).toBe("");
        expect(lines(done.err), `${index}: ${done.err}`).toHaveLength(says.length);
        for (const [nth, line] of lines(done.err).entries()) expect(line, text).toMatch(says[nth] ?? /never/u);
      }),
    );
  });
});

describe("haloform.mjs", () => {
  it.skipIf(olderNode === undefined)("works under the machine's older Node, and hands on arguments and exit codes", async () => {
    const entry = join(root, "cli", "haloform.mjs");
    const go = (args: string[]): Promise<Ended> =>
      ended(spawn(olderNode ?? "", [entry, ...args], { cwd: tmpdir(), env: bare, stdio: ["ignore", "pipe", "pipe"] }));
    expect(await go(["--version"])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u) });
    expect((await go(["preview", "--colour"])).code).toBe(64);
  });

  it("works under the Node that runs haloform", async () => {
    const done = await ended(
      spawn(process.execPath, [join(root, "cli", "haloform.mjs"), "--version"], {
        cwd: tmpdir(),
        env: bare,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    expect(done).toMatchObject({ code: 0, err: "" });
  });
});

describe("on a stack", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 20 });
  });
  afterAll(() => w?.stop());

  /** stdout is one JSON document and a line's end, nothing else. */
  const document = (done: Ended): { format: string } => {
    expect(done.out.startsWith("{"), done.out.slice(0, 200)).toBe(true);
    expect(done.out.slice(-20)).toMatch(/\}\n$/u);
    return JSON.parse(done.out) as { format: string };
  };

  it("--json prints exactly one document, for every command", async () => {
    const preview = await w.run(["preview", "--json", "--out", join(w.home, "plan")]);
    expect(preview.code, preview.err).toBe(0);
    const plan = document(preview) as { format: string; digest: string };
    expect(plan.format).toBe("haloform.plan/1");
    expect(plan).toEqual(JSON.parse(readFileSync(join(w.home, "plan", "plan.json"), "utf8")));
    const up = await w.run(["up", "--json", "--plan", join(w.home, "plan"), "--approve", plan.digest]);
    expect(up.code, up.err).toBe(0);
    expect(document(up).format).toBe("haloform.up/1");
    await w.sandbox.connect.settled();
    const drift = await w.run(["drift", "--json"]);
    expect(drift.code, drift.err).toBe(0);
    expect(document(drift).format).toBe("haloform.drift/1");
    const why = await w.run(["why", "101", "--json"]);
    expect(why.code, why.err).toBe(0);
    expect(document(why).format).toBe("haloform.why/1");
    const doctor = await w.run(["doctor", "--json"]);
    expect(doctor.code, doctor.out).toBe(0);
    expect(document(doctor).format).toBe("haloform.doctor/1");
  });

  it("G1: what runs is the TypeScript that stands there, without a build, on the libraries that were asked for", async () => {
    const seen = join(w.home, "loaded");
    // Of every process: the command, what Pulumi starts for the program, and the provider.
    const done = await w.processes.run(["preview", "--json"], { NODE_V8_COVERAGE: seen });
    expect(done.code, done.err).toBe(0);
    const urls = readdirSync(seen).flatMap((file) =>
      (JSON.parse(readFileSync(join(seen, file), "utf8")) as { result: { url: string }[] }).result.map(({ url }) => url),
    );
    const loaded = [...new Set(urls)].flatMap((url) => (url.startsWith("file:") ? [relative(root, fileURLToPath(url))] : []));
    const own = loaded.filter((file) => !file.startsWith("..") && !file.includes("node_modules"));
    expect(own.length).toBeGreaterThan(200);
    expect(own.filter((file) => !file.endsWith(".ts") && file !== join("stacks", "index.mjs"))).toEqual([]);
    for (const name of ["@pulumi/pulumi", "ldapts", "ky", "zod", "json-diff-ts"])
      expect(
        loaded.some((file) => file.startsWith(join("node_modules", name))),
        name,
      ).toBe(true);
  });

  it("G2: mappings, program and providers are taken from where the tree has them, from whatever folder it is called", async () => {
    const done = await ended(
      spawn(process.execPath, [main, "why", "101", "--json", "--config-file", w.stackFile], {
        cwd: tmpdir(),
        env: w.env,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    expect(done.code, done.err).toBe(0);
    for (const file of ["people", "ad"]) expect(done.out).toMatch(new RegExp(`"mappings/${file}\\.yaml:\\d+`, "u"));
  });

  it("variables that are set to nothing count as not set, as a workflow hands them over", async () => {
    // As a process, whose end does not cut off the document either.
    const done = await w.processes.run(["drift", "--json"], { PULUMI_BACKEND_URL: "", HALOFORM_CONFIG_FILE: "" });
    expect(done.code, done.err).toBe(0);
    expect(document(done)).toMatchObject({ found: [] });
  });

  it("HALOFORM_CONFIG_FILE names the settings where --config-file does not", async () => {
    const done = await ended(
      spawn(process.execPath, [main, "why", "101", "--json", "--mappings", w.mappings], {
        cwd: tmpdir(),
        env: { ...w.env, HALOFORM_CONFIG_FILE: w.stackFile },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    expect(done.code, done.err).toBe(0);
  });

  it.each(["HALO_CLIENT_SECRET", "ENTRA_CLIENT_SECRET", "AD_BIND_PASSWORD"])("without %s: one clear line", async (name) => {
    const writes = w.sandbox.writes();
    const env: NodeJS.ProcessEnv = { [name]: undefined };
    const done = await w.run(["preview"], env);
    expect(done.code).toBe(1);
    const said = lines(done.err).filter((line) => !/^Reading /u.test(line));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(name);
    expect(done.out).toBe("");
    expect(w.sandbox.writes()).toBe(writes);
    const empty = await w.run(["preview"], { [name]: "" });
    expect(empty.err).toContain(name);
  });

  it("a reader that goes away (| head) is not an error with a stack", async () => {
    const child = spawn(
      "bash",
      ["-c", `"${process.execPath}" "${main}" preview --json --config-file "${w.stackFile}" --mappings "${w.mappings}" | head -c 10`],
      { cwd: root, env: w.env, stdio: ["ignore", "pipe", "pipe"] },
    );
    const done = await ended(child);
    expect(done.out).toHaveLength(10);
    expect(done.err).not.toMatch(/EPIPE|Unhandled| {4}at /u);
  });

  it("a backend that does not answer: one line with the cause", async () => {
    const done = await w.processes.run(["preview"], { PULUMI_BACKEND_URL: `file://${main}/state` });
    expect(done.code).toBe(1);
    // The systems are being read meanwhile.
    expect(lines(done.err).filter((line) => !/^Reading people from HaloITSM$/u.test(line))).toHaveLength(1);
    expect(done.err).not.toMatch(/code: -?\d|stdout:|stderr:| {4}at /u);
  });
});

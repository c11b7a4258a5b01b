/** 15.5: the files for a timer, as they stand in docs/examples: systemd takes them, and the line of cron does what it says. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onPath } from "../../base/on-path.ts";
import type { Unattended } from "../../cli/answers/answers.ts";
import { withCredentials } from "../../cli/credentials.ts";
import { configure, type Ended, ended, root, type World, world } from "./support.ts";

const example = (name: string): string => readFileSync(join(root, "docs", "examples", name), "utf8");
const settingsOf = (unit: string): [string, string][] =>
  unit.split("\n").flatMap((line): [string, string][] => {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/u.exec(line) ?? [];
    return key === undefined ? [] : [[key, value ?? ""]];
  });

describe("systemd's units", () => {
  const units = ["haloform-unattended.service", "haloform-unattended.timer"];

  it.runIf(onPath("systemd-analyze"))("systemd takes them without a word, and calls the service little exposed", () => {
    const folder = mkdtempSync(join(tmpdir(), "units-"));
    try {
      // The example's place and user are not on this machine.
      for (const name of units)
        writeFileSync(
          join(folder, name),
          example(name)
            .replaceAll("/srv/haloform", root)
            .replace(/^(User|Group)=.*$/gmu, "$1=root"),
        );
      const said = execFileSync(
        "systemd-analyze",
        ["verify", "--man=no", "--recursive-errors=no", ...units.map((name) => join(folder, name))],
        {
          encoding: "utf8",
        },
      );
      expect(said).toBe("");
      execFileSync("systemd-analyze", ["security", "--offline=yes", "--no-pager", "--threshold=40", join(folder, units[0] ?? "")]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("has what haloform needs, and is stopped as haloform ends", () => {
    const settings = settingsOf(example("haloform-unattended.service"));
    const of = (name: string) => settings.filter(([key]) => key === name).map(([, value]) => value);
    expect(of("Type")).toEqual(["oneshot"]);
    expect(of("ExecStart")[0]).toMatch(/\/cli\/main\.ts unattended$/u);
    expect(of("ProtectSystem")).toEqual(["strict"]);
    expect(of("KillMode")).toEqual(["mixed"]);
    expect(Number(of("TimeoutStopSec")[0])).toBeGreaterThan(30);
    // Node compiles as it runs; whose lock it is, is told by /proc/sys/kernel.
    for (const name of ["MemoryDenyWriteExecute", "ProcSubset"]) expect(of(name)).toEqual([]);
    const kept = new Map(of("Environment").flatMap((line) => line.split(" ").map((one) => one.split("=") as [string, string])));
    expect([kept.get("HALOFORM_HOME"), of("StateDirectory")[0]]).toEqual(["/var/lib/haloform", "haloform"]);
    expect([kept.get("HALOFORM_CACHE"), of("CacheDirectory")[0]]).toEqual(["/var/cache/haloform", "haloform"]);
    expect(kept.get("PULUMI_BACKEND_URL")).toBe("file:///var/lib/haloform/state");
    expect(settingsOf(example("haloform-unattended.timer"))).toContainEqual(["OnCalendar", "*:0/15"]);
  });

  it("a credential of systemd's is the variable of its name, and one that is set wins", () => {
    const folder = mkdtempSync(join(tmpdir(), "credentials-"));
    try {
      writeFileSync(join(folder, "AD_BIND_PASSWORD"), "of the file\n");
      writeFileSync(join(folder, "HALO_CLIENT_SECRET"), "of the file");
      writeFileSync(join(folder, "PATH"), "/elsewhere");
      const env = { CREDENTIALS_DIRECTORY: folder, HALO_CLIENT_SECRET: "set", PATH: "/bin" };
      expect(withCredentials(env)).toEqual({ ...env, AD_BIND_PASSWORD: "of the file" });
      expect(withCredentials({ PATH: "/bin" })).toEqual({ PATH: "/bin" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the line of cron, run by a shell, with Pulumi's engine", () => {
  let w: World;
  let line: string;
  const env = () => ({ PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" });
  const shell = (command: string): Promise<Ended> =>
    ended(spawn("/bin/sh", ["-c", command], { env: env(), stdio: ["ignore", "pipe", "pipe"] }));
  const cron = (more = ""): Promise<Ended> => shell(`${line}${more}`);
  const folders = (): string[] => readdirSync(join(w.home, "unattended", "test"));

  beforeAll(async () => {
    w = await world({ people: 30 });
    configure(w, (config: Record<string, unknown>) => (config["haloform:mappings"] = w.mappings));
    const secrets = join(w.home, "secrets.env");
    const lines = { ...w.sandbox.env, HALOFORM_CONFIG_FILE: w.stackFile };
    writeFileSync(
      secrets,
      Object.entries(lines)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    );
    mkdirSync(join(w.home, "state"), { recursive: true });
    // The line as it stands there: five fields of time, the user, the command.
    const [, schedule, command] = /^((?:\S+ ){5})haloform (.*)$/mu.exec(example("haloform.cron")) ?? [];
    expect(schedule).toBe("*/15 * * * * ");
    line = (command ?? "")
      .replaceAll("/etc/haloform/secrets.env", secrets)
      .replaceAll("/srv/haloform", root)
      .replaceAll("/var/lib/haloform", w.home)
      .replaceAll("northwind", "test");
    expect(line).not.toMatch(/%|\/(?:srv|var|etc)\/haloform/u);
  });
  afterAll(() => w?.stop());

  it("tells what waits, once; the command that it tells applies it; then nothing is left to tell", async () => {
    const first = await cron();
    expect(first.code, first.err).toBe(0);
    expect(first.err).toBe("");
    expect(first.out).toContain("haloform test: 1 waits for approval");
    const again = await cron();
    expect({ ...again }).toEqual({ code: 0, out: "", err: "" });
    expect(folders()).toHaveLength(1);
    const [, approve = ""] = /approve and apply it, before \S+: haloform (.*)$/mu.exec(first.out) ?? [];
    const up = await shell(line.replace(/unattended$/u, approve));
    expect(up.code, up.err).toBeOneOf([0, 4]);
    await w.sandbox.connect.settled();
    const writes = w.sandbox.writes();
    const settled = await cron();
    expect([settled.code, settled.err]).toEqual([0, ""]);
    expect(settled.out).toMatch(/settled, nothing waits any more|1 waits for approval/u);
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("two at once: one of them looks, the other goes again; SIGTERM ends one with nothing done", async () => {
    const reports = (await Promise.all([cron(" --json"), cron(" --json")])).map(({ code, out, err }) => {
      expect(code, err).toBe(0);
      return JSON.parse(out) as Unattended;
    });
    expect(reports.map(({ looked }) => looked).sort()).toContain("another run is under way");
    const child = spawn("/bin/sh", ["-c", `${line} --whole --verbose`], { env: env(), stdio: ["ignore", "pipe", "pipe"] });
    child.stderr?.once("data", () => child.kill("SIGTERM"));
    const stopped = await ended(child);
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain("Stopped: nothing was changed");
    const next = await cron(" --json");
    expect((JSON.parse(next.out) as Unattended).looked).not.toBe("another run is under way");
  });
});

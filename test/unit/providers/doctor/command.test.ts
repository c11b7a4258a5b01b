/** `haloform doctor` as a whole: on the sandbox, and with everything wrong at once. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DoctorReport } from "../../../../cli/answers/answers.ts";
import { doctor } from "../../../../cli/commands/setup/doctor.ts";
import { checkout } from "../../../../cli/engine/project.ts";
import { printDoctor } from "../../../../cli/render/answers/printed.ts";
import { silent } from "../../../../cli/say.ts";
import { stackConfig } from "../../../../providers/systems.ts";
import { type Sandbox, type SandboxConfig, startSandbox } from "../../../../sandbox/start.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-doctor-"));
const before = tls.getCACertificates("default");
const kept = { ...process.env };
let world: Sandbox;

beforeAll(async () => {
  world = await startSandbox({ people: 30, dir: folder });
}, 60_000);
afterAll(async () => {
  await world.stop();
  process.env = kept;
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

function run(config: Partial<SandboxConfig> & { mappings?: string }, env: object, engine?: () => Promise<never>): Promise<DoctorReport> {
  Object.assign(process.env, env);
  const project = {
    folder: checkout,
    stack: "sandbox",
    config: stackConfig.parse({ mappings: join(checkout, "mappings"), ...config }),
    home: folder,
  };
  return doctor(project, {
    now: new Date(),
    voice: silent,
    engine: engine ?? (async () => ({ path: "/opt/pulumi", version: "v3.250.0", from: "PATH" })),
  });
}
const bad = (report: DoctorReport): string[] =>
  report.checks.flatMap((check) => (check.state === "bad" ? [`${check.system} ${check.said}`] : []));

describe("haloform doctor", () => {
  it("finds the sandbox well, writes nothing, and shows no secret", async () => {
    const report = await run(world.config, world.env);
    expect(bad(report)).toEqual([]);
    expect(report).toMatchObject({ format: "haloform.doctor/1", ok: true });
    expect([...new Set(report.checks.map((check) => check.system))]).toEqual(["Node", "Pulumi", "state", "mapping", "Halo", "AD", "Entra"]);
    const text = printDoctor(report, false);
    expect(text).toContain("Pulumi engine 3.250.0, on PATH (/opt/pulumi)");
    expect(text).toContain("Everything that is turned on can be reached and used.");
    for (const secret of Object.values(world.env)) expect(text).not.toContain(secret);
    expect(world.writes()).toBe(0);
    expect(world.violations()).toEqual([]);
  });

  it("tells the preview's identity what it lacks to apply", async () => {
    const report = await run(world.readerConfig, world.readerEnv);
    expect(report.ok).toBe(false);
    expect(bad(report).filter((line) => line.startsWith("AD"))).toHaveLength(2);
    expect(bad(report).filter((line) => line.startsWith("Entra"))).toHaveLength(4);
    expect(bad(report).filter((line) => line.startsWith("Halo"))).toEqual([]);
  });

  it("goes on when everything is wrong: one line each", async () => {
    const mappings = join(folder, "mappings");
    cpSync(join(checkout, "mappings"), mappings, { recursive: true });
    writeFileSync(join(mappings, "entra.yaml"), "licences:\n  every:\n  - skoo: SPE_E3\n    for: {}\n");
    const { halo, entra, ad } = world.config;
    const wrong = { HALO_CLIENT_SECRET: "wrong-secret-1", ENTRA_CLIENT_SECRET: "wrong-secret-2", AD_BIND_PASSWORD: "wrong-secret-3" };
    const report = await run({ halo, entra, ad: { ...ad, ca: join(folder, "missing.pem") }, mappings }, wrong, () =>
      Promise.reject(new Error("Could not get the Pulumi engine; install it.")),
    );
    expect(report.ok).toBe(false);
    const lines = bad(report);
    expect(lines.filter((line) => line.startsWith("Pulumi"))).toEqual(["Pulumi Could not get the Pulumi engine"]);
    expect(lines.filter((line) => line.startsWith("mapping")).join("\n")).toMatch(/mappings\/entra\.yaml:3:5 .*skoo/u);
    expect(lines.filter((line) => line.startsWith("Halo"))).toEqual([expect.stringContaining("invalid_client")]);
    expect(lines.filter((line) => line.startsWith("Entra"))).toEqual([expect.stringContaining("AADSTS7000215")]);
    expect(lines.filter((line) => line.startsWith("AD")).join("\n")).toContain("missing.pem");
    const text = JSON.stringify(report);
    for (const secret of Object.values(wrong)) expect(text).not.toContain(secret);
  });

  it("leaves out what the stack does not name", async () => {
    const mappings = join(folder, "few");
    cpSync(join(checkout, "mappings"), mappings, { recursive: true });
    for (const name of ["ad", "entra", "halo"]) rmSync(join(mappings, `${name}.yaml`));
    const report = await run({ halo: world.config.halo, mappings }, world.env);
    expect([...new Set(report.checks.map((check) => check.system))]).toEqual(["Node", "Pulumi", "state", "mapping", "Halo"]);
    expect(report.ok).toBe(true);
    expect(report.checks.some((check) => check.said.includes("agents"))).toBe(false);
  });
});

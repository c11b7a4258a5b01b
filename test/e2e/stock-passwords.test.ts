/** A13 under the stock `pulumi`: the program itself registers the passwords, as secrets, and keeps those that nobody has read. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { decryptWith, newIdentity } from "../../base/age.ts";
import { findEngine } from "../../engine/find.ts";
import { writeLauncher } from "../../engine/launcher.ts";
import { languageHostFolder } from "../language-host.ts";
import { type Ended, ended, root, type World, world } from "./support.ts";

const required = process.env["HALOFORM_REQUIRE_LANGUAGE_HOST"] === "1";
const engine = await findEngine();
const host = await languageHostFolder(engine.path, () => undefined).catch((error: unknown) => String(error));
if (!existsSync(host) && !required) console.log(`Skipped: passwords under the stock pulumi command line (${host}).`);

describe.skipIf(!existsSync(host) && !required)("A13: passwords under the stock pulumi", { timeout: 180_000 }, () => {
  const stack = `stockpass-${process.pid}`;
  const settings = join(root, `Pulumi.${stack}.yaml`);
  let w: World;
  let joiner = "";
  let env: NodeJS.ProcessEnv;
  const pulumi = (...args: string[]): Promise<Ended> =>
    ended(
      spawn(engine.path, [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );

  beforeAll(async () => {
    w = await world({ people: 30, stack });
    w.edit("ad", (content) => {
      content["passwords"] = { handover: "output" };
    });
    const file = parse(readFileSync(w.stackFile, "utf8")) as { config: Record<string, unknown> };
    file.config["haloform:mappings"] = w.mappings;
    writeFileSync(settings, stringify(file));
    const path = [dirname(process.execPath), writeLauncher(join(w.home, "tools")), dirname(engine.path), host, process.env["PATH"] ?? ""];
    mkdirSync(join(w.home, "state"));
    env = {
      ...w.env,
      PATH: path.join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(w.home, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "stock phrase",
    };
    const made = await ended(
      spawn(engine.path, ["stack", "init", stack, "--non-interactive"], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] }),
    );
    expect(made.code, made.err).toBe(0);
  }, 180_000);
  afterAll(async () => {
    rmSync(settings, { force: true });
    await w?.stop();
  });

  it("A13: up hands passwords over as secret outputs; the next run keeps them and clears what was kept on the way", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.code, up.out + up.err).toBe(0);
    const output = await pulumi("stack", "output", "passwords", "--show-secrets");
    const waiting = JSON.parse(output.out) as Record<string, { login: string; password: string }>;
    const [[key, one] = ["", { login: "", password: "" }]] = Object.entries(waiting);
    joiner = key;
    expect(one.password).toHaveLength(20);
    expect(up.out + up.err).not.toContain(one.password);
    expect((await pulumi("stack", "output", "passwords")).out).not.toContain(one.password);
    expect(readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", `${stack}.json`), "utf8")).not.toContain(one.password);

    const again = await pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(again.code, again.out + again.err).toBe(0);
    expect(JSON.parse((await pulumi("stack", "output", "passwords", "--show-secrets")).out)).toEqual(waiting);
    expect(readdirSync(join(w.home, "passwords", stack))).toEqual([]);
    const show = await w.processes.run(["password", "show", key, "--config-file", settings], { PULUMI_CONFIG_PASSPHRASE: "stock phrase" });
    expect(show.out, show.err).toBe(`${one.password}\n`);
    expect(Object.keys(waiting).length > 1 || (await pulumi("stack", "output", "passwords")).code !== 0).toBe(true);
  });

  it("security-2: with recipients a new one is a ciphertext for them, and no secret of the state", async () => {
    const { identity, recipient } = await newIdentity();
    const file = parse(readFileSync(settings, "utf8")) as { config: Record<string, unknown> };
    file.config["haloform:passwords"] = { recipients: [recipient] };
    writeFileSync(settings, stringify(file));
    w.edit("ad", (content) => {
      content["passwords"] = { handover: "output", rotate: { key: "2027-01", for: { person: [Number(joiner)] } } };
    });
    const up = await pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(up.code, up.out + up.err).toBe(0);
    const made = (JSON.parse((await pulumi("stack", "output", "passwords")).out) as Record<string, { age: string }>)[joiner];
    expect(Object.keys(made ?? {}).sort()).toEqual(["age", "login", "since", "why"]);
    expect(JSON.parse((await decryptWith([identity], made?.age ?? "")) ?? "{}")).toHaveProperty("password");
  });
});

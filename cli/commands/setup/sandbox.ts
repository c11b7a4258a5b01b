/** `haloform sandbox`: the three loopback servers as a process of their own, and the settings that lead to them. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { homeOf } from "../../../base/home.ts";
import { type StackConfig, stackConfig } from "../../../providers/systems.ts";
import { checkout } from "../../engine/project.ts";
import { exit } from "../../exit.ts";

export interface RunningSandbox {
  folder: string;
  config: StackConfig;
  env: { [name: string]: string };
  /** Asks the sandbox's control address. */
  control(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
  ended: Promise<number>;
}

interface SandboxFile {
  config: unknown;
  env: { [name: string]: string };
  control: { url: string; token: string };
}

/** Starts the sandbox (`flags`: further ones of sandbox/main.ts) and waits until its three servers answer. Throws with what it said when it does not start. */
export async function startSandboxProcess(options: {
  people: number;
  folder: string;
  ports?: string;
  flags?: readonly string[];
}): Promise<RunningSandbox> {
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const given = { people: options.people, dir: options.folder, with: process.pid, ...(options.ports ? { ports: options.ports } : {}) };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [join(checkout, "sandbox", "main.ts"), ...args, "--json", ...(options.flags ?? [])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((done) => child.on("close", (code) => done(code ?? 0)));
  await ready(child);
  const file = JSON.parse(readFileSync(join(options.folder, "sandbox.json"), "utf8")) as SandboxFile;
  return {
    folder: options.folder,
    config: stackConfig.parse(file.config),
    env: file.env,
    control: (method, path, body) => ask(file.control, method, path, body),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
    ended,
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = "";
    child.stderr?.on("data", (data: Buffer) => (said += data));
    child.stdout?.once("data", () => done());
    child.once("close", (code) =>
      fail(new Error(`Could not start the sandbox (it ended with ${code}): ${said.trim().split("\n").at(-1) ?? ""}`)),
    );
  });
}

async function ask(control: SandboxFile["control"], method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(new URL(path, control.url), {
    method,
    headers: { authorization: `Bearer ${control.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The sandbox refused ${method} ${path}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Writes a stack file that leads to the sandbox. */
export function writeStackFile(file: string, config: unknown): void {
  const { halo, entra, ad } = config as StackConfig;
  writeFileSync(file, stringify({ config: { "haloform:halo": halo, "haloform:entra": entra, "haloform:ad": ad } }));
}

/** The command: runs until it is interrupted. */
export async function sandbox(people: number, json: boolean, print: (text: string) => void): Promise<number> {
  const folder = join(homeOf(checkout), "sandbox");
  const running = await startSandboxProcess({ people, folder, ports: "18443,18444,18636" });
  // In the checkout's root (git ignores it), so that the stock Pulumi commands find it as well.
  const file = join(checkout, "Pulumi.sandbox.yaml");
  writeStackFile(file, running.config);
  const shell = Object.entries(running.env).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(join(folder, "env.sh"), `${shell.join("\n")}\n`, { mode: 0o600 });
  if (json)
    print(`${JSON.stringify({ format: "haloform.sandbox/1", people, folder, configFile: file, environment: join(folder, "env.sh") })}\n`);
  else {
    print(
      `The sandbox is running: ${people} people, a HaloITSM, a Microsoft Graph and an Active Directory on this machine only.\n\nIn another terminal:\n  . ${join(folder, "env.sh")}\n  npx haloform preview --stack sandbox\n\nCtrl-C stops it.\n`,
    );
  }
  const stop = (): void => void running.stop();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const code = await running.ended;
  return code === 0 ? exit.done : exit.failed;
}

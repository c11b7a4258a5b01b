/**
 * The sandbox as a process: `node sandbox/main.ts --dir DIR [--people 250] [--seed 1] [--hard] [--ports halo,graph,ad] [--with PID] [--json]`.
 * Writes DIR/sandbox.json (only its owner may read it: it holds the passwords) when it is ready, prints one line, and runs until SIGTERM, SIGINT,
 * POST /stop at the control, or the end of the process --with.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Control, startControl } from "./control.ts";
import { haloVersions, newestHalo } from "./halo/versions.ts";
import { type Sandbox, startSandbox } from "./start.ts";

const usage =
  "usage: node sandbox/main.ts --dir DIR [--people 250] [--seed 1] [--hard] [--ports halo,graph,ad] [--sync-delay 300] [--halo-limit 300] [--graph-limit 3000] [--halo-version 2.250] [--with PID] [--json]";

class Usage extends Error {}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/u.test(text)) throw new Usage(`--${name} must be a whole number, not ${text}; ${usage}`);
  return Number(text);
}

function parse(): { dir: string; json: boolean; parent: number | undefined; options: Omit<Parameters<typeof startSandbox>[0], "dir"> } {
  const text = { type: "string" } as const;
  const on = { type: "boolean", default: false } as const;
  let values: ReturnType<typeof read>;
  function read() {
    return parseArgs({
      options: {
        dir: text,
        people: text,
        seed: text,
        hard: on,
        ports: text,
        "sync-delay": text,
        "halo-limit": text,
        "graph-limit": text,
        "halo-version": text,
        with: text,
        json: on,
      },
    }).values;
  }
  try {
    values = read();
  } catch (error) {
    throw new Usage(`${(error as Error).message}; ${usage}`);
  }
  if (values.dir === undefined) throw new Usage(`--dir is missing; ${usage}`);
  const [halo, graph, ad] = (values.ports ?? "0,0,0").split(",").map((port) => whole("ports", port) ?? 0);
  const numbers = {
    people: whole("people", values.people),
    seed: whole("seed", values.seed),
    syncDelay: whole("sync-delay", values["sync-delay"]),
    haloLimit: whole("halo-limit", values["halo-limit"]),
    graphLimit: whole("graph-limit", values["graph-limit"]),
  };
  const version = haloVersions.find((one) => one === (values["halo-version"] ?? newestHalo));
  if (version === undefined) throw new Usage(`--halo-version must be one of ${haloVersions.join(", ")}; ${usage}`);
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  return {
    dir: resolve(values.dir),
    json: values.json,
    parent: whole("with", values.with),
    options: { ...given, haloVersion: version, hard: values.hard, ports: { halo: halo ?? 0, graph: graph ?? 0, ad: ad ?? 0 } },
  };
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else's is there, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Written beside and renamed, so that nobody reads half of it. */
function describe(file: string, sandbox: Sandbox, control: Control): void {
  const { config, env, readerConfig, readerEnv } = sandbox;
  const description = {
    format: "haloform.sandbox/1",
    pid: process.pid,
    people: sandbox.organisation.people.length,
    config,
    env,
    readerConfig,
    readerEnv,
    control: { url: control.url, token: control.token },
  };
  writeFileSync(`${file}.new`, `${JSON.stringify(description, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function main(): Promise<void> {
  const { dir, json, parent, options } = parse();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "sandbox.json");
  rmSync(file, { force: true });
  const sandbox = await startSandbox({ ...options, dir });
  let control: Control | undefined;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    rmSync(file, { force: true });
    void Promise.all([sandbox.stop(), control?.stop()]).finally(() => process.exit(0));
    // Whatever hangs does not keep the process.
    setTimeout(() => process.exit(0), 2000).unref();
  };
  control = await startControl(sandbox, stop);
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (parent !== undefined) setInterval(() => alive(parent) || stop(), 500).unref();
  describe(file, sandbox, control);
  const { halo, entra, ad } = sandbox.config;
  console.log(
    json
      ? JSON.stringify({ file, pid: process.pid })
      : `Sandbox ready: Halo ${halo.resourceServer}, Graph ${entra.graph}, AD ${ad.url[0] ?? ""}; settings in ${file}`,
  );
}

main().catch((error: unknown) => {
  console.error((error instanceof Error ? error.message : String(error)).replace(/\s+/gu, " "));
  process.exit(error instanceof Usage ? 64 : 1);
});

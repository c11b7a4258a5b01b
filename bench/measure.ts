/** One child process and everything below it, measured from outside: wall time, CPU time, peak memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { checkout } from "../cli/engine/project.ts";

export interface Measured {
  /** Seconds from start to end. */
  wall: number;
  /** CPU seconds of the whole tree, as of the last look at each process; undefined where there is no /proc. */
  cpu: number | undefined;
  /** MiB: each process's own peak, added up, at the worst moment; undefined where there is no /proc. */
  memory: number | undefined;
  code: number | null;
  out: string;
  err: string;
}

interface Seen {
  /** Clock ticks. */
  cpu: number;
  /** KiB. */
  peak: number;
}

/** How often the tree is looked at, ms. */
const every = 100;
/** Clock ticks a second on Linux (USER_HZ), whatever the kernel's own. */
const ticks = 100;

/** Runs `node` with these arguments in a checkout, and measures it. Throws when it ends with another code than `codes`. */
export async function measure(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  codes: readonly number[] = [0],
  cwd = checkout,
): Promise<Measured> {
  const begun = performance.now();
  const child = spawn(process.execPath, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const tree = watch(child);
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data));
  child.stderr.on("data", (data: Buffer) => (err += data));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  const wall = (performance.now() - begun) / 1000;
  if (!codes.includes(code ?? -1))
    throw new Error(`${args.slice(0, 2).join(" ")} ended with ${code}: ${err.slice(-2000)}${out.slice(-500)}`);
  return { wall, ...tree.end(), code, out, err };
}

function watch(child: ChildProcess): { end(): { cpu: number | undefined; memory: number | undefined } } {
  const seen = new Map<number, Seen>();
  let worst = 0;
  const look = (): void => {
    let now = 0;
    for (const pid of below(child.pid ?? 0)) {
      const one = stateOf(pid);
      if (!one) continue;
      seen.set(pid, one);
      now += one.peak;
    }
    worst = Math.max(worst, now);
  };
  const timer = setInterval(look, every);
  return {
    end() {
      clearInterval(timer);
      if (worst === 0) return { cpu: undefined, memory: undefined };
      return { cpu: [...seen.values()].reduce((sum, one) => sum + one.cpu, 0) / ticks, memory: worst / 1024 };
    },
  };
}

/** The process and its descendants that are alive. */
function below(pid: number): number[] {
  const found = [pid];
  for (const one of found) {
    for (const task of list(`/proc/${one}/task`))
      found.push(...read(`/proc/${one}/task/${task}/children`).split(" ").filter(Boolean).map(Number));
  }
  return found;
}

function stateOf(pid: number): Seen | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const peak = /^VmHWM:\s+(\d+) kB/mu.exec(read(`/proc/${pid}/status`))?.[1];
  if (stat === "" || peak === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { cpu: Number(fields[11]) + Number(fields[12]), peak: Number(peak) };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

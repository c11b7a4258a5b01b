/**
 * Runs one command, in the process that was started for that (command-process.ts) and knows no secret of haloform's: no shell, the
 * environment that is given and nothing else, a time limit that ends everything the command started, output that is bounded.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { sumOfCommand } from "./command-sum.ts";

/** What is asked for. */
export interface Order {
  /** The program and its arguments, as they are; never given to a shell. */
  argv: readonly string[];
  input: string | Buffer;
  timeoutMs: number;
  /** The whole environment of the command. */
  env: Readonly<Record<string, string>>;
  /** Bytes kept of stdout (its beginning) and of stderr (its end), at least. */
  keep: number;
  cwd: string;
  /** What its files must hold (command-sum.ts). */
  sum?: string;
}

export interface Kept {
  bytes: Uint8Array;
  /** Whether more was written. */
  lost: boolean;
}

/** What became of it. */
export interface Came {
  /** Exit code; null where a signal ended the command. */
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  stdout: Kept;
  stderr: Kept;
  ms: number;
}

/** Why it was not started: an error's code, or `changed` where its files are not those that were asked for. */
export interface NotStarted {
  code: string | undefined;
  message: string;
}

/** How long a command that was told to stop may take to do so. */
const grace = 2_000;
/** What the command left running holds its output open; so long is waited for the last bytes after its end. */
const lastBytes = 250;

/** Commands that run now: this process must not leave them behind. */
const running = new Set<ChildProcess>();

export function endAll(): void {
  for (const child of running) signalGroup(child.pid, "SIGKILL");
}

/** Resolves with what the command came to, whatever that is. `started`: told its process, which leads a group of its own. */
export async function execute(order: Order, started: (pid: number) => void): Promise<Came | NotStarted> {
  const { argv, cwd, sum } = order;
  if (sum !== undefined && (await sumOfCommand(argv, cwd)) !== sum) return { code: "changed", message: "its files are others" };
  return spawned(order, started);
}

function spawned({ argv, input, timeoutMs, env, keep, cwd }: Order, started: (pid: number) => void): Promise<Came | NotStarted> {
  const [program = "", ...args] = argv;
  const begun = performance.now();
  const { promise, resolve } = Promise.withResolvers<Came | NotStarted>();
  const options = { env: { ...env }, shell: false, detached: true, windowsHide: true, stdio: "pipe", cwd } as const;
  const child = spawn(program, args, options);
  const [stdout, stderr] = [keeper(keep, "start"), keeper(keep, "end")];
  child.stdout.on("data", stdout.add);
  child.stderr.on("data", stderr.add);
  const streams = [child.stdin, child.stdout, child.stderr];
  // A command that does not read its input closes it early (EPIPE): that is its right.
  for (const stream of streams) stream.on("error", () => undefined);
  child.stdin.end(input);

  let timedOut = false;
  let killer: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    timedOut = true;
    signalGroup(child.pid, "SIGTERM");
    killer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), grace);
  }, timeoutMs);
  running.add(child);
  if (child.pid !== undefined) started(child.pid);

  const finish = (how: () => Came | NotStarted): void => {
    if (!running.delete(child)) return;
    clearTimeout(limit);
    clearTimeout(killer);
    for (const stream of streams) stream.destroy();
    resolve(how());
  };
  child.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // Also sent when a signal could not be delivered; then the command did start, and its end is still to come.
    if (child.pid === undefined) finish(() => ({ code, message }));
  });
  const end = (code: number | null, signal: string | null): void =>
    finish(() => {
      // Nothing that the command started outlives it.
      signalGroup(child.pid, "SIGKILL");
      const [out, err, ms] = [stdout.kept(), stderr.kept(), Math.round(performance.now() - begun)];
      return { code: timedOut ? null : code, signal, timedOut, stdout: out, stderr: err, ms };
    });
  child.on("close", end);
  child.on("exit", (code, signal) => setTimeout(() => end(code, signal), lastBytes));
  return promise;
}

/** Signals a command and all it started. Nobody left to signal is no error. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    // A system without process groups: the command alone.
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // Already gone.
  }
}

/** Keeps the beginning or the end of a stream. */
function keeper(keep: number, part: "start" | "end"): { add(chunk: Buffer): void; kept(): Kept } {
  let chunks: Buffer[] = [];
  let length = 0;
  let lost = false;
  const compact = (): Buffer => {
    const all = Buffer.concat(chunks);
    const kept = all.length <= keep ? all : part === "start" ? all.subarray(0, keep) : all.subarray(all.length - keep);
    lost ||= all.length > keep;
    chunks = [kept];
    length = kept.length;
    return kept;
  };
  return {
    add(chunk) {
      if (part === "start" && length >= keep) {
        lost ||= chunk.length > 0;
        return;
      }
      chunks.push(chunk);
      length += chunk.length;
      if (length > keep * 2) compact();
    },
    kept: () => ({ bytes: compact(), lost }),
  };
}

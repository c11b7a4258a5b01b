/**
 * Runs one command of the administrator's: no shell, nothing of our environment but what is named, a time limit that ends
 * everything the command started, output that is bounded and holds no secret.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { oneLine, RefusedError } from "../../base/errors.ts";
import { cutAndMask, formsOf, mask } from "./mask.ts";

export interface Command {
  /** The program (an absolute path) and its arguments, as they are; never given to a shell. */
  argv: readonly string[];
  /** Written to the command's stdin, which is then closed. */
  input: string;
  /** After so long SIGTERM goes to everything the command started, two seconds later SIGKILL. */
  timeoutMs: number;
  /** The whole environment of the command. */
  env: Readonly<Record<string, string>>;
  /** Bytes kept of stdout (its beginning) and of stderr (its end); the rest is read and forgotten. */
  maxOutputBytes: number;
  /** Values that must not be in what is returned. */
  secrets: readonly string[];
  /** Working folder; this process's own when left out. */
  cwd?: string;
}

/** The variables of an environment that a command gets: those of these names that are set, and no other. */
export function variables(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

export interface CommandResult {
  /** Exit code; null where a signal ended the command. */
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** The beginning of what it wrote, masked. */
  stdout: string;
  /** The end of what it wrote to stderr, masked. */
  stderr: string;
  /** Whether more was written than is kept. */
  truncated: boolean;
  ms: number;
}

/** How long a command that was told to stop may take to do so. */
const grace = 2_000;
/** What the command left running holds its output open; so long is waited for the last bytes after its end. */
const lastBytes = 250;

/** Resolves with what the command came to, whatever that is; throws a RefusedError only where it could not be started. */
export function runCommand(command: Command): Promise<CommandResult> {
  const [program, ...args] = command.argv;
  if (program === undefined)
    throw new RefusedError("Could not run a command: none is given; write its path and arguments as a list.", "empty");
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...command.env },
      shell: false,
      detached: true,
      windowsHide: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    });
    const stdout = keeper(command, "start");
    const stderr = keeper(command, "end");
    child.stdout.on("data", stdout.add);
    child.stderr.on("data", stderr.add);
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      // A command that does not read its input closes it early (EPIPE): that is its right.
      stream.on("error", () => undefined);
    }
    child.stdin.end(command.input);

    let timedOut = false;
    let killer: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      timedOut = true;
      signalGroup(child, "SIGTERM");
      killer = setTimeout(() => signalGroup(child, "SIGKILL"), grace);
    }, command.timeoutMs);
    running.add(child);

    let over = false;
    const finish = (act: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(limit);
      clearTimeout(killer);
      running.delete(child);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      act();
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      // Also sent when a signal could not be delivered; then the command did start, and its end is still to come.
      if (child.pid === undefined) finish(() => reject(notStarted(program, error, command.secrets)));
    });
    const end = (code: number | null, signal: string | null): void =>
      finish(() => {
        // Nothing that the command started outlives it.
        signalGroup(child, "SIGKILL");
        const [out, err] = [stdout.text(), stderr.text()];
        resolve({
          code: timedOut ? null : code,
          signal,
          timedOut,
          stdout: out.text,
          stderr: err.text,
          truncated: out.cut || err.cut,
          ms: Math.round(performance.now() - started),
        });
      });
    child.on("close", end);
    child.on("exit", (code, signal) => setTimeout(() => end(code, signal), lastBytes));
  });
}

/** One line for a person who is parked: what the command said last, or how it ended. Undefined where it was well. */
export function failureOf(result: CommandResult, timeoutMs: number): string | undefined {
  if (!result.timedOut && result.code === 0) return undefined;
  const last = result.stderr
    .split(/\r?\n/u)
    .map(oneLine)
    .findLast((line) => line !== "");
  const how = result.timedOut
    ? `took longer than ${timeoutMs / 1000} s and was stopped`
    : result.signal === null
      ? `ended with exit code ${result.code}`
      : `was ended by ${result.signal}`;
  return last === undefined ? how : `${how}: ${short(last)}`;
}

const longest = 300;
const short = (line: string): string => (line.length > longest ? `${[...line].slice(0, longest).join("")}…` : line);

/** Commands that run now: this process must not leave them behind. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

/** Signals the command and all it started. Nobody left to signal is no error. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone; or a system without process groups, where the command alone is ended.
    if (process.platform === "win32") child.kill(signal);
  }
}

/** Keeps the beginning or the end of a stream, and as much more as the longest secret needs to be recognised at the cut. */
function keeper(
  { maxOutputBytes: most, secrets }: Command,
  part: "start" | "end",
): { add(chunk: Buffer): void; text(): { text: string; cut: boolean } } {
  // Also a letter's four bytes, so that the cut can be seen to go through one.
  const more = Math.max(4, ...formsOf(secrets).map((form) => Buffer.byteLength(form)));
  const keep = most + more;
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
    text() {
      const { text, cut } = cutAndMask(compact(), most, secrets, part === "end");
      return { text, cut: cut || lost };
    },
  };
}

function notStarted(program: string, error: NodeJS.ErrnoException, secrets: readonly string[]): RefusedError {
  const why =
    {
      ENOENT: "there is no such file (or its #! line names none)",
      EACCES: "it may not be executed (chmod +x)",
      E2BIG: "its arguments are too long",
    }[error.code ?? ""] ?? error.message;
  return new RefusedError(mask(`Could not start ${program}: ${why}; correct the command in the mapping.`, secrets), error.code ?? "start", {
    cause: error,
  });
}

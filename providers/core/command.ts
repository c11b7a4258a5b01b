/**
 * Runs one command of the administrator's, by the process that is there for it (command-helper.ts): no shell, nothing of our
 * environment but what is named, a time limit that ends everything the command started, output that is bounded and holds no secret.
 */
import { oneLine, RefusedError } from "../../base/errors.ts";
import { ask } from "./command-helper.ts";
import type { Kept, NotStarted } from "./command-run.ts";
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
  /** What its files must hold (command-sum.ts): it is not run where they hold something else. */
  sum?: string;
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

/** Resolves with what the command came to, whatever that is; throws a RefusedError only where it was not started. */
export function runCommand({ secrets, maxOutputBytes: most, ...command }: Command): Promise<CommandResult> {
  const [program] = command.argv;
  if (program === undefined)
    throw new RefusedError("Could not run a command: none is given; write its path and arguments as a list.", "empty");
  // As much more as the longest secret needs to be recognised at the cut, and a letter's four bytes, so that the cut can be seen to go through one.
  const more = Math.max(4, ...formsOf(secrets).map((form) => Buffer.byteLength(form)));
  const order = { ...command, cwd: command.cwd ?? process.cwd(), keep: most + more };
  return ask(order).then((came) => {
    if ("message" in came) throw notStarted(program, came, secrets);
    const cut = ({ bytes }: Kept, end: boolean) => cutAndMask(Buffer.from(bytes), most, secrets, end);
    const [out, err] = [cut(came.stdout, false), cut(came.stderr, true)];
    const truncated = [out.cut, err.cut, came.stdout.lost, came.stderr.lost].includes(true);
    return { ...came, stdout: out.text, stderr: err.text, truncated };
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

function notStarted(program: string, { code, message }: NotStarted, secrets: readonly string[]): RefusedError {
  if (code === "changed")
    return new RefusedError(
      mask(
        `Could not run ${program}: it, or a file that it is given, is not what the plan was made with; look at it, and make a new plan.`,
        secrets,
      ),
      code,
    );
  const why =
    {
      ENOENT: "there is no such file (or its #! line names none)",
      EACCES: "it may not be executed (chmod +x)",
      E2BIG: "its arguments are too long",
    }[code ?? ""] ?? message;
  return new RefusedError(mask(`Could not start ${program}: ${why}; correct the command in the mapping.`, secrets), code ?? "start");
}

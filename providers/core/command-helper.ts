/**
 * Commands are run by a process of their own (command-process.ts, docs/decisions/0173), which never had the environment that our
 * secrets come by. One for each process that runs any.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Asked, Said } from "./command-process.ts";
import { type Came, type NotStarted, type Order, signalGroup } from "./command-run.ts";

const script = fileURLToPath(new URL("command-process.ts", import.meta.url));
/** All that it gets of our environment. */
const passed = ["PATH", "HOME", "LANG", "TZ", "SystemRoot"];

/** In the folder of a run that has commands: the provider process then starts it before anything else is loaded. */
export const commandsFile = "commands";

interface Pending {
  resolve(came: Came | NotStarted): void;
  /** Leads the group of what the command started. */
  pid?: number;
}

let helper: { child: ChildProcess; pending: Map<number, Pending> } | undefined;
let last = 0;

/** The variables of an environment that are of these names and set, and no other. */
export function variables(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

/** Starts it, where it does not run yet: before this process takes in any secret, where it is known that there are commands. */
export function startHelper(): NonNullable<typeof helper> {
  if (helper) return helper;
  const child = fork(script, [], {
    env: variables(process.env, passed),
    // None of ours: a watcher, a profiler, flags of memory.
    execArgv: [],
    serialization: "advanced",
    // A signal of the terminal is ours to hand on.
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const made = { child, pending: new Map<number, Pending>() };
  helper = made;
  child.on("message", (said: Said) => {
    const one = made.pending.get(said.id);
    if (one && "pid" in said) one.pid = said.pid;
    if ("came" in said) finish(made, said.id, said.came);
  });
  const gone = (error: Error | undefined): void => {
    if (helper === made) helper = undefined;
    for (const [id, { pid }] of made.pending) {
      signalGroup(pid, "SIGKILL");
      finish(made, id, error ? { code: undefined, message: error.message } : ended);
    }
  };
  child.on("error", gone);
  child.on("exit", () => gone(undefined));
  hold(child, false);
  return made;
}

/** What is known of a command whose helper somebody has ended. */
const nothing = { bytes: Buffer.alloc(0), lost: false };
const ended: Came = { code: null, signal: "SIGKILL", timedOut: false, stdout: nothing, stderr: nothing, ms: 0 };

function finish({ child, pending }: NonNullable<typeof helper>, id: number, came: Came | NotStarted): void {
  const one = pending.get(id);
  pending.delete(id);
  if (pending.size === 0) hold(child, false);
  one?.resolve(came);
}

/** This process waits for the helper while a command runs, and not otherwise. */
function hold(child: ChildProcess, on: boolean): void {
  for (const one of [child, child.channel]) on ? one?.ref() : one?.unref();
}

/** Has the helper run a command. */
export function ask(order: Order): Promise<Came | NotStarted> {
  const { promise, resolve } = Promise.withResolvers<Came | NotStarted>();
  const made = startHelper();
  last += 1;
  const asked: Asked = { ...order, id: last };
  made.pending.set(last, { resolve });
  hold(made.child, true);
  made.child.send(asked, (error) => {
    if (error) finish(made, asked.id, { code: undefined, message: error.message });
  });
  return promise;
}

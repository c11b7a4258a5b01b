/** The real command line in the test's own process, on the engine for tests: one command after the other, each as if it were alone. */
import { type Readable, Writable } from "node:stream";
import { openForTests } from "./engine.ts";
import { commandLine } from "./product.ts";
import { asProcess } from "./realm.ts";

export interface Ended {
  /** Exit code; null where it was killed. */
  code: number | null;
  out: string;
  err: string;
}

export interface Running {
  /** What it wrote to stderr so far. */
  said(): string;
  /** Calls `act` in the moment in which it says this on stderr. */
  when(text: string, act: () => void): void;
  /** Ends it as `kill -9` would: nothing more is sent, nothing is saved, nobody is told. */
  kill(): void;
  /** Has it stop as a signal does: nothing new is begun, and it comes to its end. */
  stop(): void;
  /** Resolves when it has ended, one way or the other. */
  over: Promise<Ended>;
}

let last: Promise<unknown> = Promise.resolve();

/** Starts a command when the one before it has ended. `stdin`: what is typed; left out, the process's own. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv, stdin?: Readable): Running {
  const said = { out: "", err: "" };
  const kill = new AbortController();
  let stop = (): void => undefined;
  let moments: { text: string; act: () => void }[] = [];
  const stream = (to: keyof typeof said) =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        if (!kill.signal.aborted) said[to] += text;
        const now = to === "err" ? moments.filter((one) => said.err.includes(one.text)) : [];
        moments = moments.filter((one) => !now.includes(one));
        for (const one of now) one.act();
        done();
      },
    });
  const run = (): Promise<Ended> =>
    asProcess(env, async () => {
      const line = await commandLine();
      // The module of this command, of which every command has its own.
      ({ stop } = await import("../../base/stop.ts"));
      // Who types at a terminal reads there too.
      const stdout = Object.assign(stream("out"), { isTTY: (stdin as { isTTY?: boolean } | undefined)?.isTTY === true });
      const surroundings = { env: process.env, stdout, stderr: stream("err"), ...(stdin ? { stdin } : {}) };
      const code = line(["node", "haloform", ...args], {
        ...surroundings,
        openStack: (project, voice) => openForTests(project, voice, kill.signal),
      });
      const dead = new Promise<null>((resolve) => kill.signal.addEventListener("abort", () => resolve(null)));
      return { code: await Promise.race([code, dead]), ...said };
    });
  const over = last.then(run);
  last = over.catch(() => undefined);
  return {
    said: () => said.err,
    when: (text, act) => void moments.push({ text, act }),
    kill: () => kill.abort(),
    stop: () => stop(),
    over,
  };
}

/** The real command line in the test's own process, on the engine for tests: one command after the other, each as if it were alone. */
import { openForTests } from "./engine.ts";
import { commandLine, openWith } from "./product.ts";
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
  /** Resolves when it has ended, one way or the other. */
  over: Promise<Ended>;
}

let last: Promise<unknown> = Promise.resolve();

/** Starts a command when the one before it has ended. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  let text = (): string => "";
  const kill = new AbortController();
  let moments: { text: string; act: () => void }[] = [];
  const hear = (): void => {
    const now = moments.filter((one) => text().includes(one.text));
    moments = moments.filter((one) => !now.includes(one));
    for (const one of now) one.act();
  };
  const run = (): Promise<Ended> =>
    asProcess(env, hear, async (life) => {
      text = () => life.said.err;
      openWith((project) => openForTests(project, kill.signal));
      const code = (await commandLine())(["node", "haloform", ...args]);
      const dead = new Promise<null>((resolve) => kill.signal.addEventListener("abort", () => resolve(null)));
      return { code: await Promise.race([code, dead]), ...life.said };
    });
  const over = last.then(run);
  last = over.catch(() => undefined);
  return {
    said: () => text(),
    when: (text, act) => void moments.push({ text, act }),
    kill: () => kill.abort(),
    over,
  };
}
